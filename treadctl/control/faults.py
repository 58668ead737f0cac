"""The faults table: one row per condition, with its action, how it clears, what is said, and the hazards it answers.

Worst action wins. A condition reads a `View`, the Supervisor's picture of one moment, and must hold for `after` ms.
Rows of STOP and above latch by starting the stop ladder; HOLD and below last as long as their condition. What only a
new session or a command clears ends the session it happens in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from treadctl.model.api import Belt
from treadctl.model.limits import BACKSTOP
from treadctl.model.program import Facing
from treadctl.model.units import Ms, Speed, soonest

from . import prompts
from .belt import LOST_MS, STALE_MS
from .events import Priority


class Action(IntEnum):
    """What a fault asks for, in order of severity: a word, no rises, one step slower, ease to a stop, stop."""

    NONE = 0
    WARN = 1
    HOLD = 2
    SLOWER = 3
    EASE = 4
    STOP = 5
    LOCKOUT = 6


class Clearing(Enum):
    """What ends a fault. After a stop the walker acknowledges by answering "what now?" at measured standstill."""

    ITSELF = "by itself"
    ACKNOWLEDGED = "by the walker's acknowledgement"
    NEW_SESSION = "by a new session"
    CLEARED = "by commissioning the machine again"


class When(Enum):
    """While which a row is watched."""

    ALWAYS = "always"
    STARTED = "from our Start to the standstill"
    WALKING = "from our Start to the first wish to stop"


@dataclass(slots=True)
class View:
    """One moment as the Supervisor sees it. `engaged`: treadctl started the belt, not still since. `awaits`: a hand at
    the console was told to start it."""

    engaged: bool = False
    awaits: bool = False
    stopping: bool = False
    lost: bool = False
    link_up: bool = False
    belt: Belt = Belt.UNKNOWN
    facing: Facing | None = None
    speed: Speed | None = None
    sample_age: Ms | None = None
    silence: Ms = 0
    allowed: int = 0
    over_limit_samples: int = 0
    holding: bool = False
    start_allowed: int = 0
    start_pending: Ms = 0
    attendance_age: Ms = 0
    attendance_limit: Ms = 0
    keyboard: bool = True
    self_stopped: bool = False
    false_zero: bool = False
    off_target: bool = False
    unknown_result: bool = False
    first_speed_overdue: bool = False
    unit_ratio: bool = False
    safety_key: bool = False
    console_stop: bool = False
    control_lost: bool = False
    late: Ms = 0
    overflow: bool = False
    slept: Ms = 0
    bout_over: Ms = 0
    slowing: bool = False
    inverted: bool = False
    raised: bool = False
    raised_within: bool = False
    console_used: bool = False
    pain: bool = False
    limit_broken: bool = False
    mute: bool = False
    helper_gone: bool = False
    rear_gone: bool = False
    page_mute: bool = False
    heart_above: bool = False
    heart_lost: bool = False
    heart_needed: bool = False

    def forget(self) -> None:
        """What happened in one step counts in that step only."""
        self.safety_key = self.console_stop = self.control_lost = self.pain = self.limit_broken = False
        self.late = self.slept = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. It acts while `when` holds and `condition` has held for `after` ms.

    `spoken` is said when it begins, with the `alarm` if set. `what` tells the condition to people, where the name does
    not.
    """

    name: str
    when: When
    condition: Callable[[View], bool]
    action: Action
    spoken: str
    hazards: tuple[str, ...]
    after: Ms = 0
    clearing: Clearing = Clearing.ACKNOWLEDGED
    alarm: bool = False
    what: str = ""


def _moving(view: View) -> bool:
    return view.speed is not None and view.belt is Belt.MOVING


def _may_move(view: View) -> bool:
    return view.engaged or view.stopping or view.awaits


def _above(view: View, speed: int) -> bool:
    return view.speed is not None and view.speed > speed


