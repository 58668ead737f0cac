"""The one widget: it shows painted rows, and repaints only those that changed. It knows nothing of walking."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from .canvas import Canvas, Ink, Row
from .look import Look

Painter = Callable[[Canvas], None]


class Page(Widget):
    """A canvas the size of the widget, painted for this look."""

    ALLOW_MAXIMIZE = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{ink.value}" for ink in Ink}

    def __init__(self, painter: Painter, look: Look) -> None:
        super().__init__(classes=look.theme)
        self._painter = painter
        self._look = look
        self._rows: tuple[Row, ...] = ()
        self._styles: dict[Ink, Style] = {}

    def wear(self, look: Look) -> None:
        """Look so from now on."""
        self.set_classes(look.theme)
        self._look = look
        self.on_resize()

    def repaint(self) -> None:
        """Paint again; only rows that differ are sent to the terminal."""
        before, self._rows = self._rows, self._painted()
        if len(before) != len(self._rows):
            self.refresh()
            return
        changed = [Region(0, y, self.size.width, 1) for y, row in enumerate(self._rows) if row != before[y]]
        if changed:
            self.refresh(*changed)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._rows

    def _painted(self) -> tuple[Row, ...]:
        canvas = Canvas(self.size.width, self.size.height, self._look)
        self._painter(canvas)
        return canvas.rows()

    def on_resize(self) -> None:
        self._rows = self._painted()
        self.refresh()

    def notify_style_update(self) -> None:
        self._styles = {}
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        row = self._rows[y] if y < len(self._rows) else ()
        segments = [Segment(span.text, self._style(span.ink)) for span in row]
        return Strip(segments).adjust_cell_length(self.size.width, self._style(Ink.PLAIN))

    def _style(self, ink: Ink) -> Style:
        found = self._styles.get(ink)
        if found is None:
            found = self._styles[ink] = self.get_component_rich_style(f"ink--{ink.value}")
        return found
