"""The heart-rate straps in reach, and which one is worn. Pure: what is known goes in, painted cells come out."""

from __future__ import annotations

from treadctl.clients.found import NAMELESS, signal_word
from treadctl.model.api import Choice, Found, LinkState, Snapshot
from treadctl.model.text import safe_text

from .canvas import Canvas, Ink, wrapped
from .paint import paint_foot, paint_head, paint_keys
from .picker_page import BARS
from .view import Local

FIRST_ROW = 4
BELOW = 6
WET = "Wet the strap and put it on: off the skin it sleeps. Close the other app or watch that holds it."
NONE_WORN = "No strap is worn: the treadmill's own value counts, where it has one."
_STATES = {LinkState.UP: "Worn: {}.", LinkState.CONNECTING: "Connecting to {}.", LinkState.LOST: "{} is lost.",
           LinkState.FAILED: "{} is not worn."}


def paint_straps(
    canvas: Canvas, snapshot: Snapshot, chosen: str, local: Local, *, looking: int | None = None
) -> None:
    """`chosen` is an address; `looking` are the seconds that a scan still takes, None while there is none."""
    paint_head(canvas, None, None, local)
    x = canvas.put(2, 2, "HEART-RATE STRAPS IN REACH", Ink.DIM)
    if looking is not None:
        canvas.put(x + 3, 2, f"looking, {looking} s", Ink.NEXT)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)
    rows = max(1, canvas.height - FIRST_ROW - BELOW)
    at = next((n for n, one in enumerate(snapshot.straps) if one.address == chosen), 0)
    first = max(0, min(at - rows // 2, len(snapshot.straps) - rows))
    shown = snapshot.straps[first : first + rows]
    for n, one in enumerate(shown):
        _paint_one(canvas, FIRST_ROW + n, one, chosen=one.address == chosen)
    y = FIRST_ROW + len(shown) + 1
    for text, ink in _words(snapshot):
        for line in wrapped(text, canvas.width - 4):
            if y < canvas.height - 2:
                canvas.put(2, y, line, ink)
            y += 1
    paint_keys(canvas, canvas.height - 2, keys_of(snapshot, looking=looking is not None))
    paint_foot(canvas, canvas.height - 1, 1, snapshot, local)


def keys_of(snapshot: Snapshot, *, looking: bool) -> tuple[Choice, ...]:
    """What can be done now."""
    keys = [Choice("enter", "wear")] if snapshot.straps else []
    keys += [Choice("up/down", "choose")] if len(snapshot.straps) > 1 else []
    keys += [] if looking else [Choice("r", "look again")]
    keys += [Choice("n", "none")] if snapshot.strap is not None else []
    return (*keys, Choice("b", "back"), Choice("q", "quit"))


def _paint_one(canvas: Canvas, y: int, one: Found, *, chosen: bool) -> None:
    ink = Ink.CHOSEN if chosen else Ink.PLAIN
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=Ink.CHOSEN)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    canvas.put(3, y, BARS[signal_word(one.rssi)], ink)
    canvas.put(8, y, safe_text(one.name) or NAMELESS, ink, canvas.width - (30 if canvas.width >= 60 else 10))
    if canvas.width >= 60:
        canvas.right(canvas.width - 2, y, safe_text(one.address), ink)


def _words(snapshot: Snapshot) -> list[tuple[str, Ink]]:
    """The strap that is worn, what it says, and what is the matter with it."""
    strap = snapshot.strap
    if strap is None:
        return [(NONE_WORN, Ink.PLAIN), *([] if snapshot.straps else [(WET, Ink.PLAIN)])]
    name = safe_text(strap.name) or NAMELESS
    said = [(_STATES.get(strap.link, "{}").format(name), Ink.STRONG)]
    if strap.link is LinkState.UP:
        rate = "It tells no heart rate yet." if snapshot.heart_rate is None else f"Heart rate {snapshot.heart_rate}."
        said.append((rate, Ink.PLAIN if snapshot.heart_rate is None else Ink.GOOD))
    return [*said, *([(safe_text(strap.why, 200), Ink.WARN)] if strap.why else [])]
