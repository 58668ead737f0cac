"""What clients say and see: intents in, snapshots and plans out, and the socket's messages.

An intent is a wish (`intents`); the core answers with a verdict. A snapshot is everything a screen needs, complete in
itself, so that a client may miss any number of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from .intents import (
    ALLOWED,
    Abort,
    Acknowledge,
    Answer,
    Attend,
    Capture,
    Clear,
    Commission,
    Confirm,
    Connect,
    Ease,
    End,
    FastForward,
    Intent,
    Load,
    Message,
    Pain,
    PickStrap,
    Preselect,
    Press,
    Rehearse,
    Repeat,
    Resume,
    Role,
    Scan,
    Shown,
    Spoken,
    Stop,
    Watching,
)
from .program import Facing, Segment
from .question import Asking, Choice, Question
from .records import Summary
from .units import Incline, Ms, Speed

PROTOCOL = 1
"""Version of the socket protocol; another one is refused in the hello."""
LINE_LIMIT = 1 << 20
"""Longest line on the socket, octets."""
SNAPSHOT_EVERY: Ms = 250
"""Snapshots go out at least this often, so a client that sees none for 1.0 s knows that the guardian hangs."""
SNAPSHOT_LOST: Ms = 1000
ATTEND_EVERY: Ms = 250
ATTENDANCE_LIMIT: Ms = 2000


# --- what clients see ----------------------------------------------------------------------------------------------


class Phase(Enum):
    """Where the session is. Only STARTING to STOPPING have a belt that treadctl set in motion."""

    __hash__ = object.__hash__
    """Members are looked up many times in every step; Enum would hash their names anew each time."""

    IDLE = "idle"
    CHECKING = "checking"
    REACHING = "reaching"
    TURNING = "turning"
    ASKING = "asking"
    COUNTDOWN = "countdown"
    STARTING = "starting"
    HOLDING = "holding"
    WALKING = "walking"
    EASING = "easing"
    STOPPING = "stopping"
    RESTING = "resting"
    PUSHING = "pushing"
    OFF = "off"
    HALTED = "halted"
    LOST = "lost"
    DONE = "done"


class Belt(Enum):
    """What is known of the belt. STILL is measured, by several samples; silence is UNKNOWN."""

    UNKNOWN = "unknown"
    STILL = "still"
    MOVING = "moving"


class LinkState(Enum):
    """FAILED: the last attempt to connect came to nothing; the snapshot's notice says why."""

    NONE = "none"
    SCANNING = "scanning"
    CONNECTING = "connecting"
    UP = "up"
    LOST = "lost"
    FAILED = "failed"


class Footer(Enum):
    """The truth of the moment about how to stop. The value is the text shown."""

    ANY_KEY = "ANY KEY STOPS"
    NO_LINK = "NO LINK: PULL THE KEY"
    CONSOLE = "THIS BELT STOPS AT THE CONSOLE OR THE KEY"
    STOP_SENT = "STOP SENT"
    OFF = "THE BELT IS OFF"
    STILL = "THE BELT IS STILL"
    UNKNOWN = "IS THE BELT STILL? ANY KEY STOPS"
    NOTHING = "NO MACHINE CONNECTED"


class Next(NamedTuple):
    """The next change: the words for it and the time to it (ms, walking time)."""

    words: str
    left: Ms


@dataclass(frozen=True, slots=True)
class Found:
    """A machine seen in a scan. `fitness`: it advertises the Fitness Machine Service; `treadmill`: its service data say
    so, or say what else it is; None: they say nothing, and only a connection can tell. `known`: it has a record.
    `strap`: it is no machine, but measures a heart rate."""

    address: str
    name: str
    rssi: int | None = None
    known: bool = False
    fitness: bool = True
    treadmill: bool | None = None
    strap: bool = False


