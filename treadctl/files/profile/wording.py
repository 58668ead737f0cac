"""What is wrong with a profile, in our words and at its exact place: pydantic's own wording never reaches people.

pydantic tells a path of keys and a type of error; the tree of `events` knows where each key and value stands. This
module must not judge anything itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping as Map
from collections.abc import Sequence as Seq
from dataclasses import dataclass
from typing import Any

from treadctl.files.profile.events import Mapping, Mark, Node, Scalar, Sequence
from treadctl.files.profile.models import KINDS
from treadctl.model.program import MAX_SEGMENTS
from treadctl.model.text import SHOWN, quoted, safe_text

MAX_TOLD = 10
"""Problems told at once. Chosen: more than a screen of them helps nobody, and each costs time."""


@dataclass(frozen=True, slots=True, order=True)
class Placed:
    """One problem at its place."""

    mark: Mark
    text: str


def told(errors: Seq[Map[str, Any]], root: Node) -> tuple[list[Placed], int]:
    """The first problems of a pydantic error list in the order of the file, and how many more there are."""
    placed = sorted(((_mark_of(error, root), n) for n, error in enumerate(errors)), key=lambda pair: pair[0])
    first, others = placed[: 2 * MAX_TOLD], placed[2 * MAX_TOLD :]
    causes = [(mark, errors[n]) for mark, n in first if not _follows(errors[n], root)]
    found = dict.fromkeys(Placed(mark, _sentence(error, root)) for mark, error in causes[:MAX_TOLD])
    return list(found), max(0, len(causes) - MAX_TOLD) + len(others)


def _follows(error: Map[str, Any], root: Node) -> bool:
    """Whether this only follows from another problem: a key is missing because it is misspelt, or has no unit because
    a comma inside braces cut it off."""
    *path, last = error["loc"] or ("",)
    parent = _at(root, path)
    if not isinstance(parent, Mapping):
        return False
    keys, known = list(parent.pairs)[: 2 * MAX_TOLD], _known_keys(parent)
    if error["type"] == "missing":
        return any(key not in known and _guess(key, known) == last for key in keys)
    after = keys[keys.index(last) + 1 :][:1] if last in keys else []
    return error["type"] == "value_error" and any(_REST.fullmatch(key) for key in after)


def _mark_of(error: Map[str, Any], root: Node) -> Mark:
    """The offending key where the key is wrong, else the value; of a missing key the mapping that lacks it."""
    *path, last = error["loc"] or ("",)
    parent = _at(root, path)
    if isinstance(parent, Mapping) and last in parent.pairs:
        pair = parent.pairs[str(last)]
        if error["type"] in ("extra_forbidden", "too_long") or _is_blank(pair.value):
            return pair.key
    node = _at(root, error["loc"])
    slip = _slipped_kind(node) if error["type"] == "union_tag_not_found" else None
    if slip is not None and isinstance(node, Mapping):
        return node.pairs[slip[0]].key
    return node.mark


def _is_blank(node: Node) -> bool:
    """An empty value has no place of its own that a reader could find; its key has."""
    return isinstance(node, Scalar) and not node.text


def _at(root: Node, loc: Seq[str | int]) -> Node:
    """The deepest node that exists on this path. Tags of unions ("<walk>") are no keys and are passed over."""
    node = root
    for step in loc:
        if isinstance(node, Mapping) and step in node.pairs:
            node = node.pairs[str(step)].value
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
    return node


def _sentence(error: Map[str, Any], root: Node) -> str:
    node, last = _at(root, error["loc"]), (error["loc"] or ("",))[-1]
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "missing":
            return _missing(str(last), node)
        case "extra_forbidden":
            return _unknown_key(str(last), _at(root, error["loc"][:-1]), node)
        case "union_tag_not_found":
            return _no_kind(node)
        case "list_type" | "too_long" if last == "gates":
            return "'gates' needs a short list; write gates: [spotter], for example"
        case "too_long":
            return f"more than {MAX_SEGMENTS} segments are listed here; shorten it, or use repeat"
        case "list_type" | "too_short":
            return f"{quoted(str(last))} needs a list of segments; begin each one with '- ', such as {_SEGMENT}"
        case "model_type" if node is root:
            return f"a profile is made of keys and values; begin it with treadctl: 1 {_NOT[type(node)]}"
        case _:
            return "keys and values have to stand here, such as {from: 0 %, to: 2 %, step: 1 %, every: 1min}"


_SEGMENT = "- {walk: forward, for: 3min, speed: 2.5 km/h}"
_NOT = {Scalar: "(this is one text)", Sequence: "(this is a list)", Mapping: ""}

_ADD = {
    "treadctl": "add treadctl: 1 as its first line",
    "name": "add name: and a few words",
    "segments": f"add segments: and below it {_SEGMENT}",
    "for": "add for: 90s, for example",
    "speed": "add speed: 2.5 km/h, for example",
    "from": "add from: 0 %, for example",
    "to": "add to: 2 %, for example",
    "step": "add step: 1 %, for example",
    "every": "add every: 1min, for example",
}


def _missing(key: str, node: Node) -> str:
    return f"{_noun(node)} has no {quoted(key)}; {_ADD.get(key, 'add it')}"


def _noun(node: Node) -> str:
    keys = node.pairs if isinstance(node, Mapping) else {}
    kind = next((key for key in keys if key in KINDS), None)
    if kind is not None:
        return f"this {kind} segment"
    return "this incline" if {"from", "to", "step", "every"} & set(keys) else "this profile"


_MEANT = {
    "duration": "for", "time": "for", "seconds": "for", "minutes": "for", "length": "for", "pace": "speed",
    "kmh": "speed", "km/h": "speed", "velocity": "speed", "steps": "segments", "intervals": "segments",
    "title": "name", "description": "summary", "grade": "incline", "slope": "incline", "gradient": "incline",
    "cue": "say", "text": "say", "speak": "say", "direction": "walk", "facing": "walk", "pause": "rest",
    "stand": "rest", "loop": "repeat", "times": "repeat", "version": "treadctl", "until": "to", "start": "from",
    "end": "to", "licence": "license", "source": "basis", "frequency": "dose", "often": "dose",
    "remark": "note", "warning": "note", "requires": "gates", "needs": "gates",
}  # fmt: skip
"""What people call our keys."""

_KEYS_OF = {
    "walk": ("walk", "for", "speed", "incline", "name", "say"),
    "repeat": ("repeat", "segments"),
    "rest": ("rest", "name", "say"),
    "dead-mill": ("dead-mill", "for", "name", "say"),
    "off-treadmill": ("off-treadmill", "name", "say"),
}
_TOP_KEYS = ("treadctl", "name", "summary", "level", "author", "license", "basis", "dose", "note", "gates", "segments")
_STEP_KEYS = ("from", "to", "step", "every")


_REST = re.compile(r"[0-9]{1,9} ?(km/h|mph|%|s|min|h)?")
"""What stands after the comma of 1,5 km/h: inside braces YAML takes it for a key."""


def _known_keys(parent: Node) -> tuple[str, ...]:
    keys = parent.pairs if isinstance(parent, Mapping) else {}
    kind = next((key for key in keys if key in KINDS), None)
    if kind is not None:
        return _KEYS_OF[kind]
    return _STEP_KEYS if set(_STEP_KEYS) & set(keys) else _TOP_KEYS


def _unknown_key(key: str, parent: Node, value: Node) -> str:
    known = _known_keys(parent)
    if key in KINDS and known[0] in KINDS:
        return f"a segment is either {known[0]} or {key}; begin a new segment with '- ' for {key}"
    if _REST.fullmatch(key):
        return f"{quoted(key)} is the rest of a number cut by a comma; write decimals with a point, such as 1.5 km/h"
    if guess := _guess(key, known):
        return f"unknown key {quoted(key)}; did you mean {quoted(guess)}?"
    if _is_blank(value):
        return f"unknown key {quoted(key)}; if it is text with a comma, put the whole text in quotes"
    return f"unknown key {quoted(key)}; what may stand here is {', '.join(known)}"


def _guess(key: str, known: Seq[str]) -> str | None:
    """The known key that was probably meant. Only so much of the key is compared: a long one would cost time."""
    word = key[:SHOWN].lower()
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    meant = _MEANT.get(word)
    return close[0] if close else meant if meant in known else None


def _slipped_kind(node: Node) -> tuple[str, str] | None:
    """A key of a segment without a kind that looks like one, and the kind it looks like."""
    if not isinstance(node, Mapping):
        return None
    slips = ((key, _guess(key, KINDS)) for key in list(node.pairs)[:MAX_TOLD] if key not in _KEYS_OF["walk"])
    return next(((key, kind) for key, kind in slips if kind is not None), None)


_TURNS = "nobody writes a turn-around: treadctl puts one in wherever the facing changes, so remove this segment"
_WALKS = "treadctl walks, it does not run; begin the segment with walk, and a speed within the limits"
_NO_SEGMENTS = {
    "turn": _TURNS, "turn-around": _TURNS, "turnaround": _TURNS, "turn around": _TURNS, "turn-round": _TURNS,
    "run": _WALKS, "jog": _WALKS, "sprint": _WALKS,
}  # fmt: skip
"""What people write as a segment that is none."""


def _no_kind(node: Node) -> str:
    if not isinstance(node, Mapping):
        return f"a segment is made of keys and values; write it such as {_SEGMENT}"
    if told := next((_NO_SEGMENTS[key.lower()] for key in node.pairs if key.lower() in _NO_SEGMENTS), ""):
        return told
    if glued := next((key for key in node.pairs if key.partition(":")[0] in KINDS), None):
        kind, _, value = glued.partition(":")
        return f"{quoted(glued)} has no blank after its colon; write {kind}: {safe_text(value, SHOWN)}".rstrip()
    if slip := _slipped_kind(node):
        return f"unknown key {quoted(slip[0])}; did you mean {quoted(slip[1])}?"
    return f"this segment does not say what it is; begin it with one of {', '.join(KINDS)}, such as {_SEGMENT}"
