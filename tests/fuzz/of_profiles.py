"""The profile loader under fuzzing: any octets in a file are a program that may be expanded, or one InvalidFile, soon.

Every place in an error lies inside the file, and every line of it is ours and safe to print. A program that the check
lets through is within the hard ceilings, whatever the file says.
"""

from __future__ import annotations

import re

from tests.fuzz.files import a_file, cpu_bounded, place_is_inside
from treadctl.files.profile import check_profile
from treadctl.model.errors import InvalidFile
from treadctl.model.program import (
    MAX_SECONDS,
    MAX_SEGMENTS,
    Facing,
    InclineSteps,
    Program,
    Repeat,
    Walk,
    expand,
    expected_ms,
    size_problems,
)
from treadctl.model.text import is_hidden

MAX_LENGTH = 4096
LONGEST_LINE = 400
CPU_LIMIT_S = 2.0
"""The promise is 1 s; the measuring itself makes everything several times slower."""
HARD = {Facing.FORWARD: 800, Facing.BACKWARD: 500}
"""8.0 and 5.0 km/h, the hard ceilings, written out again."""
FOREIGN_WORDS = re.compile(r"Input should|Field required|Extra inputs|pydantic|Value error|found character|Traceback")


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever the loader raises beside InvalidFile, for a finding."""
    path = a_file("some.yaml", data)
    with cpu_bounded(CPU_LIMIT_S):
        try:
            program, warnings = check_profile(path)
        except InvalidFile as error:
            _is_well_told(error, data)
            return
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert all(1 <= warning.line <= lines for warning in warnings)
    _may_be_walked(program)


def _is_well_told(error: InvalidFile, data: bytes) -> None:
    place_is_inside(error, data, carriage_returns=True)
    for line in str(error).split("\n"):
        assert line.startswith(error.file) and len(line) < LONGEST_LINE + len(error.file)
        assert not any(is_hidden(character) for character in line)
        assert FOREIGN_WORDS.search(line) is None


def _may_be_walked(program: Program) -> None:
    assert size_problems(program) == []
    segments = expand(program)
    assert 1 <= len(segments) <= MAX_SEGMENTS
    assert expected_ms(segments) >= 0
    walks = [segment for segment in segments if isinstance(segment, Walk)]
    assert sum(walk.seconds for walk in walks) <= MAX_SECONDS
    for walk in walks:
        assert 0 < walk.speed <= HARD[walk.facing] and walk.seconds > 0
        slopes = (walk.incline.start, walk.incline.end) if isinstance(walk.incline, InclineSteps) else (walk.incline,)
        assert all(0 <= slope <= 1000 for slope in slopes)
    assert _texts(program) and all(not any(is_hidden(c) for c in text) for text in _texts(program))


def _texts(program: Program) -> list[str]:
    """Everything of a program that is shown or said; its name at least."""
    found, waiting = [program.name, program.summary, program.author, program.basis], [*program.segments]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Repeat):
            waiting += item.segments
        else:
            found += [item.name, item.say]
    return found
