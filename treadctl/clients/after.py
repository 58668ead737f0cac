"""After a walk, and the morning after: what is asked, where it is written, and the sentences that follow from it.

Asked at standstill only, by whoever shows it; here is what the screen and the plain lines have in common. What a colour
means is decided in `treadctl.plans`.
"""

from __future__ import annotations

from dataclasses import replace

from treadctl.files import answers, book
from treadctl.files.answers import ASKED, add_answers, load_asked, update_answers, update_asked
from treadctl.files.person import load_person
from treadctl.model.answers import SKIP, UNASKED, Answers, answered, interview_after, morning_question
from treadctl.model.api import Summary
from treadctl.model.errors import TreadctlError
from treadctl.model.outcome import Stop
from treadctl.paths import Paths, is_simulated
from treadctl.plans.book import with_word

from .asking import Gone, key, somebody, tell
from .known import NO_PLAN, Due, Words, asks, day_of, sentence, session_of, verdict
from .planning import known, up_to_date
from .reading import in_units
from .settings import shown_units


def keep_answers(paths: Paths, session: str, told: Answers, *, simulated: bool) -> bool:
    """Write down what was said of a walk, if anything was. A simulated walk never comes among a person's own.

    Answers whether it was written. Raises OSError."""
    if told == UNASKED or (simulated and not is_simulated(paths.socket)):
        return False
    add_answers(paths.data / answers.NAME, session, told)
    return True


def keep_slip(paths: Paths, session: str, *, simulated: bool) -> None:
    """Write down that the stop of this walk was an accident. Raises InvalidFile, OSError."""
    if not simulated or is_simulated(paths.socket):
        book.update_book(paths.state / book.NAME, lambda old: with_word(old, session, Stop.SLIP))


# --- what follows --------------------------------------------------------------------------------------------------


def words_after(paths: Paths, session: str, now: int) -> Words | None:
    """The sentence and the verdict for this walk; None while it is not in the book. Raises InvalidFile, OSError."""
    found = known(paths, now)
    here = [one for one in found.reads if one.walked.outcome.session == session]
    if not here:
        return None
    if found.followed is None:
        return Words(sentence(found, here[-1]), NO_PLAN)
    return replace(verdict(here[-1]), sentence=sentence(found, here[-1]))


# --- the morning after ---------------------------------------------------------------------------------------------


def morning_due(paths: Paths, now: int) -> Due | None:
    """The newest walk whose morning was neither told nor asked for. Raises InvalidFile, OSError."""
    found, _ = up_to_date(paths, load_person(paths.person), now)
    if not found.walked:
        return None
    outcome = found.walked[-1].outcome
    asked = load_asked(paths.state / ASKED).morning == outcome.session
    if asked or outcome.answers.morning is not None or not outcome.done:
        return None
    question = morning_question(day_of(outcome.at).isoformat(), day_of(now).isoformat())
    return None if question is None else Due(outcome.session, question)


def keep_morning(paths: Paths, due: Due, pressed: str) -> None:
    """Write the answer down; a skip is not asked again. Raises ValueError for another key, InvalidFile, OSError."""
    answered(Answers(), due.question.id, pressed)
    if pressed != SKIP:
        told = paths.data / answers.NAME
        update_answers(told, due.session, lambda before: answered(before, due.question.id, pressed))
    update_asked(paths.state / ASKED, lambda before: replace(before, morning=due.session))


# --- on a plain terminal -------------------------------------------------------------------------------------------


def ask_morning(paths: Paths, now: int) -> None:
    """Ask for the morning after the last walk, where there is one to be told and somebody to tell it."""
    if not somebody():
        return
    due = morning_due(paths, now)
    if due is not None:
        keep_morning(paths, due, key(due.question))


def ask_after(paths: Paths, summary: Summary, now: int) -> None:
    """The questions after a walk, and what follows. Whoever walks away has told what they told."""
    if not (asks(summary) and somebody()):
        return
    session, interview = session_of(summary), interview_after(summary)
    try:
        while (question := interview.question) is not None:
            interview = interview.answer(key(question))
    except (Gone, KeyboardInterrupt):
        return
    finally:
        keep_answers(paths, session, interview.answers, simulated=False)
    if interview.slip:
        keep_slip(paths, session, simulated=False)
    _tell_words(paths, session, now)


def _tell_words(paths: Paths, session: str, now: int) -> None:
    try:
        words = words_after(paths, session, now)
    except (TreadctlError, OSError) as error:
        tell(f"What follows is not known: {error}")
        return
    units = shown_units()
    for text in () if words is None else (words.sentence, words.verdict):
        print(in_units(text, units), flush=True)
