"""Before the first start: today's checklist, the briefing, and the reach test. Nothing is written to the belt here.

The reach test proves that a stop key is within reach facing away: pressed within 3 s,
twice. It is passed for the day; a failed one can be tried again or ends the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from treadctl.model.api import Asking, Choice, Question
from treadctl.model.limits import Limits
from treadctl.model.program import Segment, Totals, expected_ms, totals
from treadctl.model.units import Ms, clock

from .cueing import NO_REACH, Voice
from .events import Tone
from .script import RETRY

YES_NO = (Choice("y", "yes"), Choice("n", "no"))
REACH_TIMES = 2
REACH_WITHIN: Ms = 3_000
REACH_TURN: Ms = 4_000
"""Time to turn and take hold after the instruction was heard (chosen)."""
REACH_PAUSE: Ms = 1_500
REACH_FIRST = "Face away, both hands on the rails."
REACH_NOW = "Press your stop key now."
REACH_AGAIN = "Once more. Press your stop key now."


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist, and what a "no" means."""

    id: str
    text: str
    no: str


CHECKLIST = (
    Check("clip", "Is the safety key clipped at the side of your waistband?",
          "clip the safety key at the side of your waistband first"),
    Check("space", "Are two metres free behind, half a metre at each side?",
          "make two metres of room behind the treadmill first"),
    Check("rails", "Can you hold a rail or handle while you face away?",
          "without a rail within reach nobody walks backward"),
    Check("well", "Do you feel well: no dizziness, no chest pain, no alcohol?",
          "walk another day, when you feel well"),
)
SPOTTER = Check("spotter", "Is a helper standing beside you?", "with this age or history a helper stands beside you")


STARTER = Check("starter", "Is a helper at the console, to press start?",
                "somebody has to press start at the console while you face away")


@dataclass(frozen=True, slots=True)
class Handling:
    """What people do at this machine's console. `runs_on`: what it does when its link is lost (None: nobody knows)."""

    start: bool = False
    everything: bool = False
    runs_on: bool | None = False

    @property
    def manner(self) -> str:
        """Who does what, as a sentence of the briefing begins."""
        if self.everything:
            return "You start, stop and set the speed at the console"
        if self.start:
            return "Start is pressed at the console; it stops and changes speed by itself"
        return "It starts, stops and changes speed by itself"

    @property
    def warning(self) -> str:
        """What the link means on this machine. Where people stop the belt anyway it means nothing."""
        if self.everything or self.runs_on is False:
            return ""
        known = "this belt runs on" if self.runs_on else "this belt may run on: nobody has tried"
        return f"If the link is lost, {known}. Pull the key then. "


class Step(Enum):
    """Where the preparation is."""

    CHECKS = "checks"
    BRIEFING = "briefing"
    REACH = "reach"
    REACH_FAILED = "reach failed"
    READY = "ready"
    REFUSED = "refused"


