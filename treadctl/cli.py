"""The command line: what can be said, which part does it, and how every ending becomes one sentence and an exit code.

It decides nothing about belts and does no work itself. Each command imports what it needs when it is called, so that
`treadctl stop` and `--help` never wait for a library; the simulator is known by entry point only, never by name.
"""

from __future__ import annotations

import argparse
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
"""Never reworded: the screen before a walk and the README say the same."""

REFERENCE = "reference"
"""The quirk of a treadmill that does everything by the standard."""
SIMULATOR = "sim"
"""The entry-point name, in every group, of the simulator that treadctl ships with."""
FAULT_HELP = "what shall go wrong, such as 'link.drop(at=90s,for=5s)'; 'help' lists the faults"
RATES = range(1, 11)
"""A simulated walk may run up to ten times faster; beyond that the real processes cannot keep their own deadlines."""
SCAN_SECONDS, SCAN_LONGEST = 8, 60
"""A treadmill that is awake advertises several times a second; chosen for one that is just waking up."""
CAPTURE_SECONDS, CAPTURE_LONGEST = 30, 600
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
        return _fail(error)
    except KeyboardInterrupt:
        _complain("Interrupted.")
        return int(ExitCode.INTERRUPTED)
    except OSError as error:
        from treadctl.clients.streams import let_go, of_the_system

        told = of_the_system(error)
        if not isinstance(error, BrokenPipeError) and (told is None or os.environ.get(DEBUG)):
            raise
        let_go()
        return EXIT_BROKEN_PIPE if told is None else _fail(told)


def _prepare_process() -> None:
    """For a real process: a traceback only for those who asked, and streams that are there."""
    from treadctl.clients.streams import prepare_streams

    if not os.environ.get(DEBUG):
        sys.excepthook = _confess
    prepare_streams()


def _confess(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> NoReturn:
    """The last word of a process that met a bug."""
    what = f"{kind.__name__}: {error}" if str(error) else kind.__name__
    _complain(f"This is a bug in treadctl ({what}); please report what the same command prints under {DEBUG}=1.")
    sys.exit(int(ExitCode.BUG))


def _fail(error: TreadctlError) -> int:
    _complain(str(error))
    return int(error.exit_code)


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
        name = f"treadctl {asked.command or ''}".rstrip()
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
    for add in (
        _add_demo, _add_tui, _add_run, _add_dry_run, _add_stop, _add_status, _add_scan, _add_commission, _add_capture,
        _add_machines, _add_profile, _add_doctor,
    ):
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
    parser = _add(commands, "tui", "choose a programme and a treadmill, and walk (the default)", _tui)
    parser.add_argument("--sim", action="store_true", help="on the simulated treadmill")


def _add_run(commands: _Commands) -> None:
    parser = _add(commands, "run", "walk a programme", _run)
    parser.add_argument("profile", metavar="PROFILE", help="a file, or the name of a profile (treadctl profile list)")
    _add_machine(parser)
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help=FAULT_HELP + " (with --sim)")
    _add_simulated(parser)


def _add_machine(parser: _Parser) -> None:
    """Which treadmill: a real one, or a simulated one of some kind."""
    text = "the treadmill's address, or its name once it was learnt (default: the only one)"
    parser.add_argument("--machine", metavar="ADDR|NAME", default="", help=text)
    parser.add_argument("--sim", action="store_true", help="on the simulated treadmill")
    parser.add_argument("--quirk", metavar="NAME", help="the kind of treadmill to simulate (with --sim)")


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


def _add_scan(commands: _Commands) -> None:
    parser = _add(commands, "scan", "find the treadmills in reach", _scan)
    parser.add_argument("--seconds", metavar="N", type=int, default=SCAN_SECONDS, help="how long to look (default 8)")
    parser.add_argument("--sim", action="store_true", help="find the simulated treadmill")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def _add_commission(commands: _Commands) -> None:
    text = "learn a treadmill on an empty belt: how it starts, stops and counts; nobody walks on one that was not"
    parser = _add(commands, "commission", text, _commission)
    _add_machine(parser)
    text = "1: what a walk needs (the default), 2: the rest, on another day"
    parser.add_argument("--part", metavar="N", type=int, choices=(1, 2), default=1, help=text)
    _add_simulated(parser)


def _add_capture(commands: _Commands) -> None:
    text = "record what a treadmill says of itself and sends, for a bug report; nothing is written to it"
    parser = _add(commands, "capture", text, _capture)
    _add_machine(parser)
    text = "how long to record (default 30, 600 at most)"
    parser.add_argument("--seconds", metavar="N", type=int, default=CAPTURE_SECONDS, help=text)
    text = "write it here (default: treadctl-capture-NAME.json in this folder); nothing is overwritten"
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help=text)


