"""The screens between home and a walk: the preview of one profile, and the files that somebody shared."""

from __future__ import annotations

from textual import events

from treadctl.files.store import shown_path
from treadctl.model.errors import TreadctlError

from .canvas import Canvas
from .choosing import Offer
from .preview_page import last_top, paint_preview
from .screens import StillScreen
from .shared_page import file_at, paint_shared

BACK = {"escape", "b", "backspace"}
KEPT = "Kept as {} among your own profiles; it stands in your list now."


class PreviewScreen(StillScreen):
    """One profile in full. `opened`: it came from the files that were shared, and there the way back leads."""

    def __init__(self, offer: Offer, *, opened: bool = False) -> None:
        super().__init__()
        self.offer = offer
        self._opened = opened
        self._top = 0
        self._said = ""

    def paint_still(self, canvas: Canvas) -> None:
        paint_preview(canvas, self.offer, self._top, self.desk.state.local, self._said)

    def on_key(self, event: events.Key) -> None:
        moves = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10, "home": -1000, "end": 1000}
        if event.key == "enter":
            self.desk.walk(self.offer)
        elif event.key in BACK:
            self.back()
        elif event.key == "k" and self.offer.data:
            self.run_worker(self._keep())
        elif event.key in moves:
            last = last_top(self.offer, (self.size.width, self.size.height), self._said)
            self._top = max(0, min(last, self._top + moves[event.key]))
            self.repaint()

    def back(self) -> None:
        if self._opened:
            self.desk.open_shared(again=False)
        else:
            self.desk.finish()

    async def _keep(self) -> None:
        try:
            self._said = KEPT.format(shown_path((await self.desk.choosing.keep(self.offer)).name))
        except TreadctlError as error:
            self._said = str(error)
        self._top = 0
        self.repaint()


class SharedScreen(StillScreen):
    """The files in the folder for downloads that can be opened."""

    def paint_still(self, canvas: Canvas) -> None:
        choosing = self.desk.choosing
        paint_shared(canvas, choosing.downloads, choosing.opened, self.desk.state.local)

    def on_key(self, event: events.Key) -> None:
        moves = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10, "home": -1000, "end": 1000}
        choosing = self.desk.choosing
        if event.key in BACK:
            self.desk.go_home()
        elif event.key == "r":
            self.desk.open_shared(again=True)
        elif event.key == "enter" and choosing.downloads is not None and choosing.downloads.found:
            self.desk.preview(choosing.downloads.found[choosing.opened], opened=True)
        elif event.key in moves:
            choosing.move_opened(moves[event.key])
            self.repaint()

    def on_click(self, event: events.Click) -> None:
        choosing = self.desk.choosing
        under = file_at(choosing.downloads, choosing.opened, self.size.height, event.screen_y)
        if under is not None:
            choosing.move_opened(under - choosing.opened)
            self.repaint()
