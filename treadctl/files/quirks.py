"""What is known of machines before they are met: `treadctl/machines/*.toml`, one file a machine, each with its source.

A quirk says how a machine was reported to behave. The simulator plays it, and `merged` lays it under the record of a
real one: it restricts, it never permits. This module knows no Bluetooth and takes no decision about belts.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from treadctl.files.habits import (
    BLIND,
    FASTER_THAN_TOLD,
    HINTS,
    IN_MILES,
    LOCKED,
    NO_INCLINE,
    NO_START,
    NO_STOP,
    PAUSE_HARMS,
    Habit,
    Habits,
)
from treadctl.model.errors import InvalidFile, UsageError
from treadctl.model.machine import InclineRange, LinkInfo, Manual, Record, SpeedRange
from treadctl.model.text import safe_text
from treadctl.model.units import LARGEST, Incline, Ms, Speed, kmh, percent

SHIPPED = Path(__file__).resolve().parent.parent / "machines"
LONGEST_NAME = 200
"""Of a name from the air so much is compared; patterns are shorter."""
WHOLE_PERCENT = 10
STANDSTILL = Speed(0)
HIGH_MINIMUM = 80
"""0.8 km/h: an owner is told of a minimum above it."""


class Answers(Enum):
    """How a machine answers a Control Point request."""

    INDICATION = "indication"
    NOTIFICATION = "notification"
    """The Control Point notifies where the standard wants it to indicate."""
    STATUS = "status"
    """Never indicates; a change shows on Fitness Machine Status only."""


class Packets(Enum):
    """What a machine puts into Treadmill Data."""

    SHORT = "short"
    """Speed, distance, incline, energy, elapsed time (flags 048C): fits one notification at MTU 23."""
    FULL = "full"
    """Nearly every field, in More Data parts at MTU 23."""
    CUT = "cut"
    """Nearly every field announced, and the notification cut off after 20 octets."""


@dataclass(frozen=True, slots=True)
class Match:
    """Shell patterns by which a connected machine is known; one of each kind that is given has to fit."""

    name: tuple[str, ...] = ()
    maker: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    firmware: tuple[str, ...] = ()

    def fits(self, info: LinkInfo) -> tuple[int, int] | None:
        """How closely: kinds that fit, and letters that are no wildcard. None: it is another machine."""
        kinds = ((self.name, info.name), (self.maker, info.maker), (self.model, info.model),
                 (self.firmware, info.firmware))
        letters = [_letters(patterns, text) for patterns, text in kinds if patterns]
        if not letters or 0 in letters:
            return None
        return len(letters), sum(letters)


def _letters(patterns: tuple[str, ...], text: str) -> int:
    """Letters of the longest pattern that fits, 0 if none does."""
    small = text[:LONGEST_NAME].lower()
    return max((len(p.replace("*", "").replace("?", "")) for p in patterns if fnmatchcase(small, p.lower())), default=0)


@dataclass(frozen=True, slots=True)
class Quirk:
    """One machine's personality: everything the simulator needs, and the record that a simulated one brings along.

    Speeds are 0.01 km/h, `acceleration` and `braking` 0.01 km/h per s, `incline_rate` 0.1 % per s, times ms.
    `start_delay` is Start to first motion, `lag` any other command to its first effect, `timer` the firmware's own
    limit on one run (0: none). `speed` and `incline` are what the machine tells, in its own units. `source` says where
    the numbers come from. Without a `match` it is no machine but a kind of one.

    `first_zero` is the silence from standstill to the first zero, `drops_out` every how many samples one tells zero,
    `steps` the octets of a step counter behind the sample; commands and subscriptions closer than `commands_apart` and
    `subscriptions_apart` are lost; idle for `idle_limit` it hangs up; `drifts_after` a command it goes to `drifts_to`.
    A wrong incline is told `incline_factor` times the true one and `incline_offset`. `feature` and `training` are
    octets that are always the same.
    """

    name: str
    title: str
    source: str
    record: Record
    speed: SpeedRange
    match: Match | None = None
    maker: str = "treadsim"
    model: str = ""
    firmware: str = "1"
    habits: Habits = frozenset()
    incline: InclineRange | None = None
    start_speed: Speed = STANDSTILL
    start_delay: Ms = 4000
    lag: Ms = 1400
    acceleration: int = 50
    braking: int = 80
    incline_rate: int = 5
    timer: Ms = 0
    drifts_after: Ms = 0
    drifts_to: Speed = STANDSTILL
    sample_every: Ms = 500
    first_zero: Ms = 0
    drops_out: int = 0
    steps: int = 0
    packets: Packets = Packets.SHORT
    answers: Answers = Answers.INDICATION
    answer_after: Ms = 60
    commands_apart: Ms = 0
    subscriptions_apart: Ms = 0
    idle_limit: Ms = 0
    incline_factor: Decimal = Decimal(1)
    incline_offset: int = 0
    feature: bytes | None = None
    training: bytes | None = None

    def has(self, *habits: Habit) -> bool:
        """Whether it has one of these."""
        return bool(self.habits) and not self.habits.isdisjoint(habits)  # most have none, and it is asked all the time

    @property
    def control(self) -> bool:
        """Whether it obeys anything that treadctl sends."""
        return not self.habits & LOCKED

    @property
    def honest(self) -> bool:
        """Whether its belt runs no faster than the last command."""
        return not self.habits & FASTER_THAN_TOLD

    @property
    def shown_name(self) -> str:
        """The name that it goes by on the air, which may be none."""
        return "" if self.has(Habit.NAMELESS) else self.record.name

    @property
    def told_speed(self) -> SpeedRange:
        """Supported Speed Range as it tells it."""
        return replace(self.speed, increment=Speed(0)) if self.has(Habit.RANGE_WITHOUT_INCREMENT) else self.speed

    @property
    def told_incline(self) -> InclineRange | None:
        """Supported Inclination Range as it tells it, if it does."""
        if self.has(Habit.INCLINE_RANGE_ZERO):
            return InclineRange(Incline(0), Incline(0), 0)
        return None if self.has(Habit.INCLINE_RANGE_MISSING) else self.incline


# --- under a record --------------------------------------------------------------------------------------------------


def merged(record: Record, quirk: Quirk | None) -> Record:
    """This record with the quirk under it. The quirk takes away; what was not measured stays unknown."""
    if quirk is None:
        return record
    habits = quirk.habits
    return replace(
        record,
        speed=_narrower(record.speed, quirk.speed),
        incline=_gentler(record.incline, quirk),
        control=record.control and quirk.control,
        remote_start=_unless(record.remote_start, habits & NO_START),
        stop_works=_unless(record.stop_works, habits & NO_STOP),
        samples_at_standstill=_unless(record.samples_at_standstill, _silent(quirk)),
        units_read_by_owner=record.units_read_by_owner and not habits & IN_MILES,
        pause_proven=record.pause_proven and not habits & PAUSE_HARMS,
        resume_speed=None if quirk.has(Habit.RESUMES_SPEED) else record.resume_speed,
        counts_itself=record.counts_itself or quirk.start_delay,
    )


def _unless(measured: bool | None, bad: object) -> bool | None:
    """What was measured to work and is known not to. Unmeasured stays unmeasured."""
    return False if measured and bad else measured


def _silent(quirk: Quirk) -> bool:
    return quirk.has(Habit.SILENT_AT_STANDSTILL) or quirk.first_zero > 0


def _narrower(measured: SpeedRange | None, known: SpeedRange) -> SpeedRange | None:
    """The later minimum, the earlier maximum, the coarser step. A range that makes no sense gets no better."""
    if measured is None or not measured.sane:
        return measured
    return SpeedRange(
        max(measured.minimum, known.minimum), min(measured.maximum, known.maximum),
        max(measured.increment, known.increment),
    )


def _gentler(measured: InclineRange | None, quirk: Quirk) -> InclineRange | None:
    """As speeds; None where it may not be set. Whole percents count from 0, where every walk begins."""
    known = quirk.incline
    if measured is None or known is None or quirk.habits & NO_INCLINE:
        return None
    if not measured.sane:
        return measured
    least = WHOLE_PERCENT if quirk.has(Habit.INCLINE_WHOLE) else 0
    return InclineRange(
        max(measured.minimum, known.minimum), min(measured.maximum, known.maximum),
        max(measured.increment, known.increment, least),
    )


def commissioned(quirk: Quirk) -> Record:
    """What both parts of commissioning measure on a machine of this personality, where nothing comes between.

    What does come between is seen where a commissioning is simulated; then less is learnt than this, and never more.

    A machine that nobody can measure has told its ranges and no more. Where a person at the console does what treadctl
    cannot, nobody's times but the person's could be measured.
    """
    blind = bool(quirk.habits & BLIND)
    driven = quirk.control and not blind
    measured = Record(
        name=quirk.record.name,
        firmware=quirk.firmware,
        speed=quirk.told_speed,
        told=quirk.told_speed,
        incline=quirk.told_incline,
        start_speed=None if blind else quirk.start_speed,
        start_lag=None if quirk.habits & NO_START else quirk.start_delay,
        lag=quirk.lag if driven else None,
        stop_lag=quirk.lag + 200 * 1000 // quirk.braking if driven else None,
        sample_interval=None if quirk.has(Habit.SILENT_UNTIL_UNLOCKED) else quirk.sample_every,
        samples_at_standstill=None if quirk.has(Habit.SILENT_UNTIL_UNLOCKED) else True,
        remote_start=True,
        stop_works=True,
        units_read_by_owner=not blind,
        resume_speed=None if blind else quirk.start_speed,
        counts_itself=quirk.start_delay,
        ramp=quirk.acceleration if driven else None,
        manual=Manual.ALLOWS,
        rails_facing_away=True,
        dead_mill_attested=True,
        runs_on=True,
    )
    return merged(measured, quirk)


def hints(quirk: Quirk) -> tuple[str, ...]:
    """One sentence for each peculiarity, for the owner."""
    numbers = (
        (quirk.speed.minimum > HIGH_MINIMUM, f"Its lowest speed is {quirk.speed.minimum} km/h."),
        (quirk.timer, f"It stops by itself after {quirk.timer // 60_000} minutes."),
        (quirk.drifts_after, f"It was reported to go back to {quirk.drifts_to} km/h a moment after a command."),
        (quirk.first_zero, "It falls silent when its belt stands; a zero comes late or never."),
        (quirk.drops_out, "It tells a zero now and then while its belt runs; treadctl may stop it for that."),
        (quirk.idle_limit, "It hangs up when nobody walks for a while."),
        (quirk.commands_apart, f"It loses commands that follow within {quirk.commands_apart / 1000:g} s."),
    )
    found = [HINTS[habit] for habit in Habit if habit in quirk.habits]
    return (*found, *(sentence for there, sentence in numbers if there))


# --- finding ---------------------------------------------------------------------------------------------------------


def quirk_names() -> list[str]:
    """The shipped personalities, the reference machine first."""
    names = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    return sorted(names, key=lambda name: name != "reference")


@lru_cache(maxsize=1)
def known_machines() -> tuple[Quirk, ...]:
    """Every shipped quirk of a real machine, by name."""
    return tuple(quirk for quirk in map(load_quirk, quirk_names()) if quirk.match is not None)


def quirk_for(info: LinkInfo) -> Quirk | None:
    """What is known of this connected machine: the quirk whose patterns fit most closely, the first of equals."""
    best: tuple[tuple[int, int], Quirk] | None = None
    for quirk in known_machines():
        fit = None if quirk.match is None else quirk.match.fits(info)
        if fit is not None and (best is None or fit > best[0]):
            best = fit, quirk
    return None if best is None else best[1]


def check_quirk(name: str) -> None:
    """Whether there is a personality of this name. Raises UsageError with the names near it, else with all."""
    names = quirk_names()
    if name in names:
        return
    wish = name[:40].lower()
    near = [one for one in names if wish and wish in one][:3] or difflib.get_close_matches(wish, names, 3)
    meant = " or ".join(filter(None, (", ".join(near[:-1]), *near[-1:])))
    hint = f"did you mean {meant}?" if near else f"there are: {', '.join(names)}."
    raise UsageError(f"There is no simulated treadmill '{safe_text(name, 40)}'; {hint}")


@lru_cache(maxsize=128)
def load_quirk(name: str) -> Quirk:
    """The personality of this name. Raises UsageError for an unknown name, InvalidFile for a broken file."""
    check_quirk(name)
    return parse_quirk((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), name)


# --- reading ---------------------------------------------------------------------------------------------------------


def parse_quirk(text: str, name: str) -> Quirk:
    """The personality that this TOML text describes. Raises InvalidFile."""
    file = f"{name}.toml"
    try:
        data = tomllib.loads(text, parse_float=Decimal)
        return _quirk(name, data)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFile(file, 1, 1, f"this is not TOML ({_short(error)}); repair it") from None
    except KeyError as error:
        raise InvalidFile(file, 1, 1, f"{_short(error)} is missing; write it") from None
    except RecursionError:
        raise InvalidFile(file, 1, 1, "brackets are nested by the thousand; repair it") from None
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InvalidFile(file, 1, 1, f"{_short(error)}; repair it") from None


def _short(error: Exception) -> str:
    """What a file's own words made of a message, fit to be shown: they may be as long as the file."""
    return safe_text(str(error), 200)


