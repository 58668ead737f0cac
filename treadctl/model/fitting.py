"""A program made smaller until limits allow it, as a list of edits that a person reads before anything is kept.

It only ever lowers, shortens and leaves out repeats: nothing here can make a program faster, steeper or longer. Where
that is not enough the program stays refused, and the person edits it. Limits are never changed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from .limits import Limit, Limits
from .program import (
    Facing,
    InclineSteps,
    Item,
    Program,
    Repeat,
    Walk,
    bouts,
    expand,
    size_problems,
    totals,
)
from .units import Incline, Speed, clock


@dataclass(slots=True)
class _Edits:
    """What was changed, each sentence once and in the order of the file."""

    lines: dict[tuple[int, str], None] = field(default_factory=dict)

    def add(self, line: int, text: str) -> None:
        self.lines[line, text] = None

    def sentences(self) -> tuple[str, ...]:
        return tuple(f"line {line}: {text}" if line else text for line, text in self.lines)


@lru_cache(maxsize=256)  # a plan fits the same profile to the same limits several times for one offer
def fitted(program: Program, limits: Limits) -> tuple[Program, tuple[str, ...]]:
    """The program within these limits as far as that goes, and every edit as a sentence. `size_problems` is empty."""
    assert not size_problems(program)
    edits = _Edits()
    items = tuple(_lowered(item, limits, edits) for item in program.segments)
    items = _shortened(replace(program, segments=items), limits, edits)
    items = _fewer(replace(program, segments=items), limits, edits)
    level = min(program.level, limits.level)
    if level != program.level:
        edits.add(0, f"level {program.level.value} becomes {level.value}")
    return replace(program, segments=items, level=level), edits.sentences()


def _lowered(item: Item, limits: Limits, edits: _Edits) -> Item:
    if isinstance(item, Repeat):
        return replace(item, segments=tuple(_lowered(inner, limits, edits) for inner in item.segments))
    if not isinstance(item, Walk):
        return item
    top, slope = limits.speed(item.facing), limits.incline(item.facing)
    if item.speed > top.value > 0:
        edits.add(item.line, f"{item.speed} km/h {item.facing.value} becomes {Speed(top.value)} ({top.reason})")
        item = replace(item, speed=Speed(top.value))
    return replace(item, incline=_flatter(item, slope, edits))


def _flatter(item: Walk, slope: Limit, edits: _Edits) -> Incline | InclineSteps:
    steps = item.incline
    start, end = (steps.start, steps.end) if isinstance(steps, InclineSteps) else (steps, steps)
    lower = [Incline(max(0, min(value, slope.value))) for value in (start, end)]
    if lower == [start, end]:
        return steps
    edits.add(item.line, f"the incline {max(start, end)} % becomes {max(lower)} % ({slope.reason})")
    if isinstance(steps, InclineSteps) and lower[0] != lower[1]:
        return replace(steps, start=lower[0], end=lower[1])
    return lower[1]


# --- bouts ---------------------------------------------------------------------------------------------------------


def _shortened(program: Program, limits: Limits, edits: _Edits) -> tuple[Item, ...]:
    """Every backward walk of a bout that is too long, shortened by the same share.

    Again while that changes anything: no walk becomes shorter than a second, so that others have to give more.
    """
    items, shorter = program.segments, _cut_once(program, limits)
    while shorter != items:
        items, shorter = shorter, _cut_once(replace(program, segments=shorter), limits)
    for before, after in zip(_leaves(program.segments), _leaves(items), strict=True):
        if isinstance(before, Walk) and isinstance(after, Walk) and before != after:
            times = f"{clock(before.seconds * 1000)} becomes {clock(after.seconds * 1000)}"
            edits.add(before.line, f"{times} ({limits.bout.reason})")
    return items


def _cut_once(program: Program, limits: Limits) -> tuple[Item, ...]:
    leaves = list(_leaves(program.segments))
    numbered = replace(program, segments=_numbered(program.segments, iter(range(len(leaves)))))
    longest: dict[int, int] = {}
    for bout in bouts(expand(numbered)):
        length = sum(walk.seconds for walk in bout)
        if bout[0].facing is Facing.BACKWARD and length > limits.bout.value:
            for walk in bout:
                longest[walk.line] = max(length, longest.get(walk.line, 0))
    return _cut(program.segments, iter(range(len(leaves))), longest, limits.bout.value)


def _leaves(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Repeat):
            yield from _leaves(item.segments)
        else:
            yield item


def _numbered(items: Sequence[Item], numbers: Iterator[int]) -> tuple[Item, ...]:
    """The items with the number of each segment in place of its line: what `expand` makes of them can be told apart."""
    return tuple(
        replace(item, segments=_numbered(item.segments, numbers))
        if isinstance(item, Repeat)
        else replace(item, line=next(numbers))
        for item in items
    )


def _cut(items: Sequence[Item], numbers: Iterator[int], longest: dict[int, int], cap: int) -> tuple[Item, ...]:
    found: list[Item] = []
    for item in items:
        if isinstance(item, Repeat):
            found.append(replace(item, segments=_cut(item.segments, numbers, longest, cap)))
            continue
        number = next(numbers)
        if isinstance(item, Walk) and number in longest:
            found.append(replace(item, seconds=max(1, item.seconds * cap // longest[number])))
        else:
            found.append(item)
    return tuple(found)


# --- the whole -----------------------------------------------------------------------------------------------------


def _fewer(program: Program, limits: Limits, edits: _Edits) -> tuple[Item, ...]:
    """One repeat less, and again, until the whole is within the caps or nothing is repeated any more."""
    before = [item.times for item in _repeats(program.segments)]
    while _too_much(program, limits):
        repeats = [item for item in _repeats(program.segments) if item.times > 1]
        if not repeats:
            break
        most = max(repeats, key=lambda item: item.times)
        program = replace(program, segments=_with_one_less(program.segments, most))
    for times, item in zip(before, _repeats(program.segments), strict=True):
        if times != item.times:
            edits.add(item.line, f"{times} repeats become {item.times} ({limits.session.reason})")
    return program.segments


def _too_much(program: Program, limits: Limits) -> bool:
    figures = totals(expand(program))
    return figures.backward > limits.session.value or figures.turns > limits.turns.value


def _repeats(items: Sequence[Item]) -> Iterator[Repeat]:
    for item in items:
        if isinstance(item, Repeat):
            yield item
            yield from _repeats(item.segments)


def _with_one_less(items: Sequence[Item], most: Repeat) -> tuple[Item, ...]:
    return tuple(
        item
        if not isinstance(item, Repeat)
        else replace(item, times=item.times - 1)
        if item is most
        else replace(item, segments=_with_one_less(item.segments, most))
        for item in items
    )
