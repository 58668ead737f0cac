"""What the files say of the person, the locks and the day: read at the start, and again when a client changed them.

What cannot be read locks: a damaged file must never make somebody freer. It blocks on the disk.
"""

from __future__ import annotations

import logging

from treadctl.control.events import Reread
from treadctl.files.locks import load_day, load_locks
from treadctl.files.person import load_person
from treadctl.model.errors import TreadctlError
from treadctl.model.locks import UNREADABLE
from treadctl.model.person import UNKNOWN_PERSON
from treadctl.paths import Paths

log = logging.getLogger(__name__)


def read_files(paths: Paths, today: str, number: int = 0) -> Reread:
    """All of it, as of `today` (ISO date); `number` is that of the `ReadAnew`. Raises nothing."""
    locks = load_locks(paths.locks)
    try:
        person = load_person(paths.person)
    except TreadctlError as error:
        log.error("%s", error)
        person, locks = UNKNOWN_PERSON, (*locks, UNREADABLE)
    checked, reached, heard = load_day(paths.day, today)
    return Reread(number, today, person, locks, checked, reached, heard)
