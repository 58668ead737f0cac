"""The table on a terminal: rows that never move, and one key that stops the one the cursor is on.

However many nodes tell however much, one look at it is bounded work: the stop key waits for no more than that.
"""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static

from treadctl.clients.clock import boot_ms
from treadctl.clients.mqtt.topics import STANDING
from treadctl.model.errors import ExitCode

from .run import Watch
from .table import HEAD, row

EVERY_S = 0.25
ROWS_A_LOOK = 200
"""New rows that are put in at most with one look; chosen: a thousand are there within two seconds."""
WIDTHS = {"name": 30, "stop": 23, "phase": 24, "km/h": 4, "there": 19, "direction": 9, "since": 11, "node": 17}
"""Fixed, in the order in which they are shown: Textual measures no column anew. What became of a stop is in 80 columns,
when they are `NARROW`; a longer text ends with an ellipsis."""
NARROW = {"name": 16, "phase": 12}
WIDE = 120
KEYS = "up/down: choose   s or space: STOP the chosen treadmill   q: quit"


def run_screen(watch: Watch) -> int:
    FleetApp(watch).run()
    return int(ExitCode.OK)


class FleetApp(App[None]):
    """All that is shown is what the nodes tell; all that can be done is a stop."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "DataTable { height: 1fr; } Static { height: auto; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,space", "stop_it", "STOP"), Binding("q,ctrl+c", "quit", "quit", priority=True),
    ]
    """The stop is no priority binding: it would overtake the arrow keys typed before it, and stop another treadmill."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch
        self._shown: dict[str, tuple[str, ...]] = {}
        self._rows: list[str] = []
        self._widths = WIDTHS

    def compose(self) -> ComposeResult:
        yield Static("", id="word", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static(f"{KEYS}\n{STANDING}", markup=False)

    def on_mount(self) -> None:
        self._widths = WIDTHS if self.size.width >= WIDE else WIDTHS | NARROW
        for name, width in self._widths.items():
            self._table.add_column(name, key=name, width=width)
        self._listen()
        self.set_interval(EVERY_S, self._show)

    @property
    def _table(self) -> DataTable[Text]:
        return self.query_one(DataTable)

    @work
    async def _listen(self) -> None:
        await self._watch.run()

    def _show(self) -> None:
        """What is in sight, and new rows last: the cursor stays on the treadmill it was put on."""
        if self._table.message_queue_size:
            return  # a key waits: it goes first
        now = boot_ms()
        for node in self._in_sight():
            self._show_changes(node, row(self._watch.fleet.nodes[node], now))
        for node in list(self._watch.fleet.nodes)[len(self._rows) :][:ROWS_A_LOOK]:
            told = row(self._watch.fleet.nodes[node], now)
            cells = dict(zip(HEAD, told, strict=True))
            self._table.add_row(*(self._cell(name, cells[name]) for name in self._widths), key=node)
            self._shown[node] = told
            self._rows.append(node)
        self.query_one("#word", Static).update(f"{self._watch.fleet.summary} Broker: {self._watch.word}")

    def _in_sight(self) -> list[str]:
        """And a screen above and below, so that nothing old is seen while it is scrolled."""
        top, height = round(self._table.scroll_offset.y), self._table.size.height
        return self._rows[max(0, top - height) : top + 2 * height]

    def _show_changes(self, node: str, told: tuple[str, ...]) -> None:
        before = self._shown[node]
        for n, cell in enumerate(told):
            if before[n] != cell:
                self._table.update_cell(node, HEAD[n], self._cell(HEAD[n], cell), update_width=False)
        self._shown[node] = told

    def _cell(self, column: str, words: str) -> Text:
        """Plain text of a bounded width: a string would be read as markup, and names come from the network."""
        cell = Text(words, no_wrap=True)
        cell.truncate(self._widths[column], overflow="ellipsis")
        return cell

    async def action_stop_it(self) -> None:
        if self._table.row_count:
            key, _ = self._table.coordinate_to_cell_key(self._table.cursor_coordinate)
            if key.value is not None:
                self._stop(key.value)

    @work
    async def _stop(self, node: str) -> None:
        await self._watch.stop(node)
