"""What is known of a person's walks at one moment, and the words for it: shared by the pages and the plain lines.

Pure, and quick to load: no files are read here, and no profiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from treadctl.model.answers import Morning
from treadctl.model.api import Question, Summary
from treadctl.model.outcome import dose_of
from treadctl.model.person import Person
from treadctl.model.plan import Book, Plan
from treadctl.model.program import expand
from treadctl.model.text import safe_text
from treadctl.plans.colour import Colour, judge
from treadctl.plans.levels import LevelUp
from treadctl.plans.standing import Read
from treadctl.plans.today import Offer, Programs, Today, Wait, today

AHEAD = 4
"""So many waits in a row are looked past; chosen: rest, and then a week that is full."""
WEEK_DAYS = 6
"""Until a weekday could mean two days."""
NO_PLAN = "No plan is followed; p in the list of profiles shows them, and so does treadctl plan list."
MEANS = {
    Colour.GREEN: "", Colour.AMBER: " The same is walked again.", Colour.RED: " The next one is easier.",
    Colour.GREY: " It does not count; the rest of it may be walked within a day.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Followed:
    """The plan that is followed, and what it says today. `run` is what `treadctl run` is told to walk, or nothing."""

    plan: Plan
    today: Today
    programs: Programs
    run: str


@dataclass(frozen=True, slots=True)
class Known:
    """Everything at one moment. `notes` are sentences about what changed and what cannot be read."""

    person: Person
    book: Book
    reads: tuple[Read, ...]
    followed: Followed | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What is said at the end. `colour` is None without a plan; `sure` False: something is still to be told."""

    sentence: str
    verdict: str
    colour: Colour | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """A morning that is to be asked for."""

    session: str
    question: Question


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def session_of(summary: Summary) -> str:
    """The name of the walk's record, by which answers are kept."""
    return summary.file.removesuffix(".jsonl")


def asks(summary: Summary | None) -> bool:
    """Whether there is anything to ask: somebody walked, and it was recorded."""
    return summary is not None and summary.walked > 0 and bool(summary.file)


def missing(up: LevelUp | None) -> str:
    return "; ".join(up.missing) if up is not None else "no plan is followed"


# --- words after a walk --------------------------------------------------------------------------------------------


def course(reads: Sequence[Read]) -> str:
    """How it has gone so far, in figures."""
    walked = [one.walked.outcome for one in reads if one.walked.outcome.done]
    seconds = sum(one.done for one in walked)
    parts = ["1 walk" if len(walked) == 1 else f"{len(walked)} walks"]
    parts.append(f"{seconds // 60} min backward" if seconds >= 60 else f"{seconds} s backward")
    speeds = [f"{one.planned.speed / 100:.1f}" for one in walked if one.planned.speed]
    if speeds:
        parts.append(f"{_from_to(speeds)} km/h")
    pains = [str(one.answers.pain_before) for one in walked if one.answers.pain_before is not None]
    if any(pain != "0" for pain in pains):
        parts.append(f"pain before walking {_from_to(pains)}")
    return f"{', '.join(parts)}."


def sentence(found: Known, last: Read) -> str:
    """How it has gone, since the plan began where one is followed, and when the next walk comes after this one."""
    if found.followed is None:
        return course(found.reads)
    since = [one for one in found.reads if one.at >= found.book.begun]
    return f"{course(since or found.reads)} {next_words(found, found.followed, last)}"


def _from_to(values: Sequence[str]) -> str:
    """The first and the last."""
    return values[0] if values[0] == values[-1] else f"{values[0]} to {values[-1]}"


def verdict(one: Read) -> Words:
    """The colour of a walk on its evening; the morning after may still change it."""
    judged = one.judged
    outcome = one.walked.outcome
    slept = replace(outcome, answers=replace(outcome.answers, morning=Morning.SAME))
    if judged.untold and judge(slept).colour is Colour.GREEN:
        return Words("", "Green so far; how tomorrow morning is decides.", Colour.GREEN, sure=False)
    because = f": {', '.join(judged.because)}" if judged.because else ""
    text = f"{judged.colour.value.capitalize()}{because}.{MEANS[judged.colour]}"
    return Words("", text, judged.colour, sure=not judged.untold)


def next_words(found: Known, followed: Followed, last: Read) -> str:
    """When the next walk is due, and how it compares with this one."""
    said, at = followed.today.next, None
    for _ in range(AHEAD):
        if isinstance(said, Offer) or said.until is None:
            break
        at = said.until
        said = today(followed.plan, found.book, followed.programs, found.person, at).next
    if isinstance(said, Wait):
        return f"Next: {safe_text(said.reason, 200)}."
    when = "today" if at is None else _day_words(at, last.at)
    if at is None and not last.counted:
        return "Next: the rest of it, within a day."
    return f"Next: {when}, {_compared(said, last)}."


def _day_words(at: int, now: int) -> str:
    day = day_of(at)
    near = day - day_of(now) <= timedelta(days=WEEK_DAYS)
    return f"{day:%A}" if near else f"{day:%A} {day.isoformat()}"


def _compared(offer: Offer, last: Read) -> str:
    """The next walk against the last one."""
    if offer.program.name != last.walked.outcome.profile:
        return safe_text(offer.program.name)
    before, after = last.walked.outcome.planned, dose_of(expand(offer.program))
    if after == before:
        return "same again"
    raised = (
        after.total > before.total, after.bout > before.bout, after.speed > before.speed, after.incline > before.incline
    )
    return "a little more" if any(raised) else "a little less"
