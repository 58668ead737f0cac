"""What is known of a person: what makes it stricter, who may raise a level, and the first questions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treadctl.model.gates import opened_gates
from treadctl.model.limits import check, effective_limits
from treadctl.model.person import (
    FACTS_KEPT,
    Attested,
    Concern,
    Fact,
    Level,
    Person,
    level_refusal,
    noted,
    with_level,
)
from treadctl.model.program import DeadMill, Facing, Gate, Walk
from treadctl.model.screening import (
    ATTESTATIONS,
    STOP_QUESTIONS,
    Screening,
    age_consequence,
    attesting,
    read_age,
    read_comfortable,
    read_speed,
    screened,
    tightened,
)
from treadctl.model.units import Speed

TODAY = "2026-11-22"
BACK = Walk(Facing.BACKWARD, 60, Speed(100), line=7)
PUSH = DeadMill(Facing.BACKWARD, 45, line=8)

screenings = st.builds(
    Screening,
    age=st.none() | st.integers(0, 120),
    consent=st.booleans(),
    concerns=st.lists(st.sampled_from(Concern), unique=True).map(tuple),
    clinician=st.sampled_from(["", "Dr. Ada"]),
    needs_heart_rate=st.booleans(),
    comfortable=st.none() | st.builds(Speed, st.integers(100, 800)),
)
people = st.builds(
    Person,
    level=st.sampled_from(Level),
    age=st.none() | st.integers(0, 120),
    fell_past_year=st.booleans(),
    guardian_consents=st.booleans(),
    concerns=st.lists(st.sampled_from(Concern), unique=True).map(tuple),
    clinician=st.sampled_from(["", "Dr. Bo"]),
    needs_heart_rate=st.booleans(),
)


# --- what a yes to a stop question leads to ------------------------------------------------------------------------


@pytest.mark.parametrize("concern", Concern)
def test_each_stop_needs_a_clinician_and_a_helper_before_backward(concern: Concern) -> None:
    person = Person(Level.L4, age=40, concerns=(concern,))
    limits = effective_limits(person)
    assert limits.backward.value == 0 and concern.value in limits.backward.reason and limits.careful
    assert [(p.line, "not allowed here" in p.text) for p in check((BACK, PUSH), limits)] == [(7, True), (8, True)]
    assert check((replace(BACK, facing=Facing.FORWARD), replace(PUSH, facing=Facing.FORWARD)), limits) == []
    agreed = effective_limits(replace(person, clinician="Dr. Ada"))
    assert (agreed.backward.value, agreed.level, agreed.careful) == (200, Level.L2, True)
    assert check((BACK, PUSH), agreed) == []


def test_every_concern_is_asked_for_once() -> None:
    assert [question.concern for question in STOP_QUESTIONS] == list(Concern)
    assert all(question.text.endswith("?") for question in STOP_QUESTIONS)
    assert set(ATTESTATIONS) == set(Attested)


def test_flags_of_an_older_file_stay_what_they_were() -> None:
    old = Person(Level.L4, age=40, fell_past_year=True, neurological_or_vestibular=True)
    assert old.backward_refusal is None and effective_limits(old).backward.value == 200


@pytest.mark.parametrize("age", [-1, 121, 10**9])
def test_an_age_that_nobody_has_is_no_age(age: int) -> None:
    with pytest.raises(ValueError, match="is no age"):
        Person(age=age)


# --- the level -----------------------------------------------------------------------------------------------------


@given(person=people, level=st.sampled_from(Level), by=st.sampled_from(["", "Ada"]))
def test_by_hand_nobody_comes_above_level_2_and_nobody_raises_themselves(
    person: Person, level: Level, by: str
) -> None:
    if level_refusal(person, level, by) is None:
        assert level <= person.level or (level <= Level.L2 and by and person.screened and person.refusal is None)
    if level <= person.level:
        assert level_refusal(person, level, by) is None


def test_a_professional_may_set_level_2_and_no_more() -> None:
    known = Person(age=40, screened=TODAY)
    assert level_refusal(known, Level.L2, "Ada") is None
    assert "level 2 at most" in str(level_refusal(known, Level.L3, "Ada"))
    assert "consent" in str(level_refusal(replace(known, age=15), Level.L1, "Ada"))


def test_who_set_a_level_is_known_for_the_level_that_holds() -> None:
    person = with_level(with_level(Person(), Level.L2, "Ada", "2026-11-01"), Level.L1, "", "2026-11-02")
    assert person.why_level == "set by yourself on 2026-11-02"
    assert with_level(person, Level.L2, "plan", "2026-12-01").why_level == "set by plan on 2026-12-01"
    assert Person(Level.L1).why_level == ""


def test_facts_do_not_grow_for_ever() -> None:
    person = Person()
    for number in range(FACTS_KEPT + 5):
        person = noted(person, TODAY, f"fact {number}")
    assert len(person.facts) == FACTS_KEPT
    assert (person.facts[0].what, person.facts[-1]) == ("fact 5", Fact(TODAY, f"fact {FACTS_KEPT + 4}"))


# --- answers -------------------------------------------------------------------------------------------------------


@given(person=people, given_=screenings)
@settings(max_examples=1000)
def test_answers_so_far_never_make_anybody_freer(person: Person, given_: Screening) -> None:
    gentler = tightened(person, given_)
    assert gentler.screened == person.screened
    if gentler.refusal is not None:  # no walk at all
        return
    before, after = effective_limits(person), effective_limits(gentler)
    for name in ("forward", "backward", "bout", "session", "backward_incline", "forward_incline", "turns"):
        assert getattr(after, name).value <= getattr(before, name).value
    assert after.careful >= before.careful
    assert after.heart_needed >= before.heart_needed


@given(person=people, given_=screenings)
def test_a_whole_screening_changes_no_level_and_is_dated(person: Person, given_: Screening) -> None:
    known = screened(person, given_, TODAY)
    assert (known.level, known.screened, known.facts[-1].on) == (person.level, TODAY, TODAY)
    assert known.concerns == given_.concerns and known.age == given_.age
    assert known.fell_past_year is (Concern.FALL in given_.concerns)
    assert known.neurological_or_vestibular is (Concern.NERVES in given_.concerns)


@pytest.mark.parametrize(
    ("before", "told", "kept"), [(70, 40, 70), (40, 70, 70), (40, 50, 40), (40, 12, 12), (15, 30, 15)]
)
def test_an_age_counts_before_the_last_answer_only_where_it_is_stricter(before: int, told: int, kept: int) -> None:
    assert tightened(Person(age=before), Screening(age=told)).age == kept


def test_a_new_stop_outlives_the_yes_that_did_not_know_of_it() -> None:
    person = Person(concerns=(Concern.FALL,), clinician="Dr. Ada")
    assert tightened(person, Screening(concerns=(Concern.FALL,))).clinician == "Dr. Ada"
    assert tightened(person, Screening(concerns=(Concern.FALL, Concern.HEART))).clinician == ""


@pytest.mark.parametrize(
    ("age", "words"),
    [(12, "nobody"), (13, "guardian"), (17, "guardian"), (18, "heart"), (64, "heart"), (65, "2.0 km/h")],
)
def test_what_follows_from_an_age_is_said(age: int, words: str) -> None:
    assert words in age_consequence(age)


def test_ones_own_word_is_given_and_taken_back() -> None:
    person = attesting(attesting(Person(), Attested.INCLINE, True, TODAY), Attested.SPOTTER, True, TODAY)
    assert person.attested == (Attested.INCLINE, Attested.SPOTTER)
    assert attesting(person, Attested.INCLINE, True, TODAY).attested == (Attested.SPOTTER, Attested.INCLINE)
    less = attesting(person, Attested.INCLINE, False, TODAY)
    assert less.attested == (Attested.SPOTTER,) and less.facts[-1].what == "incline: no"


def test_what_a_person_vouched_for_opens_the_gates_of_profiles() -> None:
    assert opened_gates(Person()) == frozenset()
    everything = Person(attested=tuple(Attested), clinician="Dr. Ada")
    assert opened_gates(everything) == frozenset(Gate)


# --- what people type ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "x", "-1", "4.5", "121", "1e2", "٤٠", "1" * 5000])
def test_what_is_no_age_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="whole years"):
        read_age(text)


@pytest.mark.parametrize(
    ("text", "speed"), [("4.5km/h", 450), ("4,5 km/h", 450), (" 2.8mph ", 451), ("4 KM/H", 400), ("0km/h", 0)]
)
def test_a_speed_is_read_with_its_unit(text: str, speed: int) -> None:
    assert read_speed(text) == speed


@pytest.mark.parametrize("text", ["", "fast", "-4km/h", "4.5m/s", "1e3km/h", "9" * 4000 + "km/h", "٤km/h.", "nan"])
def test_what_is_no_speed_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        read_speed(text)


def test_a_number_without_a_unit_is_asked_for_it() -> None:
    with pytest.raises(ValueError, match=r"Write 4\.5km/h or 4\.5mph"):
        read_speed("4.5")
    assert read_speed("4.5", unit_needed=False) == 450


@pytest.mark.parametrize("text", ["0.9km/h", "8.1km/h"])
def test_a_comfortable_speed_is_one_that_people_walk(text: str) -> None:
    with pytest.raises(ValueError, match=r"1\.0 to 8\.0"):
        read_comfortable(text)
