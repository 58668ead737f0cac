"""Whatever another app's file is or holds: a program or one InvalidFile, soon, in little memory, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.hostile_workouts import LINE, MADE, ROW, STEADY, raw_fit, rows, step, write_all, zwo
from tests.once import once
from treadctl.files.exchange import Foreign, import_file
from treadctl.model.errors import InvalidFile
from treadctl.model.program import expand
from treadctl.model.text import is_hidden
from treadctl.model.units import kmh

ROOT = Path(__file__).parents[2]
MEMORY_KIB = 256 * 1024
SECONDS = 5.0
"""The promise is 1 s; a busy machine may take longer, and tests/bench/hostile.py prints what it really takes."""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The whole corpus, imported one after the other in one process of its own."""
    return once("hostile workouts", lambda: _refused(tmp_path_factory.mktemp("hostile")))


def _refused(folder: Path) -> dict[str, object]:
    paths = write_all(folder)
    command = [sys.executable, "-P", "-m", "tests.files.hostile_workouts", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=110, check=False, env=_here())
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _here() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_there_are_at_least_sixty_hostile_files(refused: dict[str, list[list[str]]]) -> None:
    assert len(refused["files"]) >= 60


def test_every_hostile_file_is_refused_in_one_safe_sentence(refused: dict[str, list[list[str]]]) -> None:
    for path, told, _ in refused["files"]:
        assert told, path
        for line in told.splitlines():
            assert ":" in line and len(line) < 600, path
            assert not any(is_hidden(character) for character in line), path
            assert "Error" not in line and "expat" not in line, path


def test_every_hostile_file_is_refused_soon(refused: dict[str, list[tuple[str, str, float]]]) -> None:
    assert {path: seconds for path, _, seconds in refused["files"] if seconds > SECONDS} == {}


def test_the_whole_corpus_needs_little_memory(refused: dict[str, int]) -> None:
    assert refused["peak_kib"] < MEMORY_KIB


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("laughs", "it has a DOCTYPE"),
        ("outside-entity", "it has a DOCTYPE"),
        ("doctype-in-utf-16", "it has a DOCTYPE"),
        ("zip-bomb", "a zip archive; treadctl unpacks nothing"),
        ("gzip-bomb", "packed with gzip; treadctl unpacks nothing"),
        ("codec-rot13", "its encoding 'rot13'"),
        ("deep", "nested more than 16 deep"),
        ("zwo-for-a-bike", "it is a workout for 'bike'"),
        ("zwo-free-ride", "treadctl never guesses one"),
        ("zwo-comma", "write decimals with a point"),
        ("qz-downhill", "goes downhill"),
        ("text-power", "'75%' says no speed"),
        ("text-a-profile", "this is a treadctl profile already"),
        ("fit-sum", "the file's own sum is wrong"),
        ("fit-an-activity", "holds no workout"),
        ("fit-nested-repeats", "nested more than 4 deep"),
    ],
)
def test_a_refusal_says_what_it_is_about(name: str, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(MADE[name]())
    with pytest.raises(InvalidFile) as refusal:
        import_file(path, kmh("6.0"))
    assert wanted in str(refusal.value)


def test_the_good_ones_that_the_bad_ones_were_made_from_are_read(tmp_path: Path) -> None:
    """Else the corpus would be refused for the wrong reason."""
    from treadctl.files.fit_wire import ENUM, encode

    good = [zwo(STEADY), rows(ROW), LINE.encode(), encode([(0, [(0, ENUM, 5)]), step()])]
    for number, data in enumerate(good):
        path = tmp_path / str(number)
        path.write_bytes(data)
        assert expand(import_file(path, kmh("6.0")).program)


# --- whatever the octets -------------------------------------------------------------------------------------------


def outcome(data: bytes) -> Foreign | InvalidFile:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            return import_file(Path(file.name), kmh("6.0"))
        except InvalidFile as error:
            return error


def is_sound(found: Foreign | InvalidFile) -> None:
    if isinstance(found, Foreign):
        assert expand(found.program)
    else:
        assert found.line >= 1


@given(st.binary(max_size=200))
def test_any_octets_are_a_program_or_a_refusal(data: bytes) -> None:
    is_sound(outcome(data))


@given(st.binary(max_size=120))
def test_any_body_of_a_fit_file_is_a_program_or_a_refusal(body: bytes) -> None:
    is_sound(outcome(raw_fit(body)))


_WORDS = st.sampled_from(
    ["Duration", "Power", "PowerLow", "Repeat", "pace", "speed", "inclination", "distance", "message", "timeoffset"]
)
_VALUES = st.sampled_from(
    ["", "0", "1", "-1", "60", "0.5", "1e9", "00:01:00", "Backward: x", "rest", "999999999", "nan"]
)
_TAGS = st.sampled_from(
    ["SteadyState", "Warmup", "IntervalsT", "FreeRide", "textevent", "row", "repeat", "workout", "rows", "name"]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> str:
    """Known words in unknown order."""
    tag = draw(_TAGS)
    values = draw(st.dictionaries(_WORDS, _VALUES, max_size=5))
    attributes = "".join(f' {key}="{value}"' for key, value in values.items())
    inner = "".join(draw(st.lists(elements(depth - 1), max_size=3))) if depth else ""
    return f"<{tag}{attributes}>{inner}</{tag}>"


@given(st.lists(elements(), max_size=4), st.booleans())
@settings(max_examples=200)
def test_known_words_in_any_order_are_a_program_or_a_refusal(found: list[str], as_rows: bool) -> None:
    is_sound(outcome(rows("".join(found)) if as_rows else zwo("".join(found))))


@given(st.text(alphabet="-0123456789:/kmixs%^<!> \nPaceRstx'\"", max_size=80))
@settings(max_examples=300)
def test_any_text_is_a_program_or_a_refusal(text: str) -> None:
    is_sound(outcome(f"- {text}".encode()))
