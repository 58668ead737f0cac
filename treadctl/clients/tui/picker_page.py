"""The machine picker: which treadmills are in reach, how well they are heard, and what may be done with the chosen one.

Pure: what is known goes in, painted cells come out.
"""

from __future__ import annotations

from treadctl.clients.found import Sighting, signal_word
from treadctl.model.api import Choice, Snapshot

from .canvas import Canvas, Ink, fitted, wrapped
from .paint import paint_foot, paint_head, paint_keys
from .picking import Linked, Picking
from .view import Local

FIRST_ROW = 4
BELOW, LOW = 7, 18
"""Rows for what is to be said, for the keys and for the foot; three fewer on a screen lower than this."""
BARS = {"strong": "▄██", "fair": "▄█·", "weak": "▄··", "unknown": "···"}
WAKE = "Wake your treadmill up, and close other apps that use it: it shows itself to one app only."
CONNECTING = "Connecting. Stay off the belt."
DOCTOR = "What is wrong with this computer says: treadctl doctor"


def paint_picker(canvas: Canvas, picking: Picking, snapshot: Snapshot | None, local: Local) -> None:
    """Paint the list, then the one sentence that matters now, then the keys."""
    paint_head(canvas, None, None, local)
    _paint_title(canvas, picking)
    first, rows = _window(picking, canvas.height)
    for n, one in enumerate(picking.seen[first : first + rows]):
        _paint_machine(canvas, FIRST_ROW + n, one, chosen=one.address == picking.chosen, linked=picking.linked)
    _paint_words(canvas, FIRST_ROW + min(rows, len(picking.seen)) + 1, picking)
    paint_keys(canvas, canvas.height - 2, keys_of(picking))
    if snapshot is not None:
        paint_foot(canvas, canvas.height - 1, 1, snapshot, local)


def machine_at(picking: Picking, height: int, y: int) -> str:
    """The address of the machine under row `y`, for a mouse click; empty where there is none."""
    first, rows = _window(picking, height)
    shown = picking.seen[first : first + rows]
    return shown[y - FIRST_ROW].address if 0 <= y - FIRST_ROW < len(shown) else ""


def _window(picking: Picking, height: int) -> tuple[int, int]:
    """Which of the list is shown: the first one, and for how many there is room."""
    rows = max(1, height - FIRST_ROW - (BELOW if height >= LOW else BELOW - 3))
    at = next((n for n, one in enumerate(picking.seen) if one.address == picking.chosen), 0)
    return max(0, min(at - rows // 2, len(picking.seen) - rows)), rows


def keys_of(picking: Picking) -> tuple[Choice, ...]:
    """What can be done now, the likeliest first."""
    if picking.connecting:
        return (Choice("q", "quit"),)
    keys: list[Choice] = []
    if picking.on_linked:
        keys += [Choice("enter", "to the profiles"), Choice("c", "commission")]
    elif picking.seen:
        keys += [Choice("enter", "connect")]
    keys += [Choice("up/down", "choose")] if len(picking.seen) > 1 else []
    keys += [] if picking.looking else [Choice("r", "look again")]
    keys += [Choice("h", "heart-rate strap")]
    keys += [] if picking.on_linked else [Choice("b", "back")]
    return (*keys, Choice("q", "quit"))


def _paint_title(canvas: Canvas, picking: Picking) -> None:
    x = canvas.put(2, 2, "TREADMILLS IN REACH", Ink.DIM)
    if picking.looking:
        canvas.put(x + 3, 2, f"looking, {picking.seconds_left()} s", Ink.NEXT)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)


def _paint_machine(canvas: Canvas, y: int, one: Sighting, *, chosen: bool, linked: Linked | None) -> None:
    """Signal, name, what it is; the address where there is room."""
    ink = Ink.CHOSEN if chosen else Ink.STRONG if one.yours else Ink.PLAIN
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=Ink.CHOSEN)
    word = signal_word(one.rssi)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    canvas.put(3, y, BARS[word], Ink.CHOSEN if chosen else Ink.GOOD)
    wide = canvas.width >= 70
    x = canvas.put(7, y, word, ink) + 2 if canvas.width >= 60 else 7
    kind = "connected" if linked is not None and linked.address == one.address else "yours" if one.yours else one.kind
    name = max(16, canvas.width // 3)
    canvas.put(max(x, 15 if canvas.width >= 60 else 7), y, one.yours or one.name, ink, name)
    end = canvas.right(canvas.width - 2, y, one.address, ink if chosen else Ink.DIM) if wide else canvas.width - 1
    x = max(x, 15 if canvas.width >= 60 else 7) + name + 2
    canvas.put(x, y, fitted(kind, max(0, end - x - 1)), ink)


def _paint_words(canvas: Canvas, y: int, picking: Picking) -> None:
    """One thing at a time: the failure, the machine that is connected, or what to do while nothing is heard."""
    for text, ink in _words(picking):
        for line in wrapped(text, canvas.width - 4):
            if y < canvas.height - 2:
                canvas.put(2, y, line, ink)
            y += 1


def _words(picking: Picking) -> list[tuple[str, Ink]]:
    if picking.connecting:
        return [(f"{picking.connecting}:", Ink.STRONG), (CONNECTING, Ink.NEXT)]
    linked = picking.linked
    said: list[tuple[str, Ink]] = []
    if linked is not None:
        ink = Ink.GOOD if linked.driven else Ink.WARN
        said = [(f"Connected: {linked.name}.", Ink.STRONG), (linked.words, ink)]
    if picking.problem:
        said.append((picking.problem, Ink.WARN if linked is None else Ink.PLAIN))
        said += [(DOCTOR, Ink.DIM)] if linked is None else []
    return said or ([] if picking.seen else [(WAKE, Ink.PLAIN)])
