"""Which pages are there: in visual mode the one behind the treadmill, and the one in a helper's hand.

Both only ever make the walk more careful. A page behind the treadmill takes the place of the voice for who does not
hear; a helper's page, once its stop was tested, has to stay within reach. Neither can start anything.
"""

from __future__ import annotations

from treadctl.model.intents import Watching
from treadctl.model.units import Ms

HELPER_SILENT: Ms = 3_000
REAR_GONE: Ms = 10_000
NUMBERS = 9
"""One digit, one key; 0 is not used, because it looks like a letter."""


class Pages:
    """Signs of life by page. `visual`: cues count when they were shown; `tested`: the helper's stop arrived once. Pages
    live in real time: at a faster simulated clock (`rate`) their limits grow, as attendance's does.
    """

    def __init__(self) -> None:
        self._at: dict[Watching, Ms] = {}
        self.helper = ""
        self.visual = self.seen = self.tested = False
        self.number = 0
        self.rate = 1

    def begin(self, *, visual: bool = False, lot: int = 0) -> None:
        """A new session; `lot` decides which number is shown."""
        self.visual, self.seen, self.tested = visual, False, False
        self.number = lot % NUMBERS + 1

    def watched(self, now: Ms, client: str, page: Watching) -> None:
        """A page is open and seen."""
        self._at[page] = now
        if page is Watching.HELPER:
            self.helper = client

    def here(self, now: Ms, page: Watching) -> bool:
        limit = HELPER_SILENT if page is Watching.HELPER else REAR_GONE
        return page in self._at and now - self._at[page] <= limit * self.rate

    def helper_gone(self, now: Ms) -> bool:
        """A helper's page that was relied on is silent."""
        return self.tested and not self.here(now, Watching.HELPER)

    def rear_gone(self, now: Ms) -> bool:
        """Nobody can be shown anything any more."""
        return self.visual and not self.here(now, Watching.REAR)
