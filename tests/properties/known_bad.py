"""Controllers that are broken on purpose, each after a real incident: the test of the tests.

Each is treadctl's own core with one thing spoilt, walks one short scene, and has to be caught by the invariants named.
The incidents are those of the reference pages: QZ is qdomyos-zwift, WP walkingpad-controller, MLV and TR, PF and OAK
the peers of the same short names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from treadsim.faults import parse_faults
from treadsim.invariants import Violation, violations
from treadsim.world import Controller, Scene, World

from treadctl.control.commanded import Commanded
from treadctl.control.control_point import ControlPoint, Outcome
from treadctl.control.core import Core
from treadctl.control.events import (
    Asked,
    Attended,
    ClientGone,
    Context,
    Effect,
    Input,
    LinkUp,
    Notified,
    Play,
    Publish,
    Reconnect,
    Say,
    Source,
    Spoken,
    Suspended,
    Tick,
    Tone,
    Urgency,
    Write,
)
from treadctl.ftms.codec import decode_status
from treadctl.ftms.control_point import Op, Response
from treadctl.model.api import Belt, Message, Press, Snapshot
from treadctl.model.limits import BACKWARD_SPEED
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Ms, kmh

START, STOP, CONTROL = b"\x07", b"\x08\x01", b"\x00"
WALK = Program("Walk", (Walk(Facing.FORWARD, 60, kmh("2.0"), line=1), Walk(Facing.BACKWARD, 40, kmh("1.0"), line=2)))
NAMED = dataclasses.replace(WALK, name="\x1b]0;owned\x07")
UNTIL: Ms = 300_000


def speed_bytes(hundredths: int) -> bytes:
    return b"\x02" + hundredths.to_bytes(2, "little")


def forged(data: bytes, id: int = 90_000) -> Write:
    return Write(id, data, Urgency.PROCEDURE)


def is_speed(effect: Effect) -> bool:
    return isinstance(effect, Write) and effect.data[0] == Op.SET_TARGET_SPEED


def is_stop(effect: Effect) -> bool:
    return isinstance(effect, Write) and effect.data == STOP


class Bent(Core):
    """A core whose inputs and effects pass through a hand."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.now: Ms = 0
        self.links = 0
        self.bend()

    def bend(self) -> None:
        """Spoil something once."""

    def taken(self, item: Input) -> Input | None:
        """What the core gets of this input; None: nothing."""
        return item

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        """What the world gets of these effects."""
        return effects

    def step(self, now: Ms, item: Input) -> list[Effect]:
        self.now = now
        self.links += isinstance(item, LinkUp)
        taken = self.taken(item)
        return self.given(item, super().step(now, Tick() if taken is None else taken))


def rewritten(effects: list[Effect], which: Callable[[Effect], bool], data: Callable[[bytes], bytes]) -> list[Effect]:
    """The same effects with other octets in some writes."""
    return [
        dataclasses.replace(effect, data=data(effect.data)) if isinstance(effect, Write) and which(effect) else effect
        for effect in effects
    ]


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
        return shown(effects, lambda shot: dataclasses.replace(shot, facing=shot.facing or Facing.FORWARD))


def shown(effects: list[Effect], change: Callable[[Snapshot], Snapshot]) -> list[Effect]:
    """The same effects with another snapshot."""
    return [
        Publish(change(effect.what)) if isinstance(effect, Publish) and isinstance(effect.what, Snapshot) else effect
        for effect in effects
    ]


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


# --- stopping --------------------------------------------------------------------------------------------------------


class StopWaitsForControl(Bent):
    """PF: without an answer to Request Control the Stop is never sent."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return rewritten(effects, is_stop, lambda _: CONTROL)


class StopWaitsInLine(Bent):
    """bleak #691: a write that never returns holds up the Stop behind it."""

    def bend(self) -> None:
        self.hung_until: Ms = -1

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        if any(is_speed(effect) for effect in effects):
            self.hung_until = self.now + 30_000
        held = self.now < self.hung_until
        return [effect for effect in effects if not (held and is_stop(effect))]