def _quirk(name: str, data: Mapping[str, Any]) -> Quirk:
    known = {"title", "source", "device", "match", "habits", "speed", "incline", "belt", "wire", "record"}
    _refuse_unknown(data, known | set(_TOP), "a machine file")
    belt, speed = dict(data.get("belt", {})), _speed_range(data["speed"])
    belt.setdefault("start_speed", data["speed"]["minimum"])
    quirk = Quirk(
        name=name,
        title=_text(data["title"]),
        source=_text(data["source"]),
        record=Record(name=_text(data["device"])),
        speed=speed,
        match=_match(dict(data["match"])) if "match" in data else None,
        habits=frozenset(Habit(word) for word in _texts(data.get("habits", []))),
        incline=_incline_range(data["incline"]) if "incline" in data else None,
        **_values({key: data[key] for key in data if key in _TOP}, _TOP, "a machine file"),
        **_values(belt, _BELT, "[belt]"),
        **_values(dict(data.get("wire", {})), _WIRE, "[wire]"),
    )
    seen = _values(dict(data.get("record", {})), _RECORD, "[record]")
    return replace(quirk, record=replace(commissioned(quirk), **seen))


def _match(data: Mapping[str, Any]) -> Match:
    kinds = ("name", "maker", "model", "firmware")
    _refuse_unknown(data, set(kinds), "[match]")
    if not data:
        raise ValueError("[match] needs a pattern of name, maker, model or firmware")
    return Match(**{kind: _texts(data[kind]) for kind in kinds if kind in data})


