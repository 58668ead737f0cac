"""A message bus of our own: a dbus-daemon that nobody else is on, so that a mock org.bluez can live beside a real one.

It never touches the computer's system bus. The daemon ends with this process, however that ends: it is told to by us,
and by the kernel where we cannot.
"""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from treadctl.model.errors import NoMachine

MISSING = "dbus-daemon is not installed, and the mock Bluetooth needs it (Debian: apt install dbus-daemon)."
READY_LIMIT_S = 5.0
END_LIMIT_S = 2.0
PR_SET_PDEATHSIG = 1
"""prctl(2): the signal a process gets when its parent dies."""
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"""
"""Everything is allowed on it: who may reach it is decided by its folder, which is the user's own."""


class PrivateBus:
    """A context manager; `address` is what DBUS_SYSTEM_BUS_ADDRESS is to be for whoever shall see it."""

    def __init__(self) -> None:
        self.address = ""
        self._folder = ""
        self._daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PrivateBus:
        """Start the daemon. Raises NoMachine when it is not installed or does not start."""
        program = shutil.which("dbus-daemon")
        if program is None:
            raise NoMachine(MISSING)
        self._folder = tempfile.mkdtemp(prefix="treadsim-bus-")
        try:
            self._start(program)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _start(self, program: str) -> None:
        config = Path(self._folder) / "bus.conf"
        socket = Path(self._folder) / "bus"
        config.write_text(CONFIG.format(socket=socket), encoding="utf-8")
        ready, theirs = os.pipe()
        command = [program, f"--config-file={config}", "--nofork", "--nopidfile", f"--print-address={theirs}"]
        nowhere = subprocess.DEVNULL
        try:
            self._daemon = subprocess.Popen(
                command, stdin=nowhere, stdout=nowhere, stderr=nowhere, pass_fds=(theirs,),
                start_new_session=True, preexec_fn=_end_with_parent,  # noqa: PLW1509 - there are no threads yet
            )
        finally:
            os.close(theirs)
        readable, _, _ = select.select([ready], [], [], READY_LIMIT_S)
        said = os.read(ready, 4096) if readable else b""
        os.close(ready)
        if not said:
            raise NoMachine("dbus-daemon did not start; run it by hand to see why: dbus-daemon --session --nofork.")
        self.address = f"unix:path={socket}"

    def _end(self) -> None:
        if self._daemon is not None:
            self._daemon.terminate()
            try:
                self._daemon.wait(END_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._daemon.kill()
                self._daemon.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _end_with_parent() -> None:
    """In the daemon, before it begins: end when whoever started us is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
