"""Before the first start: today's checklist, pain, the pages, the sound check, the briefing, and the reach test.

Nothing is written to the belt here.

The reach test is passed for the day; a failed one can be tried again or ends the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from treadctl.model.answers import PAIN_BEFORE, UNASKED, answered
from treadctl.model.api import Asking, Choice, Question, Watching
from treadctl.model.program import DeadMill, Segment, Totals, expected_ms, totals
from treadctl.model.units import Ms, clock

from . import prompts
from .aftermath import TOO_MUCH
from .cueing import Voice
from .events import Priority, Tone
from .pages import NUMBERS, Pages
from .prompts import NO_REACH
from .reach import Reach, ReachTest
from .sound import LAPTOP, NOT_HEARD, Sound, SoundCheck

if TYPE_CHECKING:
    from .supervisor import Supervisor

SCREEN = "Which number is on the screen behind the treadmill?"
OPEN_IT = "The page behind the treadmill shows it, once it is open."
HELPER = "Helper: press STOP on your page once."
DIGITS = tuple(Choice(str(number), str(number)) for number in range(1, NUMBERS + 1))
WITHOUT = (Choice("w", "walk without that page"),)
TAP = "Tap the page once, for its sound."
YES_NO = (Choice("y", "yes"), Choice("n", "no"))


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist, and what a "no" means."""

    id: str
    text: str
    no: str


CHECKLIST = (
    Check("clip", "Is the safety key clipped at the side of your waistband?",
          "clip the safety key at the side of your waistband first"),
    Check("shoes", "Do your shoes hold: closed, tied, with soles that grip?",
          "put on closed shoes that hold first"),
    Check("space", "Are two metres free behind, half a metre at each side?",
          "make two metres of room behind the treadmill first"),
    Check("rails", "Can you hold a rail or handle while you face away?",
          "without a rail within reach nobody walks backward"),
    Check("well", "Do you feel well: no dizziness, no chest pain, no alcohol?",
          "walk another day, when you feel well"),
)
SPOTTER = Check("spotter", "Is a helper standing beside you?",
                "this walk, or your age or history, asks for a helper who stands beside you")
STARTER = Check("starter", "Is a helper at the console, to press start?",
                "somebody has to press start at the console while you face away")


@dataclass(frozen=True, slots=True)
class Handling:
    """What people do at this machine's console. `runs_on`: what it does when its link is lost (None: nobody knows)."""

    start: bool = False
    everything: bool = False
    runs_on: bool | None = False

    @classmethod
    def of(cls, sup: Supervisor) -> Handling:
        """As the record of the machine that is connected has it."""
        return cls(sup.by_hand, sup.guided, None if sup.record is None else sup.record.runs_on)

    @property
    def manner(self) -> str:
        """Who does what, as the briefing begins, and as it is spoken."""
        if self.everything:
            return prompts.ALL_BY_HAND
        if self.start:
            return prompts.START_BY_HAND
        return prompts.BY_ITSELF

    @property
    def warning(self) -> str:
        """What the link means on this machine. Where people stop the belt anyway it means nothing."""
        if self.everything or self.runs_on is False:
            return ""
        known = "this belt runs on" if self.runs_on else "this belt may run on: nobody has tried"
        return f"If the link is lost, {known}. Pull the key then. "


PAINFUL = "with this much pain nobody walks today; try again on a day on which it is 5 or less"
"""What ends a walk (safety rules, section 6) does not let one begin."""


class Step(Enum):
    """Where the preparation is."""

    CHECKS = "checks"
    PAIN = "pain"
    SCREEN = "screen"
    HELPER = "helper"
    SOUND = "sound"
    PAGE = "page"
    BRIEFING = "briefing"
    REACH = "reach"
    REACH_FAILED = "reach failed"
    READY = "ready"
    REFUSED = "refused"


