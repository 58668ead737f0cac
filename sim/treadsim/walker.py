"""The simulated person: reads what the screen shows, answers, presses keys with human delays, and turns when told.

Pure and seeded: the same seed and snapshots give the same intents. The walker believes what it is told. Whether the
program deserved that is judged elsewhere (`body`), from where this person really faced and what the belt really did.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from treadctl.model.answers import PAIN_BEFORE
from treadctl.model.api import Answer, Asking, Choice, Footer, Intent, Press, Question, Resume, Snapshot
from treadctl.model.program import Facing
from treadctl.model.units import NEVER, Ms

KEY = "space"
REACTION: tuple[Ms, Ms] = (400, 900)
"""From seeing to pressing. Simple reactions take 0.25 s; choosing among keys, unhurried, takes longer (chosen)."""
READING: tuple[Ms, Ms] = (900, 2200)
"""From a question's appearance to its answer (chosen)."""
TURNING: tuple[Ms, Ms] = (3000, 5000)
"""Half a turn with a hand along the rail (chosen; the whole turn-around was seen to take 45 s with its prompts)."""
SECOND_PRESS: tuple[Ms, Ms] = (900, 1600)
"""After the tone was noticed: its 0.4 s and 0.5 to 1.2 s more."""
KEY_GRIP: tuple[Ms, Ms] = (1000, 2500)
"""From hearing "Pull the key" to having pulled it (chosen)."""
ENOUGH = 2
"""After so many unplanned stops this person wants to go home (chosen)."""
LOOK_AFTER: Ms = 3_000
"""From being told to read the console to having read it (chosen)."""
MISSED: Ms = 4000
"""An unanswered press is tried again after this long."""


@dataclass(frozen=True, slots=True)
class _Act:
    """Something to do at `at`, as long as the question `about` is still open."""

    at: Ms
    about: str
    intent: Intent


@dataclass(frozen=True, slots=True)
class _Turn:
    begin: Ms
    end: Ms
    to: Facing


AT_ONCE = frozenset({PAIN_BEFORE.id, "shoes"})
"""Known before it is asked."""


