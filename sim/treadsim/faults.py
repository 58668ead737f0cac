"""Faults of a simulated walk, as text: `link.drop(at=90s,for=5s)`, as many as wanted, each on its own.

This module reads and writes them; `catalogue` says which there are, and others make them happen. `at` counts from the
first connection; without `for` a lasting fault lasts to the end.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from treadctl.model.errors import UsageError
from treadctl.model.units import Ms, kmh

from .catalogue import BY_NAME, FOREVER, OPS, Family, Kind, Spec, listing

Value = int | float | str
_CALL = re.compile(r"([a-z]+\.[a-z_]+)(?:\((.*)\))?")
_TIME = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)(ms|s|min)")
_UNITS = {"ms": 1, "s": 1000, "min": 60_000}
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: from `at` to `until`, ms after the first connection, with all its parameters."""

    at: Ms
    name: str
    until: Ms = FOREVER
    given: tuple[tuple[str, Value], ...] = ()

    @property
    def spec(self) -> Spec:
        return BY_NAME[self.name]

    @property
    def family(self) -> Family:
        return self.spec.family

    def number(self, name: str) -> int:
        """A parameter that is a time, a speed (0.01 km/h) or a number."""
        return int(self.value(name))

    def value(self, name: str) -> Value:
        """A parameter as given, or its default."""
        for given, value in self.given:
            if given == name:
                return value
        return next(parameter.default for parameter in self.spec.parameters if parameter.name == name)

    def __str__(self) -> str:
        """As `parse_fault` reads it."""
        words = [f"at={_time(self.at)}"]
        if self.spec.lasts and self.until < FOREVER:
            words.append(f"for={_time(self.until - self.at)}")
        kinds = {parameter.name: parameter.kind for parameter in self.spec.parameters}
        words += [f"{name}={_written(kinds[name], value)}" for name, value in self.given]
        return f"{self.name}({','.join(words)})"


def fault(name: str, at: Ms = 0, length: Ms = FOREVER, **given: Value) -> Fault:
    """A fault made by a program instead of being read."""
    until = at + length if BY_NAME[name].lasts else at
    return Fault(at, name, min(until, FOREVER), tuple(sorted(given.items())))


def parse_faults(specs: Iterable[str]) -> tuple[Fault, ...]:
    """The faults of these specs in order of time. Raises UsageError, which lists what there is."""
    return tuple(sorted(parse_fault(spec) for spec in specs))


def parse_fault(spec: str) -> Fault:
    """One fault. Raises UsageError."""
    call = _CALL.fullmatch(re.sub(r"\s", "", spec[:200]))
    if call is None or call[1] not in BY_NAME:
        raise UsageError(f"{_unread(spec)}\n{listing()}")
    try:
        return _made(BY_NAME[call[1]], _words(call[2] or ""))
    except ValueError as error:
        raise UsageError(f"The fault {spec[:80]!r} makes no sense: {error}.\n{listing()}") from None


def _unread(spec: str) -> str:
    """One sentence on what is not even the shape or the name of a fault."""
    name = spec.partition("(")[0].strip()[:40]
    if name == "help":
        return "The faults there are, and how they are written:"
    if name in BY_NAME:
        return f"The fault {spec[:80]!r} makes no sense: write it as {BY_NAME[name].signature}."
    near = difflib.get_close_matches(name, BY_NAME, 1)
    return f"There is no fault {spec[:80]!r}" + (f": did you mean {near[0]}?" if near else ".")


def _words(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in filter(None, text.split(",")):
        name, equals, value = word.partition("=")
        if not equals or name in found:
            raise ValueError(f"{word[:40]!r} is no name=value, or there twice")
        found[name] = value
    return found


def _made(spec: Spec, words: dict[str, str]) -> Fault:
    at = _read(Kind.TIME, words.pop("at", "0s"))
    length = _read(Kind.TIME, words.pop("for")) if spec.lasts and "for" in words else FOREVER
    known = {parameter.name: parameter for parameter in spec.parameters}
    unknown = sorted(set(words) - set(known))
    if unknown:
        raise ValueError(f"it takes no {unknown[0][:40]!r}; write it as {spec.signature}")
    given = {name: _read(known[name].kind, text) for name, text in words.items()}
    return fault(spec.name, int(at), int(length), **given)


def _read(kind: Kind, text: str) -> Value:
    """The value of this text. Raises ValueError."""
    wrong = ValueError(f"{text[:40]!r} is not {kind.value}")
    if kind is Kind.TIME:
        time = _TIME.fullmatch(text)
        if time is None:
            raise wrong
        return round(float(time[1]) * _UNITS[time[2]])
    if kind is Kind.OP:
        if text not in OPS:
            raise wrong
        return text
    if re.fullmatch(r"\d{1,7}(\.\d{1,4})?", text) is None:
        raise wrong
    return _number(kind, text, wrong)


def _number(kind: Kind, text: str, wrong: ValueError) -> Value:
    if kind is Kind.SPEED:
        return int(kmh(text))
    if kind is Kind.NUMBER:
        return int(text)
    share = float(text)
    if kind is Kind.SHARE and share > 1:
        raise wrong
    return share


def _time(ms: Ms) -> str:
    return f"{ms // 1000}s" if ms % 1000 == 0 else f"{ms}ms"


def _written(kind: Kind, value: Value) -> str:
    if kind is Kind.TIME:
        return _time(int(value))
    return f"{int(value) / 100:g}" if kind is Kind.SPEED else f"{value}"


__all__ = ["Family", "Fault", "fault", "listing", "parse_fault", "parse_faults"]
