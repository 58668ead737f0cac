"""Puts the page together: one self-contained document, its style and its script inside, allowed by their hashes."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from .gate import View

HERE = Path(__file__).parent


class Pages:
    """The page for each view. `policy` lets the browser run this script and style and load nothing from elsewhere."""

    def __init__(self, *, visual: bool = False, speaker: bool = False) -> None:
        frame, style, script = (HERE.joinpath(f"page.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
        self.policy = (
            f"default-src 'none'; script-src 'sha256-{_hash(script)}'; style-src 'sha256-{_hash(style)}'; "
            "connect-src 'self'; img-src data:; media-src mediastream: blob:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        whole = frame.replace("/*style*/", style).replace("/*script*/", script)
        self._whole = whole.replace("{visual}", str(visual).lower()).replace("{speaker}", str(speaker).lower())

    def of(self, view: View) -> bytes:
        """The document."""
        return self._whole.replace("{view}", view.value).encode()


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode("ascii")
