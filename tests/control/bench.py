"""A rig with an owner beside it who commissions the machine: answers, confirms, reads the console, presses its keys.

The belt of the rig as it is has the figures of the reference machine but one: it knows no lag. What a test wants
otherwise it says: `says` answers questions, `console` keeps the hands off, `owner` lets nobody answer at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.control.rig import REFERENCE, Rig
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.control.commissioning import Commissioning
from treadctl.control.prompts import READ
from treadctl.model import api
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo, Record, SpeedRange
from treadctl.model.units import Ms, Speed

RANGE = SpeedRange(Speed(80), Speed(1600), Speed(10))
ADDRESS = "AA"
KNOWN = replace(REFERENCE, address=ADDRESS, learnt="2026-01-01")
SAID = {"unit": "k", "manual": "a", "keep": "k"}
CONSOLE_AFTER: Ms = 1_500
"""From hearing what to press to having pressed it."""


class Bench(Rig):
    """`says` overrules "yes" and the honest answers, by the question's id. `top` is the fastest the belt ever was."""

    def __init__(
        self, part: int = 1, *, record: Record | None = None, told: SpeedRange | None = RANGE, control: bool = True,
        locks: tuple[Lock, ...] = (), today: str = "2026-01-31", says: dict[str, str] | None = None,
    ) -> None:
        super().__init__(record=KNOWN if part == 2 and record is None else record, locks=locks, today=today)
        self.part, self.told, self.control = part, told, control
        self.says = {**SAID, **(says or {})}
        self.owner = self.console = True
        self.boots: Ms = 0
        self.top = 0
        self.answered: list[str] = []
        self.read: list[int] = []
        self.drops = self.relinks = self.disk = True
        self.known: Callable[[Record], Record] = lambda record: record
        self._asked: str | None = None
        self._heard = 0
        self._press_at: Ms | None = None
        self._hand_at: tuple[Ms, str] | None = None

    # --- what happens around the core -------------------------------------------------------------------------------

    def link(self) -> Bench:
        self.linked = True
        info = LinkInfo(ADDRESS, "Bench", firmware="7", simulated=True, speed=self.told, control=self.control)
        self.feed(ev.LinkUp(info, self.record))
        self._sample_at = self.now + 500
        return self

    def begin_commissioning(self) -> Bench:
        """Linked, measured still, and begun."""
        if not self.linked:
            self.link()
        self.until(lambda: self.shot.belt is api.Belt.STILL)
        reply = self.ask(api.Commission(self.part))
        assert reply.accepted, reply.reason
        return self

    def commissioned(self, limit: Ms = 600_000) -> Bench:
        """Begun and done."""
        self.begin_commissioning().done(limit)
        return self

    def done(self, limit: Ms = 600_000) -> Bench:
        self.until(lambda: self.shot.phase is api.Phase.DONE, limit)
        return self

    @property
    def commissioning(self) -> Commissioning:
        session = self.core._session
        assert isinstance(session, Commissioning)
        return session

    @property
    def learnt(self) -> Record | None:
        """The record that was written to disk, if one was."""
        records = [effect.record for effect in self.of(ev.Learn) if isinstance(effect, ev.Learn)]
        assert len(records) <= 1
        return records[0] if records else None

    def _take(self, effect: ev.Effect) -> None:
        super()._take(effect)
        if isinstance(effect, ev.Drop) and self.drops:
            self.linked = False
            self.later(0, ev.LinkDown("dropped on purpose"))
        elif isinstance(effect, ev.Learn) and self.disk:
            self.later(0, ev.Learnt(self.known(effect.record)))
        elif isinstance(effect, ev.Reconnect) and self.relinks:
            self.boots = self.now + 400

    def _move(self) -> None:
        super()._move()
        self.top = max(self.top, self.speed)

    def _moment(self) -> None:
        super()._moment()
        if self.boots and self.now >= self.boots:
            self.boots = 0
            self.link()
        if self.console:
            self._hands()
        if self.owner:
            self._own()

    # --- the owner --------------------------------------------------------------------------------------------------

    def _own(self) -> None:
        question = self.shot.question
        if self._press_at is not None and self.now >= self._press_at:
            self._press_at = None
            self.press()
        if question is None:
            self._asked = None
        elif question.asking is api.Asking.CONFIRM:
            if question.heard and not question.tone and self._press_at is None:
                self.press()
                self._press_at = self.now + 900
        elif question.id != self._asked:
            self._asked = question.id
            self.answered.append(question.id)
            self.ask(api.Answer(question.id, self._answer(question)))

    def _answer(self, question: api.Question) -> str:
        if question.id in self.says:
            return self.says[question.id]
        if question.id == "pain-before":
            return "0"
        if question.asking is api.Asking.NUMBER:
            return f"{self.read[-2 if 'first' in question.text else -1] / 100:.1f}"
        return "y"

    # --- the console ------------------------------------------------------------------------------------------------

    def _hands(self) -> None:
        for at, text in self.said[self._heard:]:
            self._heard += 1
            if text == READ:
                self.read.append(self.speed)
            if text in (prompts.PRESS_START, prompts.SPOTTER_STARTS, prompts.PRESS_STOP, prompts.STOP_AT_CONSOLE) or (
                text.startswith("At the console: ")
            ):
                self._hand_at = (at + CONSOLE_AFTER, text)
        if self._hand_at is not None and self.now >= self._hand_at[0]:
            text, self._hand_at = self._hand_at[1], None
            self.press_console(text)

    def press_console(self, text: str) -> None:
        """What the hands do on hearing this."""
        if text in (prompts.PRESS_START, prompts.SPOTTER_STARTS):
            self.start_at_console()
        elif text in (prompts.PRESS_STOP, prompts.STOP_AT_CONSOLE):
            self.stop_at_console()
        else:
            self.target = round(float(text.removeprefix("At the console: ").rstrip(".")) * 100)

    def start_at_console(self) -> None:
        self._starts = self.now + 500
        self.tell(0x04)

    def stop_at_console(self) -> None:
        self.target, self._starts = 0, None
        self.tell(0x02, 0x01)

    def pull_key(self) -> None:
        self.target, self._starts = 0, None
        self.tell(0x03)

    def tell(self, *octets: int) -> None:
        """A status notification, if the link is up."""
        if self.linked:
            self.status(*octets)

    @property
    def stands(self) -> bool:
        return self.speed == 0 and self.shot.belt is api.Belt.STILL
