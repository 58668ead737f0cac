"""The life of a guardian: arguments, one for each socket, the parts put together, signals, and its end.

It is started in a session of its own, writes to its log and never to a terminal, and ends some time after its last
client, once the link is closed or the belt still. What it loads at its start is the context of its core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from treadctl import __version__
from treadctl.control.events import Context
from treadctl.files.config import Settings, load_settings
from treadctl.files.locks import load_rehearsals
from treadctl.files.strap import load_strap
from treadctl.model.api import ATTENDANCE_LIMIT
from treadctl.model.errors import ExitCode, NoMachine, TreadctlError, UsageError, unusable
from treadctl.model.units import Units
from treadctl.paths import Paths, private_folder, real_paths, simulated_paths

from . import clock
from .guardian import Guardian
from .hearing import run_hear
from .holder import claim_socket
from .known import read_files
from .log import LogFile, log_to
from .radio import Radio, open_backend
from .rescue import Report, rescue

ALREADY_TRIES = 80
"""Twenty a second: longer than the last one, which accepts nobody any more, may take to close its link (3.0 s)."""
LINGER_S = 30
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""Each stops the belt, waits (bounded) for zero, and ends."""
IGNORED = (signal.SIGHUP, signal.SIGPIPE, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
"""Of terminals and pipes that are no business of a guardian: none of them may end or halt it."""
log = logging.getLogger("treadctl.guardian")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a guardian, or a rescue, to its end. Returns the exit code."""
    options = _options(arguments)
    if options.check is not None:
        return _check(options.check)
    if options.hear is not None:
        return run_hear(options.hear)
    try:
        paths = _paths(options)
        log_file = log_to(paths.log)
        return _rescue(options, paths) if options.rescue is not None else _guard(options, paths, log_file)
    except (TreadctlError, OSError) as error:
        told = unusable(error) if isinstance(error, OSError) else error
        log.error("%s", told)
        _tell(options.ready, str(told))
        return int(told.exit_code)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="treadctl.guardian", description="Owns the belt; started by treadctl itself.")
    parser.add_argument("--rescue", metavar="ADDR", help="look at this machine's belt, stop it unless it is still, end")
    parser.add_argument("--check", metavar="ADAPTER", nargs="?", const="", help="say what this computer has, and end")
    parser.add_argument("--hear", metavar="DIGIT", type=int, choices=range(10), help="say this digit aloud, and end")
    parser.add_argument("--backend", help="entry point of a simulated radio")
    parser.add_argument("--quirk", default="reference", help="the simulated machine's personality")
    parser.add_argument("--fault", action="append", default=[], help="a fault of the simulated machine")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, default=1, help="simulated time passes this many times faster")
    parser.add_argument("--state", type=Path, help="folder for everything it writes")
    parser.add_argument("--socket", type=Path)
    parser.add_argument("--linger", type=int, default=LINGER_S, help="seconds to live without a client")
    parser.add_argument("--ready", type=int, metavar="FD", help="descriptor to report on once the socket accepts")
    return parser.parse_args(arguments)


def _check(adapter: str) -> int:
    """Nothing is written and no log begun: whether that could be done is part of what is looked at."""
    try:
        from .checkup import run_check  # noqa: PLC0415 - D-Bus, which other systems than Linux do without
    except ImportError:
        return int(ExitCode.NO_MACHINE)
    return run_check(adapter)


def _paths(options: argparse.Namespace) -> Paths:
    own = options.backend is not None or options.state is not None or options.socket is not None
    paths = simulated_paths(options.state, options.socket) if own else real_paths()
    for folder in (paths.runtime, paths.state, paths.data):
        private_folder(folder)
    return paths


def _tell(descriptor: int | None, word: str) -> None:
    """A word, or the sentences of a failure, to the process that waits for us, and no more."""
    if descriptor is None:
        return
    try:
        os.write(descriptor, word.encode() + b"\n")
        os.close(descriptor)
    except OSError:
        return


def _rescue(options: argparse.Namespace, paths: Paths) -> int:
    radio = _radio(options, _settings())
    with asyncio.Runner(loop_factory=lambda: clock.RateLoop(1)) as runner:
        report = runner.run(rescue(radio, options.rescue))
    log.info("rescue of %s: %s", options.rescue, report.text)
    if report.code == ExitCode.OK:
        paths.last_address.unlink(missing_ok=True)
    if not sys.stdout.isatty():  # whoever started the rescue reads it there; a terminal gets nothing
        sys.stdout.write(json.dumps({"report": report.text, "code": report.code}) + "\n")
    return report.code


def _guard(options: argparse.Namespace, paths: Paths, log_file: LogFile) -> int:
    claim = _claim(paths)
    if claim is None:  # another guardian lives here and accepts: whoever started us goes on with it
        _tell(options.ready, "ready")
        return ExitCode.OK
    settings = _settings()
    radio = _radio(options, settings)
    if options.rate > 1 and not radio.simulated:
        raise UsageError("--rate is for a simulated treadmill only; leave it out.")
    try:
        with asyncio.Runner(loop_factory=lambda: clock.loop(options.rate if radio.simulated else None)) as runner:
            return runner.run(_live(options, paths, settings, radio, log_file))
    finally:
        paths.socket.unlink(missing_ok=True)
        if radio.simulated:  # a real one's lock file stays: another process may be about to lock it
            paths.holder.unlink(missing_ok=True)
        os.close(claim)


def _claim(paths: Paths) -> int | None:
    """The claim on this socket, or None when another guardian has it and accepts. Raises NoMachine when it hangs."""
    for _ in range(ALREADY_TRIES):
        claim = claim_socket(paths.holder)
        if claim is not None:
            return claim
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(paths.socket))
            except OSError:
                clock.rest(0.05)
            else:
                return None
    raise NoMachine("Another guardian runs and does not answer; end it with: treadctl stop.")


def _radio(options: argparse.Namespace, settings: Settings) -> Radio:
    if options.backend is None:
        return Radio(None, settings.adapter)
    return Radio(open_backend(options.backend, options.quirk, tuple(options.fault), options.seed))


def _settings() -> Settings:
    """The person's own, for a simulated walk too: whoever reads miles in a demo hears miles in it.

    Settings that cannot be read must not keep anybody from stopping a belt: then the defaults hold.
    """
    try:
        return load_settings(real_paths().config / "config.toml", os.environ)
    except TreadctlError as error:
        log.warning("%s", error)
        return Settings()


async def _live(
    options: argparse.Namespace, paths: Paths, settings: Settings, radio: Radio, log_file: LogFile
) -> int:
    guardian = Guardian(
        _context(options, paths, settings), paths, settings, radio, linger_s=options.linger, alive=log_file.alive
    )
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, guardian.quit, number.name)
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    await guardian.open()
    _tell(options.ready, "ready")
    log.info("guardian %s, %s, rate %d", __version__, "simulated" if radio.simulated else "real", options.rate)
    if radio.simulated:
        return await guardian.ended()
    looking = guardian.first(_look_for_orphan(radio, paths))
    code = await guardian.ended()
    await asyncio.wait({looking})  # whoever ends us meanwhile does not end the rescue
    return code


async def _look_for_orphan(radio: Radio, paths: Paths) -> None:
    """A link that a crash left behind is looked at before anything else is done with it."""
    if not paths.last_address.exists():
        return
    report: Report = await rescue(radio, paths.last_address.read_text(encoding="utf-8").strip())
    log.info("orphaned link: %s", report.text)
    if report.code == ExitCode.OK:
        paths.last_address.unlink(missing_ok=True)


def _context(options: argparse.Namespace, paths: Paths, settings: Settings) -> Context:
    """What the core begins with."""
    known, strap = read_files(paths, clock.today()), load_strap(paths.strap)
    return Context(
        id=f"{clock.wall_name()}-{secrets.token_hex(3)}",
        version=__version__,
        seed=options.seed,
        today=known.today,
        person=known.person,
        locks=known.locks,
        attendance=ATTENDANCE_LIMIT * options.rate,
        checked=known.checked,
        reached=known.reached,
        heard=known.heard,
        rehearsed=tuple(kept.address for kept in load_rehearsals(paths.rehearsed)),
        strap="" if strap is None else strap.address,
        units=Units(settings.units),
    )
