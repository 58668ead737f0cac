"""`treadctl history stats`: the past week by week, and what comes next.

Weeks, milestones and colours come from the sessions themselves; the sentence and what the next level still needs from
the plan's own rules, which read all walks and may take a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from treadctl.files.store import shown_path
from treadctl.model.errors import ExitCode, TreadctlError
from treadctl.model.plain import dump
from treadctl.model.text import safe_text
from treadctl.model.units import clock
from treadctl.paths import Paths
from treadctl.plans.levels import level_up
from treadctl.plans.standing import stand
from treadctl.sessions.weeks import EASY, Milestone, Week

from .history import NONE_THEN, NONE_YET, print_json, tell_notes, told_how_far
from .known import sentence
from .past import find
from .past_words import Ahead, day, level_words, milestone_words, plan_words, sums_of
from .planning import known
from .reading import in_units
from .settings import shown_units

COLOURS = ("green", "amber", "red", "grey")


def ahead_of(paths: Paths, now: int) -> Ahead:
    """What the rules say now; a file that they cannot read is told in its own sentence."""
    try:
        found = known(paths, now)
    except TreadctlError as error:
        return Ahead(notes=(str(error).splitlines()[0],))
    except OSError as error:
        return Ahead(notes=(f"Your plan cannot be kept up ({error.strerror}); your walks are not touched by that.",))
    up = level_up(stand(found.book, found.person.level, now), found.person, now)
    here = shown_path(paths.sessions)  # of session files that cannot be read history tells itself
    notes = tuple(note for note in found.notes if not note.startswith(here))
    walks = frozenset(one.outcome.session for one in found.book.walked)
    return Ahead(sentence(found, found.reads[-1]) if found.reads else "", up, notes, walks)


def run_stats(paths: Paths, now: int, *, limit: int, since: int | None, until: int | None, as_json: bool) -> int:
    """The weeks, the milestones and what is ahead. Of some days only the weeks: the rest is about all walks."""
    found = find(paths, now, since=since, until=until, watch=told_how_far)
    sums, ahead = sums_of(found, now), ahead_of(paths, now)
    if since is not None or until is not None:
        sums, ahead = replace(sums, milestones=()), replace(ahead, sentence="")
    weeks = sums.weeks[-limit:] if limit else sums.weeks
    notes = (*sums.notes, *(note for note in ahead.notes if note not in found.notes))
    if as_json:
        print_json(
            "treadctl.history-stats/1", sentence=ahead.sentence, weeks=[plain_week(week) for week in weeks],
            milestones=[_plain_milestone(one) for one in sums.milestones], level_up=dump(ahead.up),
            notes=[*found.notes, *notes],
        )  # fmt: skip
        return int(ExitCode.OK)
    tell_notes(paths, found)
    lines = [safe_text(note, 500) for note in notes] + [*filter(None, [plan_words(ahead, found)])]
    lines += [*_table(weeks), *milestone_words(sums.milestones)] if weeks else []
    lines += [] if found.walks else [NONE_THEN if found.count else NONE_YET]
    lines += level_words(ahead.up)
    units = shown_units()
    for line in lines:
        print(in_units(line, units))
    return int(ExitCode.OK)


def plain_week(week: Week) -> dict[str, object]:
    return {**dump(week), "begin": day(week.begin), "colours": dict(week.colours)}


def _plain_milestone(one: Milestone) -> dict[str, object]:
    return {"metres": one.metres, "on": None if one.at is None else day(one.at)}


def _table(weeks: Sequence[Week]) -> list[str]:
    """One line a week."""
    head = (
        f"{'week of':10}  walks  backward  metres  bouts  at effort {EASY} or less  pain before  heart fwd / back"
        "  green amber red grey"
    )
    return [head, *(_row(week) for week in weeks)]


def _row(week: Week) -> str:
    counts = dict(week.colours)
    colours = " ".join(f"{counts.get(colour, 0):{len(colour)}}" for colour in COLOURS)
    speed = f"up to {week.easy_speed / 100:.1f} km/h" if week.easy_speed is not None else "–"
    pain = f"{week.pain_before:.1f}" if week.pain_before is not None else "–"
    hearts = " / ".join("–" if rate is None else f"{rate:.0f}" for rate in (week.heart_forward, week.heart_backward))
    return (
        f"{day(week.begin)}  {week.walks:5}  {clock(week.backward):>8}  {week.backward_m:6.0f}  {week.bouts:5}"
        f"  {speed:>19}  {pain:>11}  {hearts:>16}  {colours}"
    )
