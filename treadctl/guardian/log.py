"""The guardian's log: the only place where it writes words, and where its last words go when it crashes or hangs.

A hung process cannot say why. So the log's own file is armed with `faulthandler`: a crash of the interpreter writes the
stacks of all threads there, and so does a watchdog thread in C when the loop has not come round in time, even while the
GIL is held. It is diagnosis, not protection: what stops the belt then are the clients.
"""

from __future__ import annotations

import faulthandler
import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_OCTETS = 1 << 20
HUNG_S = 0.9
"""Before a client that sees no snapshot for 1.0 s lets the process be ended."""
ARM_EVERY = 3
"""Each arming starts a thread (60 µs, measured): every third round of the loop's watch is often enough."""


class LogFile(RotatingFileHandler):
    """A private log file that is told to `faulthandler` whenever it is opened, also after a rotation."""

    def __init__(self, path: Path) -> None:
        self._rounds = 0
        super().__init__(path, maxBytes=LOG_OCTETS, backupCount=2, encoding="utf-8")
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def _open(self) -> TextIOWrapper:
        old_mask = os.umask(0o077)
        try:
            stream = super()._open()
        finally:
            os.umask(old_mask)
        faulthandler.enable(stream)
        return stream

    def close(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
        super().close()

    def alive(self) -> None:
        """The loop came round: it has so long until it has to come round again."""
        self._rounds += 1
        if self._rounds % ARM_EVERY == 1 and self.stream is not None:
            faulthandler.dump_traceback_later(HUNG_S, file=self.stream)


def log_to(path: Path) -> LogFile:
    """Let everything that is logged go to this file, and nowhere else."""
    handler = LogFile(path)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("bleak").setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a full disk must not make the log itself talk
    return handler
