"""`treadctl person clear`: what is locked, since when and why, and the questions that lift it.

No flag lifts a lock and no pipe answers for a person. What the rules do not let anybody lift (a fall before its seven
days, strong pain before tomorrow, a treadmill in the wrong unit) is refused with what would lift it.
"""

from __future__ import annotations

from treadctl.files.locks import add_lock, load_locks, remove_lock, set_aside, written_on
from treadctl.files.person import load_person, update_person
from treadctl.model.clearing import (
    UNREADABLE_ADVICE,
    UNREADABLE_FELL,
    UNREADABLE_UNWELL,
    UNWELL_NAME,
    Trouble,
    after_clearing,
    clearance,
    fallen,
    is_unreadable,
    recovered,
    since,
    too_early,
)
from treadctl.model.errors import ExitCode, InvalidFile, Refused, UsageError
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.text import safe_text
from treadctl.paths import Paths

from .asking import Gone, choose, name, require_person, tell, yes
from .person import lock_line, locks_of, tell_guardians

ALL = "all"
NOTHING = "Nothing is locked."


def run_clear(paths: Paths, wanted: str, today: str) -> int:
    """List the locks, or lift this one (or all) by its questions. Raises Refused, UsageError, InvalidFile, OSError."""
    locks = locks_of(paths, today)
    _check_person(paths)
    if not wanted or not locks:
        for text in _listed(locks) if locks else [NOTHING]:
            print(text)
        return int(ExitCode.OK)
    chosen = [lock for lock in locks if wanted in (ALL, lock.name)]
    if not chosen:
        raise UsageError(f"No lock is called '{wanted}'; there are: {', '.join(safe_text(one.name) for one in locks)}.")
    require_person("a lock is lifted on a terminal, by answering its questions")
    return _cleared(paths, chosen, today)


def _check_person(paths: Paths) -> None:
    """A damaged file of the person locks everything too, and is mended by answering anew."""
    try:
        load_person(paths.person)
    except InvalidFile as error:
        raise Refused(f"{error}; that locks everything, and answering anew opens it: treadctl person screen.") from None


def _listed(locks: tuple[Lock, ...]) -> list[str]:
    lines = []
    for lock in locks:
        found = clearance(lock)
        earliest = f"not before {safe_text(found.earliest, 20)}: " if found.earliest else ""
        lines += [lock_line(lock), f"  {found.refusal or earliest + 'treadctl person clear ' + safe_text(lock.name)}"]
    return lines


def _cleared(paths: Paths, locks: list[Lock], today: str) -> int:
    """Each in turn; one that stays does not keep the next from being asked for."""
    stays: list[str] = []
    for lock in locks:
        tell(lock_line(lock))
        try:
            _unreadable(paths, today) if is_unreadable(lock) else _one(paths, lock, today)
        except Gone:
            raise
        except Refused as refused:
            stays.append(str(refused))
    for text in tell_guardians() if len(stays) < len(locks) else []:
        print(text)
    if stays:
        raise Refused("\n".join(stays))
    return int(ExitCode.OK)


def _one(paths: Paths, lock: Lock, today: str) -> None:
    """Ask what this lock needs, and lift it. Raises Refused while it stays."""
    trouble = None
    if lock.name == UNWELL_NAME:
        trouble = list(Trouble)[choose("What was it?", [one.value for one in Trouble])]
        if trouble is Trouble.FELL:
            lock, trouble = _as_fall(paths, lock), None
    found = clearance(lock, trouble)
    if found.advice:
        tell(found.advice)
    if found.refusal:
        raise _stays(lock, found.refusal)
    if too_early(found.earliest, today):
        raise _stays(lock, f"not before {safe_text(found.earliest, 20)}, whatever the answers are")
    missing = next((step.no for step in found.steps if not yes(step.text)), None)
    if missing is not None:
        raise _stays(lock, missing)
    clinician = name("Who said so? Their name:") if found.names else ""
    _lift(paths, lock)
    update_person(paths.person, lambda old: after_clearing(old, lock, trouble, clinician, today))
    print(f"Cleared: {safe_text(lock.name)}.")


def _stays(lock: Lock, why: str) -> Refused:
    return Refused(f"Still locked, {safe_text(lock.name)}: {why}.")


def _as_fall(paths: Paths, lock: Lock) -> Lock:
    """The lock of a fall in place of the other; both stand for a moment, never none."""
    fall = fallen(lock, load_locks(paths.locks))
    add_lock(paths.locks, fall)
    remove_lock(paths.locks, lock.name)
    tell("Then it was a fall, and is locked as one.")
    return fall


def _lift(paths: Paths, lock: Lock) -> None:
    """Take this lock away, and no newer one of the same name."""
    written = written_on(paths.locks)
    if lock not in [since(one, written) for one in load_locks(paths.locks)]:
        raise _stays(lock, "it changed meanwhile, so look again with treadctl person clear")
    remove_lock(paths.locks, lock.name)


def _unreadable(paths: Paths, today: str) -> None:
    """The damaged file goes aside; what the person still remembers of it is locked again."""
    tell(UNREADABLE_ADVICE)
    back = recovered(yes(UNREADABLE_FELL), yes(UNREADABLE_UNWELL), today)
    if not yes("Is it to be set aside, so that only what you just said is locked?"):
        raise _stays(UNREADABLE, "nothing was changed")
    aside = set_aside(paths.locks, back)
    if aside is not None:
        print(f"The damaged file is now {safe_text(str(aside), 300)}.")
    for lock in back:
        print(f"Locked again: {lock_line(lock)}")
    print("Cleared: unreadable.")


