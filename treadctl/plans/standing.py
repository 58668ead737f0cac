"""Where a person stands: the past of a book, read by the rules, into what holds today.

Everything is counted anew from the walks each time, so that a morning told late changes what follows from it. Grey
walks count for the minutes of a week only; the rest of one, walked within a day, makes it whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from treadctl.model.limits import BACKWARD_SECONDS
from treadctl.model.outcome import DAY, WEEK, Stop, week_of
from treadctl.model.person import Level
from treadctl.model.plan import AS_WRITTEN, Book, Tuning, Walked

from .colour import WHOLE, Colour, Judged, completion, judge

REST_WITHIN = DAY
"""The rest of a grey walk may be walked for so long; later the whole walk is due again."""
GREENS = 2
APART = DAY
HOLD = WEEK
AMBERS_HOLD, AMBERS_BACK = 2, 3
REDS_WITHIN = 14 * DAY
GAP_SAME, GAP_LESS, GAP_LEVEL = 8 * DAY, 14 * DAY, 28 * DAY
"""After so long without a walk: the same again; a fifth less; a level less, and learning begins anew."""
FALL_REST = 7 * DAY
LEARNING = 5
"""So many walks backward are learning (about an hour of walking, which is what habituation takes)."""
GROWTH, SMALL = 1.1, 180
"""A week may be a tenth longer than the best of the last three, or 3 minutes where that is more."""
WEEKS_BACK = 3
FIRST_WEEK = 2
"""Where there is no week to compare with: so many whole sessions of the level. Chosen."""
LOADED = 0.5
"""From this share on a walk is followed by rest, whatever ended it."""


@dataclass(frozen=True, slots=True)
class Read:
    """One walk with its colour; of a walk in parts, all of it. `counted`: it was not grey."""

    walked: Walked
    judged: Judged
    at: int
    colour: Colour
    counted: bool


def read(walks: Sequence[Walked]) -> list[Read]:
    """The walks with their colours; the parts of one that something else interrupted are one."""
    found: list[Read] = []
    for one in walks:
        walked = _joined(found.pop().walked, one) if found and _continues(found[-1], one) else one
        found.append(_coloured(walked))
    return found


@lru_cache(maxsize=1024)  # a year and more of walks, which are all read again for every answer
def _coloured(walked: Walked) -> Read:
    judged = judge(walked.outcome)
    return Read(walked, judged, walked.outcome.at, judged.colour, judged.colour is not Colour.GREY)


def _continues(before: Read, walked: Walked) -> bool:
    first, then = before.walked.outcome, walked.outcome
    return not before.counted and then.profile == first.profile and then.at - first.at <= REST_WITHIN


def _joined(first: Walked, then: Walked) -> Walked:
    """One walk of two parts: what was told after the second counts, and why the first ended no longer does."""
    done = min(first.outcome.planned.total, first.outcome.done + then.outcome.done)
    over = first.outcome.over_heart + then.outcome.over_heart
    whole = replace(then.outcome, at=first.outcome.at, planned=first.outcome.planned, done=done, over_heart=over)
    return replace(first, outcome=whole)


@dataclass(slots=True)
class Course:
    """How far one profile was taken. `before`: the tunings it came by; `greens` in a row at this one."""

    tuning: Tuning = AS_WRITTEN
    before: list[Tuning] = field(default_factory=list)
    greens: int = 0
    green_at: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from the past at one moment. `level` is already lowered where the rules lower it, `why` says so.

    `learning`: walks until the learning ones are over. `hold_until`: nothing is raised before. `ease`: the next walk is
    an eased one, and why. `shorter`: it is shorter after a gap. `locked_until`: nothing before. Times are wall-clock
    seconds, sums backward seconds.
    """

    reads: tuple[Read, ...]
    level: Level
    level_since: int
    why: str
    courses: Mapping[str, Course]
    learning: int
    hold_until: int
    ease: str
    shorter: str
    locked_until: int
    week_done: int
    week_cap: int
    week_walks: int

    @property
    def last(self) -> Read | None:
        return self.reads[-1] if self.reads else None


