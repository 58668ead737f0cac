"""The screen on which a heart-rate strap is picked. It asks; the guardian looks, connects and remembers."""

from __future__ import annotations

from textual import events

from treadctl.model.api import PickStrap, Snapshot

from .canvas import Canvas
from .screens import StillScreen
from .strap_page import paint_straps

MOVES = {"down": 1, "j": 1, "up": -1, "k": -1, "home": -1000, "end": 1000}


class StrapScreen(StillScreen):
    """The straps in reach. The same scan hears them and the treadmills."""

    def __init__(self) -> None:
        super().__init__()
        self._chosen = ""

    @property
    def _snapshot(self) -> Snapshot:
        return self.desk.state.snapshot or Snapshot()

    def paint_still(self, canvas: Canvas) -> None:
        picking = self.desk.picking
        self._move(0)
        looking = picking.seconds_left() if picking.looking else None
        paint_straps(canvas, self._snapshot, self._chosen, self.desk.state.local, looking=looking)

    def _move(self, by: int) -> None:
        """Choose another one; the first, where the chosen one is not there."""
        addresses = [one.address for one in self._snapshot.straps]
        if addresses:
            at = addresses.index(self._chosen) if self._chosen in addresses else 0
            self._chosen = addresses[max(0, min(len(addresses) - 1, at + by))]

    def on_key(self, event: events.Key) -> None:
        desk = self.desk
        if event.key in MOVES:
            self._move(MOVES[event.key])
        elif event.key == "enter" and self._snapshot.straps:
            desk.tell(PickStrap(self._chosen))
        elif event.key == "n":
            desk.tell(PickStrap())
        elif event.key == "r":
            desk.scan()
        elif event.key in {"b", "escape", "h", "backspace"}:
            desk.pick()
        self.repaint()
