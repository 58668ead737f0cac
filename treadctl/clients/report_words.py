"""The words of `treadctl report`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.clients.words import KEPT, SESSION, add, kept

if TYPE_CHECKING:
    from treadctl.clients.words import Commands


def add_words(commands: Commands) -> None:
    """One command."""
    parser = add(commands, "report", "write a walk, or all walks of a programme, as a page to read and print", _report)
    parser.add_argument("session", metavar="SESSION", nargs="?", default="", help=f"{SESSION} (default: last)")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write it here; nothing is overwritten")
    text = "for whoever wrote this programme: planned, done, pain, effort and stops of each walk of it"
    parser.add_argument("--for-profile", metavar="PROFILE", default="", help=text)
    parser.add_argument("--heart-rate", action="store_true", help="with --for-profile: your heart rate, too")
    parser.add_argument("--state", metavar="DIR", type=Path, help=KEPT)


def _report(asked: argparse.Namespace) -> int:
    from treadctl.clients.report import Ask, run_report

    ask = Ask(asked.session, asked.output, asked.for_profile, asked.heart_rate)
    return run_report(kept(asked.state), ask)
