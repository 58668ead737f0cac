"""What every group of words on the command line is made with, and what several of them need to know of a treadmill.

The words of a command stand beside its client, in a module `..._words` with `add_words(commands)`; `treadctl.cli` loads
only the module whose command was named. Such a module imports nothing at its top but argparse, words and errors.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from treadctl.model.errors import UsageError

if TYPE_CHECKING:
    from treadctl.paths import Paths

    Commands = argparse._SubParsersAction["Parser"]

STANDING_SENTENCE = (
    "treadctl is not an emergency stop and not a medical device. The clipped safety key is the emergency stop. "
    "Walking backward on a treadmill can cause falls and may be forbidden by your machine's manual."
)
"""Never reworded: the screen before a walk and the README say the same."""

REFERENCE = "reference"
"""The quirk of a treadmill that does everything by the standard."""
SIMULATOR = "sim"
"""The entry-point name, in every group, of the simulator that treadctl ships with."""
RATES = range(1, 11)
"""A simulated walk may run up to ten times faster; beyond that the real processes cannot keep their own deadlines."""
PROFILE = "a file, or the name of a profile (treadctl profile list)"
JSON = "one JSON object on stdout"
SESSION = "a walk: part of its name, a date such as 2026-01-31, its file, or last"
KEPT = "the walks on the simulated treadmill that were kept here (run --state DIR)"


class Parser(argparse.ArgumentParser):
    """A parser that complains in the way everything here does."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def add(commands: Commands, name: str, text: str, do: Callable[[argparse.Namespace], int] | None) -> Parser:
    """One command or verb; `do` None: it has verbs of its own."""
    parser = commands.add_parser(name, help=text, description=text, epilog=STANDING_SENTENCE, allow_abbrev=False)
    if do is not None:
        parser.set_defaults(do=do)
    return parser


def add_machine(parser: Parser) -> None:
    """Which treadmill: a real one, or a simulated one of some kind."""
    text = "the treadmill's address, or its name once it was learnt (default: the only one)"
    parser.add_argument("--machine", metavar="ADDR|NAME", default="", help=text)
    parser.add_argument("--sim", action="store_true", help="on the simulated treadmill")
    parser.add_argument("--quirk", metavar="NAME", help="the kind of treadmill to simulate (with --sim)")


def add_simulated(parser: Parser) -> None:
    """What every simulated walk may be told."""
    parser.add_argument("--headless", action="store_true", help="plain lines instead of a screen")
    parser.add_argument("--rate", metavar="N", type=int, help="times faster than life, 1 to 10 (simulated only)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="the simulator's dice (default 0)")
    parser.add_argument("--state", metavar="DIR", type=Path, help="keep what is recorded here (simulated only)")


def treadmill(asked: argparse.Namespace) -> tuple[str | None, str]:
    """Backend and kind of the treadmill that the words name."""
    if not asked.sim:
        _refuse_without_simulator(asked)
    elif asked.machine:
        raise UsageError("--machine and --sim name two treadmills; leave one out.")
    if asked.quirk is not None:
        from treadctl.files.quirks import check_quirk

        check_quirk(asked.quirk)
    return SIMULATOR if asked.sim else None, asked.quirk or REFERENCE


def _refuse_without_simulator(asked: argparse.Namespace) -> None:
    """A real belt is neither hurried nor told to fail."""
    for option in ("quirk", "fault", "rate", "seed", "state"):
        if getattr(asked, option, None):
            raise UsageError(f"--{option} is for the simulated treadmill only; add --sim, or leave it out.")


def address(paths: Paths, who: str) -> str:
    """The address of the treadmill that is named; nothing is loaded where none is."""
    if not who:
        return ""
    from treadctl.clients.machines import address_of

    return address_of(paths, who)


def rate(asked: int | None) -> int:
    """How many times faster than life. Raises UsageError."""
    if asked is not None and asked not in RATES:
        raise UsageError(f"--rate {asked} is not possible; give a number from {RATES[0]} to {RATES[-1]}.")
    return asked or 1


def places(backend: str | None, state: Path | None) -> Paths:
    """Where this walk's records and sockets lie; a simulated walk never touches the person's own."""
    from treadctl.paths import real_paths, simulated_paths

    if backend is None:
        return real_paths()
    if state is not None and state.exists() and not state.is_dir():
        raise UsageError(f"--state {state} is a file; give a folder.")
    return simulated_paths(state)


def kept(state: Path | None) -> Paths:
    """Where the person's own walks are, or those of a simulated treadmill; such a folder is not made."""
    if state is not None and not state.exists():
        raise UsageError(f"--state {state} is not there; give the folder that run --state was given.")
    return places(None if state is None else SIMULATOR, state)
