"""Files that people or treadctl itself keep: profiles, settings, the person, locks, machine records.

Everything read here is hostile until it has been checked. This layer must not decide anything about the belt, and must
not know of Bluetooth, screens or event loops. pydantic and PyYAML stay inside `profile`.
"""
