"""Edited copies of programs: a little more, a little less, and every change told. The original is never touched.

Lengths move between backward bouts only; forward walking, turns and everything said stay as they were written. This
module must not judge: limits are `model.limits`, and whoever edits has the copy checked there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from treadctl.model.outcome import Dose, dose_of
from treadctl.model.plan import Tuning
from treadctl.model.program import FLAT, Facing, InclineSteps, Item, Program, Repeat, Rest, Walk, expand, unrolled
from treadctl.model.units import Incline, Speed, clock

SHORTEST = 45
"""Seconds of a bout that is worth a start: hold at the minimum, ramp and 15 s of walking."""
NEW_BOUT = 60
REST_BEFORE = 60
BOUT_PIECE = 30
LOWEST = Speed(80)
"""0.8 km/h, the commonest minimum of the machines we know."""
FIRST_INCLINE_SLOWER = 30
"""0.3 km/h slower on the first hill."""

Items = list[Item]
Bout = list[int]
"""Places of the walks of one backward bout in a flat list of items."""


@lru_cache(maxsize=256)  # it is asked for at every turn of an offer
def dose(program: Program) -> Dose:
    """What this program asks for."""
    return dose_of(expand(program))


def tuned(program: Program, tuning: Tuning) -> Program:
    """The program as far as this person has got with it."""
    items: list[Item] = list(unrolled(program.segments))
    longest = max((_length(items, bout) for bout in _bouts(items)), default=0)
    if tuning.total > 0:
        items = _more(items, tuning.total, longest)
    if tuning.total < 0:
        items = _cut(items, _total(items) + tuning.total)
    if tuning.bout:
        items = _longer(items, tuning.bout)
    if tuning.speed or tuning.incline:
        items = [_steeper(_faster(item, tuning.speed), tuning.incline) for item in items]
    return _copy(program, items)


def trimmed(program: Program, seconds: int) -> Program:
    """With at most so many seconds of backward walking; the last bouts go first. One short bout always stays."""
    items: list[Item] = list(unrolled(program.segments))
    return _copy(program, _cut(items, seconds)) if _total(items) > seconds else program


def eased(program: Program, percent: int, slower: int, *, flat: bool) -> Program:
    """So many percent of the backward time, so many 0.01 km/h slower, and without any hill if `flat`."""
    shorter = trimmed(program, dose(program).total * percent // 100)
    items: Items = [_faster(item, -slower) for item in unrolled(shorter.segments)]
    return _copy(program, [replace(i, incline=FLAT) if flat and isinstance(i, Walk) else i for i in items])


def changes(before: Program, after: Program) -> tuple[str, ...]:
    """What differs, in sentences for whoever will walk it."""
    old, new = dose(before), dose(after)
    told = []
    if new.total != old.total:
        told.append(f"Backward {clock(new.total * 1000)} in all in place of {clock(old.total * 1000)}.")
    if new.bout != old.bout:
        told.append(f"The longest backward bout is {clock(new.bout * 1000)} in place of {clock(old.bout * 1000)}.")
    if new.speed != old.speed:
        told.append(f"Backward up to {new.speed} km/h in place of {old.speed}.")
    if new.incline != old.incline:
        told.append(f"Backward up to {new.incline} % in place of {old.incline} %.")
    if not told and _walks(before) != _walks(after):
        told.append("Some walks are slower, shorter or flatter than written.")
    return tuple(told)


def _walks(program: Program) -> list[Walk]:
    return [replace(item, line=0) for item in unrolled(program.segments) if isinstance(item, Walk)]


def _copy(program: Program, items: Sequence[Item]) -> Program:
    """Equal to the original where nothing changed, repeats and all."""
    flat = tuple(items)
    return program if flat == tuple(unrolled(program.segments)) else replace(program, segments=flat)


def _bouts(items: Sequence[Item]) -> list[Bout]:
    """The backward bouts, as the places of their walks."""
    found: list[Bout] = []
    going = False
    for place, item in enumerate(items):
        backward = isinstance(item, Walk) and item.facing is Facing.BACKWARD
        if backward and going:
            found[-1].append(place)
        elif backward:
            found.append([place])
        going = backward
    return found


def _seconds(item: Item) -> int:
    assert not isinstance(item, Repeat)
    return item.seconds


def _length(items: Sequence[Item], bout: Bout) -> int:
    return sum(_seconds(items[place]) for place in bout)


def _total(items: Sequence[Item]) -> int:
    return sum(_length(items, bout) for bout in _bouts(items))


def _stretched(items: Sequence[Item], place: int, by: int) -> Items:
    """With this walk longer (or shorter) by so many seconds."""
    walk = items[place]
    assert isinstance(walk, Walk)
    return [*items[:place], replace(walk, seconds=walk.seconds + by), *items[place + 1 :]]


def _more(items: Items, seconds: int, longest: int) -> Items:
    """So much more in all, no bout longer than the longest: short bouts are filled, then new ones follow the last.

    What would make a bout too short to be worth its start is left out.
    """
    bouts = _bouts(items)
    if not bouts:
        return items
    fill = min(seconds, sum(longest - _length(items, bout) for bout in bouts))
    whole, last = divmod(seconds - fill, longest)
    least = min(NEW_BOUT, longest)
    if 0 < last < least:  # the fillings give the last new bout what it lacks
        given = min(least - last, fill)
        fill, last = fill - given, last + given
    if last < min(SHORTEST, longest):
        last = 0
    for bout in bouts:
        by = min(fill, longest - _length(items, bout))
        items, fill = _stretched(items, bout[-1], by), fill - by
    return _with_new_bouts(items, [longest] * whole + [last] * (last > 0))


def _with_new_bouts(items: Items, lengths: Sequence[int]) -> Items:
    last = _bouts(items)[-1]
    first, end = items[last[0]], last[-1] + 1
    assert isinstance(first, Walk)
    again = replace(first, incline=_flat_of(first), say="")
    added = [item for s in lengths for item in (Rest(REST_BEFORE, name="Rest"), replace(again, seconds=s))]
    return [*items[:end], *added, *items[end:]]


def _flat_of(walk: Walk) -> Incline:
    return walk.incline.start if isinstance(walk.incline, InclineSteps) else walk.incline


def _longer(items: Items, seconds: int) -> Items:
    """The longest bout grows, piece by piece, by what the shortest other bout can give: the sum stays."""
    for _ in range(seconds // BOUT_PIECE):
        *others, longest = sorted(_bouts(items), key=lambda bout: _length(items, bout)) or [[]]
        donors = [bout for bout in others if _gives(items, bout)]
        if not donors:
            return items
        items = _stretched(_stretched(items, longest[-1], BOUT_PIECE), donors[0][-1], -BOUT_PIECE)
    return items


def _gives(items: Items, bout: Bout) -> bool:
    return _length(items, bout) - BOUT_PIECE >= SHORTEST and _seconds(items[bout[-1]]) > BOUT_PIECE


def _cut(items: Items, seconds: int) -> Items:
    """At most so many seconds backward. A bout that would be too short goes, with the rest before it."""
    over = _total(items) - seconds
    while over > 0:
        bouts = _bouts(items)
        last, only = bouts[-1], len(bouts) == 1
        place, length = last[-1], _length(items, last)
        keep = max(length - over, SHORTEST if only else 0)
        if len(last) > 1 and length - _seconds(items[place]) >= keep:
            over -= _seconds(items[place])
            items = [*items[:place], *items[place + 1 :]]
        elif keep >= SHORTEST or only:
            by = min(length - keep, _seconds(items[place]) - 1)
            return _stretched(items, place, -by) if by > 0 else items
        else:
            over -= length
            items = _without(items, last)
    return items


def _without(items: Items, bout: Bout) -> Items:
    """Without this bout, and without the rest on one side of it."""
    first, after = bout[0], bout[-1] + 1
    before = first - 1 if first > 0 and isinstance(items[first - 1], Rest) else first
    return [*items[:before], *items[after:]]


def _faster(item: Item, by: int) -> Item:
    """Backward walks so many 0.01 km/h faster, or slower but not below the lowest, never faster for being slow."""
    if not isinstance(item, Walk) or item.facing is not Facing.BACKWARD:
        return item
    slowest = min(item.speed, LOWEST)
    return replace(item, speed=Speed(max(slowest, item.speed + by)))


def _steeper(item: Item, by: int) -> Item:
    if not by or not isinstance(item, Walk) or item.facing is not Facing.BACKWARD:
        return item
    slope = item.incline
    if isinstance(slope, InclineSteps):
        start, end = Incline(slope.start + by), Incline(slope.end + by)
        return replace(item, incline=replace(slope, start=start, end=end))
    return replace(item, incline=Incline(slope + by))
