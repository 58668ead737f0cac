"""What clears a lock: when at the earliest, which questions, and what may never be cleared by answers.

Pure: it is handed the lock, the day and the answers. An end that treadctl cannot judge stays locked, and every "no"
says what would change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from .locks import UNREADABLE, Lock
from .person import Concern, Person, noted

FALL_DAYS = 7
"""At least so many days after a fall (safety rules, section 6: never earlier)."""
NEXT_DAY = 1
FALL = Lock("fall", "you fell; seven days at least, and a professional has to agree")
FALL_NAME, UNWELL_NAME, PAIN_NAME, UNITS_PREFIX = "fall", "unwell", "pain", "units:"


class Trouble(Enum):
    """What it was that made somebody end a walk unwell."""

    DIZZY = "dizzy or faint"
    CHEST = "chest pain, or out of breath at rest"
    STUMBLED = "nearly fell"
    FELL = "fell"


@dataclass(frozen=True, slots=True)
class Step:
    """One yes that is needed, and what a no means."""

    text: str
    no: str


@dataclass(frozen=True, slots=True)
class Clearance:
    """What clears a lock: not before `earliest` (ISO date, empty: today), `advice` first, then a yes to each step.

    `refusal`: why no answer clears it. `names`: the professional who agreed is asked for their name.
    """

    earliest: str = ""
    advice: str = ""
    steps: tuple[Step, ...] = ()
    refusal: str = ""
    names: bool = False


WELL = Step("Do you feel well and steady today?", "wait for a day on which you do")
PROFESSIONAL = Step(
    "Has a doctor or therapist said since then that you may walk backward on a treadmill?",
    "ask one first, and tell them what happened",
)
CHEST_ADVICE = (
    "Chest pain, or breath that does not come back at rest, can be your heart. If you have it now, call your emergency "
    "number now. If it is over, see a doctor before you exercise again, also when you feel well."
)
_STEPS = {
    Trouble.DIZZY: (PROFESSIONAL, WELL),
    Trouble.CHEST: (
        Step("Has a doctor examined you for it since then, and said that you may exercise?", "see a doctor first"),
        Step("Has it stayed away since?", "tell the doctor that it came back"),
        WELL,
    ),
    Trouble.STUMBLED: (
        Step("Do you know why you stumbled, and has that been put right?",
             "find out first (shoes, rails, speed), or ask a doctor or therapist"),
        Step("Were you free of dizziness when it happened?", "clear it again, and say that you were dizzy"),
        WELL,
    ),
    Trouble.FELL: (PROFESSIONAL, WELL),
}  # fmt: skip


def clearance(lock: Lock, trouble: Trouble | None = None) -> Clearance:
    """What clears this lock. "unwell" does not say what it was: without a `trouble` there are no steps yet."""
    if is_unreadable(lock):
        return Clearance()
    if lock.name == PAIN_NAME:
        return Clearance(refusal=f"strong pain ends the day: it opens by itself{_on(lock.until)}")
    if lock.name.startswith(UNITS_PREFIX):
        who = lock.name.removeprefix(UNITS_PREFIX) or "ADDR"
        return Clearance(refusal=f"only learning the treadmill again opens it: treadctl commission --machine {who}")
    if lock.name == UNWELL_NAME:
        advice = CHEST_ADVICE if trouble is Trouble.CHEST else ""
        steps = _STEPS[trouble] if trouble is not None else ()
        return Clearance(_later(lock, NEXT_DAY), advice, steps, names=PROFESSIONAL in steps or trouble is Trouble.CHEST)
    if lock.name == FALL_NAME:
        return Clearance(_later(lock, FALL_DAYS), "", _STEPS[Trouble.FELL], names=True)
    return Clearance(refusal="this version of treadctl does not know it; clear it with the version that made it")


def too_early(earliest: str, today: str) -> bool:
    """Whether today comes before the first day on which it can be cleared. A day nobody can read is too early."""
    if not earliest:
        return False
    try:
        return date.fromisoformat(today) < date.fromisoformat(earliest)
    except ValueError:
        return True


def over(lock: Lock, today: str) -> bool:
    """Whether this lock has opened by itself: the same rule by which the guardian judges it."""
    return bool(lock.until and today) and today >= lock.until


def since(lock: Lock, written: str) -> Lock:
    """The lock with the day it began; where nobody wrote that down, `written`, the day on which its file was."""
    return lock if lock.since else replace(lock, since=written)


def fallen(lock: Lock, locks: Sequence[Lock]) -> Lock:
    """The lock of a fall in place of one that did not know it was one. A later fall among `locks` still counts."""
    falls = [one for one in locks if one.name == FALL_NAME]
    until = max((one.until for one in falls), default="")
    return replace(FALL, since=max(one.since for one in (lock, *falls)), until=until)


def _later(lock: Lock, days: int) -> str:
    """So many days after it began, or its own end where that is later. ISO date."""
    try:
        first = (date.fromisoformat(lock.since) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return lock.until or lock.since or "unknown"
    return max(first, lock.until)


def _on(until: str) -> str:
    return f" on {until}" if until else " tomorrow"


# --- after a lock file that nobody can read ------------------------------------------------------------------------

UNREADABLE_ADVICE = "What was locked is not known any more, so two things are asked in its place."
UNREADABLE_FELL = "Have you fallen on the treadmill, and not been cleared since?"
UNREADABLE_UNWELL = "Did you end a walk dizzy, with chest pain or after a near fall, and were not cleared since?"
LOST_REASON = "it was said when the lock file could not be read"


def recovered(fell: bool, unwell: bool, today: str) -> tuple[Lock, ...]:
    """The locks that the answers bring back; they count from today, because nobody knows better."""
    found = []
    if fell:
        found.append(replace(FALL, since=today))
    if unwell:
        found.append(Lock(UNWELL_NAME, f"you felt unwell or nearly fell; {LOST_REASON}", since=today))
    return tuple(found)


def is_unreadable(lock: Lock) -> bool:
    return lock.name == UNREADABLE.name


def after_clearing(person: Person, lock: Lock, trouble: Trouble | None, clinician: str, today: str) -> Person:
    """What a cleared lock leaves behind in the person: a line, and after a fall the flag of a fall."""
    what = trouble.value if trouble is not None else lock.name
    known = noted(person, today, f"lock cleared: {what}", clinician)
    if lock.name != FALL_NAME:
        return known
    concerns = known.concerns if Concern.FALL in known.concerns else (*known.concerns, Concern.FALL)
    return replace(known, fell_past_year=True, concerns=concerns, clinician=clinician)