TABLE: tuple[Fault, ...] = (
    Fault("link lost", When.ALWAYS, lambda v: (v.engaged or v.lost) and not v.link_up, Action.STOP,
          prompts.LINK_LOST, ("A1", "A9", "A11"), clearing=Clearing.NEW_SESSION, alarm=True),
    Fault("samples lost", When.ALWAYS, lambda v: _may_move(v) and v.link_up and v.silence > LOST_MS,
          Action.STOP, prompts.LINK_LOST, ("A2", "A3", "B10"), clearing=Clearing.NEW_SESSION, alarm=True,
          what="no sample for 3 s while the belt may move"),
    Fault("samples stale", When.ALWAYS, lambda v: v.sample_age is not None and v.sample_age > STALE_MS, Action.HOLD,
          "", ("A8", "A10"), clearing=Clearing.ITSELF),
    Fault("safety key", When.ALWAYS, lambda v: v.safety_key and (v.engaged or _moving(v)), Action.STOP,
          prompts.KEY_PULLED, ("B13",)),
    Fault("stopped at the console", When.WALKING, lambda v: v.console_stop, Action.STOP,
          prompts.CONSOLE_STOPPED, ("B12", "B13")),
    Fault("false zero", When.ALWAYS, lambda v: v.false_zero and not v.stopping and not v.lost, Action.STOP,
          prompts.SPEED_NOT_TOLD, ("B8",)),
    Fault("stopped by itself", When.WALKING, lambda v: v.self_stopped, Action.STOP,
          prompts.STOPPED_BY_ITSELF, ("B12", "B13")),
    Fault("control lost", When.WALKING, lambda v: v.control_lost, Action.STOP,
          prompts.CONTROL_LOST, ("E5",)),
    Fault("unit", When.STARTED, lambda v: v.unit_ratio, Action.LOCKOUT,
          prompts.WRONG_UNIT, ("B5",), clearing=Clearing.CLEARED, alarm=True,
          what="the first speed is met 1.609 or 0.621 times"),
    Fault("first speed not met", When.WALKING, lambda v: v.first_speed_overdue, Action.STOP,
          prompts.NOT_AS_SET, ("B5", "B6")),
    Fault("answers the wrong way", When.WALKING, lambda v: v.inverted, Action.STOP,
          prompts.GAINS_SPEED, ("B6", "H1"), alarm=True,
          what="0.2 km/h gained on a slower command, after its lag"),
    Fault("sped up at the console", When.WALKING, lambda v: v.raised and v.raised_within, Action.HOLD,
          prompts.CONSOLE_FASTER, ("B13", "H2", "H7"),
          what="a higher target that is none of ours, facing the console and within the limits"),
    Fault("sped up by somebody", When.WALKING, lambda v: v.raised and not v.raised_within, Action.STOP,
          prompts.NOT_OUR_SPEED, ("B13", "E5", "H1", "H7"), alarm=True,
          what="a higher target that is none of ours, facing away or above the limits"),
    Fault("slows by itself", When.WALKING, lambda v: v.slowing, Action.HOLD,
          prompts.SLOWS_DOWN, ("B12", "B13", "H2"), clearing=Clearing.ITSELF),
    Fault("started too fast", When.WALKING, lambda v: v.holding and _above(v, v.start_allowed),
          Action.STOP, prompts.TOO_FAST, ("B2", "B7", "H1"), alarm=True,
          what="before the hold is over faster than the recorded start + 0.2 km/h, or facing away than 1.2"),
    Fault("too fast", When.WALKING, lambda v: _above(v, v.allowed),
          Action.STOP, prompts.TOO_FAST, ("B6", "B7", "B13", "H1"), alarm=True,
          what="faster than every command of late + 0.3 km/h"),
    Fault("above the limit", When.STARTED, lambda v: v.over_limit_samples >= 2, Action.STOP,
          prompts.TOO_FAST, ("B7", "H1"), alarm=True, what="two samples above the limit + 0.2 km/h"),
    Fault("limit broken", When.ALWAYS, lambda v: v.limit_broken, Action.STOP,
          prompts.LIMIT_IN_THE_WAY, ("D1", "H1"), alarm=True,
          what="a command above the limits was about to be written, which is a bug in treadctl"),
    Fault("moved by itself", When.ALWAYS, lambda v: not v.engaged and _moving(v) and not v.console_used, Action.STOP,
          prompts.BELT_MOVES, ("B4", "B9", "H3"), alarm=True),
    Fault("started at the console", When.ALWAYS, lambda v: not v.engaged and _moving(v) and v.console_used, Action.STOP,
          prompts.CONSOLE_STARTED, ("B4", "B13", "H3", "H7"), alarm=True),
    Fault("nobody attends", When.STARTED, lambda v: v.attendance_age > v.attendance_limit, Action.STOP,
          prompts.SCREEN_GONE, ("C1", "C4", "C6", "C11")),
    Fault("keys go elsewhere", When.STARTED, lambda v: not v.keyboard, Action.HOLD,
          prompts.KEYS_ELSEWHERE, ("C8",), clearing=Clearing.ITSELF),
    Fault("keys gone, facing away", When.STARTED, lambda v: not v.keyboard and v.facing is not Facing.FORWARD,
          Action.EASE, prompts.KEYS_GONE, ("C8",), after=3000),
    Fault("not as commanded", When.STARTED, lambda v: v.off_target, Action.HOLD,
          "", ("A3", "B13"), after=3000, clearing=Clearing.ITSELF,
          what="outside max(0.3 km/h, 15 %) of what is in force"),
    Fault("result unknown", When.STARTED, lambda v: v.unknown_result, Action.HOLD,
          "", ("A3", "A6"), clearing=Clearing.ITSELF),
    Fault("controller late", When.ALWAYS, lambda v: v.late > 250,
          Action.HOLD, "", ("C5", "C14"), clearing=Clearing.ITSELF,
          what="the guardian's loop is 0.25 s late"),
    Fault("controller hung", When.STARTED, lambda v: v.late > 1000, Action.STOP,
          prompts.HUNG, ("C5", "C14"), what="the guardian's loop is 1 s late"),
    Fault("inbox full", When.ALWAYS, lambda v: v.overflow, Action.LOCKOUT,
          prompts.OVERRUN, ("C5",), clearing=Clearing.NEW_SESSION),
    Fault("host slept", When.STARTED, lambda v: v.slept > 500, Action.STOP,
          prompts.SLEPT, ("C9",)),
    Fault("pain", When.ALWAYS, lambda v: v.pain, Action.EASE, prompts.PAIN_NOTED, ("F1",)),
    Fault("not heard", When.STARTED, lambda v: v.mute, Action.HOLD, "", ("F2", "H2"), clearing=Clearing.ITSELF,
          what="the voice is broken: nobody hears an announcement"),
    Fault("helper's page silent", When.STARTED, lambda v: v.helper_gone, Action.HOLD,
          prompts.HELPER_SILENT, ("E8",), clearing=Clearing.ITSELF,
          what="the helper's page, whose stop was tested, says nothing for 3 s"),
    Fault("helper's page silent, belt still", When.ALWAYS, lambda v: v.helper_gone and not v.engaged, Action.WARN,
          prompts.HELPER_SILENT, ("E8",), clearing=Clearing.ITSELF),
    Fault("page does not speak", When.ALWAYS, lambda v: v.page_mute, Action.HOLD,
          prompts.PAGE_SILENT, ("F2", "H2"), clearing=Clearing.ITSELF,
          what="the page that speaks says nothing for 3 s, or has not said what it was given"),
    Fault("page behind gone", When.STARTED, lambda v: v.rear_gone, Action.EASE,
          prompts.PAGE_GONE, ("F2", "H2"),
          what="in visual mode the page behind the treadmill says nothing for 10 s"),
    Fault("heart rate high", When.STARTED, lambda v: v.heart_above, Action.SLOWER,
          prompts.HEART_HIGH, ("E7",), after=10_000, clearing=Clearing.ITSELF),
    Fault("heart rate stays high", When.STARTED, lambda v: v.heart_above, Action.EASE,
          prompts.HEART_STOPS, ("E7",), after=30_000),
    Fault("heart rate lost", When.STARTED, lambda v: v.heart_lost, Action.WARN,
          prompts.NO_HEART, ("E7",), clearing=Clearing.ITSELF),
    Fault("needed heart rate lost", When.STARTED, lambda v: v.heart_lost and v.heart_needed, Action.EASE,
          prompts.NO_HEART_STOPS, ("E7",), after=60_000),
    Fault("bout too long", When.WALKING, lambda v: v.bout_over > BACKSTOP, Action.EASE,
          prompts.LONG_ENOUGH, ("H1",)),
)


