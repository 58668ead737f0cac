"""Workouts of other apps: read into a `Program`, and written for them, with a list of what was lost on the way.

What a file is shows in its content, never in its name. It is as hostile as a profile: at most 256 KiB of it are read,
nothing is unpacked or expanded, and whatever is wrong is one InvalidFile with a place. What comes out has passed the
same checks as a profile, at the lowest level that allows it; nothing is clamped or guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from treadctl.files.exchange import fit_workout, intervals, markup, qz_xml, zwo
from treadctl.files.exchange.steps import Imported, Told, clean, without_losses
from treadctl.files.misfit import Misfit
from treadctl.files.profile import judge
from treadctl.files.profile.events import MAX_OCTETS
from treadctl.files.profile.models import MAX_PARAGRAPH
from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.model.errors import InvalidFile, Refused
from treadctl.model.limits import level_limits
from treadctl.model.person import Level
from treadctl.model.program import Program, size_problems
from treadctl.model.text import MAX_NAME
from treadctl.model.units import Speed

__all__ = ["Exported", "Foreign", "Format", "export", "import_file", "least_level"]


class Format(Enum):
    """A format that can be written, by the name people give it."""

    ZWO = "zwo"
    FIT = "fit"
    INTERVALS = "intervals"

    @property
    def suffix(self) -> str:
        return ".txt" if self is Format.INTERVALS else f".{self.value}"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A foreign file as a program that can be expanded, and what is to be told of it. No limit has judged it yet."""

    program: Program
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """A program in another app's format, and what was lost."""

    data: bytes
    told: tuple[str, ...]


def import_file(path: Path, threshold: Speed | None = None) -> Foreign:
    """The program of another app's file, at the lowest level that allows it (the highest where none does).

    `threshold`: the person's threshold speed, for formats that give shares of it. Raises InvalidFile.
    """
    file, told = shown_path(path), Told()
    try:
        read = _read(read_small(path, MAX_OCTETS), threshold, told)
    except Unreadable as error:
        raise InvalidFile(file, 1, 1, f"{error}; name a workout file, which is a page of text or less") from None
    except Misfit as error:
        raise InvalidFile(file, max(error.line, 1), 1, str(error)) from None
    program = _program(read, path, told)
    if problems := size_problems(program):
        first, *rest = (f"{max(one.line, 1)}:1: {one.text}" for one in problems)
        line, _, text = first.partition(":1: ")
        raise InvalidFile(file, int(line), 1, text, tuple(f"{file}:{more}" for more in rest))
    return Foreign(replace(program, level=least_level(program)), told.sentences())


def _read(data: bytes, threshold: Speed | None, told: Told) -> Imported:
    """By the content: each format begins in its own way."""
    if data[:1] in (b"\x0c", b"\x0e") and data[8:12] == b".FIT":  # a step of a text may have that in its name, too
        return fit_workout.imported(data, told)
    if not data.strip():
        raise Misfit(1, "the file is empty; export it again from the app it came from")
    if kind := next((name for magic, name in _PACKED.items() if data.startswith(magic)), None):
        raise Misfit(1, f"this is {kind}; treadctl unpacks nothing, so unpack it and name the workout in it")
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<":
        root = markup.read(data)
        if root.tag == zwo.ROOT:
            return zwo.imported(root, threshold, told)
        if root.tag in qz_xml.ROOTS:
            return qz_xml.imported(root, told)
        raise Misfit(root.line, "this XML is no workout that treadctl knows; it reads .zwo files and QZ's rows")
    return intervals.imported(_text(data), threshold, told)


_PACKED = {
    b"PK": "a zip archive", b"\x1f\x8b": "packed with gzip", b"BZh": "packed with bzip2", b"\xfd7zXZ": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd", b"7z\xbc\xaf": "a 7-Zip archive", b"Rar!": "a RAR archive",
}  # fmt: skip


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Misfit(line, "this is neither text nor a workout that treadctl knows; export it again") from None
    if text.lstrip().startswith("treadctl:") or "\ntreadctl:" in text:
        raise Misfit(1, "this is a treadctl profile already; see treadctl profile check")
    return text


def _program(read: Imported, path: Path, told: Told) -> Program:
    name = clean(read.name, MAX_NAME, told) or clean(path.stem, MAX_NAME, told) or "Imported"
    summary, author = clean(read.summary, MAX_PARAGRAPH, told), clean(read.author, MAX_NAME, told)
    basis = "Imported from another app's workout; nobody has looked at its speeds for you."
    return Program(name, read.items, Level.L0, summary, author, basis=basis, source=shown_path(path))


def least_level(program: Program) -> Level:
    """The lowest level that allows this program; the highest there is where none does."""
    return next((level for level in Level if not judge(program, level_limits(level))), max(Level))


def export(program: Program, form: Format, threshold: Speed | None = None) -> Exported:
    """The program in this format. Raises Refused with what the format lacks."""
    told = Told()
    if not without_losses(program.segments, Told(), nested=True):
        raise Refused("Not exported: pushing a switched-off belt is all there is in it, and no other app knows that.")
    for field in ("basis", "license", "dose", "note", "gates"):
        if getattr(program, field):
            told.add("level, gates and the notes about the programme were left out")
            break
    try:
        match form:
            case Format.ZWO:
                data = zwo.exported(program, threshold, told)
            case Format.FIT:
                data = fit_workout.exported(program, told)
            case Format.INTERVALS:
                data = intervals.exported(program, told)
    except Misfit as error:
        raise Refused(f"Not exported: {error}.") from None
    return Exported(data, told.sentences())
