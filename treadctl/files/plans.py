"""Plans: the YAML files that say which programs are walked in which week, and where they are found.

A plan can only name profiles; it holds no speeds and no times, so no plan can ask for more than its profiles do. What
is wrong raises InvalidFile with file:line:col. This module must not decide what is walked today.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from treadctl.files import measures
from treadctl.files.profile import events, find_profile, load_profile, shipped_profiles
from treadctl.files.profile.events import Mapping, Misread, Node, Scalar, Sequence
from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.model.errors import InvalidFile
from treadctl.model.plan import ANY, Plan, PlanWeek
from treadctl.model.program import Program
from treadctl.model.text import MAX_NAME, quoted

FORMAT = 1
SUFFIX = ".yaml"
MOST_WEEKS = 52
MOST_WALKS = 7
MAX_PARAGRAPH = 300
_PLAN_KEYS = ("treadctl-plan", "name", "summary", "basis", "weeks")
_WEEK_KEYS = ("walks", "least", "greens", "instead", "repeat")

T = TypeVar("T")


def shipped_plans() -> list[Path]:
    """The plans that come with treadctl, by name."""
    return sorted(_folder().glob(f"*{SUFFIX}"))


def _folder() -> Path:
    return shipped_profiles()[0].parent / "plans"


def find_plan(name: str) -> Plan:
    """The shipped plan of this name. Raises InvalidFile."""
    paths = {path.stem: path for path in shipped_plans()}
    if name in paths:
        return load_plan(paths[name])
    close = difflib.get_close_matches(name[:80].lower(), paths, n=1)
    hint = f"did you mean {close[0]}?" if close else "treadctl plan list shows them all"
    raise InvalidFile(shown_path(name), 1, 1, f"there is no plan named {quoted(name)}; {hint}")


def programs_of(plan: Plan, *more: str) -> dict[str, Program]:
    """The programs of a plan and of these profiles, by the names of their files. Raises InvalidFile."""
    return {name: load_profile(find_profile(name)) for name in (*plan.profiles, *more)}


def load_plan(path: Path) -> Plan:
    """The plan of a file; every profile it names exists. Raises InvalidFile."""
    file = shown_path(path)
    try:
        root = events.read(events.decode(read_small(path, events.MAX_OCTETS)))
        return _plan(root, path.stem)
    except Unreadable as error:
        raise InvalidFile(file, 1, 1, f"{error}; name a plan file, which is a page of text") from None
    except Misread as error:
        raise InvalidFile(file, error.mark.line, error.mark.column, str(error)) from None


def _plan(root: Node, file: str) -> Plan:
    top = _mapping(root, _PLAN_KEYS, "a plan is made of keys and values; begin it with treadctl-plan: 1")
    _needs(top, "treadctl-plan", "name", "weeks")
    _value(top, "treadctl-plan", _format)
    weeks = [week for node in _list(top, "weeks", MOST_WEEKS) for week in _weeks(node)]
    if len(weeks) > MOST_WEEKS:
        raise Misread(top.pairs["weeks"].key, f"these are {len(weeks)} weeks; at most {MOST_WEEKS} make a plan")
    name = _value(top, "name", _text(MAX_NAME))
    about = [_value(top, key, _text(MAX_PARAGRAPH)) if key in top.pairs else "" for key in ("summary", "basis")]
    return Plan(file, name, tuple(weeks), *about)


def _weeks(node: Node) -> list[PlanWeek]:
    """One entry of the list of weeks, as often as it is repeated."""
    week = _mapping(node, _WEEK_KEYS, "a week is made of keys and values, such as {walks: [first-steps], least: 1}")
    _needs(week, "walks", "least")
    walks = tuple(_profile(item) for item in _list(week, "walks", MOST_WALKS))
    least = _value(week, "least", _number(1, len(walks), "number of walks"))
    greens = _value(week, "greens", _number(0, MOST_WALKS, "number of green walks")) if "greens" in week.pairs else 0
    instead = _profile(week.pairs["instead"].value) if "instead" in week.pairs else ""
    times = _value(week, "repeat", _number(1, MOST_WEEKS, "number of weeks")) if "repeat" in week.pairs else 1
    return [PlanWeek(walks, least, greens, instead)] * times


def _profile(node: Node) -> str:
    """The name of a shipped profile, or ANY."""
    if not isinstance(node, Scalar):
        raise Misread(node.mark, "one profile's name has to stand here, such as first-steps")
    known = [ANY, *(path.stem for path in shipped_profiles())]
    if node.text in known:
        return node.text
    close = difflib.get_close_matches(node.text[:80].lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else "treadctl profile list shows them all"
    raise Misread(node.mark, f"there is no profile named {quoted(node.text)}; {hint}")


# --- the tree ------------------------------------------------------------------------------------------------------


def _mapping(node: Node, known: tuple[str, ...], otherwise: str) -> Mapping:
    if not isinstance(node, Mapping):
        raise Misread(node.mark, otherwise)
    for key, pair in node.pairs.items():
        if key not in known:
            close = difflib.get_close_matches(key[:80].lower(), known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known)}"
            raise Misread(pair.key, f"{quoted(key)} is no key here; {hint}")
    return node


def _needs(node: Mapping, *keys: str) -> None:
    for key in keys:
        if key not in node.pairs:
            raise Misread(node.mark, f"the key {key} is missing; write it")


def _list(node: Mapping, key: str, most: int) -> tuple[Node, ...]:
    value = node.pairs[key].value
    if not isinstance(value, Sequence) or not 1 <= len(value.items) <= most:
        raise Misread(node.pairs[key].key, f"{quoted(key)} needs a list of 1 to {most}")
    return value.items


def _value(node: Mapping, key: str, reader: Callable[[str], T]) -> T:
    value = node.pairs[key].value
    if not isinstance(value, Scalar):
        raise Misread(value.mark, "one value has to stand here")
    try:
        return reader(value.text)
    except ValueError as error:
        raise Misread(value.mark, str(error)) from None


def _format(text: str) -> None:
    if text != str(FORMAT):
        _refuse(f"{quoted(text)} is no plan this treadctl can read; write treadctl-plan: {FORMAT}, or update treadctl")


def _text(longest: int) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if not 1 <= len(text) <= longest:
            _refuse(f"this text has {len(text)} characters; write 1 to {longest}")
        return text

    return reader


def _number(least: int, most: int, noun: str) -> Callable[[str], int]:
    return lambda text: measures.whole_number(text, least, most, noun)


def _refuse(sentence: str) -> NoReturn:
    raise ValueError(sentence)
