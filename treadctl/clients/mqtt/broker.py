"""One connection to the broker; the only module that knows aiomqtt. A lost one ends with one sentence, `BrokerLost`.

What comes in waits in a short line of its own: the oldest goes when it is full, what is urgent is kept and goes first.
Sessions are clean, so nothing that was sent while nobody listened is ever handed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from aiomqtt import Client, MqttError, ProtocolVersion, Will
from aiomqtt import Message as Raw
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from treadctl.clients.clock import boot_ms
from treadctl.model.text import safe_text
from treadctl.paths import real_paths

from .orders import Came
from .settings import FILE, Settings, context, load_broker, password
from .topics import Publication

KEEPALIVE_S = 15
"""A broker publishes the will of a node that is gone after one and a half times this."""
LIMIT_S = 5.0
"""For an answer of the broker; chosen."""
WAITING_MAX = 64
"""Messages that wait here; chosen: six seconds of all that is ever taken."""
PACKET_MAX = 64 << 10
"""Octets of a message that we let a broker hand to us (MQTT 5 only)."""
UNWELCOME = {4, 5, 134, 135}
"""CONNACK codes (MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2): wrong name or password, not authorized."""

AT_ONCE = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Else a short message waits for the answer to the one before it: 40 ms for each (measured with Mosquitto 2.0.11)."""

log = logging.getLogger(__name__)
log.propagate = False
log.addHandler(logging.NullHandler())


