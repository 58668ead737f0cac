"""The walk screen: read from 3 m, in motion, often over the shoulder.

In order: what to do now (direction, speed), what comes next and when, how to stop, everything else. The digits take at
least 40 % of the rows. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.clients.heart_words import rate_words
from treadctl.clients.reading import Units, limit_words, speed_words
from treadctl.model.api import Plan, Snapshot
from treadctl.model.program import Facing

from .blocks import half_blocks, words, words_width
from .canvas import Canvas, Ink, fitted, width_of
from .chart import CHART_FROM, History, paint_chart
from .look import Letters
from .paint import paint_foot, paint_head, paint_keys, spaced
from .timeline import paint_timeline
from .view import (
    Local,
    age_words,
    change_soon,
    direction,
    fresh_speed,
    is_simulated,
    moving_keys,
    next_words,
    place_words,
    target_words,
    warning_words,
)
from .zones import paint_zones, zone_rows

COARSE = 10
"""Pixels of the least digit in whole cells."""
MIN_DIGITS = 4
"""Rows: fewer and a digit cannot be told from another."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of each part, top to bottom; 0: left out for want of room."""

    frame: int
    pad: int
    word: int
    digits: int
    next: int
    gap: int
    timeline: int
    foot: int
    keys: int


def layout(height: int) -> Layout:
    """Share out the rows: the digits get their 40 % first, then what matters most."""
    digits = max(MIN_DIGITS, -(-height * 2 // 5))
    spare = max(0, height - 1 - digits - 3)  # one row each: head, word, next, foot

    def take(rows: int) -> int:
        nonlocal spare
        taken = rows if spare >= rows else 0
        spare -= taken
        return taken

    timeline = take(1)
    frame = take(2) // 2
    foot, word = 1 + take(2), 1 + take(2)
    keys = take(1)
    timeline += take(1)
    following = 1 + take(2)
    timeline += take(1)
    gap, pad = take(1), take(1)
    timeline += take(1)
    word += take(3) if height >= 48 else 0
    timeline += take(2)
    foot += take(2) if height >= 48 else 0
    gap += take(1)
    return Layout(frame, pad, word, digits + spare, following, gap, timeline, foot, keys)


def paint_walk(canvas: Canvas, snapshot: Snapshot, plan: Plan | None, local: Local, history: History) -> None:
    """Paint the whole walk screen."""
    rows = layout(canvas.height)
    paint_head(canvas, snapshot, plan, local)
    charted = canvas.width >= CHART_FROM
    panel = canvas.width * 2 // 3 if charted else canvas.width
    y = 1
    inner = 2 * rows.frame + rows.word + rows.pad + rows.digits
    _paint_frame(canvas, (0, y, panel, inner), snapshot)
    if charted:
        beside, zones = (panel + 2, canvas.width - panel - 3), zone_rows(canvas.width, inner, snapshot)
        paint_chart(canvas, (beside[0], y, beside[1], inner - zones), history)
        if zones:
            paint_zones(canvas, (beside[0], y + inner - zones, beside[1], zones), snapshot)
    y += rows.frame
    _paint_word(canvas, (3, y, panel - 6, rows.word), snapshot, plan, lowered=rows.pad > 0 or snapshot.stop_sent)
    y += rows.word + rows.pad
    _paint_digits(canvas, (4, y, panel - 8, rows.digits), snapshot)
    y += rows.digits + rows.frame
    _paint_next(canvas, (2, y, canvas.width - 4, rows.next), snapshot, local)
    if rows.next >= 3 and not change_soon(snapshot):
        _paint_said(canvas, (2, y + rows.next, canvas.width - 4, rows.gap), snapshot, local)
    y += rows.next + rows.gap
    if rows.timeline and plan is not None:
        paint_timeline(canvas, (1, y, canvas.width - 2, rows.timeline), plan, snapshot)
    y += rows.timeline
    foot = canvas.height - rows.foot - rows.keys
    paint_foot(canvas, max(y, foot), rows.foot, snapshot, local)
    if rows.keys:
        paint_keys(canvas, canvas.height - 1, moving_keys(snapshot, is_simulated(snapshot, local)))


def _paint_frame(canvas: Canvas, box: tuple[int, int, int, int], snapshot: Snapshot) -> None:
    """Hatched while backward, plain while forward, solid once a stop was sent: never colour alone."""
    x, y, width, height = box
    if snapshot.stop_sent:
        character, ink = "█", Ink.ALARM
    elif snapshot.facing is Facing.BACKWARD:
        character, ink = "▒", Ink.BACKWARD
    else:
        return
    canvas.fill(x, y, width, height, character, ink=ink)
    thin = 1 if height >= 9 else 0
    canvas.fill(x + 2, y + thin, width - 4, height - 2 * thin, " ", ink=Ink.PLAIN)


def _way_ink(facing: Facing | None) -> Ink:
    return {Facing.BACKWARD: Ink.BACKWARD, Facing.FORWARD: Ink.FORWARD, None: Ink.WARN}[facing]


def _paint_word(
    canvas: Canvas, box: tuple[int, int, int, int], snapshot: Snapshot, plan: Plan | None, *, lowered: bool
) -> None:
    """The direction and its arrow, as large as fits; beside it the place in the programme. `lowered`: by half a row."""
    x, y, width, height = box
    word, facing = direction(snapshot)
    ink = Ink.ALARM if snapshot.stop_sent else _way_ink(facing)
    place = place_words(snapshot, plan)
    drawable = canvas.look.letters is not Letters.ASCII
    if height < 3 or not drawable or words_width(word, bold=False) > width:
        end = canvas.put(x, y + (height > 2), spaced(word, width // 2), ink)
        line = " · ".join(place)
        shown = line if width_of(line) < x + width - end - 1 else "".join(place[1:2])
        canvas.right(x + width, y + (height > 2), shown, Ink.PLAIN)
        return
    side = max(map(width_of, place), default=0) + 1
    faces = [(True, 2), (False, 2)] if height >= 6 else []
    bold, scale = next((f for f in [*faces, (True, 1)] if words_width(word, *f) + side <= width), (False, 1))
    drawn = words(word, bold, scale)
    air = ((False,) * len(drawn[0]),) if lowered else ()
    canvas.blit(x, y, half_blocks((*air, *drawn)), ink)
    if words_width(word, bold, scale) + side > width:
        return
    for n, line in enumerate(place[:height]):
        canvas.right(x + width, y + n, line, Ink.STRONG if n == 1 else Ink.PLAIN)


def _paint_digits(canvas: Canvas, box: tuple[int, int, int, int], snapshot: Snapshot) -> None:
    """The speed; in the last seconds before a change its countdown, and the speed small beside it."""
    soon = snapshot.next if change_soon(snapshot) else None
    if soon is not None:
        seconds = str(-(-soon.left // 1000))
        x, _ = _paint_number(canvas, box, seconds, Ink.NEXT, max(20, box[2] // 2) if box[2] >= 60 else 12)
        _paint_soon(canvas, _rest_of(box, x), soon.words, snapshot)
        return
    speed = fresh_speed(snapshot, canvas.look.units)
    beside = 14 if box[2] < 60 else max(18, canvas.number_width("0.0", _target_size(box[3])) + 4)
    x, rows = _paint_number(canvas, box, speed or "- -", Ink.DIGITS if speed else Ink.WARN, beside)
    _paint_beside(canvas, _rest_of((box[0], box[1] + box[3] - rows, box[2], rows), x), snapshot)


def _paint_number(
    canvas: Canvas, box: tuple[int, int, int, int], text: str, ink: Ink, beside: int
) -> tuple[int, int]:
    """The number as high as the box, less where it would leave no room beside it; the column after it, its rows."""
    x, y, width, height = box
    pixels = 2 * height
    while pixels > 2 * MIN_DIGITS and canvas.number_width(text, pixels) + beside > width:
        pixels -= 2
    wide = canvas.number_width(text, pixels)
    if width >= 60:
        x += max(0, (width - wide - beside) // 2)
    canvas.blit(x, y + height - pixels // 2, half_blocks(canvas.number(text, pixels)), ink)
    return x + wide, pixels // 2


def _rest_of(box: tuple[int, int, int, int], x: int) -> tuple[int, int, int, int]:
    gap = 2 if box[2] < 60 else 4
    return x + gap, box[1], box[0] + box[2] - x - gap, box[3]


def _paint_beside(canvas: Canvas, box: tuple[int, int, int, int], snapshot: Snapshot) -> None:
    """Target beside measured, then everything else: from the bottom of the digits upward."""
    x, y, width, height = box
    units = canvas.look.units
    lines = _facts(snapshot, units, width)
    target = "" if snapshot.target is None or snapshot.stop_sent else speed_words(snapshot.target, units)
    size = _target_size(height)
    if height >= 9 and target and (size >= COARSE or canvas.look.letters is not Letters.ASCII):
        canvas.put(x, y, units.value, Ink.STRONG)
        _paint_target(canvas, (x, y + height - len(lines) - 1 - size // 2, width, size), target, target_words(snapshot))
    else:
        wanted = [f"target {target}", target_words(snapshot)] if target else []
        lines = [line for line in (units.value, *wanted, *lines) if line][:height]
        for n, line in enumerate(lines):
            canvas.put(x, y + height - len(lines) + n, line, Ink.STRONG if n < 2 else Ink.PLAIN, width)
        return
    for n, line in enumerate(lines):
        canvas.put(x, y + height - len(lines) + n, line, Ink.PLAIN, width)


def _target_size(height: int) -> int:
    """Pixels of the target's digits beside a speed of so many rows."""
    return max(6, 2 * (height // 4))


def _paint_target(canvas: Canvas, box: tuple[int, int, int, int], target: str, state: str) -> None:
    x, y, width, size = box
    ink = Ink.GOOD if state == "reached" else Ink.NEXT
    after = canvas.put(x, y - 1, "target ", Ink.DIM)
    canvas.put(after, y - 1, state, ink, x + width - after)
    canvas.blit(x, y, half_blocks(canvas.number(target, size)), ink)


def _facts(snapshot: Snapshot, units: Units, width: int) -> list[str]:
    if fresh_speed(snapshot) is None:
        age = age_words(snapshot)
        return [age if width_of(age) <= width else f"silent {(snapshot.sample_age or 0) // 1000} s"]
    first = [] if snapshot.incline is None else [f"incline {snapshot.incline} %"]
    first += [rate_words(snapshot)] if rate_words(snapshot) else []
    return [*([f"eased to {limit_words(snapshot.ceiling, units)}"] if snapshot.ceiling is not None else []), *first]


def _paint_soon(canvas: Canvas, box: tuple[int, int, int, int], text: str, snapshot: Snapshot) -> None:
    """The verb of the change beside its seconds, large; the speed below it, small."""
    x, y, width, height = box
    picture = canvas.paragraph(text, width, max(3, height - 4)) if height >= 8 else None
    if picture is not None:
        left = min(len(line) - len(line.lstrip()) for line in picture)
        canvas.blit(x, y, [line[left:] for line in picture], Ink.NEXT)
    else:
        canvas.put(x, y, text, Ink.NEXT, width)
    units = canvas.look.units
    speed = fresh_speed(snapshot, units) or "- -"
    below = y + height - 3
    if height >= 8 and canvas.look.letters is not Letters.ASCII:
        canvas.blit(x, below, half_blocks(canvas.number(speed, 6)), Ink.DIGITS)
        canvas.put(x + canvas.number_width(speed, 6) + 2, below + 2, units.value, Ink.STRONG)
    else:
        canvas.put(x, y + height - 1, f"{speed} {units.value}", Ink.STRONG, width)


def _paint_next(canvas: Canvas, box: tuple[int, int, int, int], snapshot: Snapshot, local: Local) -> None:
    """What comes next and when; on a single row what was said, or a warning, stands to its right."""
    x, y, width, height = box
    soon = height >= 3 and change_soon(snapshot)
    text = "" if soon else next_words(snapshot)
    wordings = (snapshot.caption,) if soon else (f"Next {text}", text, text.replace(", in ", " "))
    picture = _large(canvas, wordings, width, height) if height >= 3 and (text or soon) else None
    if picture is not None:
        canvas.blit(x, y, picture, Ink.STRONG if soon else Ink.NEXT)
        return
    after = x
    y += 1 if height >= 3 else 0
    warning = warning_words(snapshot, local) if height < 3 else ""
    if text and not (warning and width_of(f"NEXT  {text}   {warning}") > width):  # the warning counts more
        after = canvas.put(x, y, "NEXT  ", Ink.DIM)
        after = canvas.put(after, y, text, Ink.NEXT) + 3
    if height < 3:
        _paint_said(canvas, (after, y, x + width - after, 1), snapshot, local)


def _large(canvas: Canvas, wordings: tuple[str, ...], width: int, height: int) -> list[str] | None:
    """The first of these wordings that fits in block letters, at the left."""
    for wording in wordings:
        picture = canvas.paragraph(wording, width, height, lowered=True)
        if picture is not None:
            left = min(len(line) - len(line.lstrip()) for line in picture)
            return [line[left:] for line in picture]
    return None


def _paint_said(canvas: Canvas, box: tuple[int, int, int, int], snapshot: Snapshot, local: Local) -> None:
    """A warning, else the caption of what is being said."""
    x, y, width, height = box
    warning = warning_words(snapshot, local)
    said = warning or (f'"{snapshot.caption}"' if snapshot.caption else "")
    if height and said and (width_of(said) <= width or warning):
        canvas.right(x + width, y, fitted(said, width), Ink.WARN if warning else Ink.PLAIN)
