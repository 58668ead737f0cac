"""What was walked, as history shows it: the figures of the sessions joined with what was told of them, and colours.

It reads, and lets the index be brought up to date; nothing else is written. Walks on a simulated treadmill are marked,
and counted only among the files of simulated treadmills, as in a plan. Quick to load: no profiles.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from treadctl.files import answers, book
from treadctl.files.answers import load_answers
from treadctl.files.book import load_told
from treadctl.files.sessions import writing_since
from treadctl.model.answers import Answers
from treadctl.model.errors import InvalidFile
from treadctl.model.outcome import Outcome
from treadctl.model.person import Level
from treadctl.model.plan import Book, Told, Walked
from treadctl.paths import Paths, is_simulated
from treadctl.plans.book import as_told
from treadctl.plans.colour import Judged, judge
from treadctl.sessions.clocks import NO_WEEK, odd_times
from treadctl.sessions.figures import Figures
from treadctl.sessions.index import NAME, Damaged, Index, Place, consult, unwatched
from treadctl.sessions.weeks import Walk

RECORDING = "One walk is being recorded just now; it stands here when it has ended."
UNTOLD = "What you told of your walks cannot be read, so their colours are missing: {}"
LEFT_OUT = "{} left out of the weeks ({})."


@dataclass(frozen=True, slots=True)
class Past:
    """One walk. `at`: when it began here, wall-clock seconds; None: nobody knows. `odd`: what is wrong with its time.

    `judged` is None where what was told cannot be read. `counted`: it is one of the walks that these files are for.
    """

    figures: Figures
    at: int | None
    answers: Answers
    judged: Judged | None
    odd: str
    counted: bool

    @property
    def colour(self) -> str:
        return "" if self.judged is None else self.judged.colour.value

    @property
    def walk(self) -> Walk | None:
        """For the weeks; None where it belongs to none."""
        if self.at is None or self.odd in NO_WEEK or not self.counted:
            return None
        return Walk(self.figures, self.at, self.answers, self.colour)


@dataclass(frozen=True, slots=True)
class Found:
    """Walks, the newest first, of so many that there are; files that cannot be read; and what there is to say."""

    walks: tuple[Past, ...]
    count: int
    damaged: tuple[Damaged, ...]
    notes: tuple[str, ...]


def place_of(paths: Paths) -> Place:
    """Where this person's sessions and their index are."""
    return Place(paths.sessions, paths.state / NAME, writing_since(paths.runtime))


def find(
    paths: Paths, now: int, *, limit: int = -1, since: int | None = None, until: int | None = None,
    watch: Callable[[int, int], None] = unwatched, anew: bool = False,
) -> Found:  # fmt: skip
    """The newest walks. Times are wall-clock seconds: `now`, and the first and the end of those that are wanted."""
    between = (None if since is None else utc_of(since), None if until is None else utc_of(until))

    def ask(index: Index) -> tuple[list[Figures], int, list[Damaged], int]:
        more = limit + 1 if limit >= 0 else -1  # what is odd about a time shows beside the one before it
        return index.newest(more, *between), index.count(), index.damaged(), index.recording

    (figures, count, damaged, recording), notes = consult(place_of(paths), ask, watch, anew=anew)
    odd = odd_times(figures, utc_of(now))
    shown = figures if limit < 0 else figures[:limit]
    walks, said = joined(paths, shown, odd)
    return Found(walks, count, tuple(damaged), (*notes, *said, *([RECORDING] if recording else [])))


def joined(paths: Paths, shown: Sequence[Figures], odd: dict[str, str]) -> tuple[tuple[Past, ...], tuple[str, ...]]:
    """These walks with what was told of them, and a sentence where that cannot be read."""
    simulated = is_simulated(paths.socket)
    times = [None if one.at is None else wall_of(one.at) for one in shown]
    said: tuple[str, ...] = ()
    judged: list[Outcome | None] = []
    try:
        told = load_answers(paths.data / answers.NAME, {one.name for one in shown})
        judged = [*_told(shown, times, told, load_told(paths.state / book.NAME))]
    except InvalidFile as error:
        judged, said = [None] * len(shown), (UNTOLD.format(error),)
    walks = (
        Past(one, at, _before(one) if outcome is None else outcome.answers, None if outcome is None else judge(outcome),
             odd.get(one.name, ""), one.simulated == simulated)
        for one, at, outcome in zip(shown, times, judged, strict=True)
    )  # fmt: skip
    return tuple(walks), said


def _told(
    shown: Sequence[Figures], times: Sequence[int | None], told: dict[str, Answers], words: tuple[Told, ...]
) -> list[Outcome]:
    """As outcomes, with the walker's words."""
    walked = tuple(Walked(outcome_of(one, at or 0)) for one, at in zip(shown, times, strict=True))
    return [one.outcome for one in as_told(Book(walked=walked, told=words), told).walked]


def outcome_of(one: Figures, at: int) -> Outcome:
    """As a plan sees it. The level then is not known, and no colour asks for it."""
    done = one.backward // 1000
    return Outcome(one.name, at, one.profile, Level.L0, one.planned, done, one.stops, one.over_heart, _before(one))


def _before(one: Figures) -> Answers:
    """What was told on the belt and before it."""
    return Answers(pain_before=_scale(one.pain_before), pain_after=_scale(one.pain))


def _scale(pain: int | None) -> int | None:
    return None if pain is None else max(0, min(10, pain))


def left_out(walks: Sequence[Past]) -> list[str]:
    """Sentences about the walks that belong to no week, by what is odd about them."""
    odd = [one.odd for one in walks if one.counted and one.walk is None]
    counts = {why: odd.count(why) for why in dict.fromkeys(odd)}
    return [LEFT_OUT.format("1 walk is" if n == 1 else f"{n} walks are", why) for why, n in counts.items()]


def wall_of(at: int) -> int:
    """UTC seconds as wall-clock seconds here (`model.outcome`)."""
    try:
        return calendar.timegm(datetime.fromtimestamp(at, UTC).astimezone().timetuple())
    except (ValueError, OverflowError, OSError):
        return at


def utc_of(wall: int) -> int:
    """Wall-clock seconds here as UTC seconds."""
    try:
        return int(datetime.fromtimestamp(wall, UTC).replace(tzinfo=None).astimezone().timestamp())
    except (ValueError, OverflowError, OSError):
        return wall
