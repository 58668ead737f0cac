"""The words of `treadctl config …`: the settings, where each comes from, and how to change one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from treadctl.clients.words import JSON, add

if TYPE_CHECKING:
    from treadctl.clients.words import Commands


def add_words(commands: Commands) -> None:
    """List them, set one, take one back."""
    group = add(commands, "config", "list the settings with their sources; change one", _list)
    group.add_argument("--json", action="store_true", help=JSON)
    verbs = group.add_subparsers(dest="verb", metavar="VERB")
    listed = add(verbs, "list", "list the settings and where each comes from (the default)", _list)
    listed.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=JSON)
    change = add(verbs, "set", "write a setting into the file", _set)
    change.add_argument("name", metavar="NAME", help="as the list names it")
    change.add_argument("value", metavar="VALUE", help="what it shall be")
    back = add(verbs, "unset", "take a setting out of the file: the default holds again", _unset)
    back.add_argument("name", metavar="NAME", help="as the list names it")


def _list(asked: argparse.Namespace) -> int:
    from treadctl.clients.settings import run_list

    return run_list(as_json=asked.json)


def _set(asked: argparse.Namespace) -> int:
    from treadctl.clients.settings import run_set

    return run_set(asked.name, asked.value)


def _unset(asked: argparse.Namespace) -> int:
    from treadctl.clients.settings import run_set

    return run_set(asked.name, None)
