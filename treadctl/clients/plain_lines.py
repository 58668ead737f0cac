"""A walk told in lines: one idea a line, nothing drawn and nothing drawn over, for ears that hear them one by one.

A line is told once, when it becomes true. A speed is told when the belt has reached it, not on the way there. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from treadctl.clients.heart_words import strap_words, summary_words
from treadctl.clients.reading import Units, in_units, limit_words, speed_words
from treadctl.model.api import Asking, Footer, Ms, Phase, Question, Snapshot, Summary
from treadctl.model.program import Facing
from treadctl.model.text import safe_text
from treadctl.model.units import clock

from .tui.view import fresh_speed, may_move

SETTLED: Ms = 3000
"""A target that was reached and stayed so long is no step of a ramp (chosen: ramps step every second or two)."""
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_PHASES = {
    Phase.CHECKING: "Before the walk.", Phase.REACHING: "Reach test.", Phase.TURNING: "Turn-around.",
    Phase.COUNTDOWN: "Countdown: any key aborts.", Phase.STARTING: "The belt starts.", Phase.EASING: "Slowing down.",
    Phase.STOPPING: "Stopping.", Phase.RESTING: "Rest.", Phase.PUSHING: "Push.", Phase.OFF: "The belt is off.",
    Phase.HALTED: "Stopped.", Phase.LOST: "The connection is lost.", Phase.DONE: "Done.",
}  # fmt: skip
_WAYS = {Facing.BACKWARD: "Walking backward.", Facing.FORWARD: "Walking forward.", None: "Walking."}


class Teller:
    """What was told already, so that nothing is told twice."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._told: dict[str, str] = {}
        self._reached: tuple[int, Ms] | None = None

    def said(self, text: str) -> list[str]:
        """A caption: what is spoken, in quotation marks."""
        return [f'"{self._plain(text)}"']

    def lines(self, snapshot: Snapshot) -> list[str]:
        """What is new in this snapshot, the most urgent first."""
        found = [
            ("alarm", f"Alarm: {snapshot.alarm}" if snapshot.alarm else ""),
            ("stop", _stop_words(snapshot)),
            ("phase", _phase_words(snapshot)),
            ("samples", _samples(snapshot)),
            ("reason", snapshot.reason),
            ("notice", snapshot.notice),
            ("message", f"Message: {snapshot.message}" if snapshot.message else ""),
            ("strap", strap_words(snapshot.strap)),
            ("ceiling", self._eased(snapshot)),
            ("speed", self._speed(snapshot)),
        ]
        return [self._plain(text) for kind, text in found if self._new(kind, text)]

    def _new(self, kind: str, text: str) -> bool:
        before = self._told.get(kind, "")
        if text or kind != "speed":  # a speed is told again only when it is another one
            self._told[kind] = text
        return bool(text) and text != before

    def _eased(self, snapshot: Snapshot) -> str:
        if snapshot.ceiling is None:
            return ""
        return f"Eased to {limit_words(snapshot.ceiling, self._units)} {self._units.value} at most."

    def _speed(self, snapshot: Snapshot) -> str:
        """The target, once it was reached and stayed for a while; nothing on the way, or where it is not known."""
        target = snapshot.target
        if target is None or not snapshot.reached or not may_move(snapshot) or fresh_speed(snapshot) is None:
            self._reached = None
            return ""
        if self._reached is None or self._reached[0] != target:
            self._reached = (target, snapshot.now)
        if snapshot.now - self._reached[1] < SETTLED:
            return ""
        return f"Reached {speed_words(target, self._units)} {self._units.value}."

    def question(self, question: Question) -> list[str]:
        """What there is to know first, the question, and what to press."""
        detail = "" if question.asking is Asking.CONFIRM else question.detail
        details = [line for part in detail.split(" · ") for line in _SENTENCE.split(part)]
        keys = ", ".join(c.key if c.key == c.label else f"{c.key} {c.label}" for c in question.choices)
        how = {
            Asking.CHOICE: f"Keys: {keys}.", Asking.CONFIRM: "", Asking.REACH: "",
            Asking.NUMBER: "Type the number, then enter.",
        }[question.asking]
        return [self._plain(line) for line in (*details, f"Question: {question.text}", how) if line]

    def summary(self, summary: Summary) -> Iterator[str]:
        """How it ended, and its figures."""
        ending = "Finished" if summary.finished else f"Ended: {self._plain(summary.reason).rstrip('.')}"
        yield f"{ending}. Walked {clock(summary.walked)}."
        yield f"Forward {clock(summary.forward)}, {summary.forward_m:.0f} m."
        yield f"Backward {clock(summary.backward)}, {summary.backward_m:.0f} m."
        if summary.top_backward:
            yield f"Up to {speed_words(summary.top_backward, self._units)} {self._units.value} backward."
        if heart := summary_words(summary):
            yield heart

    def _plain(self, text: str) -> str:
        return in_units(safe_text(text, 400), self._units).replace("·", ",")


def _phase_words(snapshot: Snapshot) -> str:
    if snapshot.phase in (Phase.HOLDING, Phase.WALKING):
        return _WAYS[snapshot.facing]
    return _PHASES.get(snapshot.phase, "")


def _stop_words(snapshot: Snapshot) -> str:
    """How the belt stops, where it may move; of a stop that is under way, that it is."""
    if snapshot.footer is Footer.STOP_SENT:
        return "Stop sent."
    if not may_move(snapshot) or snapshot.footer is Footer.STILL:
        return ""
    return " ".join(part.capitalize() for part in _SENTENCE.split(f"{snapshot.footer.value}."))


def _samples(snapshot: Snapshot) -> str:
    """Whether the speed is known, while it matters."""
    return "No sample: the speed is not known." if may_move(snapshot) and fresh_speed(snapshot) is None else ""
