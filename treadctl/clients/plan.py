"""`treadctl plan …`: which plan is followed, what it offers today, and what was walked of it, in words or JSON.

It reads what was recorded and told, asks `treadctl.plans` what follows, and writes the book, the person's level and the
copy that may be walked today. It starts nothing: a walk is begun by `treadctl run`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from treadctl.files import answers, book
from treadctl.files.person import load_person
from treadctl.model.errors import ExitCode, Refused, UsageError
from treadctl.model.outcome import Stop, dose_of, week_begin, week_of
from treadctl.model.plain import dump
from treadctl.model.plan import Book
from treadctl.model.program import Program, expand
from treadctl.model.text import counted, safe_text
from treadctl.model.units import clock
from treadctl.paths import Paths
from treadctl.plans.book import as_told, with_word
from treadctl.plans.levels import LevelUp
from treadctl.plans.standing import Read, read
from treadctl.plans.today import Offer

from .after import ask_morning
from .known import Followed, Known, day_of, missing
from .planning import all_plans, known, raise_level, start, up_to_date
from .reading import in_units
from .settings import shown_units

# --- list and start ------------------------------------------------------------------------------------------------


def run_list(paths: Paths, *, as_json: bool) -> int:
    """Every plan, and what stands between this person and it."""
    units = shown_units()
    person, followed = load_person(paths.person), book.load_book(paths.state / book.NAME).plan
    plans = all_plans(person)
    if as_json:
        found = [{**dump(plan), "followed": plan.file == followed, "needs": needs} for plan, needs in plans]
        _print_json("treadctl.plan-list/1", plans=found)
        return int(ExitCode.OK)
    for plan, needs in plans:
        mark = "  (followed)" if plan.file == followed else ""
        print(f"{plan.file:14} {safe_text(plan.name)}, {len(plan.weeks)} weeks{mark}")
        print(in_units(f"{'':14} {safe_text(plan.summary, 300)}", units))
        if needs:
            print(in_units(f"{'':14} Not yet: {needs}.", units))
    return int(ExitCode.OK)


def run_start(paths: Paths, name: str, now: int) -> int:
    """Follow this plan from today on."""
    plan = start(paths, name, now)
    print(f"{safe_text(plan.name)}: {len(plan.weeks)} weeks, from today. See: treadctl plan today")
    return int(ExitCode.OK)


# --- today ---------------------------------------------------------------------------------------------------------


def run_today(paths: Paths, now: int, *, level_up: bool, as_json: bool) -> int:
    """What the plan offers now; the copy to walk is written where it differs from the profile."""
    if not as_json:
        ask_morning(paths, now)
    found = known(paths, now)
    if level_up and found.followed is not None:
        found = raise_level(paths, found, now)
    followed = found.followed
    if followed is None:
        raise Refused("No plan is followed yet; choose one: treadctl plan list, then treadctl plan start NAME.")
    if as_json:
        _print_json("treadctl.plan-today/1", **_today_json(found, followed))
    else:
        units = shown_units()
        for line in _today_lines(found, followed):
            print(in_units(line, units))
    return int(ExitCode.OK)


def _today_lines(found: Known, followed: Followed) -> Iterator[str]:
    for note in found.notes:
        yield safe_text(note, 400)
    plan, said = followed.plan, followed.today
    done = counted(said.place.walks, "walk")
    yield f"{safe_text(plan.name)}, week {said.place.week + 1} of {len(plan.weeks)}, {done} done."
    if isinstance(said.next, Offer):
        yield from _offer_lines(said.next, followed.run)
    else:
        until = "" if said.next.until is None else f"; from {_moment(said.next.until)}"
        yield f"No walk now: {said.next.reason}{until}."
    left = max(0, said.standing.week_cap - said.standing.week_done)
    yield f"This week: {clock(said.standing.week_done * 1000)} backward, {clock(left * 1000)} more at most."
    yield _level_words(said.up)


def _offer_lines(offer: Offer, run: str) -> Iterator[str]:
    yield f"Today: {safe_text(offer.program.name)} ({_figures(offer.program)})."
    for text in (*offer.changes, *offer.notes):
        yield f"  {safe_text(text, 400)}"
    yield f"  Walk it with: treadctl run {safe_text(run, 400)}"


def _figures(program: Program) -> str:
    asked = dose_of(expand(program))
    return f"{clock(asked.total * 1000)} backward, up to {asked.speed} km/h"


def _level_words(up: LevelUp) -> str:
    if up.level is None:
        return f"Level: {missing(up)}."
    if up.offered:
        return f"Level {up.level.value} is open to you. Nobody has to: treadctl plan today --level-up takes it."
    return f"For level {up.level.value}: {missing(up)}."


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%A %Y-%m-%d %H:%M")


def _today_json(found: Known, followed: Followed) -> dict[str, object]:
    said = followed.today
    offer = said.next if isinstance(said.next, Offer) else None
    return {
        "plan": followed.plan.file, "week": said.place.week + 1, "walks": said.place.walks, "notes": [*found.notes],
        "run": followed.run or None,
        "offer": None if offer is None else dump(offer),
        "wait": None if offer is not None else dump(said.next),
        "level": said.standing.level.value, "level_up": dump(said.up),
        "week_done_s": said.standing.week_done, "week_cap_s": said.standing.week_cap,
    }  # fmt: skip


# --- history -------------------------------------------------------------------------------------------------------


def run_history(paths: Paths, now: int, *, because: str | None, as_json: bool) -> int:
    """Every walk with its colour and why, week by week."""
    person = load_person(paths.person)
    found, notes = up_to_date(paths, person, now)
    if because is not None:
        found = _corrected(paths, found, Stop(because))
    reads = read(found.walked)
    if as_json:
        _print_json("treadctl.plan-history/1", walks=[_read_json(one) for one in reads], notes=notes)
        return int(ExitCode.OK)
    for note in notes:
        print(safe_text(note, 400))
    _print_history(reads)
    return int(ExitCode.OK)


def _read_json(one: Read) -> dict[str, object]:
    return {**dump(one.walked.outcome), "colour": one.colour.value, "because": list(one.judged.because)}


def _corrected(paths: Paths, found: Book, stop: Stop) -> Book:
    """With the walker's word on the newest walk."""
    if not found.walked:
        raise UsageError("No walk is recorded yet; treadctl plan today says what to walk.")
    session = found.walked[-1].outcome.session
    book.update_book(paths.state / book.NAME, lambda old: with_word(old, session, stop))
    return as_told(with_word(found, session, stop), answers.load_answers(paths.data / answers.NAME))


def _print_history(reads: list[Read]) -> None:
    if not reads:
        print("No walk is recorded yet.")
    week = None
    for one in reads:
        outcome = one.walked.outcome
        if week != week_of(outcome.at):
            week = week_of(outcome.at)
            same = [other.walked.outcome.done for other in reads if week_of(other.at) == week]
            walks = counted(len(same), "walk")
            print(f"Week of {day_of(week_begin(week))}: {walks}, {clock(sum(same) * 1000)} backward")
        why = f"  {', '.join(one.judged.because)}" if one.judged.because else ""
        done = f"{clock(outcome.done * 1000):>5} of {clock(outcome.planned.total * 1000):>5}"
        print(f"  {day_of(outcome.at)}  {one.colour.value:5}  {done}  {safe_text(outcome.profile)}{why}")


def _print_json(schema: str, **fields: object) -> None:
    print(json.dumps({"schema": schema, **fields}, ensure_ascii=False))
