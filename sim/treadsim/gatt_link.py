"""Where the treadmill's Bluetooth host is connected to: a controller that Bumble opens, or a virtual one in here.

The virtual air repairs what Bumble 0.0.236 lacks: a central with a public address loses every packet, a scan response
repeats the advertisement, a connection attempt that was cancelled goes on for ever, and two features are announced
whose events are never sent (a scan after a disconnect then stalls under Linux).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport import open_transport
from bumble.transport.common import (
    StreamPacketSink,
    StreamPacketSource,
    Transport,
    TransportInitError,
    TransportSpecError,
)
from usb1 import USBError

from treadctl.model.errors import NoMachine, UsageError
from treadctl.model.text import safe_text

LOCALHOST = "127.0.0.1"
ADAPTER_ADDRESS = "02:00:00:00:00:01"
"""Locally administered, so it can be nobody's adapter."""
NEVER_SENT = (
    hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
)
GONE, UNKNOWN_CONNECTION = 0x08, 0x02


@dataclass(frozen=True, slots=True)
class Attached:
    """The treadmill's host, and the words with which others find its controller. `lost` is done when that is gone."""

    host: Host
    where: str
    lost: asyncio.Future[None]


class Ether(LocalLink):
    """What virtual adapters have in common: every packet comes from the address that its link was made with."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def send_acl_data(
        self, sender_controller: Controller, destination_address: hci.Address, transport: PhysicalTransport, data: bytes
    ) -> None:
        link = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if link is not None and receiver is not None:
            asyncio.get_running_loop().call_soon(receiver.on_link_acl_data, link.self_address, transport, data)

    def scan_response(self, address: hci.Address) -> bytes:
        """What the one that advertises with this address answers to a scan request."""
        advertisers = [controller.le_legacy_advertiser for controller in self.controllers]
        return next((one.scan_response_data for one in advertisers if one.address == address), b"")


class Adapter(Controller):
    """A virtual Bluetooth adapter on the ether."""

    def __init__(self, ether: Ether, address: str | None = None) -> None:
        super().__init__("treadsim", link=ether, public_address=address)
        self.ether = ether
        self.le_features &= ~NEVER_SENT

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        address = pdu.advertiser_address
        if self.le_scan_enable:
            self._report(address, hci.HCI_LE_Advertising_Report_Event.EventType.ADV_IND, pdu.data)
        if self.le_scan_enable and self.le_scan_type:
            self._report(
                address, hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP, self.ether.scan_response(address)
            )
        if self.pending_le_connection is not None and self.pending_le_connection.peer_address == address:
            self.create_le_connection(address)

    def _report(self, address: hci.Address, kind: int, data: bytes) -> None:
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind, address_type=address.address_type, address=address, data=data, rssi=-50
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Let go of the machine that did not answer, and say so."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=UNKNOWN_CONNECTION, connection_handle=0, role=hci.Role.CENTRAL,
                peer_address_type=pending.peer_address.address_type, peer_address=pending.peer_address,
                connection_interval=0, peripheral_latency=0, supervision_timeout=0, central_clock_accuracy=0,
            )
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def unplug(self) -> None:
        """Leave the ether; the other ends of its links hear nothing any more."""
        for link in tuple(self.le_connections.values()):
            link.send_ll_control_pdu(ll.TerminateInd(GONE))
        self.ether.remove_controller(self)


@asynccontextmanager
async def attached(transport: str) -> AsyncIterator[Attached]:
    """The host on this transport. `vhci` gives this computer's BlueZ an adapter, `ether:PORT` whoever connects there;
    anything else is Bumble's. Raises UsageError or NoMachine."""
    kind, _, place = transport.partition(":")
    if kind.endswith("-server") and place.rpartition(":")[0] != LOCALHOST:
        raise UsageError(f"{kind} would listen to other computers; write {kind}:{LOCALHOST}:PORT.")
    opening = {"vhci": _vhci, "ether": _ether}.get(kind, _plain)
    async with opening(transport) as found:
        yield found


@asynccontextmanager
async def _plain(transport: str) -> AsyncIterator[Attached]:
    """A controller of its own, usually a real one."""
    opened = await _opened(transport)
    try:
        yield Attached(Host(opened.source, opened.sink), transport, opened.source.terminated)
    finally:
        await opened.close()


@asynccontextmanager
async def _vhci(transport: str) -> AsyncIterator[Attached]:
    """A virtual adapter that the kernel takes for a real one, and the treadmill's beside it."""
    opened = await _opened(transport)
    ether = Ether()
    adapter = Adapter(ether, ADAPTER_ADDRESS)
    opened.source.set_packet_sink(adapter)
    adapter.host = opened.sink
    try:
        yield Attached(_host(ether), transport, opened.source.terminated)
    finally:
        await opened.close()


@asynccontextmanager
async def _ether(transport: str) -> AsyncIterator[Attached]:
    """A virtual adapter for everyone who connects to a TCP port of this computer, and the treadmill's beside them."""
    port = transport.partition(":")[2]
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise UsageError(f"{safe_text(transport, 80)!r} names no port; write ether:PORT, or ether:0 for any free one.")
    ether = Ether()
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: _Plug(ether), LOCALHOST, int(port))
    except OSError as error:
        raise _unopened(transport, error) from error
    found = server.sockets[0].getsockname()[1]
    try:
        yield Attached(_host(ether), f"tcp-client:{LOCALHOST}:{found}", loop.create_future())
    finally:
        server.close()


class _Plug(StreamPacketSource):
    """One TCP connection: an adapter is there as long as somebody holds it."""

    def __init__(self, ether: Ether) -> None:
        super().__init__()
        self._adapter = Adapter(ether)
        self.set_packet_sink(self._adapter)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._adapter.host = StreamPacketSink(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self._adapter.host = None
        self._adapter.unplug()


def _host(ether: Ether) -> Host:
    adapter = Adapter(ether)
    return Host(adapter, adapter)


async def _opened(transport: str) -> Transport:
    try:
        return await open_transport(transport)
    except (TransportSpecError, AssertionError, ValueError) as error:  # Bumble checks some of them by assert
        why = safe_text(str(error), 200) or "something is missing behind it"
        raise UsageError(f"{safe_text(transport, 80)!r} is no HCI transport ({why}).") from error
    except (TransportInitError, OSError, USBError, ImportError) as error:
        raise _unopened(transport, error) from error


def _unopened(transport: str, error: Exception) -> NoMachine:
    why = safe_text(str(error), 200) or type(error).__name__
    return NoMachine(f"The Bluetooth controller {safe_text(transport, 80)} could not be opened ({why}).")
