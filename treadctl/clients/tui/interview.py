"""One question a screen, for what is asked away from the belt: the card it is shown on, and which keys count.

Pure. Nothing that is asked here moves a belt or keeps anybody from leaving.
"""

from __future__ import annotations

from collections.abc import Sequence

from treadctl.model.api import Choice, Ms, Question

from .cards import Card, Mood

YOUNG: Ms = 300
"""A key sooner than this after its question appeared was meant for the one before (as at the belt)."""
SAME: Ms = 700
"""The same key sooner than this was not let go: keyboards wait half a second before they repeat (chosen)."""
LONGEST = 40
"""Cells of what is typed; chosen: a name and a title."""


class Patience:
    """Which keys count as answers: none that was pressed before the question could be read, and none that is held."""

    def __init__(self) -> None:
        self._asked: Ms = 0
        self._last: tuple[str, Ms] = ("", -SAME)

    def ask(self, now: Ms) -> None:
        """A new question appeared."""
        self._asked = now

    def accepts(self, key: str, now: Ms) -> bool:
        before, at = self._last
        self._last = (key, now)
        return now - self._asked >= YOUNG and not (key == before and now - at < SAME)


def caps(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices as keys with words; a label that begins with its own key says it once."""
    return tuple(
        Choice(c.key, c.label.removeprefix(f"{c.key}: ")) if c.label.startswith(f"{c.key}: ") else c for c in choices
    )


def question_card(question: Question, title: str, said: str = "", last: str = "") -> Card:
    """A question with its choices. `said`: what follows from the answer before; `last`: what else can be pressed."""
    lines = (said,) if said else ()
    detail = (question.detail,) if question.detail else ()
    small = (last,) if last else ()
    return Card(title, question.text, "", caps(question.choices), (*lines, *detail), small, near=True)


def typed_card(text: str, title: str, typed: str, said: str, problem: str, keys: tuple[Choice, ...]) -> Card:
    """A question that is answered in writing; what is typed stands below it."""
    lines = (problem,) if problem else (said,) if said else ()
    mood = Mood.ATTENTION if problem else Mood.CALM
    return Card(title, text, f"{typed}_", keys, lines, mood=mood, near=True)
