"""What all screens share: the head line, the truth about stopping at the foot, large words and keys."""

from __future__ import annotations

from collections.abc import Sequence

from treadctl.model.api import Choice, Footer, Plan, Snapshot

from .canvas import Canvas, Ink, width_of, wrapped
from .view import EMPTY_BELT, LINK_GOOD, Local, footer_words, is_simulated, link_words, time_words

SIMULATED = " SIMULATED "
KEY_GAP = 5


def paint_head(canvas: Canvas, snapshot: Snapshot | None, plan: Plan | None, local: Local) -> None:
    """Row 0: the programme, whether all this is simulated, machine, link, voice, and the times, as far as they fit."""
    width = canvas.width
    name = (snapshot.program if snapshot else "") or (plan.name if plan else "") or "treadctl"
    name = EMPTY_BELT if local.commissioning else name
    x = 1
    if is_simulated(snapshot, local):
        x = canvas.put(x, 0, SIMULATED if local.rate == 1 else f"{SIMULATED}x{local.rate} ", Ink.BADGE) + 1
    if snapshot is None:
        canvas.put(x, 0, name, Ink.STRONG, max(0, width - 1 - x))
        return
    room = width - 1 - x - min(width_of(name), 16)
    healthy = _healthy(snapshot, local)
    machine, health, times = _head_parts(snapshot, _health_words(snapshot, local), room, healthy)
    end = canvas.right(width - 1, 0, times, Ink.PLAIN) - 2
    at = end - width_of(health)
    x = canvas.put(x, 0, name, Ink.STRONG, max(0, (at - 2 if health else end) - x)) + 3
    if machine and x + width_of(machine) + 2 <= at:
        x = canvas.put(x, 0, machine, Ink.DIM) + 2
    if health:
        canvas.put(x if machine or at < x else at, 0, health, Ink.DIM if healthy else Ink.WARN)


def _head_parts(snapshot: Snapshot, health: str, room: int, healthy: bool) -> tuple[str, str, str]:
    """Machine, health of link and voice, and times in `room` cells: of what does not fit, the machine goes first, then
    words of the times; what is wrong stays to the last."""
    walked, left = time_words(snapshot)
    both = f"{walked} · {left}" if left else walked
    short = f"{walked.removeprefix('walked ')} · {left.removeprefix('about ')}" if left else walked
    for machine, text in ((snapshot.machine, both), ("", both), ("", short), ("", left or walked)):
        if sum(width_of(part) + 2 for part in (machine, health, text) if part) <= room:
            return machine, health, text
    if not healthy and width_of(health) + 2 <= room:
        return "", health, ""
    return "", "", next((t for t in (both, short, left or walked) if width_of(t) + 2 <= room), "")


def _health_words(snapshot: Snapshot, local: Local) -> str:
    """Of link and voice; without a controller nothing is known of either."""
    if local.hung or local.closed is not None:
        return "link unknown"
    return f"{link_words(snapshot)}  voice {'on' if snapshot.voice else 'off'}"


def _healthy(snapshot: Snapshot, local: Local) -> bool:
    here = not local.hung and local.closed is None
    return here and link_words(snapshot) == LINK_GOOD and snapshot.voice


def paint_foot(canvas: Canvas, y: int, height: int, snapshot: Snapshot, local: Local) -> None:
    """How to stop, as large as `height` rows allow, on a bar that runs the whole width."""
    text = footer_words(snapshot, local)
    ink = foot_ink(text, snapshot)
    if height >= 3:
        picture = canvas.paragraph(text, canvas.width - 4, height, lowered=height < 5)
        if picture is not None:
            canvas.blit(2, y + (height - len(picture)) // 2, picture, ink)
            return
    middle = y + height // 2
    if ink is Ink.ALARM:
        canvas.fill(0, y, canvas.width, height, " ", ink=Ink.ALARM_BAR)
        ink = Ink.ALARM_BAR
    if width_of(text) > canvas.width:
        text = text.removeprefix("THIS ")  # the one that is too long for 40 columns; its end must not be cut
    canvas.center(middle, spaced(text, canvas.width), ink)


def spaced(text: str, room: int) -> str:
    """`text` with its letters spread where there is room: large without blocks."""
    wide = "   ".join(" ".join(word) for word in text.split())
    return wide if width_of(wide) <= room else text


def foot_ink(text: str, snapshot: Snapshot) -> Ink:
    """The colour of these words about how to stop."""
    if text in ("PULL THE KEY", "NO CONTROLLER") or snapshot.footer in (Footer.NO_LINK, Footer.CONSOLE):
        return Ink.ALARM
    inks = {Footer.ANY_KEY: Ink.STOP, Footer.STOP_SENT: Ink.ALARM, Footer.UNKNOWN: Ink.WARN}
    return inks.get(snapshot.footer, Ink.DIM)


def paint_keys(canvas: Canvas, y: int, keys: Sequence[Choice]) -> None:
    """Keys and what they do, in one centred line; as many as fit."""
    gap = KEY_GAP if canvas.width >= 60 else 2
    shown: list[Choice] = []
    for choice in keys:
        if _keys_width([*shown, choice], gap) <= canvas.width - 2:
            shown.append(choice)
    x = max(1, (canvas.width - _keys_width(shown, gap)) // 2)
    for choice in shown:
        x = paint_key(canvas, x, y, choice) + gap


def paint_key(canvas: Canvas, x: int, y: int, choice: Choice, ink: Ink = Ink.PLAIN) -> int:
    """One key cap and its words; answers the column after them."""
    x = canvas.put(x, y, f" {choice.key} ", Ink.KEY)
    return canvas.put(x + 1, y, choice.label, ink) if choice.label != choice.key else x


def _keys_width(keys: Sequence[Choice], gap: int) -> int:
    return sum(key_width(c) for c in keys) + gap * max(0, len(keys) - 1)


def key_width(choice: Choice) -> int:
    """Cells that `paint_key` takes."""
    return width_of(choice.key) + 2 + (1 + width_of(choice.label) if choice.label != choice.key else 0)


def paint_sentence(
    canvas: Canvas, box: tuple[int, int, int, int], text: str, ink: Ink, *, large: bool = True
) -> int:
    """A sentence centred in `box` (x, y, width, height) as large as it can be; answers the rows it took. What is
    cut off is seen to be.
    """
    x, y, width, height = box
    picture = canvas.paragraph(text, width, height, large=large)
    if picture is not None:
        canvas.blit(x, y, picture, ink)
        return len(picture)
    whole = wrapped(text, width)
    lines = whole[: max(1, height)]
    if len(lines) < len(whole):
        lines[-1] = f"{lines[-1][: width - 1]}…"
    for n, line in enumerate(lines):
        canvas.center(y + n, line, ink, x, x + width)
    return len(lines)
