"""How procedures end, outcome by outcome, and which failed writes were a stop that the host never took."""

from __future__ import annotations

from treadctl.control.control_point import ANSWER_MS, Cleared, ControlPoint, Outcome, Result
from treadctl.ftms.control_point import Op, Response

SPEED = Cleared(Op.SET_TARGET_SPEED, b"\x02\x64\x00")
STOP = Cleared(Op.STOP_OR_PAUSE, b"\x08\x01", urgent=True)


def test_an_outcome_names_its_command_whichever_way_it_ends() -> None:
    point = ControlPoint()
    point.send(0, SPEED)
    assert point.answered(Response(Op.SET_TARGET_SPEED, 1)) == Outcome(SPEED, Result.ACCEPTED, 1)
    point.send(0, SPEED)
    assert point.answered(Response(Op.SET_TARGET_SPEED, 4)) == Outcome(SPEED, Result.REJECTED, 4)
    point.send(0, SPEED)
    assert point.failed(3, "the link is gone", None) == Outcome(SPEED, Result.UNKNOWN, None, "the link is gone")
    point.send(0, SPEED)
    assert point.failed(4, "busy", 0xFE) == Outcome(SPEED, Result.REJECTED, None, "busy")
    point.send(7, SPEED)
    assert point.step(7 + ANSWER_MS) == Outcome(SPEED, Result.UNKNOWN, None, "no answer")
    point.send(0, SPEED)
    assert point.send(0, STOP)[1] == Outcome(SPEED, Result.UNKNOWN, None, "pre-empted")


def test_a_stop_that_the_host_never_took_has_hung_also_when_another_overtook_it() -> None:
    point = ControlPoint()
    first, _ = point.send(0, STOP)
    second, _ = point.send(500, STOP)
    assert point.hung(first.id, None) and point.hung(second.id, None)


def test_a_stop_with_an_att_error_was_taken_and_has_not_hung() -> None:
    point = ControlPoint()
    stop, _ = point.send(0, STOP)
    assert not point.hung(stop.id, 0xFE)


def test_a_write_that_is_no_stop_does_not_hang_one() -> None:
    point = ControlPoint()
    step, _ = point.send(0, SPEED)
    stop, _ = point.send(10, STOP)
    assert not point.hung(step.id, None) and not point.hung(stop.id + 1, None)
