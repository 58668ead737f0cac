"""Home: the profiles, what each asks of a walker, and whether the limits allow it; below, the chosen one as a picture.

Pure: offers and a choice in, painted cells out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from treadctl.clients.evening import Step, following
from treadctl.model.api import Choice, Plan
from treadctl.model.portrait import dose_and_note
from treadctl.model.units import clock

from .canvas import Canvas, Ink, fitted, width_of, wrapped
from .choosing import Offer
from .paint import key_width, paint_head, paint_key, paint_keys
from .picking import Linked
from .timeline import paint_timeline
from .view import Local, plan_words

FIRST_ROW = 4
QUIT = Choice("q", "quit")
ALL = Choice("?", "all keys")
KEYS = (Choice("enter", "walk"), Choice("v", "preview"), Choice("m", "treadmill"))
"""The most used ones, in the line at the foot. All of them stand in `ALL_KEYS`."""
EVENING_FROM = 76
"""Columns that all five steps take with their key."""
LEARN = Choice("c", "commission")
ALL_KEYS = (
    Choice("up/down", "choose a profile"),
    Choice("enter", "walk it; its preview comes before the first time"),
    Choice("v", "preview: all there is to know of it"),
    Choice("o", "open a shared file, from your downloads"),
    Choice("p", "your plan: what today offers, and the plans there are"),
    Choice("h", "history: what you walked, week by week and walk by walk"),
    Choice("n", "the next step of the first evening, while there is one"),
    Choice("y", "about you: the first questions, and what follows from them"),
    Choice("m", "treadmills: find one and connect it"),
    Choice("c", "commission the connected treadmill, on an empty belt"),
    Choice("r", "rehearse: two minutes beside a belt that stays still"),
    Choice("s", "settings: unit, colours, motion, voice"),
    Choice("q", "quit"),
)
FEW_WORDS, LAST_KEYS = 38, 14
"""Cells of a column with less than which only the first words of a key are shown, and that "s settings" takes then."""
NAME_END = 9
"""Cells of a long name's end that are kept: there stands which week it is (chosen)."""


def paint_home(
    canvas: Canvas, offers: Sequence[Offer] | None, chosen: int, local: Local, linked: Linked | None = None,
    evening: frozenset[Step] | None = None, message: str = "",
) -> None:  # fmt: skip
    """Paint the list with the chosen profile's preview. `offers` None: still being read. `linked`: the machine.

    `evening`: which ticks of the first evening are made; shown until all are. `message`: what somebody sent."""
    paint_head(canvas, None, None, local)
    if message:
        canvas.put(2, 1, fitted(message, canvas.width - 4), Ink.WARN)
    elif evening is not None:
        _paint_evening(canvas, evening)
    if linked is not None and canvas.width >= 60:
        words = linked.name if linked.driven else f"{linked.name}: not learnt yet"
        canvas.right(canvas.width - 1, 0, words, Ink.DIM if linked.driven else Ink.WARN)
    _paint_columns(canvas)
    first, rows = _window(len(offers or ()), chosen, canvas.height)
    for n, offer in enumerate((offers or ())[first : first + rows]):
        _paint_offer(canvas, FIRST_ROW + n, offer, chosen=first + n == chosen)
    if offers is None:
        canvas.center(FIRST_ROW + 1, "Reading the profiles.", Ink.DIM)
    elif not offers:
        canvas.center(FIRST_ROW + 1, "There are no profiles; treadctl is not installed whole.", Ink.WARN)
    elif 0 <= chosen < len(offers):
        height = _preview_rows(canvas.height)
        _paint_preview(canvas, canvas.height - height - 1, height, offers[chosen])
    paint_keys(canvas, canvas.height - 1, _keys(canvas.width, linked))


def _paint_evening(canvas: Canvas, done: frozenset[Step]) -> None:
    """The five in one row, each with its tick; on a narrow screen how many are done. The key leads to the next."""
    step = following(done)
    if step is None:
        return
    key = Choice("n", f"next: {step.value}")
    x = 2
    if canvas.width >= EVENING_FROM:
        x = canvas.put(x, 1, "FIRST EVENING", Ink.DIM) + 2
        for one in Step:
            mark, ink = ("✓", Ink.GOOD) if one in done else ("▸", Ink.NEXT) if one is step else ("·", Ink.DIM)
            x = canvas.put(x, 1, f"{mark} {one.value}", ink) + 2
        key = Choice("n", "next")
    else:
        canvas.put(x, 1, f"{len(done)} of {len(Step)} ticks", Ink.DIM)
    paint_key(canvas, max(x, canvas.width - 2 - key_width(key)), 1, key, Ink.NEXT)


def _keys(width: int, linked: Linked | None) -> tuple[Choice, ...]:
    """The most used ones that have room. A machine that is not learnt yet wants that before anything else."""
    if width < 78:
        return (*KEYS[: 1 if width < 60 else 2], ALL, QUIT)
    return (*(KEYS if linked is None or linked.driven else (*KEYS[:-1], LEARN)), ALL, QUIT)


def paint_all_keys(canvas: Canvas, local: Local) -> None:
    """What every key of home does; on a low screen without a title and in one line each."""
    paint_head(canvas, None, None, local)
    at = 3 + max(key_width(Choice(key.key, key.key)) for key in ALL_KEYS)
    room = max(10, canvas.width - at - 1)
    low = canvas.height < FIRST_ROW + 2 + sum(len(wrapped(key.label, room)) for key in ALL_KEYS)
    if not low:
        canvas.put(2, 2, "KEYS", Ink.DIM)
        canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)
    if low:
        _paint_low_keys(canvas, at)
    y = FIRST_ROW
    for key in () if low else ALL_KEYS:
        paint_key(canvas, 2, y, Choice(key.key, key.key))
        for line in wrapped(key.label, room):
            canvas.put(at, y, line)
            y += 1
    paint_keys(canvas, canvas.height - 1, (Choice("any key", "back"),))


