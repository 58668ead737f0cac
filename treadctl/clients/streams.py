"""Standard input, output and error as a process may find them: closed, full, or without our letters. Nothing else."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys

from treadctl.model.errors import Refused, unusable

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a full disk, or a terminal that went away, says of a write; such an error names no file."""


def prepare_streams() -> None:
    """Open what is closed, so that no socket ever gets its number, and never crash for want of a letter."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            with contextlib.suppress(OSError):
                os.close(number)
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - as long as we live
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def encoding() -> str:
    """In what standard output's reader expects its letters. In the C locale Python writes UTF-8 whoever reads it (PEP
    540): there the locale is believed, unless somebody said otherwise.
    """
    if sys.flags.utf8_mode and not {"PYTHONUTF8", "PYTHONIOENCODING"} & set(os.environ):
        from locale import getencoding  # noqa: PLC0415  (`treadctl stop` does without)

        return getencoding()
    return sys.stdout.encoding or ""


def let_go() -> None:
    """Whatever is still to be written to standard output goes nowhere: its reader is gone, or there is no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """One line, now, for somebody who may not be able to read it: what comes after it matters more."""
    try:
        print(text, flush=True)
    except OSError:
        let_go()


def of_the_system(error: OSError) -> Refused | None:
    """The sentence for a file, a folder or an output that cannot be used; None where that is not what happened."""
    return unusable(error) if error.filename is not None or error.errno in NO_ROOM else None
