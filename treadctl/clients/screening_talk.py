"""The first questions in their order, whoever asks them: which comes next, and what an answer leads to.

Pure: a line on a terminal and a page on the screen ask the same, because both ask here. What the answers mean is
`model.screening`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from treadctl.model import screening
from treadctl.model.person import ADULT_AGE, MINIMUM_AGE, Concern
from treadctl.model.screening import STOP_QUESTIONS, Screening, read_age, read_comfortable
from treadctl.model.text import safe_text

from .words import STANDING_SENTENCE

UNDERSTOOD = f"Last: {STANDING_SENTENCE} Is that understood?"
TOO_YOUNG = f"Under {MINIMUM_AGE} nobody walks with treadctl, so no more is asked; come back at {MINIMUM_AGE}."
NO_NAME = "Type a name."
NOT_YET = "So the questions count as not answered; what you said yes to is kept all the same."


class Kind(Enum):
    """How a question is answered: y or n, digits, or letters. `SPEED` may be left empty."""

    YES = "yes"
    AGE = "age"
    SPEED = "speed"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Step:
    """One question. `concern`: the stop question it is."""

    id: str
    text: str
    kind: Kind = Kind.YES
    concern: Concern | None = None


AGE = Step("age", "How old are you, in years?", Kind.AGE)
CONSENT = Step("consent", screening.CONSENT)
STOPS = tuple(Step("stop", question.text, concern=question.concern) for question in STOP_QUESTIONS)
CLINICIAN = Step("clinician", screening.CLINICIAN)
NAME = Step("name", screening.NAME, Kind.NAME)
HEART = Step("heart", screening.HEART)
COMFORTABLE = Step("comfortable", screening.COMFORTABLE, Kind.SPEED)
LAST = Step("understood", UNDERSTOOD)
COUNT = len(STOPS) + 4


class Talk:
    """The questions that are left and the answers so far.

    `refusal`: why no more is asked. `understood`: the last question was answered with yes, so everything counts.
    """

    def __init__(self) -> None:
        self.given = Screening()
        self.refusal = ""
        self.understood = False
        self._left = [AGE, *STOPS, HEART, COMFORTABLE, LAST]
        self._answers: list[str] = []

    @property
    def step(self) -> Step | None:
        """What is asked now; None when nothing is asked any more."""
        return self._left[0] if self._left and not self.refusal else None

    @property
    def number(self) -> int:
        """Which question this is, from 1."""
        return len(self._answers) + 1

    @property
    def count(self) -> int:
        """How many there are, as far as that is known now."""
        return len(self._answers) + len(self._left)

    def back(self) -> Talk:
        """The talk without the last answer."""
        return self.after(self._answers[:-1])

    @staticmethod
    def after(answers: Sequence[str]) -> Talk:
        """The talk after these answers."""
        talk = Talk()
        for text in answers:
            talk.answer(text)
        return talk

    def answer(self, text: str) -> str:
        """Take an answer ("y" or "n", or what was typed); what it leads to. Raises ValueError with a sentence."""
        step = self._left[0]
        if step.kind is Kind.YES and text not in {"y", "n"}:
            raise ValueError("Type y or n.")
        said = self._taken(step, text, yes=text == "y")
        self._left.pop(0)
        self._answers.append(text)
        if step.id == "stop" and self._left[0].id != "stop" and self.given.concerns:
            self._left.insert(0, CLINICIAN)
        return said

    def _taken(self, step: Step, text: str, *, yes: bool) -> str:
        match step.id:
            case "age":
                return self._age(read_age(text))
            case "consent":
                self.given = replace(self.given, consent=yes)
                return screening.CONSENT_YES if yes else screening.CONSENT_NO
            case "stop":
                return self._stop(step.concern, yes=yes)
            case "clinician":
                self._left[1:1] = [NAME] if yes else []
                return screening.CLINICIAN_YES if yes else screening.CLINICIAN_NO
            case "name":
                return self._name(text)
            case "heart":
                self.given = replace(self.given, needs_heart_rate=yes)
                return screening.HEART_YES if yes else screening.HEART_NO
            case "comfortable":
                return self._comfortable(text)
            case _:
                self.understood = yes
                return ""

    def _age(self, age: int) -> str:
        self.given = replace(self.given, age=age)
        self.refusal = TOO_YOUNG if age < MINIMUM_AGE else ""
        self._left[1:1] = [CONSENT] if age < ADULT_AGE else []
        return screening.age_consequence(age)

    def _stop(self, concern: Concern | None, *, yes: bool) -> str:
        if not yes or concern is None:
            return screening.NOTHING
        first = not self.given.concerns
        self.given = replace(self.given, concerns=(*self.given.concerns, concern))
        return screening.YES_FIRST if first else screening.YES_AGAIN

    def _name(self, text: str) -> str:
        if not text.strip():
            raise ValueError(NO_NAME)
        self.given = replace(self.given, clinician=safe_text(text.strip()))
        return ""

    def _comfortable(self, text: str) -> str:
        speed = read_comfortable(text, unit_needed=False) if text.strip() else None
        self.given = replace(self.given, comfortable=speed)
        return screening.COMFORTABLE_NONE if speed is None else screening.comfortable_consequence(speed)
