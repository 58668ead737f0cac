"""What comes in from the house: an intent, or a reason for ignoring it, counted. Pure; time is an argument.

Three orders exist: a stop, a text to show, a profile to offer. What is retained, late, twice there, malformed or too
often is ignored. A stop that another stop within the second makes needless counts as twice there; no flood of anything
else uses up what a stop may need.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from treadctl.model.api import Message, Preselect, Stop
from treadctl.model.text import safe_text
from treadctl.model.units import Ms

from .topics import OFFLINE, ONLINE, SHOWN_MAX, Topics

STOP_WORD = b"STOP"
WHY = "Stopped from the network."
MESSAGE_OCTETS = 1024
"""Chosen: a text of 200 characters in any script. Longer is not cut but ignored: it was meant for somebody else."""
MOST, WITHIN = 10, 1000
"""So many texts and profiles in so many ms (reference: more than ten a second is a runaway script)."""
TWICE: Ms = 1000
"""The same again within a second is a press that bounced, or a message sent anew."""
LATE: Ms = 3000
"""Chosen: who pressed a button and saw nothing for so long has done something else by now."""
GAP: Ms = 2000
"""Longer between two signs of life of this process means that it was held, or the computer slept."""
QUIET: Ms = 2000
"""After such a gap: what comes in was waiting for us, nobody knows since when."""


class Why(Enum):
    """Why something was ignored. The value is what is said of it."""

    RETAINED = "retained"
    LATE = "late"
    TWICE = "twice there"
    MALFORMED = "malformed"
    OFTEN = "too often"
    UNKNOWN = "of an unknown topic"
    NOBODY = "with no guardian there"
    REFUSED = "not taken by the guardian"


@dataclass(frozen=True, slots=True)
class Came:
    """One message from the broker. `at`: when it was read from the socket, on the clock of `Orders`."""

    topic: str
    payload: bytes
    retained: bool
    at: Ms


@dataclass(frozen=True, slots=True)
class Greeted:
    """Home Assistant says that it has come up, and knows nothing yet; or that it goes down."""

    up: bool


Order = Stop | Message | Preselect
Meaning = Order | Greeted | Why


class Orders:
    """`profiles` are the names that may be offered; `now` is a clock that goes on while the computer sleeps."""

    def __init__(self, topics: Topics, now: Ms, profiles: Collection[str] = ()) -> None:
        self._topics = topics
        self.profiles = profiles
        self.ignored: Counter[Why] = Counter()
        self._beat, self._deaf_until = now, now
        self._taken: deque[Ms] = deque(maxlen=MOST)
        self._before: dict[Order, Ms] = {}

    def beat(self, now: Ms) -> None:
        """A sign of life of this process, at least once a second."""
        if now - self._beat > GAP:
            self._deaf_until = now + QUIET
        self._beat = now

    def judge(self, came: Came, now: Ms, *, somebody: bool) -> Meaning:
        """What is to be done about it. `somebody`: a guardian is there to be asked."""
        self.beat(now)
        meaning = self._meaning(came, now, somebody=somebody)
        if isinstance(meaning, Why):
            self.ignored[meaning] += 1
        return meaning

    def refused(self, order: Order) -> None:
        """The guardian did not take it: counted, and the same may come again at once."""
        self.ignored[Why.REFUSED] += 1
        self._before.pop(order, None)

    def dropped(self, count: int) -> None:
        """So many had to make room before anybody looked at them."""
        self.ignored[Why.OFTEN] += count

    def _meaning(self, came: Came, now: Ms, *, somebody: bool) -> Meaning:
        if came.topic == self._topics.status:
            known = came.payload in (ONLINE.encode(), OFFLINE.encode())
            return Greeted(came.payload == ONLINE.encode() and not came.retained) if known else Why.MALFORMED
        if came.topic not in self._topics.incoming:
            return Why.UNKNOWN
        if came.retained:
            return Why.RETAINED
        if now < self._deaf_until or now - came.at > LATE:
            return Why.LATE
        order = self._order(came)
        if order is None:
            return Why.MALFORMED
        return self._in_time(order, now) if somebody else Why.NOBODY

    def _order(self, came: Came) -> Order | None:
        if came.topic == self._topics.stop:
            return Stop(WHY) if came.payload == STOP_WORD else None
        if not 0 < len(came.payload) <= MESSAGE_OCTETS:
            return None
        try:
            words = came.payload.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if came.topic == self._topics.message:
            return Message(safe_text(words, SHOWN_MAX))
        return Preselect(words) if words in self.profiles else None

    def _in_time(self, order: Order, now: Ms) -> Order | Why:
        """Neither twice nor too often. A stop is never too often: one a second is more than any belt needs."""
        self._before = {known: at for known, at in self._before.items() if now - at < TWICE}
        if order in self._before:
            return Why.TWICE
        if not isinstance(order, Stop):
            if len(self._taken) == MOST and now - self._taken[0] < WITHIN:
                return Why.OFTEN
            self._taken.append(now)
        self._before[order] = now
        return order