class Preparation:
    """Asks its way to READY or REFUSED (`reason` says why)."""

    def __init__(
        self, voice: Voice, segments: tuple[Segment, ...], *, spotter: bool, checked: bool, reached: bool, belt: bool,
        handling: Handling = Handling(), sound: str = "",
    ) -> None:
        """`sound`: the seed of today's sound check; empty: none is needed."""
        self._voice = voice
        self._figures = totals(segments)
        self._expected = expected_ms(segments)
        checks = () if checked or not belt else CHECKLIST
        self._handling = handling
        starter = handling.start and self._figures.backward > 0
        self._belt = belt
        self._pain = belt or any(isinstance(segment, DeadMill) for segment in segments)
        self._checks = [*checks, *([SPOTTER] if spotter else []), *([STARTER] if starter else [])]
        self.pain_before: int | None = None
        self._pages, self._alone, self._failed = Pages(), False, False
        self._to_reach = belt and not reached and self._figures.backward > 0
        self._reach: ReachTest | None = None
        self._seed = sound
        self._sound: SoundCheck | None = None
        self.reason = ""
        self.newly_checked = bool(checks)
        self.newly_reached = self.newly_heard = False
        self.step_now = Step.CHECKS if self._checks else Step.PAIN if self._pain else Step.BRIEFING

    def meet(self, now: Ms, pages: Pages) -> None:
        """The pages that may take part."""
        self._pages = pages
        if self.step_now is Step.BRIEFING:
            self._test_pages(now)

    def _test_pages(self, now: Ms) -> None:
        """What is relied on is tested first, with the belt still."""
        pages = self._pages
        if pages.visual and not pages.seen:
            self.step_now = Step.SCREEN
        elif not self._alone and pages.helper(now) is False:
            self.step_now = Step.HELPER
        elif self._seed and not pages.visual:  # who does not hear is shown everything
            self._sound, self.step_now = SoundCheck(now, self._voice, self._seed), Step.SOUND
        elif pages.wanted or (pages.here(now, Watching.SPEAKER) and not pages.visual):
            self.step_now = Step.PAGE
            self._meet_speaker(now)
        else:
            self._brief()

    def _meet_speaker(self, now: Ms) -> None:
        """As soon as its sound is unlocked a page speaks, and is checked."""
        if self._pages.here(now, Watching.SPEAKER):
            self._voice.by(self._pages.speak())
            self._sound, self.step_now = SoundCheck(now, self._voice, f"page {now}", page=True), Step.SOUND

    def stopped(self, now: Ms, client: str) -> None:
        """Somebody asked for a stop while the belt stands. The helper's is a test of the page, also in the middle; on
        the page in the walker's own hand it is a stop key within reach.
        """
        if self._pages.in_hand(now, client):
            self.press(now, held=False)
        before = self._pages.tested
        if not self._alone and self._pages.stopped_by(now, client) and not before:
            self._voice.tone(Tone.HEARD)
            if self.step_now is Step.HELPER:
                self._test_pages(now)

    def question(self) -> Question | None:
        """What is asked now."""
        match self.step_now:
            case Step.CHECKS:
                return Question(self._checks[0].id, self._checks[0].text, Asking.CHOICE, YES_NO, heard=True)
            case Step.PAIN:
                return PAIN_BEFORE
            case Step.SCREEN:
                return Question("screen", SCREEN, Asking.CHOICE, DIGITS, OPEN_IT, True)
            case Step.HELPER:
                return Question("helper-page", HELPER, Asking.CHOICE, WITHOUT, "", True)
            case Step.PAGE:
                return Question("page", TAP, Asking.CHOICE, (LAPTOP,), "", True)
            case Step.SOUND:
                return None if self._sound is None else self._sound.question()
            case Step.BRIEFING:
                return Question("begin", "Begin?", Asking.CHOICE, YES_NO, self._briefing(), True)
            case Step.REACH | Step.REACH_FAILED:
                return None if self._reach is None else self._reach.question()
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
            self._checked(now, choice)
        elif self.step_now is Step.PAIN:
            self._told_pain(now, choice)
        elif self.step_now is Step.SCREEN:
            there = self._pages.here(now, Watching.REAR)  # else it was guessed
            self._pages.seen = there and choice == str(self._pages.number)
            self._test_pages(now)
        elif self.step_now is Step.HELPER:
            self._alone = True
            self._test_pages(now)
        elif self.step_now is Step.PAGE or choice == LAPTOP.key:
            self._by_laptop()
        elif self.step_now is Step.SOUND and self._sound is not None:
            return self._listened(now, self._sound, choice)
        elif self.step_now is Step.BRIEFING:
            self._begin(now, choice)
        elif choice == "a":
            self._test_reach(now)
        else:
            self.step_now, self.reason = Step.REFUSED, NO_REACH
        return True

    def _checked(self, now: Ms, choice: str) -> None:
        check = self._checks.pop(0)
        if choice == "n":
            self.step_now, self.reason = Step.REFUSED, f"Refused: {check.no}."
        elif not self._checks:
            self._after_checks(now)

    def _after_checks(self, now: Ms) -> None:
        """Pain is asked before each session, whatever was ticked today."""
        if self._pain:
            self.step_now = Step.PAIN
        else:
            self._test_pages(now)

    def _told_pain(self, now: Ms, choice: str) -> None:
        """Kept, because what rises by 2 on the belt ends the day."""
        self.pain_before = answered(UNASKED, PAIN_BEFORE.id, choice).pain_before
        if self.pain_before is not None and self.pain_before >= TOO_MUCH:
            self.step_now, self.reason = Step.REFUSED, f"Refused: {PAINFUL}."
        else:
            self._test_pages(now)

    def _listened(self, now: Ms, sound: SoundCheck, choice: str) -> bool:
        """Right, wrong, or after a wrong one the end."""
        if sound.state is Sound.FAILED and choice == "e":
            self.step_now, self.reason = Step.REFUSED, NOT_HEARD
            return True
        taken = sound.answer(now, choice)
        if sound.state is Sound.PASSED:
            self._sound = None
            if sound.page:
                self._brief()
            else:
                self.newly_heard, self._seed = True, ""
                self._test_pages(now)
        return taken

    def _by_laptop(self) -> None:
        """No page speaks, and the laptop was heard today, or need not be."""
        if self._pages.speaks:
            self._voice.by("")
        self._sound = None
        self._pages.hush()
        self._brief()

    def _brief(self) -> None:
        """The briefing is heard, too."""
        self.step_now = Step.BRIEFING
        if self._belt:
            self._voice.say(f"{self._handling.manner}.", Priority.TECHNIQUE)  # who begins at once has read it

    def _begin(self, now: Ms, choice: str) -> None:
        if choice == "n":
            self.step_now, self.reason = Step.REFUSED, "Ended before the start."
        elif self._to_reach:
            self._test_reach(now)
        else:
            self.step_now = Step.READY

    def _test_reach(self, now: Ms) -> None:
        self._reach, self.step_now = ReachTest(now, self._voice), Step.REACH

    def _follow(self, reach: ReachTest) -> None:
        """Where the test is, there the preparation is."""
        if reach.state is Reach.PASSED:
            self.step_now, self.newly_reached = Step.READY, True
        elif reach.state is Reach.FAILED:
            self.step_now = Step.REACH_FAILED

    def spoken(self, now: Ms, id: int) -> None:
        if self._sound is not None:
            self._sound.spoken(id)
        if self._reach is not None:
            self._reach.spoken(now, id)

    def failed(self, now: Ms, id: int) -> None:
        if self._sound is not None:
            self._sound.failed(now, id)
        if self._reach is not None:
            self._reach.failed(now, id)

    def press(self, now: Ms, held: bool) -> None:
        """Any key counts, from any device, if it is pressed in the window."""
        if self._reach is not None:
            self._reach.press(now, held)
            self._follow(self._reach)

    def step(self, now: Ms) -> None:
        """Say what is due; fail when the window closed without a press."""
        if self._sound is not None and self._sound.page and not self._pages.speaks:
            self._sound, self.step_now, self._failed = None, Step.PAGE, True
            self._pages.tapped = False
        self._failed &= self._pages.here(now, Watching.SPEAKER) and not self._pages.tapped
        if self.step_now is Step.PAGE and not self._failed:  # it fell silent: it has to be tapped again
            self._meet_speaker(now)
        if self._sound is not None:
            self._sound.step(now)
        if self._reach is not None and self.step_now is Step.REACH:
            self._reach.step(now)
            self._follow(self._reach)

    def deadline(self) -> Ms | None:
        part = self._sound or self._reach
        return None if part is None else part.deadline()


def briefing(figures: Totals, expected: Ms, handling: Handling) -> str:
    """The last lines before the walk: what it will do, in figures."""
    ways = [f"{word} up to {top} km/h" for word, top in
            (("forward", figures.top_forward), ("backward", figures.top_backward)) if top]
    speeds = f"{handling.manner}: {', '.join(ways)}. {handling.warning}" if ways else ""
    walking = f"{clock(figures.seconds * 1000)} of walking, about {max(1, round(expected / 60000))} min in all. "
    return speeds + walking + "The key is clipped at the side of your waistband."
