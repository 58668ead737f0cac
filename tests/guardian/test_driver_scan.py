"""A scan tells of what may be a treadmill, however little it says of itself, and of nothing else."""

from __future__ import annotations

import asyncio

import pytest

from tests.guardian.radio import ADDRESS, Advert, Bench, Machine
from treadctl.control.events import LinkUp, Seen
from treadctl.files.quirks import known_machines
from treadctl.ftms import uuids
from treadctl.guardian.failures import LinkFailed
from treadctl.guardian.radio import TOLD_AGAIN_S, Radio, known_name
from treadctl.model.api import Found

OTHER = "F0:00:00:00:00:99"
FTMS = (uuids.FTMS,)


async def scanned(machine: Machine, recorded: tuple[str, ...] = (), familiar: tuple[str, ...] = ()) -> list[Found]:
    seen: list[Found] = []
    radio = Radio(machine.backend(), familiar=lambda name: name in familiar)
    await radio.scan(0, seen.append, recorded)
    return seen


def air(*adverts: Advert) -> Machine:
    machine = Machine()
    machine.adverts = list(adverts)
    return machine


@pytest.mark.parametrize(
    ("data", "treadmill"),
    [
        (b"\x01\x01\x00", True),
        (b"\x00\x01\x00", True),  # "not available" is no reason to hide it
        (b"\x01\x00\x01", True),  # octets swapped
        (b"\x01\x20\x00", False),  # an indoor bike
        (b"\x01\x21\x00", True),  # several kinds at once
        (b"\x01\x00\x00", None),
        (b"\x01", None),
        (b"", None),
    ],
)
async def test_service_data_say_what_it_is_in_either_order_of_octets_or_say_nothing(
    data: bytes, treadmill: bool | None
) -> None:
    [found] = await scanned(air(Advert(OTHER, "x", FTMS, {uuids.FTMS: data})))
    assert (found.fitness, found.treadmill) == (True, treadmill)
    [found] = await scanned(air(Advert(OTHER, "x", (), {uuids.FTMS.upper(): data})))
    assert (found.fitness, found.treadmill) == (True, treadmill)


async def test_neither_service_data_nor_a_name_is_required() -> None:
    [found] = await scanned(air(Advert(OTHER, None, FTMS)))
    assert found == Found(OTHER, "", -50, known=False, fitness=True, treadmill=None)


async def test_a_strength_that_nobody_measured_is_unknown() -> None:
    [found] = await scanned(air(Advert(OTHER, "x", FTMS, rssi=-127)))
    assert found.rssi is None


async def test_a_machine_that_does_not_name_its_service_is_found_by_its_name_or_by_its_record() -> None:
    [found] = await scanned(air(Advert(OTHER, "WalkingPad")), familiar=("WalkingPad",))
    assert found == Found(OTHER, "WalkingPad", -50, known=False, fitness=False, treadmill=None)
    [found] = await scanned(air(Advert(OTHER.lower(), "anything")), recorded=(OTHER,))
    assert found.known and not found.fitness


def test_the_names_of_known_machines_are_familiar_and_those_of_other_things_are_not() -> None:
    known = next(quirk for quirk in known_machines() if quirk.match is not None and quirk.match.name)
    assert known.match is not None
    assert known_name(known.match.name[0].replace("*", "").replace("?", "x"))
    assert not known_name("Headphones") and not known_name("")


async def test_nothing_is_told_of_what_is_no_treadmill() -> None:
    machine = air(*(Advert(f"F1:00:00:00:00:{n:02X}", "Headphones", (uuids.full(0x180F),)) for n in range(200)))
    assert await scanned(machine) == []


async def test_only_what_has_a_record_is_known() -> None:
    found = await scanned(air(Advert(OTHER, "x", FTMS), Advert(ADDRESS, "y", FTMS)))
    assert [one.known for one in found] == [False, True]  # the simulated one brings its record
    [found_one] = await scanned(air(Advert(OTHER, "x", FTMS)), recorded=(OTHER,))
    assert found_one.known


async def test_the_core_hears_of_the_records_on_disk() -> None:
    bench = Bench(air(Advert(OTHER, "x")))
    bench.driver._recorded = lambda: [OTHER.lower()]
    bench.driver.scan(0)
    assert (await bench.until(Seen)).found.known


async def test_hundreds_of_devices_that_advertise_without_end_are_told_twice_a_second_each_at_most() -> None:
    machine = air(*(Advert(f"F1:00:00:00:{n // 256:02X}:{n % 256:02X}", f"n{n}", FTMS) for n in range(300)))
    bench = Bench(machine)
    bench.driver.scan(1)
    await bench.until(Seen)
    assert machine.scanner is not None
    for _ in range(20):
        machine.scanner.show()
        await asyncio.sleep(0.01)
    assert len([item for item in bench.inputs if isinstance(item, Seen)]) == 299
    await asyncio.sleep(TOLD_AGAIN_S)
    machine.scanner.show()
    assert len([item for item in bench.inputs if isinstance(item, Seen)]) == 599


async def test_names_with_escape_sequences_and_direction_marks_are_made_safe() -> None:
    [found] = await scanned(air(Advert(OTHER, "a\x1b[2J\x07\u202eb\n" + "x" * 500, FTMS)))
    assert found.name.startswith("a\\x1b[2J\\x07\\u202eb\\x0a") and len(found.name) <= 80


async def test_an_address_is_found_whatever_its_device_says_of_itself() -> None:
    radio = Radio(air(Advert(OTHER, "x"), Advert(ADDRESS, None)).backend())
    assert (await radio._look_for(ADDRESS, 1.0)).address == ADDRESS
    with pytest.raises(LinkFailed, match="was not found; wake it up and close other apps"):
        await radio._look_for("F0:00:00:00:00:01", 0.05)


async def test_the_only_treadmill_is_taken_and_a_bike_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadctl.guardian.radio.ONLY_ONE_SCAN_S", 0.01)
    bike = Advert("F0:00:00:00:00:02", "bike", FTMS, {uuids.FTMS: b"\x01\x20\x00"})
    one, two = Advert(OTHER, "x", FTMS), Advert(ADDRESS, "y", FTMS)
    assert (await Radio(air(bike, one).backend())._only_one({})).address == OTHER
    with pytest.raises(LinkFailed, match="No treadmill was found"):
        await Radio(air(bike).backend())._only_one({})
    with pytest.raises(LinkFailed, match="There are 2 treadmills in reach"):
        await Radio(air(one, two).backend())._only_one({})


async def test_a_device_found_by_a_scan_can_be_connected_to() -> None:
    bench = Bench(Machine())
    bench.driver.scan(0)
    found = (await bench.until(Seen)).found
    bench.driver.connect(found.address)
    assert (await bench.until(LinkUp)).info.address == found.address
