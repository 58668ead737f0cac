"""What the walker says at standstill: pain before, effort, pain and confidence after, and the next morning.

One key for each answer. Nobody has to answer: what was skipped stays unknown and is never taken for a good answer.
Nothing is asked while the belt moves, and nothing here decides what follows from an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from .question import Asking, Choice, Question
from .records import Summary

WORST = 10
SHARP = "s"
MAXIMAL = "m"
SKIP = "-"
MORNING_DAYS = 6
"""Chosen: until the weekday could mean two days, and nobody remembers that morning anyway."""


class Morning(Enum):
    """How the morning after a walk was, against the days before it."""

    WORSE = "worse"
    SAME = "same"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of one walk; None: not asked, or skipped. Raises ValueError outside the scales.

    `effort` 0 to 10 (the CR10 scale), `pain_before` and `pain_after` 0 to 10 (10 stands for sharp pain, too),
    `confidence` 1 to 5.
    """

    effort: int | None = None
    pain_before: int | None = None
    pain_after: int | None = None
    confidence: int | None = None
    morning: Morning | None = None

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("effort", self.effort, 0, WORST), ("pain_before", self.pain_before, 0, WORST),
            ("pain_after", self.pain_after, 0, WORST), ("confidence", self.confidence, 1, 5),
        ):  # fmt: skip
            if value is not None and not least <= value <= most:
                raise ValueError(f"{name} is {least} to {most}, not {value}")


UNASKED = Answers()
_SKIP = Choice(SKIP, "skip")
_PAIN = (*(Choice(str(n), str(n)) for n in range(WORST)), Choice(SHARP, "sharp, or ten"))
_PAIN_DETAIL = "0 is no pain, 3 is bearable, 6 is too much to go on."
_EFFORTS = {0: "0: none", 2: "2: easy", 3: "3: moderate", 5: "5: hard", 7: "7: very hard"}

PAIN_BEFORE = Question("pain-before", "Does it hurt now, 0 to 10?", Asking.CHOICE, _PAIN, _PAIN_DETAIL, True)
"""No skip: whether pain rose cannot be judged without it."""
EFFORT = Question(
    "effort", "How hard was it, 0 to 10?", Asking.CHOICE,
    (*(Choice(str(n), _EFFORTS.get(n, str(n))) for n in range(WORST)), Choice(MAXIMAL, "10: all you had"), _SKIP),
    "0 is sitting, 3 is a walk on which you can talk, 10 is all you had.", True,
)  # fmt: skip
PAIN_AFTER = Question(
    "pain-after", "How much did it hurt at most, 0 to 10?", Asking.CHOICE, (*_PAIN, _SKIP), _PAIN_DETAIL, True
)
CONFIDENCE = Question(
    "confidence", "How steady did you feel, 1 to 5?", Asking.CHOICE,
    (Choice("1", "1: not at all"), *(Choice(str(n), str(n)) for n in (2, 3, 4)), Choice("5", "5: quite sure"), _SKIP),
    "Walking backward, without thinking of the rails.", True,
)  # fmt: skip
AFTER_WALK = (EFFORT, PAIN_AFTER, CONFIDENCE)
ACCIDENT = "n"
MEANT = Question(
    "meant", "Did you mean to stop?", Asking.CHOICE,
    (Choice("y", "yes"), Choice(ACCIDENT, "no, by accident"), _SKIP), "An accident is not held against you.", True,
)  # fmt: skip
"""Asked last, and only where a hand ended the walk: no record can know what the hand meant."""
BY_HAND = frozenset({"You pressed stop.", "Safety key pulled. Stopped.", "Stopped at the console."})
"""How a summary says that a hand ended the walk."""
_MORNING = (Choice("w", "worse"), Choice("s", "same"), Choice("b", "better"), _SKIP)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def morning_question(walked_on: str, today: str) -> Question | None:
    """What is asked at the next opening (both ISO dates); None on the same day, and when it is too long ago."""
    try:
        day, gone = date.fromisoformat(walked_on), date.fromisoformat(today) - date.fromisoformat(walked_on)
    except ValueError:
        return None
    if not 1 <= gone.days <= MORNING_DAYS:
        return None
    text = f"Morning after {_DAYS[day.weekday()]}: worse, same, better?"
    return Question("morning", text, Asking.CHOICE, _MORNING, "Pain, against the days before that walk.", True)


def answered(answers: Answers, id: str, key: str) -> Answers:
    """The answers with this one. Raises ValueError for a question or a key that does not exist."""
    if id == "morning":
        return answers if key == SKIP else replace(answers, morning=_morning(key))
    known = {question.id: question for question in (PAIN_BEFORE, *AFTER_WALK)}
    if id not in known or key not in {choice.key for choice in known[id].choices}:
        raise ValueError(f"{key!r} answers no question {id!r}")
    if key == SKIP:
        return answers
    value = WORST if key in (SHARP, MAXIMAL) else int(key)
    match id:
        case "pain-before":
            return replace(answers, pain_before=value)
        case "effort":
            return replace(answers, effort=value)
        case "pain-after":
            return replace(answers, pain_after=value)
        case _:
            return replace(answers, confidence=value)


def _morning(key: str) -> Morning:
    for choice in _MORNING[:-1]:
        if choice.key == key:
            return Morning(choice.label)
    raise ValueError(f"{key!r} is no morning")


def after_walk(summary: Summary) -> tuple[Question, ...]:
    """What is asked after this walk."""
    by_hand = not summary.finished and summary.reason in BY_HAND
    return (*AFTER_WALK, MEANT) if by_hand else AFTER_WALK


@dataclass(frozen=True, slots=True)
class Interview:
    """The questions that are left, and the answers so far. `slip`: the stop was an accident, as the walker says."""

    answers: Answers = UNASKED
    left: tuple[Question, ...] = AFTER_WALK
    slip: bool = False

    @property
    def question(self) -> Question | None:
        """What is asked now; None when all was asked."""
        return self.left[0] if self.left else None

    def answer(self, key: str) -> Interview:
        """On to the next question. Raises ValueError for a key that is none of the choices."""
        if not self.left:
            raise ValueError("nothing is asked any more")
        question, *left = self.left
        if question is MEANT and key in {choice.key for choice in MEANT.choices}:
            return replace(self, left=tuple(left), slip=key == ACCIDENT)
        return replace(self, answers=answered(self.answers, question.id, key), left=tuple(left))


def interview_after(summary: Summary) -> Interview:
    """Before the first question about this walk."""
    return Interview(Answers(pain_before=summary.pain_before), after_walk(summary))


@dataclass(frozen=True, slots=True)
class Answered:
    """One line of the file of answers: `session` is the name of the session file, without its ending."""

    session: str
    answers: Answers
