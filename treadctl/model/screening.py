"""The first questions: who had better not walk backward, in plain words, and what each answer leads to.

The stop questions follow the usual screenings before exercise (falls: three questions of STEADI; heart, injury and
medicine: lists of the ACSM and of makers' manuals). They are a gate, no diagnosis. An answer that makes a walk gentler
counts at once; all the others count only when every question was answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .limits import CAREFUL_BACKWARD, HARD_FORWARD
from .person import (
    ADULT_AGE,
    MINIMUM_AGE,
    OLDER_AGE,
    OLDEST_AGE,
    Attested,
    Concern,
    Person,
    noted,
)
from .units import Speed, kmh, mph

SCREENED = "all questions answered"
SLOWEST_COMFORTABLE = Speed(100)
"""1.0 km/h; chosen: below it, or above what treadctl walks, a number is a slip of the finger."""
_SPEED = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?) ?(km/h|kmh|mph)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StopQuestion:
    """One question whose yes shuts backward walking until a clinician agrees."""

    concern: Concern
    text: str


STOP_QUESTIONS = (
    StopQuestion(Concern.FALL, "Have you fallen in the past year?"),
    StopQuestion(Concern.UNSTEADY, "Do you feel unsteady when you stand or walk?"),
    StopQuestion(Concern.WORRIED, "Are you worried about falling?"),
    StopQuestion(
        Concern.NERVES,
        "Do you have dizzy spells, or an illness of the inner ear, the brain or the nerves (such as after a stroke)?",
    ),
    StopQuestion(Concern.INJURY, "Was a leg, a hip or your back injured or operated on in the past six months?"),
    StopQuestion(Concern.HEART, "Have you had chest pain, fainted, or heart trouble that is not settled?"),
    StopQuestion(Concern.PRESSURE, "Is your blood pressure high and not under control?"),
    StopQuestion(Concern.PREGNANT, "Are you more than three months pregnant?"),
    StopQuestion(Concern.SENSES, "Are your feet numb, or do you see so badly that you could miss a rail?"),
    StopQuestion(
        Concern.SLEEPY,
        "Do you take anything, medicine or alcohol, that makes you sleepy or dizzy on days when you would walk?",
    ),
)
YES_FIRST = (
    "Then backward walking needs two things: a doctor or therapist who says yes to it, and a helper beside you each "
    f"time. It stays at {CAREFUL_BACKWARD} km/h and level 2 at most. Forward walking stays open."
)
YES_AGAIN = "The same follows from this."
NOTHING = "Nothing follows from this."
CLINICIAN = "Has a doctor or therapist who knows this said yes to you walking backward on a treadmill?"
CLINICIAN_NO = "Then nobody walks backward for now, only forward. Answer again once you have asked."
CLINICIAN_YES = "Then you may walk backward, with a helper beside you each time."
NAME = "What is their name?"
HEART = "Did a doctor tell you to exercise only with your heart rate watched?"
HEART_YES = "Then a walk eases to a stop when your heart rate has not been heard for a minute."
HEART_NO = "Then your heart rate is watched when there is one, and a walk goes on without."
CONSENT = "Is a parent or guardian beside you, who agrees that you walk here?"
CONSENT_NO = f"Then no walk is possible: under {ADULT_AGE} a parent or guardian has to agree."
CONSENT_YES = "Then you may walk."
COMFORTABLE = "How fast do you walk forward comfortably, in km/h? Enter, if you do not know."
COMFORTABLE_NONE = "Then your level alone says how fast backward may be."


@dataclass(frozen=True, slots=True)
class Screening:
    """The answers so far. None of `age` and `comfortable`: not told."""

    age: int | None = None
    consent: bool = False
    concerns: tuple[Concern, ...] = ()
    clinician: str = ""
    needs_heart_rate: bool = False
    comfortable: Speed | None = None


def tightened(person: Person, given: Screening) -> Person:
    """The person with what makes their walks gentler, and nothing else: true even if the questions end here."""
    fresh = tuple(concern for concern in given.concerns if concern not in person.concerns)
    gentler = replace(person, age=given.age)
    told = given.age is not None and (gentler.refusal is not None or given.age >= OLDER_AGE)
    return replace(
        person,
        age=given.age if told else person.age,
        guardian_consents=person.guardian_consents and not told,
        concerns=(*person.concerns, *fresh),
        clinician="" if fresh else person.clinician,
        fell_past_year=person.fell_past_year or Concern.FALL in given.concerns,
        neurological_or_vestibular=person.neurological_or_vestibular or Concern.NERVES in given.concerns,
        needs_heart_rate=person.needs_heart_rate or given.needs_heart_rate,
    )


def screened(person: Person, given: Screening, today: str) -> Person:
    """The person with every answer in place of the old ones. The level and the own limits stay as they were."""
    known = replace(
        person,
        age=given.age,
        guardian_consents=given.consent,
        concerns=given.concerns,
        clinician=given.clinician,
        fell_past_year=Concern.FALL in given.concerns,
        neurological_or_vestibular=Concern.NERVES in given.concerns,
        needs_heart_rate=given.needs_heart_rate,
        comfortable_forward=given.comfortable,
        screened=today,
    )
    if given.clinician:
        known = agreed(known, given.clinician, today)
    return noted(known, today, SCREENED)


def age_consequence(age: int) -> str:
    """What follows from an age."""
    if age < MINIMUM_AGE:
        return f"Under {MINIMUM_AGE} nobody walks with treadctl."
    if age < ADULT_AGE:
        return f"Under {ADULT_AGE} a parent or guardian has to agree."
    if age >= OLDER_AGE:
        gentle = f"backward stays at {CAREFUL_BACKWARD} km/h and level 2 at most, with a helper beside you"
        return f"From {OLDER_AGE} on, {gentle}."
    return "Your heart-rate cap follows from it."


def comfortable_consequence(speed: Speed) -> str:
    return f"Then backward is never faster than half of it, {Speed(speed // 2)} km/h."


# --- what people type ----------------------------------------------------------------------------------------------


def read_age(text: str) -> int:
    """An age in whole years. Raises ValueError with a sentence."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= OLDEST_AGE):
        raise ValueError(f"Give your age in whole years, 0 to {OLDEST_AGE}.")
    return int(text)


