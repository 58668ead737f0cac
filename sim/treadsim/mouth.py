"""The loudspeaker of a dry run: nobody speaks, but every utterance takes the time it would.

The same order as the guardian's voice: the higher priority interrupts the lower; what is told of a fault also voids
what waits, and is not said twice; what was interrupted is told as such, because it was not heard to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from treadctl.model.speech import TOO_MUCH, WAITING, utterance_ms
from treadctl.model.units import NEVER, Ms

SAFETY, NOTICE = 0, 1
"""The ranks of a safety call and of the notice of a fault; larger numbers give way."""
INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is to be said. The lower the rank, the more it matters."""

    id: int
    text: str
    rank: int


@dataclass(frozen=True, slots=True)
class Ended:
    """An utterance is over; `why` is empty when it was heard to its end."""

    utterance: Utterance
    begun: Ms
    why: str = ""


class Mouth:
    """One loudspeaker. `deadline` says when something has ended; `step` then tells it."""

    def __init__(self, lasts: Callable[[str], Ms] = utterance_ms) -> None:
        """`lasts`: how long a text takes to say."""
        self._lasts = lasts
        self._current: Utterance | None = None
        self._waiting: list[Utterance] = []
        self._ended: list[Ended] = []
        self._begun: Ms = 0
        self._until: Ms = 0

    def say(self, now: Ms, said: Utterance) -> None:
        """Now, or after what is being said."""
        if said.rank <= NOTICE:
            stale = [u for u in self._waiting if u.rank > said.rank]
            self._waiting = [u for u in self._waiting if u.rank <= said.rank]
            self._ended += [Ended(u, now, INTERRUPTED) for u in stale]
            if any(said.text == u.text for u in (self._current, *self._waiting) if u is not None and u.rank <= NOTICE):
                self._ended.append(Ended(said, now, INTERRUPTED))
                return
        if self._current is not None and said.rank < self._current.rank:
            self._ended.append(Ended(self._current, now, INTERRUPTED))
            self._current = None
        if len(self._waiting) >= WAITING:
            self._ended.append(Ended(said, now, TOO_MUCH))
            return
        self._waiting.append(said)
        self._waiting.sort(key=lambda u: u.rank)
        self._next(now)

    def _next(self, now: Ms) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.pop(0)
            self._begun, self._until = now, now + self._lasts(self._current.text)

    def tone(self, now: Ms, tone: str) -> None:
        """A tone sounds. It takes no time here; a loudspeaker of a test may be busy with it."""

    def deadline(self) -> Ms:
        if self._ended:
            return self._ended[0].begun
        return NEVER if self._current is None else self._until

    def step(self, now: Ms) -> list[Ended]:
        """What has ended by now."""
        ended = self._ended
        self._ended = []
        if self._current is not None and now >= self._until:
            ended = [*ended, Ended(self._current, self._begun)]
            self._current = None
            self._next(now)
        return ended
