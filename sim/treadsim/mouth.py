"""The loudspeaker of a dry run: nobody speaks, but every utterance takes the time it would.

The same order as the guardian's voice: the higher priority interrupts the lower, a safety call also voids what waits,
and what was interrupted is reported as failed, because it was not heard to its end.
"""

from __future__ import annotations

from treadctl.control.events import Priority, Say, SpeechFailed, Spoken
from treadctl.model.speech import utterance_ms
from treadctl.model.units import Ms

RANK = {Priority.SAFETY: 0, Priority.COUNTDOWN: 1, Priority.SEGMENT: 2, Priority.TECHNIQUE: 3}


class Mouth:
    """One loudspeaker. `deadline` says when the current utterance has been heard; `step` then reports it."""

    def __init__(self) -> None:
        self._current: Say | None = None
        self._waiting: list[Say] = []
        self._until: Ms = 0
        self._failed: list[SpeechFailed] = []
        self.begun: Ms = 0

    def say(self, now: Ms, say: Say) -> None:
        """Now, or after what is being said."""
        if say.priority is Priority.SAFETY:
            stale = [s for s in self._waiting if s.priority is not Priority.SAFETY]
            self._waiting = [s for s in self._waiting if s.priority is Priority.SAFETY]
            self._failed += [SpeechFailed(s.id, "interrupted") for s in stale]
        if self._current is not None and RANK[say.priority] < RANK[self._current.priority]:
            self._failed.append(SpeechFailed(self._current.id, "interrupted"))
            self._current = None
        self._waiting.append(say)
        self._waiting.sort(key=lambda s: RANK[s.priority])
        self._next(now)

    def _next(self, now: Ms) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.pop(0)
            self.begun, self._until = now, now + utterance_ms(self._current.text)

    def deadline(self) -> Ms | None:
        if self._failed:
            return self.begun
        return None if self._current is None else self._until

    def step(self, now: Ms) -> tuple[list[Spoken | SpeechFailed], Say | None]:
        """What to tell the core, and the utterance that was heard to its end just now."""
        told: list[Spoken | SpeechFailed] = list(self._failed)
        self._failed.clear()
        heard = self._current
        if heard is None or now < self._until:
            return told, None
        self._current = None
        self._next(now)
        return [*told, Spoken(heard.id)], heard
