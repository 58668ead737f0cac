"""The command line: what can be said, which part does it, and how every ending becomes one sentence and an exit code.

It decides nothing about belts and does no work itself. Each command imports what it needs when it is called, so that
`treadctl stop` and `--help` never wait for a library; the simulator is known by entry point only, never by name.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from treadctl import __version__
from treadctl.clients.glance_words import add_beside, asks_page, asks_visual, page_beside
from treadctl.clients.words import (
    PROFILE,
    REFERENCE,
    SIMULATOR,
    STANDING_SENTENCE,
    Parser,
    add,
    add_machine,
    add_simulated,
    address,
    places,
    rate,
    treadmill,
)
from treadctl.model.errors import ExitCode, NoMachine, TreadctlError, UsageError
from treadctl.model.text import safe_text

if TYPE_CHECKING:
    from treadctl.clients.dry_run import World
    from treadctl.clients.words import Commands
    from treadctl.model.program import Program

FAULT_HELP = "what shall go wrong, such as 'link.drop(at=90s,for=5s)'; 'help' lists the faults"
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
    command = next((word for word in words if not word.startswith("-")), None)
    parser, commands = parsers(command)
    if command is not None and command not in commands:
        raise UsageError(_no_command(command, commands))
    asked, unknown = parser.parse_known_args(words or ["tui"])
    if unknown:
        name = f"treadctl {asked.command or ''}".rstrip()
        raise UsageError(f"{name} does not know '{unknown[0]}'; see {name} --help.")
    do: Callable[[argparse.Namespace], int] = asked.do
    return do(asked)


def _no_command(first: str, commands: Sequence[str]) -> str:
    """With the nearest known command, or with all."""
    from difflib import get_close_matches

    near = get_close_matches(first, commands, n=1)
    hint = f"did you mean treadctl {near[0]}?" if near else f"there are: {', '.join(commands)}."
    return f"treadctl has no command '{first}'; {hint}"


# --- what can be said ----------------------------------------------------------------------------------------------


ELSEWHERE: dict[str, dict[str, str]] = {
    "glance_words": {"glance": "show the walk on a phone or tablet, with a stop"},
    "mqtt_words": {
        "mqtt": "tell an MQTT broker (Home Assistant) of the walk; take a stop from it",
        "fleet": "all treadmills on the broker in one table, with a stop for each",
    },
    "machine_words": {
        "scan": "find the treadmills in reach",
        "commission": "learn a treadmill on an empty belt: how it starts, stops and counts",
        "capture": "record what a treadmill says of itself and sends, for a bug report",
        "machines": "list, show and forget the treadmills learnt here",
    },
    "report_words": {"report": "write a walk, or all walks of a programme, as a page to read and print"},
    "export_words": {"export": "write walks as files for other programs: FIT, TCX, CSV"},
    "config_words": {"config": "list the settings with their sources; change one"},
    "person_words": {"person": "say what is known of you and what follows from it; answer the questions; lift a lock"},
    "plan_words": {"plan": "follow a plan of several weeks: what is walked today, and why"},
    "history_words": {"history": "list, show and sum up the walks that were recorded"},
    "rehearse_words": {"rehearse": "practise for two minutes, with the belt locked"},
    "profile_words": {"profile": "list, show, check, write, import, export and share profiles"},
}
"""Commands whose words stand beside their clients, in `treadctl.clients`: the module with `add_words(commands)`, and
its commands with the line that the list of commands shows. Only the module that is asked for is loaded."""


def parsers(command: str | None, *, whole: bool = False) -> tuple[Parser, list[str]]:
    """The command line as far as this command needs it (`whole`: all of it), and the names of all commands."""
    parser = Parser(
        prog="treadctl",
        description="Guided backward walking on a Bluetooth treadmill, with a simulated one included.",
        epilog=STANDING_SENTENCE,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"treadctl {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for add_own in (_add_demo, _add_tui, _add_run, _add_dry_run, _add_stop, _add_status, _add_doctor):
        add_own(commands)
    for module, texts in ELSEWHERE.items():
        if whole or command in texts:
            import_module(f"treadctl.clients.{module}").add_words(commands)
            continue
        for name, text in texts.items():
            commands.add_parser(name, help=text, add_help=False)
    return parser, list(commands.choices)


def _add_demo(commands: Commands) -> None:
    parser = add(commands, "demo", "walk the built-in demo on the simulated treadmill (under 5 minutes)", _demo)
    add_simulated(parser)


def _add_tui(commands: Commands) -> None:
    parser = add(commands, "tui", "choose a programme and a treadmill, and walk (the default)", _tui)
    parser.add_argument("--sim", action="store_true", help="on the simulated treadmill")


def _add_run(commands: Commands) -> None:
    parser = add(commands, "run", "walk a programme", _run)
    parser.add_argument("profile", metavar="PROFILE", help=PROFILE)
    add_machine(parser)
    text = "a heart-rate strap: its address, or how its name begins; 'none' forgets it (default: the last one)"
    parser.add_argument("--strap", metavar="ADDR|NAME", default="", help=text)
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help=FAULT_HELP + " (with --sim)")
    add_simulated(parser)
    add_beside(parser)


def _add_dry_run(commands: Commands) -> None:
    text = "walk a programme in virtual time on the simulated treadmill, and judge it"
    parser = add(commands, "dry-run", text, _dry_run)
    parser.add_argument("profile", metavar="PROFILE", help=PROFILE)
    parser.add_argument("--quirk", metavar="NAME", default=REFERENCE, help="the kind of treadmill to simulate")
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help=FAULT_HELP)
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="the simulator's dice (default 0)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="draw the walk into this file")


def _add_stop(commands: Commands) -> None:
    add(commands, "stop", "stop the belt now, from any terminal", lambda _asked: _stop([]))


def _add_status(commands: Commands) -> None:
    parser = add(commands, "status", "say what the belt does", _status)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def _add_doctor(commands: Commands) -> None:
    text = "look whether this computer is fit: Bluetooth, voice, terminal, disk"
    parser = add(commands, "doctor", text, _doctor)
    parser.description = f"{text}. Ends with 0 when it is, 4 when no treadmill can be reached, 5 for other problems."
    parser.add_argument("--hear", action="store_true", help="also say a number aloud, to be typed by whoever hears it")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


# --- what does it --------------------------------------------------------------------------------------------------


def _demo(asked: argparse.Namespace) -> int:
    return _walk(asked, _program("demo"), SIMULATOR, REFERENCE, (), demo=True)


def _run(asked: argparse.Namespace) -> int:
    backend, quirk = treadmill(asked)
    from treadctl.clients.profile_show import introduce

    return _walk(asked, introduce(asked.profile).program, backend, quirk, tuple(asked.fault))


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
    times, paths = rate(asked.rate), places(backend, asked.state)
    visual, speaks = asks_visual(asked), asks_page(asked)
    machine, strap = ("", "") if demo else (address(paths, asked.machine), asked.strap)
    if asked.headless:
        from treadctl.clients.headless import run_headless
        from treadctl.model.intents import Load

        with page_beside(asked, paths.socket):
            return run_headless(
                paths, wish=Load(program, visual, speaks), backend=backend, quirk=quirk, faults=faults, rate=times,
                seed=asked.seed, machine=machine, strap=strap,
            )
    if faults:
        raise UsageError("--fault needs --headless as well: faults are for watching, not for walking; add it.")
    from treadctl.clients.tui.run import run_tui

    with page_beside(asked, paths.socket) as page:
        return run_tui(
            paths, wish=program, backend=backend, quirk=quirk, rate=times, demo=demo, machine=machine, strap=strap,
            glance=page, visual=visual, page=speaks,
        )


def _program(name: str) -> Program:
    """The profile, already judged by its own level."""
    from treadctl.clients.profiles import sound_program

    return sound_program(name)


def _tui(asked: argparse.Namespace) -> int:
    from treadctl.clients.tui.run import run_tui

    backend = SIMULATOR if asked.sim else None
    return run_tui(places(backend, None), wish=None, backend=backend, quirk=REFERENCE, rate=1, demo=False)


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


def _doctor(asked: argparse.Namespace) -> int:
    from treadctl.clients.doctor import run_doctor

    return run_doctor(as_json=asked.json, hear=asked.hear)