class DropsTheLinkOnQuit(Bent):
    """QZ: on quitting, the link is dropped without a Stop (homeform.cpp); a client's death is the same."""

    def bend(self) -> None:
        self._sup.attendance.limit = 1 << 40

    def taken(self, item: Input) -> Input | None:
        return None if isinstance(item, ClientGone) else item


class AcceptedIsDone(Bent):
    """QZ #5100: every operation "succeeds"; a Stop that was acknowledged is taken for a belt that stands."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        quiet = [e for e in effects if not (isinstance(e, Say) and "Pull the key" in e.text)]
        stopping = self._sup.ladder is not None and self._sup.ladder.sent > 0
        first = self._sup.ladder is not None and self._sup.ladder.begun == self.now
        return [e for e in quiet if first or not (stopping and isinstance(e, Write))]


class StopsAStoppedBelt(Bent):
    """QZ #470: Stop on a stopped or paused belt starts some."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        pressed = isinstance(item, Asked) and isinstance(item.intent, Press) and not self._sup.may_move
        return [*effects, forged(STOP)] if pressed else effects


class HammersStop(Bent):
    """Stop at 2 Hz although the speed falls: on machines that toggle, the second one starts them again."""

    def bend(self) -> None:
        self.last: Ms = 0

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        if self._sup.ladder is not None and self.now - self.last >= 500:
            self.last = self.now
            return [*effects, forged(STOP)]
        return effects


class LeavesTheBeltRunning(Bent):
    """QZ's "stop at the end of a program" is off by default."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [effect for effect in effects if not is_stop(effect)]


class IgnoresGhosts(Bent):
    """QZ #3500, #609: a belt that moves by itself is shown and nothing is done."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [effect for effect in effects if self._sup.engaged or not is_stop(effect)]


class Nervous(Bent):
    """A session that stops at every lost frame teaches people to ignore it."""

    def bend(self) -> None:
        self.seen: Ms = 0

    def taken(self, item: Input) -> Input | None:
        if isinstance(item, Notified) and item.source is Source.TREADMILL_DATA:
            gap, self.seen = self.now - self.seen, self.now
            if gap > 900 and self._sup.running(self.now):
                self._stop(self.now, "a frame was lost")
        return item


# --- what is known ---------------------------------------------------------------------------------------------------


class SilenceIsStopped(Bent):
    """FR30z sent its first zero 8 s after a stop or never; PF swallows the last zero: silence counts as standstill."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return shown(effects, lambda s: dataclasses.replace(s, belt=Belt.STILL) if (s.sample_age or 0) > 3000 else s)


class TrustsZero(Bent):
    """QZ PR #4818, FitOSC #15: a single zero while the distance grows is taken for standstill."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return shown(effects, lambda s: dataclasses.replace(s, belt=Belt.STILL) if s.speed == 0 else s)


class AlwaysFresh(Bent):
    """bleak #617: 3 s of old frames all look fresh; the age of a sample is counted from when it is looked at."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return shown(effects, lambda s: dataclasses.replace(s, sample_age=0))


class Confused(ControlPoint):
    """Credits any answer to whatever waits."""

    def answered(self, response: Response) -> Outcome | None:
        waiting = self.waiting_for
        return None if waiting is None else super().answered(dataclasses.replace(response, request=int(waiting)))


class LateAnswerForAnother(Bent):
    """PF: a late indication ends the next command; Omega Z never answers Request Control."""

    def bend(self) -> None:
        self._point = Confused()


class RaisesOnShortData(Bent):
    """hassio-ftms #36, python-pyftms #17: EOFError on short values, inside the notification callback."""

    def taken(self, item: Input) -> Input | None:
        if isinstance(item, Notified) and item.source is Source.TREADMILL_DATA and len(item.data) < 4:
            raise ValueError("unpack requires a buffer of 4 bytes")
        return item


