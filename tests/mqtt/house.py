"""A house with a real Mosquitto on the loopback: certificates, passwords, the ACL of the manual, and ears in it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiomqtt import Client, Message, ProtocolVersion
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from treadctl import __version__
from treadctl.clients.mqtt.bridge import Bridge
from treadctl.clients.mqtt.broker import Access
from treadctl.clients.mqtt.settings import Settings, context
from treadctl.control.events import Asked, Input
from treadctl.guardian.server import Server
from treadctl.model.api import Intent, Verdict
from treadctl.paths import simulated_paths

ROOT = Path(__file__).resolve().parents[2]
ACL = ROOT / "docs/mosquitto.acl"
IN_ACL = "treadctl_7c2f90ab"
"""The node of the ACL in the manual."""
NODE = "treadctl_0000abcd"
LIMIT_S = 20.0
PROFILES = ("Demo", "Retro 5 x 1")
USERS = ("treadctl", "ha", "fleet", "guest")
VERSIONS = {"5": ProtocolVersion.V5, "3.1.1": ProtocolVersion.V311}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


class House:
    """One broker. `locked`: TLS, passwords (a user's is its name twice) and the ACL; else whoever comes is let in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.locked = False
        self._process: subprocess.Popen[bytes] | None = None

    def lock(self) -> None:
        """From the next start on."""
        self.locked = True
        certificates(self.folder)
        for n, user in enumerate(USERS):
            how = ["-c"] if n == 0 else []
            command = ["mosquitto_passwd", "-b", *how, str(self.folder / "passwords"), user, user * 2]
            subprocess.run(command, check=True, capture_output=True)
        acl = ACL.read_text(encoding="utf-8").replace(IN_ACL, NODE)
        (self.folder / "acl").write_text(acl, encoding="utf-8")
        for name in ("passwords", "acl"):
            (self.folder / name).chmod(0o600)

    def start(self) -> None:
        """Run it until it listens."""
        lines = [f"listener {self.port} 127.0.0.1", "max_queued_messages 100000", "persistence false"]
        lines += [f"user {os.environ.get('USER', 'root')}"] if os.getuid() == 0 else []
        lines += self._locks() if self.locked else ["allow_anonymous true"]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with (self.folder / "mosquitto.log").open("ab") as log:
            command = ["mosquitto", "-c", str(self.folder / "mosquitto.conf")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05)
        raise AssertionError((self.folder / "mosquitto.log").read_text())

    def _locks(self) -> list[str]:
        here = self.folder
        return [
            "allow_anonymous false", f"password_file {here}/passwords", f"acl_file {here}/acl", f"cafile {here}/ca.pem",
            f"certfile {here}/server.pem", f"keyfile {here}/server.key",
        ]  # fmt: skip

    def kill(self) -> None:
        """As a power cut would: no goodbye to anybody."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    end = kill

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def access(self, user: str = "treadctl", **more: Any) -> Access:
        """How treadctl gets in."""
        locks = {"tls": True, "ca_file": str(self.folder / "ca.pem"), "username": user} if self.locked else {}
        settings = Settings(host="localhost", port=self.port, **{**locks, **more})
        return Access(settings, user * 2 if self.locked else None, context(settings))

    @asynccontextmanager
    async def ear(self, topics: Sequence[str] = ("#",), user: str = "ha", protocol: str = "5") -> AsyncIterator[Ear]:
        """Somebody else in the house who hears all of this."""
        access = self.access(user)
        async with Client(
            "localhost", self.port, username=user if self.locked else None, password=access.password,
            tls_context=access.context, protocol=VERSIONS[protocol],
        ) as client:  # fmt: skip
            for topic in topics:
                await client.subscribe(topic, qos=1)
            ear = Ear(client)
            listening = asyncio.ensure_future(ear.listen())
            try:
                yield ear
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Heard:
    topic: str
    payload: bytes
    retained: bool

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.payload))


class Ear:
    """What one client has heard so far."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.heard: list[Heard] = []
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for message in self.client.messages:
            self._take(message)

    def _take(self, message: Message) -> None:
        payload = message.payload if isinstance(message.payload, bytes) else b""
        self.heard.append(Heard(str(message.topic), payload, message.retain))
        self._news.set()

    def of(self, name: str) -> list[Heard]:
        """All that was heard on topics that end so, in order."""
        return [one for one in self.heard if one.topic.endswith(name)]

    def states(self) -> list[dict[str, Any]]:
        return [one.told for one in self.of("/state")]

    async def until(self, seen: Callable[[Ear], object], seconds: float = LIMIT_S) -> None:
        """Until this is so."""
        async with asyncio.timeout(seconds):
            while not seen(self):
                self._news.clear()
                await self._news.wait()

    async def available(self, word: str, seconds: float = LIMIT_S) -> None:
        await self.until(lambda ear: [one.payload for one in ear.of("/availability")][-1:] == [word.encode()], seconds)


class Guardian:
    """The socket of a guardian with nothing behind it: wishes are kept, and taken or not as a test says."""

    def __init__(self) -> None:
        self.paths = simulated_paths()
        self.wishes: list[Intent] = []
        self.takes = True
        self.server = Server(self._accept, version=__version__, simulated=True, rate=1)

    def _accept(self, item: Input) -> None:
        if isinstance(item, Asked):
            self.wishes.append(item.intent)
            self.server.reply(item.client, Verdict(item.id, self.takes, "" if self.takes else "not now"))

    async def open(self) -> None:
        await self.server.open(self.paths.socket)

    async def close(self) -> None:
        self.server.close("it is over", 0)
        self.paths.socket.unlink(missing_ok=True)
        await asyncio.sleep(0.01)


@asynccontextmanager
async def a_guardian() -> AsyncIterator[Guardian]:
    it = Guardian()
    await it.open()
    try:
        yield it
    finally:
        await it.close()


class Running:
    """A bridge on the loop of the test, and the lines that it prints."""

    def __init__(
        self, access: Access, find: Callable[[], Sequence[Path]],
        profiles: Callable[[], Sequence[str]] = lambda: PROFILES,
    ) -> None:  # fmt: skip
        self.lines: list[str] = []
        self.bridge = Bridge(NODE, access, find, profiles, self.lines.append)

    async def says(self, words: str, seconds: float = LIMIT_S) -> None:
        async with asyncio.timeout(seconds):
            while not any(words in line for line in self.lines):  # noqa: ASYNC110  (lines are a plain list)
                await asyncio.sleep(0.01)


@asynccontextmanager
async def a_bridge(access: Access, *sockets: Path) -> AsyncIterator[Running]:
    running = Running(access, lambda: sockets)
    task = asyncio.ensure_future(running.bridge.run())
    try:
        yield running
    finally:
        running.bridge.end()
        async with asyncio.timeout(LIMIT_S):
            await task


# --- certificates --------------------------------------------------------------------------------------------------


def certificates(folder: Path, name: str = "localhost") -> None:
    """ca.pem, and server.pem with server.key that it signed; other.pem is a stranger's."""
    key, ca = _signed("House", None)
    _, other = _signed("Stranger", None)
    mine, server = _signed(name, (ca, key))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "other.pem").write_bytes(other.public_bytes(pem))
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    plain = mine.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(plain)


Signer = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _signed(name: str, signer: Signer | None) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """A new key and its certificate, signed by itself without a signer."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(signer[0].subject if signer else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
    )  # fmt: skip
    if signer is not None:
        builder = builder.add_extension(names, critical=False)
    return key, builder.sign(signer[1] if signer else key, hashes.SHA256())
