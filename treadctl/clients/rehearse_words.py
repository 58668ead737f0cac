"""The words of `treadctl rehearse`: everything about a walk backward that can be practised with the belt standing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from treadctl.clients.words import add, add_machine, add_simulated, address, places, rate, treadmill

if TYPE_CHECKING:
    from treadctl.clients.words import Commands

WHAT = (
    "practise for two minutes, with the belt locked: clip the key, turn, press, hear the alarm, reach the stop key. "
    "Each treadmill wants it once before the first walk backward; without one it is practice"
)


def add_words(commands: Commands) -> None:
    """One command."""
    parser = add(commands, "rehearse", WHAT, _rehearse)
    add_machine(parser)
    add_simulated(parser)


def _rehearse(asked: argparse.Namespace) -> int:
    backend, quirk = treadmill(asked)
    times, paths = rate(asked.rate), places(backend, asked.state)
    machine = address(paths, asked.machine)
    from treadctl.model.intents import Rehearse

    if asked.headless:
        from treadctl.clients.headless import run_headless

        return run_headless(
            paths, wish=Rehearse(), backend=backend, quirk=quirk, rate=times, seed=asked.seed, machine=machine
        )
    from treadctl.clients.tui.run import run_tui

    return run_tui(paths, wish=Rehearse(), backend=backend, quirk=quirk, rate=times, demo=False, machine=machine)
