"""The same manners over the backend that the demo walks on: what a scan shows of them, what a link makes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from treadsim.backend import Backend, open_backend

from tests.guardian.radio import eventually
from tests.guardian.whole import Whole
from treadctl.guardian.radio import Radio
from treadctl.model.api import Found, LinkState


def polite(quirk: str = "reference", **manners: Any) -> Backend:
    backend = open_backend(quirk=quirk)
    for name, value in manners.items():
        setattr(backend.treadmill.manners, name, value)
    return backend


async def seen(backend: Backend) -> Found:
    found: list[Found] = []
    await Radio(backend).scan(0.2, found.append)
    return found[0]


@pytest.mark.parametrize(
    ("manners", "name", "fitness", "treadmill"),
    [
        ({}, "treadsim reference", True, True),
        ({"data": None}, "treadsim reference", True, None),
        ({"data": b""}, "treadsim reference", True, None),
        ({"data": b"\x01\0\1"}, "treadsim reference", True, True),
        ({"service": False, "data": None}, "treadsim reference", False, None),
        ({"named": False}, "", True, True),
    ],
)
async def test_a_scan_shows_a_machine_that_has_a_record_whatever_it_advertises(
    manners: dict[str, Any], name: str, fitness: bool, treadmill: bool | None
) -> None:
    found = await seen(polite(**manners))
    assert (found.name, found.fitness, found.treadmill, found.known) == (name, fitness, treadmill, True)


async def test_what_a_machine_of_some_maker_advertises_is_what_its_file_says() -> None:
    assert (await seen(polite("horizon-omega-z"))).name == ""
    found = await seen(polite("hidden"))
    assert (found.fitness, found.treadmill) == (False, None)


@pytest.mark.parametrize("manners", [{"twice": True}, {"commands": True}, {"pairing": True}])
async def test_a_machine_with_unusual_services_is_linked_to_and_takes_a_write(manners: dict[str, Any]) -> None:
    backend = polite(**manners)
    whole = Whole(backend)
    await whole.at_rest()
    link = whole.driver.link
    assert link is not None
    await link.write(b"\0", 1.0)
    answers: list[bytes] = []
    link.divert(lambda _source, data: answers.append(data))
    await eventually(lambda: any(data[:1] == b"\x80" for data in answers), 2)
    assert backend.treadmill.manners.paired is manners.get("pairing", False)


async def test_a_machine_that_refuses_to_be_paired_is_shown_with_the_way_to_do_it_by_hand() -> None:
    whole = Whole(polite(pairing=True, shy=True))
    whole.driver.connect("")
    await whole.until(lambda shown: "wants to be paired" in shown.notice)
    assert whole.shown.link is not LinkState.UP and whole.writes == []
    await asyncio.sleep(0.1)
    assert whole.told_of_loss() == 1
