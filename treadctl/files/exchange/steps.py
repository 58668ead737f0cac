"""What all foreign formats share: direction in a step's name, speeds from paces and shares, and what was lost.

Foreign files know no direction of facing. It is written into names ("Backward: First bout") and read from them, and
every such reading is told. This module must not know any format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from treadctl.files.misfit import Misfit
from treadctl.files.profile.models import MAX_SAY
from treadctl.model.program import FLAT, DeadMill, Facing, InclineSteps, Item, OffTreadmill, Repeat, Rest, Walk
from treadctl.model.text import MAX_NAME, is_hidden, quoted
from treadctl.model.units import Incline, Speed, kmh

STAIR_SECONDS = 60
MAX_STAIRS = 20
"""A slope of speed becomes steps of about a minute. Chosen: every step is announced, and nobody wants more."""
FOREIGN_TEXT = 1000
"""Characters of a foreign text that are looked at. Chosen: three times the longest that a profile holds."""
LABEL_SECONDS = 5
"""A message this soon after a step's begin speaks of the step; a later one may speak of the next."""
CUE_SECOND = 6
"""Where a cue is put on export: late enough not to be taken for the step's name."""


SHARES = "this format gives speeds as a share of your threshold speed"


@dataclass(slots=True)
class Told:
    """The sentences about what was lost, guessed or changed; each is kept once, with the number of places."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, sentence: str) -> None:
        self.counts[sentence] = self.counts.get(sentence, 0) + 1

    def sentences(self) -> tuple[str, ...]:
        return tuple(text if count == 1 else f"{text} ({count} times)" for text, count in self.counts.items())


@dataclass(frozen=True, slots=True)
class Imported:
    """A program from a foreign file, not yet judged, and what is to be told about it."""

    name: str
    items: tuple[Item, ...]
    author: str = ""
    summary: str = ""


# --- names ---------------------------------------------------------------------------------------------------------

_BACKWARD = re.compile(r"\b(backwards?|retro)\b", re.IGNORECASE)
_PREFIX = re.compile(r"\s*(backward|forward)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_REST = re.compile(r"\s*rest\b(\s*:)?\s*(.*)", re.IGNORECASE | re.DOTALL)


def has_prefix(label: str) -> bool:
    """Whether a label says its direction the way treadctl writes it."""
    return _PREFIX.fullmatch(label) is not None


def facing_of(label: str) -> tuple[Facing, str]:
    """The direction that a step's label says (forward where it says none), and the name that is left of it."""
    match = _PREFIX.fullmatch(label)
    if match is not None:
        return Facing(match[1].lower()), match[2]
    return (Facing.BACKWARD if _BACKWARD.search(label) else Facing.FORWARD), label


def label_of(facing: Facing, name: str, *, always: bool = False) -> str:
    """The label of a walk from which `facing_of` reads the same direction. `always`: with the prefix in any case."""
    if not name and not (always and facing is Facing.BACKWARD):
        return "" if facing is Facing.FORWARD else "Backward"
    if not always and facing_of(name) == (facing, name):
        return name
    return f"{facing.value.capitalize()}: {name}".rstrip()


def rest_name(label: str) -> str | None:
    """The name of the rest that a label speaks of, None where it speaks of none."""
    match = _REST.fullmatch(label)
    return None if match is None else match[2]


def rest_label(name: str) -> str:
    return f"Rest: {name}" if name else "Rest"


def clean(text: str, limit: int, told: Told) -> str:
    """Foreign text as a profile may hold it: one line, nothing hidden, not too long."""
    shown = "".join(c for c in text[:FOREIGN_TEXT] if c.isspace() or not is_hidden(c))
    plain = " ".join(shown.split())
    if len(plain) > limit or len(text) > FOREIGN_TEXT:
        told.add(f"a text of more than {limit} characters was cut")
    return plain[:limit].rstrip()


def walk(
    label: str, seconds: int, speed: Speed, line: int, told: Told, *, say: str = "", slope: Incline = FLAT
) -> Walk:
    """A walk whose direction its label says. Reading it as backward is told: a stranger's word decides it here."""
    facing, name = facing_of(label)
    if facing is Facing.BACKWARD and not has_prefix(label):
        told.add("a step is walked backward, because its text says so")
    return Walk(facing, seconds, speed, slope, clean(name, MAX_NAME, told), clean(say, MAX_SAY, told), line)


