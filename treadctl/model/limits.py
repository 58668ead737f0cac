"""Limits: how fast, how steep, how long. The smallest of all that apply wins, and its reason is kept.

Hard values live here and in no configuration; nothing raises a limit. Where no source is named, a number was chosen, on
the side of whoever walks backward for the first time. Judging a program means comparing integers and naming the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from .heart import highest_tenths
from .machine import COARSE, INCREMENT_MAX, Backward, Manual, Record, backward_permission
from .person import Level, Person
from .program import DeadMill, Facing, Problem, Segment, Turn, Walk, bouts, incline_of, totals
from .units import Incline, Ms, Speed, clock, snap_down

HARD_BACKWARD = Speed(500)
"""5.0 km/h: the backward walk-run transition is 5.87 +- 0.40 km/h (Hreljac 2005)."""
HARD_FORWARD = Speed(800)
"""8.0 km/h: treadctl walks, it does not run."""
CAREFUL_BACKWARD = Speed(200)
"""2.0 km/h: elderly fallers all walked backward below 2.16 km/h (Fritz 2013)."""

UNKNOWN_LOSS_BACKWARD = Speed(200)
"""2.0 km/h: what this machine does when its link is lost was not measured yet (docs/hazards.md, A1)."""
UNKNOWN_LOSS = "what this machine does without its link is not known yet; treadctl commission --part 2 measures it"

CAREFUL = "65 or older, a fall in the past year, or a flag"

BACKWARD_SPEED = (120, 180, 250, 320, 400)
FORWARD_SPEED = (400, 500, 550, 600, 650)
BOUT_SECONDS = (60, 120, 300, 600, 900)
BACKWARD_SECONDS = (240, 480, 900, 1440, 1800)
BACKWARD_INCLINE = (0, 0, 30, 60, 100)
TURNS = (6, 6, 8, 8, 10)
HEART_PERCENT = (76, 76, 76, 80, 85)
FORWARD_INCLINE = (0, 30, 60, 100, 150)
"""Chosen, gentler than the backward experience of each level."""

BACKSTOP: Ms = 20_000
"""A bout may overrun its cap by this much at run time before it is ended."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit and why it is what it is."""

    value: int
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The effective limits of one person on one machine with one profile.

    Speeds in 0.01 km/h, inclines in 0.1 %, times in seconds, heart in beats a minute (None: age not known).
    `heart_needed`: without a heart rate this person does not walk on. `no_backward`: why this person may not walk
    backward at all, on no machine and on none that is switched off; empty where they may.
    """

    level: Level
    forward: Limit
    backward: Limit
    bout: Limit
    session: Limit
    backward_incline: Limit
    forward_incline: Limit
    turns: Limit
    heart: Limit | None = None
    heart_needed: bool = False
    careful: bool = False
    no_backward: str = ""

    def speed(self, facing: Facing) -> Limit:
        return self.forward if facing is Facing.FORWARD else self.backward

    def incline(self, facing: Facing) -> Limit:
        return self.forward_incline if facing is Facing.FORWARD else self.backward_incline


def level_limits(level: Level, because: str = "") -> Limits:
    """What a level alone allows: how a file is judged by its own declaration. `because`: why it is this level."""
    why = f"level {level.value} ({level.word})" + (f", because {because}" if because else "")
    return Limits(
        level=level,
        forward=Limit(FORWARD_SPEED[level], why),
        backward=Limit(BACKWARD_SPEED[level], why),
        bout=Limit(BOUT_SECONDS[level], why),
        session=Limit(BACKWARD_SECONDS[level], why),
        backward_incline=Limit(BACKWARD_INCLINE[level], why),
        forward_incline=Limit(FORWARD_INCLINE[level], why),
        turns=Limit(TURNS[level], why),
    )


def effective_limits(person: Person, record: Record | None = None, profile_level: Level | None = None) -> Limits:
    """The smallest of hard, level, person, profile and machine. `record` None: no machine is needed."""
    level, because = _level(person, record, profile_level)
    by_level = level_limits(level, because)
    return Limits(
        level=level,
        forward=_smallest(by_level.forward, *_forward_limits(person, record)),
        backward=_smallest(by_level.backward, *_backward_limits(person, record)),
        bout=by_level.bout,
        session=by_level.session,
        backward_incline=_smallest(by_level.backward_incline, *_incline_limits(record)),
        forward_incline=_smallest(by_level.forward_incline, *_incline_limits(record)),
        turns=by_level.turns,
        heart=_heart_limit(person, level),
        heart_needed=person.needs_heart_rate,
        careful=person.careful,
        no_backward=person.backward_refusal or "",
    )


def _level(person: Person, record: Record | None, profile_level: Level | None) -> tuple[Level, str]:
    """The lowest of the levels that apply, and why it is not the person's own; empty where it is."""
    found = [(person.level, "")]
    if person.careful:
        found.append((Level.L2, CAREFUL))
    if record is not None and record.manual is Manual.SILENT:
        found.append((Level.L2, "this machine's manual does not mention walking backward"))
    if profile_level is not None:
        found.append((profile_level, "the profile says so"))
    return min(found, key=lambda each: each[0])


