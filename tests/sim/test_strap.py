"""The simulated strap and the heart under it: it follows speed and direction, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from treadsim.backend import open_backend
from treadsim.faults import parse_faults
from treadsim.pulse import REST, Pulse, wanted
from treadsim.strap import EVERY, Strap, strap_address

from treadctl.ftms.heart_rate import HeartRate, decode_heart_rate
from treadctl.model.errors import UsageError
from treadctl.model.program import Facing
from treadctl.model.units import Ms

F, B = Facing.FORWARD, Facing.BACKWARD
ADDRESS = "F0:00:00:01:02:5A"


def walked(pulse: Pulse, begin: Ms, seconds: int, speed: int, facing: Facing) -> list[int]:
    return [pulse.at(begin + n * 1000, speed, facing) for n in range(seconds)]


def mean(rates: list[int]) -> float:
    return sum(rates) / len(rates)


def sent(strap: Strap, until: Ms, speed: float = 100) -> list[HeartRate | None]:
    """Everything that it sends, decoded."""
    found = []
    for now in range(0, until, EVERY):
        data = strap.step(now, speed)
        assert data is not None
        found.append(decode_heart_rate(data))
    return found


def test_a_heart_follows_the_speed_within_two_minutes_and_calms_down_again() -> None:
    pulse = Pulse(1)
    assert abs(mean(walked(pulse, 0, 20, 0, F)) - REST) < 3
    rising = walked(pulse, 20_000, 180, 500, F)
    assert mean(rising[:10]) < mean(rising[30:40]) < mean(rising[-20:])
    assert abs(mean(rising[-20:]) - wanted(500, F)) < 3
    assert abs(mean(walked(pulse, 200_000, 180, 0, F)[-20:]) - REST) < 3


def test_walking_backward_costs_more_at_the_same_speed_and_nothing_exceeds_what_a_heart_can() -> None:
    assert wanted(300, B) - REST == pytest.approx(1.864 * (wanted(300, F) - REST))
    assert wanted(100_000, B) == pytest.approx(208 - 0.7 * 45)


def test_a_heart_never_keeps_its_number_for_a_minute() -> None:
    rates = walked(Pulse(2), 0, 600, 200, F)
    assert all(len(set(rates[n : n + 20])) > 1 for n in range(580))


def test_the_same_seed_is_the_same_heart() -> None:
    assert walked(Pulse(7), 0, 100, 150, B) == walked(Pulse(7), 0, 100, 150, B)


def test_a_strap_measures_once_a_second_with_contact_and_beats() -> None:
    strap = Strap(ADDRESS, seed=3)
    assert strap.deadline() is None and strap.step(0, 0) is None
    strap.connect(0)
    assert strap.deadline() == 0 and sent(strap, 10_000)
    assert strap.step(9_500, 0) is None
    strap.disconnect()
    assert strap.deadline() is None


def test_a_strap_hears_which_way_its_walker_turns() -> None:
    strap = Strap(ADDRESS)
    strap.hear("Belt stopped.")
    assert strap.facing is F
    strap.hear("Back to the console, hands along the rail.")
    assert strap.facing is B


@pytest.mark.parametrize(("fault", "shows"), [
    ("heart.stuck(at=5s)", lambda tail: len({one.bpm for one in tail}) == 1),
    ("heart.jump(at=5s)", lambda tail: {one.bpm for one in tail} == {250}),
    ("heart.garbage(at=5s)", lambda tail: len(set(tail)) > 3),
])
def test_faults_of_the_heart_begin_in_their_time(fault: str, shows: Callable[[list[Any]], bool]) -> None:
    strap = Strap(ADDRESS, parse_faults([fault, "link.drop"]), seed=1)
    strap.connect(0)
    every = sent(strap, 60_000)
    assert all(one is not None and one.contact and 60 <= (one.bpm or 0) <= 90 and one.rr_1024 for one in every[:5])
    assert shows(every[6:])


def test_a_strap_that_is_off_is_not_there() -> None:
    strap = Strap(ADDRESS, parse_faults(["heart.off(at=5s,for=2s)"]))
    assert not strap.off(0)
    strap.connect(0)
    assert [strap.off(at) for at in (4_999, 5_000, 6_999, 7_000)] == [False, True, True, False]
    strap.hidden = True
    assert strap.off(0)


def test_no_strap_has_the_address_of_its_treadmill() -> None:
    for machine in ("F0:00:00:01:02:03", "F0:00:00:01:02:5A"):
        assert strap_address(machine) != machine and len(strap_address(machine)) == len(machine)


def test_a_walk_may_be_told_what_its_strap_does_and_not_what_its_computer_does() -> None:
    assert open_backend(faults=("heart.off(at=60s)",)).strap.strap.address
    with pytest.raises(UsageError, match="not the machine's"):
        open_backend(faults=("disk.full",))
