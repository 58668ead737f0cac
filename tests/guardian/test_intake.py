"""What reaches the core of what a link tells: every status and answer, whole records, and of a flood the newest."""

from __future__ import annotations

import asyncio

from tests.guardian.radio import eventually
from treadctl.control.belt import BURST, BeltPicture, Sample
from treadctl.control.events import Notified, Source
from treadctl.ftms.codec import RecordAssembler, TreadmillData, decode_treadmill_data, split_treadmill_data
from treadctl.guardian.intake import EARLY_MAX, EVERY, PART, PARTS_MAX, Intake
from treadctl.model.units import Ms, Speed

DATA = Source.TREADMILL_DATA


class Ear:
    """An intake, its time, and what the core would hear."""

    def __init__(self, begun: bool = True) -> None:
        self.now: Ms = 10_000
        self.heard: list[Notified] = []
        self.intake = Intake(self.heard.append, lambda: self.now)
        if begun:
            self.intake.begin()

    def say(self, *packets: bytes, source: Source = DATA) -> None:
        for data in packets:
            self.intake.take(source, data)

    def samples(self) -> list[bytes]:
        return [item.data for item in self.heard if item.source is DATA]

    def speeds(self) -> list[int | None]:
        """As the core's own assembler merges them."""
        assembler = RecordAssembler()
        records = [assembler.feed(decode_treadmill_data(data)) for data in self.samples()]
        return [record.speed for record in records if record is not None]


def packet(speed: int) -> bytes:
    return b"\0\0" + speed.to_bytes(2, "little")


def record(speed: int, distance: int) -> list[bytes]:
    """A full record, in parts as they fit the smallest link."""
    data = TreadmillData(
        speed=Speed(speed), average_speed=Speed(speed), distance_m=distance, elevation_gain=1, elevation_loss=1,
        energy_kcal=1, energy_per_hour=1, energy_per_minute=1, elapsed_s=5, remaining_s=6,
    )
    parts = split_treadmill_data(data, 23)
    assert len(parts) == 2
    return parts


async def test_the_usual_samples_pass_at_once() -> None:
    ear = Ear()
    for speed in (100, 110, 120):
        ear.say(packet(speed))
        ear.now += 200
    assert ear.speeds() == [100, 110, 120]


async def test_of_a_flood_the_first_few_and_then_the_newest_pass_and_the_newest_is_never_lost() -> None:
    ear = Ear()
    ear.say(*[packet(speed) for speed in range(1, 1001)])
    assert ear.speeds() == [1, 2, 3, 4]
    await eventually(lambda: len(ear.heard) == 5)
    assert ear.speeds()[-1] == 1000
    await asyncio.sleep(3 * EVERY / 1000)
    assert len(ear.heard) == 5 and ear.intake._timer is None


async def test_a_flood_that_goes_on_is_passed_on_once_in_twenty_ms() -> None:
    ear, loop = Ear(), asyncio.get_running_loop()
    ear.intake._now = lambda: int(loop.time() * 1000)
    begin = loop.time()
    while loop.time() - begin < 0.5:
        ear.say(*[packet(100)] * 5)
        await asyncio.sleep(0.005)
    assert 8 <= len(ear.heard) <= BURST + 2 + (loop.time() - begin) * 1000 / EVERY


async def test_a_burst_of_samples_that_were_held_up_is_still_a_burst_to_the_core() -> None:
    ear, picture = Ear(), BeltPicture(0)
    for number in range(3):
        picture.observe(Sample(9000 + number * 300, Speed(100)))
    ear.say(*[packet(speed) for speed in range(100, 160)])
    await eventually(lambda: len(ear.heard) == 5)
    for number in range(5):
        picture.observe(Sample(ear.now + number * EVERY // 4, Speed(100)))
    assert not picture.fresh(ear.now + EVERY + 5)
    for number in range(1, 5):  # what the beat lets through is none
        picture.observe(Sample(ear.now + EVERY + number * EVERY, Speed(100)))
    assert picture.fresh(ear.now + 5 * EVERY)


async def test_no_status_and_no_answer_is_ever_dropped() -> None:
    ear = Ear()
    for number in range(256):
        ear.say(packet(number + 1))
        ear.say(bytes((2, number)), source=Source.STATUS)
        ear.say(bytes((0x80, number, 1)), source=Source.CONTROL_POINT)
    told = [item.data[1] for item in ear.heard if item.source is Source.STATUS]
    answered = [item.data[1] for item in ear.heard if item.source is Source.CONTROL_POINT]
    assert told == answered == list(range(256)) and len(ear.samples()) == BURST


async def test_split_records_survive_a_flood_whole() -> None:
    ear = Ear()
    for number in range(1, 401):
        ear.say(*record(number, 70_000 + number))
    await eventually(lambda: len(ear.samples()) == 10)
    assembler = RecordAssembler()
    records = [assembler.feed(decode_treadmill_data(data)) for data in ear.samples()]
    whole = [(one.speed, one.distance_m) for one in records if one is not None]
    assert whole == [(number, 70_000 + number) for number in (1, 2, 3, 4, 400)]


async def test_a_half_record_whose_end_was_lost_is_not_merged_with_a_later_one() -> None:
    ear = Ear()
    first, end = record(100, 7)
    ear.say(first)
    ear.now += PART + 1
    ear.say(end)
    assert ear.samples() == [end] and ear.speeds() == [100]


async def test_parts_that_come_in_their_time_are_passed_on_together_and_only_when_complete() -> None:
    ear = Ear()
    first, end = record(100, 7)
    ear.say(first)
    assert ear.samples() == []
    ear.now += PART - 1
    ear.say(end)
    assert ear.samples() == [first, end]


async def test_a_machine_that_never_ends_its_record_fills_nothing() -> None:
    ear = Ear()
    ear.say(*[b"\1\0"] * 10_000)
    assert ear.heard == [] and len(ear.intake._parts) == PARTS_MAX
    ear.say(packet(5))
    assert ear.samples() == [b"\1\0"] * PARTS_MAX + [packet(5)]


async def test_what_has_not_even_flags_is_nothing_and_disturbs_nothing() -> None:
    ear = Ear()
    first, end = record(100, 7)
    ear.say(b"", first, b"\1", end)
    assert ear.samples() == [first, end] and ear.intake.heard == 4


async def test_before_the_link_is_told_of_samples_are_dropped_and_news_wait_in_a_bounded_place() -> None:
    ear = Ear(begun=False)
    ear.say(packet(100))
    for number in range(EARLY_MAX + 10):
        ear.say(bytes((2, number)), source=Source.STATUS)
    assert ear.heard == []
    ear.intake.begin()
    assert [item.data[1] for item in ear.heard] == list(range(10, EARLY_MAX + 10))
    ear.say(packet(110))
    assert ear.speeds() == [110]


async def test_after_the_end_of_the_link_nothing_comes_any_more() -> None:
    ear = Ear()
    ear.say(*[packet(speed) for speed in range(1, 7)])
    ear.intake.close()
    ear.say(packet(7))
    ear.say(b"\2\1", source=Source.STATUS)
    await asyncio.sleep(3 * EVERY / 1000)
    assert ear.speeds() == [1, 2, 3, 4] and len(ear.heard) == 4
