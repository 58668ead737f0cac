"""What the clients of plain lines do before anything else: a guardian, then the link to a machine. No rule about belts.

A guardian of a simulated treadmill ends with the command that started it: nobody else can find it. A real one lives on
for a while, so that the next command finds it ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Callable, Iterator, Sequence

from treadctl.client import Client, Message, start_guardian
from treadctl.model.api import Belt, Connect, LinkState, Snapshot
from treadctl.model.errors import NoMachine, Refused
from treadctl.model.text import safe_text
from treadctl.paths import Paths

LINK_LIMIT_S = 60.0
"""Longer than the guardian's own limits for finding and connecting: it always speaks first."""
END_LIMIT_S = 20.0
"""From an interruption to the end of a guardian; the slowest permitted belt takes 6 s to stop."""
SNAPSHOT_LIMIT_S = 3.0
UNREACHED = "The treadmill could not be reached; wake it up and close other apps connected to it."


@contextlib.contextmanager
def guardian(
    paths: Paths,
    *,
    backend: str | None,
    quirk: str = "reference",
    faults: Sequence[str] = (),
    rate: int = 1,
    seed: int = 0,
) -> Iterator[None]:
    """A guardian that accepts. Raises NoMachine."""
    process = start_guardian(paths, backend=backend, quirk=quirk, faults=faults, rate=rate, seed=seed)
    try:
        yield
    finally:
        if backend is not None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """It closes its files and goes."""
    process.terminate()
    try:
        process.wait(END_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def link_up(
    client: Client, paths: Paths, machine: str, show: Callable[[Message], None], *, still: bool = True
) -> None:
    """Wait for the link to `machine` (empty: the only one), and with `still` for a belt at rest.

    Raises NoMachine with what the guardian says is the matter, Refused when the belt does not come to rest or the
    guardian holds another machine.
    """
    first = await first_snapshot(client)
    _refuse_another(first, paths, machine)
    verdict = await client.ask(Connect(machine))
    if not verdict.accepted:
        raise NoMachine(verdict.reason)
    before = first.seq if client.snapshot is None else client.snapshot.seq  # what came until now is of before
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINK_LIMIT_S):
            async for message in client.messages():
                done = _linked(client.snapshot, before, still)  # what it raises is told once: as the error
                if not isinstance(message, Snapshot) or message.seq > before:
                    show(message)
                if done:
                    return
    if client.snapshot is not None and client.snapshot.link is LinkState.UP:
        raise Refused("Refused: the belt does not come to rest, or does not say so; press stop on the console.")
    raise NoMachine(UNREACHED)


def _linked(snapshot: Snapshot | None, before: int, still: bool) -> bool:
    """Whether the link is what is wanted. Raises NoMachine when it came to nothing."""
    if snapshot is None or snapshot.seq <= before:
        return False
    if snapshot.link in (LinkState.FAILED, LinkState.LOST):
        raise NoMachine(snapshot.reason or snapshot.notice or UNREACHED)
    return snapshot.link is LinkState.UP and (not still or snapshot.belt is Belt.STILL)


def _refuse_another(snapshot: Snapshot, paths: Paths, machine: str) -> None:
    """A guardian that has a link keeps it: whoever names another machine must not be shown this one."""
    if not machine or snapshot.link is not LinkState.UP:
        return
    try:
        held = paths.last_address.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return
    if held.upper() != machine.upper():
        raise Refused(
            f"Refused: treadctl is connected to {safe_text(snapshot.machine)} ({safe_text(held)}); close the other "
            "treadctl, and try again half a minute later."
        )


async def first_snapshot(client: Client) -> Snapshot:
    """What is so now. Raises NoMachine when the guardian does not say."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SNAPSHOT_LIMIT_S):
            async for _ in client.messages():
                if client.snapshot is not None:
                    return client.snapshot
    raise NoMachine("The guardian does not answer; end it with: treadctl stop.")
