"""The colour of a walk: green goes on, amber repeats, red goes back, grey counts for nothing.

Grey is what link, machine or a slip of the hand ended: nobody is held back for that. A walk of which too little was
told is amber without blame: it does not move anything on, and three of them take nothing away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from treadctl.model.answers import MORNING_DAYS, Morning
from treadctl.model.outcome import BLAMELESS, DANGER, HEALTH, Outcome, Stop


class Colour(Enum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


WHOLE, MOST = 0.9, 0.7
"""Shares of the planned backward time: a whole walk, and most of one."""
EASY, HARD = 4, 7
"""Effort 0 to 10: up to 4 is easy, from 7 on it was too much. Asked of the whole walk only: the effort of the last bout
alone (up to 5) would be a fourth question, and a number of its own in `Answers`."""
SORE, HURT, ROSE = 3, 6, 2
"""Pain 0 to 10: from 3 on it is repeated, from 6 on or 2 more than before it goes back."""
SURE, UNSURE = 4, 3
"""Confidence 1 to 5. Below 3 is red: chosen, balance that is not trusted is no balance."""
MORNING = f"not told: the morning after (asked at the next opening, up to {MORNING_DAYS} days later, and then no more)"
EASED_AFTER = 10
"""Seconds above the heart-rate cap after which the belt was eased."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A colour and its reasons. `untold`: amber only because something was not answered."""

    colour: Colour
    because: tuple[str, ...] = ()
    untold: bool = False


def completion(outcome: Outcome) -> float:
    """The share of the planned backward time that was walked; of a program without any, whether it was ended early."""
    if outcome.planned.total:
        return min(1.0, outcome.done / outcome.planned.total)
    return 0.0 if outcome.stops else 1.0


def judge(outcome: Outcome) -> Judged:
    """The colour of one walk, the worst first. What is told of health outweighs that a link was lost."""
    if red := _red(outcome):
        return Judged(Colour.RED, red)
    if BLAMELESS & set(outcome.stops) and completion(outcome) < WHOLE:
        words = ", ".join(stop.value for stop in outcome.stops)
        return Judged(Colour.GREY, (f"ended by something else ({words})",))
    if amber := _amber(outcome):
        return Judged(Colour.AMBER, amber)
    if untold := _untold(outcome):
        return Judged(Colour.AMBER, untold, untold=True)
    return Judged(Colour.GREEN)


def _red(outcome: Outcome) -> tuple[str, ...]:
    told, stops = outcome.answers, set(outcome.stops)
    if stops & BLAMELESS:
        stops.discard(Stop.SAFETY)  # "Pull the key" is what treadctl says when it loses the link
    found = [stop.value for stop in outcome.stops if stop in DANGER & stops]
    if stops & HEALTH and not stops & BLAMELESS and completion(outcome) < MOST:
        found.append(f"{completion(outcome):.0%} of it walked")
    if told.pain_after is not None and told.pain_after >= HURT:
        found.append(f"pain {told.pain_after}")
    if None not in (told.pain_before, told.pain_after) and _rise(outcome) >= ROSE:
        found.append(f"pain {told.pain_before} before, {told.pain_after} after")
    if told.morning is Morning.WORSE:
        found.append("worse the next morning")
    if told.effort is not None and told.effort >= HARD:
        found.append(f"effort {told.effort}")
    if told.confidence is not None and told.confidence < UNSURE:
        found.append(f"confidence {told.confidence}")
    return tuple(dict.fromkeys(found))


def _rise(outcome: Outcome) -> int:
    return (outcome.answers.pain_after or 0) - (outcome.answers.pain_before or 0)


def _amber(outcome: Outcome) -> tuple[str, ...]:
    told, found = outcome.answers, []
    if completion(outcome) < WHOLE:
        found.append(f"{completion(outcome):.0%} of it walked")
    if Stop.HEART in outcome.stops or outcome.over_heart >= EASED_AFTER:
        found.append("eased by the heart rate")
    if Stop.PAIN in outcome.stops:
        found.append("stopped for pain")
    if told.effort is not None and told.effort > EASY:
        found.append(f"effort {told.effort}")
    if told.pain_after is not None and (told.pain_after >= SORE or _rise(outcome) > 0):
        found.append(f"pain {told.pain_after}")
    if told.confidence is not None and told.confidence < SURE:
        found.append(f"confidence {told.confidence}")
    return tuple(found)


def _untold(outcome: Outcome) -> tuple[str, ...]:
    """What was not told, and when it is asked: all but the morning with the walk itself, and then never again."""
    told = outcome.answers
    asked = (
        ("effort", told.effort), ("pain before", told.pain_before), ("pain after", told.pain_after),
        ("confidence", told.confidence),
    )  # fmt: skip
    missing = [name for name, value in asked if value is None]
    found = [f"not told: {', '.join(missing)} (asked only when you walk)"] if missing else []
    return (*found, *([MORNING] if told.morning is None else []))
