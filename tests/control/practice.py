"""A rig with somebody beside it who rehearses: answers, confirms, presses when told, silences the alarm.

Its machine is a real one unless a test says otherwise, and nobody has rehearsed on it. A scene is a moment at which a
test may want to do something else than what is asked for.
"""

from __future__ import annotations

from tests.control.rig import REFERENCE, Rig
from treadctl.control import events as ev
from treadctl.control.core import Core
from treadctl.model import api
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo
from treadctl.model.person import UNKNOWN_PERSON, Person

ADDRESS = "AA:BB"
TODAY = "2026-01-31"
SCENES = ("clip", "pull", "turn", "confirm", "press", "alarm", "heard", "reach")
"""In this order."""


class Practice(Rig):
    """`disk` answers at once while it is true."""

    def __init__(
        self, *, simulated: bool = False, rehearsed: tuple[str, ...] = (), locks: tuple[Lock, ...] = (),
        person: Person = UNKNOWN_PERSON, checked: bool = True, reached: bool = True,
    ) -> None:
        super().__init__(person=person, locks=locks, today=TODAY)
        self.core = Core(ev.Context(
            "practice", "0", today=TODAY, person=person, locks=locks, rehearsed=rehearsed, checked=checked,
            reached=reached,
        ))
        self.simulated, self.disk = simulated, True

    def link(self) -> Practice:
        self.linked = True
        info = LinkInfo(ADDRESS, "Cellar", simulated=self.simulated, speed=REFERENCE.speed)
        self.feed(ev.LinkUp(info, self.record))
        self._sample_at = self.now + 500
        return self

    def _take(self, effect: ev.Effect) -> None:
        super()._take(effect)
        if isinstance(effect, ev.KeepRehearsal) and self.disk:
            self.later(0, ev.Rehearsed())

    # --- scenes -----------------------------------------------------------------------------------------------------

    def rehearse(self, *, alone: bool = False) -> Practice:
        """Begun; with a machine that is measured still unless `alone`."""
        if not alone:
            self.link().still()
        reply = self.ask(api.Rehearse())
        assert reply.accepted, reply.reason
        return self

    def at(self, scene: str, *, alone: bool = False) -> Practice:
        """Begun, and everything done that comes before this scene."""
        self.rehearse(alone=alone)
        for before in SCENES[: SCENES.index(scene)]:
            if before != "pull" or not alone:
                self.does(before)
        return self.arrives(scene)

    def arrives(self, scene: str) -> Practice:
        def there() -> bool:
            if scene == "turn":
                return self.shot.phase is api.Phase.TURNING
            if scene == "alarm":
                return bool(self.shot.alarm)
            question = self.shot.question
            id = "confirm-rehearsal" if scene == "confirm" else scene
            return question is not None and question.id == id and question.heard

        self.until(there)
        return self

    def does(self, scene: str) -> Practice:
        """What is asked for there."""
        self.arrives(scene)
        match scene:
            case "clip" | "pull" | "heard":
                self.says("y")
            case "confirm":
                self.confirm()
            case "press" | "alarm":
                self.press()
            case "reach":
                self.press()
                self.until(lambda: self.shot.question is not None and not self.shot.question.heard)
                self.arrives("reach").press()
            case _:
                pass
        return self

    def says(self, choice: str) -> Practice:
        assert self.shot.question is not None
        assert self.ask(api.Answer(self.shot.question.id, choice)).accepted
        return self

    def passed(self, *, alone: bool = False) -> Practice:
        """All of it."""
        return self.at("reach", alone=alone).does("reach")

    def done(self) -> Practice:
        self.phase(api.Phase.DONE)
        return self

    # --- what was done ----------------------------------------------------------------------------------------------

    @property
    def code(self) -> int:
        assert self.shot.summary is not None
        return self.shot.summary.exit_code

    @property
    def kept(self) -> list[ev.Effect]:
        return self.of(ev.KeepRehearsal)
