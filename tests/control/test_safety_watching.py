"""What is watched while the belt may move, and what may rise when."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.control.rig import (
    HILL,
    PRACTISED,
    REFERENCE,
    START,
    STEPS,
    STOP,
    B,
    F,
    Rig,
    backward,
)
from treadctl.control import events as ev
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.machine import SpeedRange
from treadctl.model.person import Level, Person
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Incline, Speed

FASTER = Program("faster", (Walk(F, 40, Speed(100)), Walk(F, 60, Speed(300))))


def walking() -> Rig:
    return Rig().walking().run(3100)


def stopped_at_once(rig: Rig, before: int) -> bool:
    return [wrote.data for wrote in rig.writes[before:]] == [STOP]


# --- rises ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "facing", "speed", "most"),
    [(Person(), F, 300, 20), (Person(), B, 120, 10), (Person(level=Level.L1), B, 180, 10), (PRACTISED, B, 250, 20)],
)
def test_rises_are_small_steps_a_second_or_more_apart(person: Person, facing: Facing, speed: int, most: int) -> None:
    rig = Rig(person=person).walking(Program("p", (Walk(facing, 50, Speed(speed)),), level=person.level)).run(25_000)
    rises = rig.speeds[1:]
    speeds = [80, *(wrote.speed or 0 for wrote in rises)]
    assert speeds[-1] == speed
    assert all(0 < b - a <= most for a, b in itertools.pairwise(speeds))
    assert all(b.at - a.at >= 1000 for a, b in zip(rig.speeds, rises, strict=False))


def test_a_coarser_machine_rises_by_one_increment_at_the_same_rate() -> None:
    record = replace(REFERENCE, speed=SpeedRange(Speed(80), Speed(1600), Speed(50)))
    rig = Rig(record=record).walking(Program("p", (Walk(F, 60, Speed(300)),))).run(25_000)
    assert [wrote.speed for wrote in rig.speeds] == [80, 130, 180, 230, 280]
    assert all(b.at - a.at >= 2500 for a, b in zip(rig.speeds[1:], rig.speeds[2:], strict=False))


def test_a_rise_comes_only_after_its_words_were_heard_and_three_seconds_after_they_began() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 300)
    begun = rig.heard("Faster, to 3.0.")
    first = next(wrote for wrote in rig.speeds if (wrote.speed or 0) > 100)
    assert len(begun) == 1 and first.at - begun[0] >= 3000


def test_a_voice_that_is_not_heard_blocks_rises_and_never_a_stop() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 100)
    rig.speaks = False
    rig.run(60_000)
    assert max(wrote.speed or 0 for wrote in rig.speeds) == 100 and len(rig.heard("Faster, to 3.0.")) > 2
    assert rig.press() == [STOP]


def test_a_voice_that_comes_back_lets_the_rise_through_after_new_words() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 100)
    rig.speaks = False
    rig.run(40_000)
    rig.speaks = True
    rig.until(lambda: rig.speeds[-1].speed == 300)
    first = next(wrote for wrote in rig.speeds if (wrote.speed or 0) > 100)
    assert any(3000 <= first.at - at <= 6000 for at in rig.heard("Faster, to 3.0."))


def test_a_belt_held_below_a_slower_speed_rises_to_it_by_words_of_its_own() -> None:
    rig = Rig().holding(Program("slower", (Walk(F, 40, Speed(200)), Walk(F, 60, Speed(150)))))
    rig.keyboard = False
    rig.until(lambda: bool(rig.heard("Slower, to 1.5."))).run(10_000)
    assert rig.speeds[-1].speed == 80
    rig.keyboard = True
    rig.until(lambda: rig.speeds[-1].speed == 150)
    first = next(wrote for wrote in rig.speeds if (wrote.speed or 0) > 80)
    assert any(3000 <= first.at - at <= 6000 for at in rig.heard("Faster, to 1.5."))


def test_a_void_safety_cue_announces_nothing() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: bool(rig.heard("Faster, to 3.0.")))
    rig.feed(ev.Lagged(300))
    said = [e for e in rig.of(ev.Say) if isinstance(e, ev.Say)][-1]
    rig.feed(ev.SpeechFailed(said.id, "no device"))
    assert not rig.shot.voice and rig.shot.notice.startswith("No voice")


def fall_silent(rig: Rig) -> None:
    rig.sampling = False
    rig.run(1600)


def leave_unanswered(rig: Rig) -> None:
    rig.answers = False
    rig.obeys = False


def lose_keyboard(rig: Rig) -> None:
    rig.keyboard = False
    rig.run(300)


def test_no_rise_while_samples_are_stale() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 120)
    rig.sampling = False
    begin = rig.now
    rig.run(2900)
    assert all(wrote.at - begin <= 1500 for wrote in rig.speeds)
    rig.sampling = True
    rig.until(lambda: rig.speeds[-1].speed == 300)


def test_an_unanswered_rise_is_unknown_and_freezes_every_rise_until_the_belt_shows_it() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 160)
    rig.answers = rig.obeys = False
    rig.until(lambda: rig.speeds[-1].speed == 180)
    rig.until(lambda: rig.speeds[-1].speed == 200, must=False, limit=5000)
    written = rig.speeds[-1].speed
    rig.run(5000)
    assert rig.speeds[-1].speed == written or (rig.speeds[-1].speed or 0) <= 180
    assert "result unknown" in [e.text.removeprefix("fault: ") for e in rig.of(ev.Notice) if isinstance(e, ev.Notice)]


def test_no_rise_while_the_belt_is_held_after_a_start() -> None:
    rig = Rig().holding().run(9000)
    assert [wrote.speed for wrote in rig.speeds] == [80]


def test_no_rise_while_keys_go_elsewhere_and_forward_walking_goes_on() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 120)
    rig.keyboard = False
    rig.run(500)
    written = rig.speeds[-1].speed
    rig.run(10_000)
    assert rig.speeds[-1].speed == written and rig.count(STOP) == 0 and rig.heard("Keys go elsewhere.")
    rig.keyboard = True
    rig.until(lambda: rig.speeds[-1].speed == 300)


def test_facing_away_without_a_keyboard_eases_to_a_stop_after_three_seconds() -> None:
    rig = backward()
    rig.keyboard = False
    begin = rig.now
    rig.phase(Phase.EASING)
    assert 3000 <= rig.now - begin <= 3500
    rig.phase(Phase.HALTED)
    assert rig.count(STOP) == 1


def test_facing_away_without_a_keyboard_before_the_belt_moves_is_a_stop_too() -> None:
    rig = Rig()
    rig.start_delay = 6000
    rig.starting(Program("back", (Walk(B, 50, Speed(100)),)))
    rig.keyboard = False
    rig.run(4000)
    assert rig.count(STOP) == 1


def test_a_lagging_controller_does_not_rise_and_a_hung_one_stops() -> None:
    rig = walking()
    rig.feed(ev.Lagged(300))
    assert rig.count(STOP) == 0
    rig.feed(ev.Lagged(1001))
    assert rig.writes[-1].data == STOP and rig.heard("The controller hung. Stopping.")


def test_an_inbox_that_overflowed_locks_this_session_out_but_not_the_next() -> None:
    rig = walking()
    rig.feed(ev.Lagged(0, overflow=True))
    assert rig.writes[-1].data == STOP
    rig.phase(Phase.DONE)
    assert rig.shot.summary is not None and rig.shot.summary.exit_code == 5
    rig.asked().confirm().phase(Phase.HOLDING)


def test_a_rejected_rise_leaves_the_old_speed_in_force_and_waits() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 160)
    rig.results = {Op.SET_TARGET_SPEED: 4}
    rig.until(lambda: rig.speeds[-1].speed == 180)
    tried = rig.now
    rig.run(300)
    assert rig.shot.target == 160
    rig.until(lambda: rig.speeds[-1].at > tried)
    assert rig.now - tried >= 3000 and rig.speeds[-1].speed == 180


def test_control_refused_to_a_rise_is_a_stop() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.speeds[-1].speed == 160)
    rig.results = {Op.SET_TARGET_SPEED: 5}
    rig.phase(Phase.STOPPING)
    assert rig.count(STOP) == 1 and rig.heard("Control lost. Stopping.")


# --- incline --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "every"), [(HILL, 5000), (STEPS, 10_000)])
def test_the_incline_rises_slowly_after_its_words_and_never_with_the_speed(program: Program, every: int) -> None:
    rig = Rig(person=PRACTISED).walking(program)
    rig.until(lambda: rig.slope == 20)
    ups = rig.inclines
    assert [wrote.incline for wrote in ups] == [5, 10, 15, 20]
    assert all(b.at - a.at >= every for a, b in itertools.pairwise(ups))
    words = rig.heard("Hill,")
    assert any(ups[0].at - at >= 3000 for at in words)
    assert not {wrote.at for wrote in rig.speeds} & {wrote.at for wrote in ups}
    assert max(wrote.at for wrote in rig.speeds) + 1000 <= ups[0].at  # speed first


def test_a_hill_after_a_long_ramp_is_announced_again_and_climbed() -> None:
    person = Person(level=Level.L2)
    rig = Rig(person=person).walking(Program("p", (Walk(F, 120, Speed(500), Incline(10)),), level=Level.L2))
    rig.until(lambda: rig.slope == 10)
    assert len(rig.heard("Hill, 1 percent.")) == 2


def test_an_unanswered_incline_freezes_every_rise_until_the_deck_shows_it() -> None:
    rig = Rig(person=PRACTISED).walking(HILL)
    rig.until(lambda: rig.slope == 5)
    rig.run(1000)
    rig.deaf_to = {Op.SET_TARGET_INCLINATION}
    count = len(rig.inclines)
    rig.until(lambda: len(rig.inclines) == count + 1)
    rig.run(20_000)
    assert len(rig.inclines) == count + 1
    rig.incline = rig.slope = 10
    rig.deaf_to = set()
    rig.until(lambda: rig.slope == 20)


def test_a_rejected_incline_is_tried_again_from_where_the_deck_is() -> None:
    rig = Rig(person=PRACTISED).walking(HILL)
    rig.results = {Op.SET_TARGET_INCLINATION: 4}
    rig.until(lambda: len(rig.inclines) == 3)
    assert [wrote.incline for wrote in rig.inclines] == [5, 5, 5]


# --- too fast -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", [walking, backward])
def test_a_belt_above_every_command_of_late_is_stopped_with_an_alarm(scene: Callable[[], Rig]) -> None:
    rig = scene()
    rig.run(10_000)
    fast = (rig.shot.target or 0) + 31
    before = len(rig.writes)
    rig.sample(fast - 1)
    assert rig.writes[before:] == []
    rig.sample(fast)
    assert stopped_at_once(rig, before) and rig.heard("Too fast. Stopping.")
    assert ev.Tone.ALARM in [tone for _, tone in rig.tones]
    rig.phase(Phase.HALTED)
    assert rig.shot.facing is None


def test_two_samples_above_the_limit_stop_even_what_was_commanded() -> None:
    rig = Rig().walking(Program("p", (Walk(B, 50, Speed(120)),)))
    rig.until(lambda: rig.shot.target == 120)
    before = len(rig.writes)
    rig.sample(141)
    assert rig.writes[before:] == []
    rig.sample(141)
    assert rig.writes[-1].data == STOP


def test_a_slower_belt_is_the_person_at_the_console_and_becomes_the_ceiling() -> None:
    rig = Rig().walking(FASTER)
    rig.until(lambda: rig.shot.target == 300)
    rig.run(4000)
    rig.target = 150
    rig.run(8000)
    assert rig.shot.ceiling == 150 and rig.count(STOP) == 0
    written = len(rig.speeds)
    rig.run(6000)
    assert len(rig.speeds) == written
    rig.ask(api.Resume())
    rig.until(lambda: rig.shot.target == 300)


def test_a_bout_that_lasts_too_long_is_ended() -> None:
    rig = Rig().walking(Program("p", (Walk(B, 60, Speed(80)),)))
    rig.obeys = False
    rig.until(lambda: rig.now > 50_000)
    while rig.shot.phase is Phase.WALKING:  # samples that flicker to zero keep the program's clock from running
        rig.run(400)
        rig.sample(0)
    moved = rig.heard("Belt is slow")[0]
    assert 60_000 <= rig.now - moved <= 82_000 and rig.heard("Long enough. Stopping.")


# --- the belt does what nobody asked for ----------------------------------------------------------------------------


def test_motion_while_nothing_was_started_is_stopped() -> None:
    rig = Rig().link().still()
    rig.sample(100)
    assert [wrote.data for wrote in rig.writes] == [STOP] and rig.heard("The belt moves. Hold on.")


def test_motion_in_the_preparation_ends_the_session_and_skips_no_checklist() -> None:
    rig = Rig(checked=False).load()
    rig.sample(100)
    rig.phase(Phase.DONE)
    assert rig.count(STOP) == 1 and rig.count(START) == 0


def test_the_safety_key_ends_the_walk_until_it_is_armed_anew() -> None:
    rig = walking()
    rig.status(0x03)
    assert rig.writes[-1].data == STOP and rig.heard("Safety key pulled. Stopped.")
    rig.phase(Phase.HALTED)
    rig.run(60_000)
    assert rig.count(START) == 1


def test_a_stop_at_the_console_is_said_and_our_own_is_not() -> None:
    rig = walking()
    rig.status(0x02, 0x01)
    assert rig.heard("Stopped at the console.")
    rig = walking()
    rig.press()
    rig.status(0x02, 0x01)
    assert not rig.heard("Stopped at the console.")


def test_status_that_is_none_changes_nothing() -> None:
    rig = walking()
    before = len(rig.writes)
    rig.feed(ev.Notified(ev.Source.STATUS, b""))
    rig.feed(ev.Notified(ev.Source.CONTROL_POINT, b""))
    rig.feed(ev.Notified(ev.Source.TREADMILL_DATA, b""))
    rig.feed(ev.Notified(ev.Source.TRAINING, b"\x00\x0d"))
    assert rig.writes[before:] == []
