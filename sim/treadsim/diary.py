"""What a dry run tells afterwards: its timeline, its picture, and the verdicts about the walker.

The verdicts come from the true belt and the words heard (`body`), never from what the core says of itself. A campaign
does without a diary.
"""

from __future__ import annotations

from treadctl.model.api import Belt as Seen
from treadctl.model.api import Phase, Snapshot
from treadctl.model.errors import ExitCode
from treadctl.model.limits import Limits
from treadctl.model.program import DeadMill, Facing, Segment, Walk
from treadctl.model.units import Ms, Speed, clock

from .belt import Belt
from .body import MOVING, Body, Moment
from .report import Line, Point, Report, Verdict
from .walker import Walker

WALKED = frozenset({Phase.HOLDING, Phase.WALKING})


class Diary:
    """One walk, written down as it happens."""

    def __init__(self, segments: tuple[Segment, ...], limits: Limits) -> None:
        self.body = Body(segments, limits)
        self.plan: tuple[Segment, ...] = ()
        self.lines: list[Line] = []
        self._points: list[Point] = []
        self._was_turning = False

    def line(self, now: Ms, kind: str, text: str) -> None:
        self.lines.append(Line(now, kind, text))

    def passed(self, now: Ms, gone: Ms, belt: Belt, walker: Walker, shot: Snapshot) -> None:
        """Time went by: what the belt did to the body since the last event."""
        while belt.changes:
            self.body.changed(belt.changes.popleft())
        if gone:
            turning = walker.turning(now)
            if turning and not self._was_turning:
                self.line(now, "walker", "turns round")
            self._was_turning = turning
            self.body.carried(Moment(now, gone, belt.speed, walker.facing, turning, self._walk(shot)))
        self._draw(now, round(belt.speed), shot.target, walker.facing)

    def _walk(self, shot: Snapshot) -> Walk | None:
        """What the screen says is walked now; outside a walk the facing is not compared."""
        at = shot.segment
        if shot.phase not in WALKED or at is None or at >= len(self.plan):
            return None
        segment = self.plan[at]
        return segment if isinstance(segment, Walk) else None

    def _draw(self, now: Ms, speed: int, target: Speed | None, facing: Facing) -> None:
        """A point where the picture changes its shape, and the one before it."""
        point = Point(now, speed, target, facing)
        if len(self._points) >= 2 and all(
            (p.speed, p.target, p.facing) == (speed, target, facing) for p in self._points[-2:]
        ):
            self._points[-1] = point
        else:
            self._points.append(point)

    # --- the end -----------------------------------------------------------------------------------------------------

    def report(
        self, program: str, quirk: str, seed: int, *, now: Ms, belt: Belt, shot: Snapshot, broken: Ms | None
    ) -> Report:
        """The whole of it. `broken`: when the first fault was, if any."""
        verdicts = (*self.body.verdicts(broken), self._finished(now, shot, broken), self._still(belt, shot, broken))
        return Report(
            program=program,
            quirk=quirk,
            seed=seed,
            ok=all(verdict.ok for verdict in verdicts),
            timeline=tuple(self.lines),
            verdicts=verdicts,
            samples=tuple(self._points),
            walked_ms=sum(self.body.moved.values()),
            wall_ms=now,
            exit_code=_exit_code(shot, broken),
        )

    def _finished(self, now: Ms, shot: Snapshot, broken: Ms | None) -> Verdict:
        """Finished as planned. After a fault that was asked for, to stand still is enough."""
        summary = shot.summary
        if summary is not None and summary.finished:
            return Verdict("the programme was finished", True, f"in {clock(now)}")
        if broken is not None:
            how = "nobody walked on" if summary is None else summary.reason
            return Verdict("the fault was lived through", True, f"after {clock(broken)}: {how}")
        refused = [line.text for line in self.lines if line.kind == "refused"]
        reason = summary.reason if summary is not None else refused[-1] if refused else "it got stuck"
        return Verdict("the programme was finished", False, reason)

    def _still(self, belt: Belt, shot: Snapshot, broken: Ms | None) -> Verdict:
        """The belt stands, and the program knows it by measuring (which a fault may have made impossible)."""
        name, speed = "ended at measured standstill", belt.speed
        if speed > MOVING or belt.started:
            return Verdict(name, False, f"the belt runs at {speed / 100:.1f} km/h")
        if broken is not None:
            return Verdict(name, True, "the belt stands")
        if any(isinstance(segment, DeadMill) for segment in self.plan) and shot.belt is Seen.UNKNOWN:
            return Verdict(name, True, "the treadmill is switched off, and the screen does not claim to measure it")
        if any(self.body.moved.values()) and shot.belt is not Seen.STILL:
            return Verdict(name, False, f"the belt stands, but the screen says {shot.belt.value}")
        return Verdict(name, True, "the belt stands")


def _exit_code(shot: Snapshot, broken: Ms | None) -> int:
    """How the session ended. Without one, a fault that was asked for is why nobody walked."""
    if shot.summary is not None:
        return shot.summary.exit_code
    return int(ExitCode.OK if broken is None else ExitCode.FAULT)
