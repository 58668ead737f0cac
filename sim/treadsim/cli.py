"""The command line of the simulator: the treadmill as a process of its own, for tests and for whoever develops.

Words and errors only; each face is imported when it is asked for. It has nothing that a walker needs.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NoReturn

from treadctl import __version__
from treadctl.files.quirks import Quirk, load_quirk
from treadctl.model.errors import NoMachine, TreadctlError, UsageError
from treadctl.model.text import safe_text

from .faults import Fault, parse_faults

BUMBLE = "bumble==0.0.236"
"""The extra `gatt`, as pyproject.toml has it: treadctl is on no index under its own name yet."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words say (default: this process's own) and return the exit code."""
    try:
        asked = parser().parse_args(argv)
        return _serve(asked)
    except TreadctlError as error:
        for line in str(error).splitlines():
            sys.stderr.write(safe_text(line, 1000) + "\n")
        return int(error.exit_code)


class _Parser(argparse.ArgumentParser):
    """A parser that complains in the way everything here does."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def parser() -> _Parser:
    """All that can be said."""
    parser = _Parser(prog="treadsim", description="A simulated FTMS treadmill.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"treadsim {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    text = "run the simulated treadmill as a process of its own"
    serve = commands.add_parser("serve", help=text, description=text, allow_abbrev=False)
    face = serve.add_mutually_exclusive_group()
    face.add_argument(
        "--bluez", action="store_true", help="behind a mock org.bluez on a message bus of its own (Linux, dbus-daemon)"
    )
    face.add_argument(
        "--hci", metavar="TRANSPORT",
        help="on a Bluetooth controller (needs Bumble): vhci is a virtual adapter for this computer's BlueZ "
        "(Linux, root), ether:PORT one for whoever connects to this TCP port of this computer, usb:0 and the like what "
        "Bumble opens (untested on a radio)",
    )
    serve.add_argument("--quirk", metavar="NAME", default="reference", help="the kind of treadmill")
    serve.add_argument("--fault", metavar="SPEC", action="append", default=[], help="what shall go wrong")
    serve.add_argument("--seed", metavar="N", type=int, default=0, help="the same address every time (0: a new one)")
    return parser


def _serve(asked: argparse.Namespace) -> int:
    if not (asked.bluez or asked.hci):
        raise UsageError("treadsim serve needs to know how to be reached; add --bluez, or --hci TRANSPORT.")
    if asked.bluez and sys.platform != "linux":
        raise UsageError("--bluez needs Linux; elsewhere walk on the simulated treadmill with treadctl demo.")
    quirk, faults = load_quirk(asked.quirk), parse_faults(asked.fault)
    from .backend import OF_A_MACHINE  # noqa: PLC0415 - a wrong word must not wait for bleak

    elsewhere = next((fault for fault in faults if fault.family not in OF_A_MACHINE), None)
    if elsewhere is not None:
        raise UsageError(f"The fault {elsewhere} is not the machine's: only `treadctl dry-run` can do that.")
    if asked.hci:
        return _serve_hci(asked.hci, quirk, faults, asked.seed)
    from .serve import serve_bluez  # noqa: PLC0415

    return serve_bluez(quirk, faults, asked.seed)


def _serve_hci(transport: str, quirk: Quirk, faults: tuple[Fault, ...], seed: int) -> int:
    if find_spec("bumble") is None:
        command = shlex.join([sys.executable, "-m", "pip", "install", BUMBLE])
        raise NoMachine(f"--hci needs Bumble, which is not installed; install it with: {command}")
    from .serve_hci import serve_hci  # noqa: PLC0415 - Bumble is large, and an extra

    return serve_hci(transport, quirk, faults, seed)
