"""The confirm gesture: press, tone, the same key again. A start needs one; nothing else can give it.

Accepted only after the question was heard to its end plus 1 s of quiet; the second
press within 2 s after the tone; no other press of any key during the tone, 0.3 s before the first and 0.3 s after the
second. A held or auto-repeating key, Esc and ctrl+c never confirm.
"""

from __future__ import annotations

from enum import Enum

from treadctl.model.api import STOP_KEYS_DO_NOT_CONFIRM
from treadctl.model.units import Ms

TONE_MS: Ms = 400
WINDOW_MS: Ms = 2000
GUARD_MS: Ms = 300
QUIET_MS: Ms = 1000


class Gesture(Enum):
    """What a press or the passing of time did."""

    NOTHING = "nothing"
    TONE = "tone"
    VOID = "void"
    ACCEPTED = "accepted"


class ConfirmGesture:
    """One question's gesture. Tell it when the question was heard; ask it at every press and deadline."""

    def __init__(self) -> None:
        self._quiet_from: Ms | None = None
        self._last_press: Ms | None = None
        self._key = ""
        self._client = ""
        self._tone_from: Ms | None = None
        self._second_at: Ms | None = None

    @property
    def client(self) -> str:
        """Who made the gesture."""
        return self._client

    @property
    def begun(self) -> bool:
        """The first press was made."""
        return self._tone_from is not None

    def heard(self, now: Ms) -> None:
        """The question (or the hint after a void) was heard to its end."""
        self._quiet_from = now

    def ready(self, now: Ms) -> bool:
        """Whether a first press would count now."""
        return self._quiet_from is not None and now - self._quiet_from >= QUIET_MS and self._second_at is None

    def toning(self, now: Ms) -> bool:
        """The tone sounds, or its window is open."""
        return self._tone_from is not None and now - self._tone_from <= TONE_MS + WINDOW_MS

    def press(self, now: Ms, key: str, held: bool, client: str) -> Gesture:
        """Judge one press."""
        alone = self._last_press is None or now - self._last_press > GUARD_MS
        self._last_press = now
        if self._second_at is not None or held or key in STOP_KEYS_DO_NOT_CONFIRM:
            return self._void()
        if self._tone_from is not None:
            return self._second(now, key, client)
        if not self.ready(now):
            self._noise(now)
            return Gesture.NOTHING
        if not alone:
            return self._void()
        self._key, self._client, self._tone_from = key, client, now
        return Gesture.TONE

    def _second(self, now: Ms, key: str, client: str) -> Gesture:
        assert self._tone_from is not None
        after = now - self._tone_from - TONE_MS
        if (key, client) != (self._key, self._client) or not 0 <= after <= WINDOW_MS:
            return self._void()
        self._second_at = now
        return Gesture.NOTHING

    def disturbed(self, now: Ms) -> Gesture:
        """A stop, a mapped key or a word of a fault came by another way: as a press of another key, at any time."""
        self._last_press = now
        if self.begun:
            return self._void()
        self._noise(now)
        return Gesture.NOTHING

    def _noise(self, now: Ms) -> None:
        """A press before its time restarts the quiet that has to come first."""
        if self._quiet_from is not None:
            self._quiet_from = now

    def _void(self) -> Gesture:
        """Nothing counted: the hint has to be heard before the next try. Until then no key does anything, so that one
        that is stuck is told once, and not thirty times a second."""
        if self._quiet_from is None:
            return Gesture.NOTHING
        self._quiet_from = self._tone_from = self._second_at = None
        return Gesture.VOID

    def step(self, now: Ms) -> Gesture:
        """Accept when the guard after the second press is over; void when the second press did not come."""
        if self._second_at is not None:
            return Gesture.ACCEPTED if now - self._second_at >= GUARD_MS else Gesture.NOTHING
        if self._tone_from is not None and now - self._tone_from > TONE_MS + WINDOW_MS:
            return self._void()
        return Gesture.NOTHING

    def deadline(self) -> Ms | None:
        if self._second_at is not None:
            return self._second_at + GUARD_MS
        if self._tone_from is not None:
            return self._tone_from + TONE_MS + WINDOW_MS + 1
        return None if self._quiet_from is None else self._quiet_from + QUIET_MS
