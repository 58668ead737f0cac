"""Decisions. Pure: inputs and `now` go in, effects come out; no I/O, no clock, no asyncio.

Everything wished for the belt passes the Supervisor, the only place where a command can be made.
"""
