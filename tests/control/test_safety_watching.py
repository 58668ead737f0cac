"""Safety rules, sections 2, 3 and 6: what is watched while the belt may move, and what may rise when."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.control.rig import (
    CONTROL,
    HILL,
    ME,
    PRACTISED,
    REFERENCE,
    START,
    STEPS,
    STOP,
    THERE_AND_BACK,
    B,
    F,
    Rig,
    backward,
)
from treadctl.control import cueing
from treadctl.control import events as ev
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.machine import InclineRange, LinkInfo, Manual, Record, SpeedRange
from treadctl.model.person import Level, Person
from treadctl.model.program import Facing, OffTreadmill, Program, Walk
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
    assert all(0 < b - a <= most for a, b in zip(speeds, speeds[1:], strict=False))
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
    assert all(b.at - a.at >= every for a, b in zip(ups, ups[1:], strict=False))
    words = rig.heard("Hill,")
    assert any(3000 <= ups[0].at - at for at in words)
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
    assert 60_000 <= rig.now - moved <= 82_000 and rig.heard("Stopping. Hold both rails.")


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


# --- silence and the link -------------------------------------------------------------------------------------------


def test_three_seconds_of_silence_while_moving_are_a_lost_link() -> None:
    rig = walking()
    rig.sampling = False
    begin = rig.now
    rig.until(lambda: rig.count(STOP) > 0)
    assert rig.now - begin <= 3100 and rig.heard("Connection lost. Pull the key.") == [rig.now]
    assert rig.shot.alarm and ev.Tone.ALARM in [tone for _, tone in rig.tones]
    rig.run(1100)
    assert rig.of(ev.Reconnect) == [ev.Reconnect("AA")]


def test_samples_that_come_back_in_time_need_no_new_link() -> None:
    rig = walking()
    rig.obeys = False
    rig.sampling = False
    rig.until(lambda: rig.count(STOP) > 0)
    rig.sampling = True
    rig.run(3000)
    assert rig.of(ev.Reconnect) == []


def lost() -> Rig:
    rig = walking()
    rig.unlink()
    return rig


def test_a_lost_link_alarms_and_reconnects_in_the_same_step_and_calls_for_the_key_every_two_seconds() -> None:
    rig = lost()
    assert rig.shot.alarm == "Connection lost. Pull the key." and rig.shot.link is api.LinkState.LOST
    assert rig.of(ev.Reconnect) == [ev.Reconnect("AA")] and rig.shot.footer is api.Footer.NO_LINK
    begin = rig.now
    rig.run(11_000)
    assert [at - begin for at in rig.heard("ull the key.")] == [0, 2000, 4000, 6000, 8000, 10_000]


def test_the_call_for_the_key_goes_on_over_a_new_link_until_measured_zero() -> None:
    rig = lost()
    rig.obeys = False
    rig.run(3000)
    rig.link().run(10_000)
    calls = rig.heard("ull the key.")
    assert all(b - a <= 3000 for a, b in zip(calls, calls[1:], strict=False)) and rig.now - calls[-1] <= 2000


def test_after_a_lost_link_nothing_but_request_control_and_stop_is_written() -> None:
    rig = lost()
    before = len(rig.writes)
    rig.run(4000)
    assert rig.writes[before:] == []
    rig.link()
    assert rig.writes[before:] == []  # first look
    rig.run(700)
    assert [wrote.data for wrote in rig.writes[before:before + 2]] == [CONTROL, STOP]
    rig.phase(Phase.DONE)
    rig.run(60_000)
    assert {wrote.data for wrote in rig.writes[before:]} == {CONTROL, STOP}


def test_a_new_link_that_stays_silent_for_a_second_is_stopped_too() -> None:
    rig = lost()
    before = len(rig.writes)
    rig.run(2000)
    rig.sampling = False
    rig.link()
    begin = rig.now
    rig.run(990)
    assert rig.writes[before:] == []
    rig.run(200)
    assert [wrote.data for wrote in rig.writes[before:]] == [CONTROL, STOP] and rig.writes[-1].at - begin <= 1500


def test_a_new_link_to_a_belt_measured_at_zero_writes_nothing() -> None:
    rig = lost()
    before = len(rig.writes)
    rig.speed = rig.target = 0
    rig.link().phase(Phase.DONE)
    assert rig.writes[before:] == [] and rig.shot.alarm == ""


def test_a_belt_that_moves_after_all_on_the_new_link_is_stopped() -> None:
    rig = lost()
    before = len(rig.writes)
    rig.speed = rig.target = 0
    rig.link().run(1600)
    rig.speed = rig.target = 100
    rig.run(600)
    assert STOP in [wrote.data for wrote in rig.writes[before:]]


def test_a_stop_key_in_the_first_look_is_written_and_the_session_stays_over() -> None:
    rig = lost()
    rig.run(1000)
    rig.link()
    assert rig.press() == [STOP]
    rig.phase(Phase.DONE)
    assert rig.shot.summary is not None and rig.shot.summary.exit_code == 5


def test_a_session_whose_link_was_lost_is_over_and_the_rest_is_a_new_one() -> None:
    rig = lost()
    rig.run(1000)
    rig.link().phase(Phase.DONE)
    assert rig.shot.question is None and rig.heard(cueing.STEP_OFF)
    rig.asked().confirm().phase(Phase.HOLDING)


def test_a_stop_key_before_the_link_was_lost_does_not_make_it_a_mere_stop() -> None:
    rig = walking()
    rig.press()
    rig.unlink()
    assert rig.of(ev.Reconnect) and rig.shot.phase is Phase.LOST
    rig.run(1000)
    rig.link().phase(Phase.DONE)


def test_a_link_lost_at_measured_standstill_ends_the_session_without_an_alarm() -> None:
    rig = Rig().asked()
    rig.unlink()
    assert rig.shot.phase is Phase.DONE and rig.shot.alarm == "" and rig.of(ev.Reconnect) == []
    assert rig.shot.summary is not None and rig.shot.summary.exit_code == 4


def test_a_link_lost_while_a_ghost_moves_the_belt_alarms_and_reconnects() -> None:
    rig = Rig().link().still()
    rig.obeys = False
    rig.speed = rig.target = 100
    rig.run(1000)
    rig.unlink()
    assert rig.shot.alarm and rig.of(ev.Reconnect) == [ev.Reconnect("AA")]


def test_a_link_that_never_said_anything_may_be_made_again() -> None:
    rig = Rig().link()
    rig.unlink()
    assert rig.shot.alarm == "" and rig.ask(api.Connect("AA")).accepted
    assert rig.of(ev.Connect) == [ev.Connect("AA")]


def test_a_lost_link_is_not_made_by_hand() -> None:
    reply = lost().ask(api.Connect("AA"))
    assert not reply.accepted and "only to stop" in reply.reason


def test_connecting_twice_is_connecting_once() -> None:
    rig = Rig().link()
    assert rig.ask(api.Connect()).accepted and rig.of(ev.Connect) == []


def test_silence_after_standstill_is_unknown_and_writes_nothing() -> None:
    rig = Rig().asked()
    rig.sampling = False
    rig.run(10_000)
    assert rig.shot.belt is api.Belt.UNKNOWN and rig.writes == [] and rig.shot.speed is None


# --- who attends ----------------------------------------------------------------------------------------------------


def test_a_client_that_stops_attending_stops_the_belt_within_two_seconds() -> None:
    rig = walking()
    rig.attends = False
    begin = rig.now
    rig.until(lambda: rig.count(STOP) > 0)
    assert rig.now - begin <= 2100 and rig.heard("The screen is gone. Stopping.")


def test_a_client_whose_socket_closes_stops_the_belt_in_the_same_step() -> None:
    rig = walking()
    before = len(rig.writes)
    rig.attends = False
    rig.feed(ev.ClientGone(ME))
    assert stopped_at_once(rig, before)


def test_another_client_s_heartbeat_does_not_keep_the_belt_going() -> None:
    rig = walking()
    rig.attends = False
    for _ in range(12):
        rig.feed(ev.Attended("another"))
        rig.run(250)
    assert rig.count(STOP) == 1


def test_another_client_may_come_and_go() -> None:
    rig = walking()
    rig.feed(ev.Attended("another"))
    rig.feed(ev.ClientGone("another"))
    rig.run(5000)
    assert rig.count(STOP) == 0


def test_a_host_that_slept_stops_what_moves() -> None:
    rig = walking()
    rig.feed(ev.Suspended(600))
    assert rig.writes[-1].data == STOP and rig.heard("The computer slept. Stopping.")


def test_quit_stops_first_waits_for_zero_and_closes_the_recording() -> None:
    rig = walking()
    rig.feed(ev.Quit("TERM"))
    assert rig.writes[-1].data == STOP and rig.of(ev.Exit) == []
    rig.until(lambda: bool(rig.of(ev.Exit)))
    assert rig.speed == 0 and rig.of(ev.Close) == [ev.Close()]
    assert rig.shot.summary is not None and not rig.shot.summary.finished


def test_quit_at_rest_ends_at_once_and_writes_nothing() -> None:
    for rig in (Rig(), Rig().asked()):
        rig.feed(ev.Quit("INT"))
        assert rig.of(ev.Exit) == [ev.Exit(0)] and rig.writes == []


def test_quit_does_not_wait_for_ever() -> None:
    rig = walking()
    rig.deaf_to = {Op.STOP_OR_PAUSE}
    rig.feed(ev.Quit("TERM"))
    begin = rig.now
    rig.until(lambda: bool(rig.of(ev.Exit)))
    assert rig.now - begin == 10_000 and rig.shot.summary is not None


# --- machines and programs that are refused -------------------------------------------------------------------------


FORWARD = Program("forward", (Walk(F, 60, Speed(150)),))
BACKWARD = Program("backward", (Walk(B, 50, Speed(100), line=3),))


def refusal(record: Record | None, program: Program = FORWARD, person: Person = PRACTISED) -> str:
    rig = Rig(record=record, person=person).link().still()
    reply = rig.ask(api.Load(program))
    rig.run(5000)
    assert not reply.accepted and rig.writes == [] and rig.shot.phase is Phase.IDLE
    return reply.reason


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (None, "not commissioned"),
        (Record(), "not commissioned: speed range"),
        (replace(REFERENCE, stop_lag=None), "stop lag"),
        (replace(REFERENCE, units_read_by_owner=False), "units read off the console"),
        (replace(REFERENCE, remote_start=False), "cannot be started by remote"),
        (replace(REFERENCE, stop_works=False), "cannot be stopped by remote"),
        (replace(REFERENCE, speed=SpeedRange(Speed(0), Speed(1600), Speed(10))), "make no sense"),
        (replace(REFERENCE, incline=InclineRange(Incline(5), Incline(5), 0)), "make no sense"),
    ],
)
def test_a_machine_without_a_complete_record_is_refused(record: Record | None, words: str) -> None:
    assert words in refusal(record)


@pytest.mark.parametrize(
    "record",
    [
        replace(REFERENCE, manual=Manual.FORBIDS), replace(REFERENCE, rails_facing_away=False),
        replace(REFERENCE, stop_lag=6001), replace(REFERENCE, sample_interval=1501), replace(REFERENCE, ramp=61),
        replace(REFERENCE, samples_at_standstill=False), replace(REFERENCE, start_speed=Speed(121)),
    ],
)
def test_a_machine_on_which_nobody_walks_backward_refuses_backward_only(record: Record) -> None:
    assert "line 3 walks 1.0 km/h backward" in refusal(record, BACKWARD)
    assert Rig(record=record).link().still().ask(api.Load(FORWARD)).accepted


def test_a_machine_that_now_tells_another_range_is_refused() -> None:
    rig = Rig()
    rig.feed(ev.LinkUp(LinkInfo("AA", speed=SpeedRange(Speed(50), Speed(900), Speed(10))), REFERENCE))
    rig.linked = True
    assert "another speed range" in rig.still().ask(api.Load(FORWARD)).reason


@pytest.mark.parametrize(
    ("program", "person", "words"),
    [
        (Program("p", (Walk(B, 50, Speed(130), line=7),)), Person(), "line 7 walks 1.3 km/h backward"),
        (Program("p", (Walk(B, 61, Speed(100), line=7),)), Person(), "line 7"),
        (Program("p", (Walk(F, 50, Speed(70)),)), Person(), "it walks 0.7 km/h forward"),
        (Program("p", ()), Person(), "no segment"),
        (FORWARD, Person(age=12), "under 13"),
    ],
)
def test_a_program_above_the_limits_is_refused_with_its_line(program: Program, person: Person, words: str) -> None:
    assert words in refusal(REFERENCE, program, person)


def test_a_program_is_refused_while_nothing_is_known_or_another_is_walked() -> None:
    assert "no machine is connected" in Rig().ask(api.Load(FORWARD)).reason
    assert "not measured still" in Rig().link().ask(api.Load(FORWARD)).reason
    assert "under way" in Rig().load().ask(api.Load(FORWARD)).reason
    assert "not measured still" in lost_and_ended().ask(api.Load(Program("o", (OffTreadmill(9),)))).reason


def lost_and_ended() -> Rig:
    rig = Rig().link().still()
    rig.speed = rig.target = 100
    rig.obeys = False
    rig.run(1000)
    rig.unlink()
    return rig


@pytest.mark.parametrize(
    ("lock", "held"),
    [
        (UNREADABLE, True), (Lock("fall", "you fell"), True), (Lock("units:AA", "units"), True),
        (Lock("units:BB", "units"), False), (Lock("pain", "it hurt", "2026-02-01"), True),
        (Lock("pain", "it hurt", "2026-01-31"), False),
    ],
)
def test_a_lock_refuses_on_its_machine_until_its_day(lock: Lock, held: bool) -> None:
    reply = Rig(locks=(lock,)).link().still().ask(api.Load(FORWARD))
    assert reply.accepted is not held and (not held or lock.reason in reply.reason)


def test_a_slow_walker_of_an_unknown_machine_is_told_so() -> None:
    assert THERE_AND_BACK.level == Level.L0
    assert "line 3" in refusal(replace(REFERENCE, manual=Manual.FORBIDS), BACKWARD, Person())
