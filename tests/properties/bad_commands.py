"""Broken controllers that write, start or raise what they must not. Each is named after a real incident."""

from __future__ import annotations

import dataclasses

from tests.properties.bent import CONTROL, START, Bent, forged, is_speed, is_stop, rewritten, shown, speed_bytes
from treadctl.control.commanded import Commanded
from treadctl.control.events import Asked, Attended, Effect, Input, LinkUp, Notified, Say, Source, Spoken, Write
from treadctl.model.api import Message, Press
from treadctl.model.program import Facing
from treadctl.model.units import Ms

# --- what is written -------------------------------------------------------------------------------------------------


class NoClamp(Bent):
    """PF: 100 and 655 km/h are accepted; QZ's speed limit is 100 km/h by default."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, is_speed, lambda data: speed_bytes(int.from_bytes(data[1:], "little") * 8))


class BigEndian(Bent):
    """TrackMyIndoorWorkout #470: 1 km/h became 2.56, 5 became 12.8."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, is_speed, lambda data: bytes((data[0], data[2], data[1])))


class SignedChar(Bent):
    """QZ's virtual bridge decodes with a signed char: 1.28 km/h became 654.08."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, is_speed, lambda data: bytes((data[0], data[1], 0xFF)) if data[1] & 0x80 else data)


class NegativeForBackward(Bent):
    """A maker withdrew a protocol for it: minus one in an unsigned field reads 654.36 km/h."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        back = self._sup.facing is Facing.BACKWARD
        return rewritten(effects, lambda e: is_speed(e) and back, lambda _: speed_bytes(65_436))


class ZeroToStop(Bent):
    """QZ #3404, #2659: machines with a minimum above zero never reach the zero they are told."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, is_stop, lambda _: speed_bytes(0))


class PauseForStop(Bent):
    """webmill: its Stop sends 08 02, which is Pause, and its Pause leaves the belt running."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, is_stop, lambda _: b"\x08\x02")


class WrongOpcodes(Bent):
    """A blog's table (ivanmorgillo.com): 01 for Request Control, which is Reset."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, lambda e: isinstance(e, Write) and e.data == CONTROL, lambda _: b"\x01")


class JumpsToTarget(Bent):
    """Eight of nine peers have no ramp: the target is written at once."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        top = speed_bytes(200 if self._sup.facing is Facing.FORWARD else 100)
        return rewritten(effects, lambda e: is_speed(e) and e.data != speed_bytes(80), lambda _: top)  # type: ignore[union-attr]


class Backlog(Bent):
    """KingSmith drops frames closer than 400 ms; a queue that was held sends its decisions late and all at once."""

    def bend(self) -> None:
        self.held: list[Effect] = []

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        self.held += [effect for effect in effects if is_speed(effect)]
        kept = [effect for effect in effects if not is_speed(effect)]
        if len(self.held) >= 4:
            kept, self.held = [*kept, *self.held], []
        return kept


class HillWithSpeed(Bent):
    """QZ #2223: an incline written beside a speed stopped the belt; here both go out in one step."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [*effects, forged(b"\x03\x05\x00")] if any(is_speed(effect) for effect in effects) else effects


# --- starting --------------------------------------------------------------------------------------------------------


class StartWithEverySpeed(Bent):
    """QZ sends Start before every speed: a TM11GY stops of it (#5100), a Horizon 7.4 starts (#923)."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [*(forged(START) for effect in effects if is_speed(effect)), *effects]


class StartsOnConnect(Bent):
    """QZ #923: a Horizon 7.4 started when the app was opened."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [*effects, forged(START)] if isinstance(item, LinkUp) else effects


class RepeatsStart(Bent):
    """QZ #1757: Start "needs repeating"; TR saw the belt run 13 s instead of 3 for two processes that did."""

    started: Ms | None = None

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        if any(isinstance(effect, Write) and effect.data == START for effect in effects):
            self.started = self.now
        elif self.started is not None and self.now - self.started > 2500:
            self.started = None
            return [*effects, forged(START)]
        return effects


class NetworkStarts(Bent):
    """QZ's MQTT topic "start" goes past the state of the screen."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        asked = isinstance(item, Asked) and isinstance(item.intent, Message)
        return [*effects, forged(CONTROL), forged(START, 90_001)] if asked else effects


class SpeedStarts(Bent):
    """WP: a speed set on a stopped or disconnected belt connects and starts it."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        pressed = isinstance(item, Asked) and isinstance(item.intent, Press) and not self._sup.engaged
        return [*effects, forged(speed_bytes(80))] if pressed else effects


class TurnsOnMovingBelt(Bent):
    """Automatic programmes have hurt people: the person is told to turn before the belt stands."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        early = [e for e in effects if isinstance(e, Say) and e.text.startswith("Stopping")]
        return [*effects, *(Say(80_000, "Back to the console, hands along the rail.", e.priority) for e in early)]


class BelievesTheProgram(Bent):
    """No peer knows which way a person faces: the plan's next facing is shown as the person's."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return shown(effects, lambda shot: shot._replace(facing=shot.facing or Facing.FORWARD))


# --- rising ----------------------------------------------------------------------------------------------------------


class SpeaksAfterwards(Bent):
    """MLV: the line of a segment is spoken after the switch (coaching-engine.js)."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        faster = [e for e in effects if isinstance(e, Say) and e.text.startswith("Faster")]
        for effect in faster:
            effects = [e for e in effects if e is not effect] + super().step(self.now, Spoken(effect.id))
        return effects


class IgnoresFocus(Bent):
    """An SSH window that lost the keyboard goes on as if a key would stop it."""

    def taken(self, item: Input) -> Input | None:
        return dataclasses.replace(item, keyboard=True) if isinstance(item, Attended) else item


class ChasesHeartRate(Bent):
    """QZ's README: heart-rate control without bounds can ramp to the machine's maximum."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        beats = isinstance(item, Notified) and item.source is Source.HEART_RATE and self._sup.running(self.now)
        return [*effects, forged(speed_bytes(390))] if beats else effects


class Trusting(Commanded):
    """Takes every speed as met."""

    @property
    def first_met(self) -> bool:
        return True

    def wrong_unit(self, now: Ms, speed: int | None) -> bool:
        return False

    def first_overdue(self, now: Ms) -> bool:
        return False

    def in_force(self, now: Ms) -> tuple[int, int]:
        return (0, 5000)


class FirstSpeedUnchecked(Bent):
    """QZ #5100, #4904: nobody checks the unit at a low speed before a higher one."""

    def bend(self) -> None:
        self._sup.commanded.__class__ = Unchecked


class Unchecked(Commanded):
    """Does not wait for the first speed to be met."""

    @property
    def first_met(self) -> bool:
        return True


class Miles(Bent):
    """QZ #5100, #3382: 1.00 km/h became 1.61, and "a decrease could make it increase"."""

    def bend(self) -> None:
        self._sup.commanded.__class__ = Trusting

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [effect for effect in effects if not is_stop(effect) or not self._sup.holding(self.now)]
