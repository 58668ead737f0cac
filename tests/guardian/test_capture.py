"""Captures over a link: what comes into the file, what is never done for it, and that nothing waits for it."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from treadsim.backend import open_backend

from tests.guardian.radio import STOP, Bench, Client, Machine, eventually
from treadctl.client import connect, greeting, start_guardian
from treadctl.control.events import Captured, LinkUp, Notified, Source, Urgency, Write, WriteDone
from treadctl.files.captures import MAX_OCTETS, MAX_PACKETS, Advertisement, Capture, load_capture
from treadctl.ftms import codec, control_point, uuids
from treadctl.guardian import capture as captures
from treadctl.guardian.capture import Recorder, Tape
from treadctl.guardian.clock import Clock, RateLoop
from treadctl.guardian.driver import Driver
from treadctl.guardian.radio import Backend, Radio
from treadctl.model import intents
from treadctl.model.api import LinkState, Role
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.units import Speed
from treadctl.paths import simulated_paths

VENDOR, SECRETIVE = "0000fff1-0000-1000-8000-00805f9b34fb", "12345678-1234-1234-1234-c4dee21a2b3c"
SERIAL = uuids.full(0x2A25)
SAMPLE = bytes.fromhex("8c0458020000000000000b00000000d901")
Row = tuple[str, str, list[CharacteristicPropertyName]]
TABLE: list[Row] = [
    (uuids.DEVICE_INFORMATION, uuids.MODEL, ["read"]),
    (uuids.DEVICE_INFORMATION, SERIAL, ["read"]),
    (uuids.FTMS, uuids.FEATURE, ["read"]),
    (uuids.FTMS, uuids.TREADMILL_DATA, ["notify"]),
    (uuids.FTMS, uuids.TRAINING_STATUS, ["read", "notify"]),
    (uuids.FTMS, uuids.CONTROL_POINT, ["write", "indicate"]),
    (uuids.FTMS, uuids.STATUS, ["notify"]),
    (uuids.full(0xFFF0), VENDOR, ["read", "notify"]),
    (uuids.full(0xFFF0), SECRETIVE, ["read", "write"]),
    (uuids.full(0x181C), uuids.full(0x2A8A), ["read"]),
]
VALUES = {uuids.MODEL: b"Mill 3\0", SERIAL: b"SN-20481632", VENDOR: b"a vendor's"}


class Talker(Machine):
    """A machine with this table and these values; a read of a `silent` characteristic gets no answer."""

    def __init__(self) -> None:
        super().__init__()
        self.silent: set[str] = set()
        self.values, self.locked = dict(VALUES), {SECRETIVE}

    def backend(self) -> Backend:
        backend: Any = super().backend()
        backend.client = type("TalkerClient", (TalkerClient,), {"machine": self})
        return cast(Backend, backend)

    @property
    def asked(self) -> list[str]:
        """What was read for the capture: not what a link reads at its beginning, and to hear whether all is well."""
        return [uuid for uuid in self.read if uuid not in (uuids.FEATURE, uuids.MODEL)]


class TalkerClient(Client):
    machine: Talker

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        await super().connect(pair, **kwargs)
        self.services = BleakGATTServiceCollection()
        for number, uuid in enumerate(dict.fromkeys(service for service, _, _ in TABLE)):
            self.services.add_service(BleakGATTService(None, 1000 + number, uuid))
        for handle, (service, uuid, properties) in enumerate(TABLE, 1):
            of = self.services.get_service(service)
            assert of is not None
            self.services.add_characteristic(BleakGATTCharacteristic(None, handle, uuid, properties, lambda: 20, of))

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **kwargs: Any) -> bytearray:
        if characteristic.uuid in self.machine.silent:
            self.machine.read.append(characteristic.uuid)
            await asyncio.get_running_loop().create_future()
        return await super().read_gatt_char(characteristic, **kwargs)


def at_once(do: Callable[[], None], done: Callable[[], None]) -> None:
    """A disk that takes no time."""
    do()
    done()


class Capturing(Bench):
    """A bench with a recorder on it."""

    def __init__(self, machine: Talker, folder: Path) -> None:
        super().__init__(machine)
        self.machine: Talker = machine
        self.still = True
        now = Clock(asyncio.get_running_loop()).now
        self.recorder = Recorder(folder, at_once, self._accept, now=now, still=lambda: self.still)

    def begin(self, seconds: int = 0) -> None:
        self.recorder.begin(self.driver.link, Advertisement(), seconds)

    async def captured(self) -> Capture:
        found: Captured = await self.until(Captured, 10)
        assert found.why == ""
        return load_capture(Path(found.file))


@pytest.fixture
async def bench(tmp_path: Path) -> Capturing:
    bench = Capturing(Talker(), tmp_path / "captures")
    await bench.connected()
    return bench


async def test_a_capture_lists_every_characteristic_and_reads_what_can_be_read(bench: Capturing) -> None:
    bench.begin()
    capture = await bench.captured()
    assert [(one.service, one.uuid) for one in capture.attributes] == [
        (uuids.short(service), uuids.short(uuid)) for service, uuid, _ in TABLE
    ]
    assert [one.properties for one in capture.attributes] == [tuple(properties) for _, _, properties in TABLE]
    listed = {one.uuid: one for one in capture.attributes}
    assert listed["2a24"].value == b"Mill 3\0"
    assert listed["fff1"].value == b"a vendor's"
    assert listed[SECRETIVE].why == "not read: the machine refused with error 0x05"
    assert [one.uuid for one in capture.attributes if one.subscribed] == ["2acd", "2ad3", "2ad9", "2ada"]
    assert (capture.complete, capture.why, capture.simulated, capture.machine.model) == (True, "", True, "Mill 3")


async def test_a_capture_writes_nothing_pairs_with_nothing_and_reads_nothing_that_is_subscribed_or_private(
    bench: Capturing,
) -> None:
    subscribed = dict(bench.machine.client.callbacks)
    bench.begin()
    capture = await bench.captured()
    assert bench.machine.written == []
    assert bench.machine.client.callbacks == subscribed
    assert "pair" not in bench.machine.log
    assert bench.machine.asked == [SERIAL, VENDOR, SECRETIVE]
    assert next(one.why for one in capture.attributes if one.service == "181c") == captures.PRIVATE


async def test_the_serial_number_and_the_address_do_not_come_into_the_file(bench: Capturing) -> None:
    bench.begin()
    found: Captured = await bench.until(Captured, 10)
    text = Path(found.file).read_text(encoding="utf-8")  # noqa: ASYNC240 - a small file of this test's own
    assert b"SN-20481632".hex() not in text
    assert bench.machine.address.replace(":", "").lower() not in text.replace(":", "").lower()
    assert '"redacted": ["the serial number (2A25): 1"]' in text


async def test_a_captures_file_is_private_and_named_by_day_and_model_and_none_is_overwritten(bench: Capturing) -> None:
    files = []
    for _ in range(2):
        bench.begin()
        found: Captured = await bench.until(Captured, 10)
        files.append(Path(found.file))
    day = load_capture(files[0]).date
    assert [path.name for path in files] == [f"{day}-mill-3.json", f"{day}-mill-3-2.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert sorted(files[0].parent.iterdir()) == sorted(files)


async def test_what_is_heard_comes_into_the_file_in_order_and_to_the_core_as_well(bench: Capturing) -> None:
    bench.begin(1)
    await eventually(lambda: SECRETIVE in bench.machine.asked)
    await asyncio.sleep(0.1)
    bench.machine.say(uuids.STATUS, b"\x04")
    bench.machine.say(uuids.TREADMILL_DATA, SAMPLE)
    capture = await bench.captured()
    assert [(one.uuid, one.data) for one in capture.heard] == [("2ada", b"\x04"), ("2acd", SAMPLE)]
    assert all(0 <= one.ms < 1000 for one in capture.heard)
    heard = [item for item in bench.inputs if isinstance(item, Notified)]
    assert heard == [Notified(Source.STATUS, b"\x04"), Notified(Source.TREADMILL_DATA, SAMPLE)]
    assert bench.driver.link is not None and bench.driver.link.tap is None


async def test_nothing_is_read_from_a_belt_that_is_not_known_to_stand_still(bench: Capturing) -> None:
    bench.still = False
    bench.begin()
    capture = await bench.captured()
    assert bench.machine.asked == []
    assert {one.why for one in capture.attributes} == {"", captures.NOT_STILL, captures.PRIVATE}


async def test_values_are_read_once_the_belt_stands_still(bench: Capturing) -> None:
    bench.still = False
    bench.begin(60)
    await asyncio.sleep(0.5)
    assert bench.machine.asked == []
    bench.still = True
    await eventually(lambda: bench.machine.asked == [SERIAL, VENDOR, SECRETIVE])
    bench.machine.client.drop()
    capture = await bench.captured()
    assert {one.uuid: one.value for one in capture.attributes}["fff1"] == b"a vendor's"


async def test_after_a_read_without_an_answer_nothing_more_is_read_and_a_stop_goes_out_meanwhile(
    bench: Capturing,
) -> None:
    bench.machine.silent = {SERIAL}
    bench.begin()
    await eventually(lambda: bench.machine.asked == [SERIAL])
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    assert await bench.until(WriteDone) == WriteDone(1)
    assert not any(isinstance(item, Captured) for item in bench.inputs)
    capture = await bench.captured()
    assert bench.machine.asked == [SERIAL]
    said = {one.uuid: one.why for one in capture.attributes}
    assert (said["2a25"], said["fff1"]) == (captures.NO_ANSWER, captures.NO_ANSWER_BEFORE)


async def test_a_lost_link_ends_a_capture_with_what_had_come(bench: Capturing) -> None:
    bench.begin(60)
    await eventually(lambda: SECRETIVE in bench.machine.asked)
    await asyncio.sleep(0.1)
    bench.machine.say(uuids.TREADMILL_DATA, SAMPLE)
    bench.machine.client.drop()
    capture = await bench.captured()
    assert (capture.complete, capture.why, capture.seconds) == (False, captures.LOST, 60)
    assert [one.data for one in capture.heard] == [SAMPLE]


async def test_a_link_lost_while_values_are_read_ends_a_capture_too(bench: Capturing) -> None:
    bench.machine.silent = {SERIAL}
    bench.begin(60)
    await eventually(lambda: bench.machine.asked == [SERIAL])
    bench.machine.client.drop()
    capture = await bench.captured()
    assert (capture.complete, capture.heard) == (False, ())
    assert {one.uuid: one.why for one in capture.attributes}["fff1"] == captures.GONE


@pytest.mark.parametrize(("size", "kept"), [(1, MAX_PACKETS), (512, MAX_OCTETS // (2 * 512 + 4 + 64))])
async def test_a_capture_is_bounded_and_says_so(size: int, kept: int) -> None:
    tape = Tape(lambda: 5)
    for _ in range(MAX_PACKETS + 1):
        tape.heard(uuids.TREADMILL_DATA, bytes(size))
    assert len(tape.packets) == kept
    assert tape.ended.result() == captures.FULL
    tape.gone()


async def test_a_second_capture_waits_and_one_without_a_link_is_refused(bench: Capturing, tmp_path: Path) -> None:
    bench.begin()
    bench.begin()
    assert "under way" in (await bench.until(Captured)).why
    await bench.captured()
    unconnected = Capturing(Talker(), tmp_path)
    unconnected.begin()
    assert "connect one first" in (await unconnected.until(Captured)).why


async def test_a_disk_that_takes_nothing_is_told_in_one_sentence(bench: Capturing, tmp_path: Path) -> None:
    (tmp_path / "captures").write_text("a file where a folder should be")
    bench.begin()
    said: Captured = await bench.until(Captured, 10)
    assert said.file == "" and said.why.startswith("The capture cannot be written to ")


async def test_a_full_queue_to_the_disk_is_told(bench: Capturing) -> None:
    bench.recorder._on_disk = lambda _do, done: done()
    bench.begin()
    assert "too slow" in (await bench.until(Captured, 10)).why


async def test_a_bug_in_a_capture_is_told_and_logged(bench: Capturing, caplog: pytest.LogCaptureFixture) -> None:
    del bench.driver.link.tap  # type: ignore[union-attr]
    bench.driver.link.attributes = lambda: 1 / 0  # type: ignore[union-attr, method-assign]
    bench.begin()
    assert "log" in (await bench.until(Captured)).why
    assert "a capture failed" in caplog.text


async def test_a_guardian_that_ends_lets_go_of_a_capture(bench: Capturing) -> None:
    bench.begin(60)
    bench.recorder.close()
    await asyncio.sleep(0)
    assert not any(isinstance(item, Captured) for item in bench.inputs)


# --- of the simulated treadmill --------------------------------------------------------------------------------------


def test_a_capture_of_the_simulated_belt_says_what_the_belt_did(tmp_path: Path) -> None:
    """Seed 3: a machine with an address of its own. The belt starts, reaches 1.2 km/h, and is seen to do so."""
    backend = open_backend(seed=32)
    inputs: list[object] = []

    async def record(info: LinkInfo) -> Record | None:
        return None

    async def walk() -> None:
        clock = Clock(asyncio.get_running_loop())
        radio = Radio(cast(Any, backend))
        driver = Driver(radio, inputs.append, clock, record=record)
        await radio.scan(1, lambda _found: None)
        driver.connect("")
        await eventually(lambda: any(isinstance(item, LinkUp) for item in inputs))
        recorder = Recorder(tmp_path, at_once, inputs.append, now=clock.now, still=lambda: True)
        link = driver.link
        assert link is not None
        recorder.begin(link, radio.advertisement(link.address), 20)
        speeds = link.info.speed
        assert speeds is not None
        for octets in (control_point.encode_request_control(), control_point.encode_start()):
            await link.write(octets, 1)
            await asyncio.sleep(0.5)
        await asyncio.sleep(8)
        await link.write(control_point.encode_speed(Speed(120), speeds), 1)
        await eventually(lambda: any(isinstance(item, Captured) for item in inputs), 60)
        await driver.close(clean=False)

    with asyncio.Runner(loop_factory=lambda: RateLoop(10)) as runner:
        runner.run(walk())
    ended = next(item for item in inputs if isinstance(item, Captured))
    capture = load_capture(Path(ended.file))
    told = [item.data for item in inputs if isinstance(item, Notified) and item.source is Source.TREADMILL_DATA]
    heard = [one.data for one in capture.heard if one.uuid == "2acd"]
    begin = len(told) - len(heard)
    assert len(heard) >= 35 and heard in (told[begin - more:][: len(heard)] for more in range(5))
    samples = [codec.decode_treadmill_data(octets) for octets in heard]
    belt = backend.treadmill.peripheral.belt
    assert samples[0].speed == 0 and samples[-1].speed == 120 == round(belt.speed)
    assert [sample.distance_m for sample in samples] == sorted(sample.distance_m or 0 for sample in samples)
    assert abs((samples[-1].distance_m or 0) - belt.distance_m) <= 1
    assert capture.advertisement.service_data[0].uuid == "1826" and capture.advertisement.named
    values = {one.uuid: one.value for one in capture.attributes}
    assert codec.decode_speed_range(values["2ad4"] or b"") == backend.treadmill.peripheral.quirk.speed
    answers = [control_point.decode_response(one.data) for one in capture.heard if one.uuid == "2ad9"]
    assert [answer.request for answer in answers if answer is not None and answer.ok] == [0, 7, 2]


async def test_a_client_asks_a_guardian_for_a_capture_and_is_told_the_file() -> None:
    paths = simulated_paths()
    guardian = start_guardian(paths, backend="sim", rate=10)
    client = await connect(paths, greeting(Role.LOCAL, "capture"))
    try:
        assert (await client.ask(intents.Capture(1))).accepted is False
        assert (await client.ask(intents.Connect(""))).accepted
        await eventually(lambda: client.snapshot is not None and client.snapshot.link is LinkState.UP, 20)
        assert (await client.ask(intents.Capture(10))).accepted
        await eventually(lambda: client.snapshot is not None and client.snapshot.captured, 20)
        assert client.snapshot is not None
        capture = load_capture(Path(client.snapshot.captured))
        assert capture.complete and capture.simulated and capture.heard
        assert Path(client.snapshot.captured).parent == paths.captures
    finally:
        await client.close()
        guardian.kill()
        guardian.wait()