def told_as(begun: Sequence[Fault]) -> Priority:
    """How what these say is said: as a safety call, which no mere notice may hold up, or as a notice."""
    call = any(fault.alarm or fault.action >= Action.STOP for fault in begun)
    return Priority.SAFETY if call else Priority.NOTICE


NAMES = frozenset(fault.name for fault in TABLE)
AT_REST = tuple(fault for fault in TABLE if fault.when is When.ALWAYS)
STOPPING = tuple(fault for fault in TABLE if fault.when is not When.WALKING)


def watched(view: View) -> tuple[Fault, ...]:
    """The rows that count now. On a new link that was made only to stop, nobody walks any more."""
    if not view.engaged:
        return AT_REST
    return STOPPING if view.stopping or view.lost else TABLE


class Watch:
    """Evaluates the table; remembers since when each condition holds."""

    def __init__(self) -> None:
        self._since: dict[str, Ms] = {}
        self._active: dict[str, Fault] = {}

    def step(self, now: Ms, view: View) -> list[Fault]:
        """The faults that began now, worst first."""
        holding = [fault for fault in watched(view) if fault.condition(view)]
        if not holding and not self._since:
            return []
        self._since = {fault.name: self._since.get(fault.name, now) for fault in holding}
        self._active = {name: fault for name, fault in self._active.items() if name in self._since}
        begun = [f for f in holding if f.name not in self._active and now - self._since[f.name] >= f.after]
        self._active.update((fault.name, fault) for fault in begun)
        return sorted(begun, key=lambda fault: -fault.action)

    @property
    def worst(self) -> Action:
        if not self._active:
            return Action.NONE
        return max(fault.action for fault in self._active.values())

    def acts(self, name: str) -> bool:
        """Whether the fault of this name is at work."""
        return name in self._active

    def reasons(self) -> tuple[str, ...]:
        return tuple(self._active)

    def deadline(self, now: Ms) -> Ms | None:
        """When a condition that holds now will have held long enough."""
        if not self._since:
            return None
        due = [
            self._since[fault.name] + fault.after
            for fault in TABLE
            if fault.after and fault.name in self._since and fault.name not in self._active
        ]
        return soonest(now, *due)
