"""`treadctl person`: what is known of the walker, and what follows from it, each limit with its reason.

It reads and changes nothing. What a person may do is decided in `model.limits`, and again by the guardian.
"""

from __future__ import annotations

import json
from datetime import date

from treadctl.clients.reading import in_units
from treadctl.clients.settings import shown_units
from treadctl.files.locks import load_locks, written_on
from treadctl.files.person import load_person
from treadctl.keyline import send_clear
from treadctl.model.clearing import is_unreadable, over, since
from treadctl.model.errors import ExitCode
from treadctl.model.limits import Limit, Limits, effective_limits
from treadctl.model.locks import Lock
from treadctl.model.person import Person
from treadctl.model.plain import dump
from treadctl.model.text import safe_text
from treadctl.model.units import Incline, Speed, clock
from treadctl.paths import Paths, sockets

SCHEMA = "treadctl.person/1"
ASK_AGAIN_DAYS = 365
"""Chosen: the questions speak of a year and of half a year."""
FACTS_SHOWN = 10
NOT_SCREENED = "The questions before the first walk are not answered yet: treadctl person screen."
ANSWER_LIMIT_S = 1.0
"""Chosen: a guardian answers within milliseconds; nobody waits longer for one that hangs."""
STILL_OPEN = "A treadctl that is open now goes on with what it knew; close it and wait half a minute."


def run_show(paths: Paths, today: str, *, as_json: bool) -> int:
    """Print all that is known. Returns 0. Raises InvalidFile when the person's file cannot be understood."""
    person, locks = load_person(paths.person), locks_of(paths, today)
    limits = effective_limits(person)
    if as_json:
        print(json.dumps(_plain(person, limits, locks)))
        return int(ExitCode.OK)
    units = shown_units()
    for line in (*known_words(person, today), "", *follows(person, limits), *_locked(locks), *_written_down(person)):
        print(in_units(line, units))
    print(f"Kept in {safe_text(str(paths.person), 300)}, readable by you alone.")
    return int(ExitCode.OK)


def locks_of(paths: Paths, today: str) -> tuple[Lock, ...]:
    """The locks that hold today, each with the day it began."""
    written = written_on(paths.locks)
    return tuple(since(lock, written) for lock in load_locks(paths.locks) if not over(lock, today))


def tell_guardians() -> list[str]:
    """Tell each open guardian that something changed: it reads anew once nobody walks. A sentence where one is deaf."""
    told = [send_clear(socket, ANSWER_LIMIT_S) for socket in sockets()]
    deaf = any(answer.pid is not None and (not answer.answered or answer.reason) for answer in told)
    return [STILL_OPEN] if deaf else []


# --- what is known -------------------------------------------------------------------------------------------------


def known_words(person: Person, today: str) -> list[str]:
    """What was told of this person, a sentence each."""
    why = f", {safe_text(person.why_level, 120)}" if person.why_level else ""
    lines = [f"Level {person.level.value} ({person.level.word}){why}."]
    lines.append("Age not told." if person.age is None else f"Age {person.age}.")
    if person.age is not None and person.guardian_consents:
        lines.append("A parent or guardian agreed.")
    flags = [*(concern.value for concern in person.concerns)]
    flags += ["fall"] * (person.fell_past_year and "fall" not in flags)
    flags += ["nerves"] * (person.neurological_or_vestibular and "nerves" not in flags)
    if flags:
        lines.append(f"Yes to the stop questions: {', '.join(flags)}.")
    if person.clinician:
        lines.append(f"Said yes to walking backward: {safe_text(person.clinician)}.")
    if person.comfortable_forward is not None:
        lines.append(f"Comfortable forward speed {person.comfortable_forward} km/h.")
    if person.attested:
        lines.append(f"Vouched for by you: {', '.join(word.value for word in person.attested)}.")
    return [*lines, _screened(person, today)]


def _screened(person: Person, today: str) -> str:
    if not person.screened:
        return NOT_SCREENED
    told = f"Questions answered on {safe_text(person.screened, 20)}"
    try:
        gone = (date.fromisoformat(today) - date.fromisoformat(person.screened)).days
    except ValueError:
        return f"{told}."
    again = gone > ASK_AGAIN_DAYS
    return f"{told}, which is over a year ago; answer them again: treadctl person screen." if again else f"{told}."


# --- what follows from it ------------------------------------------------------------------------------------------


def follows(person: Person, limits: Limits) -> list[str]:
    """The limits on any treadmill, with their reasons."""
    if person.refusal is not None:
        return [f"So no walk is possible: {person.refusal}."]
    rows = [(label, value, safe_text(limit.reason, 300)) for label, value, limit in limit_rows(limits)]
    if limits.heart is None:
        rows.append(("heart rate", "no cap", "your age is not known"))
    if limits.heart_needed:
        rows.append(("", "needed", "a walk ends gently when it is not heard for a minute"))
    if limits.careful:
        rows.append(("helper", "beside you", "at every walk on the belt"))
    labels, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    shown = [f"  {label.ljust(labels)}  {value.ljust(values)}  {why}" for label, value, why in rows]
    return ["What follows from it, on any treadmill (yours may allow less: treadctl machines list):", *shown]


def limit_rows(limits: Limits) -> list[tuple[str, str, Limit]]:
    """Every limit that matters: what it is of, its value in words, and where it comes from."""
    if limits.backward.value == 0:
        backward = [("backward", "not allowed", limits.backward)]
    else:
        backward = [
            ("backward", f"up to {Speed(limits.backward.value)} km/h", limits.backward),
            ("  at a time", f"{clock(limits.bout.value * 1000)} min", limits.bout),
            ("  in one walk", f"{clock(limits.session.value * 1000)} min", limits.session),
            ("  uphill", f"{Incline(limits.backward_incline.value)} %", limits.backward_incline),
            ("  turns", str(limits.turns.value), limits.turns),
        ]
    forward = [
        ("forward", f"up to {Speed(limits.forward.value)} km/h", limits.forward),
        ("  uphill", f"{Incline(limits.forward_incline.value)} %", limits.forward_incline),
    ]
    heart = [] if limits.heart is None else [("heart rate", f"{limits.heart.value} a minute at most", limits.heart)]
    return [*backward, *forward, *heart]


def lock_line(lock: Lock) -> str:
    """One lock: its name, since when, until when, why."""
    began = f" since {safe_text(lock.since, 20)}" if lock.since and not is_unreadable(lock) else ""
    until = f", until {safe_text(lock.until, 20)}" if lock.until else ""
    return f"{safe_text(lock.name)}{began}{until}: {safe_text(lock.reason, 200)}"


def _locked(locks: tuple[Lock, ...]) -> list[str]:
    if not locks:
        return ["Nothing is locked."]
    return ["LOCKED (treadctl person clear NAME):", *(f"  {lock_line(lock)}" for lock in locks)]


def _written_down(person: Person) -> list[str]:
    facts = person.facts[-FACTS_SHOWN:]
    lines = [
        f"  {safe_text(fact.on, 20)}  {safe_text(fact.what)}" + (f" (by {safe_text(fact.by)})" if fact.by else "")
        for fact in facts
    ]
    return ["Written down:", *lines] if lines else []


def _plain(person: Person, limits: Limits, locks: tuple[Lock, ...]) -> dict[str, object]:
    return {
        "schema": SCHEMA, "person": dump(person), "refusal": person.refusal, "limits": dump(limits),
        "locks": [dump(lock) for lock in locks],
    }
