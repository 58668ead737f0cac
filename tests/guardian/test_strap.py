"""The heart-rate strap beside the treadmill: found, worn, lost, found again, and never in the way of the other link."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from treadsim.backend import Backend, open_backend
from treadsim.strap import NAME

from tests.guardian.radio import Advert, Machine, eventually
from tests.guardian.whole import Whole
from treadctl.control.events import Input, Lagged, Notified, Seen, Source, StrapIs, Suspended
from treadctl.ftms import uuids
from treadctl.guardian import strap as its
from treadctl.guardian.failures import LinkFailed
from treadctl.guardian.radio import Radio
from treadctl.model.api import Belt, LinkState, Phase, PickStrap, Scan, Snapshot, Stop, Strap

STOP = b"\x08\x01"
TURNS = 10
"""Of the loop: a stop that is handed over within so few waits for nobody."""


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    monkeypatch.setattr(its, "FIND_S", 0.8)
    monkeypatch.setattr(its, "FIRST_PAUSE_S", 0.1)
    monkeypatch.setattr(its, "LOOK_S", 0.05)
    return open_backend()


def beats(whole: Whole) -> list[Notified]:
    return [item for item in whole.inputs if isinstance(item, Notified) and item.source is Source.HEART_RATE]


def linked(state: LinkState) -> Callable[[Snapshot], bool]:
    return lambda shown: shown.strap is not None and shown.strap.link is state


async def wearing(whole: Whole, who: str = NAME) -> Whole:
    whole.ask(PickStrap(who))
    await whole.until(linked(LinkState.UP))
    return whole


async def stopped_at_once(whole: Whole) -> None:
    """The octets of a stop are handed over within a few turns of the loop, to a belt of which nothing is known."""
    whole.shell.accept(Suspended(1000))
    await whole.until(lambda shown: shown.belt is Belt.UNKNOWN)
    whole.writes.clear()
    whole.ask(Stop())
    for _ in range(TURNS):
        if STOP in whole.writes:
            return
        await asyncio.sleep(0)
    raise AssertionError("something held the stop up")


# --- finding ---------------------------------------------------------------------------------------------------------


async def test_a_scan_tells_straps_and_treadmills_apart(backend: Backend) -> None:
    whole = Whole(backend)
    whole.ask(Scan(1))
    await whole.until(lambda shown: shown.straps and shown.found)
    assert [(one.name, one.strap) for one in whole.shown.straps] == [(NAME, True)]
    assert [one.strap for one in whole.shown.found] == [False]


async def test_what_measures_hearts_is_never_taken_for_the_only_treadmill() -> None:
    machine = Machine()
    machine.adverts = [Advert("AA:AA:AA:AA:AA:01", "Belt 1", (uuids.HEART_RATE,))]
    seen: list[Seen] = []
    await Radio(machine.backend()).scan(0.1, lambda found: seen.append(Seen(found)))
    assert [one.found.strap for one in seen] == [True]
    machine.adverts = [Advert("AA:AA:AA:AA:AA:02", "Mill", (uuids.FTMS, uuids.HEART_RATE))]
    await Radio(machine.backend()).scan(0.1, lambda found: seen.append(Seen(found)))
    assert [one.found.strap for one in seen] == [True, False]


async def test_two_straps_of_one_name_are_not_guessed_between(backend: Backend) -> None:
    machine = Machine()
    machine.adverts = [Advert(f"AA:AA:AA:AA:AA:0{n}", f"Belt {n}", (uuids.HEART_RATE,)) for n in (1, 2)]
    radio = Radio(machine.backend())
    with pytest.raises(LinkFailed, match="2 straps of that name"):
        await radio.find_strap("belt", 0.1, scan=True)
    found = await radio.find_strap("BELT 2", 0.1, scan=True)
    assert found is not None and (found.address, found.name) == ("AA:AA:AA:AA:AA:02", "Belt 2")
    assert await radio.find_strap("nobody's", 0.1, scan=True) is None


# --- wearing ---------------------------------------------------------------------------------------------------------


async def test_a_strap_is_found_by_the_begin_of_its_name_and_tells_a_heart_rate(backend: Backend) -> None:
    whole = await wearing(Whole(backend), "sim")
    await whole.until(lambda shown: shown.heart_rate is not None)
    assert whole.shown.strap is not None and whole.shown.strap.name == NAME
    assert whole.worn == [(backend.strap.strap.address, NAME)]


async def test_both_links_stand_beside_each_other_and_nothing_is_written(backend: Backend) -> None:
    whole = Whole(backend)
    await whole.at_rest()
    await wearing(whole)
    await whole.until(lambda shown: shown.heart_rate is not None and shown.belt is Belt.STILL)
    assert whole.shown.link is LinkState.UP and whole.writes == []


async def test_a_strap_that_is_taken_off_by_choice_is_let_go(backend: Backend) -> None:
    whole = await wearing(Whole(backend))
    whole.ask(PickStrap(""))
    await whole.until(lambda shown: shown.strap is None)
    await eventually(lambda: backend.strap.client is None)


async def test_a_lost_strap_is_connected_to_again_with_one_subscription(backend: Backend) -> None:
    whole = await wearing(Whole(backend))
    backend.strap.strap.hidden = True
    await whole.until(linked(LinkState.LOST))
    assert whole.shown.strap is not None and whole.shown.strap.why
    backend.strap.strap.hidden = False
    await whole.until(linked(LinkState.UP))
    whole.inputs.clear()
    await asyncio.sleep(2.2)
    assert 1 <= len(beats(whole)) <= 4 and whole.told_of_loss() == 0


async def test_a_strap_that_is_not_there_is_a_sentence_and_no_more(backend: Backend) -> None:
    backend.strap.strap.hidden = True
    whole = Whole(backend)
    await whole.at_rest()
    whole.ask(PickStrap(NAME))
    await whole.until(lambda shown: shown.strap is not None and "not heard" in shown.strap.why)
    assert (whole.shown.link, whole.shown.alarm, whole.writes) == (LinkState.UP, "", [])


async def test_a_device_without_a_heart_rate_is_given_up() -> None:
    machine = Machine()
    machine.adverts = [Advert("AA:AA:AA:AA:AA:01", "Watch", (uuids.HEART_RATE,))]
    whole = Whole(machine.backend())
    whole.ask(PickStrap("Watch"))
    await whole.until(linked(LinkState.FAILED), 12)
    assert whole.shown.strap is not None and whole.shown.strap.why == its.DEAF


async def test_a_link_that_says_nothing_is_made_anew(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(its, "SILENT_S", 0.5)
    backend.strap._wake = lambda: None  # type: ignore[method-assign]
    whole = await wearing(Whole(backend))
    await whole.until(lambda shown: shown.strap is not None and shown.strap.why == its.MUTE)


# --- never in the way ------------------------------------------------------------------------------------------------


async def test_a_strap_that_floods_fills_no_inbox_and_is_left_alone(backend: Backend) -> None:
    backend.strap.strap.flood = 1000
    whole = Whole(backend)
    await whole.at_rest()
    whole.ask(PickStrap(NAME))
    await whole.until(lambda shown: shown.strap is not None and shown.strap.why == its.FLOODS)
    assert len(beats(whole)) < 10 and not any(isinstance(item, Lagged) and item.overflow for item in whole.inputs)
    await eventually(lambda: backend.strap.client is None)


async def _sleepy(backend: Backend, whole: Whole) -> None:
    backend.strap.strap.sleepy = True
    whole.ask(PickStrap(backend.strap.strap.address))


async def _flooding(backend: Backend, whole: Whole) -> None:
    await wearing(whole)
    backend.strap.strap.flood = 90


async def _dying(backend: Backend, whole: Whole) -> None:
    await wearing(whole)
    backend.strap.strap.hidden = True


async def _garbage(backend: Backend, whole: Whole) -> None:
    backend.strap.strap._measured = lambda now, speed: b"\xff" * 20  # type: ignore[method-assign]
    await wearing(whole)


@pytest.mark.parametrize("trouble", [_sleepy, _flooding, _dying, _garbage])
async def test_no_trouble_with_a_strap_holds_a_stop_up(
    backend: Backend, trouble: Callable[[Backend, Whole], Awaitable[None]]
) -> None:
    whole = Whole(backend)
    await whole.at_rest()
    await trouble(backend, whole)
    await stopped_at_once(whole)
    await whole.until(lambda shown: shown.belt is Belt.STILL and not shown.stop_sent)
    assert whole.shown.link is LinkState.UP and whole.told_of_loss() == 0 and not whole.died


async def test_while_the_treadmills_link_is_made_no_strap_is_connected_to(backend: Backend) -> None:
    backend.strap.strap.sleepy = True
    whole = Whole(backend)
    whole.ask(PickStrap(backend.strap.strap.address))
    await eventually(lambda: whole.strap._attempt is not None)
    attempt = whole.strap._attempt
    assert attempt is not None
    await asyncio.sleep(0.1)
    await whole.at_rest()
    assert attempt.cancelled()
    await eventually(lambda: whole.strap._attempt is not attempt)


async def test_a_scan_of_somebody_ends_the_search_for_a_strap(backend: Backend) -> None:
    backend.strap.strap.hidden = True
    whole = Whole(backend)
    whole.ask(PickStrap("Nobody's"))
    await eventually(lambda: whole.strap._scanning)
    whole.ask(Scan(1))
    await eventually(lambda: not whole.strap._scanning)
    await whole.until(lambda shown: shown.found)


async def test_no_search_begins_or_goes_on_while_a_belt_may_move(backend: Backend) -> None:
    told: list[Input] = []
    strap = its.StrapLink(Radio(backend), told.append, lambda: 0, busy=lambda: False)
    strap.see(Snapshot(link=LinkState.UP, belt=Belt.MOVING))
    strap.wear("Nobody's")
    await eventually(lambda: StrapIs(Strap("", "Nobody's", LinkState.CONNECTING, its.LATER)) in told)
    for ends in (Snapshot(link=LinkState.UP), Snapshot(link=LinkState.UP, belt=Belt.STILL, phase=Phase.COUNTDOWN)):
        strap.see(Snapshot(link=LinkState.UP, belt=Belt.STILL))
        await eventually(lambda: strap._scanning)
        strap.see(ends)
        await eventually(lambda: not strap._scanning)
    await strap.close()
