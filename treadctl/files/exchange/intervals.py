"""Workouts as Intervals.icu's plain text: a line a step, such as "- Warm up 10m 24:00/km Pace".

Read as its builder's guide describes it, as far as a belt can follow: a length and a pace. Shares of a threshold pace
need that pace; power, heart rate and zones say no speed and are refused. Speeds are written as paces in whole seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from treadctl.files.exchange.steps import (
    CUE_SECOND,
    Imported,
    Told,
    label_of,
    lower,
    metres_at,
    number,
    pace_of,
    rest,
    rest_label,
    rest_name,
    seconds_of,
    share_of,
    stairs,
    walk,
    without_losses,
)
from treadctl.files.misfit import Misfit
from treadctl.model.program import Item, Program, Repeat, Rest, Walk
from treadctl.model.text import quoted
from treadctl.model.units import Speed

_TIME = r"(?:(?:[0-9]{1,3}h)(?:[0-9]{1,4}m)?(?:[0-9]{1,5}s?)?|(?:[0-9]{1,4}m)(?:[0-9]{1,5}s?)?|[0-9]{1,5}s" + (
    r"|(?:[0-9]{1,4}')(?:[0-9]{1,5}\")?|[0-9]{1,5}\")"
)
_DISTANCE = r"[0-9]{1,6}(?:\.[0-9]{1,6})?(?:km|mi|mtr)"
_LENGTH = re.compile(rf"(?:^|(?<=\s))({_TIME}|{_DISTANCE})(?=\s|$)", re.IGNORECASE)
_REPEAT = re.compile(r"(?:^|.*\s)([0-9]{1,4})x", re.IGNORECASE)
_PROMPT = re.compile(r"(?:^|\s)[0-9]{1,5}\^\s*")
_CLOCK = r"([0-9]{1,4}):([0-5][0-9])"
_PACE = re.compile(rf"{_CLOCK}(/\w+)?(?:\s*-\s*{_CLOCK}(/\w+)?)?(?:\s+pace)?", re.IGNORECASE)
_SHARE = re.compile(r"([0-9.]{1,8})%?\s*(?:-\s*([0-9.]{1,8}))?%\s+pace", re.IGNORECASE)
_METRES = {
    "/km": Decimal(1000), "/mi": Decimal("1609.344"), "/100m": Decimal(100), "/250m": Decimal(250),
    "/400m": Decimal(400), "/500m": Decimal(500),
}  # fmt: skip
_UNITS = {"km": Decimal(1000), "mi": Decimal("1609.344"), "mtr": Decimal(1)}
NO_STEP = (
    "this is no XML and no FIT file, and no step was found in it as text, where each one is a line such as "
    "'- Warm up 10m 24:00/km Pace'; export it again"
)
LONGEST_LINE = 1000
"""Characters. Chosen: a step with its cues is a line that people read."""
_SIGNS = re.compile(r"[<>^]")
"""What means something inside a step's text there."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One step, taken apart."""

    label: str
    say: str
    length: str
    target: str
    line: int


def imported(text: str, threshold: Speed | None, told: Told) -> Imported:
    """The program of a workout's text. Raises Misfit."""
    found: list[Item] = []
    block: list[Item] = []
    times, heading, steps = 1, "", 0
    for count, raw in enumerate(text.splitlines(), 1):
        if len(raw) > LONGEST_LINE:
            raise Misfit(count, f"this line has {len(raw)} characters; a step has {LONGEST_LINE} at most")
        line = " ".join(raw.split())
        if line.startswith("-"):
            steps += 1
            (block if times > 1 else found).extend(_items(_taken(line, heading, count, told), threshold, told))
            continue
        if block:
            found.append(Repeat(times, tuple(block), count - 1))
            block = []
        times, heading = _heading(line, count) if line else (1, "")
    if block:
        found.append(Repeat(times, tuple(block), len(text.splitlines())))
    if not steps:
        raise Misfit(1, NO_STEP)
    return Imported("", tuple(found))


def _heading(line: str, count: int) -> tuple[int, str]:
    """How often the steps below are walked, and what they are called together."""
    match = _REPEAT.fullmatch(line)
    if match is None:
        return 1, line
    if not 1 <= int(match[1]) <= 1000:
        raise Misfit(count, f"it repeats {match[1]} times; write a whole number from 1 to 1000")
    return int(match[1]), line[: match.start(1)].strip()


def _taken(line: str, heading: str, count: int, told: Told) -> _Line:
    """The parts of a step: what is shown, what is said later, how long, how fast."""
    body = line.lstrip("-").strip()
    words, mark, rest_of_it = body.partition("<!>")
    target_part = rest_of_it if mark else body
    match = _LENGTH.search(target_part)
    if match is None:
        raise Misfit(count, f"{quoted(body)} has no length; write one such as 10m, 90s or 1m30")
    if not mark:
        words = target_part[: match.start()]
    label, *prompts = _PROMPT.split(words)
    if len(prompts) > 1:
        told.add("only the first cue of a step was kept")
    label = label.strip() or heading
    return _Line(label, prompts[0].strip() if prompts else "", match[1], target_part[match.end() :].strip(), count)


