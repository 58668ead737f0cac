"""The walker's body: what was done to the person, judged from the true belt and the words really heard.

It takes nothing from the program under test but what came out of the loudspeaker, so a controller cannot talk itself
clear. Speeds are true belt speeds in 0.01 km/h.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from treadctl.model.limits import Limits
from treadctl.model.program import Facing, Segment, Walk, totals
from treadctl.model.units import Ms, Speed, clock

from .belt import Cause, Change
from .report import Verdict

MOVING = 10
"""0.1 km/h: slower than this nobody falls over it, and consoles show 0."""
REACTION: Ms = 300
"""The least between the end of the words and the belt's doing it; chosen as a simple reaction with margin."""
IN_MIND: Ms = 20_000
"""Words older than this announce nothing; chosen, a little more than the 15 s of the first heads-up."""
ONE_RAMP: Ms = 4_000
"""Changes closer together than this are one ramp: steps are at most 2 s apart."""
TOLERANCE = 5
"""0.05 km/h over a limit: rounding of the machine."""
BOUT_SLACK: Ms = 25_000
"""What a bout may last beyond its plan: the ease, the lag and the braking at its end."""

COUNT_WORDS = ("one", "now the treadmill counts")


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance heard to its end."""

    begin: Ms
    end: Ms
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """`gone` ms went by until `now`, the belt at `speed`; `walk` is what the screen says is walked, if anything."""

    now: Ms
    gone: Ms
    speed: float
    facing: Facing
    turning: bool
    walk: Walk | None


@dataclass(frozen=True, slots=True)
class Ramp:
    """Changes in one direction without a pause: one event for the person. `at` is its begin."""

    at: Ms
    before: int
    after: int

    @property
    def kind(self) -> str:
        if self.after < self.before:
            return "stop" if self.after == 0 else "slower"
        return "start" if self.before == 0 else "faster"


def ramps(changes: Sequence[Change]) -> Iterator[Ramp]:
    """The commanded changes, joined to ramps; what others did to the belt is not the program's to announce."""
    current: Ramp | None = None
    last: Ms = 0
    for change in changes:
        if change.cause is not Cause.COMMAND:
            continue
        if current is not None and change.at - last <= ONE_RAMP and _same_way(current, change):
            current = Ramp(current.at, current.before, change.after)
        else:
            if current is not None:
                yield current
            current = Ramp(change.at, change.before, change.after)
        last = change.at
    if current is not None:
        yield current


def _same_way(ramp: Ramp, change: Change) -> bool:
    """A start is a ramp of its own: what comes after it has to be announced again."""
    return ramp.before > 0 and (ramp.after > ramp.before) == (change.after > change.before)


def names(text: str, ramp: Ramp) -> bool:
    """Whether these words announce this ramp."""
    words = text.lower()
    if ramp.kind == "stop":
        return "stopping" in words
    if ramp.kind == "start":
        return words.split(".")[0] in COUNT_WORDS
    numbers = [round(float(number) * 100) for number in re.findall(r"\d+\.\d+", words)]
    if ramp.kind == "slower":
        return "slower" in words and any(number <= ramp.after + TOLERANCE for number in numbers)
    return "faster" in words and any(number >= ramp.after - TOLERANCE for number in numbers)


