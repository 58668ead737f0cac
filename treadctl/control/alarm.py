"""The alarm: sounds with its text until somebody acknowledges it or the belt is measured still.

Who acknowledged the call for the key is not called again, until something new begins.
"""

from __future__ import annotations

from .events import Effect, Play, Tone
from .prompts import LINK_LOST, PULL_KEY, STOP_AT_CONSOLE

CALLS = (PULL_KEY, LINK_LOST, STOP_AT_CONSOLE)


class Alarm:
    """Collects its tones into the core's outbox. `text` is empty while it is quiet."""

    def __init__(self, out: list[Effect]) -> None:
        self._out = out
        self.text = ""
        self.heard = False

    def sound(self, text: str, *, anew: bool = False) -> None:
        """Sound, or go on sounding with this text. `anew`: what was acknowledged before does not count."""
        self.heard &= not anew
        if not self.text:
            self._out.append(Play(Tone.ALARM))
        self.text = text

    def acknowledge(self) -> None:
        """Somebody heard it. Only who heard the call needs no more of those."""
        self.heard |= self.text in CALLS
        self._quiet()

    def over(self) -> None:
        """Measured still: it ends by itself."""
        self.heard = False
        self._quiet()

    def _quiet(self) -> None:
        if self.text:
            self.text = ""
            self._out.append(Play(Tone.QUIET))
