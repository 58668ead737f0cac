"""The words of `treadctl scan`, `commission`, `capture` and `machines`: finding treadmills and learning them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.clients.words import (
    JSON,
    REFERENCE,
    SIMULATOR,
    add,
    add_machine,
    add_simulated,
    address,
    places,
    rate,
    treadmill,
)
from treadctl.model.errors import UsageError

if TYPE_CHECKING:
    from treadctl.clients.words import Commands

SCAN_SECONDS, SCAN_LONGEST = 8, 60
"""A treadmill that is awake advertises several times a second; chosen for one that is just waking up."""
CAPTURE_SECONDS, CAPTURE_LONGEST = 30, 600


def add_words(commands: Commands) -> None:
    """Everything about machines."""
    _add_scan(commands)
    _add_commission(commands)
    _add_capture(commands)
    _add_machines(commands)


def _add_scan(commands: Commands) -> None:
    parser = add(commands, "scan", "find the treadmills in reach", _scan)
    parser.add_argument("--seconds", metavar="N", type=int, default=SCAN_SECONDS, help="how long to look (default 8)")
    parser.add_argument("--sim", action="store_true", help="find the simulated treadmill")
    parser.add_argument("--json", action="store_true", help=JSON)


def _add_commission(commands: Commands) -> None:
    text = "learn a treadmill on an empty belt: how it starts, stops and counts; nobody walks on one that was not"
    parser = add(commands, "commission", text, _commission)
    add_machine(parser)
    text = "1: what a walk needs (the default), 2: the rest, on another day"
    parser.add_argument("--part", metavar="N", type=int, choices=(1, 2), default=1, help=text)
    add_simulated(parser)


def _add_capture(commands: Commands) -> None:
    text = "record what a treadmill says of itself and sends, for a bug report; nothing is written to it"
    parser = add(commands, "capture", text, _capture)
    add_machine(parser)
    text = "how long to record (default 30, 600 at most)"
    parser.add_argument("--seconds", metavar="N", type=int, default=CAPTURE_SECONDS, help=text)
    text = "write it here (default: treadctl-capture-NAME.json in this folder); nothing is overwritten"
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help=text)


def _add_machines(commands: Commands) -> None:
    group = add(commands, "machines", "list, show and forget the treadmills learnt here", None)
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    add(verbs, "list", "list them, with what each may be used for", _machines_list)
    show = add(verbs, "show", "show all that is known of one", _machines_show)
    forget = add(verbs, "forget", "forget one: it has to be learnt again", _machines_forget)
    forget.add_argument("--yes", action="store_true", help="do not ask")
    for parser in (show, forget):
        parser.add_argument("who", metavar="ADDR|NAME", help="the treadmill's address or name")
    for parser in (verbs.choices["list"], show, forget):
        parser.add_argument("--json", action="store_true", help=JSON)


def _scan(asked: argparse.Namespace) -> int:
    _check_seconds(asked.seconds, SCAN_LONGEST)
    from treadctl.clients.scan import run_scan

    backend = SIMULATOR if asked.sim else None
    paths = places(backend, None)
    return run_scan(paths, backend=backend, quirk=REFERENCE, seconds=asked.seconds, as_json=asked.json)


def _check_seconds(seconds: int, longest: int) -> None:
    if not 1 <= seconds <= longest:
        raise UsageError(f"--seconds {seconds} is not possible; give a number from 1 to {longest}.")


def _commission(asked: argparse.Namespace) -> int:
    backend, quirk = treadmill(asked)
    times, paths = rate(asked.rate), places(backend, asked.state)
    machine = address(paths, asked.machine)
    from treadctl.model.intents import Commission

    wish = Commission(asked.part)
    if asked.headless:
        from treadctl.clients.headless import run_headless

        return run_headless(
            paths, wish=wish, backend=backend, quirk=quirk, rate=times, seed=asked.seed, machine=machine
        )
    from treadctl.clients.tui.run import run_tui

    return run_tui(paths, wish=wish, backend=backend, quirk=quirk, rate=times, demo=False, machine=machine)


def _capture(asked: argparse.Namespace) -> int:
    _check_seconds(asked.seconds, CAPTURE_LONGEST)
    backend, quirk = treadmill(asked)
    paths = places(backend, None)
    machine = address(paths, asked.machine)
    from treadctl.clients.capture import run_capture

    return run_capture(
        paths, machine=machine, backend=backend, quirk=quirk, seconds=asked.seconds, into=asked.output
    )


def _machines_list(asked: argparse.Namespace) -> int:
    from treadctl.clients.machines import run_list

    return run_list(places(None, None), as_json=asked.json)


def _machines_show(asked: argparse.Namespace) -> int:
    from treadctl.clients.machines import run_show

    return run_show(places(None, None), asked.who, as_json=asked.json)


def _machines_forget(asked: argparse.Namespace) -> int:
    from treadctl.clients.machines import run_forget

    return run_forget(places(None, None), asked.who, yes=asked.yes, as_json=asked.json)