def read_speed(text: str, *, unit_needed: bool = True) -> Speed:
    """A speed such as "4.5 km/h" or "2.8mph"; a comma is a point. Raises ValueError with a sentence."""
    found = _SPEED.fullmatch(text.strip())
    if found is None:
        raise ValueError("Give a speed such as 4.5km/h or 2.8mph.")
    number, unit = found[1].replace(",", "."), (found[2] or "").lower()
    if unit_needed and not unit:
        raise ValueError(f"{number} of what? Write {number}km/h or {number}mph.")
    return mph(number) if unit == "mph" else kmh(number)


def read_comfortable(text: str, *, unit_needed: bool = True) -> Speed:
    """A speed that somebody may walk comfortably. Raises ValueError with a sentence."""
    speed = read_speed(text, unit_needed=unit_needed)
    if not SLOWEST_COMFORTABLE <= speed <= HARD_FORWARD:
        raise ValueError(f"Give a walking speed from {SLOWEST_COMFORTABLE} to {HARD_FORWARD} km/h.")
    return speed


# --- one's own word ------------------------------------------------------------------------------------------------

ATTESTATIONS = {
    Attested.SPOTTER: "Does somebody stand beside you at each of these walks, who can pull the key?",
    Attested.INCLINE: "Does walking backward on the level go well: two walks without pain or an unplanned stop?",
    Attested.DEAD_MILL: (
        "Does your treadmill's manual allow pushing its belt while it is switched off, or walking backward on it if it "
        "has no motor?"
    ),
    Attested.HANDS_FREE: "Can you walk backward with a hand off the rails, without swaying?",
}


VOUCHED = "Has a doctor or therapist who knows you said yes to you walking backward on a treadmill?"


def agreed(person: Person, clinician: str, today: str) -> Person:
    """The person with the name of the clinician who says yes to walking backward; empty: nobody does any more."""
    what = "may walk backward" if clinician else "no yes to walking backward any more"
    return noted(replace(person, clinician=clinician), today, what, clinician)


def attesting(person: Person, word: Attested, given: bool, today: str) -> Person:
    """The person with this word given, or taken back."""
    others = tuple(one for one in person.attested if one is not word)
    known = replace(person, attested=(*others, word) if given else others)
    return noted(known, today, f"{word.value}: {'yes' if given else 'no'}")


