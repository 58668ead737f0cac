"""Profiles that are written and shared, under fuzzing: whatever loads is the same program when it was written and read.

The first octet of an input says what the rest is: a profile, which is read, written, shared and then damaged in one
place; or a file that somebody shared, of which no more may be believed than its own sum proves.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from tests.fuzz.files import cpu_bounded
from treadctl.files.profile import parse_profile
from treadctl.files.profile.writing import written
from treadctl.files.sharing import DIGITS, by_line, look, shared_text
from treadctl.model.errors import InvalidFile
from treadctl.model.program import Item, Program, Repeat
from treadctl.model.text import is_hidden

MAX_LENGTH = 4096
CPU_LIMIT_S = 3.0
SUM = re.compile(rf"# Checksum: ([0-9a-f]{{{DIGITS}}})")


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever a reader or writer raises beside InvalidFile, for a finding."""
    text = data[1:].decode("utf-8", "replace")
    with cpu_bounded(CPU_LIMIT_S):
        if data[:1] and data[0] % 2:
            _is_believed_only_with_its_sum(text)
        elif data:
            _profile(text, data[0])


def _profile(text: str, dice: int) -> None:
    try:
        program = parse_profile(text, "some.yaml")
    except InvalidFile:
        return
    is_kept_when_written(program)
    name = by_line(program.name) or "Somebody"
    shared = shared_text(program, name)
    seen = look(shared)
    assert seen is not None and (seen.by, seen.unchanged) == (name, True)
    assert bare(parse_profile(shared, "shared.yaml")) == bare(program)
    assert shared_text(parse_profile(shared, "shared.yaml"), name) == shared
    _damage_shows(shared, dice)


def is_kept_when_written(program: Program) -> None:
    """Written and read it is the same program, lines aside, and written again the same text."""
    text = written(program)
    again = parse_profile(text, "written.yaml")
    assert bare(again) == bare(program), "written and read it is another program"
    assert written(again) == text, "written again it is another text"


def _damage_shows(shared: str, dice: int) -> None:
    """One character changed, lost, doubled, or followed by a carriage return somewhere."""
    for place in range(dice, len(shared), 256):
        for other in (shared[place] * 2, "", "0" if shared[place] != "0" else "1", shared[place] + "\r"):
            seen = look(shared[:place] + other + shared[place + 1 :])
            assert seen is None or not seen.unchanged, f"{other!r} in place of {shared[place]!r} at {place} is not seen"


def _is_believed_only_with_its_sum(text: str) -> None:
    seen = look(text)
    if seen is None:
        return
    assert not any(is_hidden(character) for character in str(seen))
    if seen.unchanged:
        assert _sums(text), "it is called unchanged, and its sum is another"


def _sums(text: str) -> bool:
    """Whether the sum over all but its own line is right; a byte order mark and Windows' line ends do not count."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for place, line in enumerate(lines):
        if match := SUM.fullmatch(line):
            rest = "\n".join(lines[:place] + lines[place + 1 :])
            if hashlib.sha256(rest.encode()).hexdigest().startswith(match[1]):
                return True
    return False


def bare(program: Program) -> Program:
    """The program without its places in a file."""
    return replace(program, segments=_without_lines(program.segments), source="")


def _without_lines(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(
        Repeat(item.times, _without_lines(item.segments)) if isinstance(item, Repeat) else replace(item, line=0)
        for item in items
    )
