"""The blocking half of the client: a stop key's own socket, and the stop of `treadctl stop`. Standard library only.

It exists apart from `client` because it must work where no event loop runs, or where one hangs, and because
`treadctl stop` is the fastest command: nothing here imports asyncio or the model, so its lines are written by hand (a
test loads them with the real codec). It never blocks longer than it is told.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

PRESS_LIMIT_S = 0.1
"""Budget: a stop key's octets are handed over within 100 ms at worst."""
FIRST_ID = 1 << 40
"""Numbers of a key line never meet those of the client it belongs to."""
READ_OCTETS = 1 << 16


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """What became of a stop, or of a word to read anew: `pid` of the guardian (None: nobody is there), whether it
    answered, and the reason it gave."""

    pid: int | None
    answered: bool
    reason: str = ""


class KeyLine:
    """A socket of its own for the thread that reads keys. Thread-safe; connects again by itself."""

    def __init__(self, path: Path, name: str) -> None:
        """`name` is the client's: the guardian counts both as one."""
        self._path, self._name = path, name
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._next = FIRST_ID

    def press(self, key: str, held: bool = False) -> bool:
        """Hand a key to the guardian; whether it was handed over, within 0.1 s."""
        return self._send({"is": "Press", "key": key, "held": held})

    def stop(self, why: str = "key") -> bool:
        """Hand a stop over, without asking what any key means."""
        return self._send({"is": "Stop", "why": why})

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _send(self, intent: dict[str, object]) -> bool:
        if not self._lock.acquire(timeout=PRESS_LIMIT_S):
            return False
        try:
            self._next += 1
            line = _line({"is": "Ask", "id": self._next, "intent": intent})
            return self._try(line) or self._try(line)
        finally:
            self._lock.release()

    def _try(self, line: bytes) -> bool:
        """Once over the socket there is, or over a new one; on failure it is dropped for the next try."""
        try:
            if self._socket is None:
                self._socket = _connected(self._path, PRESS_LIMIT_S / 2)
                self._socket.sendall(hello("local", self._name))
            _discard_answers(self._socket)
            self._socket.sendall(line)
        except OSError:
            self._drop()
            return False
        return True

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def send_stop(path: Path, limit: float) -> StopAnswer:
    """Ask the guardian at this socket to stop its belt and wait `limit` seconds for its answer. Never raises."""
    return _asked(path, limit, hello("display", f"stop-{os.getpid()}"), {"is": "Stop", "why": "treadctl stop"})


def send_clear(path: Path, limit: float) -> StopAnswer:
    """Tell the guardian at this socket that the files about the person changed. Never raises."""
    return _asked(path, limit, hello("local", f"person-{os.getpid()}"), {"is": "Clear"})


def _asked(path: Path, limit: float, greeting: bytes, intent: dict[str, object]) -> StopAnswer:
    try:
        line = _connected(path, limit)
    except OSError:  # nobody listens, or so many wait already that it must hang
        return StopAnswer(_holder(path), False)
    with line:
        pid = peer(line)
        try:
            line.sendall(greeting + _line({"is": "Ask", "id": 1, "intent": intent}))
            verdict = _verdict(line)
        except OSError:
            return StopAnswer(pid, False)
    return StopAnswer(pid, verdict is not None, "" if verdict is None else str(verdict.get("reason", "")))


def kill(pid: int, limit: float) -> bool:
    """Kill this process by a handle that cannot mean another one, and wait for its end; whether it has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        ended, _, _ = select.select([handle], [], [], limit)
        return bool(ended)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    finally:
        os.close(handle)


def hello(role: str, name: str) -> bytes:
    """The first line of a client that reads no snapshots."""
    return _line({"is": "Hello", "role": role, "name": name, "watch": False})


def peer(line: socket.socket) -> int:
    """The process that listens at the other end."""
    pid, _uid, _gid = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(pid)


def _connected(path: Path, limit: float) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(limit)
    try:
        line.connect(str(path))
    except BaseException:
        line.close()
        raise
    return line


def _holder(path: Path) -> int | None:
    """The guardian that lives at this socket: its number stands in the file it keeps locked. None: nobody."""
    try:
        with path.with_suffix(".lock").open("r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _number(path.with_suffix(".lock"))
    except OSError:
        return None
    return None


def _number(file: Path) -> int | None:
    try:
        return int(file.read_bytes()[:20]) or None
    except (OSError, ValueError):
        return None


def _verdict(line: socket.socket) -> dict[str, object] | None:
    """The first verdict that comes; other messages are passed over. The socket's own limit holds for each read."""
    data = b""
    while chunk := line.recv(READ_OCTETS):
        data += chunk
        *whole, data = data.split(b"\n")
        for text in whole:
            message = _object(text)
            if message.get("is") == "Verdict":
                return message
    return None


def _object(text: bytes) -> dict[str, object]:
    """A message of the guardian; empty where it is none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _discard_answers(line: socket.socket) -> None:
    """Read away what came, or the guardian would drop us as a client that does not listen."""
    while select.select([line], [], [], 0)[0]:
        if not line.recv(READ_OCTETS):
            raise ConnectionResetError("the guardian closed the line")


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