Reader = Callable[[Any], Any]


def _ms(value: Any) -> Ms:
    return int(_number(value) * 1000)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not 0 <= value <= LARGEST:
        raise ValueError(f"{value!r} is no time in seconds, and no other number from 0")
    return Decimal(value)


def _count(value: Any) -> int:
    return int(_number(value))


def _speed(value: Any) -> Speed:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"{value!r} is no speed in km/h")
    return kmh(value)


def _rate(value: Any) -> int:
    rate = int(_speed(value))
    if rate == 0:
        raise ValueError("a belt that never changes its speed is no belt: write a rate above 0")
    return rate


def _incline_rate(value: Any) -> int:
    return max(1, int(percent(value)))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is no text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list of texts")
    return tuple(_text(item) for item in value)


def _octets(value: Any) -> bytes:
    return bytes.fromhex(value) if value == "" else bytes.fromhex(_text(value))


_TOP: dict[str, tuple[str, Reader]] = {
    "maker": ("maker", _text), "model": ("model", _text), "firmware": ("firmware", _text),
}
_BELT: dict[str, tuple[str, Reader]] = {
    "start_speed": ("start_speed", _speed),
    "start_delay": ("start_delay", _ms),
    "lag": ("lag", _ms),
    "acceleration": ("acceleration", _rate),
    "braking": ("braking", _rate),
    "incline_rate": ("incline_rate", _incline_rate),
    "timer": ("timer", _ms),
    "drifts_after": ("drifts_after", _ms),
    "drifts_to": ("drifts_to", _speed),
}
_WIRE: dict[str, tuple[str, Reader]] = {
    "sample_every": ("sample_every", _ms),
    "first_zero": ("first_zero", _ms),
    "drops_out": ("drops_out", _count),
    "steps": ("steps", _count),
    "packets": ("packets", Packets),
    "answers": ("answers", Answers),
    "answer_after": ("answer_after", _ms),
    "commands_apart": ("commands_apart", _ms),
    "subscriptions_apart": ("subscriptions_apart", _ms),
    "idle_limit": ("idle_limit", _ms),
    "incline_factor": ("incline_factor", _number),
    "incline_offset": ("incline_offset", percent),
    "feature": ("feature", _octets),
    "training": ("training", _octets),
}
_RECORD: dict[str, tuple[str, Reader]] = {
    "units_read_by_owner": ("units_read_by_owner", _flag),
    "pause_proven": ("pause_proven", _flag),
    "counts_itself": ("counts_itself", _ms),
    "manual": ("manual", Manual),
    "rails_facing_away": ("rails_facing_away", _flag),
    "stop_works": ("stop_works", _flag),
}
"""Key in the file -> field, and how its value is read. Units in the files: km/h, km/h per s, %, s, hexadecimal."""


def _values(data: Mapping[str, Any], table: Mapping[str, tuple[str, Reader]], where: str) -> dict[str, Any]:
    _refuse_unknown(data, set(table), where)
    return {table[key][0]: table[key][1](value) for key, value in data.items()}


def _refuse_unknown(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise ValueError(f"{where} has no {key!r}, only {', '.join(sorted(known))}")


def _speed_range(data: Mapping[str, Any]) -> SpeedRange:
    return SpeedRange(_speed(data["minimum"]), _speed(data["maximum"]), _speed(data["increment"]))


def _incline_range(data: Mapping[str, Any]) -> InclineRange:
    return InclineRange(percent(data["minimum"]), percent(data["maximum"]), int(percent(data["increment"])))