def stand(book: Book, level: Level, now: int) -> Standing:
    """Where the person of this level stands at this moment."""
    reads = read(book.walked)
    counted = [one for one in reads if one.counted]
    demoted, why = _demotion(book.walked, counted, book.level_since, now)
    since = book.level_since
    courses, hold = _courses(counted)
    gap = max(0, now - max(_times(book.walked), default=now))
    if gap >= GAP_SAME:
        for course in courses.values():
            course.greens = 0
    lowered = Level(max(0, level - 1)) if demoted else level
    done, cap = week_sums(book.walked, lowered, now)
    return Standing(
        reads=tuple(reads), level=lowered, level_since=demoted or since, why=why, courses=courses,
        learning=max(0, LEARNING - _since_gap(counted, now)), hold_until=hold, ease=_ease(counted),
        shorter=f"{gap // DAY} days without a walk" if gap >= GAP_LESS else "",
        locked_until=max((one.at + FALL_REST for one in reads if Stop.FALL in one.walked.outcome.stops), default=0),
        week_done=done, week_cap=cap, week_walks=sum(week_of(one.at) == week_of(now) for one in counted),
    )  # fmt: skip


def _times(walks: Sequence[Walked]) -> list[int]:
    """When somebody walked: a walk that was over before its first backward step is none."""
    return [w.outcome.at for w in walks if w.outcome.done or not w.outcome.planned.total]


def _ease(counted: Sequence[Read]) -> str:
    """Why the next walk is easier: the last one was red."""
    if not counted or counted[-1].colour is not Colour.RED:
        return ""
    return f"the last walk was red ({', '.join(counted[-1].judged.because)})"


def _since_gap(counted: Sequence[Read], now: int) -> int:
    """Walks since the last gap after which everything is learnt anew."""
    times = [*(one.at for one in counted), now]
    fresh = [n for n in range(len(counted)) if times[n + 1] - times[n] >= GAP_LEVEL]
    return len(counted) - (fresh[-1] + 1 if fresh else 0)


def _demotion(walks: Sequence[Walked], counted: Sequence[Read], since: int, now: int) -> tuple[int, str]:
    """When and why the level was lost after it was reached, 0 and nothing where it was not.

    A level is lost once for one cause: what happened before `since` has been answered by it.
    """
    found = [(0, "")]
    times = [*_times(walks), now]
    for before, after in pairwise(times):
        if after - before >= GAP_LEVEL:
            found.append((before + GAP_LEVEL, f"{(after - before) // DAY} days without a walk"))
    reds = [one.at for one in counted if one.colour is Colour.RED]
    for first, second in pairwise(reds):
        if second - first <= REDS_WITHIN and first >= since:
            found.append((second, "two red walks within 14 days"))
    at, why = max(found)
    return (at, why) if at > since else (0, "")


def _courses(counted: Sequence[Read]) -> tuple[dict[str, Course], int]:
    """How far each profile was taken, and until when nothing is raised."""
    courses: dict[str, Course] = {}
    ambers = hold = before = 0
    for one in counted:
        name = one.walked.outcome.profile
        course = courses.setdefault(name, Course())
        if one.walked.full and one.walked.tuning != course.tuning:
            courses[name] = course = Course(one.walked.tuning, [*course.before, course.tuning])
        if before and one.at - before >= GAP_SAME:
            _forget_greens(courses.values())
        before = one.at
        if one.colour is Colour.GREEN:
            ambers = 0
            _green(course, one)
            continue
        _forget_greens(courses.values())
        ambers = ambers + 1 if one.colour is Colour.AMBER and not one.judged.untold else 0
        if ambers == AMBERS_HOLD:
            hold = one.at + HOLD
        if ambers == AMBERS_BACK:
            _back(course, one)
            ambers = 0
    return courses, hold


def _forget_greens(courses: Iterable[Course]) -> None:
    for course in courses:
        course.greens = 0


def _green(course: Course, one: Read) -> None:
    if one.walked.full and (not course.greens or one.at - course.green_at >= APART):
        course.greens, course.green_at = course.greens + 1, one.at


def _back(course: Course, one: Read) -> None:
    """One step back; where there is none to take back, a tenth of the time."""
    if course.before:
        course.tuning = course.before.pop()
    else:
        less = max(60, one.walked.outcome.planned.total // 10)
        course.tuning = replace(course.tuning, total=course.tuning.total - less)


def week_sums(walks: Sequence[Walked], level: Level, now: int) -> tuple[int, int]:
    """Seconds walked backward in this calendar week, and how many it may have."""
    week = week_of(now)
    sums = [0] * (WEEKS_BACK + 1)
    for walked in walks:
        ago = week - week_of(walked.outcome.at)
        if 0 <= ago <= WEEKS_BACK:
            sums[ago] += walked.outcome.done
    best = max(sums[1:])
    if not best:
        return sums[0], FIRST_WEEK * BACKWARD_SECONDS[level]
    return sums[0], max(int(best * GROWTH), best + SMALL)


def loads(one: Read) -> bool:
    """Whether rest follows this walk."""
    return one.counted or completion(one.walked.outcome) >= LOADED


def is_whole(one: Read) -> bool:
    return completion(one.walked.outcome) >= WHOLE
