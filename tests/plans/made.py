"""Walks for the tests of plans, made in a line each."""

from __future__ import annotations

from dataclasses import replace

from treadctl.model.answers import Answers, Morning
from treadctl.model.outcome import DAY, Dose, Outcome, Stop
from treadctl.model.person import Level
from treadctl.model.plan import AS_WRITTEN, Book, Tuning, Walked
from treadctl.model.units import Incline, Speed

MONDAY = 21_921 * DAY
"""2030-01-07, a Monday, at midnight."""
WELL = Answers(effort=3, pain_before=0, pain_after=0, confidence=5, morning=Morning.SAME)
HARD = replace(WELL, effort=6)
TOO_MUCH = replace(WELL, effort=8)
EVENING = 18 * 3600


def outcome(day: float = 0, total: int = 180, done: int | None = None, **more: object) -> Outcome:
    """A walk so many days after that Monday, in the evening; by default a whole one that went well."""
    planned = Dose(total, 60, Speed(100), Incline(0))
    at = MONDAY + int(day * DAY) + EVENING
    plain = Outcome(f"s{day}", at, "First steps", Level.L0, planned, total if done is None else done, answers=WELL)
    return replace(plain, **more)  # type: ignore[arg-type]


def stopped(why: Stop, day: float = 0, done: int = 90, total: int = 180, **more: object) -> Outcome:
    return replace(outcome(day, total, done, stops=(why,)), **more)  # type: ignore[arg-type]


def book(*walks: Outcome, tuning: Tuning = AS_WRITTEN, level: Level = Level.L0, since: float = -30) -> Book:
    walked = tuple(Walked(one, tuning, full=True) for one in walks)
    return Book("starter", MONDAY, level, MONDAY + int(since * DAY), walked)


def at(day: float) -> int:
    return MONDAY + int(day * DAY) + EVENING
