"""Broken controllers that once hid behind what a rule excuses: a refusal, a new link, a late loop, a hand's start.

Each is named after a real incident, or after the exception of a rule that it lived in.
"""

from __future__ import annotations

import dataclasses

from tests.properties.bad_watch import IgnoresGhosts
from tests.properties.bent import CONTROL, STOP, Bent, forged, is_speed, is_stop, rewritten, shown, speed_bytes
from treadctl.control.events import (
    Asked,
    ClientGone,
    Effect,
    Input,
    Lagged,
    Notice,
    Play,
    Reconnect,
    Say,
    Write,
)
from treadctl.model.api import Press
from treadctl.model.units import Ms

AFTER_REPEATS: Ms = 1200
"""The ladder's own repetitions are over."""


def silenced(effects: list[Effect]) -> list[Effect]:
    """Nothing written, no alarm, no call for the key."""
    loud = (Write, Play, Reconnect)
    return [e for e in effects if not isinstance(e, loud) and not (isinstance(e, Say) and "Pull the key" in e.text)]


# --- what the controller says of itself ------------------------------------------------------------------------------


class Hammers(Bent):
    """Stop at 2 Hz although the speed falls, each time with an excuse."""

    excuse: tuple[Effect, ...] = ()

    def bend(self) -> None:
        self.last: Ms = 0

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        ladder = self._sup.path.ladder
        if ladder is None or self.now - max(ladder.begun + AFTER_REPEATS, self.last) < 500:
            return effects
        self.last = self.now
        return [*effects, *self.excuse, forged(STOP, 90_001)]


class BlamesTheMachine(Hammers):
    """QZ #5100: what a log says of a command and what the machine made of it are two things."""

    excuse = (Notice("STOP_OR_PAUSE rejected ATT error 0xfe"),)


class AsksForControlEachTime(Hammers):
    """Seen in the wild (71302665879): control is asked for again before every command."""

    excuse = (forged(CONTROL),)


class TakesControlAtRest(Bent):
    """A CITYSPORTS starts its belt on Request Control: no key at rest but a whole confirm may bring one about."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        pressed = isinstance(item, Asked) and isinstance(item.intent, Press) and not self._sup.may_move
        return [*effects, forged(CONTROL)] if pressed and not self._sup.armed else effects


class AsksTheOtherWay(Bent):
    """No peer knows which way a person faces: this one asks for one way and starts with the limits of the other."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [
            dataclasses.replace(e, text=e.text.replace("Facing away?", "Facing the console?")) if isinstance(e, Say)
            else e for e in effects
        ]


# --- stopping --------------------------------------------------------------------------------------------------------


class SlowestAtRest(Bent):
    """WP: a speed set on a stopped belt starts it; here it is the lowest, as if it were a rung."""

    def bend(self) -> None:
        self.done = False

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        self.done &= self._sup.path.ladder is not None
        if self.done or self._sup.path.ladder is None or (self._sup.belt.speed or 0) > 0:
            return effects
        self.done = True
        return [*effects, forged(speed_bytes(80))]


class StopsOnce(Bent):
    """QZ #923, #1503: a Stop that does not stop it is all there is, whoever presses whatever key afterwards."""

    def bend(self) -> None:
        self.first: Ms | None = None

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        if self.first is None and any(is_stop(effect) for effect in effects):
            self.first = self.now
            return effects
        calm = shown(effects, lambda shot: shot._replace(alarm=""))
        return effects if self.first is None else silenced(calm)


class StopWaitsForAnAnswer(Bent):
    """PF: without an answer to Request Control the Stop is not sent; here it waits for one, on a link made to stop."""

    def bend(self) -> None:
        self.held: list[Effect] = []
        self.due: Ms = 0

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        stops = [effect for effect in effects if is_stop(effect)]
        if self.links > 1 and stops:
            self.held, self.due = stops, self.now + 1000
            return [effect for effect in effects if not is_stop(effect)]
        held, self.held = (self.held, []) if self.now >= self.due else ([], self.held)
        return [*effects, *held]


class ReconnectsOnce(Bent):
    """OAK reconnects never, this one once: the second loss is its last."""

    def bend(self) -> None:
        self.done = False

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        again = any(isinstance(effect, Reconnect) for effect in effects)
        kept = [e for e in effects if not (self.done and isinstance(e, Reconnect))]
        self.done |= again
        return kept


# --- what was late, silent or withdrawn ------------------------------------------------------------------------------


class SilentAfterStart(Bent):
    """OAK: samples that end with the Start are no motion, so nothing is stopped."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        unmoved = self._sup.engaged and self._sup.motion_at is None
        return silenced(effects) if unmoved and self._sup.stopping else effects


class ForgetsWhoLeft(Bent):
    """Where a hand presses start, the client that confirmed may be gone before the belt moves."""

    def taken(self, item: Input) -> Input | None:
        if isinstance(item, ClientGone) and self._sup._start.awaits:
            self._sup.attendance.limit = 1 << 40
            return None
        return item


class AfterALate(Bent):
    """Once its loop was late for a moment, something is never noticed again."""

    late = False

    def taken(self, item: Input) -> Input | None:
        self.late |= isinstance(item, Lagged)
        return item


class IgnoresGhostsInABurst(IgnoresGhosts):
    """bleak #617: the first motion of a ghost comes in a burst of old samples, and nobody looks again."""


class ForgetsTheClient(AfterALate):
    """C4: a UI that blocked for a moment; its death afterwards goes by unseen."""

    def taken(self, item: Input) -> Input | None:
        if self.late and isinstance(item, ClientGone):
            self._sup.attendance.limit = 1 << 40
            return None
        return super().taken(item)


class ForgetsSilence(AfterALate):
    """retry-connector #228: a zombie link, after a loop that blocked, is never noticed."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        silent = self.late and (self._sup.belt.age(self.now) or 0) > 2900
        return silenced(effects) if silent else effects


# --- easing ----------------------------------------------------------------------------------------------------------


class DropsAtOnce(Bent):
    """QZ #4721: the lowest speed is written at once where an ease is due."""

    def bend(self) -> None:
        self.last = 0

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, is_speed, self._lowest)

    def _lowest(self, data: bytes) -> bytes:
        speed = int.from_bytes(data[1:], "little")
        falls, self.last = speed < self.last, speed
        return speed_bytes(80) if falls else data


class DropsFromTheConsole(Bent):
    """MLV fights the hand on the console: what it set higher is taken back in one step."""

    def bend(self) -> None:
        self.raised = False

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        self.raised |= self._sup.ramp.raised is not None
        return rewritten(effects, lambda effect: self.raised and is_speed(effect), lambda _: speed_bytes(80))


class ForgetsTheEase(Bent):
    """MLV: the next segment, or a moment, takes back what the person made slower."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        if self._sup.ramp.commanded.current == self._sup.ramp.ceiling:
            self._sup.ramp.lift_ceilings()
        return effects
