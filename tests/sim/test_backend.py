"""The simulated treadmill through bleak's public classes, as production code meets it."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from treadsim.backend import Backend, SimulatedClient, SimulatedScanner, open_backend
from treadsim.strap import NAME

from treadctl.ftms import uuids
from treadctl.ftms.codec import decode_treadmill_data
from treadctl.ftms.heart_rate import decode_heart_rate
from treadctl.model.errors import UsageError

CONTROL, START, STOP = b"\x00", b"\x07", b"\x08\x01"


class FastLoop(asyncio.SelectorEventLoop):
    """A loop whose time jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = 0.0

    def time(self) -> float:
        return super().time() + self._ahead

    def _run_once(self) -> None:
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if timers and not self._ready:  # type: ignore[attr-defined]
            self._ahead += max(0.0, min(timers) - self.time())
        super()._run_once()  # type: ignore[misc]


def on_fast_loop(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        with asyncio.Runner(loop_factory=FastLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


@pytest.fixture
def backend() -> Backend:
    return open_backend(seed=1)


@asynccontextmanager
async def connected(backend: Backend) -> AsyncIterator[BleakClient]:
    async with BleakClient(backend.address, backend=backend.client) as client:
        yield client


class Answers:
    """Indications of the Control Point, awaited one by one."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()

    def __call__(self, _: object, data: bytearray) -> None:
        self._queue.put_nowait(bytes(data))

    async def next(self) -> bytes:
        return await asyncio.wait_for(self._queue.get(), 2)


async def in_control(client: BleakClient) -> Answers:
    answers = Answers()
    await client.start_notify(uuids.CONTROL_POINT, answers)
    await client.write_gatt_char(uuids.CONTROL_POINT, CONTROL, response=True)
    assert await answers.next() == b"\x80\x00\x01"
    return answers


@pytest.mark.parametrize(
    ("ours", "base"), [(SimulatedClient, BaseBleakClient), (SimulatedScanner, BaseBleakScanner)]
)
def test_the_backend_takes_what_bleak_passes_to_every_method_of_its_base_class(ours: type, base: type) -> None:
    assert not inspect.isabstract(ours)
    for name in base.__abstractmethods__:  # type: ignore[attr-defined]
        wanted, given = getattr(base, name), getattr(ours, name)
        if isinstance(wanted, property):
            assert isinstance(given, property), name
            continue
        assert inspect.iscoroutinefunction(wanted) == inspect.iscoroutinefunction(given), name
        assert _shape(wanted) == _shape(given), name


def _shape(method: object) -> list[tuple[str, object, bool]]:
    parameters = inspect.signature(method).parameters.values()  # type: ignore[arg-type]
    return [(p.name, p.kind, p.default is p.empty) for p in parameters]


@on_fast_loop
async def test_a_scan_finds_the_treadmill_by_its_service(backend: Backend) -> None:
    device = await BleakScanner.find_device_by_filter(
        lambda _, seen: uuids.FTMS in seen.service_uuids, 5, backend=backend.scanner
    )
    assert device is not None and device.address == backend.address and device.name == "treadsim reference"


@on_fast_loop
async def test_a_scan_for_another_service_finds_nothing(backend: Backend) -> None:
    assert await BleakScanner.discover(2, service_uuids=[uuids.full(0x1818)], backend=backend.scanner) == []


@on_fast_loop
async def test_the_strap_beside_it_is_found_by_its_own_service_and_has_one_characteristic(backend: Backend) -> None:
    [found] = await BleakScanner.discover(2, service_uuids=[uuids.HEART_RATE], backend=backend.scanner)
    heard: list[bytes] = []
    async with BleakClient(found, backend=backend.client) as client:
        assert client.name == found.name == NAME and client.mtu_size == 23
        assert [one.uuid for one in client.services.characteristics.values()] == [uuids.HEART_RATE_MEASUREMENT]
        await client.start_notify(uuids.HEART_RATE_MEASUREMENT, lambda _, data: heard.append(bytes(data)))
        await asyncio.sleep(3.5)
        await client.stop_notify(uuids.HEART_RATE_MEASUREMENT)
        count = len(heard)
        await asyncio.sleep(2)
    rates = [decoded.bpm for decoded in map(decode_heart_rate, heard) if decoded is not None]
    assert count == len(rates) == len(heard) and count >= 3 and all(rate and 60 <= rate <= 80 for rate in rates)


@on_fast_loop
async def test_a_treadmill_with_a_client_does_not_advertise(backend: Backend) -> None:
    async with connected(backend):
        found = await BleakScanner.discover(2, backend=backend.scanner)
    assert [one.address for one in found] == [backend.strap.strap.address]


@on_fast_loop
async def test_a_client_reads_what_the_machine_is(backend: Backend) -> None:
    async with connected(backend) as client:
        assert await client.read_gatt_char(uuids.SPEED_RANGE) == bytes.fromhex("500040060a00")
        control = client.services.get_characteristic(uuids.CONTROL_POINT)
        assert control is not None and control.properties == ["write", "indicate"]
        assert client.name == "treadsim reference" and client.mtu_size == 23


@on_fast_loop
async def test_a_walk_over_the_api(backend: Backend) -> None:
    async with connected(backend) as client:
        speeds: list[int] = []
        await client.start_notify(
            uuids.TREADMILL_DATA, lambda _, data: speeds.append(int(decode_treadmill_data(data).speed or 0))
        )
        answers = await in_control(client)
        for request, answer in ((START, b"\x80\x07\x01"), (b"\x02\x64\x00", b"\x80\x02\x01"), (STOP, b"\x80\x08\x01")):
            await client.write_gatt_char(uuids.CONTROL_POINT, request, response=True)
            assert await answers.next() == answer
            await asyncio.sleep(10)
        assert max(speeds) == 100 and speeds[-1] == 0 and 58 <= len(speeds) <= 62


@on_fast_loop
async def test_a_write_with_indications_off_is_att_error_fd(backend: Backend) -> None:
    async with connected(backend) as client:
        with pytest.raises(BleakGATTProtocolError) as caught:
            await client.write_gatt_char(uuids.CONTROL_POINT, CONTROL, response=True)
        assert caught.value.code == 0xFD


@on_fast_loop
async def test_a_second_procedure_at_once_is_att_error_fe(backend: Backend) -> None:
    async with connected(backend) as client:
        await in_control(client)
        await client.write_gatt_char(uuids.CONTROL_POINT, START, response=True)
        with pytest.raises(BleakGATTProtocolError) as caught:
            await client.write_gatt_char(uuids.CONTROL_POINT, STOP, response=True)
        assert caught.value.code == 0xFE


@on_fast_loop
async def test_reading_what_cannot_be_read_and_subscribing_where_nothing_notifies_fail(backend: Backend) -> None:
    async with connected(backend) as client:
        with pytest.raises(BleakGATTProtocolError) as caught:
            await client.read_gatt_char(uuids.TREADMILL_DATA)
        assert caught.value.code == 0x02
        with pytest.raises(BleakDBusError, match="NotSupported"):
            await client.start_notify(uuids.SPEED_RANGE, lambda _, __: None)


@on_fast_loop
async def test_a_cancelled_write_is_not_taken_back(backend: Backend) -> None:
    async with connected(backend) as client:
        await in_control(client)
        write = asyncio.create_task(client.write_gatt_char(uuids.CONTROL_POINT, START, response=True))
        await asyncio.sleep(0.01)
        write.cancel()
        await asyncio.sleep(10)
        backend.treadmill.peripheral.step(backend.treadmill.now())
        assert backend.treadmill.peripheral.belt.speed == 80


@on_fast_loop
async def test_a_lost_link_calls_back_and_fails_the_write_in_flight(backend: Backend) -> None:
    gone = asyncio.Event()
    client = BleakClient(backend.address, lambda _: gone.set(), backend=backend.client)
    await client.connect()
    await in_control(client)
    write = asyncio.create_task(client.write_gatt_char(uuids.CONTROL_POINT, START, response=True))
    await asyncio.sleep(0.01)
    backend.treadmill.drop_link()
    with pytest.raises(BleakGATTProtocolError) as caught:
        await write
    assert caught.value.code == 0x0E and gone.is_set() and not client.is_connected
    with pytest.raises(BleakError):
        await client.write_gatt_char(uuids.CONTROL_POINT, STOP, response=True)
    await client.disconnect()


@on_fast_loop
async def test_a_new_link_starts_without_subscriptions_and_the_belt_has_gone_on(backend: Backend) -> None:
    heard: list[bytearray] = []
    async with BleakClient(backend.address, backend=backend.client) as first:
        await in_control(first)
        await first.write_gatt_char(uuids.CONTROL_POINT, START, response=True)
        await first.start_notify(uuids.TREADMILL_DATA, lambda _, data: heard.append(data))
    await asyncio.sleep(20)
    assert heard == []
    async with BleakClient(backend.address, backend=backend.client) as second:
        await second.start_notify(uuids.TREADMILL_DATA, lambda _, data: heard.append(data))
        await asyncio.sleep(1)
        assert decode_treadmill_data(heard[-1]).speed == 80
        with pytest.raises(BleakGATTProtocolError):
            await second.write_gatt_char(uuids.CONTROL_POINT, STOP, response=True)


@on_fast_loop
async def test_the_link_fault_is_seen_by_the_client() -> None:
    backend, gone = open_backend(faults=("link.drop(at=5s,for=1s)",)), asyncio.Event()
    client = BleakClient(backend.address, lambda _: gone.set(), backend=backend.client)
    await client.connect()
    await asyncio.wait_for(gone.wait(), 6)
    assert not client.is_connected


@on_fast_loop
async def test_an_unknown_address_is_not_found_and_a_second_client_times_out(backend: Backend) -> None:
    async with connected(backend):
        with pytest.raises(BleakDeviceNotFoundError):
            await BleakClient("F0:00:00:00:00:00", backend=backend.client).connect()
        with pytest.raises(TimeoutError):
            await BleakClient(backend.address, backend=backend.client).connect()


def test_a_backend_brings_the_record_of_its_own_machine_only() -> None:
    backend = open_backend(quirk="minimum-one")
    record = backend.record(backend.address)
    assert backend.simulated and record is not None and record.complete and record.address == backend.address
    assert record.speed is not None and record.speed.minimum == 100
    assert backend.record("AA:BB:CC:DD:EE:FF") is None


def test_simulated_treadmills_do_not_share_an_address_unless_seeded() -> None:
    assert len({open_backend().address for _ in range(20)}) == 20
    assert open_backend(seed=7).address == open_backend(seed=7).address


def test_a_backend_with_an_unknown_quirk_or_fault_is_refused() -> None:
    with pytest.raises(UsageError):
        open_backend(quirk="nonsense")
    with pytest.raises(UsageError):
        open_backend(faults=("nonsense",))
