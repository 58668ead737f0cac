"""Whatever may move stops at once, by any key, from anywhere."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.control.rig import (
    CONTROL,
    HILL,
    ME,
    PRACTISED,
    REFERENCE,
    STOP,
    B,
    F,
    Rig,
)
from tests.control.scenes import climbing, easing, holding, starting, walking, walking_backward
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.machine import SpeedRange
from treadctl.model.program import Facing, Program, Rest, Walk
from treadctl.model.units import Speed

Scene = Callable[[], Rig]


def just_linked() -> Rig:
    return Rig().link()


MOVING: list[Scene] = [starting, holding, walking, walking_backward, climbing, easing]
KEYS = ["space", "enter", "escape", "ctrl+c", "x", "7", "f5", "up", "page_down"]


@pytest.mark.parametrize("scene", MOVING)
def test_a_stop_key_writes_the_stop_in_the_same_step_in_every_phase_with_a_moving_belt(scene: Scene) -> None:
    assert scene().press() == [STOP]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("held", [False, True])
def test_every_unmapped_key_stops_held_or_not(key: str, held: bool) -> None:
    assert walking().press(key, held) == [STOP]


@pytest.mark.parametrize("scene", MOVING)
@pytest.mark.parametrize("client", [ME, "stranger"])
def test_a_stop_from_anywhere_is_written_in_the_same_step(scene: Scene, client: str) -> None:
    rig = scene()
    before = len(rig.writes)
    assert rig.ask(api.Stop("phone"), client).accepted
    assert [wrote.data for wrote in rig.writes[before:]] == [STOP]
    assert rig.writes[-1].urgency is ev.Urgency.STOP


def test_a_stop_key_stops_a_belt_of_which_nothing_is_known_yet() -> None:
    assert just_linked().press() == [STOP]


@pytest.mark.parametrize("scene", MOVING)
def test_a_stop_is_sent_while_another_procedure_is_outstanding(scene: Scene) -> None:
    rig = scene()
    rig.answers = False
    rig.run(400)
    assert rig.press() == [STOP]


def test_a_stop_is_sent_in_the_very_ms_of_an_unanswered_set_speed() -> None:
    rig = Rig().walking()
    rig.answers = False
    count = len(rig.speeds)
    rig.until(lambda: len(rig.speeds) > count)
    assert rig.press() == [STOP]


@pytest.mark.parametrize("scene", MOVING)
def test_a_second_stop_key_writes_nothing_while_the_belt_slows(scene: Scene) -> None:
    rig = scene()
    rig.press()
    rig.run(1500)
    assert rig.press() == [] and rig.press("x") == []


# --- a still belt ---------------------------------------------------------------------------------------------------


def walking_stopped() -> Rig:
    rig = walking()
    rig.press()
    return rig.phase(Phase.HALTED)


STILL: list[Scene] = [
    lambda: Rig().link().still(), lambda: Rig(checked=False).load(), lambda: Rig().begin(), lambda: Rig().asked(),
    lambda: Rig().counting(), lambda: Rig(reached=False).begin().phase(Phase.REACHING),
    lambda: Rig().walking(Program("r", (Walk(F, 40, Speed(80)), Rest(60)))).phase(Phase.RESTING),
    lambda: Rig().walking().phase(Phase.TURNING), walking_stopped, lambda: Rig().walking(
        Program("d", (Walk(F, 40, Speed(80)),))).phase(Phase.DONE), Rig,
]


@pytest.mark.parametrize("scene", range(len(STILL)))
def test_nothing_is_written_to_a_still_belt_by_any_key(scene: int) -> None:
    rig = STILL[scene]()
    before = len(rig.writes)
    for number, key in enumerate([*KEYS, "space", "e", "-", "p", "r", "q", "n"]):
        rig.press(key, held=number % 3 == 1)
        rig.run(170)
    for intent in (api.Stop(), api.Ease(), api.Pain(), api.Repeat(), api.Resume(), api.Acknowledge(), api.Abort()):
        rig.ask(intent)
    rig.run(5000)
    assert rig.writes[before:] == []


def test_a_belt_that_came_to_rest_by_itself_gets_no_stop() -> None:
    rig = walking()
    rig.target = 0
    rig.obeys = False
    rig.phase(Phase.HALTED)
    assert rig.count(STOP) == 0 and rig.heard("The belt stopped by itself.")


# --- planned stops --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("facing", "every"), [(F, 400), (B, 667)])
def test_a_planned_stop_eases_down_in_steps_of_0_2_to_the_minimum_and_then_stops(facing: Facing, every: int) -> None:
    rig = Rig(person=PRACTISED).walking(Program("p", (Walk(facing, 60, Speed(200)),), level=PRACTISED.level))
    rig.phase(Phase.EASING)
    begin = rig.now
    rig.phase(Phase.STOPPING)
    falls = [wrote for wrote in rig.speeds if wrote.at >= begin]
    speeds = [200, *(wrote.speed or 0 for wrote in falls)]
    assert speeds[-1] == 80 and rig.count(STOP) == 1
    assert all(0 < a - b <= 20 for a, b in itertools.pairwise(speeds))
    assert all(b.at - a.at >= every for a, b in itertools.pairwise(falls))


@pytest.mark.parametrize(("increment", "step", "every"), [(16, 16, 400), (30, 30, 600), (50, 50, 1000)])
def test_a_machine_with_odd_increments_eases_in_whole_ones_and_as_gently(increment: int, step: int, every: int) -> None:
    record = replace(REFERENCE, speed=SpeedRange(Speed(80), Speed(1600), Speed(increment)))
    rig = Rig(person=PRACTISED, record=record).walking(Program("p", (Walk(F, 60, Speed(300)),), level=PRACTISED.level))
    rig.phase(Phase.EASING)
    begin = rig.now
    rig.phase(Phase.STOPPING)
    falls = [wrote for wrote in rig.speeds if wrote.at >= begin]
    assert falls[-1].speed == 80 and {(a.speed or 0) - (b.speed or 0) for a, b in itertools.pairwise(falls)} == {step}
    assert all(b.at - a.at >= every for a, b in itertools.pairwise(falls))


def test_target_zero_and_less_than_the_minimum_are_never_written() -> None:
    rig = Rig().walking().phase(Phase.TURNING).confirm().phase(Phase.WALKING)
    for _ in range(10):
        rig.ask(api.Ease())
        rig.run(1000)
    assert min(wrote.speed or 0 for wrote in rig.speeds) == 80


def test_the_incline_is_level_before_a_planned_stop() -> None:
    rig = Rig(person=PRACTISED).walking(HILL)
    rig.until(lambda: rig.incline == 20)
    rig.phase(Phase.STOPPING)
    assert rig.incline == 0


def test_a_machine_that_refuses_to_slow_down_is_stopped_all_the_same() -> None:
    rig = Rig().walking().run(20_000)
    rig.results = {Op.SET_TARGET_SPEED: 4}
    rig.phase(Phase.EASING)
    begin = rig.now
    rig.phase(Phase.STOPPING)
    assert rig.now - begin <= 20_000 and rig.count(STOP) == 1


def test_a_planned_stop_that_the_machine_ignores_calls_for_the_key() -> None:
    rig = Rig().walking()
    rig.deaf_to = {Op.STOP_OR_PAUSE}
    rig.until(lambda: rig.count(STOP) > 0)
    rig.run(12_000)
    assert rig.count(STOP) == 3 and len(rig.heard(prompts.PULL_KEY)) >= 3
    assert rig.shot.alarm == prompts.PULL_KEY and (rig.tones.count((rig.now, ev.Tone.ALARM)) == 0)


# --- the ladder -----------------------------------------------------------------------------------------------------


def deaf() -> Rig:
    rig = walking()
    rig.deaf_to = {Op.STOP_OR_PAUSE}
    return rig


def test_stop_is_repeated_at_half_a_second_and_a_second_without_success_and_fall_and_then_no_more() -> None:
    rig = deaf().run(20_000)
    rig.press()
    begin = rig.now
    rig.run(20_000)
    assert [wrote.at - begin for wrote in rig.writes if wrote.data == STOP] == [0, 500, 1000]


def test_stop_is_not_repeated_after_a_success() -> None:
    rig = walking()
    rig.obeys = False
    rig.press()
    rig.run(20_000)
    assert rig.count(STOP) == 1


def test_while_the_speed_falls_nothing_is_written() -> None:
    rig = walking().run(20_000)
    rig.answers = False
    rig.press()
    before = len(rig.writes)
    rig.phase(Phase.HALTED)
    assert all(wrote.at - rig.writes[before - 1].at <= 500 for wrote in rig.writes[before:])


def test_the_key_is_called_for_every_two_seconds_after_the_failed_rung_until_measured_zero() -> None:
    rig = deaf().run(20_000)
    rig.press()
    begin = rig.now
    rig.run(13_000)
    calls = rig.heard(prompts.PULL_KEY)
    assert calls[0] - begin == 4900  # recorded stop lag, one sample, half a second
    assert all(b - a == 2000 for a, b in itertools.pairwise(calls)) and len(calls) == 5
    rig.target = 0
    rig.run(2500)
    said = len(rig.heard(prompts.PULL_KEY))
    rig.phase(Phase.HALTED)
    assert len(rig.heard(prompts.PULL_KEY)) == said
    assert rig.shot.alarm == "" and rig.tones[-1][1] is ev.Tone.QUIET


def test_the_alarm_begins_with_the_failed_rung_and_ends_when_acknowledged() -> None:
    rig = deaf().run(20_000)
    rig.press()
    rig.run(4000)
    assert ev.Tone.ALARM not in [tone for _, tone in rig.tones] and ev.Tone.STOP in [tone for _, tone in rig.tones]
    rig.run(2000)
    assert [tone for _, tone in rig.tones].count(ev.Tone.ALARM) == 1
    assert rig.ask(api.Acknowledge()).accepted
    said = len(rig.heard(prompts.PULL_KEY))
    rig.run(10_000)
    assert len(rig.heard(prompts.PULL_KEY)) == said and rig.tones[-1][1] is ev.Tone.QUIET


def test_a_belt_that_only_slowed_to_what_was_set_before_was_not_stopped() -> None:
    rig = walking().run(20_000)
    rig.ask(api.Ease())
    rig.deaf_to = {Op.STOP_OR_PAUSE}
    rig.press()
    rig.target = 80
    rig.run(12_000)
    assert rig.heard(prompts.PULL_KEY)


def test_control_lost_is_asked_for_once_and_only_to_stop() -> None:
    rig = walking()
    rig.results = {Op.STOP_OR_PAUSE: 5}
    before = len(rig.writes)
    rig.press()
    rig.run(1500)
    assert [wrote.data for wrote in rig.writes[before:before + 3]] == [STOP, CONTROL, STOP]
    rig.run(20_000)
    assert rig.count(CONTROL) == 2  # the confirm's, and one to stop
    assert rig.heard(prompts.PULL_KEY)


def test_status_ff_while_moving_is_answered_with_a_stop_and_never_fought() -> None:
    rig = walking()
    rig.status(0xFF)
    assert rig.writes[-1].data == STOP and rig.heard("Control lost. Stopping.")
    rig.phase(Phase.HALTED)
    assert rig.count(CONTROL) == 1


def test_control_that_was_taken_is_asked_for_once_where_a_stop_is_met_with_silence() -> None:
    rig = walking()
    rig.deaf_to = {Op.STOP_OR_PAUSE}
    rig.status(0xFF)
    before, begun = len(rig.writes) - 1, rig.now
    rig.until(lambda: rig.count(CONTROL) == 2, 1000)
    rig.deaf_to = set()
    rig.run(1000)
    told = [(wrote.data, wrote.at - begun) for wrote in rig.writes[before:]]
    assert told == [(STOP, 0), (CONTROL, 500), (STOP, 560)]
    rig.phase(Phase.HALTED)
    assert rig.count(CONTROL) == 2


def test_a_stop_the_host_is_too_busy_for_is_tried_again_every_hundred_ms() -> None:
    rig = deaf()
    rig.answers = False
    rig.press()
    begin = rig.now
    while rig.now - begin < 900:
        last = [e for e in rig.of(ev.Write) if isinstance(e, ev.Write)][-1]
        rig.feed(ev.WriteFailed(last.id, "busy", 0xFE))
        rig.run(100)
    assert rig.count(STOP) >= 8


def test_operation_failed_with_measured_zero_counts_as_done() -> None:
    rig = starting()
    rig.results = {Op.STOP_OR_PAUSE: 4}
    rig.press()
    rig.obeys = False
    rig.run(300)
    rig._starts = None
    rig.phase(Phase.HALTED)
    assert rig.count(STOP) == 1 and not rig.heard(prompts.PULL_KEY)


def test_stopped_is_said_only_when_it_is_measured() -> None:
    rig = walking().run(20_000)
    rig.press()
    pressed = rig.now
    assert rig.shot.stop_sent and rig.shot.footer is api.Footer.STOP_SENT
    rig.phase(Phase.HALTED)
    assert rig.speed == 0 and rig.now - pressed >= 3000
    assert rig.heard("Belt stopped.") == [rig.now]