class Walker:
    """One person. Call `step` with every snapshot and at every deadline; times never go back."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = random.Random(seed)
        self._act: _Act | None = None
        self._turn: _Turn | None = None
        self._seen = self._done = ""
        self._done_at: Ms = 0
        self._key_at: Ms | None = None
        self._key_pulled = False
        self._halts = 0
        self._heard = ""
        self._look_at: Ms | None = None
        self._readings: list[str] = []
        self._behind: int | None = None
        self._glanced_at: Snapshot | None = None
        self._calm_until: Ms = 0
        self.facing = Facing.FORWARD

    def turning(self, now: Ms) -> bool:
        """Whether the person is between two facings at this moment."""
        return self._turn is not None and self._turn.begin <= now < self._turn.end

    def pulls_key(self, now: Ms) -> bool:
        """Whether the person, told to, pulls the safety key now. True once for each time of being told."""
        if self._key_at is None or self._key_pulled or now < self._key_at:
            return False
        self._key_pulled = True
        return True

    def deadline(self) -> Ms:
        """When the person does the next thing without seeing anything new."""
        due = self._turn.end if self._turn is not None else NEVER if self._act is None else self._act.at
        if self._look_at is not None:
            due = min(due, self._look_at)
        return due if self._key_at is None or self._key_pulled else min(due, self._key_at)

    def step(self, now: Ms, snapshot: Snapshot) -> list[Intent]:
        """What the person does on seeing this."""
        if snapshot is self._glanced_at and now < self._calm_until:
            return []
        intents = self._step(now, snapshot)
        waits = snapshot.question is not None or snapshot.held  # what is asked may be answered at any time
        self._glanced_at, self._calm_until = snapshot, now if waits else Walker.deadline(self)
        return intents

    def _step(self, now: Ms, snapshot: Snapshot) -> list[Intent]:
        if self._turn is not None and now >= self._turn.end:
            self.facing, self._turn = self._turn.to, None
        self._heed(now, snapshot)
        self._look(now, snapshot)
        self._behind = snapshot.number
        self._follow(now, snapshot)
        if self._turn is not None:
            self._act = None
            return []
        return self._answer(now, snapshot.question, snapshot.held)

    def _heed(self, now: Ms, snapshot: Snapshot) -> None:
        if not self._called(snapshot):
            self._key_at, self._key_pulled = None, False
        elif self._key_at is None:
            self._key_at = now + self._between(KEY_GRIP)

    def _called(self, snapshot: Snapshot) -> bool:
        """Whether the key is called for."""
        return snapshot.footer is Footer.NO_LINK or (snapshot.alarm != "" and "pull the key" in snapshot.alarm.lower())

    def _look(self, now: Ms, snapshot: Snapshot) -> None:
        """Read the console when told to, and remember it."""
        if snapshot.caption != self._heard:
            self._heard = snapshot.caption
            self._look_at = now + LOOK_AFTER if "read the console" in self._heard.lower() else self._look_at
        if self._look_at is not None and now >= self._look_at:
            self._look_at = None
            self._readings.append(self._console(snapshot))

    def _console(self, snapshot: Snapshot) -> str:
        """What the console shows, km/h: for all this person knows, what is measured."""
        return f"{(snapshot.speed or 0) / 100:.1f}"

    # --- turning -----------------------------------------------------------------------------------------------------

    def _follow(self, now: Ms, snapshot: Snapshot) -> None:
        if self._turn is not None:
            return
        to = told_to_face(snapshot)
        if to is not None and to is not self.facing:
            begin = now + self._between(REACTION)
            self._turn = _Turn(begin, begin + self._between(TURNING), to)

    # --- answering ---------------------------------------------------------------------------------------------------

    def _answer(self, now: Ms, question: Question | None, held: bool) -> list[Intent]:
        if question is None and not held:
            self._act, self._seen = None, ""
            return []
        about = "held" if question is None else _about(question)
        if about != self._seen:
            self._seen, self._done = about, ""
        act = self._act
        if act is not None and act.about == about and now >= act.at:
            self._act, self._done, self._done_at = None, about, now
            return [act.intent]
        if act is None or act.about != about:
            self._act = self._intend(now, question, about)
        return []

    def _intend(self, now: Ms, question: Question | None, about: str) -> _Act | None:
        """What to do about this question (None: the walk is held), and when; None while it has to be waited for."""
        if about == self._done and now - self._done_at < MISSED:
            return None
        if question is None:
            return _Act(now + self._between(READING), about, Resume())
        if question.id in AT_ONCE:
            return _Act(now, about, self._way(question))
        if question.asking in (Asking.CHOICE, Asking.NUMBER) or about == self._done:
            return _Act(now + self._between(READING), about, self._way(question))
        if question.tone:
            return _Act(now + self._between(SECOND_PRESS), about, Press(KEY))
        return _Act(now + self._between(REACTION), about, Press(KEY)) if question.heard else None

    def _way(self, question: Question) -> Intent:
        if question.asking is Asking.NUMBER:
            readings = ("0", "0", *self._readings)
            return Answer(question.id, readings[-2 if "the first time" in question.text else -1])
        if question.asking is not Asking.CHOICE:
            return Press(KEY)
        if self._behind is not None:  # what the page behind the treadmill shows is what is asked for
            return Answer(question.id, str(self._behind))
        self._halts += question.id == "halted"
        tired = self._halts > ENOUGH and any(choice.label == "end" for choice in question.choices)
        return Answer(question.id, "e" if tired else self._choose(question.choices))

    def _choose(self, choices: tuple[Choice, ...]) -> str:
        """Yes; without a page to tap or to listen to, because this person has no hands or ears for one; the truth about
        the facing; no pain; else to go on, which comes first."""
        for choice in choices:
            if choice.key in ("y", "w") or _side(choice.label) is self.facing:
                return choice.key
        keys = sorted(choice.key for choice in choices if choice.key.isdigit())
        return keys[0] if keys else choices[0].key

    def _between(self, span: tuple[Ms, Ms]) -> Ms:
        return self._chance.randint(*span)


def _about(question: Question) -> str:
    """The stage of a question: a gesture has one before and one after the tone, a reach test one per opening."""
    if question.asking in (Asking.CHOICE, Asking.NUMBER):
        return question.id
    return f"{question.id} {'tone' if question.tone else 'ready' if question.heard else 'waiting'}"


def told_to_face(snapshot: Snapshot) -> Facing | None:
    """The facing that the screen asks for now, or None."""
    question = snapshot.question
    if question is None:
        return facing_in(snapshot.caption)
    if question.asking is Asking.CHOICE:
        return None
    return facing_in(question.text) or facing_in(question.detail)


def _side(label: str) -> Facing | None:
    """The facing that an answer to "Which way do you face?" gives."""
    if "away" in label:
        return Facing.BACKWARD
    return Facing.FORWARD if "console" in label else None


@lru_cache(maxsize=256)  # the same caption is looked at many times a second
def facing_in(words: str) -> Facing | None:
    """The facing that these words name, if they name one."""
    text = words.lower()
    if "back to the console" in text or "away" in text:
        return Facing.BACKWARD
    return Facing.FORWARD if "the console" in text and "fac" in text else None
