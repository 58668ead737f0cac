"""A trace walked again: the same context and inputs have to give the same effects, byte for byte.

Pure: it takes the parsed lines of a trace, opens no file and looks at no clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from treadctl.model import plain
from treadctl.model.units import Ms

from .core import Core
from .events import Context, Effect, Input

DIGEST_OCTETS = 8
"""Chosen, because 64 bits tell two runs apart and keep a trace line short."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Line `line` (the context is line 1) gave other effects than it did, or could not be read."""

    line: int
    now: Ms
    expected: str
    actual: str


def digest(effects: Sequence[Effect]) -> str:
    """16 hex digits that stand for these effects."""
    return hashlib.blake2b(repr(list(effects)).encode(), digest_size=DIGEST_OCTETS).hexdigest()


def replay(lines: Iterable[Mapping[str, Any]]) -> list[Mismatch]:
    """Every step that came out differently. Raises plain.Malformed when a line is no line of a trace."""
    walked = iter(lines)
    core = Core(plain.load(Context, next(walked, None), "the first line of the trace"))
    found = []
    for number, line in enumerate(walked, start=2):
        if "input" not in line:  # a line that stands for dropped ones: from here on nothing can agree
            found.append(Mismatch(number, line.get("now", 0), "", str(dict(line))))
            break
        now = plain.load(int, line.get("now"), "now")
        actual = digest(core.step(now, plain.load(Input, line["input"], "input")))
        if actual != line.get("digest"):
            found.append(Mismatch(number, now, str(line.get("digest")), actual))
    return found