class Preparation:
    """Asks its way to READY or REFUSED (`reason` says why)."""

    def __init__(
        self, voice: Voice, segments: tuple[Segment, ...], limits: Limits, *, checked: bool, reached: bool, belt: bool,
        handling: Handling = Handling(),
    ) -> None:
        self._voice = voice
        self._figures = totals(segments)
        self._expected = expected_ms(segments)
        checks = () if checked or not belt else CHECKLIST
        self._handling = handling
        starter = handling.start and self._figures.backward > 0
        self._checks = [*checks, *([SPOTTER] if limits.careful and belt else []), *([STARTER] if starter else [])]
        self._reach = belt and not reached and self._figures.backward > 0
        self._count = 0
        self._utterance: int | None = None
        self._open_from: Ms | None = None
        self._say_at: Ms | None = None
        self._due: Ms | None = None
        self.reason = ""
        self.newly_checked = bool(checks)
        self.newly_reached = False
        self.step_now = Step.CHECKS if self._checks else Step.BRIEFING

    def question(self) -> Question | None:
        """What is asked now."""
        match self.step_now:
            case Step.CHECKS:
                return Question(self._checks[0].id, self._checks[0].text, Asking.CHOICE, YES_NO, heard=True)
            case Step.BRIEFING:
                return Question("begin", "Begin?", Asking.CHOICE, YES_NO, self._briefing(), True)
            case Step.REACH:
                return Question("reach", REACH_NOW, Asking.REACH, (), REACH_FIRST, self._open_from is not None)
            case Step.REACH_FAILED:
                choices = (Choice("a", "try again"), Choice("e", "end"))
                return Question("reach-failed", "Try again, or end?", Asking.CHOICE, choices, NO_REACH, True)
            case Step.READY | Step.REFUSED:
                return None

    def _briefing(self) -> str:
        return briefing(self._figures, self._expected, self._handling)

    def answer(self, now: Ms, id: str, choice: str) -> bool:
        """Take an answer; False when this is not what was asked."""
        question = self.question()
        if question is None or question.id != id or choice not in {c.key for c in question.choices}:
            return False
        if self.step_now is Step.CHECKS:
            self._checked(choice)
        elif self.step_now is Step.BRIEFING:
            self._begin(now, choice)
        elif choice == "a":
            self._start_reach(now)
        else:
            self.step_now, self.reason = Step.REFUSED, NO_REACH
        return True

    def _checked(self, choice: str) -> None:
        check = self._checks.pop(0)
        if choice == "n":
            self.step_now, self.reason = Step.REFUSED, f"Refused: {check.no}."
        elif not self._checks:
            self.step_now = Step.BRIEFING

    def _begin(self, now: Ms, choice: str) -> None:
        if choice == "n":
            self.step_now, self.reason = Step.REFUSED, "Ended before the start."
        elif self._reach:
            self._start_reach(now)
        else:
            self.step_now = Step.READY

    def _start_reach(self, now: Ms) -> None:
        """The first instruction is due: said by `step`, which is only called while the belt is measured still."""
        self.step_now, self._count, self._say_at = Step.REACH, 0, now
        self._utterance = self._open_from = self._due = None

    def spoken(self, now: Ms, id: int) -> None:
        """An instruction was heard: leave time to turn, or open the 3 s window."""
        if self.step_now is not Step.REACH or id != self._utterance:
            return
        if self._due is None:
            self._say_at = self._due = now + REACH_TURN
        else:
            self._open_from, self._due = now, now + REACH_WITHIN

    def failed(self, now: Ms, id: int) -> None:
        """An instruction could not be spoken: it is said again after a while."""
        if self.step_now is Step.REACH and id == self._utterance:
            self._say_at = now + RETRY

    def press(self, now: Ms, held: bool) -> None:
        """Any key counts, from any device, if it is pressed in the window."""
        if self._open_from is None or now - self._open_from > REACH_WITHIN or held:
            return
        self._voice.tone(Tone.HEARD)
        self._count, self._open_from = self._count + 1, None
        if self._count >= REACH_TIMES:
            self.step_now, self.newly_reached, self._due = Step.READY, True, None
        else:
            self._say_at = self._due = now + REACH_PAUSE

    def step(self, now: Ms) -> None:
        """Say what is due; fail when the window closed without a press."""
        if self.step_now is not Step.REACH:
            return
        if self._say_at is not None and now >= self._say_at:
            self._say_at = None
            words = REACH_FIRST if self._due is None else REACH_AGAIN if self._count else REACH_NOW
            self._utterance = self._voice.say(words)
        if self._open_from is not None and now > self._open_from + REACH_WITHIN:
            self.step_now, self._open_from, self._due = Step.REACH_FAILED, None, None
            self._voice.say(NO_REACH)

    def deadline(self) -> Ms | None:
        if self._open_from is not None:
            return self._open_from + REACH_WITHIN + 1
        return self._say_at


def briefing(figures: Totals, expected: Ms, handling: Handling) -> str:
    """The last lines before the walk: what it will do, in figures."""
    ways = [f"{word} up to {top} km/h" for word, top in
            (("forward", figures.top_forward), ("backward", figures.top_backward)) if top]
    speeds = f"{handling.manner}: {', '.join(ways)}. {handling.warning}" if ways else ""
    walking = f"{clock(figures.seconds * 1000)} of walking, about {max(1, round(expected / 60000))} min in all. "
    return speeds + walking + "The key is clipped at the side of your waistband."