def rest(name: str, seconds: int, line: int, told: Told, say: str = "") -> Rest:
    return Rest(seconds, clean(name, MAX_NAME, told), clean(say, MAX_SAY, told), line)


# --- numbers -------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\s*(-?[0-9]{1,9}(?:\.[0-9]{1,18})?)\s*")


def number(text: str, noun: str, line: int) -> Decimal:
    """A decimal number without exponent. Raises Misfit."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        comma = "; write decimals with a point" if "," in text else ""
        raise Misfit(line, f"{quoted(text)} is no {noun}{comma or '; correct it there'}")
    return Decimal(match[1])


def whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def seconds_of(value: Decimal, line: int) -> int:
    """A length of a step in whole seconds, one at least. Raises Misfit."""
    if not 0 < value < 1_000_000:
        raise Misfit(line, f"a step of {value:f} seconds cannot be walked; give it a length")
    return max(1, whole(value))


def speed_of(value: Decimal, line: int) -> Speed:
    """So many km/h as a speed above zero. Raises Misfit."""
    if not Decimal("0.005") <= value <= 600:
        raise Misfit(line, f"{value:.6g} km/h is no walking speed; correct this step")
    return kmh(value)


def pace_of(seconds_per_km: Decimal, line: int) -> Speed:
    if seconds_per_km <= 0:
        raise Misfit(line, "a pace of 0 is no speed; correct this step")
    return speed_of(3600 / seconds_per_km, line)


def share_of(threshold: Speed | None, share: Decimal, line: int) -> Speed:
    """A share of the threshold speed (1 is all of it). Raises Misfit where nobody told that speed."""
    if threshold is None:
        raise Misfit(line, f"{SHARES}; add --threshold-speed 6.0km/h with yours")
    return speed_of(share * threshold / 100, line)


def metres_at(metres: Decimal, speed: Speed, line: int, told: Told) -> int:
    """How long a distance takes: treadctl's segments have a length of time."""
    told.add("a step with a length in metres was given the time it takes at its speed")
    return seconds_of(metres * 360 / speed, line)


def lower(low: Speed, high: Speed, told: Told) -> Speed:
    """Of a range of speeds the lower end."""
    if low != high:
        told.add("of a range of speeds the lower end was taken")
    return min(low, high)


def stairs(seconds: int, begin: Speed, end: Speed, told: Told) -> Iterator[tuple[int, Speed]]:
    """A speed that changes evenly, as steps at the speed of their middles."""
    count = 1 if begin == end else max(1, min(seconds // STAIR_SECONDS, MAX_STAIRS))
    if begin != end:
        told.add("a speed that changes evenly became steps of about a minute")
    for step in range(count):
        length = seconds * (step + 1) // count - seconds * step // count
        yield length, Speed(begin + (end - begin) * (2 * step + 1) // (2 * count))


# --- what foreign files have no words for --------------------------------------------------------------------------


def without_losses(items: Sequence[Item], told: Told, *, nested: bool) -> tuple[Item, ...]:
    """The items with everything left out that no foreign format can say: flat walks and rests, in repeats of one level
    or (`nested`) as they are. Each loss is told."""
    return tuple(kept for item in items for kept in _kept(item, told, nested))


def _kept(item: Item, told: Told, nested: bool) -> Iterator[Item]:
    match item:
        case Repeat():
            inner = without_losses(item.segments, told, nested=nested)
            if inner and (nested or not any(isinstance(one, Repeat) for one in inner)):
                yield Repeat(item.times, inner, item.line)
            elif inner:
                told.add("repeats inside repeats were written out")
                for _ in range(item.times):
                    yield from inner
        case Walk():
            yield _flat(item, told)
        case Rest():
            yield item
        case OffTreadmill():
            told.add("time beside the treadmill became a rest")
            yield Rest(item.seconds, item.name, item.say, item.line)
        case DeadMill():
            told.add("pushing the switched-off belt was left out")


def _flat(item: Walk, told: Told) -> Walk:
    slope = item.incline
    top = max(slope.start, slope.end) if isinstance(slope, InclineSteps) else slope
    if top:
        told.add("inclines were left out: the format has none")
    return Walk(item.facing, item.seconds, item.speed, FLAT, item.name, item.say, item.line)
