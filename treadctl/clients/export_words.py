"""The words of `treadctl export`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.clients.words import KEPT, SESSION, add, kept

if TYPE_CHECKING:
    from treadctl.clients.words import Commands

FORMATS = ("fit", "tcx", "csv")


def add_words(commands: Commands) -> None:
    """One command."""
    parser = add(commands, "export", "write walks as files for other programs: FIT, TCX, CSV", _export)
    parser.add_argument("session", metavar="SESSION", nargs="?", default="", help=f"{SESSION} (default: last)")
    parser.add_argument("--since", metavar="DATE", default="", help="every walk from this day on, such as 2026-01-01")
    parser.add_argument("--until", metavar="DATE", default="", help="every walk up to this day")
    parser.add_argument("--format", dest="form", choices=FORMATS, default="fit", help="which format (default: fit)")
    text = "write them into this folder (default: here); no file is overwritten"
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, default=Path(), help=text)
    parser.add_argument("--state", metavar="DIR", type=Path, help=KEPT)


def _export(asked: argparse.Namespace) -> int:
    from treadctl.clients.export import Ask, day, run_export
    from treadctl.sessions.export import Form

    since, until = day("--since", asked.since), day("--until", asked.until)
    ask = Ask(Form(asked.form), asked.output, asked.session, since, until)
    return run_export(kept(asked.state), ask)
