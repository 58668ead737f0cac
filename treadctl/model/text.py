"""Text from outside made safe to show: files, device names and the network are hostile until it passed here."""

from __future__ import annotations

import unicodedata

MAX_NAME = 80
SHOWN = 40
"""So much of foreign text stands in a sentence. Chosen."""
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that move the cursor, reorder text or show nothing: control, format (bidi), surrogate, private."""


def is_hidden(character: str) -> bool:
    """Whether this character may not reach a terminal as it is."""
    return unicodedata.category(character) in _HIDDEN


def safe_text(text: str, limit: int = MAX_NAME) -> str:
    """`text` with hidden characters as visible escapes, cut to `limit` characters. Markup is left: never parse it."""
    shown = "".join(_escaped(c) if is_hidden(c) else c for c in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def quoted(text: str) -> str:
    """Foreign text as it may stand in a message: short, nothing hidden, in quotes."""
    return f"'{safe_text(text, SHOWN)}'"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def counted(number: int, noun: str) -> str:
    """So many of them: 1 walk, 2 walks."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
