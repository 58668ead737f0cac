"""The words of `treadctl plan …`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from treadctl.clients.words import JSON, add, places

if TYPE_CHECKING:
    from treadctl.clients.words import Commands

WHY = ("slip", "choice", "pain", "near fall", "unwell", "fall")


def add_words(commands: Commands) -> None:
    """Everything about plans."""
    group = add(commands, "plan", "follow a plan of several weeks: what is walked today, and why", None)
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = add(verbs, "list", "list the plans there are, and what each needs", _list)
    start = add(verbs, "start", "begin a plan, or begin another one; the walks of the past are kept", _start)
    start.add_argument("plan", metavar="PLAN", help="the name of a plan (treadctl plan list)")
    today = add(verbs, "today", "say what is offered today, with every change; write a changed copy to walk", _today)
    today.add_argument("--level-up", action="store_true", help="take the level that is offered")
    history = add(verbs, "history", "list the walks with their colours and reasons", _history)
    text = "say why the newest walk was stopped, where the record cannot know: " + ", ".join(WHY)
    history.add_argument("--because", metavar="WHY", choices=WHY, help=text)
    for parser in (listed, today, history):
        parser.add_argument("--json", action="store_true", help=JSON)


def _list(asked: argparse.Namespace) -> int:
    from treadctl.clients.plan import run_list

    return run_list(places(None, None), as_json=asked.json)


def _start(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.plan import run_start

    return run_start(places(None, None), asked.plan, wall_s())


def _today(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.plan import run_today

    return run_today(places(None, None), wall_s(), level_up=asked.level_up, as_json=asked.json)


def _history(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.plan import run_history

    return run_history(places(None, None), wall_s(), because=asked.because, as_json=asked.json)
