"""A profile in a few words: what whoever is about to walk it should know first. Pure, and one wording for all.

The terminal app and the command line show these same sentences. Nothing is judged here that `limits` and `gates` do not
judge; texts of the profile's author are not among them and have to be made safe by whoever shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from .gates import gate_problems, gates_of
from .limits import Limit, Limits, check
from .person import Level, Person
from .program import (
    DeadMill,
    Facing,
    Gate,
    OffTreadmill,
    Problem,
    Program,
    Rest,
    Segment,
    Totals,
    Turn,
    Walk,
    expand,
    expected_ms,
    incline_of,
    size_problems,
    totals,
)
from .units import Incline, Speed, clock

BRIEFING = "This programme starts, stops and changes speed by itself."
"""Automatic programmes have hurt people who did not expect a change (safety rules, section 1, item 6)."""
ASK_THE_SENDER = "Ask whoever sent it; it may not be what they meant."
"""Of a file that was changed since it was shared."""
PUSHED = "No motor drives the belt in this one: you move it."
NO_BELT = "The belt never moves in this one."

Fingerprint = tuple[object, ...]


def briefing_of(segments: Sequence[Segment]) -> str:
    """The one sentence to be read before the first time."""
    if any(isinstance(segment, Walk) for segment in segments):
        return BRIEFING
    return PUSHED if any(isinstance(segment, DeadMill) for segment in segments) else NO_BELT


def speed_words(figures: Totals) -> str:
    """The fastest the belt will be, each way."""
    tops = ((Facing.BACKWARD, figures.top_backward), (Facing.FORWARD, figures.top_forward))
    told = ", ".join(f"{way.value} up to {top} km/h" for way, top in tops if top)
    return told or ("only your feet move the belt" if _pushing(figures) else "the belt never moves")


def backward_words(figures: Totals) -> str:
    """How long and how fast backward; where nobody walks so on the moving belt, how fast it will be at all. Pushing the
    belt is told in any case."""
    if figures.backward:
        told = f"{clock(figures.backward * 1000)} backward up to {figures.top_backward} km/h"
    else:
        told = speed_words(figures)
    return ", ".join([told, *_pushing(figures)])


def incline_words(figures: Totals) -> str:
    return f"up to {figures.top_incline} %" if figures.top_incline else "none"


def way_words(figures: Totals) -> str:
    """How long each way."""
    ways = ((figures.backward, Facing.BACKWARD), (figures.forward, Facing.FORWARD))
    told = [f"{clock(seconds * 1000)} {way.value}" for seconds, way in ways if seconds]
    return ", ".join([*told, *_pushing(figures)]) or "nothing on the moving belt"


def _pushing(figures: Totals) -> list[str]:
    """How long the feet push the belt, each way."""
    ways = ((figures.pushed_backward, Facing.BACKWARD), (figures.pushed_forward, Facing.FORWARD))
    return [f"{clock(seconds * 1000)} pushing the belt {way.value}" for seconds, way in ways if seconds]


def length_words(segments: Sequence[Segment]) -> str:
    """Walking time, rests and other times, and the whole time as it is expected with turns."""
    kinds = ((Walk, "walked"), (DeadMill, "pushed"), (Rest, "of rest"), (OffTreadmill, "beside the treadmill"))
    times = [(sum(s.seconds for s in segments if isinstance(s, kind)), words) for kind, words in kinds]
    told = [f"{clock(seconds * 1000)} {words}" for seconds, words in times if seconds]
    turns = sum(isinstance(segment, Turn) for segment in segments)
    return ", ".join([*told, f"about {clock(expected_ms(segments))} in all with {turn_arounds(turns)}"])


def turn_arounds(count: int) -> str:
    """So many of them in words."""
    return f"{count or 'no'} turn-around{'' if count == 1 else 's'}"


def dose_and_note(program: Program) -> str:
    """How often, and what to mind, in the author's words: one sentence or two, nothing where neither is said."""
    dose = program.dose[:1].upper() + program.dose[1:]
    return " ".join(f"{text.rstrip('.')}." for text in (dose, program.note) if text)


def gate_words(program: Program, opened: Collection[Gate]) -> str:
    """Each gate, and whether it is open. What a shut one needs, `gates.gate_problems` says."""
    gates = gates_of(program)
    return ", ".join(f"{gate.value} ({'open' if gate in opened else 'shut'})" for gate in gates) or "none"


def refusals(program: Program, person: Person, limits: Limits, opened: Collection[Gate]) -> list[str]:
    """Why this person may not walk this program, the first thing first; empty: they may, as far as is known here."""
    if person.refusal:
        return [person.refusal]
    found = size_problems(program) or [*gate_problems(program, opened), *check(expand(program), limits)]
    return [_with_line(problem) for problem in dict.fromkeys(found)]


def short_refusal(program: Program, level: Level, opened: Collection[Gate]) -> str:
    """The same in one or two words where it can be said so, else nothing: for a narrow column."""
    shut = [gate.value for gate in gates_of(program) if gate not in opened]
    return ", ".join(shut) or (f"level {program.level.value}" if program.level > level else "")


def _with_line(problem: Problem) -> str:
    """Of the whole program it is said without a line."""
    return f"line {problem.line} {problem.text}" if problem.line else problem.text


def reached(program: Program, limits: Limits) -> list[str]:
    """Each limit that the program comes up to, and by which rule it is one."""
    segments = expand(program)
    figures, slopes = totals(segments), _slopes(segments)
    found = [
        _reached("backward speed", figures.top_backward, limits.backward, lambda n: f"{Speed(n)} km/h"),
        _reached("forward speed", figures.top_forward, limits.forward, lambda n: f"{Speed(n)} km/h"),
        _reached("longest bout backward", figures.longest_backward, limits.bout, lambda n: clock(n * 1000)),
        _reached("backward in all", figures.backward, limits.session, lambda n: clock(n * 1000)),
        _reached("turn-arounds", figures.turns, limits.turns, str),
        *(
            _reached(f"incline {way.value}", slopes[way], limits.incline(way), lambda n: f"{Incline(n)} %")
            for way in Facing
        ),
    ]
    return [line for line in found if line]


def _slopes(segments: Sequence[Segment]) -> dict[Facing, int]:
    walks = [s for s in segments if isinstance(s, Walk)]
    return {way: max((incline_of(w) for w in walks if w.facing is way), default=0) for way in Facing}


def _reached(what: str, value: int, limit: Limit, shown: Callable[[int], str]) -> str:
    return f"{what} {shown(value)} is the most there is ({limit.reason})" if value and value >= limit.value else ""


def fingerprint(program: Program) -> Fingerprint:
    """What makes two programs the same walk: the name and what the body does, not what is said or where it stands."""
    return (program.name, *(_movement(segment) for segment in expand(program)))


def _movement(segment: Segment) -> tuple[object, ...]:
    match segment:
        case Walk():
            return (segment.facing, segment.seconds, segment.speed, segment.incline)
        case DeadMill():
            return ("dead mill", segment.facing, segment.seconds)
        case Turn():
            return ("turn", segment.to)
        case _:
            return (type(segment).__name__, segment.seconds)
