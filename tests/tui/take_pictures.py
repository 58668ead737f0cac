"""Draw every screen anew, into docs/screens and docs/walk.svg: `.venv/bin/python -P -m tests.tui.take_pictures`."""

from __future__ import annotations

from pathlib import Path

from tests.tui.gallery import pictures, screens
from tests.tui.pictures import drawing
from treadctl.clients.tui.canvas import Canvas

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "docs" / "screens"
WALK = ROOT / "docs" / "walk.svg"
"""The one that the README shows."""


def all_pictures() -> dict[Path, str]:
    """Every file and what is in it."""
    canvas = Canvas(100, 30)
    screens()["walk-backward"](canvas)
    return {WALK: drawing(canvas), **{SCREENS / f"{name}.svg": drawing(painted) for name, painted in pictures()}}


def main() -> None:
    """Write them all; what is no screen any more goes."""
    found = all_pictures()
    SCREENS.mkdir(exist_ok=True)
    for old in set(SCREENS.glob("*.svg")) - set(found):
        old.unlink()
    for path, svg in found.items():
        path.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
