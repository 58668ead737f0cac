"""The table on a terminal: rows that never move, and one key that stops the one the cursor is on."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static

from treadctl.clients.mqtt.topics import STANDING
from treadctl.clients.tui.clock import boot_ms
from treadctl.model.errors import ExitCode

from .run import Watch
from .table import HEAD

EVERY_S = 0.25
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

    def compose(self) -> ComposeResult:
        yield Static("", id="word", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static(f"{KEYS}\n{STANDING}", markup=False)

    def on_mount(self) -> None:
        for name in HEAD:
            self._table.add_column(name, key=name)
        self._listen()
        self.set_interval(EVERY_S, self._show)

    @property
    def _table(self) -> DataTable[str]:
        return self.query_one(DataTable)

    @work
    async def _listen(self) -> None:
        await self._watch.run()

    def _show(self) -> None:
        """New rows come last: the cursor stays on the treadmill it was put on."""
        now, table = boot_ms(), self._table
        for node, row in zip(self._watch.fleet.nodes, self._watch.fleet.rows(now), strict=True):
            before = self._shown.get(node)
            if before is None:
                table.add_row(*(_plain(cell) for cell in row), key=node)
            for n, cell in enumerate(row):
                if before is not None and before[n] != cell:
                    table.update_cell(node, HEAD[n], _plain(cell), update_width=True)
            self._shown[node] = row
        self.query_one("#word", Static).update(f"{self._watch.fleet.summary} Broker: {self._watch.word}")

    async def action_stop_it(self) -> None:
        if self._table.row_count:
            key, _ = self._table.coordinate_to_cell_key(self._table.cursor_coordinate)
            if key.value is not None:
                self._stop(key.value)

    @work
    async def _stop(self, node: str) -> None:
        await self._watch.stop(node)


def _plain(cell: str) -> str:
    """A cell is read as markup; names come from the network."""
    from rich.markup import escape  # noqa: PLC0415  (Textual brings it)

    return escape(cell)
