"""Heart rate on the screens: picking a strap, the cap with its reason, the zones where there is room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.moments import BACKWARD, DONE, PLAN
from tests.tui.test_app import stage
from tests.tui.test_picker import REAL, picker
from treadctl.clients.heart_words import cap_words, rate_words, strap_words, summary_words, zone_words
from treadctl.clients.tui.canvas import Canvas, plain_text
from treadctl.clients.tui.cards import figures
from treadctl.clients.tui.chart import History
from treadctl.clients.tui.screens import PickerScreen, WalkScreen
from treadctl.clients.tui.strap_page import NONE_WORN, WET, keys_of, paint_straps
from treadctl.clients.tui.strap_screen import StrapScreen
from treadctl.clients.tui.view import Local
from treadctl.clients.tui.walk_page import paint_walk
from treadctl.model.api import Found, LinkState, PickStrap, Scan, Snapshot, Strap

MINE = Found("AA:AA:AA:AA:AA:01", "Belt\x1b[31m 1", -50, fitness=False, treadmill=False, strap=True)
THEIRS = Found("AA:AA:AA:AA:AA:02", "Belt 2", None, fitness=False, treadmill=False, strap=True)
HEARD = REAL._replace(straps=(MINE, THEIRS))
LOST = Strap(MINE.address, "Belt 1", LinkState.LOST, "The heart-rate strap is not heard.")
CAPPED = BACKWARD._replace(
    heart_cap=132, heart_cap_why="76 % of 208 - 0.7 x age", zones=(60_000, 90_000, 5_000, 0, 0), zone=1,
)


def painted(snapshot: Snapshot, width: int, height: int) -> str:
    canvas = Canvas(width, height)
    paint_walk(canvas, snapshot, PLAN, Local(), History())
    return plain_text(canvas.rows())


def listed(snapshot: Snapshot, width: int = 80, height: int = 24, looking: int | None = None) -> str:
    canvas = Canvas(width, height)
    paint_straps(canvas, snapshot, MINE.address, Local(), looking=looking)
    return plain_text(canvas.rows())


# --- picking ---------------------------------------------------------------------------------------------------------


async def test_h_among_the_treadmills_shows_the_straps_and_enter_wears_the_chosen_one() -> None:
    async with stage(home=True) as on:
        await picker(on, HEARD)
        assert "heart-rate strap" in on.text
        await on.pilot.press("h")
        await on.until(lambda: isinstance(on.app.screen, StrapScreen) and "Belt 2" in on.text)
        await on.pilot.press("down", "down", "up", "enter")
        await on.until(lambda: PickStrap(MINE.address) in on.access.told)
        await on.pilot.press("down", "enter")
        await on.until(lambda: PickStrap(THEIRS.address) in on.access.told)
        await on.say(HEARD._replace(strap=Strap(THEIRS.address, "Belt 2", LinkState.UP), heart_rate=88))
        await on.until(lambda: "Worn: Belt 2." in on.text and "Heart rate 88." in on.text)
        await on.pilot.press("n")
        await on.until(lambda: PickStrap() in on.access.told)
        await on.pilot.press("b")
        await on.until(lambda: isinstance(on.app.screen, PickerScreen))


async def test_the_page_of_the_straps_looks_for_them_and_again_when_asked() -> None:
    async with stage(home=True) as on:
        await picker(on, REAL)
        await on.pilot.press("h")
        await on.until(lambda: isinstance(on.app.screen, StrapScreen) and WET.split(":", maxsplit=1)[0] in on.text)
        on.app.picking._over("")
        before = on.access.asked.count(Scan(8))
        await on.pilot.press("enter", "x", "r")
        await on.until(lambda: on.access.asked.count(Scan(8)) == before + 1)
        assert not [told for told in on.access.told if isinstance(told, PickStrap)]


async def test_a_belt_that_moves_takes_the_page_away_and_its_keys_with_it() -> None:
    async with stage(home=True) as on:
        await picker(on, HEARD)
        await on.pilot.press("h")
        await on.until(lambda: isinstance(on.app.screen, StrapScreen))
        await on.say(BACKWARD)
        await on.until(lambda: isinstance(on.app.screen, WalkScreen))
        await on.pilot.press("enter")
        assert not [told for told in on.access.told if isinstance(told, PickStrap)]


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
def test_straps_are_listed_with_names_made_safe_to_show(size: tuple[int, int]) -> None:
    text = listed(HEARD, *size)
    assert "Belt\\x1b[31m 1" in text and "Belt 2" in text and "\x1b" not in text
    assert (MINE.address in text) == (size[0] >= 60)


def test_the_one_thing_that_matters_about_the_strap_is_said() -> None:
    assert NONE_WORN.split(":", maxsplit=1)[0] in listed(REAL) and "Wet the strap" in listed(REAL)
    assert "Wet the strap" not in listed(HEARD) and "looking, 3 s" in listed(HEARD, looking=3)
    assert "Belt 1 is lost." in listed(HEARD._replace(strap=LOST)) and LOST.why in listed(HEARD._replace(strap=LOST))
    up = replace(LOST, link=LinkState.UP, why="")
    assert "no heart rate yet" in listed(HEARD._replace(strap=up))
    names = [choice.key for choice in keys_of(REAL, looking=True)], [c.key for c in keys_of(HEARD, looking=False)]
    assert names == (["b", "q"], ["enter", "up/down", "r", "b", "q"])


# --- on the walk -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_the_rate_stands_beside_its_cap(size: tuple[int, int]) -> None:
    assert "HR 96, cap 132" in painted(CAPPED, *size)


def test_time_in_zones_and_why_the_cap_is_what_it_is_stand_beside_the_walk_at_200_columns_only() -> None:
    wide, usual = painted(CAPPED, 200, 60), painted(CAPPED, 160, 60)
    assert "▸ light" in wide and "1:30" in wide and "near maximal" in wide
    assert "heart rate at most 132: 76 % of 208 - 0.7 x age" in wide
    assert "moderate" not in usual and "moderate" not in painted(CAPPED._replace(zones=()), 200, 60)


@pytest.mark.parametrize("how", [{"heart_why": "it sends nothing"}, {"strap": LOST}])
def test_a_lost_heart_rate_is_said_and_the_last_number_is_not(how: dict[str, str]) -> None:
    text = painted(CAPPED._replace(heart_rate=None, **how), 80, 24)  # type: ignore[arg-type]
    assert "no heart rate" in text and "HR 96" not in text


def test_words_of_the_heart() -> None:
    assert (rate_words(Snapshot()), cap_words(Snapshot()), strap_words(None)) == ("", "", "")
    assert rate_words(Snapshot(heart_rate=90)) == "HR 90" and strap_words(LOST) == LOST.why
    assert zone_words((0, 61_000, 0, 999, 2_000)) == "light 1:01, near maximal 0:02"
    summary = DONE.summary
    assert summary is not None and summary_words(summary) == "" and "heart rate" not in dict(figures(summary))
    told = replace(summary, top_heart=131, zones=(0, 61_000, 0, 0, 0))
    assert summary_words(told) == "Heart rate up to 131: light 1:01."
    assert summary_words(replace(told, zones=())) == "Heart rate up to 131."
    assert dict(figures(told))["heart rate"] == "up to 131"
