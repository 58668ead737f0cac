"""A program as the text of a profile, written as people write it: one segment a line, units everywhere.

Reading what was written gives the same program again, lines and file name aside. This module must not judge, round or
leave out anything; a program that no file could say (a name of two lines, say) makes a text that is refused on reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from treadctl.files.profile.models import FORMAT
from treadctl.model.program import DeadMill, InclineSteps, Item, OffTreadmill, Program, Repeat, Rest, Walk
from treadctl.model.text import is_hidden, safe_text
from treadctl.model.units import Incline

WIDTH = 118
"""A segment that is longer than this is written over several lines."""

Pairs = list[tuple[str, str]]


def written(program: Program) -> str:
    """The text of a profile that says this program."""
    head = ["# yaml-language-server: $schema=./profile-v1.schema.json", "#", f"# {safe_text(program.name)}", ""]
    about = [f"{key}: {value}" for key, value in _about(program)]
    return "\n".join([*head, *about, "", "segments:", *_lines(program.segments, "  ")]) + "\n"


def _about(program: Program) -> Pairs:
    words = {
        "name": program.name, "summary": program.summary, "level": str(program.level.value), "author": program.author,
        "license": program.license, "basis": program.basis, "dose": program.dose, "note": program.note,
    }  # fmt: skip
    told = [(key, value if key == "level" else _text(value, _ON_A_LINE)) for key, value in words.items() if value]
    gates = [("gates", f"[{', '.join(gate.value for gate in program.gates)}]")] if program.gates else []
    return [("treadctl", str(FORMAT)), *told, *gates]


def _lines(items: Sequence[Item], indent: str) -> list[str]:
    return [line for item in items for line in _item_lines(item, indent)]


def _item_lines(item: Item, indent: str) -> list[str]:
    if isinstance(item, Repeat):
        return [f"{indent}- repeat: {item.times}", f"{indent}  segments:", *_lines(item.segments, indent + "    ")]
    pairs = _pairs(item)
    flat = f"{indent}- {{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"
    lead = f"{indent}- {{walk: forward,"
    if len(flat) <= WIDTH:  # in line with those that walk backward
        return [f"{lead} {flat.removeprefix(lead)}" if flat.startswith(lead) else flat]
    first, *rest = [f"{key}: {value}" for key, value in pairs]
    return [f"{indent}- {first}", *(f"{indent}  {line}" for line in rest)]


def _pairs(item: Walk | Rest | DeadMill | OffTreadmill) -> Pairs:
    texts = [("name", item.name), ("say", item.say)]
    spoken = [(key, _text(value, _IN_BRACES) if key == "name" else _quoted(value)) for key, value in texts if value]
    match item:
        case Walk():
            slope = [] if item.incline == Incline(0) else [("incline", _incline(item.incline))]
            speed = ("speed", f"{item.speed} km/h")
            return [("walk", item.facing.value), ("for", _time(item.seconds)), speed, *slope, *spoken]
        case Rest():
            return [("rest", _time(item.seconds)), *spoken]
        case DeadMill():
            return [("dead-mill", item.facing.value), ("for", _time(item.seconds)), *spoken]
        case OffTreadmill():
            return [("off-treadmill", _time(item.seconds)), *spoken]


def _time(seconds: int) -> str:
    """90s, 3min, 3min 30s."""
    minutes, rest = divmod(seconds, 60)
    if rest and minutes < 2:
        return f"{seconds}s"
    return f"{minutes}min {rest}s" if rest else f"{minutes}min"


def _incline(slope: Incline | InclineSteps) -> str:
    if isinstance(slope, InclineSteps):
        ends = f"from: {_percent(slope.start)}, to: {_percent(slope.end)}"
        return f"{{{ends}, step: {_percent(slope.step)}, every: {_time(slope.every)}}}"
    return _percent(slope)


def _percent(tenths: int) -> str:
    return f"{tenths / 10:g} %"


_WORD = "[A-Za-z0-9._-]+"
_IN_BRACES = re.compile(rf"(?=[A-Za-z]){_WORD}( {_WORD})*")
_ON_A_LINE = re.compile(r"(?=[A-Za-z]|[0-9]+ [A-Za-z])[A-Za-z0-9.,;'%()/+_-]+( [A-Za-z0-9.,;'%()/+_-]+)*")
"""Text that every YAML reader takes for itself without quotes."""
_OTHER_MEANING = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""Words that other YAML readers, such as an editor's, take for something else than text."""


def _text(text: str, plain: re.Pattern[str]) -> str:
    return text if plain.fullmatch(text) and text.lower() not in _OTHER_MEANING else _quoted(text)


def _quoted(text: str) -> str:
    """In double quotes; hidden characters as escapes, which reading refuses."""
    return "".join(json.dumps(c)[1:-1] if is_hidden(c) else c for c in json.dumps(text, ensure_ascii=False))
