"""Workouts of other apps under fuzzing: any octets are a program or one InvalidFile, soon.

The first octet of an input says whether a threshold speed is known and whether the rest is a whole file or only the
body of a FIT file, which gets a header and a right sum here: no fuzzer finds those. What was read is exported to every
format and read again: it has to be the same walking.
"""

from __future__ import annotations

from tests.fuzz.files import a_file, cpu_bounded
from tests.fuzz.of_profiles import FOREIGN_WORDS
from tests.fuzz.of_writing import is_kept_when_written
from treadctl.files.exchange import Format, export, import_file
from treadctl.files.fit_wire import HEADER, PROTOCOL, crc
from treadctl.files.profile import judge
from treadctl.model.errors import InvalidFile
from treadctl.model.limits import level_limits
from treadctl.model.person import Level
from treadctl.model.program import MAX_SEGMENTS, Facing, Program, Rest, Segment, Turn, Walk, expand, size_problems
from treadctl.model.text import is_hidden
from treadctl.model.units import kmh

MAX_LENGTH = 4096
CPU_LIMIT_S = 4.0
"""The promise is 1 s for one file; here it is read, written four times and read again, and the measuring costs most."""
KNOWS_THRESHOLD, FIT_BODY = 1, 2
"""Bits of the first octet."""
THRESHOLD = kmh("6.0")
WALKING = 800
"""8.0 km/h: above it a pace in whole seconds is coarser than 0.01 km/h, and nobody may walk it anyway."""


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever a reader or writer raises beside InvalidFile, for a finding."""
    if not data:
        return
    known, body = data[0] & KNOWS_THRESHOLD, data[1:]
    with cpu_bounded(CPU_LIMIT_S):
        try:
            path = a_file("some.workout", fit(body) if data[0] & FIT_BODY else body)
            program = import_file(path, THRESHOLD if known else None).program
        except InvalidFile as error:
            _is_well_told(error)
            return
        _may_be_looked_at(program)
        is_kept_when_written(program)
        for form in Format:
            _comes_back(program, form)


def fit(body: bytes) -> bytes:
    """A FIT file of these messages, sound around them."""
    head = bytes((HEADER, PROTOCOL, 0, 0)) + len(body).to_bytes(4, "little") + b".FIT\0\0"
    return head + body + crc(head + body).to_bytes(2, "little")


def _is_well_told(error: InvalidFile) -> None:
    assert error.line >= 1 and error.column >= 1
    for line in str(error).split("\n"):
        assert line.startswith(error.file) and len(line) < 600 + len(error.file)
        assert not any(is_hidden(character) for character in line)
        assert FOREIGN_WORDS.search(line) is None and "expat" not in line


def _may_be_looked_at(program: Program) -> None:
    assert size_problems(program) == []
    assert 1 <= len(expand(program)) <= MAX_SEGMENTS
    fits = [level for level in Level if not judge(program, level_limits(level))]
    assert program.level is (min(fits) if fits else max(Level)), "it was given a level that is not the lowest"


def _comes_back(program: Program, form: Format) -> None:
    written = export(program, form, THRESHOLD).data
    again = import_file(a_file("again.workout", written), THRESHOLD).program
    ours, theirs = (steps_of(one, form) for one in (program, again))
    assert ours == theirs, f"as {form.value} it is another walk"


def steps_of(program: Program, form: Format) -> list[tuple[Facing | None, int, int]]:
    """What the body notices: facing (None: standing), seconds and speed, neighbours that are the same as one."""
    found: list[tuple[Facing | None, int, int]] = []
    for segment in expand(program):
        way, speed = _way_and_speed(segment, form)
        seconds = 0 if isinstance(segment, Turn) else segment.seconds
        if found and found[-1][0] is way and found[-1][2] == speed:
            seconds += found.pop()[1]
        if seconds:
            found.append((way, seconds, speed))
    return found


def _way_and_speed(segment: Segment, form: Format) -> tuple[Facing | None, int]:
    if not isinstance(segment, Walk):
        assert isinstance(segment, (Rest, Turn)), "an import makes walks and rests only"
        return None, 0
    exact = form is not Format.INTERVALS
    return segment.facing, int(segment.speed) if exact else _as_pace(int(segment.speed))


def _as_pace(speed: int) -> int:
    """The speed that a pace in whole seconds a kilometre gives; what is faster than walking counts as one speed."""
    return round(360_000 / round(360_000 / speed)) if speed <= WALKING else WALKING
