"""An initramfs as octets: the archive that a kernel unpacks into memory, written without being root.

The format is cpio "newc", as the kernel's own documentation of initramfs describes it. Everything belongs to root in
the guest, whoever builds it, and device nodes are entries like any other, so that neither mknod nor a chroot is needed.
Archives may follow one another in one file: what changes rarely is made once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"070701"
LAST = "TRAILER!!!"
ALIGN = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder, link or device. A link's data is where it points. `device` is major and minor."""

    name: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


def folder(name: str, mode: int = 0o755) -> Entry:
    return Entry(name, stat.S_IFDIR | mode)


def file(name: str, data: bytes, mode: int = 0o644) -> Entry:
    return Entry(name, stat.S_IFREG | mode, data)


def link(name: str, to: str) -> Entry:
    return Entry(name, stat.S_IFLNK | 0o777, to.encode())


def device(name: str, major: int, minor: int, mode: int = 0o600) -> Entry:
    """A character device."""
    return Entry(name, stat.S_IFCHR | mode, device=(major, minor))


def pack(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The archive in pieces. Parents have to come before what lies in them."""
    for number, entry in enumerate(entries, start=1):
        yield _packed(number, entry)
    yield _packed(0, Entry(LAST, 0))


def _packed(number: int, entry: Entry) -> bytes:
    name = entry.name.encode() + b"\0"
    fields = [
        number, entry.mode, 0, 0, 1, 0, len(entry.data), 0, 0, *entry.device, len(name), 0,
    ]
    head = MAGIC + b"".join(b"%08X" % field for field in fields) + name
    return _aligned(head) + _aligned(entry.data)


def _aligned(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % ALIGN)


def of_tree(root: Path, under: str = "") -> Iterator[Entry]:
    """Everything in `root`, parents first; in the archive it lies in `under`. Sockets and the like are left out."""
    for found in sorted(root.rglob("*")):
        name = os.path.join(under, found.relative_to(root).as_posix())
        mode = found.lstat().st_mode
        if stat.S_ISLNK(mode):
            yield link(name, os.readlink(found))
        elif stat.S_ISDIR(mode):
            yield Entry(name, mode)
        elif stat.S_ISREG(mode):
            yield Entry(name, mode, found.read_bytes())


def write(path: Path, entries: Iterable[Entry]) -> None:
    """An archive file that is there whole or not at all."""
    half = path.with_suffix(".half")
    with half.open("wb") as out:
        for piece in pack(entries):
            out.write(piece)
    half.replace(path)
