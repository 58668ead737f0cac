"""The screen of the settings: reads and writes the file in a thread, and wears what was set at once. Moves no belt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual import events

from treadctl.clients.settings import Preferences, Row, rows
from treadctl.files.config import Settings
from treadctl.model.errors import TreadctlError

from .canvas import Canvas
from .screens import StillScreen
from .settings_page import beside, paint_settings

CHANGES = {"left": -1, "right": 1, "enter": 1, "space": 1}
MOVES = {"down": 1, "j": 1, "up": -1, "k": -1}


class SettingsScreen(StillScreen):
    """`worn` is told what is in force after each change."""

    def __init__(self, preferences: Preferences, worn: Callable[[Settings], None]) -> None:
        super().__init__()
        self._preferences, self._worn = preferences, worn
        self._rows: tuple[Row, ...] | None = None
        self._chosen = 0
        self._said = ""
        self._busy = False

    def on_mount(self) -> None:
        self._do(self._preferences.read)

    def paint_still(self, canvas: Canvas) -> None:
        paint_settings(canvas, self._rows, self._chosen, self._said, self.desk.state.local)

    def on_key(self, event: events.Key) -> None:
        if event.key in {"b", "escape"}:
            self.desk.go_home()
        elif self._rows is None or self._busy:
            return
        elif event.key in MOVES:
            self._chosen, self._said = (self._chosen + MOVES[event.key]) % len(self._rows), ""
        elif event.key in CHANGES and self._rows[self._chosen].choices:
            self._change(self._rows[self._chosen].name, beside(self._rows[self._chosen], CHANGES[event.key]))
        elif event.key == "backspace":
            self._change(self._rows[self._chosen].name, None)
        self.repaint()

    def _change(self, name: str, value: str | None) -> None:
        self._do(lambda: self._preferences.change(name, value))

    def _do(self, work: Callable[[], Settings]) -> None:
        """One after another: keys are not heard meanwhile."""
        self._busy = True
        self.run_worker(self._done(work))

    async def _done(self, work: Callable[[], Settings]) -> None:
        self._said = ""
        try:
            settings = await asyncio.to_thread(work)
        except TreadctlError as error:
            self._said = str(error).splitlines()[0]
        except OSError as error:
            self._said = f"It could not be kept ({error.strerror or error}); free some disk space."
        else:
            self._rows = rows(settings)
            self._worn(settings)
        self._busy = False
        self.repaint()
