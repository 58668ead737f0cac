"""Whatever a profile file is or holds: a program or one InvalidFile, soon, and nothing else."""

from __future__ import annotations

import os
import random
import re
import socket
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from treadctl.files.profile import check_profile, events, load_profile, parse_profile, shipped_profiles
from treadctl.model.errors import InvalidFile
from treadctl.model.program import Program, expand, size_problems

ROOT = Path(__file__).parents[2]
GOOD = [path.read_text() for path in (*shipped_profiles(), ROOT / "tests" / "fixtures" / "format-example.yaml")]
HEAD = "treadctl: 1\nname: x\nsegments:\n"
WALK = "  - {walk: forward, for: 1s, speed: 1 km/h}\n"
BUDGET_S = 0.2
"""Issue of the first walk: refused in less than 0.2 s inside the process."""


def _outcome(text: str) -> Program | InvalidFile:
    try:
        return parse_profile(text, "some.yaml")
    except InvalidFile as error:
        return error


def _is_sound(outcome: Program | InvalidFile, text: str) -> None:
    """A program can be expanded; an error has a place inside the text and our own words, safe to print."""
    if isinstance(outcome, Program):
        assert size_problems(outcome) == []
        assert len(expand(outcome)) >= 1
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 1 <= outcome.line <= len(lines)
    assert 1 <= outcome.column <= len(lines[outcome.line - 1]) + 1
    for told in str(outcome).split("\n"):
        assert re.match(r"some\.yaml(:\d+:\d+)?: \S", told)
        assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in told)
        assert not re.search(r"Input should|Field required|Extra inputs|pydantic|Value error|found character", told)
        assert len(told) < 300


@given(st.text())
@example("")
@example("---\n--- a")
@example("\ud800")
@example("? ? a")
@example("%YAML 3.0\n---\na: b")
@example("!<tag:yaml.org,2002:int> 1")
@example("a: " + "9" * 5000)
def test_any_text_is_a_program_or_an_invalid_file(text: str) -> None:
    _is_sound(_outcome(text), text)


YAML_BITS = st.sampled_from(
    ["\n", "\n  ", "- ", ": ", "{", "}", "[", "]", ",", '"', "'", "#", "&a ", "*a", "!", "|", ">", "%", "---", "\t",
     "? ", "walk", "for", "speed", "1.5 km/h", "90s", "repeat: 9", "segments", "treadctl: 1", "name: x", "<<", "\\e",
     "\u202e"]
)  # fmt: skip


@given(st.lists(YAML_BITS, max_size=40).map("".join))
def test_any_heap_of_yaml_is_a_program_or_an_invalid_file(text: str) -> None:
    _is_sound(_outcome(text), text)


DAMAGE = st.tuples(st.integers(0, 1200), st.integers(0, 6), YAML_BITS | st.text(max_size=3))


@given(st.sampled_from(GOOD), st.lists(DAMAGE, max_size=5))
@settings(max_examples=400)
def test_a_damaged_profile_is_a_program_or_an_invalid_file(text: str, damage: list[tuple[int, int, str]]) -> None:
    for place, length, patch in damage:
        text = text[: place % len(text)] + patch + text[place % len(text) + length :]
    _is_sound(_outcome(text), text)


@given(st.sampled_from(GOOD), st.integers(0, 1200), YAML_BITS)
def test_a_profile_that_both_parsers_read_is_the_same_program_to_both(text: str, place: int, patch: str) -> None:
    text = text[:place] + patch + text[place:]
    fast = _outcome(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(events, "_PARSER", yaml.SafeLoader)
        slow = _outcome(text)
    assert fast == slow or isinstance(fast, InvalidFile) or isinstance(slow, InvalidFile)


@given(data=st.binary())
@example(data=b"\xef\xbb\xbftreadctl: 1")
@example(data=b"\xff\xfet\x00r\x00")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_in_a_file_are_a_program_or_an_invalid_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "some.yaml"
    path.write_bytes(data)
    try:
        load_profile(path)
    except InvalidFile as error:
        assert str(error).startswith(f"{path}:{error.line}:{error.column}: ")


@pytest.mark.parametrize(
    "text",
    [
        "%YAML " + "1" * 5000 + ".1\n--- a", "%YAML 9.9\n---\na: b", "!<%FF> a",
        'a: "\\UFFFFFFFF"', 'a: "\\U00110000"', 'a: "\\uD800"',
    ],
)  # fmt: skip
def test_what_upsets_the_slow_parser_is_an_invalid_file(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(_outcome(text), InvalidFile)
    monkeypatch.setattr(events, "_PARSER", yaml.SafeLoader)
    outcome = _outcome(text)
    assert isinstance(outcome, InvalidFile)
    _is_sound(outcome, text)


@given(st.lists(YAML_BITS, max_size=40).map("".join) | st.text())
def test_any_text_is_a_program_or_an_invalid_file_to_the_slow_parser_too(text: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(events, "_PARSER", yaml.SafeLoader)
        _is_sound(_outcome(text), text)


def _refused(path: Path) -> str:
    with pytest.raises(InvalidFile) as caught:
        check_profile(path)
    return str(caught.value).removeprefix(str(path))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert _refused(tmp_path) == ":1:1: it is a folder, not a file; name a profile file, which is a page of text"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "a pipe or a device, not a file" in _refused(tmp_path / "pipe.yaml")


def test_a_socket_is_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.yaml"))
        assert "a pipe or a device, not a file" in _refused(tmp_path / "s.yaml")


def test_a_link_to_an_endless_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    assert "a pipe or a device, not a file" in _refused(tmp_path / "zero.yaml")


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    assert "cannot be read (too many levels of symbolic links)" in _refused(tmp_path / "loop.yaml")


def test_a_missing_file_is_refused_and_a_close_name_offered(tmp_path: Path) -> None:
    assert _refused(tmp_path / "nothing-like-it.yaml").startswith(":1:1: there is no such file; name a profile file")
    assert "did you mean the shipped profile first-steps?" in _refused(tmp_path / "firststeps.yaml")


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 5000 + ".yaml"])
def test_an_impossible_file_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidFile):
        load_profile(Path(name))


