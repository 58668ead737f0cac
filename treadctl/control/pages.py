"""Which pages are there: in visual mode the one behind the treadmill, the one in a helper's hand, and one that speaks.

They only ever make the walk more careful. A page behind the treadmill takes the place of the voice for who does not
hear; a helper's page, once its stop was tested, has to stay within reach; a page that speaks takes the laptop's place
for one session, and gives it back for good once it is silent. None can start anything.
"""

from __future__ import annotations

from treadctl.model.intents import Watching
from treadctl.model.units import Ms

HELPER_SILENT: Ms = 3_000
REAR_GONE: Ms = 10_000
SPEAKER_SILENT: Ms = 3_000
JUST: Ms = 1_000
"""Chosen: the stop of a page comes right after the word that it is the one in the walker's hand."""
LIMITS = {
    Watching.HELPER: HELPER_SILENT, Watching.REAR: REAR_GONE, Watching.SPEAKER: SPEAKER_SILENT, Watching.HAND: JUST,
}
NUMBERS = 9
"""One digit, one key; 0 is not used, because it looks like a letter."""


class Pages:
    """Signs of life by page. `visual`: cues count when they were shown; `tested`: the helper's stop arrived once;
    `wanted`: a page shall speak; `tapped`: somebody asked it to, since it last began or failed to; `speaks`: the client
    whose page does. Pages live in real time: at a faster simulated
    clock (`rate`) their limits grow, as attendance's does.
    """

    def __init__(self) -> None:
        self._at: dict[Watching, Ms] = {}
        self._client: dict[Watching, str] = {}
        self.speaks = ""
        self.visual = self.seen = self.tested = self.wanted = self.tapped = self._failed = self._under_way = False
        self.number = 0
        self.rate = 1

    def begin(self, *, visual: bool = False, lot: int = 0, wanted: bool = False) -> None:
        """A new session; `lot` decides which number is shown. What an earlier one relied on is not asked for again."""
        self.visual, self.seen, self.tested = visual, False, False
        self.number = lot % NUMBERS + 1
        self.speaks, self.wanted, self._under_way = "", wanted and not visual, True

    def over(self) -> None:
        """The session is: nothing is relied on any more, and a page that goes now needs no words."""
        self.tested = self._under_way = False

    def watched(self, now: Ms, client: str, page: Watching) -> None:
        """A page is open and seen. One speaks at a time: another one waits until that is silent."""
        if page is Watching.TAPPED:
            self.watched(now, client, Watching.SPEAKER)
            self.tapped |= client == self._client[Watching.SPEAKER]
        elif page is not Watching.SPEAKER or client == self._client.get(page) or not self.here(now, page):
            self._at[page], self._client[page] = now, client

    def gone(self, client: str) -> None:
        """Nothing of this client is here any more, and nobody waits for it."""
        for page in [page for page, whose in self._client.items() if whose == client]:
            del self._at[page], self._client[page]

    def at_rate(self, now: Ms, rate: int) -> None:
        """The clock's rate changed: the limits in its time, and the signs of life of who is here counted from now."""
        self._at = {page: now if self.here(now, page) else at for page, at in self._at.items()}
        self.rate = rate

    def here(self, now: Ms, page: Watching) -> bool:
        return page in self._at and now - self._at[page] <= LIMITS[page] * self.rate

    # --- the helper's and the one behind ----------------------------------------------------------------------------

    def stopped_by(self, now: Ms, client: str) -> bool:
        """A stop while the belt stands: whether it was the helper's, which from now on is relied on."""
        helps = self._under_way and self._client.get(Watching.HELPER) == client and self.here(now, Watching.HELPER)
        self.tested |= helps
        return helps

    def in_hand(self, now: Ms, client: str) -> bool:
        """Whether a stop of this client, coming now, is of the page in the walker's hand."""
        return self._client.get(Watching.HAND) == client and self.here(now, Watching.HAND)

    def helper(self, now: Ms) -> bool | None:
        """Whether the helper's page is relied on; None: it is not there."""
        return self.tested if self.here(now, Watching.HELPER) else None

    def helper_gone(self, now: Ms) -> bool:
        """A helper's page that was relied on is silent."""
        return self.tested and not self.here(now, Watching.HELPER)

    def rear_gone(self, now: Ms) -> bool:
        """Nobody can be shown anything any more."""
        return self.visual and not self.here(now, Watching.REAR)

    # --- the one that speaks ----------------------------------------------------------------------------------------

    def speak(self) -> str:
        """It speaks from now on: the client that hands the words to it."""
        self.speaks, self._failed, self.tapped = self._client[Watching.SPEAKER], False, False
        return self.speaks

    def hush(self) -> str:
        """The laptop speaks from now on, which is no client."""
        self.speaks, self.wanted = "", False
        return ""

    def unheard(self) -> bool:
        """Words were not heard to their end; whether it was a page that should have said them."""
        self._failed = bool(self.speaks)
        return self._failed

    def page_mute(self, now: Ms) -> bool:
        """The page that speaks does not."""
        return self._under_way and bool(self.speaks) and (
            self._failed or not self.here(now, Watching.SPEAKER) or self._client[Watching.SPEAKER] != self.speaks
        )
