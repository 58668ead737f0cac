"""`treadctl mqtt`: the bridge until somebody ends it, and the same as a question: would it work, what would it say?"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from treadctl import __version__
from treadctl.clients.profiles import own_profiles
from treadctl.files.profile import check_profile, shipped_profiles
from treadctl.model.errors import ExitCode, InvalidFile
from treadctl.paths import is_simulated, private_folder, real_paths, sockets

from . import topics as out
from .bridge import Bridge
from .broker import Access, BrokerLost, access, connected
from .discovery import discovery
from .node import node_id, only_one
from .settings import masked


def run_mqtt(*, check: bool, simulated: bool = False) -> int:
    """Run the bridge until a signal, or only look. Raises Refused, UsageError, InvalidFile.

    It follows real treadmills or simulated ones, never whichever comes: a stop has to reach the one that is meant.
    """
    way, state = access(), real_paths().state
    private_folder(state)
    node = node_id(state)
    if check:
        return asyncio.run(_check(node, way))
    print(out.STANDING, flush=True)
    with only_one(state):
        asyncio.run(_serve(node, way, simulated=simulated))
    return int(ExitCode.OK)


async def _serve(node: str, way: Access, *, simulated: bool) -> None:
    def find() -> Sequence[Path]:
        return [path for path in sockets() if is_simulated(path) is simulated]

    bridge = Bridge(node, way, find, profile_names, _say)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, bridge.end)
    await bridge.run()


async def _check(node: str, way: Access) -> int:
    """Connects, listens, publishes nothing. First the answer, then what it comes from, on one stream."""
    mine = out.Topics(node, way.settings.discovery_prefix)
    try:
        async with connected(way, f"{node}_check") as broker:
            await broker.subscribe(mine.incoming)
    except BrokerLost as lost:
        print("\n".join((str(lost), "", *masked(way.settings, os.environ))), file=sys.stderr)
        return int(ExitCode.NO_MACHINE)
    print("\n".join((f"The broker takes us as {node}.", "", *masked(way.settings, os.environ), "")))
    print("This would be published:")
    state = out.state(way.settings.name, None, None)
    found = [mine.availability(False), mine.state(state), mine.profile("")]
    if way.settings.discovery:
        found.append(discovery(mine, way.settings.name, __version__, await asyncio.to_thread(profile_names)))
    for one in found:
        print(f"  {one.topic} ({len(one.payload.encode())} octets{', retained' if one.retain else ''})")
    print("  and, while somebody walks, what is cued and said; nothing of that is retained. This is listened to:")
    for topic in mine.incoming:
        print(f"  {topic}")
    return int(ExitCode.OK)


def profile_names() -> Sequence[str]:
    """The profiles that can be walked, by name; broken files are left out. Blocks."""
    folder = own_profiles()
    own = sorted(folder.glob("*.yaml")) if folder is not None else []
    found: dict[str, None] = {}
    for path in (*shipped_profiles(), *own):
        try:
            found[check_profile(path)[0].name] = None
        except InvalidFile:
            continue
    return tuple(found)


def _say(text: str) -> None:
    print(text, flush=True)
