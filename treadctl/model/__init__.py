"""The words of treadctl: plain values and rules about them.

No I/O, no clock, no third-party package: every other layer may import this one, and it imports none of them.
"""
