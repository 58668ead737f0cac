"""One connection to one machine: the only place where octets are handed to a machine.

Every call that waits for the outside world has its own limit, and every failure becomes one sentence (`failures`). It
decides nothing: what is written, and when to connect or to give up, is said by the core and carried out by `driver`.
What machines and bluetoothd are known to do to a client, and what answers it here: docs/traps.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError

from treadctl.control.events import Source
from treadctl.files.captures import Attribute
from treadctl.ftms import codec, uuids
from treadctl.ftms.control_point import ATT_CCCD_IMPROPER, ATT_PAIRING
from treadctl.model.machine import Features, LinkInfo
from treadctl.model.text import safe_text

from .clock import pause
from .failures import MUTE, REFUSED, SLOW, LinkFailed, bounded, refused, sentence, wants_pairing

T = TypeVar("T")
CONNECT_LIMIT_S = 10.0
"""Chosen, because a machine that is awake answers within 1.2 s (real bluetoothd, measured) and a sleeping one never."""
READ_LIMIT_S = 1.5
SUBSCRIBE_LIMIT_S = 2.0
CLOSE_LIMIT_S = 3.0
PAIR_LIMIT_S = 5.0
"""Chosen: pairing that asks nobody takes about a second. What a person has to answer is done in its settings."""
SUBSCRIBE_SPACING_S = 0.1
"""Some machines lose a subscription that follows the last one at once."""
SAMPLES = ((Source.TREADMILL_DATA, uuids.TREADMILL_DATA),)
ANSWERS = ((Source.CONTROL_POINT, uuids.CONTROL_POINT),)
NEWS = ((Source.STATUS, uuids.STATUS), (Source.TRAINING, uuids.TRAINING_STATUS))
"""What a stop needs to see, what it needs to be accepted (some machines refuse writes without), and the rest."""
EVERYTHING = (*SAMPLES, *NEWS, *ANSWERS)
TO_STOP = (*SAMPLES, *ANSWERS)
HARMLESS = (uuids.FEATURE, uuids.SPEED_RANGE, uuids.MODEL)
"""What may be read at any time to hear whether the machine is still there; never subscribed, so no read is news."""

Heard = Callable[[Source, bytes], None]
Lost = Callable[[], None]


class Tap(Protocol):
    """Gets all that is heard on a link as well. Neither method may wait or raise."""

    def heard(self, uuid: str, data: bytes) -> None: ...
    def gone(self) -> None: ...


class Link:
    """One connection to one machine. A new one for every connection: an old BleakClient doubles notifications."""

    def __init__(self, client: BleakClient, heard: Heard, lost: Lost) -> None:
        self._client, self._heard, self._lost = client, heard, lost
        self._expected = self._pair_asked = self._renewed = False
        self._on: set[str] = set()
        self._characteristics: dict[str, BleakGATTCharacteristic] = {}
        self._all: dict[int, BleakGATTCharacteristic] = {}
        self._values: dict[int, bytes] = {}
        self.tap: Tap | None = None
        self.address = client.address
        self.info = LinkInfo(client.address)

    async def open(self) -> None:
        """Connect. Raises LinkFailed; then nothing is left behind."""
        try:
            await bounded(self._client.connect(), CONNECT_LIMIT_S, "The machine did not answer; wake it up")
            services = self._client.services
        except BleakError as error:
            await self.close()
            raise LinkFailed(sentence(error)) from error
        except LinkFailed as failed:
            await self.close()
            if refused(failed):
                raise LinkFailed(REFUSED) from failed.__cause__
            raise
        # The first one of a UUID counts: some machines show the service twice (bleak raises on the second). bleak tells
        # them in any order, so that "first" is by handle.
        self._all = dict(sorted(services.characteristics.items()))
        for characteristic in self._all.values():
            self._characteristics.setdefault(characteristic.uuid.lower(), characteristic)

    async def learn(self, simulated: bool) -> None:
        """Read what the machine says of itself; what it does not say stays unknown. Writes nothing."""
        feature, speed, incline = [await self.read(u) for u in (uuids.FEATURE, uuids.SPEED_RANGE, uuids.INCLINE_RANGE)]
        maker, model, firmware = [await self.read(u) for u in (uuids.MANUFACTURER, uuids.MODEL, uuids.FIRMWARE)]
        if not firmware:  # some makers put it where the software's version belongs
            firmware = await self.read(uuids.SOFTWARE)
        self.info = LinkInfo(
            address=self.address,
            name=self._name(),
            maker=codec.decode_text(maker or b""),
            model=codec.decode_text(model or b""),
            firmware=codec.decode_text(firmware or b""),
            simulated=simulated,
            features=codec.decode_feature(feature or b"") or Features(),
            speed=codec.decode_speed_range(speed or b""),
            incline=codec.decode_incline_range(incline or b""),
            control=uuids.CONTROL_POINT in self._characteristics,
        )

    # --- notifications ------------------------------------------------------------------------------------------

    async def subscribe(
        self, wanted: Iterable[tuple[Source, str]] = EVERYTHING, limit: float = SUBSCRIBE_LIMIT_S
    ) -> None:
        """Turn the notifications on, each within `limit` seconds. Raises LinkFailed when there are no samples: a
        blind link is none."""
        for source, uuid in wanted:
            characteristic = self._telling(uuid)
            if characteristic is None and source is Source.TREADMILL_DATA:
                raise LinkFailed("This device sends no treadmill data; choose a treadmill that speaks FTMS.")
            if characteristic is None:
                continue
            if self._on:  # nothing waits after the last one, nor before the first
                await pause(SUBSCRIBE_SPACING_S)
            self._on.add(uuid)
            try:
                await self._permitted(lambda s=source, c=characteristic: self._notify(s, c), limit)  # type: ignore[misc]
            except LinkFailed:
                if source in (Source.TREADMILL_DATA, Source.CONTROL_POINT) or not self.alive:
                    raise

    def _telling(self, uuid: str) -> BleakGATTCharacteristic | None:
        """The characteristic if it notifies or indicates: makers mix the two up, and either way its values come."""
        characteristic = self._characteristics.get(uuid)
        if characteristic is None or not {"notify", "indicate"} & set(characteristic.properties):
            return None
        return characteristic

    def _notify(self, source: Source, characteristic: BleakGATTCharacteristic) -> Awaitable[None]:
        def heard(_sender: BleakGATTCharacteristic, data: bytearray) -> None:
            if not self._expected:  # after a close stale callbacks may still fire
                self._heard(source, bytes(data))
                if self.tap is not None:
                    self.tap.heard(characteristic.uuid, bytes(data))

        return self._client.start_notify(characteristic, heard)

    def divert(self, heard: Heard) -> None:
        """From now on notifications go there."""
        self._heard = heard

    # --- requests -----------------------------------------------------------------------------------------------

    async def read(self, uuid: str) -> bytes | None:
        """The value, or None when the machine has none to give, or notifies it: bluetoothd would deliver the value of
        a read as a notification, too. Raises LinkFailed only when the link is gone."""
        characteristic = self._characteristics.get(uuid)
        if characteristic is None or uuid in self._on:
            return None
        try:
            value = bytes(await self._permitted(lambda: self._client.read_gatt_char(characteristic), READ_LIMIT_S))
        except LinkFailed:
            if self.alive:
                return None
            raise
        self._values[characteristic.handle] = value
        return value

    async def read_handle(self, handle: int) -> bytes:
        """The value of a characteristic that is not subscribed, without ever pairing. Raises LinkFailed, without a
        cause when there was no answer in time."""
        return bytes(await bounded(self._client.read_gatt_char(self._all[handle]), READ_LIMIT_S, SLOW))

    def attributes(self) -> tuple[Attribute, ...]:
        """Every characteristic, with the value that was read when the link was made."""
        return tuple(
            Attribute(
                service=uuids.short(one.service_uuid),
                uuid=uuids.short(one.uuid),
                handle=handle,
                properties=tuple(one.properties),
                subscribed=one.uuid.lower() in self._on,
                value=self._values.get(handle),
            )
            for handle, one in self._all.items()
        )

    async def answers(self) -> None:
        """Read something harmless. Raises LinkFailed when nothing comes back, whatever the link says of itself.

        An ATT error is an answer. A machine with nothing to read is believed.
        """
        known = (self._characteristics.get(uuid) for uuid in HARMLESS if uuid not in self._on)
        characteristic = next((one for one in known if one is not None and "read" in one.properties), None)
        if characteristic is None:
            return
        try:
            await bounded(self._client.read_gatt_char(characteristic), READ_LIMIT_S, MUTE)
        except LinkFailed as failed:
            if failed.att is None:
                raise

    async def write(self, data: bytes, limit: float) -> None:
        """Hand these octets to the Control Point within `limit` seconds. Raises LinkFailed.

        With response wherever the machine offers it. A write that is given up is not taken back: it may still reach
        the machine. One that fails because the link went has no ATT error: nobody knows whether it arrived.
        """
        characteristic = self._characteristics.get(uuids.CONTROL_POINT)
        if characteristic is None:
            raise LinkFailed("This treadmill has no control point, so it cannot be driven; use its console.")
        response = "write-without-response" not in characteristic.properties or "write" in characteristic.properties
        call = self._client.write_gatt_char(characteristic, data, response=response)
        try:
            await bounded(call, limit, f"A write took over {limit:.0f} s")
        except LinkFailed as failed:
            if not self.alive:
                raise LinkFailed("The link was lost in the middle of a write.") from failed
            if failed.att in ATT_PAIRING:
                raise LinkFailed(wants_pairing(self.address), failed.att) from failed
            raise

    async def cure(self, att: int) -> None:
        """What a refused write asks of this link, at most once each, so that the next one may pass: to be paired, or
        the answers' subscription anew (some machines lose it). Raises LinkFailed."""
        if att in ATT_PAIRING and not self._pair_asked:
            await self._pair()
        characteristic = self._telling(uuids.CONTROL_POINT)
        if att in ATT_CCCD_IMPROPER and not self._renewed and characteristic is not None:
            self._renewed = True
            await bounded(self._client.stop_notify(characteristic), SUBSCRIBE_LIMIT_S, SLOW)
            await self.subscribe(ANSWERS)

    async def _permitted(self, call: Callable[[], Awaitable[T]], limit: float) -> T:
        """The result of this request; a machine that wants to be paired first is, once a link."""
        try:
            return await bounded(call(), limit, SLOW)
        except LinkFailed as failed:
            if failed.att not in ATT_PAIRING or self._pair_asked:
                raise
        await self._pair()
        return await bounded(call(), limit, SLOW)

    async def _pair(self) -> None:
        self._pair_asked = True
        try:
            await bounded(self._client.pair(), PAIR_LIMIT_S, "Pairing took too long")
        except (LinkFailed, NotImplementedError) as error:
            raise LinkFailed(wants_pairing(self.address)) from error

    # --- the end ------------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        return self._client.is_connected

    def dropped(self) -> None:
        """The other end went away, or we closed: only the first is news."""
        if self.tap is not None:
            self.tap.gone()
        if not self._expected:
            self._lost()

    async def close(self, limit: float = CLOSE_LIMIT_S) -> None:
        """Disconnect within `limit` seconds; never raises. After a loss, too, or later notifications arrive twice."""
        self._expected = True
        try:
            await bounded(self._client.disconnect(), limit, "Closing took too long")
        except LinkFailed:
            return

    def _name(self) -> str:
        try:
            return safe_text(self._client.name or "")
        except (NotImplementedError, BleakError):
            return ""
