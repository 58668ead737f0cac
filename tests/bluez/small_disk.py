"""A disk that can be full: a small tmpfs that one walk sees and nobody else, made without being root.

It lies in a mount namespace of its own, owned by a user namespace of its own, and ends with the process that holds
them. Where the host allows no such namespaces (`can_be_made`), the guardian's files may instead grow no further: it
sees EFBIG in the place of ENOSPC, at every write.
"""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from pathlib import Path

SIZE = "4m"
"""Chosen: a walk of two minutes writes less than a tenth of it."""
APART = ["unshare", "--map-current-user", "--mount", "--keep-caps"]
HOLD = 'mkdir -p "$0" && mount -t tmpfs -o size="$1" none "$0" && echo ready && exec cat'


class SmallDisk:
    """One such disk, in the place of the folder `disk` of a walk's home."""

    def __init__(self, real: bool) -> None:
        self._real = real
        self._holder: subprocess.Popen[bytes] | None = None
        self._folder = Path()

    def open(self, home: Path) -> None:
        """Make it, with the folders that lie there already in it. Raises OSError where it cannot be made."""
        self._folder = home / "disk"
        if not self._real:
            return
        self._holder = subprocess.Popen(
            [*APART, "sh", "-c", HOLD, str(self._folder), SIZE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"ready\n":
            self.close()
            raise OSError(errno.EPERM, "no namespace of our own, or no tmpfs in it")
        for folder in self._folder.iterdir():
            self.seen(folder).mkdir(mode=0o700)

    def seen(self, path: Path) -> Path:
        """The same path as somebody outside reaches it."""
        if self._holder is None:
            return path
        return Path(f"/proc/{self._holder.pid}/root{path}")

    @property
    def inside(self) -> list[str]:
        """What to put before a command that shall see it."""
        if self._holder is None:
            return []
        return ["nsenter", "--target", str(self._holder.pid), "--user", "--preserve-credentials", "--mount"]

    def fill(self, guardian: int) -> None:
        """Not one page is left (or: this process may write no file any further)."""
        if not self._real:
            resource.prlimit(guardian, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            return
        filler = os.open(self.seen(self._folder) / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while True:
                os.write(filler, bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        finally:
            os.close(filler)

    def close(self) -> None:
        """Nobody holds it any more."""
        if self._holder is not None:
            self._holder.communicate()
            self._holder = None


def can_be_made() -> bool:
    """Whether this host lets us."""
    try:
        command = [*APART, "sh", "-c", 'mount -t tmpfs -o size=64k none /tmp && exec nsenter --version']
        return subprocess.run(command, capture_output=True, timeout=5, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
