"""Broken controllers that do not stop, do not notice, or claim what is not so. Each is named after a real incident."""

from __future__ import annotations

import dataclasses

from tests.properties.bad_commands import Trusting
from tests.properties.bent import CONTROL, NAMED, STOP, Bent, forged, is_speed, is_stop, rewritten, shown, speed_bytes
from treadctl.control.control_point import ControlPoint, Outcome
from treadctl.control.events import (
    Asked,
    ClientGone,
    Effect,
    Input,
    LinkUp,
    Notified,
    Play,
    Reconnect,
    Say,
    Source,
    Suspended,
    Tone,
    Write,
)
from treadctl.ftms.codec import decode_status
from treadctl.ftms.control_point import Response
from treadctl.model.api import Belt, Press
from treadctl.model.limits import BACKWARD_SPEED
from treadctl.model.units import Ms

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
        stopping = self._sup.path.sent
        first = self._sup.path.ladder is not None and self._sup.path.ladder.begun == self.now
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
        if self._sup.path.ladder is not None and self.now - self.last >= 500:
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
        return shown(effects, lambda s: s._replace(belt=Belt.STILL) if (s.sample_age or 0) > 3000 else s)


class TrustsZero(Bent):
    """QZ PR #4818, FitOSC #15: a single zero while the distance grows is taken for standstill."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return shown(effects, lambda s: s._replace(belt=Belt.STILL) if s.speed == 0 else s)


class AlwaysFresh(Bent):
    """bleak #617: 3 s of old frames all look fresh; the age of a sample is counted from when it is looked at."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        return shown(effects, lambda s: s._replace(sample_age=0))


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
        return shown(effects, lambda s: s._replace(program=NAMED.name))


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


class RidesOnTheConsole(Bent):
    """Sped up by hand, it goes on with its own ramp from there, as an automatic programme does."""

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        seen = isinstance(item, Notified) and item.source is Source.TREADMILL_DATA
        raised = self._sup.ramp.raised
        return effects if raised is None or not seen else [*effects, forged(speed_bytes(raised + 10))]


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
        fast = (self._sup.belt.speed or 0) > BACKWARD_SPEED[0] and self._sup.path.ladder is not None
        return [e for e in effects if not (fast and is_stop(e))]
