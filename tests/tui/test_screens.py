"""Every screen as a picture, as text without colour, in every unit and on every terminal."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from tests.tui.fakes import FakeAccess
from tests.tui.gallery import SIZES, screens
from tests.tui.moments import ALL, BACKWARD, FORWARD, PLAN, PROGRAM, READY, SENT, SILENT
from tests.tui.pictures import colours
from tests.tui.take_pictures import SCREENS, all_pictures
from treadctl.clients.clock import monotonic_ms
from treadctl.clients.reading import Units
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.canvas import Canvas, Ink, plain_text
from treadctl.clients.tui.chart import History, paint_chart
from treadctl.clients.tui.look import CALM_EVERY, Letters, Look, Pace, drawable, look_of
from treadctl.clients.tui.screens import WalkScreen
from treadctl.clients.tui.state import State
from treadctl.clients.tui.view import Local
from treadctl.clients.tui.walk_page import paint_walk
from treadctl.files.config import CHOICES, Settings
from treadctl.model.api import LinkState, Next, Snapshot
from treadctl.model.units import Incline, kmh

REMAKE = "look at what changed, then: .venv/bin/python -P -m tests.tui.take_pictures"
ON_A_CONSOLE = set("█▀▄▒")
PAINTERS = screens()
STATES = {
    "idle": "STARTING THE CONTROLLER", "checking": "BEFORE THE WALK", "confirm": "FACING AWAY?", "reach": "REACH TEST",
    "countdown": "BELT STARTS IN", "forward": "^ FORWARD", "backward": "V BACKWARD", "soon": "TURN ROUND",
    "sent": "STOP SENT", "silent": "NO SAMPLE FOR 2.3 S", "lost": "CONNECTION LOST. PULL THE KEY",
    "turning": "TURN ROUND", "resting": "REST", "halted": "STOPPED", "done": "WALK FINISHED",
}  # fmt: skip
"""What a walker has to know of each moment, whatever the colours."""
NARROW = {"silent": "SILENT 2 S"}
"""The same where there is less room."""


def text_of(name: str, size: tuple[int, int] = (80, 24), look: Look | None = None) -> str:
    canvas = Canvas(*size, look)
    PAINTERS[name](canvas)
    return plain_text(canvas.rows())


# --- pictures --------------------------------------------------------------------------------------------------------


def test_every_screen_looks_as_it_was_looked_at() -> None:
    found = {path: path.read_text(encoding="utf-8") for path in SCREENS.glob("*.svg")}
    drawn = all_pictures()
    differ = [path.name for path, svg in drawn.items() if not path.exists() or path.read_text(encoding="utf-8") != svg]
    assert not differ, f"{', '.join(differ[:5])} ({len(differ)}) are not as drawn: {REMAKE}"
    assert set(found) <= set(drawn), REMAKE


def test_a_picture_is_the_same_octets_each_time() -> None:
    assert all_pictures() == all_pictures()


@pytest.mark.parametrize("theme", CHOICES["theme"])
async def test_the_terminal_gets_the_rows_and_colours_of_the_picture(theme: str) -> None:
    access = FakeAccess()
    app = TreadctlApp(access, clock=monotonic_ms, wish=PROGRAM, simulated=True, look=Look(theme=theme))
    async with app.run_test(size=(80, 24)) as pilot:
        for message in (PLAN, FORWARD, BACKWARD):
            access.say(message)
            await pilot.pause(0.3)
        screen = app.screen
        assert isinstance(screen, WalkScreen)
        assert plain_text(screen.page.rows) == text_of("walk-backward")
        for ink, wanted in colours(theme).items():
            style = screen.page._style(ink)
            assert style.color is not None and style.bgcolor is not None
            told = (style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex, bool(style.bold))
            assert told == (wanted.text, wanted.ground, wanted.bold)


# --- without colour, on other terminals ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(40, 12), *SIZES])
@pytest.mark.parametrize("moment", list(ALL))
def test_the_state_is_in_the_text_and_not_in_the_colour_alone(moment: str, size: tuple[int, int]) -> None:
    text = text_of(f"walk-{moment}", size, Look(Letters.ASCII)).upper()
    letters = "".join(text.split())  # those that are spread apart count as words
    state = NARROW.get(moment, STATES[moment]) if size[0] < 60 else STATES[moment]
    assert "".join(state.split()) in letters


def test_no_two_moments_are_told_apart_by_colour_alone() -> None:
    for one, other in combinations(ALL, 2):
        assert text_of(f"walk-{one}") != text_of(f"walk-{other}")


def test_whether_a_target_is_reached_is_a_word() -> None:
    def shown(snapshot: Snapshot) -> str:
        canvas = Canvas(80, 24)
        paint_walk(canvas, snapshot, PLAN, Local(), History())
        return plain_text(canvas.rows())

    rising = BACKWARD._replace(reached=False, speed=kmh("0.8"))
    assert "reached" in shown(BACKWARD) and "rising" in shown(rising)
    assert "falling" in shown(rising._replace(speed=kmh("1.2")))


@pytest.mark.parametrize("size", [(40, 12), *SIZES])
@pytest.mark.parametrize("name", list(PAINTERS))
def test_a_linux_console_gets_blocks_and_ascii_only_and_others_ascii_only(name: str, size: tuple[int, int]) -> None:
    assert set(text_of(name, size, Look(Letters.CONSOLE))) <= ON_A_CONSOLE | {chr(n) for n in range(128)}
    assert text_of(name, size, Look(Letters.ASCII)).isascii()


def test_foreign_letters_keep_their_cells() -> None:
    assert drawable("歩く é ñ – x", Letters.ASCII) == "???? e n - x"
    assert drawable("歩く █ é", Letters.CONSOLE) == "???? █ e"
    assert drawable("歩く – é", Letters.ALL) == "歩く – é"


def test_a_tick_does_not_become_a_cross() -> None:
    for letters in (Letters.CONSOLE, Letters.ASCII):
        assert drawable("✓ hear me", letters) == "+ hear me"


@pytest.mark.parametrize(
    ("encoding", "term", "letters"),
    [
        ("utf-8", "xterm-256color", Letters.ALL), ("UTF8", "linux", Letters.CONSOLE), ("ascii", "linux", Letters.ASCII),
        ("ANSI_X3.4-1968", "xterm", Letters.ASCII), ("utf-8", "linux-16color", Letters.CONSOLE),
    ],
)  # fmt: skip
def test_what_the_terminal_is_decides_its_characters(encoding: str, term: str, letters: Letters) -> None:
    assert look_of(Settings(), encoding, term).letters is letters


def test_the_digits_of_an_ascii_terminal_take_their_forty_percent_too() -> None:
    for size in ((40, 12), *SIZES):
        canvas = Canvas(*size, Look(Letters.ASCII))
        PAINTERS["walk-backward"](canvas)
        rows = sum(any(s.ink is Ink.DIGITS and s.text.strip() for s in row) for row in canvas.rows())
        assert rows >= 0.4 * size[1]


# --- the head --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_link_and_voice_are_in_the_head_beside_the_times(size: tuple[int, int]) -> None:
    head = text_of("walk-backward", size).splitlines()[0]
    assert "link good" in head and "voice on" in head and "3:19 of 12:00" in head and "12 min left" in head
    assert "link silent" in text_of("walk-silent", size).splitlines()[0]


def test_a_lost_link_and_a_missing_voice_outlive_the_times_in_a_narrow_head() -> None:
    canvas = Canvas(52, 12)
    paint_walk(canvas, BACKWARD._replace(link=LinkState.LOST, voice=False), PLAN, Local(), History())
    assert "LINK LOST  voice off" in plain_text(canvas.rows()).splitlines()[0]


@pytest.mark.parametrize("name", ["card-controller-hangs", "card-controller-lost", "card-ended"])
def test_without_a_controller_no_link_is_called_good(name: str) -> None:
    head = text_of(name).splitlines()[0]
    assert "link unknown" in head and "good" not in head and "voice on" not in head


# --- miles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", list(PAINTERS))
def test_whoever_reads_miles_reads_no_number_in_km_h(name: str, size: tuple[int, int]) -> None:
    if not name.startswith("settings"):
        assert "km/h" not in text_of(name, size, Look(units=Units.MPH))


def test_the_walk_screen_measures_in_miles() -> None:
    text = text_of("walk-backward", (40, 12), Look(Letters.ASCII, Units.MPH))
    assert "mph" in text and "target 0.6" in text
    eased = BACKWARD._replace(ceiling=kmh("0.95"))
    canvas = Canvas(40, 12, Look(units=Units.MPH))
    paint_walk(canvas, eased, PLAN, Local(), History())
    assert "eased to 0.5" in plain_text(canvas.rows())


# --- motion ----------------------------------------------------------------------------------------------------------


def walking(seconds: int) -> list[Snapshot]:
    """A steady walk, four snapshots a second."""
    found = []
    for quarter in range(4 * seconds):
        ms = quarter * 250
        found.append(BACKWARD._replace(
            now=ms, walked=20_000 + ms, segment_left=41_100 - ms, left=720_000 - ms, heart_rate=96 + ms // 2000,
            next=Next("turn round", 41_100 - ms), incline=Incline(0),
        ))  # fmt: skip
    return found


@pytest.mark.parametrize("size", [(40, 12), *SIZES])
def test_nothing_blinks_faster_than_once_a_second(size: tuple[int, int]) -> None:
    history, frames = History(), []
    for snapshot in walking(20):
        history.see(snapshot)
        canvas = Canvas(*size)
        paint_walk(canvas, snapshot, PLAN, Local(), history)
        frames.append([[(c, s.ink) for s in row for c in s.text] for row in canvas.rows()])
    for y in range(size[1]):
        for x in range(size[0]):
            cells = [frame[y][x] for frame in frames]
            changes = [n for n in range(1, len(cells)) if cells[n] != cells[n - 1]]
            for sooner, later in pairwise(changes):
                assert later - sooner >= 4 or cells[later] != cells[sooner - 1], (x, y, later)


def test_a_calm_chart_fills_from_the_left_and_turns_over_half_at_a_time() -> None:
    history, seen = History(), []
    for second in range(200):
        history.see(BACKWARD._replace(walked=second * 1000, heart_rate=None))
        canvas = Canvas(40, 10, Look(calm=True))
        paint_chart(canvas, (0, 0, 40, 10), history)
        lines = [line.ljust(40) for line in plain_text(canvas.rows()).splitlines()[1:9]]
        seen.append(sum("▒" in column for column in zip(*lines, strict=True)))
    steps = [later - sooner for sooner, later in pairwise(seen)]
    assert max(seen) == 40 and set(steps) == {1, -19}


def test_calm_figures_wait_for_their_second_and_what_matters_does_not() -> None:
    pace, state = Pace(), State(simulated=True)
    state.take(BACKWARD, 0)
    assert pace.due(0, state.moment)
    state.take(BACKWARD._replace(speed=kmh("1.1"), walked=200_000, sample_age=50), 250)
    assert not pace.due(250, state.moment)
    for n, urgent in enumerate((SENT, SILENT, BACKWARD._replace(notice="x"), READY)):
        state.take(urgent, 300 + n)
        assert pace.due(300 + n, state.moment)
    assert pace.due(400 + CALM_EVERY, state.moment)


