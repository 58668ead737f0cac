"""Values to plain JSON and back: the one codec of socket, session files and trace.

Loading checks by hand against the records, dataclasses and named tuples: unknown fields, wrong types, NaN and over-long
text are refused with one sentence. Data from the socket and from files is hostile until it has passed here. Records
carry their class name under "is", so that a union is decided by name; bytes are hex; enums are their value.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import types
import typing
from collections.abc import Iterable
from functools import cache
from typing import Any

MAX_TEXT = 4096
MAX_ITEMS = 20_000
AS_IT_IS = frozenset((bool, float, int, str, type(None)))
MAX_DEPTH = 64
"""Levels of lists and objects: a program of four nested repeats has about 20; the recursion below stays harmless."""


class Malformed(ValueError):
    """Plain data that is not what it should be. The sentence names the place."""


def dump(value: object) -> Any:
    """Plain JSON of a record, enum, number, text, bytes or a tuple of these."""
    kind: type = type(value)
    if kind in AS_IT_IS:
        return value
    names = _field_names(kind)
    if names is not None:
        return {"is": kind.__name__, **{name: dump(getattr(value, name)) for name in names}}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, (tuple, list, frozenset)):
        return [dump(item) for item in value]
    if isinstance(value, (str, float)):
        return value
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"{kind.__name__} is not plain")


def parse(kind: Any, text: str | bytes, where: str = "") -> Any:
    """The value that one JSON text stands for, such as a line of the socket or of a file. Raises Malformed."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"{where or 'it'} is not JSON") from None
    return load(kind, data, where)


def load(kind: Any, data: Any, where: str = "") -> Any:
    """The value of type `kind` (a type, union or annotation) that plain `data` stands for. Raises Malformed."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return _load(kind, data, where)
    raise Malformed(f"{where or 'it'} is nested more than {MAX_DEPTH} deep")


def _inside(data: Any) -> Iterable[Any]:
    if isinstance(data, dict):
        return data.values()
    return data if isinstance(data, list) else ()


def _load(kind: Any, data: Any, where: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _load_union(typing.get_args(kind), data, where)
    if origin is tuple:
        return _load_tuple(typing.get_args(kind), data, where)
    if isinstance(kind, type) and _field_names(kind) is not None:
        return _load_record(kind, data, where)
    return _load_scalar(kind, data, where)


def _load_union(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and type(None) in kinds:
        return None
    named = _by_name(kinds)
    if isinstance(data, dict) and named:
        name = data.get("is")
        if not isinstance(name, str) or name not in named:
            raise Malformed(f"{where or 'it'} is none of {', '.join(sorted(named))}")
        return _load(named[name], data, where)
    others = [kind for kind in kinds if kind is not type(None) and kind not in named.values()]
    for kind in others[:-1]:
        try:
            return _load(kind, data, where)
        except Malformed:
            continue
    if not others:
        raise Malformed(f"{where or 'it'} has to be an object")
    return _load(others[-1], data, where)


def _load_tuple(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    if not isinstance(data, list) or len(data) > MAX_ITEMS:
        raise Malformed(f"{where or 'it'} has to be a list of at most {MAX_ITEMS}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_load(kinds[0], item, f"{where}[{n}]") for n, item in enumerate(data))
    if len(kinds) != len(data):
        raise Malformed(f"{where or 'it'} has to have {len(kinds)} items")
    return tuple(_load(kind, item, f"{where}[{n}]") for n, (kind, item) in enumerate(zip(kinds, data, strict=True)))


def _load_record(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise Malformed(f"{where or kind.__name__} has to be an object")
    if data.get("is", kind.__name__) != kind.__name__:
        raise Malformed(f"{where or 'it'} is not of the kind {kind.__name__}")
    hints = _hints(kind)
    unknown = [key for key in data if key != "is" and key not in hints]
    if unknown:
        raise Malformed(f"{kind.__name__} has no field {str(unknown[0])[:40]!r}")
    values = {name: _load(hint, data[name], f"{kind.__name__}.{name}") for name, hint in hints.items() if name in data}
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise Malformed(f"{kind.__name__}: {error}") from None


def _load_scalar(kind: Any, data: Any, where: str) -> Any:
    place = where or "it"
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _load_enum(kind, data, place)
    if kind is bytes:
        return _load_bytes(data, place)
    if kind is float and (_is_int(data) or (isinstance(data, float) and math.isfinite(data))):
        return float(data)
    if kind is str and isinstance(data, str) and _is_text(data):
        return data
    if kind is bool and isinstance(data, bool):
        return data
    if isinstance(kind, type) and issubclass(kind, int) and kind is not bool and _is_int(data):
        return _make(kind, data, place)
    raise Malformed(f"{place} has to be {getattr(kind, '__name__', kind)}")


def _is_int(data: Any) -> bool:
    return isinstance(data, int) and not isinstance(data, bool) and abs(data) < 1 << 63


def _is_text(data: str) -> bool:
    """Short enough, and without the half characters that JSON can write and no file or voice can take."""
    return len(data) <= MAX_TEXT and not any("\ud800" <= c <= "\udfff" for c in data)


def _make(kind: Any, data: int, place: str) -> Any:
    try:
        return kind(data)
    except ValueError as error:
        raise Malformed(f"{place}: {error}") from None


def _load_enum(kind: Any, data: Any, place: str) -> Any:
    for member in kind:
        if member.value == data and type(member.value) is type(data):  # True is no level 1
            return member
    words = ", ".join(str(member.value) for member in kind)
    raise Malformed(f"{place} has to be one of {words}")


def _load_bytes(data: Any, place: str) -> bytes:
    try:
        return bytes.fromhex(data)
    except (ValueError, TypeError):
        raise Malformed(f"{place} has to be hexadecimal") from None


@cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    """Of a dataclass or a named tuple; None of any other type."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return getattr(kind, "_fields", None)


@cache
def _by_name(kinds: tuple[Any, ...]) -> dict[str, Any]:
    """The records among these."""
    return {kind.__name__: kind for kind in kinds if isinstance(kind, type) and _field_names(kind) is not None}


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {name: hints[name] for name in _field_names(kind) or ()}