class RawNames(Bent):
    """Textual's MarkupError, and terminals that obey: a name from a file goes to the screen as it is."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return shown(effects, lambda s: dataclasses.replace(s, program=NAMED.name))


# --- the link and others ---------------------------------------------------------------------------------------------


class ReappliesAfterReconnect(Bent):
    """MLV: after a reconnect the speed is sent again without a look at the belt; the segment never advances."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        again = isinstance(item, LinkUp) and self.links > 1
        return [*effects, forged(speed_bytes(100))] if again else effects


class ForgetsStopAfterReconnect(Bent):
    """QZ on an unexpected loss: it reconnects and does not stop."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [e for e in effects if not (self.links > 1 and is_stop(e))]


class LosesTheLinkInSilence(Bent):
    """hassio-ftms #11: restarted in a walk, could not connect, and told nobody."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        loud = [e for e in effects if not (isinstance(e, Play) and e.tone is Tone.ALARM)]
        return [e for e in loud if not (isinstance(e, Say) and "Pull the key" in e.text)]


class NeverReconnects(Bent):
    """OAK: no reconnect at all."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return [e for e in effects if not isinstance(e, Reconnect)]


class FightsTheConsole(Bent):
    """MLV re-sends the target when the belt differs by more than 0.5 km/h: it fights the hand on the console."""

    def bend(self) -> None:
        self.wanted: Write | None = None

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        self.wanted = next((e for e in effects if isinstance(e, Write) and is_speed(e)), self.wanted)
        seen = isinstance(item, Notified) and item.source is Source.TREADMILL_DATA
        speed, wanted = self._sup.belt.speed, self.wanted
        if not seen or speed is None or wanted is None or not self._sup.running(self.now):
            return effects
        slower = int.from_bytes(wanted.data[1:], "little") - speed >= 30
        return [*effects, forged(wanted.data)] if slower else effects


class FightsForControl(Bent):
    """Seen in the wild (71302665879): control is asked for again and the last target re-applied."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        if isinstance(item, Notified) and item.source is Source.STATUS:
            status = decode_status(item.data)
            if status is not None and status.event is not None and status.event.name == "CONTROL_LOST":
                return [*effects, forged(CONTROL), forged(CONTROL, 90_001), forged(speed_bytes(120), 90_002)]
        return effects


class SleepsOn(Bent):
    """bleak #1735: after waking it may never deliver again; this one does not even notice that it slept."""

    def taken(self, item: Input) -> Input | None:
        return None if isinstance(item, Suspended) else item


class TooFastIsShown(Bent):
    """QZ #2600, #3500: a belt that jumps to 22 km/h is shown in large digits."""

    def taken(self, item: Input) -> Input | None:
        self._sup.commanded.__class__ = Trusting
        return item

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        fast = (self._sup.belt.speed or 0) > BACKWARD_SPEED[0] and self._sup.ladder is not None
        return [e for e in effects if not (fast and is_stop(e))]


@dataclass(frozen=True)
class KnownBad:
    """One broken controller, the faults of its scene, and the invariants that have to catch it."""

    core: type[Controller]
    caught_by: tuple[str, ...]
    faults: tuple[str, ...] = ()
    program: Program = WALK
    calm: bool = False
    network: bool = False

    @property
    def name(self) -> str:
        return self.core.__name__


