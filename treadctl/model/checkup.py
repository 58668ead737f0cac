"""What a look at the computer found: whether a treadmill can be reached from here, heard, and walked on.

The guardian looks at what only it may touch (Bluetooth, the voice), the client at the rest; both say it in these words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much it matters. A PROBLEM keeps somebody from walking; a WARNING is worth knowing before."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `todo` is what to do about it, empty where nothing is to be done."""

    about: str
    level: Level
    text: str
    todo: str = ""


REACHING = frozenset({"message bus", "bluez", "permission", "adapter"})
"""What a problem with keeps every treadmill out of reach."""