def _paint_low_keys(canvas: Canvas, at: int) -> None:
    """One line each, side by side where there are more of them than lines."""
    rows = max(1, canvas.height - 2)
    wide = canvas.width // -(-len(ALL_KEYS) // rows)
    if wide < FEW_WORDS:  # the last keys have short words, so the others get more room
        wide = canvas.width - LAST_KEYS
    for n, key in enumerate(ALL_KEYS):
        x, start = n // rows * wide, at if n < rows else 5
        label = key.label if wide >= FEW_WORDS else re.split("[:,;]", key.label)[0]
        paint_key(canvas, x + 1, 1 + n % rows, Choice(key.key, key.key))
        canvas.put(x + start, 1 + n % rows, fitted(label, min(wide, canvas.width - x) - start - 1))


def offer_at(offers: Sequence[Offer], chosen: int, height: int, y: int) -> int | None:
    """The offer under row `y`, for a mouse click."""
    first, rows = _window(len(offers), chosen, height)
    index = first + y - FIRST_ROW
    return index if FIRST_ROW <= y < FIRST_ROW + rows and index < len(offers) else None


def _window(count: int, chosen: int, height: int) -> tuple[int, int]:
    """Which of the list is shown: the first one, and for how many there is room."""
    rows = max(1, height - FIRST_ROW - _preview_rows(height) - 2)
    return max(0, min(chosen - rows // 2, count - rows)), rows


def _preview_rows(height: int) -> int:
    """Rows for the chosen profile: words only on a low screen, a taller picture on a high one."""
    if height >= 40:
        return 14
    return 8 if height >= 20 else (3 if height >= 14 else 2)


def _columns(width: int) -> tuple[int, int, int, int, int]:
    """Where level, length, backward, last walked and verdict begin; 0: no room."""
    if width < 60:
        return 0, width - 8, 0, 0, 0
    name = max(20, min(44, width // 3 - 1))
    if width < 76:
        return name + 2, name + 7, name + 15, 0, name + 26
    return name + 2, name + 8, name + 16, name + 26, name + 39


def _paint_columns(canvas: Canvas) -> None:
    canvas.put(2, 2, "PROFILE", Ink.DIM)
    for x, word in zip(_columns(canvas.width), ("level", "length", "backward", "last walked", "for you"), strict=True):
        if x:
            canvas.put(x, 2, word, Ink.DIM)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)


def _paint_offer(canvas: Canvas, y: int, offer: Offer, *, chosen: bool) -> None:
    level, length, backward, walked, verdict = _columns(canvas.width)
    ink = Ink.CHOSEN if chosen else (Ink.DIM if offer.refusal else Ink.PLAIN)
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=Ink.CHOSEN)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    canvas.put(3, y, squeezed(offer.name, (level or length) - 5), ink, (level or length) - 4)
    if offer.program is not None:
        words = (f"L{offer.level}", clock(offer.length), clock(offer.backward), offer.walked or "never")
        for x, text in zip((level, length, backward, walked), words, strict=True):
            if x:
                canvas.put(x, y, text, ink)
    if verdict:
        plain = Ink.WARN if offer.refusal else Ink.GOOD
        canvas.put(verdict, y, _verdict(offer, canvas.width - verdict - 1), Ink.CHOSEN if chosen else plain)


def _verdict(offer: Offer, room: int) -> str:
    """Whether the limits allow it; where the reason has no room, its name."""
    whole = "no: " + offer.refusal if offer.refusal else "yes"
    return fitted(whole if width_of(whole) <= room or not offer.short else f"no: {offer.short}", room)


def squeezed(name: str, room: int) -> str:
    """A name cut in its middle: the weeks of one programme differ at their end."""
    if width_of(name) <= room or room < 2 * NAME_END or len(name) < NAME_END:
        return fitted(name, room)
    return f"{fitted(name[:-NAME_END], room - width_of(name[-NAME_END:]))}{name[-NAME_END:]}"


def _paint_preview(canvas: Canvas, y: int, height: int, offer: Offer) -> None:
    """Why not, or what it is; how often and what to mind; its picture where there is room."""
    width = canvas.width - 4
    about, minded = about_words(offer), dose_and_note(offer.program) if offer.program is not None else ""
    rows = 2 if height > 2 or offer.refusal else 1
    for n, line in enumerate(wrapped(about[0], width)[:rows]):
        canvas.put(2, y + n, line, about[1])
    if height > rows:
        canvas.put(2, y + rows, minded, Ink.NEXT, width)
    if height >= 8 and offer.segments:
        canvas.put(2, y + 3, plan_words(offer.segments), Ink.DIM, width)
        plan = Plan(offer.name, offer.segments, offer.length)
        paint_timeline(canvas, (2, y + 4, width, height - 4), plan, None)


def about_words(offer: Offer) -> tuple[str, Ink]:
    """Why not, or what it is, in a sentence."""
    if offer.program is None:
        return offer.refusal, Ink.WARN
    if offer.refusal:
        return f"Refused: {offer.refusal}.".replace("..", "."), Ink.WARN
    return offer.program.summary or plan_words(offer.segments), Ink.PLAIN