@dataclass(frozen=True, slots=True)
class Strap:
    """The heart-rate strap that is worn. `link`: CONNECTING before the first link, LOST while it is sought again;
    `why` it is not there, in one sentence."""

    address: str
    name: str
    link: LinkState
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The program as it will be walked, sent when it changes: the timeline of the screen."""

    name: str
    segments: tuple[Segment, ...]
    expected: Ms


class Snapshot(NamedTuple):
    """Everything a screen needs at one moment. Unknown is None, never the last number as if it were fresh.

    `captured` is the file that the last capture of this guardian went to; `number` what the page behind the treadmill
    shows while the screen asks for it. `heart_why` says why there is no heart rate any more; `heart_cap` is what it may
    not exceed, with its reason; `zones` is the time in each zone of `model.heart`, empty without an age, and `zone` the
    one of now. `message` is a text that somebody in the house sent, `preselected` the profile they would offer first:
    both untrusted, shown and nothing else.

    A tuple, unlike its peers: a frozen dataclass of so many fields takes twice as long to make, and this one is made
    four times a second.
    """

    seq: int = 0
    now: Ms = 0
    phase: Phase = Phase.IDLE
    belt: Belt = Belt.UNKNOWN
    link: LinkState = LinkState.NONE
    simulated: bool = False
    machine: str = ""
    found: tuple[Found, ...] = ()
    program: str = ""
    facing: Facing | None = None
    speed: Speed | None = None
    sample_age: Ms | None = None
    target: Speed | None = None
    reached: bool = False
    incline: Incline | None = None
    target_incline: Incline | None = None
    heart_rate: int | None = None
    distance_m: float = 0.0
    segment: int | None = None
    segment_left: Ms = 0
    bout: int = 0
    bouts: int = 0
    walked: Ms = 0
    to_walk: Ms = 0
    left: Ms = 0
    next: Next | None = None
    question: Question | None = None
    countdown: int | None = None
    caption: str = ""
    alarm: str = ""
    reason: str = ""
    notice: str = ""
    footer: Footer = Footer.STILL
    stop_sent: bool = False
    ceiling: Speed | None = None
    held: bool = False
    voice: bool = True
    attended: bool = False
    summary: Summary | None = None
    captured: str = ""
    number: int | None = None
    heart_why: str = ""
    heart_cap: int | None = None
    heart_cap_why: str = ""
    zones: tuple[Ms, ...] = ()
    zone: int | None = None
    strap: Strap | None = None
    straps: tuple[Found, ...] = ()
    speaker: str = ""
    helper: bool | None = None
    message: str = ""
    preselected: str = ""


# --- the socket -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """First line of a client. `version` is treadctl's, `protocol` the socket's; `audio`: environment for the player.

    `watch`: false for a socket that only asks (a stop key) and does not read snapshots, plans and captions.
    """

    role: Role
    protocol: int = PROTOCOL
    version: str = ""
    name: str = ""
    audio: tuple[tuple[str, str], ...] = ()
    watch: bool = True


@dataclass(frozen=True, slots=True)
class Welcome:
    """The guardian's answer. `rate` is 1 for a real machine."""

    version: str
    protocol: int
    pid: int
    simulated: bool
    rate: int = 1


@dataclass(frozen=True, slots=True)
class Ask:
    """An intent under the client's own number."""

    id: int
    intent: Intent


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to `Ask`: accepted, or refused with the reason and what would change it."""

    id: int
    accepted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A cue that is being spoken or shown now: captions for every client. `id`: what `Shown` answers."""

    text: str
    priority: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Sounding:
    """For the client whose page speaks, and for no other: to be heard after what is being heard. `file`: words, a WAV
    file of this host; `Spoken` answers their `id`. Else a tone as `notes`, Hz (0: silence) and ms. Neither: be silent.
    """

    id: int = 0
    file: str = ""
    notes: tuple[tuple[int, Ms], ...] = ()


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The guardian closes this connection, and why."""

    reason: str
    exit_code: int = 0


ToGuardian = Hello | Ask
ToClient = Welcome | Verdict | Snapshot | Plan | Said | Sounding | Goodbye

MOVING_PHASES = frozenset({Phase.STARTING, Phase.HOLDING, Phase.WALKING, Phase.EASING, Phase.STOPPING})
"""The belt moves, or is about to, because treadctl started it."""
STOP_KEYS_DO_NOT_CONFIRM = frozenset({"escape", "ctrl+c"})
"""Esc and ctrl+c stop and never confirm."""


__all__ = [
    "ALLOWED",
    "ATTENDANCE_LIMIT",
    "ATTEND_EVERY",
    "LINE_LIMIT",
    "MOVING_PHASES",
    "PROTOCOL",
    "SNAPSHOT_EVERY",
    "SNAPSHOT_LOST",
    "STOP_KEYS_DO_NOT_CONFIRM",
    "Abort",
    "Acknowledge",
    "Answer",
    "Ask",
    "Asking",
    "Attend",
    "Belt",
    "Capture",
    "Choice",
    "Clear",
    "Commission",
    "Confirm",
    "Connect",
    "Ease",
    "End",
    "Facing",
    "FastForward",
    "Footer",
    "Found",
    "Goodbye",
    "Hello",
    "Incline",
    "Intent",
    "LinkState",
    "Load",
    "Message",
    "Ms",
    "Next",
    "Pain",
    "Phase",
    "PickStrap",
    "Plan",
    "Preselect",
    "Press",
    "Question",
    "Rehearse",
    "Repeat",
    "Resume",
    "Role",
    "Said",
    "Scan",
    "Shown",
    "Snapshot",
    "Sounding",
    "Speed",
    "Spoken",
    "Stop",
    "Strap",
    "Summary",
    "ToClient",
    "ToGuardian",
    "Verdict",
    "Watching",
    "Welcome",
]
