"""A program: the plan of one walk in memory, and the arithmetic about it.

A profile file becomes a `Program` (repeats unexpanded, a source line per segment). `expand` turns it into the flat list
the engine walks, inserting a `Turn` wherever the facing changes: nobody writes turn-arounds by hand. Sizes are counted
before anything is expanded, so a file of nested repeats costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from .person import Level
from .units import Incline, Ms, Speed

FLAT = Incline(0)
MAX_SEGMENTS = 1000
MAX_SECONDS = 4 * 3600
MAX_DEPTH = 4


class Facing(Enum):
    """The way the *person* faces, never the belt. FORWARD is facing the console. Unknown is None."""

    __hash__ = object.__hash__
    """Members are looked up many times in every step; Enum would hash their names anew each time."""

    FORWARD = "forward"
    BACKWARD = "backward"

    @property
    def other(self) -> Facing:
        return Facing.BACKWARD if self is Facing.FORWARD else Facing.FORWARD


class Gate(Enum):
    """Something that has to be so before a program may be walked. Every gate is shut until a person has opened it."""

    SPOTTER = "spotter"
    CLINICIAN = "clinician"
    INCLINE = "incline"
    DEAD_MILL = "dead-mill"
    HANDS_FREE = "hands-free"


@dataclass(frozen=True, slots=True)
class InclineSteps:
    """Incline from `start` to `end` in equal `step`s (0.1 %), one every `every` seconds."""

    start: Incline
    end: Incline
    step: int
    every: int

    def __post_init__(self) -> None:
        _at_least_one("an incline step", self.step)
        _at_least_one("the time between incline steps", self.every)

    def at(self, second: int) -> Incline:
        done = self.step * (second // self.every)
        span = self.end - self.start
        return Incline(self.start + min(done, span) if span >= 0 else self.start - min(done, -span))

    def changes(self, seconds: int) -> list[int]:
        """The seconds at which the incline changes within a segment of this length, 0 first."""
        steps = -(-abs(self.end - self.start) // self.step)
        return [n * self.every for n in range(steps + 1) if n * self.every < seconds]


@dataclass(frozen=True, slots=True)
class Walk:
    """Walk on the moving belt for `seconds`, counted from the first motion."""

    facing: Facing
    seconds: int
    speed: Speed
    incline: Incline | InclineSteps = FLAT
    name: str = ""
    say: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        _at_least_one("the length in seconds", self.seconds)


@dataclass(frozen=True, slots=True)
class Rest:
    """Stand on the side rails, belt stopped. The next start needs its own confirm."""

    seconds: int
    name: str = ""
    say: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        _at_least_one("the length in seconds", self.seconds)


@dataclass(frozen=True, slots=True)
class DeadMill:
    """Push the switched-off belt. Only at the end of a program; recorded as self-powered, not measured."""

    facing: Facing
    seconds: int
    name: str = ""
    say: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        _at_least_one("the length in seconds", self.seconds)


@dataclass(frozen=True, slots=True)
class OffTreadmill:
    """Something done beside the treadmill, the belt locked."""

    seconds: int
    name: str = ""
    say: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        _at_least_one("the length in seconds", self.seconds)


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn-around before a walk that faces the other way. Inserted by `expand`, never written in a file."""

    to: Facing
    line: int = 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """The inner segments, `times` times over."""

    times: int
    segments: tuple[Item, ...]
    line: int = 0

    def __post_init__(self) -> None:
        _at_least_one("the number of repeats", self.times)
        _at_least_one("the number of segments to repeat", len(self.segments))


Item = Walk | Rest | DeadMill | OffTreadmill | Repeat
Segment = Walk | Rest | DeadMill | OffTreadmill | Turn


