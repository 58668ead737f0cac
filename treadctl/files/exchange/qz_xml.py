"""QZ (qdomyos-zwift) training programmes: XML rows with a length, a speed in km/h and an incline in percent. Read only.

A row without an incline keeps the one before it, as it does there. A row that does not force its speed, or gives none,
leaves it to the runner there; here it is refused, as no speed is ever guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from treadctl.files.exchange.markup import Element
from treadctl.files.exchange.steps import (
    Imported,
    Told,
    has_prefix,
    metres_at,
    number,
    rest,
    rest_name,
    seconds_of,
    speed_of,
    stairs,
    walk,
    whole,
)
from treadctl.files.misfit import Misfit
from treadctl.model.program import FLAT, Item, Repeat
from treadctl.model.text import quoted
from treadctl.model.units import Incline, Speed, percent

ROOTS = ("rows", "row", "repeat")
_KNOWN = frozenset({"duration", "distance", "speed", "speedfrom", "speedto", "inclination", "forcespeed", "times"})
_MEANINGLESS = {"latitude", "longitude", "altitude", "azimuth"}
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])")


def imported(root: Element, told: Told) -> Imported:
    """The program of a file of rows. Raises Misfit."""
    reader = _Reader(told)
    rows = root.children if root.tag == "rows" else [root]
    return Imported("", tuple(item for row in rows for item in reader.items(row)))


class _Reader:
    """What a row takes over from the one before it."""

    def __init__(self, told: Told) -> None:
        self.told, self.slope = told, FLAT

    def items(self, row: Element) -> Iterator[Item]:
        if row.tag == "repeat":
            yield self._repeat(row)
        elif row.tag == "row":
            yield from self._row(row)
        else:
            raise Misfit(row.line, f"{quoted(row.tag)} is nothing that treadctl knows in such a file; remove it there")

    def _repeat(self, element: Element) -> Repeat:
        times = number(element.attributes.get("times", ""), "number of repeats", element.line)
        if not 1 <= times <= 1000 or times != int(times):
            raise Misfit(element.line, f"it repeats {times:f} times; write a whole number from 1 to 1000")
        inner = tuple(item for row in element.children for item in self.items(row))
        if not inner:
            raise Misfit(element.line, "it repeats nothing; put rows inside")
        return Repeat(int(times), inner, element.line)

    def _row(self, row: Element) -> Iterator[Item]:
        self._notice(row)
        label, say = self._texts(row)
        if "inclination" in row.attributes:
            self.slope = self._incline(row)
        begin, end = self._speeds(row)
        if begin is None or end is None:
            yield rest(rest_name(label) or "", self._length(row, None), row.line, self.told, say)
            return
        for seconds, speed in stairs(self._length(row, Speed((begin + end) // 2)), begin, end, self.told):
            yield walk(label, seconds, speed, row.line, self.told, say=say, slope=self.slope)
            say = ""

    def _notice(self, row: Element) -> None:
        other = set(row.attributes) - _KNOWN
        if other & _MEANINGLESS:
            raise Misfit(row.line, "it follows a track on a map; treadctl walks programmes of speeds and times")
        for key in sorted(other):
            self.told.add(f"{quoted(key)} was left out")

    def _speeds(self, row: Element) -> tuple[Speed | None, Speed | None]:
        """Both ends of a row's speed, None for a rest."""
        keys = ("speedfrom", "speedto") if "speedfrom" in row.attributes else ("speed", "speed")
        values = [number(row.attributes[key], "speed", row.line) for key in keys if key in row.attributes]
        if len(values) < 2 or min(values) < 0:
            raise Misfit(row.line, "this row has no speed, and treadctl never guesses one; write speed there, in km/h")
        if max(values) == 0:
            self.told.add("a row with the speed 0 became a rest")
            return None, None
        if row.attributes.get("forcespeed", "1").strip() == "0":
            self.told.add("a row left its speed to the runner; here that speed is walked")
        return speed_of(values[0], row.line), speed_of(values[1], row.line)

    def _incline(self, row: Element) -> Incline:
        value = number(row.attributes["inclination"], "incline", row.line)
        if value < 0:
            raise Misfit(row.line, f"it goes downhill ({value:f} %); treadctl never does, so write 0 or more there")
        if value > 100:
            raise Misfit(row.line, f"{value:f} % is a wall; correct the inclination there")
        if whole(value * 10) != value * 10:
            self.told.add("inclines were rounded to 0.1 %")
        return percent(value)

    def _length(self, row: Element, speed: Speed | None) -> int:
        clock = _CLOCK.fullmatch(row.attributes.get("duration", "").strip())
        hours, minutes, rest_of_it = (int(part) for part in clock.groups()) if clock else (0, 0, 0)
        seconds = hours * 3600 + minutes * 60 + rest_of_it
        metres = number(row.attributes.get("distance", "0"), "distance", row.line) * 1000
        if not seconds and metres > 0 and speed is not None:
            return metres_at(metres, speed, row.line, self.told)
        if clock is None:
            shown = quoted(row.attributes.get("duration", ""))
            raise Misfit(row.line, f"{shown} is no length of a row; write it with two digits each, such as 00:01:30")
        return seconds_of(Decimal(seconds), row.line)

    def _texts(self, row: Element) -> tuple[str, str]:
        """The label that says the direction or a rest, and the cue."""
        texts = [event.attributes.get("message", "") for event in row.all("textevent")]
        label = next((text for text in texts if has_prefix(text) or rest_name(text) is not None), "")
        others = [text for text in texts if text and text != label]
        if len(others) > 1:
            self.told.add("only the first cue of a step was kept")
        if not label and others:
            return others[0], "" if len(others) < 2 else others[1]
        return label, others[0] if others else ""
