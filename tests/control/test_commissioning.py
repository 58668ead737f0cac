"""Commissioning: what is learnt of an empty belt, how gently it is driven, what is asked and when it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.bench import ADDRESS, KNOWN, RANGE, Bench
from tests.control.rig import CONTROL, REFERENCE, START, STOP
from treadctl.control import events as ev
from treadctl.control.admission import commission_refusal
from treadctl.control.aftermath import units_lock
from treadctl.control.commissioning import SAY_LIMIT, fits, report, verdict
from treadctl.control.events import Connect, Learn, Remember
from treadctl.model import api
from treadctl.model.locks import Lock
from treadctl.model.machine import Backward, LinkInfo, Manual, SpeedRange, backward_permission
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Incline, Speed

PAUSE = b"\x08\x02"
WALK = Program("walk", (Walk(Facing.FORWARD, 60, Speed(150)),))
BOTH = Program("both", (Walk(Facing.FORWARD, 60, Speed(150)), Walk(Facing.BACKWARD, 40, Speed(100))))
NOTHING = "Nothing was learnt."
LOCKED = (units_lock(ADDRESS), units_lock("BB"), Lock("pain", "it hurt", "2099-01-01"))


# --- what is learnt --------------------------------------------------------------------------------------------------


def test_part_one_learns_the_figures_of_the_machine() -> None:
    bench = Bench().commissioned()
    learnt = bench.learnt
    assert learnt is not None and learnt.complete and bench.shot.reason == "Kept. Backward: yes."
    assert (learnt.address, learnt.name, learnt.firmware, learnt.learnt) == (ADDRESS, "Bench", "7", "2026-01-31")
    assert (learnt.speed, learnt.told, learnt.start_speed) == (RANGE, RANGE, 80)
    assert learnt.remote_start and learnt.stop_works and learnt.samples_at_standstill and learnt.units_read_by_owner
    assert learnt.control and learnt.manual is Manual.ALLOWS and learnt.rails_facing_away
    assert learnt.start_lag is not None and bench.start_delay <= learnt.start_lag <= bench.start_delay + 1000
    assert learnt.counts_itself == learnt.start_lag
    assert learnt.lag is not None and learnt.lag <= 600 and learnt.ramp == 50 and learnt.sample_interval == 500
    assert learnt.stop_lag is not None and 1500 <= learnt.stop_lag <= 3000
    assert not learnt.pause_proven and learnt.runs_on is None and learnt.resume_speed is None
    assert backward_permission(learnt) == (Backward.YES, "")


def test_what_was_learnt_is_shown_in_figures_before_it_is_kept() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.shot.question is not None and bench.shot.question.id == "keep")
    question = bench.shot.question
    assert question is not None and bench.learnt is None
    for figure in ("starts by remote: yes", "start speed, km/h: 0.8", "speeds, km/h: 0.8 to 16.0 in steps of 0.1",
                   "samples at most apart, s: 0.5", "as the console shows: yes"):
        assert figure in question.detail


def test_what_is_dropped_is_not_learnt() -> None:
    bench = Bench(says={"keep": "d"}).commissioned()
    assert bench.learnt is None and bench.of(Connect) == []
    assert bench.shot.reason == "Dropped. Nothing was learnt."


def test_after_learning_the_core_meets_the_machine_anew_and_drives_it_by_no_other_record() -> None:
    bench = Bench(record=replace(KNOWN, address=ADDRESS)).commissioned()
    assert [type(effect) for _, effect in bench.effects if isinstance(effect, (Learn, Connect))] == [Learn, Connect]
    assert bench.of(Connect) == [Connect(ADDRESS)]
    refused = bench.ask(api.Load(WALK))
    assert not refused.accepted and "not commissioned" in refused.reason
    bench.record = bench.learnt
    bench.link().load(WALK)


def test_only_the_units_lock_of_this_machine_is_gone_after_learning() -> None:
    bench = Bench(locks=LOCKED).commissioned()
    assert bench.core._keeping._locks == LOCKED[1:]


@pytest.mark.parametrize("says", [{"keep": "d"}, {"shown-1": "9"}], ids=["dropped", "other units"])
def test_a_units_lock_stays_unless_the_units_were_learnt(says: dict[str, str]) -> None:
    bench = Bench(locks=LOCKED, says=says).commissioned()
    assert bench.core._keeping._locks == LOCKED


@pytest.mark.parametrize(
    ("typed", "agrees"), [("0.9", True), ("1.1", True), ("0.8", False), ("1.2", False), ("0", False)]
)
def test_the_console_has_to_show_what_the_samples_told(typed: str, agrees: bool) -> None:
    learnt = Bench(says={"shown-1": typed}).commissioned().learnt
    assert learnt is not None and learnt.units_read_by_owner is agrees and learnt.complete is agrees


def test_a_console_in_miles_is_compared_in_miles() -> None:
    learnt = Bench(says={"unit": "m", "shown-1": "0.6", "shown-2": "1.2"}).commissioned().learnt
    assert learnt is not None and learnt.units_read_by_owner
    assert not Bench(says={"unit": "m"}).commissioned().learnt.units_read_by_owner  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("says", "permitted"),
    [
        ({"manual": "s"}, Backward.YES), ({"manual": "f"}, Backward.NO), ({"rail": "n"}, Backward.NO),
        ({"cord": "n"}, Backward.NO), ({"shown-2": "3.3"}, Backward.NO),
    ],
)  # fmt: skip
def test_backward_is_permitted_by_what_the_owner_attests(says: dict[str, str], permitted: Backward) -> None:
    learnt = Bench(says=says).commissioned().learnt
    assert learnt is not None and backward_permission(learnt)[0] is permitted


def test_a_console_that_does_not_count_down_itself_is_known() -> None:
    learnt = Bench(says={"counts": "n"}).commissioned().learnt
    assert learnt is not None and learnt.counts_itself == 0 and learnt.start_lag


@pytest.mark.parametrize("id", ["empty", "beside", "console"])
def test_nothing_is_started_where_the_owner_says_no(id: str) -> None:
    bench = Bench(says={id: "n"}).commissioned()
    assert bench.writes == [] and bench.learnt is None
    assert bench.shot.reason.startswith("Nothing was learnt: ")


def test_a_belt_that_falls_silent_at_standstill_is_not_started() -> None:
    bench = Bench()
    bench.begin_commissioning().sampling = False
    bench.done()
    assert bench.writes == [] and "falls silent at standstill" in bench.shot.reason


def test_steps_that_the_machine_rounds_are_taken_for_coarse() -> None:
    class Coarse(Bench):
        def _obey(self, wrote: object) -> None:
            super()._obey(wrote)  # type: ignore[arg-type]
            if self.target == 110:
                self.target = 100

    learnt = Coarse().commissioned().learnt
    assert learnt is not None and learnt.speed is not None and learnt.speed.increment == 50
    assert backward_permission(learnt)[0] is Backward.MINIMUM_ONLY


def test_a_machine_without_a_range_gets_the_lowest_speed_that_the_owner_reads() -> None:
    bench = Bench(told=None, says={"lowest": "0.8"}).commissioned()
    learnt = bench.learnt
    assert learnt is not None and learnt.speed == SpeedRange(Speed(80), Speed(800), Speed(10)) and learnt.told is None


def test_a_lowest_speed_of_nothing_is_asked_for_again() -> None:
    bench = Bench(told=SpeedRange(Speed(80), Speed(1600), Speed(0)), says={"lowest": "0"}).begin_commissioning()
    bench.until(lambda: "lowest" in bench.answered)
    bench.run(1000)
    assert bench.shot.question is not None and bench.shot.question.id == "lowest" and bench.writes == []
    assert bench.ask(api.Answer("lowest", "0.8")).accepted
    learnt = bench.done().learnt
    assert learnt is not None and learnt.complete


@pytest.mark.parametrize(("lowest", "kept"), [("3", True), ("9", False)])
def test_a_machine_that_cannot_run_slowly_is_not_driven(lowest: str, kept: bool) -> None:
    """Stop is timed from 2 km/h. A range that makes no sense is none."""
    bench = Bench(told=None, says={"lowest": lowest}).commissioned()
    learnt = bench.learnt
    assert learnt is not None and not learnt.control and (learnt.speed is not None) is kept
    assert bench.writes == []


# --- the belt is driven gently ---------------------------------------------------------------------------------------


def test_every_start_has_its_confirm_and_no_rise_comes_before_its_words_were_heard() -> None:
    bench = Bench().commissioned()
    assert bench.count(START) == 1 and bench.top <= 220
    heard = {text: at for at, text in bench.said if text.startswith("Faster")}
    for wrote in bench.speeds:
        if wrote.speed and wrote.speed > 80:
            assert wrote.at >= heard[f"Faster, to {wrote.speed / 100:.1f}."] + 3000
    assert [wrote.speed for wrote in bench.speeds] == [80, 100, 110, 200]


def test_nobody_who_does_not_confirm_starts_the_belt() -> None:
    bench = Bench()
    bench.press = lambda *_, **__: []  # type: ignore[method-assign]
    bench.begin_commissioning().run(300_000)
    assert bench.count(START) == bench.count(CONTROL) == 0
    assert bench.ask(api.Confirm()).accepted is False


def test_a_rise_that_nobody_hears_is_not_written() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.shot.phase is api.Phase.HOLDING)
    bench.speaks = False
    bench.run(70_000)
    assert [wrote.speed for wrote in bench.speeds] == [80] and bench.count(STOP) and bench.stands


def test_a_belt_does_not_run_on_because_the_owner_is_not_told_to_read() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bool(bench.heard("Read the console")))
    bench.speaks = False
    bench.run(1)
    bench._soon.clear()
    begun = bench.now
    bench.done()
    assert bench.shot.reason == f"Nobody heard what was said. {NOTHING}" and bench.learnt is None
    assert bench.now <= begun + SAY_LIMIT + 10_000 and len(bench.heard("Read the console")) >= 3


def test_what_could_not_be_said_is_said_again() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bool(bench.heard("Read the console")))
    bench._soon.clear()
    said = next(e for e in reversed(bench.of(ev.Say)) if isinstance(e, ev.Say))
    bench.feed(ev.SpeechFailed(said.id, "broken"))
    bench.until(lambda: len(bench.heard("Read the console")) == 2, 6_000)
    learnt = bench.done().learnt
    assert learnt is not None and learnt.complete


def test_a_prompt_that_could_not_be_said_is_said_again_before_anybody_is_asked() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bool(bench.heard("Nobody on the belt")))
    bench._soon.clear()
    said = next(e for e in reversed(bench.of(ev.Say)) if isinstance(e, ev.Say))
    bench.feed(ev.SpeechFailed(said.id, "broken"))
    bench.feed(ev.SpeechFailed(said.id + 50, "broken"))
    bench.until(lambda: len(bench.heard("Nobody on the belt")) == 2, 6_000)
    assert not bench.heard("Belt empty?")


def test_a_slow_minimum_rises_twice_and_is_met() -> None:
    """0.5, then 0.8 as the first speed to be met, then 1.0: each announced."""
    bench = Bench(told=SpeedRange(Speed(50), Speed(600), Speed(10)))
    learnt = bench.commissioned().learnt
    assert learnt is not None and learnt.control and learnt.complete
    assert [wrote.speed for wrote in bench.speeds] == [50, 80, 100, 110, 200]
    (one,), (two,) = bench.heard("Faster, to 0.8"), bench.heard("Faster, to 1.0")
    assert one + 3_000 < two < one + 15_000


def test_a_first_start_may_be_no_faster_than_two() -> None:
    class Fast(Bench):
        def _move(self) -> None:
            super()._move()
            if self.speed == 80:
                self.target = self.speed = 230

    bench = Fast().begin_commissioning()
    bench.until(lambda: bench.speed == 230)
    assert bench.count(STOP) == 1  # at the very first sample
    bench.done()
    assert bench.learnt is None and bench.shot.reason == f"Too fast. Stopping. {NOTHING}"


class Miles(Bench):
    """Takes km/h for miles, at once, and goes on for so many samples after its Stop."""

    coasts = 0

    def _obey(self, wrote: object) -> None:
        super()._obey(wrote)  # type: ignore[arg-type]
        if getattr(wrote, "speed", None) is not None:
            self.target = round(self.target * 1.609)

    def _move(self) -> None:
        before = self.speed
        super()._move()
        self.coasts -= before > 80 and not self.target
        self.speed = self.target or (before if self.coasts > 0 else self.speed)


def test_a_belt_that_takes_kilometres_for_miles_is_told_as_that() -> None:
    bench = Miles().commissioned()
    assert bench.learnt is None and "It ran 1.29 km/h" in bench.shot.reason and "miles" in bench.shot.reason
    assert bench.top <= 220 and bench.stands


def test_a_belt_that_is_seen_to_take_miles_is_locked_until_it_is_learnt() -> None:
    bench = Miles()
    bench.coasts = 4
    bench.commissioned()
    assert bench.learnt is None and bench.of(Remember) == [Remember(replace(units_lock(ADDRESS), since="2026-01-31"))]
    assert bench.heard("Wrong speed unit")


# --- what is answered ------------------------------------------------------------------------------------------------

HOSTILE = (
    "", "1e3", "٣", "99999", "1..2", "-1", "+1", " 1", "1 ", "1,2", "0x1", "nan", "inf", "31", "1.234", "²", "1.²",
)  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_number_that_no_console_shows_is_not_taken(typed: str) -> None:
    bench = Bench(says={"shown-1": typed}).begin_commissioning()
    bench.until(lambda: "shown-1" in bench.answered)
    bench.run(2_000)
    assert bench.shot.question is not None and bench.shot.question.id == "shown-1"


@pytest.mark.parametrize("typed", ["0", "1", "0.8", "12.34", "30", "30.99", "5."])
def test_numbers_of_consoles_are_taken(typed: str) -> None:
    assert fits(api.Question("shown-1", "?", api.Asking.NUMBER), typed)


@pytest.mark.parametrize(("id", "choice"), [("empty", "maybe"), ("beside", "y"), ("keep", "k"), ("empty", "")])
def test_only_the_question_that_is_asked_can_be_answered_with_one_of_its_choices(id: str, choice: str) -> None:
    bench = Bench().begin_commissioning()
    bench.owner = False
    bench.until(lambda: bench.shot.question is not None)
    assert not bench.ask(api.Answer(id, choice)).accepted


def test_nothing_is_answered_while_the_belt_moves() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    refused = bench.ask(api.Answer("unit", "k"))
    assert not refused.accepted and "may move" in refused.reason and bench.shot.question is None


def test_nothing_is_answered_in_the_moment_between_a_stop_and_its_consequence() -> None:
    bench = Bench(says={"cord": "?"}).begin_commissioning()
    bench.until(lambda: bench.answered[-1:] == ["cord"])
    bench.owner = False
    bench.commissioning.stopped_by(bench.now, "Somebody stopped it.")
    assert not bench.commissioning.answer(bench.now, "cord", "y")


# --- when it is refused ----------------------------------------------------------------------------------------------


def test_it_is_refused_without_a_machine() -> None:
    assert Bench().ask(api.Commission(1)).reason == "Refused: no machine is connected; connect one first."


def test_it_is_refused_while_the_belt_moves_and_while_it_is_being_stopped() -> None:
    bench = Bench().link()
    bench.until(lambda: bench.stands)
    bench.speed = bench.target = 100
    bench.sample()
    assert bench.ask(api.Commission(1)).reason == "Refused: the belt moves; wait until it stands."
    bench.target = 0
    bench.until(lambda: bench.speed == 0)
    assert "the belt moves" in bench.ask(api.Commission(1)).reason


def test_it_is_refused_while_the_samples_say_that_the_belt_moves_although_nobody_stops_it() -> None:
    bench = Bench().link()
    bench.until(lambda: bench.stands)
    assert bench.ask(api.Commission(3)).reason == "Refused: commissioning has the parts 1 and 2."


def test_one_thing_at_a_time() -> None:
    bench = Bench().begin_commissioning()
    assert "under way" in bench.ask(api.Commission(1)).reason
    assert "under way" in bench.ask(api.Load(WALK)).reason
    walking = Bench(record=KNOWN).link()
    walking.owner = False
    walking.load(WALK)
    assert "under way" in walking.ask(api.Commission(1)).reason


def test_the_second_part_needs_the_first_on_another_day_on_a_machine_that_obeys() -> None:
    info, today = LinkInfo(ADDRESS), "2026-01-31"
    first = "Refused: the first part comes first, on a machine that obeys."
    assert commission_refusal(2, info, None, today) == first
    assert commission_refusal(2, info, replace(KNOWN, stop_lag=None), today) == first
    assert commission_refusal(2, info, replace(KNOWN, control=False), today) == first
    assert commission_refusal(2, info, replace(KNOWN, learnt=today), today) == (
        "Refused: the second part is for another day; walk forward first."
    )
    assert commission_refusal(2, info, KNOWN, today) is None
    assert commission_refusal(1, info, None, today) is None


# --- in words --------------------------------------------------------------------------------------------------------


def test_the_verdict_says_what_the_machine_may_be_used_for() -> None:
    assert verdict(REFERENCE) == "Kept. Backward: yes."
    assert verdict(replace(REFERENCE, remote_start=False)).startswith("Kept. Backward: with a spotter at the console (")
    assert verdict(replace(REFERENCE, ramp=None, stop_lag=None)) == "Kept. It cannot be driven: stop lag, ramp."


def test_the_report_leaves_out_what_is_not_known() -> None:
    assert "speeds" not in report(replace(REFERENCE, speed=None)) and "None" not in report(REFERENCE)


def test_a_commissioning_shows_itself_as_a_session_without_segments() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    assert bench.shot.program == "Commissioning, empty belt" and bench.shot.segment is None
    assert bench.shot.footer is api.Footer.ANY_KEY and bench.shot.target == 100
    assert bench.commissioning.ticks() == (False, False) and bench.shot.incline == Incline(0)


def test_the_speed_that_the_belt_takes_at_its_start_is_no_target() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.shot.phase is api.Phase.HOLDING and bench.shot.belt is api.Belt.MOVING)
    assert bench.shot.target is None
    assert not any(wrote.speed for wrote in bench.writes)
    bench.until(lambda: bench.shot.target is not None)
    assert bench.shot.target == next(wrote.speed for wrote in bench.writes if wrote.speed)
