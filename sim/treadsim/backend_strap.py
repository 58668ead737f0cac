"""The simulated strap behind bleak's API, beside the simulated treadmill: a link of its own, on the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError

from treadctl.ftms import uuids
from treadctl.model.units import Ms

from .pause import let_pass
from .strap import ADVERTISED, NAME, Strap

CONNECT: Ms = 300
RSSI = -55
LOOK: Ms = 250
"""So often it is looked whether the strap has gone meanwhile."""
NOTHING_THERE = "The simulated strap has nothing to read or write"


class StrapPeer:
    """One strap on the running loop. `speed` is the true speed of the belt that its walker walks on, 0.01 km/h."""

    def __init__(self, strap: Strap, speed: Callable[[], float]) -> None:
        self.strap, self._speed = strap, speed
        self.client: StrapClient | None = None
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> Ms:
        return int(asyncio.get_running_loop().time() * 1000)

    @property
    def advertisement(self) -> AdvertisementData | None:
        """None while it advertises nothing."""
        if self.client is not None or self.strap.off(self.now()):
            return None
        return AdvertisementData(NAME, {}, {}, ADVERTISED, None, RSSI, ())

    def take(self, client: StrapClient) -> None:
        self.client = client
        self.strap.connect(self.now())
        self._wake()

    def drop_link(self) -> None:
        """The link is lost, or was given up."""
        client, self.client = self.client, None
        self.strap.disconnect()
        if self._timer is not None:
            self._timer.cancel()
        if client is not None:
            client.lost()

    def _wake(self) -> None:
        if self.client is None:
            return
        now = self.now()
        if self.strap.off(now):
            self.drop_link()
            return
        data = self.strap.step(now, self._speed())
        if data is not None:
            self.client.deliver(data)
        due = self.strap.deadline() or now
        self._timer = asyncio.get_running_loop().call_later(max(1, min(LOOK, due - now)) / 1000, self._wake)


class StrapClient(BaseBleakClient):
    """A bleak client whose only peer is `peer`."""

    peer: ClassVar[StrapPeer]

    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._callback: NotifyCallback | None = None

    @property
    def name(self) -> str:
        return NAME

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return self.peer.client is self

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect. Raises TimeoutError when the strap is not there, or has a client already."""
        loop, strap = asyncio.get_running_loop(), self.peer.strap
        until = loop.time() + self._timeout
        await let_pass(CONNECT)
        while strap.sleepy or strap.off(self.peer.now()) or self.peer.client is not None:
            if loop.time() >= until:
                raise TimeoutError
            await let_pass(LOOK)
        self.services = _services()
        self.peer.take(self)

    async def disconnect(self) -> None:
        if self.is_connected:
            self.peer.drop_link()

    def lost(self) -> None:
        self.services, self._callback = None, None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    def deliver(self, data: bytes) -> None:
        if self._callback is not None:
            self._callback(bytearray(data))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        if not self.is_connected:
            raise BleakError("Not connected")
        self._callback = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._callback = None

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Straps are worn without."""

    async def unpair(self) -> None:
        """Nothing was paired."""

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **kwargs: Any) -> bytearray:
        raise BleakError(NOTHING_THERE)

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **kwargs: Any) -> bytearray:
        raise BleakError(NOTHING_THERE)

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        raise BleakError(NOTHING_THERE)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        raise BleakError(NOTHING_THERE)


def _services() -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    service = BleakGATTService(None, 1, uuids.HEART_RATE)
    found.add_service(service)
    found.add_characteristic(
        BleakGATTCharacteristic(None, 2, uuids.HEART_RATE_MEASUREMENT, ["notify"], lambda: 20, service)
    )
    return found
