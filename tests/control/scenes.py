"""A rig in each phase on the belt: what holds in one of them has to hold in all."""

from tests.control.rig import HILL, PRACTISED, Rig, backward
from treadctl.model.api import Phase


def starting() -> Rig:
    return Rig().starting().run(1000)


def holding() -> Rig:
    return Rig().holding()


def walking() -> Rig:
    return Rig().walking().run(3100)


def walking_backward() -> Rig:
    return backward()


def climbing() -> Rig:
    rig = Rig(person=PRACTISED).walking(HILL)
    return rig.until(lambda: bool(rig.inclines))


def easing() -> Rig:
    return Rig().walking().phase(Phase.EASING)