class Body:
    """Watches one walk. Feed it in order of time; `verdicts` at the end."""

    def __init__(self, segments: Sequence[Segment], limits: Limits) -> None:
        self._segments = segments
        self._limits = limits
        self._heard: list[Heard] = []
        self._changes: list[Change] = []
        self._turned: tuple[Ms, str] | None = None
        self._wrong_way: tuple[Ms, str] | None = None
        self._too_fast: tuple[Ms, str] | None = None
        self.moved: dict[Facing, Ms] = dict.fromkeys(Facing, 0)
        self.top: dict[Facing, int] = dict.fromkeys(Facing, 0)

    def heard(self, begin: Ms, end: Ms, text: str) -> None:
        """An utterance was heard to its end."""
        self._heard.append(Heard(begin, end, text))

    def changed(self, change: Change) -> None:
        """The belt began a ramp."""
        self._changes.append(change)

    def carried(self, moment: Moment) -> None:
        """A little time went by."""
        speed, facing = moment.speed, moment.facing
        if speed <= MOVING:
            return
        if moment.turning and self._turned is None:
            self._turned = (moment.now, f"turned while the belt ran at {Speed(round(speed))} km/h")
        self.moved[facing] += moment.gone
        if speed > self.top[facing]:
            self.top[facing] = round(speed)
            if speed > self._limits.speed(facing).value + TOLERANCE and self._too_fast is None:
                self._too_fast = (moment.now, f"{Speed(round(speed))} km/h {facing.value}")
        walk = moment.walk
        if walk is not None and walk.facing is not facing and self._wrong_way is None:
            self._wrong_way = (moment.now, f"faced {facing.value} where line {walk.line} walks {walk.facing.value}")

    # --- judgement ---------------------------------------------------------------------------------------------------

    def verdicts(self, broken: Ms | None = None) -> tuple[Verdict, ...]:
        """What was done to the walker. After a fault at `broken` a stop is an answer, and no plan holds any more."""
        too_fast = self._too_fast
        if too_fast is not None and broken is not None and too_fast[0] >= broken:
            too_fast = None
        found = (
            self._announced("every rise was announced", ("start", "faster")),
            self._announced("every stop and easing was announced", ("stop", "slower"), broken),
            _verdict("never turned on a moving belt", self._turned),
            _verdict("faced as the program said", self._wrong_way),
            _verdict("stayed under the limits", too_fast, self._tops()),
        )
        return found if broken is not None else (*found, self._as_planned())

    def _announced(self, name: str, kinds: tuple[str, ...], until: Ms | None = None) -> Verdict:
        least: Ms | None = None
        fell: Ms = -1
        count = 0
        for ramp in ramps(self._changes):
            if ramp.kind in kinds and (until is None or ramp.at < until):
                warned = self._warning(ramp, fell)
                if warned is None:
                    words = f"{Speed(ramp.before)} to {Speed(ramp.after)} km/h came without words heard before it"
                    return Verdict(name, False, f"at {clock(ramp.at)}: {words}")
                count, least = count + 1, warned if least is None else min(least, warned)
            if ramp.after < ramp.before:
                fell = ramp.at
        warning = "" if least is None else f"; the shortest warning was {least / 1000:.1f} s"
        return Verdict(name, True, f"{count} in all{warning}")

    def _warning(self, ramp: Ramp, fell: Ms) -> Ms | None:
        """How long before the ramp its words were over; None if there were none. Words from before a fall are spent."""
        after = fell if ramp.kind in ("start", "faster") else -1
        for heard in reversed(self._heard):
            gone = ramp.at - heard.end
            if gone > IN_MIND:
                return None
            if gone >= REACTION and heard.end > after and names(heard.text, ramp):
                return gone
        return None

    def _tops(self) -> str:
        return ", ".join(f"{Speed(top)} km/h {facing.value} at most" for facing, top in self.top.items() if top)

    def _as_planned(self) -> Verdict:
        """Walked each way as long as the program says: a controller that leaves the turn out cannot do that."""
        figures, name = totals(self._segments), "walked each way as planned"
        for facing, seconds in ((Facing.FORWARD, figures.forward), (Facing.BACKWARD, figures.backward)):
            planned, moved = seconds * 1000, self.moved[facing]
            bouts = sum(isinstance(s, Walk) and s.facing is facing for s in self._segments)
            if not planned * 95 // 100 - 2000 <= moved <= planned + bouts * BOUT_SLACK:
                return Verdict(name, False, f"{clock(moved)} {facing.value} instead of {clock(planned)}")
        both = [f"{clock(ms)} {facing.value}" for facing, ms in self.moved.items()]
        return Verdict(name, True, ", ".join(both))


def _verdict(name: str, wrong: tuple[Ms, str] | None, fine: str = "") -> Verdict:
    return Verdict(name, True, fine) if wrong is None else Verdict(name, False, f"at {clock(wrong[0])}: {wrong[1]}")
