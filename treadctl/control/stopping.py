"""The stop path: from the first Stop to the measured standstill, over as many links as that takes.

It holds the ladder that is being climbed, and what a lost link asks for: a new one, made only to stop, on which it
looks (2 samples or 1 s) before it writes. It says what is due; only the Supervisor makes a command of it.
"""

from __future__ import annotations

from dataclasses import replace

from treadctl.model.machine import Record
from treadctl.model.units import Ms, Speed

from .belt import LOST_MS, ZERO, BeltPicture
from .ladder import Due, StopLadder, StopWish

LOOK: Ms = 1_000
SILENT: Ms = 1_000
"""Samples are gone though the link says it is up: the Stop just written has this long before the link is given up."""

SILENT_LINKS = 3
"""Chosen: a machine that is silent on so many links in a row is silent at rest; then the key is called for, no more."""


class StopPath:
    """At most one ladder at a time. `lost`: nothing but stopping until the belt is measured still."""

    def __init__(self) -> None:
        self.ladder: StopLadder | None = None
        self.lost = False
        self._look_until: Ms | None = None
        self._silent = 0

    @property
    def climbing(self) -> bool:
        return self.ladder is not None

    @property
    def sent(self) -> bool:
        """A Stop of this climb is on the wire."""
        return self.ladder is not None and self.ladder.sent > 0

    @property
    def looking(self) -> bool:
        """A new link after a loss is looked at first; the look itself stops what moves."""
        return self._look_until is not None

    def begin(self, now: Ms, wish: StopWish, speed: Speed | None, record: Record | None, *, writes: bool) -> None:
        """The first Stop is due now. `speed` None: no fresh sample. `writes` False: the belt came to rest already."""
        self.ladder = StopLadder(now, wish, speed, record, writes)

    def call(self) -> None:
        """Nothing here obeys: who is at the console is called from now on."""
        assert self.ladder is not None
        self.ladder.no_trust()

    @property
    def pauses(self) -> bool:
        """The first rung of this climb is Pause: an empty belt, on which Pause is tried."""
        return self.ladder is not None and self.ladder.wish.pause and not self.ladder.failed

    def again(self, now: Ms, wish: StopWish, speed: Speed | None, record: Record | None) -> None:
        """A stop is wished while one is under way. When all rungs failed and the belt moves, they begin anew."""
        assert self.ladder is not None
        if self.ladder.wish.pause and not wish.pause:
            self.begin(now, wish, speed, record, writes=True)
        elif self.ladder.exhausted(now) and (speed is None or speed > ZERO):
            self.begin(now, wish, speed, record, writes=True)
            self.ladder.no_trust()
        elif self.ladder.wish.planned:
            self.ladder.wish = wish  # a planned stop that somebody wants as well is not planned any more

    # --- the link -------------------------------------------------------------------------------------------------

    def link_up(self, now: Ms) -> None:
        """After a loss, or in the middle of a stop: look first."""
        self.lost |= self.climbing
        if self.lost:
            self.ladder, self._look_until = None, now + LOOK

    def link_down(self) -> None:
        self._look_until = None

    def lose(self, now: Ms, linked: bool) -> None:
        """Link or samples are gone, and the fault that says so is the first call for the key."""
        self.lost = True
        self._silent += linked
        if self.ladder is not None and (not linked or self._silent <= SILENT_LINKS):
            self.ladder.relink(now, now + SILENT if linked else now)

    def hung(self, now: Ms) -> None:
        """A stop was not taken in its time: no write can be trusted on this link."""
        if self.ladder is not None:
            self.lost = True
            self.ladder.hung(now)

    def _look(self, now: Ms, belt: BeltPicture, record: Record | None, until: Ms) -> None:
        """Moving or silent after the look: Request Control, then Stop. Measured at zero: write nothing, wait."""
        speed = belt.speed
        moves = speed is not None and speed > ZERO
        if not moves and now < until:
            return
        self._look_until = None
        if self.ladder is not None:  # somebody wanted it to stop meanwhile: that climb goes on
            self.ladder.no_trust()
            return
        silent = speed is None
        self.begin(now, StopWish("link lost"), speed, record, writes=moves or silent)
        assert self.ladder is not None
        self.ladder.no_trust()
        if moves or silent:
            self.ladder.need_control()

    # --- what is due ----------------------------------------------------------------------------------------------

    def due(
        self, now: Ms, belt: BeltPicture, record: Record | None, linked: bool, *, may_write: bool = True
    ) -> list[Due]:
        """What the ladder asks for now; nothing when there is none."""
        if linked and self._look_until is not None:
            self._look(now, belt, record, self._look_until)
        if self.ladder is None:
            return []
        if belt.false_zero:
            self.ladder.moves(now)
        speed = belt.speed if linked and belt.fresh(now) else None
        falling, may_write = belt.falling and speed is not None, linked and may_write
        due = self.ladder.step(now, speed, falling, may_write)
        if self.ladder.wish.pause and self.ladder.failed and not self.lost:  # Pause did nothing: the Stop is due
            self.begin(now, replace(self.ladder.wish, pause=False), speed, record, writes=True)
            due = self.ladder.step(now, speed, falling, may_write)
        return due

    def settle(self, now: Ms, belt: BeltPicture, linked: bool) -> StopLadder | None:
        """Measured still ends a stop. The ladder that was climbed, in the step in which that happens."""
        ladder = self.ladder
        if ladder is None or not linked or not belt.still(now) or now - ladder.begun < LOST_MS:
            return None
        self.ladder, self.lost, self._silent = None, False, 0
        return ladder

    def times(self) -> list[Ms | None]:
        """When things may become due."""
        return [self._look_until, *([] if self.ladder is None else self.ladder.times())]
