"""`treadctl person set` and `person level`: single facts, changed by themselves.

Lower is always possible. Higher is not, by oneself: own limits only ever lower what the level allows, and a level is
raised by a professional (with their name, on the day, 2 at most) or by a plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from treadctl.clients.reading import in_units
from treadctl.clients.settings import shown_units
from treadctl.files.person import load_person, update_person
from treadctl.model.errors import ExitCode, Refused, UsageError
from treadctl.model.limits import HARD_BACKWARD, HARD_FORWARD, effective_limits
from treadctl.model.person import Attested, Level, Person, level_refusal, noted, with_level
from treadctl.model.screening import ATTESTATIONS, NAME, VOUCHED, agreed, attesting, read_comfortable, read_speed
from treadctl.model.text import quoted, safe_text
from treadctl.model.units import Speed
from treadctl.paths import Paths

from .asking import name, require_person, yes
from .person import follows, tell_guardians

NOTHING_CHANGED = "Nothing was changed; only a yes to the question changes it."
PROFESSIONAL = (
    "{name}: are you a doctor, a therapist or a trainer, have you watched this person walk backward, and do you say "
    "that level {level} is right for them?"
)


def run_level(paths: Paths, wanted: int, set_by: str, today: str) -> int:
    """Set the level, where that is allowed. Raises Refused, UsageError, InvalidFile, OSError."""
    level, by = Level(wanted), safe_text(set_by.strip())
    person = load_person(paths.person)
    if level == person.level:
        print(f"Level {level.value} ({level.word}) it is already.")
        return int(ExitCode.OK)
    refusal = level_refusal(person, level, by)
    if refusal is not None:
        raise Refused(f"Refused: {refusal}.")
    if level > person.level:
        require_person("a professional answers on a terminal that they set this level")
        if not yes(PROFESSIONAL.format(name=by, level=level.value)):
            raise Refused(NOTHING_CHANGED)
    return _changed(paths, lambda old: with_level(old, level, by, today), f"Level {level.value} ({level.word}).")


def run_set(paths: Paths, what: str, value: str, today: str) -> int:
    """Change one fact. Raises UsageError for a value that makes no sense, Refused, InvalidFile, OSError."""
    value = value.strip()
    match what:
        case "comfortable":
            speed = _speed(value, read_comfortable)
            return _told(paths, "comfortable forward speed", speed, today, "comfortable_forward")
        case "backward-limit":
            limit = _speed(value, lambda text: _own_limit(text, HARD_BACKWARD))
            return _told(paths, "own backward limit", limit, today, "own_backward_limit")
        case "forward-limit":
            limit = _speed(value, lambda text: _own_limit(text, HARD_FORWARD))
            return _told(paths, "own forward limit", limit, today, "own_forward_limit")
        case "heart-rate":
            needed = _flag(value)
            words = f"heart rate needed: {'yes' if needed else 'no'}"
            return _changed(paths, lambda old: noted(replace(old, needs_heart_rate=needed), today, words), f"{words}.")
        case "clinician":
            return _clinician(paths, _flag(value), today)
        case _:
            return _attest(paths, Attested(what), _flag(value), today)


def _clinician(paths: Paths, given: bool, today: str) -> int:
    """Who says yes to walking backward; a no is taken without a question."""
    by = ""
    if given:
        require_person("call treadctl person set clinician yes on a terminal, and answer it yourself")
        if not yes(VOUCHED):
            raise Refused(NOTHING_CHANGED)
        by = name(NAME)
    return _changed(paths, lambda old: agreed(old, by, today), f"clinician: {by or 'no'}.")


def _attest(paths: Paths, word: Attested, given: bool, today: str) -> int:
    """A yes is given by the person, on a terminal, to the whole question; a no needs nothing."""
    if given:
        require_person(f"call treadctl person set {word.value} yes on a terminal, and answer it yourself")
        if not yes(ATTESTATIONS[word]):
            raise Refused(NOTHING_CHANGED)
    return _changed(paths, lambda old: attesting(old, word, given, today), f"{word.value}: {'yes' if given else 'no'}.")


def _told(paths: Paths, words: str, speed: Speed | None, today: str, field: str) -> int:
    text = f"{words}: {'none' if speed is None else f'{speed} km/h'}"
    changes: dict[str, Speed | None] = {field: speed}

    def change(old: Person) -> Person:
        return noted(replace(old, **changes), today, text)  # type: ignore[arg-type]  # one of three fields of this type

    return _changed(paths, change, f"{text}.")


def _changed(paths: Paths, change: Callable[[Person], Person], words: str) -> int:
    person, units = update_person(paths.person, change), shown_units()
    for text in (f"Saved: {words}", *follows(person, effective_limits(person)), *tell_guardians()):
        print(in_units(text, units))
    return int(ExitCode.OK)


def _speed(value: str, reader: Callable[[str], Speed]) -> Speed | None:
    try:
        return None if value.casefold() == "none" else reader(value)
    except ValueError as error:
        raise UsageError(f"{str(error).removesuffix('.')}; none takes it away.") from None


def _own_limit(text: str, hard: Speed) -> Speed:
    speed = read_speed(text)
    if speed > hard:
        raise ValueError(f"Nothing is faster than {hard} km/h here; give that or less")
    return speed


def _flag(value: str) -> bool:
    if value.casefold() not in {"yes", "no"}:
        raise UsageError(f"{quoted(value)} is no answer here; give yes or no.")
    return value.casefold() == "yes"
