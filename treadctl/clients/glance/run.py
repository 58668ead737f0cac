"""`treadctl glance`: the pages served until somebody ends it, and the same as a child beside a walk.

A child says its addresses in one line and ends when its parent does; its death is nothing to the belt.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from treadctl.clients.settings import shown_units
from treadctl.model.errors import ExitCode, NoMachine, UsageError
from treadctl.paths import sockets

from .gate import TOKEN_OCTETS, Gate, View
from .hub import Hub
from .page import Pages
from .qr import rows
from .server import GlanceServer, tokens

SCHEMA = "treadctl/glance/1"
PORT = 8470
"""Chosen: registered for nothing. Always the same, so that a firewall has to be told once."""
ELSEWHERE = "192.0.2.1"
"""An address of no host (RFC 5737): asking the way there sends nothing, and says which of ours goes out."""
END_LIMIT_S = 2.0
NAMES = {View.HAND: "Phone in the hand", View.WALL: "Behind the treadmill", View.SPOTTER: "For the helper"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the words ask for. `path` is the socket of one guardian, None: whichever runs. `speaker`: a page speaks."""

    bind: str = "127.0.0.1"
    port: int = PORT
    layout: View = View.HAND
    names: tuple[str, ...] = ()
    visual: bool = False
    path: Path | None = None
    speaker: bool = False


def run_glance(wish: Wish, *, as_json: bool = False, attached: bool = False) -> int:
    """Serve until a signal, or until standard input ends where `attached`. Raises UsageError, NoMachine."""
    check(wish)
    asyncio.run(_serve(wish, as_json=as_json, attached=attached))
    return int(ExitCode.OK)


def check(wish: Wish) -> None:
    """Raises UsageError for what cannot be served."""
    try:
        ipaddress.ip_address(wish.bind)
    except ValueError:
        raise UsageError(f"--bind {wish.bind} is no address; give one of this computer, such as 0.0.0.0.") from None
    if not 0 <= wish.port <= 0xFFFF:
        raise UsageError(f"--port {wish.port} is no port; give a number from 1 to 65535, or 0 for any.")


async def _serve(wish: Wish, *, as_json: bool, attached: bool) -> None:
    hub = Hub(
        lambda: [wish.path] if wish.path else sockets(), visual=wish.visual, speaker=wish.speaker, units=shown_units()
    )
    server = GlanceServer(hub, Pages(visual=wish.visual, speaker=wish.speaker))
    hub.tell, hub.tell_one = server.tell, server.tell_one
    made = {view: secrets.token_urlsafe(TOKEN_OCTETS) for view in View}
    try:
        listening = await server.open(wish.bind, wish.port)
    except OSError as error:
        raise NoMachine(
            f"The page cannot be served on {wish.bind}, port {wish.port} ({error.strerror}); give another --bind or "
            "--port."
        ) from None
    port = listening.sockets[0].getsockname()[1]
    server.gate = Gate(made, own_names(wish), port)
    addresses = tokens(made, f"http://{_in_address(_reached_as(wish))}:{port}")
    _tell_addresses(addresses, wish.layout, as_json)
    seeing = asyncio.ensure_future(hub.run())
    try:
        await _until_ended(attached)
    finally:
        seeing.cancel()
        listening.close()
        await asyncio.gather(seeing, return_exceptions=True)


async def _until_ended(attached: bool) -> None:
    """A signal, or the end of the process that started this one."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    if attached:
        loop.add_reader(sys.stdin.fileno(), lambda: None if os.read(sys.stdin.fileno(), 64) else ended.set())
    await ended.wait()
    if attached:
        loop.remove_reader(sys.stdin.fileno())


def _tell_addresses(addresses: dict[str, str], layout: View, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"schema": SCHEMA, "layout": layout.value, "addresses": addresses}), flush=True)
        return
    for view, name in NAMES.items():
        print(f"{name + ':':<21} {addresses[view.value]}")
    if sys.stdout.isatty():
        print("\n".join(("", *rows(addresses[layout.value]), "")))
    print("These pages can stop the belt and nothing else, and so can whoever knows their addresses.", flush=True)


# --- names ---------------------------------------------------------------------------------------------------------


def own_names(wish: Wish) -> Sequence[str]:
    """Names under which this host may be asked, besides the address that is asked."""
    if ipaddress.ip_address(wish.bind).is_loopback:
        return ("localhost", *wish.names)
    name = socket.gethostname()
    return (name, f"{name}.local", *wish.names)


def _reached_as(wish: Wish) -> str:
    """The address that others find this host under."""
    if wish.names:
        return wish.names[0]
    if not ipaddress.ip_address(wish.bind).is_unspecified:
        return wish.bind
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked, contextlib.suppress(OSError):
        asked.connect((ELSEWHERE, 9))
        return str(asked.getsockname()[0])
    return "127.0.0.1"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


# --- beside a walk -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def beside(wish: Wish, *, told: bool) -> Iterator[str]:
    """The pages in a process of their own for as long as a walk takes; the address to show. `told`: print all of them.

    Raises NoMachine when they cannot be served: who asked for a page relies on it. What becomes of them later is
    nothing to the walk.
    """
    check(wish)
    command = [sys.executable, "-P", "-m", "treadctl", "glance", "--json", "--attached", *_words(wish)]
    with (
        tempfile.TemporaryFile() as troubles,
        subprocess.Popen(  # a pipe would fill up, and then all pages stand still
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=troubles, start_new_session=True
        ) as process,
    ):
        assert process.stdin is not None and process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise NoMachine(os.pread(troubles.fileno(), 1000, 0).decode("utf-8", "replace").strip())
            answer = json.loads(line)
            if told:
                _tell_addresses(answer["addresses"], wish.layout, as_json=False)
            yield str(answer["addresses"][wish.layout.value])
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_LIMIT_S)
            process.kill()


def _words(wish: Wish) -> list[str]:
    words = ["--bind", wish.bind, "--port", str(wish.port), "--layout", wish.layout.value]
    words += [part for name in wish.names for part in ("--name", name)]
    words += ["--visual"] if wish.visual else []
    words += ["--speaker", "phone"] if wish.speaker else []
    return words + (["--socket", str(wish.path)] if wish.path else [])
