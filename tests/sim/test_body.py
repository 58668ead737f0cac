"""The judge of what was done to the walker: each verdict passes what is right and fails what is wrong."""

from __future__ import annotations

import pytest
from treadsim.belt import Cause, Change
from treadsim.body import Body, Moment, Ramp, names, ramps

from treadctl.model.limits import level_limits
from treadctl.model.person import Level
from treadctl.model.program import Facing, Turn, Walk
from treadctl.model.units import kmh

F, B = Facing.FORWARD, Facing.BACKWARD
OUT, BACK = Walk(F, 60, kmh(2), line=1), Walk(B, 60, kmh(1), line=2)
SEGMENTS = (OUT, Turn(B, 2), BACK)


def body() -> Body:
    return Body(SEGMENTS, level_limits(Level.L0))


def failed(judge: Body, broken: int | None = None) -> set[str]:
    return {verdict.name for verdict in judge.verdicts(broken) if not verdict.ok} - {"walked each way as planned"}


def change(at: int, before: int, after: int, cause: Cause = Cause.COMMAND) -> Change:
    return Change(at, before, after, cause)


RISE, STOP = "every rise was announced", "every stop and easing was announced"


def test_changes_close_together_are_one_ramp_and_a_start_is_its_own() -> None:
    steps = [change(0, 0, 80), change(2000, 80, 100), change(3000, 100, 120), change(9000, 120, 140)]
    falls = [change(20_000, 140, 120), change(20_400, 120, 80), change(22_000, 80, 0)]
    kinds = [(ramp.kind, ramp.at, ramp.after) for ramp in ramps(steps + falls)]
    assert kinds == [("start", 0, 80), ("faster", 2000, 120), ("faster", 9000, 140), ("stop", 20_000, 0)]


def test_what_others_did_to_the_belt_is_no_command() -> None:
    assert list(ramps([change(0, 80, 200, Cause.CONSOLE), change(900, 200, 0, Cause.KEY)])) == []


@pytest.mark.parametrize(
    ("text", "ramp", "announced"),
    [
        ("Faster, to 2.5.", Ramp(0, 80, 250), True),
        ("Faster, to 2.0.", Ramp(0, 80, 250), False),
        ("Slower, to 1.0.", Ramp(0, 250, 100), True),
        ("Slower, to 1.0.", Ramp(0, 80, 100), False),
        ("Next: turn round.", Ramp(0, 80, 100), False),
        ("Stopping soon. Hold both rails.", Ramp(0, 80, 0), True),
        ("Belt stopped.", Ramp(0, 80, 0), False),
        ("Press your stop key now.", Ramp(0, 80, 0), False),
        ("one", Ramp(0, 0, 80), True),
        ("Now the treadmill counts. Stay on the rails.", Ramp(0, 0, 80), True),
        ("Feet on the side rails.", Ramp(0, 0, 80), False),
        ("Once more.", Ramp(0, 0, 80), False),
    ],
)
def test_which_words_announce_which_change(text: str, ramp: Ramp, announced: bool) -> None:
    assert names(text, ramp) is announced


@pytest.mark.parametrize(
    ("end", "text", "fine"),
    [
        (39_000, "Faster, to 2.0.", True),
        (39_800, "Faster, to 2.0.", False),  # no time to react
        (40_500, "Faster, to 2.0.", False),  # said while it happens
        (19_500, "Faster, to 2.0.", False),  # forgotten
        (39_000, "Small steps.", False),
    ],
)
def test_a_rise_needs_words_heard_to_their_end_shortly_before(end: int, text: str, fine: bool) -> None:
    judge = body()
    judge.heard(end - 1000, end, text)
    judge.changed(change(40_000, 80, 200))
    assert (RISE not in failed(judge)) is fine


def test_words_announce_one_rise_and_not_the_next_one_after_a_fall() -> None:
    judge = body()
    judge.heard(0, 1000, "Faster, to 2.0.")
    judge.heard(7000, 8000, "Slower, to 0.8.")
    for step in (change(2000, 80, 200), change(9000, 200, 80), change(14_000, 80, 200)):
        judge.changed(step)
    assert failed(judge) == {RISE}


def test_an_unannounced_stop_fails_unless_a_fault_came_before_it() -> None:
    judge = body()
    judge.changed(change(10_000, 80, 0))
    assert failed(judge) == {STOP}
    assert failed(judge, broken=9000) == set()
    assert failed(judge, broken=11_000) == {STOP}


@pytest.mark.parametrize(
    ("moment", "wrong"),
    [
        (Moment(1000, 100, 100, F, False, OUT), set()),
        (Moment(1000, 100, 100, F, True, OUT), {"never turned on a moving belt"}),
        (Moment(1000, 100, 0, F, True, OUT), set()),
        (Moment(1000, 100, 100, F, False, BACK), {"faced as the program said"}),
        (Moment(1000, 100, 0, F, False, BACK), set()),
        (Moment(1000, 100, 100, F, False, None), set()),
        (Moment(1000, 100, 130, B, False, BACK), {"stayed under the limits"}),
        (Moment(1000, 100, 130, F, False, OUT), set()),
        (Moment(1000, 100, 420, F, False, OUT), {"stayed under the limits"}),
    ],
)
def test_what_may_happen_on_a_moving_belt(moment: Moment, wrong: set[str]) -> None:
    judge = body()
    judge.carried(moment)
    assert failed(judge) == wrong


@pytest.mark.parametrize(
    ("forward", "backward", "fine"),
    [(60, 60, True), (70, 75, True), (120, 0, False), (60, 40, False), (60, 95, False)],
)
def test_each_way_has_to_be_walked_as_long_as_planned(forward: int, backward: int, fine: bool) -> None:
    judge = body()
    judge.carried(Moment(forward * 1000, forward * 1000, 80, F, False, OUT))
    judge.carried(Moment((forward + backward) * 1000, backward * 1000, 80, B, False, BACK))
    assert next(v for v in judge.verdicts() if v.name == "walked each way as planned").ok is fine
