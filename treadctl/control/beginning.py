"""How a session begins: what refuses it, in which order, and what it begins with.

A walk, learning a machine and a rehearsal begin here and nowhere else. Nothing is written to the belt.
"""

from __future__ import annotations

from typing import assert_never

from treadctl.model.api import Commission, Load, Rehearse
from treadctl.model.program import Facing, Walk
from treadctl.model.units import Ms, Speed

from .admission import Admitted, admit, needs_belt
from .commissioning import commissioning
from .cueing import Scale, Voice, scale_of
from .foretold import REHEARSAL, learning, texts
from .keeping import Keeping, Present
from .pages import Pages
from .prompts import HEARD_AGAIN
from .rehearsal import Rehearsal
from .session import Session
from .supervisor import Supervisor

NOT_STILL = "Refused: the belt is not measured still yet; wait until it is."
SILENT = (
    "Refused: the treadmill tells nothing, so nobody knows whether its belt stands; wake it at its console. If it "
    "stays silent, treadctl cannot use it."
)
SILENT_AFTER: Ms = 10_000
"""Chosen: the standard's slowest machine tells its speed ten times in that time."""
NOT_REHEARSED = (
    "Refused: nobody has rehearsed on this treadmill yet, and that comes before the first walk backward; it takes two "
    "minutes, and its belt stays still: treadctl rehearse."
)


NOT_HEARD = (
    "Refused: {}, and what comes next has to be heard; mend the voice (treadctl doctor), or have it shown behind the "
    "treadmill (--glance --visual)."
)


def not_still(now: Ms, sup: Supervisor) -> str:
    """Why nothing can begin on a belt that may move."""
    return SILENT if sup.belt.silence(now) > SILENT_AFTER else NOT_STILL


class Beginning:
    """One per core: it makes what comes next, or says why not."""

    def __init__(self, supervisor: Supervisor, voice: Voice, keeping: Keeping) -> None:
        self._sup, self._voice, self._keeping = supervisor, voice, keeping

    def begin(self, now: Ms, wish: Load | Commission | Rehearse, address: str) -> Present | str:
        """A session, or the sentence that refuses it. `address` is that of the machine, also after its link went."""
        self._voice.scale = Scale(self._keeping.units)
        match wish:
            case Load():
                return self._refusal(now, address) or self._walk(now, wish)
            case Commission(part):  # locks of the person do not matter: nobody walks
                tally, today = self._keeping.anew(), self._keeping.today
                begun = commissioning(now, self._sup, self._voice, tally, part=part, today=today)
                if not isinstance(begun, str):
                    self._pages_anew()
                    self._voice.prepare(learning(self._voice.scale))
                return begun
            case Rehearse():
                return self._refusal(now, address) or self._rehearsal()
            case _:
                assert_never(wish)

    def _refusal(self, now: Ms, address: str) -> str:
        """What keeps somebody off a machine, whatever they want to do there; empty when nothing does."""
        if self._sup.may_move:
            return not_still(now, self._sup)
        lock = self._keeping.locked(address)
        return "" if lock is None else f"Refused: {lock.reason}."

    def _walk(self, now: Ms, wish: Load) -> Session | str:
        """Checked against person, machine and day; its preparation begins."""
        keeping, info = self._keeping, self._sup.info
        admitted = admit(wish.program, keeping.person, info, self._sup.record)
        if isinstance(admitted, str):
            return admitted
        unheard = self._unheard(wish) if needs_belt(admitted.segments) else ""
        if unheard:
            return unheard
        if _backward(admitted) and not keeping.rehearsed(info):
            return NOT_REHEARSED
        self._sup.begin_session(admitted.limits)
        self._voice.scale = scale_of(admitted.segments, keeping.units)
        session = Session(
            self._sup, self._voice, keeping.anew(), admitted, checked=keeping.checked, reached=keeping.reached,
            sound=keeping.sound(info),
        )
        pages = self._pages_anew(visual=wish.visual, lot=keeping.seed + now, wanted=wish.page)
        session.preparation.meet(now, pages)
        keeping.open(now, session, info)
        self._voice.prepare(texts(session.segments, self._sup.minimum or Speed(0), self._voice.scale))
        return session

    def _unheard(self, wish: Load) -> str:
        """Why nobody could be told what comes; empty where somebody can, or where nobody could fall.

        A voice that failed and was mended is noticed by its saying something: then the next wish is granted.
        """
        info, why = self._sup.info, self._keeping.mute or (self._voice.why if self._voice.broken else "")
        if not why or wish.visual or info is None or info.simulated:
            return ""
        pages = self._sup.lookout.pages
        if pages.speaks:  # left from a session that is over: what is mended is the laptop's voice
            self._voice.by(pages.hush())
        self._voice.say(HEARD_AGAIN)
        return NOT_HEARD.format(why)

    def _rehearsal(self) -> Rehearsal:
        self._keeping.anew()
        self._pages_anew()
        self._voice.prepare(REHEARSAL)
        return Rehearsal(self._sup, self._voice)

    def _pages_anew(self, *, visual: bool = False, lot: int = 0, wanted: bool = False) -> Pages:
        """What begins is begun by the laptop's voice, whoever spoke before."""
        pages = self._sup.lookout.pages
        if pages.speaks:
            self._voice.by("")
        pages.begin(visual=visual, lot=lot, wanted=wanted)
        return pages


def _backward(admitted: Admitted) -> bool:
    return any(isinstance(segment, Walk) and segment.facing is Facing.BACKWARD for segment in admitted.segments)
