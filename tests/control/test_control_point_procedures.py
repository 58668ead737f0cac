"""One procedure at a time; a stop pre-empts; what is not answered is unknown."""

import pytest

from treadctl.control.control_point import ANSWER_MS, Cleared, ControlPoint, Result
from treadctl.control.events import Urgency
from treadctl.ftms.control_point import Op, Response

SPEED = Cleared(Op.SET_TARGET_SPEED, b"\x02\x64\x00")
STOP = Cleared(Op.STOP_OR_PAUSE, b"\x08\x01", urgent=True)


def test_a_success_means_accepted() -> None:
    point = ControlPoint()
    write, lost = point.send(0, SPEED)
    assert (write.id, write.data, write.urgency, lost) == (1, SPEED.data, Urgency.PROCEDURE, None)
    assert point.busy and point.waiting_for is Op.SET_TARGET_SPEED
    outcome = point.answered(Response(Op.SET_TARGET_SPEED, 1))
    assert outcome is not None and outcome.result is Result.ACCEPTED and not point.busy and point.waiting_for is None


def test_any_other_result_means_rejected() -> None:
    point = ControlPoint()
    point.send(0, SPEED)
    outcome = point.answered(Response(Op.SET_TARGET_SPEED, 5))
    assert outcome is not None and outcome.result is Result.REJECTED and outcome.code == 5


def test_an_indication_is_credited_only_to_the_opcode_that_waits_for_it() -> None:
    point = ControlPoint()
    assert point.answered(Response(Op.SET_TARGET_SPEED, 1)) is None
    point.send(0, SPEED)
    assert point.answered(Response(Op.STOP_OR_PAUSE, 1)) is None and point.busy


def test_a_stop_pre_empts_what_is_outstanding_and_leaves_it_unknown() -> None:
    point = ControlPoint()
    point.send(0, SPEED)
    write, lost = point.send(10, STOP)
    assert write.urgency is Urgency.STOP and write.id == 2
    assert lost is not None and lost.command == SPEED and lost.result is Result.UNKNOWN
    assert point.waiting_for is Op.STOP_OR_PAUSE


def test_nothing_else_pre_empts() -> None:
    point = ControlPoint()
    point.send(0, STOP)
    with pytest.raises(AssertionError):
        point.send(0, SPEED)


def test_an_answer_that_is_overdue_is_unknown() -> None:
    point = ControlPoint()
    assert point.step(0) is None and point.deadline() is None
    point.send(0, SPEED)
    assert point.deadline() == ANSWER_MS and point.step(ANSWER_MS - 1) is None
    outcome = point.step(ANSWER_MS)
    assert outcome is not None and outcome.result is Result.UNKNOWN and outcome.why == "no answer" and not point.busy


def test_an_att_error_means_it_never_began_and_a_hung_write_is_unknown() -> None:
    for att, result in ((0xFE, Result.REJECTED), (None, Result.UNKNOWN)):
        point = ControlPoint()
        point.send(0, SPEED)
        assert point.failed(99, "not this one", att) is None
        outcome = point.failed(1, "why", att)
        assert outcome is not None and outcome.result is result and outcome.code is None and outcome.why == "why"
        assert point.failed(1, "again", att) is None


def test_a_new_link_knows_nothing_of_the_old_procedure() -> None:
    point = ControlPoint()
    point.send(0, SPEED)
    point.reset()
    assert not point.busy
