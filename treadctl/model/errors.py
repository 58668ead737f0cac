"""What can go wrong, as one tree. Every message is one sentence: what happened, what to do; each has its exit code."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line (a public surface: they never change meaning)."""

    OK = 0
    USAGE = 2
    INVALID_FILE = 3
    NO_MACHINE = 4
    FAULT = 5
    REFUSED = 6
    BUG = 70
    INTERRUPTED = 130


class TreadctlError(Exception):
    """Anything a person should be told. `str()` is the sentence to print; `exit_code` ends the process."""

    exit_code = ExitCode.BUG


class UsageError(TreadctlError):
    """The command line does not make sense."""

    exit_code = ExitCode.USAGE


class InvalidFile(TreadctlError):
    """A file that people write is wrong. The sentence begins with file:line:col.

    `line`, `column` and `message` are those of the first problem; `more` are the whole lines of the others. `str()` is
    all of them, one a line.
    """

    exit_code = ExitCode.INVALID_FILE

    def __init__(self, file: str, line: int, column: int, message: str, more: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((f"{file}:{line}:{column}: {message}", *more)))
        self.file, self.line, self.column, self.message, self.more = file, line, column, message, more


class NoMachine(TreadctlError):
    """No adapter, no machine, no link, no guardian."""

    exit_code = ExitCode.NO_MACHINE


class Refused(TreadctlError):
    """A rule forbids it; the sentence says the reason and what would change it."""

    exit_code = ExitCode.REFUSED


def unusable(error: OSError) -> Refused:
    """For a file or folder that the system does not let us use, or else the output. No number of an error is shown."""
    why = (error.strerror or "unknown error").lower()
    if error.filename is None:
        return Refused(f"The output cannot be written ({why}); make room where it goes, then try again.")
    return Refused(f"{error.filename} cannot be used ({why}); make it yours, with room in it, or name another place.")
