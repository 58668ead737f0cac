"""The profiles to choose from, judged for this person before they are offered; and the files that somebody sent.

Kept apart from the screens because reading profiles takes longer than a first frame may: import it in a thread. Writes
nothing but a file that is kept, and that over nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from treadctl.files.person import load_person
from treadctl.files.profile import check_octets, check_profile, shipped_profiles
from treadctl.files.profile.events import MAX_OCTETS
from treadctl.files.sharing import look, newest
from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.files.walked import last_walked
from treadctl.model.errors import InvalidFile, unusable
from treadctl.model.gates import gate_problems, opened_gates
from treadctl.model.limits import check, effective_limits, level_limits
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.portrait import Fingerprint, fingerprint, gate_words, reached, refusals, short_refusal
from treadctl.model.program import Program, expand, expected_ms, totals
from treadctl.paths import Paths

from .choosing import Downloads, Offer

OWN = "profiles"
"""The user's own profiles lie in this folder beside the settings."""
MOST_FOUND = 30
"""Files that are offered from the downloads, the newest (chosen: more than fit most screens)."""
SIGN = re.compile(rb"treadctl", re.IGNORECASE)
"""Stands in every profile; YAML files of other things are many."""
MOST_KEPT = 1000
"""Files of one name; chosen: nobody keeps so many."""
MOST_DAYS = 13
"""Up to so long ago days are counted, then the date says more (chosen)."""
MOST_FILE = 28
"""Characters of a file's name in front of a line and a column, which have to stay in sight on 40 columns (chosen)."""
ASK = "Ask whoever sent it."
CORRECT = "Ask whoever sent it, or correct it in an editor: treadctl profile check names all that is wrong."


@dataclass(frozen=True, slots=True)
class _Judge:
    """Whoever is known here, and what was walked. `refusal`: why nobody is known. Machines judge at the belt."""

    person: Person
    refusal: str
    walked: Mapping[Fingerprint, str]
    today: str

    def offer(self, program: Program) -> Offer:
        """What home says of a program. What is above this person's limits reaches those of its own level."""
        segments = expand(program)
        limits = effective_limits(self.person, None, program.level)
        opened = opened_gates(self.person)
        why = ([self.refusal] if self.refusal else []) + refusals(program, self.person, limits, opened)
        short = "" if self.refusal or self.person.refusal else short_refusal(program, limits.level, opened)
        return Offer(
            program.name, program, segments, program.level.value, expected_ms(segments),
            totals(segments).backward * 1000, why[0] if why else "", tuple(why), short if why else "",
            _ago(self.walked.get(fingerprint(program), ""), self.today), gate_words(program, opened),
            tuple(problem.text for problem in gate_problems(program, opened)),
            tuple(reached(program, level_limits(program.level) if check(segments, limits) else limits)),
        )


class Profiles:
    """The shelf of this user: what ships with treadctl, the own folder, and the folder for downloads."""

    def __init__(self, paths: Paths, downloads: Path, today: str) -> None:
        self._paths, self._downloads, self._today = paths, downloads, today

    def offers(self) -> tuple[Offer, ...]:
        """Every profile; those that may be walked first. A broken file is offered with its error."""
        judge = self._judge()
        own = sorted((self._paths.config / OWN).glob("*.yaml"))
        found = [_offer(path, judge) for path in [*shipped_profiles(), *own]]
        return tuple(sorted(found, key=lambda offer: (bool(offer.refusal), offer.level, offer.length)))

    def offer(self, program: Program) -> Offer:
        """One program from elsewhere, such as the walk that a plan offers."""
        return self._judge().offer(program)

    def downloads(self) -> Downloads:
        """The profiles there, the newest first; what is wrong with a broken one stands in its place."""
        folder, judge = self._downloads, self._judge()
        looked = [_sent(path, judge) for path in newest(folder)]
        found = [offer for offer in looked if offer is not None]
        return Downloads(shown_path(folder), folder.is_dir(), tuple(found[:MOST_FOUND]), len(looked) - len(found))

    def keep(self, offer: Offer) -> Path:
        """A copy of it, as it was shown, under its own name. Raises Refused where the folder cannot be used."""
        folder = self._paths.config / OWN
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return next(path for path in _free(folder, offer.name) if _kept(path, offer.data))
        except OSError as error:
            raise unusable(error) from None

    def _judge(self) -> _Judge:
        """An unreadable person refuses everything."""
        try:
            person, refusal = load_person(self._paths.person), ""
        except InvalidFile as error:
            person, refusal = UNKNOWN_PERSON, str(error)
        return _Judge(person, refusal, last_walked(self._paths.sessions), self._today)


def _offer(path: Path, judge: _Judge) -> Offer:
    try:
        return judge.offer(check_profile(path)[0])
    except InvalidFile as error:
        return Offer(path.stem, None, (), refusal=str(error).splitlines()[0])


def _sent(path: Path, judge: _Judge) -> Offer | None:
    """A file of the downloads, read once; None for a YAML file that is no profile."""
    file = _short_name(path.name)
    try:
        octets = read_small(path, MAX_OCTETS)
    except Unreadable as error:
        return Offer(path.name, None, (), refusal=f"{file}: {error}. {ASK}", file=file)
    if not SIGN.search(octets):
        return None
    shared = look(octets.decode("utf-8", "replace"))
    try:
        offer = judge.offer(check_octets(octets, file)[0])
    except InvalidFile as error:
        wrong = str(error).splitlines()[0]
        words = f"{wrong}{'' if wrong.endswith(('?', '.')) else '.'} {CORRECT}"
        return Offer(path.name, None, (), refusal=words, file=file, shared=shared)
    return replace(offer, shared=shared, file=file, data=octets)


def _short_name(name: str) -> str:
    """Its begin and its end, safe to show."""
    shown = shown_path(name)
    return shown if len(shown) <= MOST_FILE else f"{shown[: MOST_FILE - 11]}…{shown[-10:]}"


def _free(folder: Path, name: str) -> Iterator[Path]:
    """Places for a profile of this name. No shipped one has it: those are found first (`find_profile`)."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "shared"
    shipped = {path.stem for path in shipped_profiles()}
    for stem in (plain, *(f"{plain}-{n}" for n in range(2, MOST_KEPT))):
        if stem not in shipped:
            yield folder / f"{stem}.yaml"


def _kept(path: Path, octets: bytes) -> bool:
    """Whether it lies there now, and lay there before if it is the same. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _same(path, octets)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
    except OSError:
        path.unlink()
        raise
    return True


def _same(path: Path, octets: bytes) -> bool:
    try:
        return read_small(path, MAX_OCTETS) == octets
    except Unreadable:
        return False


def _ago(iso: str, today: str) -> str:
    """How long ago, by the calendar of this computer; nothing where it is not known."""
    try:
        day = datetime.fromisoformat(iso).astimezone().date()
        days = (date.fromisoformat(today) - day).days
    except ValueError:
        return ""
    if days == 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago" if 1 < days <= MOST_DAYS else day.isoformat()
