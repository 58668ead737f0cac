"""Writing walks into a book, and reading them with what was told of them since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from treadctl.model.answers import UNASKED, Answers
from treadctl.model.outcome import DANGER, Outcome, Stop
from treadctl.model.person import Level
from treadctl.model.plan import Book, Told, Walked


def entered(book: Book, outcome: Outcome) -> Book:
    """With one more walk, in the order of time. It is the one that was offered if name and length are the same."""
    offer = book.offered
    if offer is not None and (offer.profile, offer.total) == (outcome.profile, outcome.planned.total):
        walked = Walked(outcome, offer.tuning, offer.full)
    else:
        walked = Walked(outcome)
    return replace(book, walked=tuple(sorted((*book.walked, walked), key=lambda one: one.outcome.at)))


def seen_at(book: Book, level: Level, now: int) -> Book:
    """With the person's level as it is now: what another hand changed counts from now."""
    return book if book.level == level and book.level_since else replace(book, level=level, level_since=now)


def with_word(book: Book, session: str, stop: Stop) -> Book:
    """With the walker's word on why this walk stopped."""
    others = tuple(told for told in book.told if told.session != session)
    return replace(book, told=(*others, Told(session, stop)))


def remembered(book: Book, session: str, told: Answers) -> Book:
    """With what was told of this walk written into it: for a walk whose record and answers are about to be deleted."""
    return replace(book, walked=tuple(
        replace(one, outcome=_said(one.outcome, told)) if one.outcome.session == session else one for one in book.walked
    ))  # fmt: skip


def as_told(book: Book, answers: Mapping[str, Answers]) -> Book:
    """The walks with what was said of them. Pain told on the belt stays when less is told afterwards."""
    words = {told.session: told.stop for told in book.told}
    return replace(book, walked=tuple(_told(one, answers, words) for one in book.walked))


def _told(walked: Walked, answers: Mapping[str, Answers], words: Mapping[str, Stop]) -> Walked:
    outcome = walked.outcome
    outcome = _said(outcome, answers.get(outcome.session, UNASKED))
    word = words.get(outcome.session)
    stops = outcome.stops if word is None else _corrected(outcome.stops, word)
    return replace(walked, outcome=replace(outcome, stops=stops))


def _said(outcome: Outcome, said: Answers) -> Outcome:
    """With these answers; where one is missing, the one that is there already."""
    before = outcome.answers
    pains = [pain for pain in (before.pain_after, said.pain_after) if pain is not None]
    return replace(outcome, answers=Answers(
        before.effort if said.effort is None else said.effort,
        before.pain_before if said.pain_before is None else said.pain_before,
        max(pains, default=None),
        before.confidence if said.confidence is None else said.confidence,
        before.morning if said.morning is None else said.morning,
    ))  # fmt: skip


def _corrected(stops: tuple[Stop, ...], word: Stop) -> tuple[Stop, ...]:
    """The word stands for the key that was pressed or pulled; that somebody felt unwell or fell it does not undo."""
    kept = [stop for stop in stops if stop not in (Stop.CHOICE, Stop.SAFETY)]
    return tuple(dict.fromkeys((*kept, word))) if not DANGER & set(kept) else tuple(kept)