class BrokerLost(Exception):
    """The connection came to nothing or is gone; `str()` is the sentence. `refused`: trying again soon is no use."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Access:
    """All that a connection needs. `settings` says where, the rest is secret or made once."""

    settings: Settings
    password: str | None = field(repr=False)
    context: ssl.SSLContext | None = field(repr=False)


def access() -> Access:
    """The way to the broker as this user has set it. Raises InvalidFile, UsageError, Refused."""
    settings = load_broker(real_paths().config / FILE, os.environ)
    if not settings.encrypted and not settings.here:
        print(f"Warning: nothing is encrypted on the way to {settings.host}.", file=sys.stderr, flush=True)
    return Access(settings, password(settings, os.environ), context(settings))


class Inbox(asyncio.Queue[Raw]):
    """What came in: never full: the oldest that is not urgent goes. `taken_at`: when the one last taken came."""

    def __init__(self, urgent: Callable[[str], bool], most: int) -> None:
        self._urgent = urgent
        self._first: deque[tuple[Raw, int]] = deque(maxlen=most)
        self._rest: deque[tuple[Raw, int]] = deque(maxlen=most)
        self.taken_at = 0
        self.dropped = 0
        super().__init__()

    def qsize(self) -> int:
        return len(self._first) + len(self._rest)

    def empty(self) -> bool:
        return not (self._first or self._rest)

    def _put(self, item: Raw) -> None:
        if len(item.payload or b"") > PACKET_MAX:
            self.dropped += 1
            return
        line = self._first if self._urgent(str(item.topic)) else self._rest
        self.dropped += len(line) == line.maxlen
        line.append((item, boot_ms()))

    def _get(self) -> Raw:
        item, self.taken_at = (self._first or self._rest).popleft()
        return item


class Broker:
    """A connection that is up."""

    def __init__(self, client: Client, inbox: Inbox) -> None:
        self._client, self._inbox = client, inbox

    @property
    def dropped(self) -> int:
        """Messages that had to make room for newer ones."""
        return self._inbox.dropped

    async def publish(self, what: Publication) -> None:
        """Hand it over. That it was taken says nothing of who hears it. Raises BrokerLost."""
        with _told():
            await self._client.publish(what.topic, what.payload, qos=what.qos, retain=what.retain)

    async def subscribe(self, topics: Sequence[str]) -> None:
        """Raises BrokerLost, also when the broker does not allow one of them."""
        with _told():
            for topic in topics:
                codes = await self._client.subscribe(topic, qos=1)
                if any(getattr(code, "value", code) >= 128 for code in codes):
                    raise BrokerLost(f"The broker does not let us listen to {topic}; look at its ACL.", refused=True)

    async def messages(self) -> AsyncIterator[Came]:
        """What comes in, until the connection is lost: then raises BrokerLost."""
        with _told():
            async for raw in self._client.messages:
                yield Came(str(raw.topic), _octets(raw.payload), raw.retain, self._inbox.taken_at)


@asynccontextmanager
async def connected(
    access: Access, identifier: str, *, will: Publication | None = None,
    urgent: Callable[[str], bool] = lambda _: False, waiting: int = WAITING_MAX,
) -> AsyncIterator[Broker]:  # fmt: skip
    """A connection, closed at the end; so many messages may wait in it. Raises BrokerLost when there is none, and when
    it is lost inside."""
    inbox = Inbox(urgent, waiting)
    with _told(access.settings):
        client = _client(access, identifier, will, inbox)
        try:
            await client.__aenter__()
        except MqttError:
            await _abandon(client)
            raise
    try:
        yield Broker(client, inbox)
    finally:
        with contextlib.suppress(MqttError, OSError, ValueError):
            await client.__aexit__(None, None, None)


def _client(access: Access, identifier: str, will: Publication | None, inbox: Inbox) -> Client:
    settings = access.settings
    five = settings.protocol == "5"
    how: dict[str, Any] = {"clean_start": True, "properties": _limits()} if five else {"clean_session": True}
    client = Client(
        settings.host, settings.real_port, username=settings.username or None, password=access.password,
        identifier=identifier, protocol=ProtocolVersion.V5 if five else ProtocolVersion.V311,
        will=None if will is None else Will(will.topic, will.payload, will.qos, will.retain),
        queue_type=cast("type[asyncio.Queue[Raw]]", lambda maxsize=0: inbox), timeout=LIMIT_S, keepalive=KEEPALIVE_S,
        tls_context=access.context, logger=log, max_queued_outgoing_messages=WAITING_MAX,
        socket_options=AT_ONCE, **how,
    )  # fmt: skip
    client._client._get_proxy = _no_proxy  # type: ignore[method-assign]
    return client


def _no_proxy() -> None:
    """With PySocks installed, paho goes by a proxy that the environment names, also to this computer: then what needs
    no TLS here would leave it."""


async def _abandon(client: Client) -> None:
    """aiomqtt leaves the socket of a connection that was refused to the collector of garbage."""
    inner = client._client
    inner.disconnect()
    for _ in range(20):
        if inner.socket() is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.get_running_loop().create_future()


def _limits() -> Properties:
    found = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    found.MaximumPacketSize = PACKET_MAX
    return found


def _octets(payload: object) -> bytes:
    return payload if isinstance(payload, bytes) else b""


@contextlib.contextmanager
def _told(settings: Settings | None = None) -> Any:
    """Every way in which a connection fails, as one sentence; of one that is not made yet, where that was tried."""
    try:
        yield
    except MqttConnectError as error:
        if getattr(error.rc, "value", error.rc) in UNWELCOME:
            raise BrokerLost("The broker refuses this name and password; see its log.", refused=True) from None
        raise BrokerLost(f"The broker does not take us ({safe_text(str(error.rc))}).", refused=True) from None
    except (MqttError, OSError, ValueError) as error:
        raise BrokerLost(_why(error, settings)) from None


def _why(error: BaseException, settings: Settings | None) -> str:
    """The first cause that a person can do something about."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = safe_text(cause.verify_message or "it is not signed by anybody we trust")
            return f"The broker's certificate is not to be trusted ({why}); see ca_file."
        if isinstance(cause, ssl.SSLError):
            return f"{_at(settings)} does not speak TLS with us; look at tls and port in mqtt.toml."
        if isinstance(cause, OSError) and cause.strerror:
            return _unreached(settings, cause.strerror.lower())
        cause = cause.__cause__ or cause.__context__
    return _unreached(settings, str(error))


def _unreached(settings: Settings | None, why: str) -> str:
    shown = safe_text(why) or "no answer"
    if settings is None:
        return f"The connection to the broker is lost ({shown})."
    return f"{_at(settings)} cannot be reached ({shown}); start it, or set host and port in mqtt.toml."


def _at(settings: Settings | None) -> str:
    return "The broker" if settings is None else f"The broker at {settings.host}, port {settings.real_port},"
