"""Zwift workouts (.zwo): XML whose running steps are shares of a threshold speed.

What a step is called and what is said in it are both text events there; the first one carries the direction. The format
has no rest, no incline and no speed of its own. Only running workouts are read: a share of cycling power is no speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from treadctl.files.exchange.markup import Element
from treadctl.files.exchange.steps import (
    CUE_SECOND,
    LABEL_SECONDS,
    SHARES,
    Imported,
    Told,
    facing_of,
    has_prefix,
    label_of,
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
from treadctl.model.program import Facing, Item, Program, Repeat, Rest, Walk
from treadctl.model.text import quoted
from treadctl.model.units import Speed

ROOT = "workout_file"
_SLOPES = ("warmup", "cooldown", "ramp")
_FREE = ("freeride", "maxeffort")
_SILENT = ("textevent", "textnotification", "gameplayevent")


def imported(root: Element, threshold: Speed | None, told: Told) -> Imported:
    """The program of a workout file. Raises Misfit."""
    sport = root.named("sporttype")
    if sport.lower() not in ("run", "running", ""):
        raise Misfit(root.line, f"it is a workout for {quoted(sport)}; treadctl reads running ones, which have speeds")
    body = root.first("workout")
    if body is None:
        raise Misfit(root.line, "it has no workout element, so no steps; export it again from the app it came from")
    reader = _Reader(_threshold(root, threshold, told), root.named("durationtype").lower() == "distance", told)
    items = tuple(item for element in body.children for item in reader.items(element))
    return Imported(root.named("name"), items, root.named("author"), root.named("description"))


def _threshold(root: Element, asked: Speed | None, told: Told) -> Speed | None:
    """The person's own word first, then the file's."""
    element = root.first("thresholdsecperkm")
    if asked is not None or element is None:
        return asked
    speed = pace_of(number(element.text, "pace", element.line), element.line)
    told.add(f"the file gives a threshold speed of {speed} km/h, and its speeds are shares of it")
    return speed


class _Reader:
    """What is the same for all steps of one file."""

    def __init__(self, threshold: Speed | None, distances: bool, told: Told) -> None:
        self.threshold, self.distances, self.told = threshold, distances, told

    def items(self, element: Element) -> Iterator[Item]:
        """The segments of one step."""
        if element.tag == "steadystate":
            yield self._step(element, "duration", self._steady(element), self._texts(element))
        elif element.tag in _SLOPES:
            yield from self._slope(element)
        elif element.tag == "intervalst":
            yield self._intervals(element)
        elif element.tag in _FREE:
            yield self._free(element)
        elif element.tag in _SILENT:
            self.told.add("events between the steps were left out")
        else:
            raise Misfit(element.line, f"{quoted(element.tag)} is no step that treadctl knows; remove it there")

    def _steady(self, element: Element) -> Decimal:
        """One share, or the lower end of two."""
        if "power" in element.attributes:
            return self._number(element, "power")
        low, high = self._number(element, "powerlow"), self._number(element, "powerhigh")
        if low != high:
            self.told.add("of a range of speeds the lower end was taken")
        return min(low, high)

    def _slope(self, element: Element) -> Iterator[Item]:
        """PowerLow is where it begins, and PowerHigh where it ends, also in a cool-down."""
        begin, end = (self._speed(element, self._number(element, key)) for key in ("powerlow", "powerhigh"))
        label, say = self._texts(element)
        length = self._length(element, "duration", Speed((begin + end) // 2))
        for seconds, speed in stairs(length, begin, end, self.told):
            yield walk(label, seconds, speed, element.line, self.told, say=say)
            say = ""

    def _intervals(self, element: Element) -> Repeat:
        times = self._number(element, "repeat")
        if not 1 <= times <= 1000 or times != int(times):
            raise Misfit(element.line, f"it repeats {times:f} times; write a whole number from 1 to 1000")
        on = self._number(element, "onduration")
        first, second = self._texts(element, Decimal(0), on), self._texts(element, on)
        inner = (
            self._step(element, "onduration", self._number(element, "onpower"), first),
            self._step(element, "offduration", self._number(element, "offpower"), second),
        )
        return Repeat(int(times), inner, element.line)

    def _free(self, element: Element) -> Rest:
        label, say = self._texts(element)
        name = rest_name(label)
        if name is None:
            text = f"{element.tag} has no speed, and treadctl never guesses one; give that step a speed there"
            raise Misfit(element.line, text)
        return rest(name, self._length(element, "duration", None), element.line, self.told, say)

    def _step(self, element: Element, length: str, share: Decimal, texts: tuple[str, str]) -> Walk | Rest:
        label, say = texts
        if share == 0:
            self.told.add("a step with no speed became a rest")
            return rest(label, self._length(element, length, None), element.line, self.told, say)
        speed = self._speed(element, share)
        return walk(label, self._length(element, length, speed), speed, element.line, self.told, say=say)

    def _speed(self, element: Element, share: Decimal) -> Speed:
        return share_of(self.threshold, share, element.line)

    def _length(self, element: Element, key: str, speed: Speed | None) -> int:
        value = self._number(element, key)
        if self.distances and speed is not None:
            return metres_at(value, speed, element.line, self.told)
        return seconds_of(value, element.line)

    def _number(self, element: Element, key: str) -> Decimal:
        if key not in element.attributes:
            raise Misfit(element.line, f"this {element.tag} has no {key}; export it again from the app it came from")
        return number(element.attributes[key], key, element.line)

    def _texts(self, element: Element, begin: Decimal = Decimal(0), end: Decimal | None = None) -> tuple[str, str]:
        """Label and cue of the step that begins so late in this element."""
        label = say = ""
        for event in element.all("textevent"):
            offset = number(event.attributes.get("timeoffset", "0"), "time", event.line) - begin
            text = event.attributes.get("message", "")
            if offset < 0 or (end is not None and offset >= end - begin):
                continue
            if offset <= LABEL_SECONDS and not label and _is_label(text):
                label = text
                say = say if has_prefix(text) or rest_name(text) is not None else say or text
            elif not say:
                say = text
            else:
                self.told.add("only the first cue of a step was kept")
        return label, say


def _is_label(text: str) -> bool:
    return has_prefix(text) or rest_name(text) is not None or facing_of(text)[0] is Facing.BACKWARD


# --- writing -------------------------------------------------------------------------------------------------------


def exported(program: Program, threshold: Speed | None, told: Told) -> bytes:
    """A running workout. Raises Misfit without a threshold speed: every step is a share of it."""
    if threshold is None:
        raise Misfit(0, f"{SHARES}; add --threshold-speed 6.0km/h with yours")
    steps = [line for item in without_losses(program.segments, told, nested=False) for line in _lines(item, threshold)]
    if any(isinstance(item, Repeat) for item in program.segments):
        told.add("repeats were written out")
    head = [
        "<workout_file>",
        f"  <author>{escape(program.author)}</author>",
        f"  <name>{escape(program.name)}</name>",
        f"  <description>{escape(program.summary)}</description>",
        "  <sportType>run</sportType>",
        "  <durationType>time</durationType>",
        f"  <thresholdSecPerKm>{Decimal(360_000) / threshold:.4f}</thresholdSecPerKm>",
        "  <workout>",
    ]
    told.add(f"speeds are shares of {threshold} km/h: set that as your threshold speed there")
    return "\n".join([*head, *steps, "  </workout>", "</workout_file>", ""]).encode()


def _lines(item: Item, threshold: Speed) -> Iterator[str]:
    if isinstance(item, Repeat):
        for _ in range(item.times):
            for inner in item.segments:
                yield from _lines(inner, threshold)
        return
    assert isinstance(item, (Walk, Rest))
    if isinstance(item, Walk):
        begin = f'SteadyState Duration="{item.seconds}" Power="{Decimal(item.speed) / threshold:.6f}"'
        label = label_of(item.facing, item.name, always=True) if item.name or item.facing is Facing.BACKWARD else ""
    else:
        begin, label = f'FreeRide Duration="{item.seconds}"', rest_label(item.name)
    events = [(0, label)] if label else []
    if item.say:
        events.append((CUE_SECOND, item.say))
    if not events:
        yield f"    <{begin}/>"
        return
    yield f"    <{begin}>"
    for offset, text in events:
        yield f'      <textevent timeoffset="{offset}" message="{escape(text)}"/>'
    yield f"    </{begin.split()[0]}>"
