"""Questions on a plain terminal, one a line, each answered by a person who is there to read it.

What was typed before a question could be read does not answer it, and without a terminal nothing is asked at all: no
flag and no pipe answers for a person. Questions go to standard error; what came of them is printed by whoever asked.
"""

from __future__ import annotations

import shutil
import sys
import termios
import textwrap
from collections.abc import Callable, Sequence
from typing import TypeVar

from treadctl.model.answers import SKIP
from treadctl.model.api import Question
from treadctl.model.errors import Refused, UsageError
from treadctl.model.text import safe_text

T = TypeVar("T")

WIDEST, NARROWEST = 96, 30
"""Columns; longer lines are hard to read, and a terminal that tells less tells nonsense."""


class Gone(Refused):
    """Nobody is left to answer."""

    def __init__(self) -> None:
        super().__init__("Nobody answered, so this ended here; call it again when you are ready.")


def somebody() -> bool:
    """Whether there is anybody to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def require_person(what: str) -> None:
    """Raises UsageError where there is nobody to be asked. `what` is the rest of the sentence."""
    if not somebody():
        raise UsageError(f"Nobody is here to be asked; {what}.")


def tell(text: str, indent: str = "") -> None:
    """A sentence between the questions, broken at words."""
    width = min(WIDEST, max(NARROWEST, shutil.get_terminal_size().columns - 1))
    print(textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent), file=sys.stderr)


def line(question: str) -> str:
    """What is typed after this question, without blanks around it. Raises Gone."""
    print(file=sys.stderr)
    tell(question)
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
    print("> ", end="", flush=True, file=sys.stderr)
    typed = sys.stdin.readline()
    if not typed:
        print(file=sys.stderr)
        raise Gone
    return typed.strip()


def yes(question: str) -> bool:
    """Whether the person says yes. Asked until it is y or n: nothing else is an answer."""
    while True:
        word = line(f"{question} y/n").casefold()
        if word in {"y", "yes", "n", "no"}:
            return word.startswith("y")
        tell("Type y or n.", "  ")


def read(question: str, reader: Callable[[str], T]) -> T:
    """What `reader` makes of the answer; asked again with the sentence of its ValueError."""
    while True:
        try:
            return reader(line(question))
        except ValueError as error:
            tell(str(error), "  ")


def choose(question: str, choices: Sequence[str]) -> int:
    """The number of the choice, from 0."""
    print(file=sys.stderr)
    tell(question)
    for number, words in enumerate(choices, 1):
        tell(f"{number}  {words}", "  ")

    def number_of(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:3]) <= len(choices)):
            raise ValueError(f"Type a number from 1 to {len(choices)}.")
        return int(text) - 1

    return read("Which of these?", number_of)


def key(question: Question) -> str:
    """The key of one of its choices; an empty line skips a question that can be skipped."""
    keys = [choice.key for choice in question.choices]
    words = ", ".join(c.label if c.label.startswith(c.key) else f"{c.key} {c.label}" for c in question.choices)

    def reader(text: str) -> str:
        typed = text.casefold() or (SKIP if SKIP in keys else "")
        if typed not in keys:
            raise ValueError(f"Type one of: {' '.join(keys)}.")
        return typed

    return read(f"{question.text} {question.detail} ({words})", reader)


def name(question: str) -> str:
    """A person's name, safe to show and to keep; asked until there is one."""

    def reader(text: str) -> str:
        if not text:
            raise ValueError("Type a name.")
        return safe_text(text)

    return read(question, reader)