def _items(step: _Line, threshold: Speed | None, told: Told) -> Iterator[Item]:
    target = re.sub(r"\s*(\bpress lap\b|intensity=\w+|[0-9]{1,3}(-[0-9]{1,3})?rpm)\s*", " ", step.target).strip()
    if target != step.target:
        told.add("lap keys, cadences and intensities were left out")
    name = rest_name(step.label)
    if name is not None and (not target or target.lower() == "freeride"):
        yield rest(name, _seconds(step, None, told), step.line, told, step.say)
        return
    sloping = target.lower().startswith("ramp ")
    begin, end = _speeds(target[5:].strip() if sloping else target, step, threshold)
    if not sloping:
        speed = lower(begin, end, told)
        yield walk(step.label, _seconds(step, speed, told), speed, step.line, told, say=step.say)
        return
    length, say = _seconds(step, Speed((begin + end) // 2), told), step.say
    for seconds, speed in stairs(length, begin, end, told):
        yield walk(step.label, seconds, speed, step.line, told, say=say)
        say = ""


def _speeds(target: str, step: _Line, threshold: Speed | None) -> tuple[Speed, Speed]:
    """Both ends of the speed that a step asks for."""
    if match := _PACE.fullmatch(target):
        unit = match[3] or match[6]
        if unit is None or unit.lower() not in _METRES:
            text = f"the pace {quoted(target)} has no unit that treadctl knows; write it with /km or /mi"
            raise Misfit(step.line, text)
        first = int(match[1]) * 60 + int(match[2])
        last = int(match[4]) * 60 + int(match[5]) if match[4] else first
        begin, end = (pace_of(seconds * 1000 / _METRES[unit.lower()], step.line) for seconds in (first, last))
        return begin, end
    if match := _SHARE.fullmatch(target):
        shares = [number(part, "share", step.line) / 100 for part in (match[1], match[2] or match[1])]
        return share_of(threshold, shares[0], step.line), share_of(threshold, shares[1], step.line)
    if not target:
        text = "this step has no pace, and treadctl never guesses one; write one such as 24:00/km Pace"
        raise Misfit(step.line, text)
    text = f"{quoted(target)} says no speed (power, heart rate and zones do not); write a pace such as 24:00/km Pace"
    raise Misfit(step.line, text)


def _seconds(step: _Line, speed: Speed | None, told: Told) -> int:
    length = step.length.lower()
    if match := re.fullmatch(r"([0-9.]+)(km|mi|mtr)", length):
        if speed is None:
            raise Misfit(step.line, "a rest has a length of time, not of way; write one such as 30s")
        return metres_at(number(match[1], "distance", step.line) * _UNITS[match[2]], speed, step.line, told)
    plain = length.replace("'", "m").replace('"', "s")
    match = re.fullmatch(r"(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s?)?", plain)
    assert match is not None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return seconds_of(Decimal(hours * 3600 + minutes * 60 + seconds), step.line)


# --- writing -------------------------------------------------------------------------------------------------------


def exported(program: Program, told: Told) -> bytes:
    """The text to paste into the workout builder."""
    blocks: list[str] = [""]
    for item in without_losses(program.segments, told, nested=False):
        if isinstance(item, Repeat):
            steps = [_written(inner, told) for inner in item.segments if isinstance(inner, (Walk, Rest))]
            blocks += ["\n".join((f"{item.times}x", *steps)), ""]
        elif isinstance(item, (Walk, Rest)):
            blocks[-1] += ("\n" if blocks[-1] else "") + _written(item, told)
    told.add("the workout's name is not in the text: give it there")
    return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _written(item: Walk | Rest, told: Told) -> str:
    name, say = _SIGNS.sub("", item.name), _SIGNS.sub("", item.say)
    if (name, say) != (item.name, item.say):
        told.add("the signs < > ^ were left out of names and cues")
    plain = label_of(item.facing, name) if isinstance(item, Walk) else rest_label(name)
    words = f"{plain} {CUE_SECOND}^ {say} <!>".lstrip() if say else plain + (" <!>" if re.search(r"\d", plain) else "")
    target = _pace(item.speed, told) if isinstance(item, Walk) else ""
    return " ".join(part for part in ("-", words, _length(item.seconds), target) if part)


def _pace(speed: Speed, told: Told) -> str:
    seconds = round(360_000 / speed)
    back = pace_of(Decimal(seconds), 0)
    if back != speed:
        told.add(f"the speed {speed} km/h became {back} km/h: paces are whole seconds")
    return f"{seconds // 60}:{seconds % 60:02d}/km Pace"


def _length(seconds: int) -> str:
    hours, minutes, rest_of_it = seconds // 3600, seconds // 60 % 60, seconds % 60
    return "".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (rest_of_it, "s")) if n)
