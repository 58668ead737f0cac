"""`treadctl profile new`: a few questions, and a profile with comments that explain it, to be changed in an editor.

What is asked for is held against the limits of the level while asking, and the finished file is checked like any other.
It overwrites nothing and starts nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from treadctl.clients import asking
from treadctl.clients.profile_show import Opened, card, for_an_editor, write_new
from treadctl.clients.reading import Units, in_units
from treadctl.clients.settings import shown_units
from treadctl.files import measures
from treadctl.files.profile import check_profile
from treadctl.files.profile.writing import written
from treadctl.files.store import shown_path
from treadctl.model.errors import ExitCode, UsageError
from treadctl.model.limits import Limits, level_limits
from treadctl.model.person import Level
from treadctl.model.program import Facing, Item, Program, Repeat, Walk
from treadctl.model.text import MAX_NAME, safe_text
from treadctl.model.units import Speed, clock

WARM_UP, COOL_DOWN, EASY = 120, 60, 120
"""Seconds of forward walking before, after and between. Chosen, as in the profiles that treadctl ships with."""
SUCH_AS = {Units.KMH: ("1.0 km/h", "2.5 km/h"), Units.MPH: ("0.6 mph", "1.5 mph")}
COMMENTS = """\
# Lines that begin with # are notes for you; treadctl does not read them.
# Try it without a treadmill:   treadctl profile check {file}
#                               treadctl dry-run {file}
# One line is one segment. A change of direction stops the belt first: treadctl puts the
# turn-around in by itself, so nobody writes it down. Other things that may stand in a segment:
#   incline: 2 %                    how steep
#   say: "Small steps."             what the voice says when it begins
#   - {{rest: 30s}}                   a rest on the side rails
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked."""

    name: str
    level: Level
    author: str
    bouts: int
    bout: int
    backward: Speed
    forward: Speed


def run_new(output: Path | None) -> int:
    """Ask, write, and say what was written. Raises UsageError where nobody can be asked."""
    asking.require_person("treadctl profile new asks a few questions, so call it in a terminal")
    if output is not None and output.exists():
        raise UsageError(f"{shown_path(output)} is already there and is not overwritten; give another name.")
    units = shown_units()
    answers = _asked(units, output)
    place = output or _place(answers.name)
    program = program_of(answers)
    write_new(place, commented(program, place).encode())
    sound, _ = check_profile(place)
    for line in (*card(Opened(sound, None)), f"Written to {shown_path(place)}. Change it in any text editor, then:"):
        print(in_units(line, units))
    print(f"  treadctl profile check {shown_path(place)}")
    return int(ExitCode.OK)


def program_of(answers: Answers) -> Program:
    """Forward, then backward bouts with easy walking after each, the last of it as a cool-down."""
    bout = Walk(Facing.BACKWARD, answers.bout, answers.backward, name="Backward", say="Small steps. Toes first.")
    items: list[Item] = [Walk(Facing.FORWARD, WARM_UP, answers.forward, name="Warm-up")]
    if answers.bouts > 1:
        easy = Walk(Facing.FORWARD, EASY, answers.forward, name="Easy")
        items.append(Repeat(answers.bouts - 1, (bout, easy)))
    items += [bout, Walk(Facing.FORWARD, COOL_DOWN, answers.forward, name="Cool-down")]
    minutes = clock(answers.bouts * answers.bout * 1000)
    summary = f"{answers.bouts} x {clock(answers.bout * 1000)} backward, {minutes} in all."
    return Program(answers.name, tuple(items), answers.level, summary, answers.author)


def commented(program: Program, place: Path) -> str:
    """The profile's text with notes above its segments."""
    head, mark, tail = for_an_editor(written(program)).partition("segments:\n")
    return head + COMMENTS.format(file=safe_text(place.name)) + mark + tail


def _asked(units: Units, output: Path | None) -> Answers:
    asking.tell("Empty lines end nothing: every question has to be answered. Ctrl+C leaves without writing anything.")
    name = asking.read("What shall it be called?", _name if output is not None else _free_name)
    asking.tell("Levels: " + ", ".join(f"{level.value} {level.word}" for level in Level) + ".")
    level = asking.read("For which level is it, 0 to 4?", _level)
    limits = level_limits(level)
    most = limits.turns.value // 2
    bouts = asking.read(f"How many times backward, 1 to {most}?", _bouts(most))
    bout = asking.read("How long backward each time (such as 45s or 1:30)?", _bout(limits, bouts))
    slow, fast = SUCH_AS[units]
    backward = asking.read(f"How fast backward (such as {slow})?", _speed(limits, Facing.BACKWARD, units))
    forward = asking.read(f"How fast forward (such as {fast})?", _speed(limits, Facing.FORWARD, units))
    return Answers(name, level, asking.name("Who made it?"), bouts, bout, backward, forward)


def _name(text: str) -> str:
    if not text or len(text) > MAX_NAME or not text.isprintable():
        raise ValueError(f"Type a name of 1 to {MAX_NAME} characters.")
    return text


def _free_name(text: str) -> str:
    """A name whose file is not there yet: told before all the other questions are answered for nothing."""
    if (place := _place(_name(text))).exists():
        raise ValueError(f"{shown_path(place)} is already there and is not overwritten; give another name.")
    return text


def _level(text: str) -> Level:
    return Level(measures.whole_number(text, 0, max(Level), "level"))


def _bouts(most: int) -> Callable[[str], int]:
    return lambda text: measures.whole_number(text, 1, most, "number of bouts")


def _bout(limits: Limits, bouts: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        seconds = measures.duration(text)
        if seconds > limits.bout.value:
            raise ValueError(f"At this level a bout lasts {clock(limits.bout.value * 1000)} at most.")
        if seconds * bouts > limits.session.value:
            most = clock(limits.session.value // bouts * 1000)
            raise ValueError(f"That is too much backward in all; with {bouts} bouts each may last {most}.")
        return seconds

    return read


def _speed(limits: Limits, facing: Facing, units: Units) -> Callable[[str], Speed]:
    def read(text: str) -> Speed:
        speed = measures.speed(text)
        top = limits.speed(facing)
        if speed > top.value:
            raise ValueError(in_units(f"At this level {facing.value} is {Speed(top.value)} km/h at most.", units))
        return speed

    return read


def _place(name: str) -> Path:
    """The name as a file's: small letters without their accents, digits and hyphens."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]
    return Path(f"{stem or 'my-profile'}.yaml")
