"""The first evening: five things to do before the first walk backward, and which of them are done, by what is on disk.

Reads only. Nothing here lets anybody walk or keeps anybody from it: the guardian asks for all of it anew.
"""

from __future__ import annotations

from enum import Enum

from treadctl.files.locks import ever_heard, load_rehearsals
from treadctl.files.machines import RecordStore
from treadctl.files.person import load_person
from treadctl.files.store import Unreadable, read_small
from treadctl.model.errors import InvalidFile
from treadctl.paths import Paths

ADDRESS_OCTETS = 1024


class Step(Enum):
    """One of the five, in their order. The value is how it is called."""

    HEAR = "hear me"
    YOU = "about you"
    FIND = "find"
    TEACH = "teach"
    REHEARSE = "rehearse"


def done(paths: Paths) -> frozenset[Step]:
    """What is done. What cannot be read is not."""
    records = RecordStore(paths.machines).all()
    found = {
        Step.HEAR: ever_heard(paths.day),
        Step.YOU: _screened(paths),
        Step.FIND: bool(records) or _seen(paths),
        Step.TEACH: any(record.complete for record in records),
        Step.REHEARSE: bool(load_rehearsals(paths.rehearsed)),
    }
    return frozenset(step for step, is_done in found.items() if is_done)


def following(done_already: frozenset[Step]) -> Step | None:
    """The next one to do; None when all are done."""
    return next((step for step in Step if step not in done_already), None)


def _screened(paths: Paths) -> bool:
    try:
        return bool(load_person(paths.person).screened)
    except InvalidFile:
        return False


def _seen(paths: Paths) -> bool:
    try:
        return bool(read_small(paths.last_address, ADDRESS_OCTETS).strip())
    except Unreadable:
        return False