def _smallest(first: Limit, *others: Limit) -> Limit:
    return min((first, *others), key=lambda limit: limit.value)


def _forward_limits(person: Person, record: Record | None) -> list[Limit]:
    found = [Limit(HARD_FORWARD, "treadctl walks, it does not run")]
    if person.own_forward_limit is not None:
        found.append(Limit(person.own_forward_limit, "your own limit"))
    if record is not None and record.speed is not None:
        found.append(Limit(record.speed.maximum, "this machine's top speed"))
    return found


def _backward_limits(person: Person, record: Record | None) -> list[Limit]:
    found = [Limit(HARD_BACKWARD, "nobody walks backward faster than 5.0 km/h with treadctl")]
    if person.backward_refusal is not None:
        found.append(Limit(0, person.backward_refusal))
    if person.careful:
        found.append(Limit(CAREFUL_BACKWARD, CAREFUL))
    if person.own_backward_limit is not None:
        found.append(Limit(person.own_backward_limit, "your own limit"))
    if person.comfortable_forward is not None:
        found.append(Limit(person.comfortable_forward // 2, "half of your comfortable forward speed"))
    if record is not None:
        found.extend(_backward_by_machine(record))
    return found


def _backward_by_machine(record: Record) -> list[Limit]:
    permission, reason = backward_permission(record)
    if permission is Backward.NO:
        return [Limit(0, reason)]
    assert record.speed is not None
    if record.speed.increment > INCREMENT_MAX:
        return [Limit(record.speed.minimum, COARSE)]
    unknown = [] if record.runs_on is not None else [Limit(UNKNOWN_LOSS_BACKWARD, UNKNOWN_LOSS)]
    return [Limit(record.speed.maximum, "this machine's top speed"), *unknown]


def _incline_limits(record: Record | None) -> list[Limit]:
    if record is None:
        return []
    if record.incline is None:
        return [Limit(0, "this machine has no incline that treadctl may set")]
    return [Limit(record.incline.maximum, "this machine's steepest incline")]


def _heart_limit(person: Person, level: Level) -> Limit | None:
    if person.age is None:
        return None
    share = HEART_PERCENT[level]
    return Limit(share * highest_tenths(person.age) // 1000, f"{share} % of 208 - 0.7 x age")


def check(segments: Sequence[Segment], limits: Limits, record: Record | None = None) -> list[Problem]:
    """Everything in an expanded program that these limits refuse, with its source line. Empty: it may be walked."""
    found = [p for s in segments if isinstance(s, Walk) for p in _walk_problems(s, limits, record)]
    found += [p for s in segments if isinstance(s, DeadMill) for p in _push_problems(s, limits)]
    return [*found, *_bout_problems(segments, limits), *_whole_problems(segments, limits), *_order_problems(segments)]


def _walk_problems(walk: Walk, limits: Limits, record: Record | None) -> list[Problem]:
    found = []
    way, top, slope = walk.facing.value, limits.speed(walk.facing), limits.incline(walk.facing)
    if walk.speed > top.value:
        found.append(Problem(walk.line, _too_fast(walk, limits, top)))
    if record is not None and record.speed is not None and walk.speed < record.speed.minimum:
        low = f"walks {walk.speed} km/h {way}, and this machine's lowest speed is {record.speed.minimum}"
        found.append(Problem(walk.line, low + "; write that or more"))
    incline = incline_of(walk)
    if incline > slope.value:
        steep = f"climbs {incline} % {way}; the limit is {Incline(slope.value)} % ({slope.reason})"
        found.append(Problem(walk.line, steep))
    if incline < 0:
        found.append(Problem(walk.line, f"goes downhill ({incline} %); treadctl never does, so write 0 % or more"))
    return found


def _push_problems(mill: DeadMill, limits: Limits) -> list[Problem]:
    if mill.facing is Facing.FORWARD or not limits.no_backward:
        return []
    return [Problem(mill.line, f"pushes the belt backward, which is not allowed here: {limits.no_backward}")]


def _too_fast(walk: Walk, limits: Limits, top: Limit) -> str:
    """A refusal says the reason, and what would change it."""
    said = f"walks {walk.speed} km/h {walk.facing.value}"
    table = BACKWARD_SPEED if walk.facing is Facing.BACKWARD else FORWARD_SPEED
    hard = HARD_BACKWARD if walk.facing is Facing.BACKWARD else HARD_FORWARD
    if walk.speed > hard:
        return f"{said}; the hard ceiling {walk.facing.value} is {hard} km/h, so write a lower speed"
    needed = next((level for level, value in enumerate(table) if walk.speed <= value), None)
    if top == level_limits(limits.level).speed(walk.facing) and needed is not None:
        return f"{said}, which needs level {needed}; the limit at level {limits.level.value} is {Speed(top.value)}"
    if top.value == 0:
        return f"{said}, which is not allowed here: {top.reason}"
    return f"{said}; the limit is {Speed(top.value)} ({top.reason}), so write that or less"


def _bout_problems(segments: Sequence[Segment], limits: Limits) -> list[Problem]:
    found = []
    for bout in bouts(segments):
        length = sum(walk.seconds for walk in bout)
        if bout[0].facing is Facing.BACKWARD and length > limits.bout.value:
            text = f"walks {clock(length * 1000)} backward in one bout; the limit is {clock(limits.bout.value * 1000)}"
            text += f" ({limits.bout.reason}), so put a rest or forward walking between"
            found.append(Problem(bout[0].line, text))
    return found


def _whole_problems(segments: Sequence[Segment], limits: Limits) -> list[Problem]:
    figures = totals(segments)
    found = []
    if figures.backward > limits.session.value:
        text = f"walks {clock(figures.backward * 1000)} backward in all; the limit is "
        found.append(Problem(0, f"{text}{clock(limits.session.value * 1000)} ({limits.session.reason})"))
    if figures.turns > limits.turns.value:
        text = f"turns round {figures.turns} times; the limit is {limits.turns.value} ({limits.turns.reason})"
        found.append(Problem(0, text))
    return found


def _order_problems(segments: Sequence[Segment]) -> list[Problem]:
    """No belt segment may follow a dead mill: the machine has been switched off."""
    seen = False
    for segment in segments:
        if seen and isinstance(segment, (Walk, Turn)):
            return [Problem(segment.line, "walks on the belt after a dead mill; put the dead mill at the end")]
        seen = seen or isinstance(segment, DeadMill)
    return []


HOLD_FORWARD: Ms = 10_000
HOLD_BACKWARD: Ms = 15_000
STEP_UP = 20
STEP_UP_CAREFUL = 10
"""0.1 km/h backward at L0 and L1; 0.2 otherwise, at least 1 s apart."""
STEADY_MIN: Ms = 15_000


def step_up(facing: Facing, level: Level) -> int:
    """The largest rise in one step and one second, in 0.01 km/h."""
    return STEP_UP_CAREFUL if facing is Facing.BACKWARD and level <= Level.L1 else STEP_UP


def hold_ms(facing: Facing | None) -> Ms:
    """How long the belt stays at its minimum after a start."""
    return HOLD_FORWARD if facing is Facing.FORWARD else HOLD_BACKWARD


def short_segments(segments: Sequence[Segment], limits: Limits, minimum: Speed) -> list[Problem]:
    """Warnings: walks after a standstill that are over before hold, ramp and 15 s of steady walking."""
    found = []
    for bout in bouts(segments):
        first = bout[0]
        rise = max(0, first.speed - minimum)
        needed = hold_ms(first.facing) + rise * 1000 // step_up(first.facing, limits.level) + STEADY_MIN
        _, begun = next(groupby(bout, key=lambda walk: (walk.line, walk.speed)))  # the incline may change in it
        length = sum(walk.seconds for walk in begun)
        if length * 1000 < needed:
            text = f"lasts {length} s, and hold, ramp and 15 s of walking need {-(-needed // 1000)} s"
            found.append(Problem(first.line, f"{text}; make it longer"))
    return found


def snapped(speed: Speed, record: Record) -> Speed:
    """The speed this machine can be set to, never above the one asked for. Below the minimum it stays unchanged."""
    if record.speed is None:
        return speed
    return Speed(snap_down(min(speed, record.speed.maximum), record.speed.minimum, record.speed.increment))
