"""The machine picker: what is heard is listed, what fails is said, and no key of it moves a belt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.records import ATTIC, CELLAR
from tests.tui.fakes import FakeAccess, FakeClock
from tests.tui.moments import FORWARD, IDLE, READY
from tests.tui.test_app import OFFERS, Stage, stage
from treadctl.clients.tui import picking
from treadctl.clients.tui.canvas import Canvas, plain_text
from treadctl.clients.tui.look import Letters, Look
from treadctl.clients.tui.picker_page import paint_picker
from treadctl.clients.tui.picking import Picking
from treadctl.clients.tui.screens import HomeScreen, PickerScreen, WalkScreen
from treadctl.clients.tui.view import Local
from treadctl.model.api import (
    Belt,
    Commission,
    Connect,
    Found,
    Intent,
    LinkState,
    Load,
    Phase,
    Press,
    Repeat,
    Scan,
    Verdict,
)
from treadctl.model.machine import Record

REAL = IDLE._replace(simulated=False)
STRANGER = Found("11:22:33:44:55:66", "Horizon 7.4", -60, treadmill=True)
MINE = Found(CELLAR.address, "HORIZON_7", -85, known=True)
SCANNING = REAL._replace(link=LinkState.SCANNING, found=(STRANGER, MINE))
UP = READY._replace(simulated=False, phase=Phase.IDLE, machine="Horizon 7.4", program="", to_walk=0, left=0)


async def picker(on: Stage, *messages: object) -> None:
    """Open it, and let the guardian say this."""
    await on.say(REAL)
    await on.pilot.press("m")
    await on.until(lambda: Scan(picking.SCAN_S) in on.access.asked and isinstance(on.app.screen, PickerScreen))
    await on.until(lambda: on.app.picking._asked)
    for message in messages:
        await on.say(message)


async def test_m_opens_it_and_scans_at_once() -> None:
    async with stage(home=True) as on:
        await picker(on)
        assert "looking" in on.text and "Wake your treadmill up" in on.text


async def test_machines_are_listed_as_they_are_heard_and_yours_comes_first_by_its_name() -> None:
    async with stage(home=True) as on:
        on.access.learnt = (CELLAR,)
        await picker(on, SCANNING)
        await on.until(lambda: "Horizon 7.4" in on.text)
        rows = [line for line in on.text.splitlines() if "Horizon" in line or "Cellar" in line]
        assert "Cellar" in rows[0] and "weak" in rows[0] and rows[0].lstrip().startswith("▸")
        assert "strong" in rows[1] and STRANGER.address in rows[1]


async def test_the_arrows_choose_and_enter_connects_to_the_chosen_one() -> None:
    async with stage(home=True) as on:
        on.access.learnt = (CELLAR,)
        await picker(on, SCANNING)
        await on.until(lambda: "Horizon 7.4" in on.text)
        await on.pilot.press("down", "enter")
        await on.until(lambda: Connect(STRANGER.address) in on.access.asked)
        await on.say(REAL._replace(link=LinkState.CONNECTING), UP)
        await on.until(lambda: "Connected: Horizon 7.4." in on.text)
        assert "Not learnt yet" in on.text and "press c to commission" in on.text
        assert on.access.address() == STRANGER.address


@pytest.mark.parametrize(
    ("record", "words"), [(CELLAR, "Backward: yes."), (replace(ATTIC, address=CELLAR.address), "missing: ")]
)
async def test_a_machine_says_what_it_permits_and_a_half_learnt_one_what_is_missing(record: Record, words: str) -> None:
    async with stage(home=True) as on:
        on.access.learnt = (record,)
        await picker(on, SCANNING)
        await on.until(lambda: record.name in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: Connect(CELLAR.address) in on.access.asked)
        await on.say(UP)
        await on.until(lambda: words in " ".join(on.text.split()))


async def test_enter_on_the_connected_one_goes_home_and_its_walk_goes_to_it() -> None:
    async with stage(home=True) as on:
        on.access.learnt = (CELLAR,)
        await picker(on, SCANNING)
        await on.until(lambda: "Cellar" in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: Connect(CELLAR.address) in on.access.asked)
        await on.say(UP)
        await on.until(lambda: "Connected" in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: isinstance(on.app.screen, HomeScreen) and "Cellar" in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: on.access.asked.count(Connect(CELLAR.address)) == 2)
        await on.say(UP)
        await on.until(lambda: any(isinstance(asked, Load) for asked in on.access.asked))


async def test_c_commissions_only_what_is_connected() -> None:
    async with stage(home=True) as on:
        await picker(on, SCANNING)
        await on.until(lambda: "Horizon" in on.text)
        await on.pilot.press("c")
        assert isinstance(on.app.screen, PickerScreen)
        await on.pilot.press("enter")
        await on.until(lambda: any(isinstance(asked, Connect) for asked in on.access.asked))
        await on.say(UP)
        await on.until(lambda: "commission" in on.text)
        await on.pilot.press("c")
        await on.until(lambda: isinstance(on.app.screen, WalkScreen))
        await on.say(UP)
        await on.until(lambda: Commission() in on.access.asked)
        assert "COMMISSIONING, EMPTY BELT" in on.text


@pytest.mark.parametrize("link", [LinkState.FAILED, LinkState.LOST])
async def test_a_connection_that_fails_is_said_here_and_another_can_be_chosen(link: LinkState) -> None:
    async with stage(home=True) as on:
        await picker(on, SCANNING)
        await on.until(lambda: "Horizon" in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: any(isinstance(asked, Connect) for asked in on.access.asked))
        await on.until(lambda: "Connecting. Stay off the belt." in on.text)
        await on.say(REAL._replace(link=link, notice="The machine did not answer; wake it up."))
        if link is LinkState.FAILED:
            await on.until(lambda: "wake it up." in on.text and "treadctl doctor" in on.text)
            assert "connect" in on.text and on.access.address() == ""


async def test_a_scan_that_fails_says_why_and_r_looks_again() -> None:
    async with stage(home=True) as on:
        await picker(on, REAL._replace(link=LinkState.NONE, notice="The Bluetooth adapter is switched off."))
        await on.until(lambda: "switched off." in on.text)
        assert "treadctl doctor" in on.text
        await on.pilot.press("r")
        await on.until(lambda: on.access.asked.count(Scan(picking.SCAN_S)) == 2)
        assert Repeat() not in on.access.told  # nothing is said again: on this page r looks again


async def test_what_was_said_before_the_scan_was_asked_for_is_no_failure_of_it() -> None:
    class Slow(FakeAccess):
        async def ask(self, intent: Intent) -> Verdict:
            page.take(REAL._replace(link=LinkState.NONE, notice="No voice."))  # was on its way already
            return await super().ask(intent)

    async def link(_address: str) -> str:
        return ""

    page = Picking(Slow(), FakeClock(), link)
    await page.scan()
    assert (page.problem, page.looking) == ("", True)
    page.take(REAL._replace(link=LinkState.NONE, notice="The adapter is off."))
    assert (page.problem, page.looking) == ("The adapter is off.", False)


async def test_a_refused_scan_is_said() -> None:
    async with stage(home=True, refusal="not now") as on:
        await on.say(REAL)
        await on.pilot.press("m")
        await on.until(lambda: "not now" in on.text)


async def test_b_goes_back_and_q_leaves() -> None:
    async with stage(home=True) as on:
        await picker(on)
        await on.pilot.press("b")
        await on.until(lambda: isinstance(on.app.screen, HomeScreen))
        assert OFFERS[0].name in on.text


async def test_while_the_belt_may_move_its_keys_are_presses_and_the_belt_is_shown() -> None:
    async with stage(home=True) as on:
        await picker(on, SCANNING)
        before = len(on.access.asked)
        for key in ("enter", "r", "c", "b", "down", "q"):
            await on.say(UP._replace(belt=Belt.UNKNOWN, sample_age=None, speed=None))
            await on.until(lambda: "ONE MOMENT" in on.text)
            await on.pilot.press(key)
            await on.pilot.pause(0.15)
        assert len(on.access.asked) == before and isinstance(on.app.screen, PickerScreen)
        told = [one.key for one in on.access.told if isinstance(one, Press)]
        assert {"enter", "c", "b", "down", "q"} <= set(told)


async def test_a_walk_that_begins_elsewhere_takes_the_screen() -> None:
    async with stage(home=True) as on:
        await picker(on, SCANNING)
        await on.say(FORWARD)
        await on.until(lambda: isinstance(on.app.screen, WalkScreen))


async def test_another_machine_than_the_held_one_is_not_passed_off_as_chosen() -> None:
    async with stage(home=True) as on:
        on.access.holds = "AA:AA:AA:AA:AA:AA"
        await picker(on, UP._replace(found=(STRANGER,)))
        await on.until(lambda: "Horizon" in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: "still connected to" in " ".join(on.text.split()))
        assert not any(isinstance(asked, Connect) for asked in on.access.asked)


async def test_a_lost_link_is_no_longer_called_connected() -> None:
    async with stage(home=True) as on:
        await picker(on, SCANNING)
        await on.until(lambda: "Horizon" in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: any(isinstance(asked, Connect) for asked in on.access.asked))
        await on.say(UP)
        await on.until(lambda: "Connected" in on.text)
        await on.say(REAL._replace(link=LinkState.NONE))
        await on.until(lambda: on.app.picking.linked is None and "Connected" not in on.text)


async def test_a_click_chooses_what_is_under_it_also_in_a_list_that_is_scrolled() -> None:
    async with stage((80, 20), home=True) as on:
        many = tuple(replace(STRANGER, address=f"AA:{n:02}") for n in range(40))
        await picker(on, SCANNING._replace(found=many))
        await on.until(lambda: len(on.app.picking.seen) == 40)
        await on.pilot.press("end")
        await on.until(lambda: "AA:39" in on.text)
        row = next(y for y, line in enumerate(on.text.splitlines()) if "AA:35" in line)
        await on.say(SCANNING._replace(found=many))  # a click on an old picture counts as a stop
        await on.pilot.click(offset=(10, row))
        assert on.app.picking.chosen == "AA:35"


# --- time, and sizes -----------------------------------------------------------------------------------------------


def painted(app: Picking, width: int, height: int, letters: Letters = Letters.ALL) -> str:
    canvas = Canvas(width, height, Look(letters))
    paint_picker(canvas, app, SCANNING, Local())
    return plain_text(canvas.rows())


async def test_a_scan_that_hears_nothing_ends_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picking, "SCAN_S", 0)
    monkeypatch.setattr(picking, "LAST_WORD", 0)
    async with stage(home=True) as on:
        await picker(on, REAL._replace(link=LinkState.SCANNING))
        await on.until(lambda: "No treadmill was found" in on.text and "to one app" in on.text)
        assert "look again" in on.text and "looking" not in on.text


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (120, 40), (200, 50), (1, 1)])
async def test_it_is_painted_at_every_size_with_its_list_and_its_keys(size: tuple[int, int]) -> None:
    async with stage(home=True) as on:
        await picker(on, SCANNING._replace(found=tuple(replace(STRANGER, address=f"AA:{n:02}") for n in range(40))))
        await on.until(lambda: on.app.picking.seen)
        for chosen in (on.app.picking.seen[0], on.app.picking.seen[-1]):
            on.app.picking.chosen = chosen.address
            text = painted(on.app.picking, *size)
            if size[0] >= 40:
                assert "enter" in text and "Horizon" in text and "▸" in text
                assert "NO MACHINE" in text or "S T I L L" in text or "STILL" in text
        assert painted(on.app.picking, 80, 24, letters=Letters.ASCII).isascii()


