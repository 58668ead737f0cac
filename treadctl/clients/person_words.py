"""The words of `treadctl person …`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from treadctl.clients.words import JSON, add, places

if TYPE_CHECKING:
    from treadctl.clients.words import Commands

WHAT = (
    "comfortable", "backward-limit", "forward-limit", "heart-rate", "clinician", "spotter", "incline", "dead-mill",
    "hands-free",
)
VALUE = "a speed such as 4.5km/h or 2.8mph, or none; yes or no for the others"


def add_words(commands: Commands) -> None:
    """Everything about the person who walks."""
    text = "say what is known of you and what follows from it; answer the questions; lift a lock"
    group = add(commands, "person", text, _show)
    group.add_argument("--json", action="store_true", help=JSON)
    verbs = group.add_subparsers(dest="verb", metavar="VERB")
    show = add(verbs, "show", "say what is known of you, and what follows from it (the default)", _show)
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=JSON)
    add(verbs, "screen", "ask the questions that come before the first walk, or ask them again", _screen)
    change = add(verbs, "set", "change a speed, a limit of your own, or something you vouch for", _set)
    change.add_argument("what", metavar="WHAT", choices=WHAT, help=", ".join(WHAT))
    change.add_argument("value", metavar="VALUE", nargs="+", help=VALUE)
    level = add(verbs, "level", "lower your level, or let a professional set it (2 at most)", _level)
    level.add_argument("level", metavar="N", type=int, choices=range(5), help="0 to 4")
    level.add_argument("--set-by", metavar="NAME", default="", help="the professional who says so")
    clear = add(verbs, "clear", "say what is locked and why; lift a lock, by its questions", _clear)
    clear.add_argument("name", metavar="NAME|all", nargs="?", default="", help="the lock (default: list them)")


def _show(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import today
    from treadctl.clients.person import run_show

    return run_show(places(None, None), today(), as_json=asked.json)


def _screen(_asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import today
    from treadctl.clients.person_screen import run_screen

    return run_screen(places(None, None), today())


def _set(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import today
    from treadctl.clients.person_change import run_set

    return run_set(places(None, None), asked.what, " ".join(asked.value), today())


def _level(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import today
    from treadctl.clients.person_change import run_level

    return run_level(places(None, None), asked.level, asked.set_by, today())


def _clear(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import today
    from treadctl.clients.person_clear import run_clear

    return run_clear(places(None, None), asked.name, today())
