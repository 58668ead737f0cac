"""Faults of the simulated treadmill, as text: `KIND@SECONDS` after the first connection, such as `silence@120`.

This module only says what goes wrong and when; the peripheral makes it happen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from treadctl.model.errors import UsageError
from treadctl.model.units import Ms


class FaultKind(Enum):
    """What may go wrong. The value is its name in a spec."""

    KEY = "key"
    """The safety key is pulled."""
    CONSOLE_STOP = "console-stop"
    CONSOLE_FASTER = "console-faster"
    RUNAWAY = "runaway"
    """The belt speeds up without being told."""
    SILENCE = "silence"
    """No more samples; everything else works."""
    DEAF = "deaf"
    """Control Point writes are taken and ignored."""
    LINK = "link"
    """The link is lost; the belt does what it did."""
    CONTROL_LOST = "control-lost"
    """The console takes control back."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault, `at` ms after the first connection."""

    at: Ms
    name: str

    @property
    def kind(self) -> FaultKind:
        return FaultKind(self.name)


def parse_faults(specs: Iterable[str]) -> tuple[Fault, ...]:
    """The faults of these specs in order of time. Raises UsageError."""
    return tuple(sorted(_fault(spec) for spec in specs))


def _fault(spec: str) -> Fault:
    name, _, seconds = spec.partition("@")
    names = [kind.value for kind in FaultKind]
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}?" if near else "there are " + ", ".join(names) + "."
        raise UsageError(f"There is no fault called {name[:40]!r}: {hint}")
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 6:
        raise UsageError(f"The fault {spec[:40]!r} does not say when: write {name}@SECONDS, such as {name}@90.")
    return Fault(int(seconds) * 1000, name)