@dataclass(frozen=True, slots=True)
class Program:
    """A profile in memory, unexpanded. `source` is the file it came from, for messages.

    `dose` and `note` are the author's words about how often, and what to mind. `gates` are those that the author names;
    `model.gates.gates_of` adds what the segments themselves need.
    """

    name: str
    segments: tuple[Item, ...]
    level: Level = Level.L0
    summary: str = ""
    author: str = ""
    license: str = ""
    basis: str = ""
    source: str = ""
    dose: str = ""
    note: str = ""
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a program: the source line (0: the whole file) and one sentence."""

    line: int
    text: str


def _at_least_one(what: str, number: int) -> None:
    """A program can come from the socket too: with negative times it could hide from every limit, with 0 hang."""
    if number < 1:
        raise ValueError(f"{what} has to be 1 or more, not {number}")


def size(items: Sequence[Item], depth: int = 0) -> tuple[int, int, int]:
    """Expanded segments, seconds and repeat depth, by arithmetic alone. Never expands; saturates nothing."""
    count = seconds = 0
    deepest = depth
    for item in items:
        if isinstance(item, Repeat):
            inner_count, inner_seconds, inner_depth = size(item.segments, depth + 1)
            count += item.times * inner_count
            seconds += item.times * inner_seconds
            deepest = max(deepest, inner_depth)
        else:
            count += _pieces(item)
            seconds += item.seconds
    return count, seconds, deepest


def _pieces(item: Walk | Rest | DeadMill | OffTreadmill) -> int:
    if isinstance(item, Walk) and isinstance(item.incline, InclineSteps):
        steps = -(-abs(item.incline.end - item.incline.start) // item.incline.step)
        return min(steps + 1, -(-item.seconds // item.incline.every))
    return 1


def size_problems(program: Program) -> list[Problem]:
    """What makes this program too large to expand: nothing else may be asked of it before this list is empty."""
    count, seconds, depth = size(program.segments)
    line = _first_repeat_line(program.segments)
    found = []
    if depth > MAX_DEPTH:
        deep = f"repeats are nested {depth} deep; at most {MAX_DEPTH} are allowed"
        found.append(Problem(_too_deep_line(program.segments), deep))
    if count > MAX_SEGMENTS:
        many = f"it unrolls to {count} segments; at most {MAX_SEGMENTS} are allowed, so repeat less often"
        found.append(Problem(line, many))
    if seconds > MAX_SECONDS:
        long = f"it lasts {-(-seconds // 60)} minutes; at most {MAX_SECONDS // 60} are allowed, so shorten it"
        found.append(Problem(line, long))
    if count == 0:
        example = "{walk: forward, for: 3min, speed: 2.5 km/h}"
        found.append(Problem(0, f"it has no segment; write at least one, such as {example}"))
    return found


def _first_repeat_line(items: Sequence[Item]) -> int:
    return next((item.line for item in items if isinstance(item, Repeat)), 0)


def _too_deep_line(items: Sequence[Item], depth: int = 1) -> int:
    """The line of the first repeat that is nested deeper than allowed, or 0."""
    repeats = [item for item in items if isinstance(item, Repeat)]
    if depth > MAX_DEPTH and repeats:
        return repeats[0].line
    return next((line for item in repeats if (line := _too_deep_line(item.segments, depth + 1))), 0)


def expand(program: Program) -> tuple[Segment, ...]:
    """The flat list of segments with turns inserted. Call only when `size_problems` is empty (asserted)."""
    assert not size_problems(program)
    flat: list[Segment] = []
    facing: Facing | None = None
    for item in unrolled(program.segments):
        if isinstance(item, Walk):
            if facing is not None and facing is not item.facing:
                flat.append(Turn(item.facing, item.line))
            facing = item.facing
        flat.extend(_stepped(item) if isinstance(item, Walk) else [item])
    return tuple(flat)


def unrolled(items: Sequence[Item]) -> Iterator[Walk | Rest | DeadMill | OffTreadmill]:
    """Every repeat written out."""
    for item in items:
        if isinstance(item, Repeat):
            for _ in range(item.times):
                yield from unrolled(item.segments)
        else:
            yield item


def _stepped(walk: Walk) -> list[Walk]:
    """A walk with incline steps as one walk per incline; the text is said once, at its begin."""
    steps = walk.incline
    if not isinstance(steps, InclineSteps):
        return [walk]
    begins = steps.changes(walk.seconds)
    ends = [*begins[1:], walk.seconds]
    return [
        replace(walk, seconds=end - begin, incline=steps.at(begin), say="" if begin else walk.say)
        for begin, end in zip(begins, ends, strict=True)
    ]


def incline_of(walk: Walk) -> Incline:
    """The incline of an expanded walk."""
    assert isinstance(walk.incline, Incline)
    return walk.incline


def bouts(segments: Sequence[Segment]) -> Iterator[list[Walk]]:
    """Runs of walking with no standstill between: a turn, a rest or anything else ends a bout."""
    bout: list[Walk] = []
    for segment in segments:
        if isinstance(segment, Walk):
            bout.append(segment)
        elif bout:
            yield bout
            bout = []
    if bout:
        yield bout


@dataclass(frozen=True, slots=True)
class Totals:
    """A program in figures. Times in seconds; `backward` and `forward` are walking time on the moving belt, turns not
    counted; `pushed_forward` and `pushed_backward` are the times on a belt that the feet push."""

    seconds: int
    forward: int
    backward: int
    longest_backward: int
    turns: int
    top_forward: Speed
    top_backward: Speed
    top_incline: Incline
    pushed_forward: int
    pushed_backward: int


def totals(segments: Sequence[Segment]) -> Totals:
    """The figures of an expanded program."""
    walks = [s for s in segments if isinstance(s, Walk)]
    ways = {way: [w for w in walks if w.facing is way] for way in Facing}
    backward_bouts = [sum(w.seconds for w in bout) for bout in bouts(segments) if bout[0].facing is Facing.BACKWARD]
    return Totals(
        seconds=sum(s.seconds for s in segments if not isinstance(s, Turn)),
        forward=sum(w.seconds for w in ways[Facing.FORWARD]),
        backward=sum(w.seconds for w in ways[Facing.BACKWARD]),
        longest_backward=max(backward_bouts, default=0),
        turns=sum(isinstance(s, Turn) for s in segments),
        top_forward=max((w.speed for w in ways[Facing.FORWARD]), default=Speed(0)),
        top_backward=max((w.speed for w in ways[Facing.BACKWARD]), default=Speed(0)),
        top_incline=max((incline_of(w) for w in walks), default=Incline(0)),
        pushed_forward=_pushed(segments, Facing.FORWARD),
        pushed_backward=_pushed(segments, Facing.BACKWARD),
    )


def _pushed(segments: Sequence[Segment], way: Facing) -> int:
    return sum(s.seconds for s in segments if isinstance(s, DeadMill) and s.facing is way)


TURN_NOMINAL: Ms = 45_000
"""Chosen: off the belt, round, and a confirm take about so long. Only what is told beforehand rests on it."""


def expected_ms(segments: Sequence[Segment]) -> Ms:
    """Walking time plus nominal turning time."""
    figures = totals(segments)
    return figures.seconds * 1000 + figures.turns * TURN_NOMINAL
