"""The profiles to choose from, judged for this person before they are offered. Reads files, changes none.

Kept apart from the screens because reading profiles takes longer than a first frame may: import it in a thread.
"""

from __future__ import annotations

from pathlib import Path

from treadctl.files.person import load_person
from treadctl.files.profile import check_profile, judge, shipped_profiles
from treadctl.model.errors import InvalidFile
from treadctl.model.limits import effective_limits
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.program import expand, expected_ms, totals
from treadctl.paths import Paths

from .home_page import Offer

OWN = "profiles"
"""The user's own profiles lie in this folder beside the settings."""


def offers(paths: Paths) -> tuple[Offer, ...]:
    """Every profile, the user's own last; those that may be walked first. A broken file is offered with its error."""
    try:
        person, refusal = load_person(paths.person), ""
    except InvalidFile as error:
        person, refusal = UNKNOWN_PERSON, str(error)
    own = sorted((paths.config / OWN).glob("*.yaml"))
    found = [_offer(path, person, refusal) for path in [*shipped_profiles(), *own]]
    return tuple(sorted(found, key=lambda offer: (bool(offer.refusal), offer.level, offer.length)))


def _offer(path: Path, person: Person, refusal: str) -> Offer:
    try:
        program, _ = check_profile(path)
    except InvalidFile as error:
        return Offer(path.stem, None, (), refusal=str(error).splitlines()[0])
    problems = judge(program, effective_limits(person, None, program.level))
    why = person.refusal or refusal or (f"line {problems[0].line} {problems[0].text}" if problems else "")
    segments = expand(program)
    backward = totals(segments).backward * 1000
    return Offer(program.name, program, segments, program.level.value, expected_ms(segments), backward, why)
