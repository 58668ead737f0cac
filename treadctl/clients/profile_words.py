"""The words of `treadctl profile …`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.clients.words import JSON, PROFILE, add

if TYPE_CHECKING:
    from treadctl.clients.words import Commands, Parser

FIT = "lower and shorten it until your own limits allow it, and show every edit"
THRESHOLD = "your threshold speed, such as 6.0km/h, for formats that give speeds as a share of it"
OUTPUT = "write it here; nothing is overwritten"


def add_words(commands: Commands) -> None:
    """Everything about profiles."""
    group = add(commands, "profile", "list, show, check, write, import, export and share profiles", None)
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = add(verbs, "list", "list the profiles there are", _list)
    show = add(verbs, "show", "show what a profile does: figures, picture, limits reached, every segment", _show)
    show.add_argument("profile", metavar="PROFILE", help=PROFILE)
    show.add_argument("--svg", metavar="FILE", type=Path, help="draw it into this file")
    show.add_argument("--fit-to-my-limits", action="store_true", help=FIT)
    _add_output(show, "with --fit-to-my-limits: " + OUTPUT)
    check = add(verbs, "check", "say whether these profiles are right", _check)
    check.add_argument("profiles", metavar="PROFILE", nargs="+", help=PROFILE)
    new = add(verbs, "new", "ask a few questions and write a profile with comments", _new)
    new.add_argument("output", metavar="FILE", type=Path, nargs="?", help="write it here (default: its name)")
    _add_exchange(verbs)
    share = add(verbs, "share", "write one file to send, with who it is by and a checksum", _share)
    share.add_argument("profile", metavar="PROFILE", help=PROFILE)
    share.add_argument("--by", metavar="NAME", default="", help="who it is by (default: the profile's author)")
    _add_output(share, OUTPUT)
    for parser in (check, listing, show):
        parser.add_argument("--json", action="store_true", help=JSON)


def _add_exchange(verbs: Commands) -> None:
    text = "make a profile of another app's workout: Zwift .zwo, FIT, Intervals.icu text, QZ XML"
    bring = add(verbs, "import", text, _import)
    bring.add_argument("file", metavar="FILE", type=Path, help="the workout")
    bring.add_argument("--name", metavar="NAME", default="", help="what to call it")
    bring.add_argument("--fit-to-my-limits", action="store_true", help=FIT)
    take = add(verbs, "export", "write a profile for another app", _export)
    take.add_argument("profile", metavar="PROFILE", help=PROFILE)
    forms, text = ("zwo", "fit", "intervals"), "zwo (Zwift), fit (watches), intervals (Intervals.icu text)"
    take.add_argument("--as", dest="form", metavar="FORMAT", choices=forms, required=True, help=text)
    for parser in (bring, take):
        parser.add_argument("--threshold-speed", metavar="SPEED", default="", help=THRESHOLD)
        _add_output(parser, OUTPUT)


def _add_output(parser: Parser, text: str) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help=text)


def _list(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_list

    return run_list(as_json=asked.json)


def _show(asked: argparse.Namespace) -> int:
    from treadctl.clients.profile_show import Ask, run_show

    ask = Ask(as_json=asked.json, svg=asked.svg, fit=asked.fit_to_my_limits, output=asked.output)
    return run_show(asked.profile, ask)


def _check(asked: argparse.Namespace) -> int:
    from treadctl.clients.profiles import run_check

    return run_check(asked.profiles, as_json=asked.json)


def _new(asked: argparse.Namespace) -> int:
    from treadctl.clients.profile_new import run_new

    return run_new(asked.output)


def _import(asked: argparse.Namespace) -> int:
    from treadctl.clients.profile_exchange import ImportAsk, run_import

    fit = asked.fit_to_my_limits
    return run_import(ImportAsk(asked.file, asked.output, asked.threshold_speed, asked.name, fit))


def _export(asked: argparse.Namespace) -> int:
    from treadctl.clients.profile_exchange import run_export

    return run_export(asked.profile, asked.form, asked.output, asked.threshold_speed)


def _share(asked: argparse.Namespace) -> int:
    from treadctl.clients.profile_exchange import run_share

    return run_share(asked.profile, asked.by, asked.output)