def _add_machines(commands: _Commands) -> None:
    group = _add(commands, "machines", "list, show and forget the treadmills learnt here", None)
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    _add(verbs, "list", "list them, with what each may be used for", _machines_list)
    show = _add(verbs, "show", "show all that is known of one", _machines_show)
    forget = _add(verbs, "forget", "forget one: it has to be learnt again", _machines_forget)
    forget.add_argument("--yes", action="store_true", help="do not ask")
    for parser in (show, forget):
        parser.add_argument("who", metavar="ADDR|NAME", help="the treadmill's address or name")
    for parser in (verbs.choices["list"], show, forget):
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def _add_doctor(commands: _Commands) -> None:
    text = "look whether this computer is fit: Bluetooth, voice, terminal, disk"
    parser = _add(commands, "doctor", text, _doctor)
    parser.description = f"{text}. Ends with 0 when it is, 4 when no treadmill can be reached, 5 for other problems."
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
    backend, quirk = _treadmill(asked)
    return _walk(asked, _program(asked.profile), backend, quirk, tuple(asked.fault))


def _treadmill(asked: argparse.Namespace) -> tuple[str | None, str]:
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


def _walk(
    asked: argparse.Namespace,
    program: Program,
    backend: str | None,
    quirk: str,
    faults: tuple[str, ...],
    *,
    demo: bool = False,
) -> int:
    """Hand the walk to the screen or to plain lines."""
    rate, paths = _rate(asked.rate), _paths(backend, asked.state)
    machine = "" if demo else _address(paths, asked.machine)
    if asked.headless:
        from treadctl.clients.headless import run_headless
        from treadctl.model.intents import Load

        return run_headless(
            paths, wish=Load(program), backend=backend, quirk=quirk, faults=faults, rate=rate, seed=asked.seed,
            machine=machine,
        )
    if faults:
        raise UsageError("--fault needs --headless as well: faults are for watching, not for walking; add it.")
    from treadctl.clients.tui.run import run_tui

    return run_tui(paths, wish=program, backend=backend, quirk=quirk, rate=rate, demo=demo, machine=machine)


def _address(paths: Paths, who: str) -> str:
    """The address of the treadmill that is named; nothing is loaded where none is."""
    if not who:
        return ""
    from treadctl.clients.machines import address_of

    return address_of(paths, who)


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


def _tui(asked: argparse.Namespace) -> int:
    from treadctl.clients.tui.run import run_tui

    backend = SIMULATOR if asked.sim else None
    return run_tui(_paths(backend, None), wish=None, backend=backend, quirk=REFERENCE, rate=1, demo=False)


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


def _scan(asked: argparse.Namespace) -> int:
    _check_seconds(asked.seconds, SCAN_LONGEST)
    from treadctl.clients.scan import run_scan

    backend = SIMULATOR if asked.sim else None
    paths = _paths(backend, None)
    return run_scan(paths, backend=backend, quirk=REFERENCE, seconds=asked.seconds, as_json=asked.json)


def _check_seconds(seconds: int, longest: int) -> None:
    if not 1 <= seconds <= longest:
        raise UsageError(f"--seconds {seconds} is not possible; give a number from 1 to {longest}.")


def _commission(asked: argparse.Namespace) -> int:
    backend, quirk = _treadmill(asked)
    rate, paths = _rate(asked.rate), _paths(backend, asked.state)
    machine = _address(paths, asked.machine)
    from treadctl.model.intents import Commission

    wish = Commission(asked.part)
    if asked.headless:
        from treadctl.clients.headless import run_headless

        return run_headless(
            paths, wish=wish, backend=backend, quirk=quirk, rate=rate, seed=asked.seed, machine=machine
        )
    from treadctl.clients.tui.run import run_tui

    return run_tui(paths, wish=wish, backend=backend, quirk=quirk, rate=rate, demo=False, machine=machine)


def _capture(asked: argparse.Namespace) -> int:
    _check_seconds(asked.seconds, CAPTURE_LONGEST)
    backend, quirk = _treadmill(asked)
    paths = _paths(backend, None)
    machine = _address(paths, asked.machine)
    from treadctl.clients.capture import run_capture

    return run_capture(
        paths, machine=machine, backend=backend, quirk=quirk, seconds=asked.seconds, into=asked.output
    )


def _machines_list(asked: argparse.Namespace) -> int:
    from treadctl.clients.machines import run_list

    return run_list(_paths(None, None), as_json=asked.json)


def _machines_show(asked: argparse.Namespace) -> int:
    from treadctl.clients.machines import run_show

    return run_show(_paths(None, None), asked.who, as_json=asked.json)


def _machines_forget(asked: argparse.Namespace) -> int:
    from treadctl.clients.machines import run_forget

    return run_forget(_paths(None, None), asked.who, yes=asked.yes, as_json=asked.json)


def _doctor(asked: argparse.Namespace) -> int:
    from treadctl.clients.doctor import run_doctor

    return run_doctor(as_json=asked.json)


def _profile_check(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_check

    return run_check(asked.profiles, as_json=asked.json)


def _profile_list(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_list

    return run_list(as_json=asked.json)


def _profile_show(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_show

    return run_show(asked.profile, as_json=asked.json)
