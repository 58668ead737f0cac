"""What of Debian's kernel package the guest needs: the plain kernel, and its modules in the order they are loaded in.

The packed kernel could boot by itself, but unpacking itself is what an emulated processor is slowest at. The modules
need no `depmod`: each of them names what it needs.
"""

from __future__ import annotations

import gzip
import lzma
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

SECTOR = 512
SETUP_SECTORS = 0x1F1
BOOT_MARK = (0x202, b"HdrS")
PAYLOAD_OFFSET, PAYLOAD_LENGTH = 0x248, 0x24C
"""Places in a packed kernel: the kernel's documentation of the x86 boot protocol, 2.08 and later."""
SIZE_AT_THE_END = 4
"""Behind the packed kernel its unpacked size follows, which is no part of the compressed stream."""
ELF = b"\x7fELF"
XZ, ZSTD, GZIP = b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x1f\x8b"


class Unreadable(Exception):
    """A file of the kernel package is not what it was expected to be; `str()` says which and what."""


def payload(packed: bytes) -> bytes:
    """The compressed kernel within a packed one."""
    at, mark = BOOT_MARK
    if packed[at : at + len(mark)] != mark:
        raise Unreadable("the kernel image has no boot header")
    setup = packed[SETUP_SECTORS] or 4
    offset, length = (
        int.from_bytes(packed[place : place + 4], "little") for place in (PAYLOAD_OFFSET, PAYLOAD_LENGTH)
    )
    begin = (setup + 1) * SECTOR + offset
    return packed[begin : begin + length]


def plain_kernel(packed: bytes) -> bytes:
    """The kernel as an ELF file, which an emulator starts directly."""
    found = unpacked(payload(packed)[:-SIZE_AT_THE_END])
    if not found.startswith(ELF):
        raise Unreadable("the kernel image does not hold an ELF file")
    return found


def unpacked(data: bytes) -> bytes:
    """What this holds, by its first octets; what is not compressed stays as it is."""
    if data.startswith(XZ):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(GZIP):
        return gzip.decompress(data)
    if data.startswith(ZSTD):
        return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return data


def needs(module: bytes) -> tuple[str, ...]:
    """The modules that this one names as needed."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return tuple(name for name in found.group(1).decode().split(",") if name) if found else ()


def in_order(wanted: Iterable[str], needed: Callable[[str], Iterable[str]]) -> list[str]:
    """`wanted` and all that they need, each after what it needs itself."""
    done: dict[str, None] = {}

    def add(name: str) -> None:
        if name not in done:
            for other in needed(name):
                add(other)
            done.setdefault(name)

    for name in wanted:
        add(name)
    return list(done)


class Modules:
    """The modules of one unpacked kernel package, by name; `-` and `_` in names are the same."""

    def __init__(self, root: Path) -> None:
        self._files = {_plain(path.name.split(".ko")[0]): path for path in root.rglob("*.ko*")}
        built_in = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("modules.builtin"))
        self._built_in = {_plain(Path(line).stem) for line in built_in.splitlines()}
        self._read: dict[str, bytes] = {}

    def closure(self, wanted: Iterable[str]) -> list[tuple[str, bytes]]:
        """Names and contents, in the order to load them in; what is part of the kernel itself is left out."""
        names = in_order(map(_plain, wanted), lambda name: map(_plain, needs(self._octets(name))))
        return [(name, self._octets(name)) for name in names if name not in self._built_in]

    def _octets(self, name: str) -> bytes:
        if name in self._built_in:
            return b""
        if name not in self._files:
            raise Unreadable(f"the kernel package has no module {name}")
        if name not in self._read:
            self._read[name] = unpacked(self._files[name].read_bytes())
        return self._read[name]


def _plain(name: str) -> str:
    return name.replace("-", "_")
