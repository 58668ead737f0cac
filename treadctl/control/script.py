"""A script: prompts said one after the other, each with time to do what it says. No prompt is skipped.

A prompt that could not be spoken is said again after a while: nobody is asked to confirm what was not heard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from treadctl.model.limits import Limits
from treadctl.model.person import Level
from treadctl.model.program import Facing, Walk
from treadctl.model.units import Ms

from . import cueing, prompts
from .cueing import Voice

RETRY: Ms = 5_000
GIVE_UP: Ms = 20_000
"""An utterance that was neither heard nor failed after this long is said again."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is said, and how long it takes to do it once it was heard, ms."""

    text: str
    time: Ms = 0


TURN_TIME: Ms = 7_000
"""Time to turn with the hands along the rail, after it was said; chosen."""
FEET_TIME: Ms = 3_000


def facing_prompts(to: Facing, facing: Facing | None, *, floor: bool = False) -> list[Prompt]:
    """From a belt at rest to the question which way the person faces. `facing` None: unknown, so the goal is named.

    `floor`: who is new to it or unsteady is offered to turn beside the treadmill.
    """
    turn = []
    if facing is not to:
        known = [] if facing is None else [prompts.TURN_BY[to], *([prompts.ON_THE_FLOOR] if floor else [])]
        *first, last = [cueing.turn_to(to), *known]
        turn = [*map(Prompt, first), Prompt(last, TURN_TIME)]
    return [*turn, Prompt(prompts.FEET, FEET_TIME)]


def turn_prompts(walk: Walk, facing: Facing | None, elapsed: Ms, limits: Limits) -> list[Prompt]:
    """What is said before this walk starts."""
    floor = limits.careful or limits.level is Level.L0
    prompts = facing_prompts(walk.facing, facing, floor=floor)
    if walk.say and elapsed == 0 and not cueing.technique_fits(walk, 0, fresh=True):
        prompts.append(Prompt(walk.say))
    return prompts


class Script:
    """Prompts in order. `done` when the last was heard and its time is over."""

    def __init__(self, voice: Voice, prompts: Iterable[Prompt]) -> None:
        self._voice = voice
        self._prompts = deque(prompts)
        self._id: int | None = None
        self._wait_until: Ms = 0

    @property
    def done(self) -> bool:
        return not self._prompts

    def step(self, now: Ms) -> None:
        """Say what is due."""
        if self._prompts and now >= self._wait_until:
            if self._id == 0:
                self._prompts.popleft()
                self._id = None
            if self._prompts:
                self._id = self._voice.say(self._prompts[0].text)
                self._wait_until = now + GIVE_UP

    def spoken(self, now: Ms, id: int) -> None:
        """The current prompt was heard: now comes the time to do it."""
        if id == self._id and self._prompts:
            self._id, self._wait_until = 0, now + self._prompts[0].time

    def failed(self, now: Ms, id: int) -> None:
        if id == self._id:
            self._wait_until = now + RETRY

    def deadline(self) -> Ms | None:
        return None if self.done else self._wait_until
