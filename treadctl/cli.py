"""The command line: what can be said, which part does it, and how every ending becomes one sentence and an exit code.

It decides nothing about belts and does no work itself. Each command imports what it needs when it is called, so that
`treadctl stop` and `--help` never wait for a library; the simulator is known by entry point only, never by name.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from treadctl import __version__
from treadctl.model.errors import ExitCode, NoMachine, TreadctlError, UsageError
from treadctl.model.text import safe_text

if TYPE_CHECKING:
    from treadctl.clients.dry_run import World
    from treadctl.model.program import Program
    from treadctl.paths import Paths

STANDING_SENTENCE = (
    "treadctl is not an emergency stop and not a medical device. The clipped safety key is the emergency stop. "
    "Walking backward on a treadmill can cause falls and may be forbidden by your machine's manual."
)
"""Word for word as in the safety rules; the start checklist and the README say the same."""

REFERENCE = "reference"
"""The quirk of a treadmill that does everything by the standard."""
SIMULATOR = "sim"
"""The entry-point name, in every group, of the simulator that treadctl ships with."""
FAULT_HELP = "what shall go wrong, such as 'link.drop(at=90s,for=5s)'; 'help' lists the faults"
RATES = range(1, 11)
"""A simulated walk may run up to ten times faster; beyond that the real processes cannot keep their own deadlines."""
DEBUG = "TREADCTL_DEBUG"
LONGEST_LINE = 1000
"""A longer line on a terminal is no message; chosen."""
EXIT_BROKEN_PIPE = 141
"""What a shell reports for a process that lost its reader (128 + SIGPIPE)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words say (default: this process's own) and return the exit code. Unforeseen errors pass through."""
    if argv is None:
        _prepare_process()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _stop(words[1:]) if _means_stop(words) else _do(words)
        sys.stdout.flush()
        return code
    except TreadctlError as error:
        _complain(str(error))
        return int(error.exit_code)
    except KeyboardInterrupt:
        _complain("Interrupted.")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE


def _prepare_process() -> None:
    """For a real process: a traceback only for those who asked, and no crash on a terminal without our letters."""
    if not os.environ.get(DEBUG):
        sys.excepthook = _confess
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _confess(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> NoReturn:
    """The last word of a process that met a bug."""
    what = f"{kind.__name__}: {error}" if str(error) else kind.__name__
    _complain(f"This is a bug in treadctl ({what}); please report what the same command prints under {DEBUG}=1.")
    sys.exit(int(ExitCode.BUG))


def _complain(text: str) -> None:
    """To stderr, with whatever a file or a device put into it made safe to show."""
    for line in text.splitlines() or [text]:
        print(safe_text(line, LONGEST_LINE), file=sys.stderr)


def _means_stop(words: list[str]) -> bool:
    """Whether this is a stop. It needs no parser, and wrong words after it do not keep it from stopping."""
    return words[:1] == ["stop"] and not {"-h", "--help"} & set(words)


def _stop(rest: list[str]) -> int:
    from treadctl.clients.stop import run_stop

    code = run_stop()
    if rest:
        _complain(f"stop takes no further words; these were not used: {' '.join(rest)}")
    return code


def _do(words: list[str]) -> int:
    parser, commands = _parsers()
    _check_command(words, commands)
    asked, unknown = parser.parse_known_args(words or ["tui"])
    if unknown:
        name = f"treadctl {asked.command}"
        raise UsageError(f"{name} does not know '{unknown[0]}'; see {name} --help.")
    do: Callable[[argparse.Namespace], int] = asked.do
    return do(asked)


def _check_command(words: list[str], commands: Sequence[str]) -> None:
    """Refuse an unknown command with the nearest known one."""
    first = next((word for word in words if not word.startswith("-")), None)
    if first is None or first in commands:
        return
    from difflib import get_close_matches

    near = get_close_matches(first, commands, n=1)
    hint = f"did you mean treadctl {near[0]}?" if near else f"there are: {', '.join(commands)}."
    raise UsageError(f"treadctl has no command '{first}'; {hint}")


# --- what can be said ----------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser that complains in the way everything here does."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def _parsers() -> tuple[_Parser, list[str]]:
    """The whole command line, and the names of its commands."""
    parser = _Parser(
        prog="treadctl",
        description="Guided backward walking on a Bluetooth treadmill, with a simulated one included.",
        epilog=STANDING_SENTENCE,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"treadctl {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for add in (_add_demo, _add_tui, _add_run, _add_dry_run, _add_stop, _add_status, _add_profile):
        add(commands)
    return parser, list(commands.choices)


if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[_Parser]


def _add(commands: _Commands, name: str, text: str, do: Callable[[argparse.Namespace], int] | None) -> _Parser:
    parser = commands.add_parser(name, help=text, description=text, epilog=STANDING_SENTENCE, allow_abbrev=False)
    if do is not None:
        parser.set_defaults(do=do)
    return parser


def _add_demo(commands: _Commands) -> None:
    parser = _add(commands, "demo", "walk the built-in demo on the simulated treadmill (under 5 minutes)", _demo)
    _add_simulated(parser)


def _add_tui(commands: _Commands) -> None:
    _add(commands, "tui", "choose a programme and walk it (the default)", _tui)


def _add_run(commands: _Commands) -> None:
    parser = _add(commands, "run", "walk a programme", _run)
    parser.add_argument("profile", metavar="PROFILE", help="a file, or the name of a profile (treadctl profile list)")
    parser.add_argument("--machine", metavar="ADDR", default="", help="the treadmill's address (default: the only one)")
    parser.add_argument("--sim", action="store_true", help="on the simulated treadmill")
    parser.add_argument("--quirk", metavar="NAME", help="the kind of treadmill to simulate (with --sim)")
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help=FAULT_HELP + " (with --sim)")
    _add_simulated(parser)


def _add_simulated(parser: _Parser) -> None:
    """What every simulated walk may be told."""
    parser.add_argument("--headless", action="store_true", help="plain lines instead of a screen")
    parser.add_argument("--rate", metavar="N", type=int, help="times faster than life, 1 to 10 (simulated only)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="the simulator's dice (default 0)")
    parser.add_argument("--state", metavar="DIR", type=Path, help="keep what is recorded here (simulated only)")


def _add_dry_run(commands: _Commands) -> None:
    text = "walk a programme in virtual time on the simulated treadmill, and judge it"
    parser = _add(commands, "dry-run", text, _dry_run)
    parser.add_argument("profile", metavar="PROFILE", help="a file, or the name of a profile")
    parser.add_argument("--quirk", metavar="NAME", default=REFERENCE, help="the kind of treadmill to simulate")
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help=FAULT_HELP)
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="the simulator's dice (default 0)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="draw the walk into this file")


def _add_stop(commands: _Commands) -> None:
    _add(commands, "stop", "stop the belt now, from any terminal", lambda _asked: _stop([]))


def _add_status(commands: _Commands) -> None:
    parser = _add(commands, "status", "say what the belt does", _status)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def _add_profile(commands: _Commands) -> None:
    group = _add(commands, "profile", "check, list and show profiles", None)
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    check = _add(verbs, "check", "say whether these profiles are right", _profile_check)
    check.add_argument("profiles", metavar="PROFILE", nargs="+", help="a file, or the name of a profile")
    _add(verbs, "list", "list the profiles there are", _profile_list)
    show = _add(verbs, "show", "show a profile segment by segment", _profile_show)
    show.add_argument("profile", metavar="PROFILE", help="a file, or the name of a profile")
    for parser in (check, verbs.choices["list"], show):
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


# --- what does it --------------------------------------------------------------------------------------------------


def _demo(asked: argparse.Namespace) -> int:
    return _walk(asked, _program("demo"), SIMULATOR, REFERENCE, (), demo=True)


def _run(asked: argparse.Namespace) -> int:
    if not asked.sim:
        _refuse_without_simulator(asked)
    elif asked.machine:
        raise UsageError("--machine and --sim name two treadmills; leave one out.")
    backend, quirk = SIMULATOR if asked.sim else None, asked.quirk or REFERENCE
    return _walk(asked, _program(asked.profile), backend, quirk, tuple(asked.fault), machine=asked.machine)


def _refuse_without_simulator(asked: argparse.Namespace) -> None:
    """A real belt is neither hurried nor told to fail."""
    for option in ("quirk", "fault", "rate", "seed", "state"):
        if getattr(asked, option):
            raise UsageError(f"--{option} is for the simulated treadmill only; add --sim, or leave it out.")


def _walk(
    asked: argparse.Namespace,
    program: Program,
    backend: str | None,
    quirk: str,
    faults: tuple[str, ...],
    *,
    machine: str = "",
    demo: bool = False,
) -> int:
    """Hand the walk to the screen or to plain lines."""
    rate, paths = _rate(asked.rate), _paths(backend, asked.state)
    if asked.headless:
        from treadctl.clients.headless import run_headless

        return run_headless(
            paths, program=program, backend=backend, quirk=quirk, faults=faults, rate=rate, seed=asked.seed,
            machine=machine,
        )
    if faults:
        raise UsageError("--fault needs --headless as well: faults are for watching, not for walking; add it.")
    from treadctl.clients.tui.app import run_tui

    return run_tui(paths, program=program, backend=backend, quirk=quirk, rate=rate, demo=demo, machine=machine)


def _rate(asked: int | None) -> int:
    if asked is not None and asked not in RATES:
        raise UsageError(f"--rate {asked} is not possible; give a number from {RATES[0]} to {RATES[-1]}.")
    return asked or 1


def _paths(backend: str | None, state: Path | None) -> Paths:
    """Where this walk's records and sockets lie; a simulated walk never touches the person's own."""
    from treadctl.paths import real_paths, simulated_paths

    if backend is None:
        return real_paths()
    if state is not None and state.exists() and not state.is_dir():
        raise UsageError(f"--state {state} is a file; give a folder.")
    return simulated_paths(state)


def _program(name: str) -> Program:
    """The profile, already judged by its own level."""
    from treadctl.clients.profiles import sound_program

    return sound_program(name)


def _tui(_asked: argparse.Namespace) -> int:
    from treadctl.clients.tui.app import run_tui
    from treadctl.paths import real_paths

    return run_tui(real_paths(), program=None, backend=None, quirk=REFERENCE, rate=1, demo=False)


def _dry_run(asked: argparse.Namespace) -> int:
    from treadctl.clients.dry_run import Ask, run_dry_run

    program = _program(asked.profile)
    ask = Ask(quirk=asked.quirk, faults=tuple(asked.fault), seed=asked.seed, as_json=asked.json, svg=asked.svg)
    return run_dry_run(_world(), program, ask)


def _world() -> World:
    """The simulated world in virtual time, by its entry point."""
    from importlib.metadata import entry_points

    found = [point for point in entry_points(group="treadctl.worlds") if point.name == SIMULATOR]
    if not found:
        raise NoMachine("The simulator is not installed beside treadctl; install treadctl again.")
    world: World = found[0].load()
    return world


def _status(asked: argparse.Namespace) -> int:
    from treadctl.clients.status import run_status

    return run_status(json=asked.json)


def _profile_check(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_check

    return run_check(asked.profiles, as_json=asked.json)


def _profile_list(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_list

    return run_list(as_json=asked.json)


def _profile_show(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_show

    return run_show(asked.profile, as_json=asked.json)
