"""The words of `treadctl mqtt` and `treadctl fleet`."""

from __future__ import annotations

import argparse
import shlex
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from treadctl.clients.words import JSON, add
from treadctl.model.errors import Refused

if TYPE_CHECKING:
    from treadctl.clients.words import Commands

LIBRARY = "aiomqtt>=2.5.1,<3"
"""As the extra `mqtt` of pyproject.toml, which pip does not find: treadctl itself is in no registry."""


def add_words(commands: Commands) -> None:
    bridge = add(commands, "mqtt", "tell an MQTT broker (Home Assistant) of the walk; take a stop from it", _mqtt)
    bridge.add_argument("--check", action="store_true", help="only try the broker, and say what would be published")
    bridge.add_argument("--sim", action="store_true", help="follow simulated treadmills instead of real ones")
    fleet = add(commands, "fleet", "all treadmills on the broker in one table, with a stop for each", _fleet)
    fleet.add_argument("--once", action="store_true", help="print the table once, and end")
    fleet.add_argument("--json", action="store_true", help=f"{JSON}; with --once")
    verbs = fleet.add_subparsers(dest="verb", metavar="VERB")
    stop = add(verbs, "stop", "stop the belt of one treadmill, and wait for its word that it stands", _stop)
    stop.add_argument("node", metavar="NODE", help="its id or its name, as the table shows it")


def _mqtt(asked: argparse.Namespace) -> int:
    _require_library()
    from treadctl.clients.mqtt.run import run_mqtt

    return run_mqtt(check=asked.check, simulated=asked.sim)


def _fleet(asked: argparse.Namespace) -> int:
    _require_library()
    from treadctl.clients.fleet.run import run_fleet

    return run_fleet(once=asked.once, as_json=asked.json)


def _stop(asked: argparse.Namespace) -> int:
    _require_library()
    from treadctl.clients.fleet.run import run_stop

    return run_stop(asked.node)


def _require_library() -> None:
    if find_spec("aiomqtt") is None:
        command = shlex.join([sys.executable, "-m", "pip", "install", LIBRARY])
        raise Refused(f"MQTT needs a library that is not installed; install it with: {command}")
