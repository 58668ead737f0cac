"""What is asked of the walker, and how it is answered: by clients, by the core, and of walks of the past.

A file of its own, so that what only reads what was told loads nothing of the socket.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Asking(Enum):
    """How a question is answered: by one of its choices, by the confirm gesture (press, tone, press), by a stop key, or
    by a number that is typed (digits and a point)."""

    CHOICE = "choice"
    CONFIRM = "confirm"
    REACH = "reach"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: the key that gives it and the words shown for it."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One open question. `heard`: it was said to its end and the quiet after it is over, so a confirm would count.

    `tone` is true from the first press of a confirm until the window for the second one closes.
    """

    id: str
    text: str
    asking: Asking
    choices: tuple[Choice, ...] = ()
    detail: str = ""
    heard: bool = False
    tone: bool = False
