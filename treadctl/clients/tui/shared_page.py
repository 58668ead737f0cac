"""Files from elsewhere: the profiles in the folder for downloads, and what is to be known before one is opened.

Pure: what was found goes in, painted cells come out. Names and contents are a stranger's.
"""

from __future__ import annotations

from treadctl.model.api import Choice
from treadctl.model.portrait import incline_words, length_words, speed_words, way_words
from treadctl.model.program import totals

from .canvas import Canvas, Ink, fitted, wrapped
from .choosing import Downloads, Offer
from .home_page import squeezed
from .paint import paint_head, paint_keys
from .view import Local

FIRST_ROW = 4
LOOKING = "Looking into your downloads."
BACK = Choice("esc", "back")
AGAIN = Choice("r", "look again")


def paint_shared(canvas: Canvas, downloads: Downloads | None, chosen: int, local: Local) -> None:
    """Paint the list, the newest file first, with the chosen one below. `downloads` None: still being read."""
    paint_head(canvas, None, None, local)
    canvas.put(2, 2, "FILES THAT WERE SHARED", Ink.DIM)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)
    if downloads is None:
        canvas.center(FIRST_ROW + 1, LOOKING, Ink.DIM)
        paint_keys(canvas, canvas.height - 1, (BACK,))
        return
    if canvas.width >= 60:
        canvas.right(canvas.width - 2, 2, fitted(f"in {downloads.folder}", canvas.width - 32), Ink.DIM)
    found = downloads.found
    first, rows = _window(len(found), chosen, canvas.height)
    for n, offer in enumerate(found[first : first + rows]):
        _paint_file(canvas, FIRST_ROW + n, offer, chosen=first + n == chosen)
    y = FIRST_ROW + min(rows, len(found)) + 1
    if 0 <= chosen < len(found):
        y = _paint_chosen(canvas, y, found[chosen])
    if downloads.words:
        for n, line in enumerate(wrapped(downloads.words, canvas.width - 4)):
            if y + n < canvas.height - 1:
                canvas.put(2, y + n, line, Ink.DIM if found else Ink.PLAIN)
    opens = 0 <= chosen < len(found) and found[chosen].program is not None
    paint_keys(canvas, canvas.height - 1, (*((Choice("enter", "open"),) if opens else ()), BACK, AGAIN))


def file_at(downloads: Downloads | None, chosen: int, height: int, y: int) -> int | None:
    """The file under row `y`, for a mouse click."""
    count = len(downloads.found) if downloads is not None else 0
    first, rows = _window(count, chosen, height)
    index = first + y - FIRST_ROW
    return index if FIRST_ROW <= y < FIRST_ROW + rows and index < count else None


def _window(count: int, chosen: int, height: int) -> tuple[int, int]:
    """Which of the list is shown: the first one, and for how many there is room."""
    rows = max(1, height - FIRST_ROW - (9 if height >= 18 else 5))
    return max(0, min(chosen - rows // 2, count - rows)), rows


def shared_words(offer: Offer) -> tuple[str, Ink]:
    """Who it is by and whether it was changed, as far as the file says so."""
    if offer.shared is not None:
        return str(offer.shared), Ink.GOOD if offer.shared.unchanged else Ink.WARN
    return ("cannot be read", Ink.WARN) if offer.program is None else ("not marked as shared", Ink.WARN)


def _mark(offer: Offer, width: int) -> tuple[str, Ink]:
    """The same in one or two words where there is no room for more."""
    words, ink = shared_words(offer)
    if width >= 60:
        return words, ink
    if offer.shared is not None:
        return ("unchanged" if offer.shared.unchanged else "CHANGED"), ink
    return ("unreadable" if offer.program is None else "not marked"), ink


def _paint_file(canvas: Canvas, y: int, offer: Offer, *, chosen: bool) -> None:
    """What it calls itself, and what its marks say."""
    ink = Ink.CHOSEN if chosen else (Ink.DIM if offer.program is None else Ink.PLAIN)
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=Ink.CHOSEN)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    name = canvas.width // 2 - 4 if canvas.width >= 60 else max(8, canvas.width - 17)
    canvas.put(3, y, squeezed(offer.name, name), ink, name)
    words, mark = _mark(offer, canvas.width)
    canvas.put(name + 5, y, fitted(words, canvas.width - name - 6), Ink.CHOSEN if chosen else mark)


def _paint_chosen(canvas: Canvas, y: int, offer: Offer) -> int:
    """What it will do at its worst, or what is wrong with it; answers the row below."""
    for text, ink in _said(offer):
        for line in wrapped(text, canvas.width - 4):
            if y < canvas.height - 1:
                canvas.put(2, y, line, ink)
            y += 1
    return y + 1


def _said(offer: Offer) -> list[tuple[str, Ink]]:
    if offer.program is None:
        return [(offer.refusal, Ink.WARN)]
    figures = totals(offer.segments)
    incline = f", incline {incline_words(figures)}" if figures.top_incline else ""
    found = [
        (f"{offer.file}: {shared_words(offer)[0]}", shared_words(offer)[1]),
        (f"top speed {speed_words(figures)}{incline}", Ink.STRONG),
        (f"{way_words(figures)}; {length_words(offer.segments)}", Ink.PLAIN),
        (f"gates {offer.gates}", Ink.PLAIN),
    ]
    return [*found, (f"Refused: {offer.refusal}.".replace("..", "."), Ink.WARN)] if offer.refusal else found
