"""What a strap says: what is no reading, what is shown of it, and that nothing it says makes a belt faster (E7)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.rig import F, Rig
from treadctl.control import events as ev
from treadctl.control import heart as its
from treadctl.control.core import Core
from treadctl.control.heart import Beeper, Heart
from treadctl.control.screen import STRAPS_MAX
from treadctl.control.tally import Tally
from treadctl.ftms.heart_rate import HeartRate, encode_heart_rate
from treadctl.model import api
from treadctl.model.heart import zone_bounds, zone_of
from treadctl.model.machine import LinkInfo
from treadctl.model.person import Person
from treadctl.model.program import Program, Walk
from treadctl.model.records import Closed, SampleEntry
from treadctl.model.units import Ms, Speed

AGED = Person(age=48, needs_heart_rate=True)
SOMEBODY = Person(age=48)
CAP = 132
EASY = Program("easy", (Walk(F, 300, Speed(200)),))


def beat(rig: Rig, for_ms: Ms, *rates: int) -> None:
    """A strap that sends these rates, one a second, again and again."""
    for n in range(for_ms // 1000):
        rig.feed(ev.Notified(ev.Source.HEART_RATE, encode_heart_rate(HeartRate(rates[n % len(rates)], True))))
        rig.run(1000)


def fed(heart: Heart, begin: Ms, *rates: int) -> Ms:
    """One measurement a second while walking; the time of the last."""
    for n, rate in enumerate(rates):
        heart.strap(begin + n * 1000, HeartRate(rate), walking=True)
    return begin + (len(rates) - 1) * 1000


# --- what is no reading ----------------------------------------------------------------------------------------------


def test_a_leap_of_more_than_thirty_is_no_reading_until_it_has_held_for_five_seconds() -> None:
    heart = Heart()
    fed(heart, 0, 90, 120, 151, 151)
    assert heart.rate == 120 and heart.why(3000) == ""
    fed(heart, 4000, 160, 152, 151, 151)
    assert heart.rate == 151


def test_a_sensor_that_leaps_to_and_fro_is_lost_and_never_above_a_cap() -> None:
    heart = Heart()
    fed(heart, 0, 100, *(180, 250, 140, 181) * 3)
    assert heart.rate == 100 and heart.lost(12_000) and heart.why(12_000) in (its.LEAPS, its.IMPOSSIBLE)
    assert not heart.above(12_000, CAP)


def test_one_wrong_number_costs_only_itself_and_a_sensor_that_goes_to_and_fro_is_lost_until_it_is_steady() -> None:
    heart = Heart()
    fed(heart, 0, 100, 180, 101)
    assert (heart.rate, heart.why(2_000)) == (101, "")
    last = fed(heart, 3_000, *(102, 182) * 10)
    assert heart.lost(last) and heart.why(last) == its.LEAPS
    last = fed(heart, last + 1000, *(102, 103) * 4)
    assert heart.reading(last) == 103


def test_after_a_gap_of_five_seconds_there_is_nothing_to_leap_from() -> None:
    heart = Heart()
    fed(heart, 0, 90)
    heart.strap(5001, HeartRate(150))
    assert heart.rate == 150


def test_the_same_number_for_a_minute_of_walking_is_no_reading_and_a_new_one_is_again() -> None:
    heart = Heart()
    last = fed(heart, 0, *[90] * 60)
    assert heart.reading(last) == 90
    last = fed(heart, 60_000, *[90] * 6)
    assert heart.lost(last) and heart.why(last) == its.FLAT and heart.reading(last) is None
    fed(heart, 66_000, 91)
    assert heart.reading(66_000) == 91


def test_a_heart_at_rest_and_one_whose_beats_differ_may_keep_their_number() -> None:
    resting, beating = Heart(), Heart()
    for at in range(0, 200_000, 1000):
        resting.strap(at, HeartRate(61))
        beating.strap(at, HeartRate(90, rr_1024=(680 + at // 1000 % 3,)), walking=True)
    assert resting.reading(199_000) == 61 and beating.reading(199_000) == 90


def test_intervals_that_are_none_keep_no_number_alive() -> None:
    heart = Heart()
    for at in range(0, 66_000, 1000):
        heart.strap(at, HeartRate(90, rr_1024=(at // 1000 % 200, 65_535 - at // 1000)), walking=True)
    assert heart.lost(65_500) and heart.why(65_500) == its.FLAT


def test_the_treadmills_own_value_is_judged_in_the_same_way() -> None:
    heart = Heart()
    for at in range(0, 66_000, 1000):
        heart.machine(at, 88, walking=True)
    assert heart.lost(65_500)


def test_why_there_is_no_reading_is_told_in_words() -> None:
    heart = Heart()
    assert heart.why(0) == ""
    for measured, why in ((None, its.NO_NUMBER), (HeartRate(None), its.NO_NUMBER), (HeartRate(25), its.IMPOSSIBLE),
                          (HeartRate(80, contact=False), its.NO_CONTACT)):
        heart.strap(0, measured)
        assert heart.why(0) == why
    heart.strap(0, HeartRate(80))
    assert heart.why(0) == "" and heart.why(5001) == its.NOTHING


def test_a_lost_strap_beeps_at_once_and_then_every_thirty_seconds() -> None:
    beeper = Beeper()
    due = [at for at in range(0, 100_000, 1000) if beeper.due(at, lost=20_000 <= at < 85_000)]
    assert due == [20_000, 50_000, 80_000] and beeper.deadline() is None


# --- on a walk -------------------------------------------------------------------------------------------------------


def test_a_strap_lost_on_a_walk_beeps_and_says_why_on_the_screen() -> None:
    rig = Rig(person=SOMEBODY).walking(EASY)
    beat(rig, 5_000, 100, 101)
    assert not [tone for _, tone in rig.tones if tone is ev.Tone.HEART]
    rig.run(40_000)
    beeps = [at for at, tone in rig.tones if tone is ev.Tone.HEART]
    assert len(beeps) == 2 and beeps[1] - beeps[0] == its.BEEP_EVERY
    assert (rig.shot.heart_rate, rig.shot.heart_why) == (None, its.NOTHING)
    assert rig.shot.phase is api.Phase.WALKING and len(rig.heard("No heart rate.")) == 1


def test_a_strap_that_is_away_for_a_minute_beeps_on_and_counts_again_when_it_is_back() -> None:
    """In the middle of a walk, longer than its link is waited for; nobody here needs it, so the walk goes on."""
    rig = Rig(person=SOMEBODY).walking(EASY)
    beat(rig, 10_000, 110, 111)
    rig.run(70_000)
    beeps = [at for at, tone in rig.tones if tone is ev.Tone.HEART]
    assert len(beeps) == 3 and rig.shot.phase is api.Phase.WALKING and rig.shot.heart_rate is None
    beat(rig, 4_000, 112, 113)
    assert rig.shot.heart_rate in (112, 113) and rig.shot.heart_why == ""
    rig.run(1_000)
    assert len(rig.heard("No heart rate.")) == 1 and not rig.heard("Stopping")
    beat(rig, 20_000, CAP + 10, CAP + 11)
    assert rig.heard("Heart rate high. Slower.")


LIES = {
    "nothing but zeros": ("00 00", its.NO_NUMBER),
    "255": ("00 FF", its.IMPOSSIBLE),
    "off the skin": ("04 5A", its.NO_CONTACT),
    "no octets": ("", its.NO_NUMBER),
    "wide and cut short": ("01 5A", its.NO_NUMBER),
    "wide and huge": ("01 FF FF", its.IMPOSSIBLE),
    "flags alone": ("FF", its.NO_NUMBER),
    "stuck, with intervals that are none": ("10 5A 00 00 FF FF", its.FLAT),
    "stuck": ("06 5A", its.FLAT),
    "eighty more and less": ("06 64,06 B4", its.LEAPS),
}
"""What a strap sends again and again from then on, and what is said of it."""


def lie(rig: Rig, for_ms: Ms, text: str) -> None:
    sent = [bytes.fromhex(one) for one in text.split(",")]
    for n in range(for_ms // 1000):
        rig.feed(ev.Notified(ev.Source.HEART_RATE, sent[n % len(sent)]))
        rig.run(1000)


@pytest.mark.parametrize(("sent", "why"), LIES.values(), ids=list(LIES))
def test_a_strap_that_lies_is_told_and_the_walk_goes_on(sent: str, why: str) -> None:
    rig = Rig(person=SOMEBODY).walking(EASY)
    beat(rig, 5_000, 100, 101)
    lie(rig, 70_000, sent)
    assert rig.shot.phase is api.Phase.WALKING and rig.target == 200
    assert (rig.shot.heart_rate, rig.shot.heart_why) == (None, why)
    assert len(rig.heard("No heart rate.")) == 1


@pytest.mark.parametrize("sent", [sent for sent, _ in LIES.values()], ids=list(LIES))
def test_who_needs_a_heart_rate_is_eased_to_a_stop_by_a_strap_that_lies(sent: str) -> None:
    rig = Rig(person=AGED).walking(EASY)
    beat(rig, 5_000, 100, 101)
    lie(rig, 140_000, sent)
    assert rig.heard("No heart rate. Stopping.")
    assert rig.shot.phase is api.Phase.HALTED


def test_who_needs_a_heart_rate_and_never_had_one_is_eased_to_a_stop_as_well() -> None:
    rig = Rig(person=AGED).walking(EASY)
    assert rig.heard("No heart rate.")
    rig.until(lambda: bool(rig.heard("No heart rate. Stopping.")), 61_000)
    rig.phase(api.Phase.HALTED)


def test_the_cap_is_shown_with_its_reason_and_the_time_in_zones_grows() -> None:
    rig = Rig(person=SOMEBODY).walking(EASY)
    assert (rig.shot.heart_cap, rig.shot.zone) == (CAP, None) and rig.shot.heart_cap_why == "76 % of 208 - 0.7 x age"
    before = rig.shot.zones
    beat(rig, 10_000, 110, 111)
    rig.run(500)
    grown = [after - earlier for earlier, after in zip(before, rig.shot.zones, strict=True)]
    assert rig.shot.zone == 1 and 9_000 <= grown[1] <= 11_000 and grown[0] == grown[2] == grown[3] == grown[4] == 0


def test_without_an_age_there_are_no_zones_and_no_cap() -> None:
    rig = Rig().walking(EASY)
    beat(rig, 3_000, 110, 111)
    assert (rig.shot.zones, rig.shot.zone, rig.shot.heart_cap, rig.shot.heart_cap_why) == ((), None, None, "")
    assert rig.shot.heart_rate in (110, 111)


def test_the_session_keeps_the_straps_value_and_its_summary_the_zones() -> None:
    rig = Rig(person=SOMEBODY).walking(EASY)
    beat(rig, 10_000, 110, 111, 120)
    rig.ask(api.Stop())
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.id == "facing")
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.End())
    entries = [effect.entry for effect in rig.of(ev.Journal) if isinstance(effect, ev.Journal)]
    assert any(isinstance(entry, SampleEntry) and entry.heart_rate == 120 for entry in entries)
    closed = next(entry for entry in entries if isinstance(entry, Closed))
    assert closed.summary.top_heart == 120 and sum(closed.summary.zones) >= 9_000
    assert rig.shot.summary == closed.summary


def test_a_gap_in_the_steps_is_credited_with_a_second_at_most() -> None:
    tally = Tally([], zone_bounds(48))
    tally.heart(0, 100)
    assert tally.zones == (0,) * 5 and tally.top_heart is None and Tally([]).zone(100) is None


def test_zones_begin_at_shares_of_the_highest_rate_and_none_is_known_without_an_age() -> None:
    bounds = zone_bounds(40)
    assert bounds == (103, 116, 139, 173) and zone_bounds(None) == ()
    rates = (102, 103, 115, 116, 138, 139, 172, 173, 230)
    assert [zone_of(rate, bounds) for rate in rates] == [0, 1, 1, 2, 2, 3, 3, 4, 4]


# --- the strap's link ------------------------------------------------------------------------------------------------


def test_what_becomes_of_the_straps_link_is_shown_and_kept_in_the_session() -> None:
    rig = Rig(person=SOMEBODY).walking(EASY)
    for state in (api.LinkState.CONNECTING, api.LinkState.UP, api.LinkState.UP, api.LinkState.LOST):
        rig.feed(ev.StrapIs(api.Strap("AA", "Belt", state, "why" * (state is api.LinkState.LOST))))
    assert rig.shot.strap == api.Strap("AA", "Belt", api.LinkState.LOST, "why")
    rig.feed(ev.StrapIs(None))
    assert rig.shot.strap is None and rig.shot.phase is api.Phase.WALKING
    kept = [str(effect) for effect in rig.of(ev.Journal) if "kind='strap'" in str(effect)]
    assert len(kept) == 3 and "lost why" in kept[2]


def test_the_strap_worn_last_is_worn_again_after_the_machines_link_unless_another_was_picked() -> None:
    def worn(*inputs: ev.Input) -> list[str]:
        core = Core(ev.Context("straps", "0", strap="AA"))
        effects = [effect for at, item in enumerate(inputs) for effect in core.step(at, item)]
        return [effect.who for effect in effects if isinstance(effect, ev.Wear)]

    up, other = ev.LinkUp(LinkInfo("11")), ev.Asked("me", 1, api.PickStrap("BB"))
    assert worn(ev.Tick()) == [] and worn(up, ev.LinkDown("gone"), up) == ["AA"] and worn(other, up) == ["BB"]


def test_straps_are_no_treadmills_and_a_hall_full_of_them_is_cut_short() -> None:
    rig = Rig()
    for n in range(STRAPS_MAX + 4):
        rig.feed(ev.Seen(api.Found(f"{n:02X}", "Belt", fitness=False, treadmill=False, strap=True)))
    rig.feed(ev.Seen(api.Found("00", "Belt", -40, fitness=False, treadmill=False, strap=True)))
    rig.run(300)
    assert len(rig.shot.straps) == STRAPS_MAX and rig.shot.found == () and rig.shot.straps[0].rssi == -40
    rig.ask(api.Scan(5))
    rig.run(300)
    assert rig.shot.straps == ()


# --- it can only slow a walk down ------------------------------------------------------------------------------------

OCTETS = st.one_of(
    st.binary(max_size=24), st.builds(lambda rate: encode_heart_rate(HeartRate(rate, True)), st.integers(30, 230))
)


def test_a_heart_that_calms_down_gives_no_speed_back() -> None:
    rig = Rig(person=SOMEBODY).walking(EASY)
    rig.until(lambda: rig.target == 200)
    beat(rig, 12_000, 140, 141)
    assert rig.target == 180
    beat(rig, 40_000, 100, 101)
    assert rig.target == 180 and rig.shot.ceiling == 180


@settings(max_examples=25, deadline=None)
@given(sent=st.lists(st.tuples(st.integers(1, 4000), OCTETS), max_size=60), person=st.sampled_from([AGED, SOMEBODY]))
def test_nothing_a_strap_sends_makes_a_belt_faster(sent: list[tuple[Ms, bytes]], person: Person) -> None:
    """On a walk that was eased: no speed on the wire is above the ceiling, and none rises again."""
    rig = Rig(person=person).walking(EASY)
    rig.until(lambda: rig.target == 200)
    rig.ask(api.Ease())
    rig.until(lambda: rig.target == 180)
    before = len(rig.speeds)
    for wait, octets in sent:
        rig.feed(ev.Notified(ev.Source.HEART_RATE, octets))
        rig.run(wait)
    after = [wrote.speed or 0 for wrote in rig.speeds[before:]]
    assert after == sorted(after, reverse=True) and all(speed <= 180 for speed in after)
    assert rig.count(b"\x07") == 1
