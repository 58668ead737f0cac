"""Walks week by week: how much backward, how fast while it was easy, what hurt, what the heart did. Pure.

A week without a walk is there too, so that a gap is seen. Colours are words that somebody else has found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treadctl.model.answers import UNASKED, Answers
from treadctl.model.outcome import week_begin, week_of
from treadctl.model.units import Ms, Speed

from .figures import Figures

EASY = 4
"""Effort up to which a speed counts as easy."""
MILESTONES = (1000.0, 2000.0, 5000.0, 10_000.0, 21_097.5, 42_195.0, 100_000.0, 200_000.0, 500_000.0, 1_000_000.0)
"""Metres backward in all. Chosen; the half and the whole marathon are among them: people walk those backward."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk as weeks see it. `at`: wall-clock seconds; `colour` is empty where none was found."""

    figures: Figures
    at: int
    answers: Answers = UNASKED
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """One calendar week. `begin`: its Monday, wall-clock seconds; None: not known. Means weigh each minute the same.

    `easy_speed`: the fastest backward speed of a walk with an effort up to EASY; `colours`: how many walks of each.
    """

    begin: int
    walks: int = 0
    backward: Ms = 0
    backward_m: float = 0.0
    bouts: int = 0
    easy_speed: Speed | None = None
    pain_before: float | None = None
    heart_forward: float | None = None
    heart_backward: float | None = None
    colours: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Milestone:
    """So many metres backward in all. `at`: the begin of the walk that reached it, wall-clock; None: not reached."""

    metres: float
    at: int | None


def weeks_of(walks: Sequence[Walk], now: int) -> tuple[Week, ...]:
    """Every week from the first walk to this moment (wall-clock seconds), or to the last walk."""
    if not walks:
        return ()
    by_week: dict[int, list[Walk]] = {}
    for one in walks:
        by_week.setdefault(week_of(one.at), []).append(one)
    last = max(week_of(now), *by_week)
    return tuple(_week(number, by_week.get(number, [])) for number in range(min(by_week), last + 1))


def _week(number: int, walks: Sequence[Walk]) -> Week:
    all_of = [one.figures for one in walks]
    easy = [
        one.figures.top_backward for one in walks
        if one.answers.effort is not None and one.answers.effort <= EASY and one.figures.top_backward
    ]  # fmt: skip
    pains = [one.answers.pain_before for one in walks if one.answers.pain_before is not None]
    colours = [one.colour for one in walks if one.colour]
    return Week(
        week_begin(number), len(walks), sum(one.backward for one in all_of),
        round(sum(one.backward_m for one in all_of), 1), sum(one.bouts for one in all_of), max(easy, default=None),
        round(sum(pains) / len(pains), 1) if pains else None,
        _weighed([(one.heart_forward, one.forward) for one in all_of]),
        _weighed([(one.heart_backward, one.backward) for one in all_of]),
        tuple((colour, colours.count(colour)) for colour in dict.fromkeys(colours)),
    )  # fmt: skip


def _weighed(means: Sequence[tuple[float | None, Ms]]) -> float | None:
    known = [(mean, ms) for mean, ms in means if mean is not None and ms]
    return round(sum(mean * ms for mean, ms in known) / sum(ms for _, ms in known), 1) if known else None


def milestones(walks: Sequence[Walk]) -> tuple[Milestone, ...]:
    """Those that were reached, in order, and the next one."""
    found: list[Milestone] = []
    metres = 0.0
    for one in sorted(walks, key=lambda walk: (walk.at, walk.figures.name)):
        metres += one.figures.backward_m
        while len(found) < len(MILESTONES) and metres >= MILESTONES[len(found)]:
            found.append(Milestone(MILESTONES[len(found)], one.at))
    following = MILESTONES[len(found) : len(found) + 1]
    return (*found, *(Milestone(metres, None) for metres in following))
