"""What must hold in every life, worked out from the walks and the numbers of the safety rules a second time.

A rule yields one sentence for each time it is broken, and counts how often it was looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from tests.plans.life import EPOCH, Life, Step
from treadctl.model.outcome import DAY, HOUR, Dose, Stop
from treadctl.model.person import Person
from treadctl.plans.colour import Colour, judge
from treadctl.plans.editing import dose
from treadctl.plans.standing import Read, read, stand
from treadctl.plans.today import Offer

SPEED = (120, 180, 250, 320, 400)
BOUT = (60, 120, 300, 600, 900)
TOTAL = (240, 480, 900, 1440, 1800)
INCLINE = (0, 0, 30, 60, 100)
HOURS_OF_REST = (48, 48, 48, 24, 24)
LONGEST_WAIT = 14
"""Days on which a walker comes and is offered nothing, fall and its lock aside."""

Rule = Callable[[Life, Counter[str]], Iterator[str]]


def iso_week(at: int) -> tuple[int, int]:
    year, week, _ = (EPOCH + timedelta(seconds=at)).isocalendar()
    return year, week


def weeks_before(at: int) -> list[tuple[int, int]]:
    return [iso_week(at - n * 7 * DAY) for n in (1, 2, 3)]


def no_week_above_the_weekly_cap(life: Life, looked: Counter[str]) -> Iterator[str]:
    sums: Counter[tuple[int, int]] = Counter()
    for step in life.steps:
        outcome = step.walked.outcome
        best = max(sums[week] for week in weeks_before(outcome.at))
        cap = max(best * 1.1, best + 180) if best else 2 * TOTAL[step.person.level]
        week = iso_week(outcome.at)
        sums[week] += outcome.done
        looked["weeks"] += 1
        if sums[week] > cap:
            yield f"{sums[week]} s in {week}, and the cap is {cap}"


def rest_between_walks(life: Life, looked: Counter[str]) -> Iterator[str]:
    """A walk of parts begins with its first; after less than half a walk that was interrupted, none is needed."""
    for number, step in enumerate(life.steps):
        at, hours = step.walked.outcome.at, HOURS_OF_REST[step.person.level]
        looked["rests"] += 1
        if is_rest(step) or not number or at - life.steps[number - 1].walked.outcome.at > max(HOURS_OF_REST) * HOUR:
            continue
        past = read(life.book.walked[:number])
        began = max((one.at for one in past if one.counted or _half_walked(one)), default=0)
        if at - began < hours * HOUR:
            yield f"{(at - began) / HOUR} hours of rest at level {step.person.level}"


def _half_walked(one: Read) -> bool:
    outcome = one.walked.outcome
    return not outcome.planned.total or outcome.done >= outcome.planned.total / 2


def is_rest(step: Step) -> bool:
    return any(text.startswith("The rest of the walk") for text in step.offer.changes)


def five_walks_a_week(life: Life, looked: Counter[str]) -> Iterator[str]:
    counted = Counter(iso_week(one.at) for one in read(life.book.walked) if one.counted)
    looked["weeks with walks"] += len(counted)
    yield from (f"{count} walks in {week}" for week, count in counted.items() if count > 5)


def nothing_above_the_caps(life: Life, looked: Counter[str]) -> Iterator[str]:
    for step in life.steps:
        asked, level = dose(step.offer.program), step.person.level
        top = min(SPEED[level], 200 if step.person.careful else 500, _half(step.person))
        looked["doses"] += 1
        too_much = (
            asked.total > TOTAL[level], asked.bout > BOUT[level], asked.speed > top, asked.incline > INCLINE[level],
            step.person.careful and level > 2,
        )  # fmt: skip
        if any(too_much):
            yield f"{asked} at level {level}"


def _half(person: Person) -> int:
    return 500 if person.comfortable_forward is None else person.comfortable_forward // 2


def one_thing_at_a_time(life: Life, looked: Counter[str]) -> Iterator[str]:
    """And only after two whole green walks of it, a day apart."""
    last: dict[str, Dose] = {}
    reads = {one.walked.outcome.at: one for one in read(life.book.walked)}
    for step in life.steps:
        asked, name, at = dose(step.offer.program), step.walked.outcome.profile, step.walked.outcome.at
        if not step.offer.full or is_rest(step):
            continue
        before, last[name] = last.get(name), asked
        if before is None or before == asked:
            continue
        looked["steps"] += 1
        yield from raised(before, asked, practised=step.person.level >= 2 and not step.person.careful)
        if rises(before, asked) and not _two_greens(name, at, list(reads.values())):
            yield f"{before} to {asked} without two greens"


def rises(before: Dose, after: Dose) -> list[str]:
    names = ("total", "bout", "speed", "incline")
    return [name for name in names if getattr(after, name) > getattr(before, name)]


def raised(before: Dose, after: Dose, *, practised: bool) -> Iterator[str]:
    """What is wrong with this rise."""
    found = rises(before, after)
    steepest = max(60, before.total // 10)
    if len(found) > 1:
        yield f"{' and '.join(found)} at once: {before} to {after}"
    if after.total - before.total > steepest or after.bout - before.bout > 60:
        yield f"too much at once: {before} to {after}"
    if after.speed - before.speed > (20 if practised else 10) or after.incline - before.incline > 10:
        yield f"too much at once: {before} to {after}"
    if "incline" in found and not before.incline and before.speed - after.speed not in (0, 30):
        yield f"the first hill: {before} to {after}"


def _two_greens(name: str, at: int, reads: list[Read]) -> bool:
    """The last walks before: two whole greens of this profile, a day apart, and nothing but green since the first."""
    past = [one for one in reads if one.at < at and one.counted]
    own = [one for one in past if one.walked.outcome.profile == name and one.walked.full][-2:]
    if len(own) < 2 or own[1].at - own[0].at < DAY:
        return False
    return all(one.colour is Colour.GREEN for one in past if one.at >= own[0].at)


def levels_by_the_rules(life: Life, looked: Counter[str]) -> Iterator[str]:
    since = life.looks[0][0] - 7 * DAY
    for at, before, after, offered in life.levels:
        past = [one for one in read([w for w in life.book.walked if w.outcome.at < at]) if one.counted]
        looked["levels"] += 1
        if offered is None:
            yield from _down(past, life, at, before, after)
        else:
            yield from _up([one for one in past if one.at >= since], at, since, before)
            if after != before + 1 or (life.person.careful and after > 2):
                yield f"from level {before} to {after}"
        since = at if offered is not None else max((o.at for o in past), default=at)


def _up(here: list[Read], at: int, since: int, level: int) -> Iterator[str]:
    greens = [one.colour for one in here[-4:]].count(Colour.GREEN)
    most = max((one.walked.outcome.planned.total for one in here), default=0)
    if len(here) < 5 or greens < 3 or most < 0.75 * TOTAL[level]:
        yield f"level {level + 1} after {len(here)} walks, {greens} greens, {most} s"
    if level >= 1 and at - since < 14 * DAY:
        yield f"level {level + 1} after {(at - since) // DAY} days"


def _down(past: list[Read], life: Life, at: int, before: int, after: int) -> Iterator[str]:
    reds = [one.at for one in past if one.colour is Colour.RED]
    twice = len(reds) > 1 and reds[-1] - reds[-2] <= 14 * DAY
    times = [step.walked.outcome.at for step in life.steps if step.walked.outcome.done]
    gaps = [b - a for a, b in pairwise([*(t for t in times if t < at), at])]
    if after != before - 1 or not (twice or max(gaps[-2:], default=0) >= 28 * DAY):
        yield f"from level {before} to {after} for no reason"


def nobody_is_held_back_for_a_lost_link(life: Life, looked: Counter[str]) -> Iterator[str]:
    """What holds after a grey walk is what would hold if nobody had begun it."""
    for step, following in pairwise(life.steps):
        outcome = step.walked.outcome
        if judge(outcome).colour is not Colour.GREY or is_rest(following):
            continue
        now = following.walked.outcome.at
        with_it = replace(life.book, walked=tuple(w for w in life.book.walked if w.outcome.at < now))
        without = replace(with_it, walked=tuple(w for w in with_it.walked if w.outcome.at != outcome.at))
        one, other = (stand(book, step.person.level, now) for book in (with_it, without))
        looked["lost walks"] += 1
        if one.level < other.level or (one.ease and not other.ease) or one.hold_until > other.hold_until:
            yield f"after {outcome.stops}: {one.level} {one.ease} {one.hold_until}"


def nobody_is_stuck(life: Life, looked: Counter[str]) -> Iterator[str]:
    waited: int | None = None
    for now, said in life.looks:
        if isinstance(said.next, Offer):
            waited = None
            continue
        waited = now if waited is None else waited
        looked["waits"] += 1
        fell = any(Stop.FALL in one.walked.outcome.stops for one in said.standing.reads[-1:])
        if now - waited > LONGEST_WAIT * DAY and not fell:
            yield f"nothing since {datetime.fromtimestamp(waited)}: {said.next.reason}"


RULES: tuple[Rule, ...] = (
    no_week_above_the_weekly_cap, rest_between_walks, five_walks_a_week, nothing_above_the_caps, one_thing_at_a_time,
    levels_by_the_rules, nobody_is_held_back_for_a_lost_link, nobody_is_stuck,
)  # fmt: skip


