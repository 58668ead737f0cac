"""A person at a plain terminal: reads a question, then answers it. What treadctl shows comes back as one text."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 20.0
"""A slow machine is waited for; a question that does not come is a failure."""


class Dialogue:
    """One command on a terminal of its own, or a piece of Python where there is none for it."""

    def __init__(self, *words: str, code: str = "") -> None:
        self._ours, theirs = pty.openpty()
        command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "treadctl", *words]
        environment = {**os.environ, "TERM": "xterm-256color"}
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        self.shown = ""
        self._read_to = 0

    def answer(self, question: str, reply: str) -> None:
        """Wait until these words and the prompt after them are there, and type the reply."""
        self._wait_for(question)
        self._wait_for("> ")
        self.type(reply + "\n")

    def leave(self, question: str) -> None:
        """Wait for the question, and end the input instead of an answer."""
        self._wait_for(question)
        self._wait_for("> ")
        self.type("\x04")

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def _wait_for(self, words: str) -> None:
        """Read on to the end of these words; a person does not mind where lines are broken."""
        pattern = re.compile(r"\s+".join(map(re.escape, words.split())) + (r"\s" if words.endswith(" ") else ""))
        while (found := pattern.search(self.shown, self._read_to)) is None:
            assert self._more(), f"{words!r} did not come after: {self.shown[self._read_to :]!r}"
        self._read_to = found.end()

    def _more(self) -> bool:
        """Whether something more was shown."""
        if not select.select([self._ours], [], [], PATIENCE_S)[0]:
            return False
        try:
            new = os.read(self._ours, 65536).decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:  # Linux: the other end is closed
            return False
        self.shown += new
        return bool(new)

    def end(self) -> tuple[int, str]:
        """Wait for the end of the command: its exit code, and all that was shown, blanks and ends of lines as one."""
        while self._more():
            pass
        return self._process.wait(PATIENCE_S), " ".join(self.shown.split())

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)


@contextmanager
def dialogue(*words: str, code: str = "") -> Iterator[Dialogue]:
    """treadctl with these words on a terminal, ended with the test."""
    one = Dialogue(*words, code=code)
    try:
        yield one
    finally:
        one.close()
