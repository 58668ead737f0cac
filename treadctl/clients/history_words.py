"""The words of `treadctl history …`."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.clients.words import JSON, KEPT, SESSION, add, kept

if TYPE_CHECKING:
    from treadctl.clients.words import Commands, Parser

NEWEST, WEEKS = 20, 12
"""So many walks, and so many weeks, where nothing else is asked for. Chosen: they fit on a screen."""


def add_words(commands: Commands) -> None:
    """Everything about walks of the past."""
    group = add(commands, "history", "list, show and sum up the walks that were recorded", _list)
    _add_range(group, f"{NEWEST} walks, {WEEKS} weeks", None)
    _add_kept(group, None)
    verbs = group.add_subparsers(dest="verb", metavar="VERB", help="without one: list")
    listed = add(verbs, "list", "list the walks, the newest last (the default)", _list)
    stats = add(verbs, "stats", "sum up the walks week by week", _stats)
    _add_range(listed, f"{NEWEST} walks", argparse.SUPPRESS)
    _add_range(stats, f"{WEEKS} weeks", argparse.SUPPRESS)
    show = add(verbs, "show", "show one walk: its figures, and target against measured speed", _show)
    rebuild = add(verbs, "rebuild", "read every session file again, and make the index of them anew", _rebuild)
    remove = add(verbs, "rm", "delete one walk, after a question", _remove)
    remove.add_argument("--yes", action="store_true", help="without the question, as in a script")
    show.add_argument("session", metavar="SESSION", nargs="?", default="", help=f"{SESSION} (default: last)")
    remove.add_argument("session", metavar="SESSION", help=SESSION)
    for parser in (listed, stats, show, rebuild):
        _add_kept(parser, argparse.SUPPRESS)
    remove.add_argument("--state", metavar="DIR", type=Path, default=argparse.SUPPRESS, help=KEPT)


def _add_range(parser: Parser, most: str, default: str | None) -> None:
    """Which walks. `default` SUPPRESS: what was said before the verb holds."""
    since, text = "from this day on, such as 2030-01-31", f"the newest so many (default {most}; 0: all of them)"
    parser.add_argument("--since", metavar="DAY", type=_day, default=default, help=since)
    parser.add_argument("--until", metavar="DAY", type=_day, default=default, help="up to the end of this day")
    parser.add_argument("--limit", metavar="N", type=_number, default=default, help=text)


def _add_kept(parser: Parser, default: str | None) -> None:
    """How, and of which treadmill; `default` as above."""
    parser.add_argument("--json", action="store_true", default=default or False, help=JSON)
    parser.add_argument("--state", metavar="DIR", type=Path, default=default, help=KEPT)


def _day(text: str) -> int:
    """The first moment of a day, wall-clock seconds."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no day; write it like 2030-01-31") from None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise argparse.ArgumentTypeError(f"'{text}' is no number; 0 means all of them")
    return int(text)


def _most(asked: argparse.Namespace, default: int) -> int:
    return default if asked.limit is None else int(asked.limit)


def _between(asked: argparse.Namespace) -> dict[str, int | None]:
    from treadctl.model.outcome import DAY

    return {"since": asked.since, "until": None if asked.until is None else asked.until + DAY}


def _list(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.history import run_list

    most = _most(asked, NEWEST) or -1
    return run_list(kept(asked.state), wall_s(), limit=most, as_json=asked.json, **_between(asked))


def _stats(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.history_stats import run_stats

    return run_stats(kept(asked.state), wall_s(), limit=_most(asked, WEEKS), as_json=asked.json, **_between(asked))


def _show(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.history import run_show

    return run_show(kept(asked.state), asked.session, wall_s(), as_json=asked.json)


def _rebuild(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.history import run_rebuild

    return run_rebuild(kept(asked.state), wall_s(), as_json=asked.json)


def _remove(asked: argparse.Namespace) -> int:
    from treadctl.clients.clock import wall_s
    from treadctl.clients.history_remove import run_remove

    return run_remove(kept(asked.state), asked.session, wall_s(), sure=asked.yes)
