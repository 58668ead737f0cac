"""Starts the screens on this terminal, and says in one sentence when they crashed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from treadctl.clients.clock import monotonic_ms, today, wall_s
from treadctl.clients.settings import Preferences, settings_file, shown_settings
from treadctl.clients.streams import encoding
from treadctl.model.errors import ExitCode, UsageError
from treadctl.model.program import Program
from treadctl.paths import Paths, downloads_folder

from .access import GuardianAccess
from .app import TreadctlApp
from .choosing import Downloads, Offer, Shelf
from .conversation import Wish
from .look import look_of
from .papers import Papers
from .terminal import SCREENLESS


def run_tui(
    paths: Paths,
    *,
    wish: Wish | None,
    backend: str | None,
    quirk: str,
    rate: int,
    demo: bool,
    machine: str = "",
    glance: str = "",
    visual: bool = False,
    page: bool = False,
    strap: str = "",
) -> int:
    """Show the screens until they are left; the exit code of the walk. Raises UsageError without a terminal.

    `wish` is what is begun at once; None: begin at home. `machine` is the address of the treadmill; empty: the one of
    the last link, or the only one in reach. `strap` is a heart-rate strap; empty: the one that was worn last. `glance`
    is the address of the glance page, shown where there is room for it; `visual`: for a walker who does not hear, with
    the page behind the treadmill; `page`: that page speaks.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The screens need a terminal; run it in a terminal, or see: treadctl demo --headless.")
    if os.environ.get("TERM", "") in SCREENLESS:
        raise UsageError("This terminal says that it shows no screens (TERM); use another one, or add --headless.")

    access = GuardianAccess(paths, backend=backend, quirk=quirk, rate=rate, machine=machine, strap=strap)
    app = TreadctlApp(
        access,
        clock=monotonic_ms,
        wish=wish,
        shelf=_LateShelf(paths),
        papers=Papers(paths, wall_s, today),
        preview=not demo,
        simulated=backend is not None or demo,
        rate=rate,
        glance=glance,
        visual=visual,
        page=page,
        look=look_of(shown_settings(), encoding(), os.environ.get("TERM", "")),
        preferences=Preferences(settings_file()),
    )
    code = app.run()
    if app.crash:
        return _crashed(paths, app.crash)
    return int(ExitCode.BUG) if code is None else code


class _LateShelf:
    """The profiles, which nobody loads before they are read: pydantic takes longer than a first frame may."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def offers(self) -> tuple[Offer, ...]:
        return self._shelf().offers()

    def offer(self, program: Program) -> Offer:
        return self._shelf().offer(program)

    def downloads(self) -> Downloads:
        return self._shelf().downloads()

    def keep(self, offer: Offer) -> Path:
        return self._shelf().keep(offer)

    def _shelf(self) -> Shelf:
        from .profiles import Profiles  # noqa: PLC0415  (as above)

        return Profiles(self._paths, downloads_folder(), today())


def _crashed(paths: Paths, traceback_text: str) -> int:
    """One sentence for the person, the traceback for whoever mends it."""
    log = paths.state / "screens-crash.log"
    where = f"; please report what is in {log}"
    try:
        log.write_text(traceback_text, encoding="utf-8")
    except OSError:
        where = ""
    print(f"The screens of treadctl crashed and the belt is being stopped: pull the key if it moves{where}.",
          file=sys.stderr)
    return int(ExitCode.BUG)
