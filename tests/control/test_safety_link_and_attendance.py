"""Silence, lost links, and who attends."""

import itertools

from tests.control.rig import (
    CONTROL,
    ME,
    STOP,
    Rig,
)
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.api import Phase


def walking() -> Rig:
    return Rig().walking().run(3100)


def stopped_at_once(rig: Rig, before: int) -> bool:
    return [wrote.data for wrote in rig.writes[before:]] == [STOP]


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
    assert all(b - a <= 3000 for a, b in itertools.pairwise(calls)) and rig.now - calls[-1] <= 2000


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
    assert rig.shot.question is None and rig.heard(prompts.STEP_OFF)
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


def test_connect_after_a_loss_tries_the_same_machine_again_and_only_to_stop_it() -> None:
    rig = lost()
    tried = len(rig.of(ev.Reconnect))
    assert rig.ask(api.Connect("BB")).accepted
    assert rig.of(ev.Reconnect)[tried:] == [ev.Reconnect("AA")] and ev.Connect("BB") not in rig.of(ev.Connect)


def test_a_slower_speed_set_on_the_console_is_the_ceiling_at_once() -> None:
    rig = Rig().walking()
    commanded = rig.core._sup.commanded.current
    assert commanded is not None and commanded > 80
    rig.run(4000)
    rig.status(0x05, 80, 0)
    assert rig.core._sup.ramp.ceiling == 80 and rig.core._sup.commanded.current == 80


def test_an_echo_of_our_own_speed_is_no_console() -> None:
    rig = Rig().walking()
    commanded = rig.core._sup.commanded.current
    assert commanded is not None
    rig.status(0x05, *int(commanded).to_bytes(2, "little"))
    assert rig.core._sup.ramp.ceiling is None


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


def test_a_stop_whose_write_hangs_asks_for_a_new_link_even_when_another_stop_overtook_it() -> None:
    rig = Rig().walking()
    rig.answers = rig.obeys = False
    rig.press()
    first = next(write for write in rig.of(ev.Write) if isinstance(write, ev.Write) and write.data == b"\x08\x01")
    rig.run(600)
    assert rig.of(ev.Reconnect) == []
    rig.feed(ev.WriteFailed(first.id, "the write took longer than a second"))
    assert rig.of(ev.Reconnect) == [ev.Reconnect("AA")]
    assert rig.shot.alarm and rig.shot.footer is api.Footer.NO_LINK