def test_a_file_name_with_escapes_is_shown_harmless(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile) as caught:
        load_profile(tmp_path / "\x1b[31m.yaml")
    assert "\x1b" not in str(caught.value)
    assert "\\x1b[31m" in str(caught.value)


def test_a_megabyte_of_garbage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(random.Random(5).randbytes(1 << 20))
    assert _refused(tmp_path / "big.yaml").startswith(":1:1: it is larger than 256 KiB")


def test_the_largest_file_is_256_kib_and_not_one_octet_more(tmp_path: Path) -> None:
    text = GOOD[0] + "#" * (256 * 1024 - len(GOOD[0]))
    (tmp_path / "most.yaml").write_text(text)
    (tmp_path / "more.yaml").write_text(text + "#")
    assert load_profile(tmp_path / "most.yaml").segments
    assert "larger than 256 KiB" in _refused(tmp_path / "more.yaml")


def test_twenty_thousand_values_are_the_most() -> None:
    outcome = _outcome("[" + "a," * 20_000 + "a]")
    assert isinstance(outcome, InvalidFile)
    assert outcome.message == "it has more than 20000 values; a profile is a page of text, so shorten it"


@pytest.mark.parametrize(("walks", "accepted"), [(1000, True), (1001, False)])
def test_a_thousand_segments_are_the_most(walks: int, accepted: bool) -> None:
    assert isinstance(_outcome(HEAD + WALK * walks), Program) is accepted


@pytest.mark.parametrize(("hours", "accepted"), [("4h", True), ("4h 1s", False)])
def test_four_hours_are_the_most(hours: str, accepted: bool) -> None:
    assert isinstance(_outcome(HEAD + f"  - {{rest: {hours}}}\n"), Program) is accepted


@pytest.mark.parametrize(("deep", "accepted"), [(4, True), (5, False)])
def test_repeats_four_deep_are_the_most(deep: int, accepted: bool) -> None:
    text = HEAD + "  - " + "{repeat: 1, segments: [" * deep + "{rest: 30s}" + "]}" * deep + "\n"
    assert isinstance(_outcome(text), Program) is accepted


HOSTILE: dict[str, Callable[[], str]] = {
    "twenty thousand texts for segments": lambda: HEAD + "  - a\n" * 19_000,
    "nine thousand segments without time": lambda: HEAD + "  - {walk: forward}\n" * 5000,
    "unknown keys by the thousand": lambda: HEAD + "  - {walk: forward, a: 1, b: 2, c: 3, d: 4, e: 5}\n" * 1500,
    "one segment of nine thousand keys": lambda: HEAD + "  - {" + ", ".join(f"k{i}: 1" for i in range(9000)) + "}\n",
    "a key twice among nine thousand": lambda: "\n".join(f"k{i}: 1" for i in range(9000)) + "\nk1: 2",
    "brackets": lambda: "[" * 200_000,
    "braces": lambda: "{" * 200_000,
    "quotes": lambda: '"' * 200_001,
    "one endless word": lambda: HEAD + "  - {rest: " + "x" * 250_000 + "}\n",
    "one endless key": lambda: HEAD + "  - {? " + "speed" * 50_000 + " : 1}\n",
    "one endless number": lambda: HEAD + "  - {rest: " + "1" * 250_000 + "}\n",
    "one endless gap": lambda: HEAD + "  - {rest: '1" + " " * 250_000 + "x'}\n",
    "a hidden character at the end": lambda: "a" * 250_000 + "\x07",
    "empty lines": lambda: "\n" * 250_000 + "\t",
    "a billion repeats": lambda: HEAD + "  - {repeat: 1000000000, segments: [{rest: 1s}]}\n",
    "repeats of repeats": lambda: HEAD + "  - " + "{repeat: 999, segments: [" * 4 + "{rest: 4h}" + "]}" * 4 + "\n",
    "aliases of aliases": lambda: "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(500)),
    "heaps": lambda: "".join(random.Random(1).choices("abc:-{}[]\"'\n ,#&*!|>%@`1.", k=250_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_profile_is_refused_in_a_fifth_of_a_second(name: str) -> None:
    text, spent = HOSTILE[name](), []
    for _ in range(3):
        begun = time.process_time()
        outcome = _outcome(text)
        spent.append(time.process_time() - begun)
        assert isinstance(outcome, InvalidFile)
    _is_sound(outcome, text)
    assert min(spent) < BUDGET_S