KNOWN_BAD: tuple[KnownBad, ...] = (
    KnownBad(NoClamp, ("I1",)),
    KnownBad(BigEndian, ("I1",)),
    KnownBad(SignedChar, ("I1",)),
    KnownBad(NegativeForBackward, ("I1",)),
    KnownBad(ZeroToStop, ("I1",)),
    KnownBad(PauseForStop, ("I31",), calm=True),
    KnownBad(WrongOpcodes, ("I12",)),
    KnownBad(JumpsToTarget, ("I4",)),
    KnownBad(Backlog, ("I4",)),
    KnownBad(HillWithSpeed, ("I4",)),
    KnownBad(StartWithEverySpeed, ("I3",)),
    KnownBad(StartsOnConnect, ("I3",)),
    KnownBad(RepeatsStart, ("I3",)),
    KnownBad(NetworkStarts, ("I3", "I26"), network=True),
    KnownBad(SpeedStarts, ("I3", "I12")),
    KnownBad(TurnsOnMovingBelt, ("I5",)),
    KnownBad(BelievesTheProgram, ("I5",)),
    KnownBad(SpeaksAfterwards, ("I30",)),
    KnownBad(IgnoresFocus, ("I7",), ("process.keys_elsewhere(at=62s)",)),
    KnownBad(ChasesHeartRate, ("I29",), ("heart.stuck(at=60s)",)),
    KnownBad(FirstSpeedUnchecked, ("I14",), ("telemetry.offset(at=54s,for=30s,by=0.2)",)),
    KnownBad(Miles, ("I2",), ("machine.mph",)),
    KnownBad(StopWaitsForControl, ("I6",), ("process.quit(at=75s)",)),
    KnownBad(StopWaitsInLine, ("I6",), ("process.quit(at=75s)",)),
    KnownBad(DropsTheLinkOnQuit, ("I18",), ("process.client_killed(at=75s)",)),
    KnownBad(AcceptedIsDone, ("I13",), ("machine.ignores(at=60s,op=stop)",)),
    KnownBad(StopsAStoppedBelt, ("I12",)),
    KnownBad(HammersStop, ("I13",)),
    KnownBad(LeavesTheBeltRunning, ("I31",), calm=True),
    KnownBad(IgnoresGhosts, ("I6",), ("machine.self_start(at=20s)",)),
    KnownBad(Nervous, ("I31",), ("telemetry.lossy(p=0.05)",), calm=True),
    KnownBad(SilenceIsStopped, ("I15",), ("telemetry.off(at=75s)",)),
    KnownBad(TrustsZero, ("I15",), ("telemetry.zero(at=70s,for=20s,p=0.3)",)),
    KnownBad(AlwaysFresh, ("I8",)),
    KnownBad(LateAnswerForAnother, ("I11",), ("indication.wrong_op(at=40s)",)),
    KnownBad(RaisesOnShortData, ("I16",), ("telemetry.truncated(at=20s,octets=2)",)),
    KnownBad(RawNames, ("I25",), program=NAMED),
    KnownBad(ReappliesAfterReconnect, ("I10",), ("link.drop(at=75s,for=2s)",)),
    KnownBad(ForgetsStopAfterReconnect, ("I10",), ("link.drop(at=75s,for=200ms)",)),
    KnownBad(LosesTheLinkInSilence, ("I9",), ("link.drop(at=75s,for=10s)",)),
    KnownBad(NeverReconnects, ("I9",), ("link.drop(at=75s,for=10s)",)),
    KnownBad(FightsTheConsole, ("I17",), ("machine.console_slower(at=80s,by=0.5)",)),
    KnownBad(FightsForControl, ("I17",), ("machine.control_lost(at=75s)",)),
    KnownBad(SleepsOn, ("I20",), ("time.suspended(at=75s,for=5s)",)),
    KnownBad(TooFastIsShown, ("I2",), ("machine.jump(at=75s,by=5)",)),
)


def caught(bad: KnownBad) -> list[Violation]:
    """Walk its scene; what the invariants say."""
    world = World(Scene(bad.program, faults=parse_faults(bad.faults), calm=bad.calm), core=bad.core, diary=False)
    try:
        if bad.network:
            world.run_until(20_000)
            world.network(Message("start"))
        world.run(UNTIL)
    except (AssertionError, LookupError, ValueError) as broken:
        world.broke(f"{type(broken).__name__}: {broken}")
    return violations(world.trace)


__all__ = ["KNOWN_BAD", "KnownBad", "caught"]
