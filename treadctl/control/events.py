"""What goes into the core and what comes out of it: the whole boundary between decisions and the world."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from treadctl.model.api import ATTENDANCE_LIMIT, Found, Intent, Plan, Snapshot, Strap, Watching
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.records import Entry
from treadctl.model.units import Ms, Units


@dataclass(frozen=True, slots=True)
class Context:
    """What a core is made with, and the first line of its trace.

    `id` names its sessions, `today` is an ISO date, `attendance` the limit in core time (times the rate of a simulated
    clock). `checked` says that today's checklist was already answered, `reached` that today's reach test was passed,
    `heard` that today's sound check was. `rehearsed` are the addresses of the machines on which somebody rehearsed,
    `strap` is the address of the heart-rate strap that was worn last, `units` is what speeds are said in, `mute`
    says why nothing can be said at all.
    """

    id: str
    version: str
    seed: int = 0
    today: str = ""
    person: Person = UNKNOWN_PERSON
    locks: tuple[Lock, ...] = ()
    attendance: Ms = ATTENDANCE_LIMIT
    checked: bool = False
    reached: bool = False
    rehearsed: tuple[str, ...] = ()
    heard: bool = False
    strap: str = ""
    units: Units = Units.KMH
    mute: str = ""


# --- inputs --------------------------------------------------------------------------------------------------------


class Source(Enum):
    """The four notifying characteristics the core listens to."""

    TREADMILL_DATA = "2acd"
    STATUS = "2ada"
    TRAINING = "2ad3"
    CONTROL_POINT = "2ad9"
    HEART_RATE = "2a37"


@dataclass(frozen=True, slots=True)
class Notified:
    """Octets from a characteristic, stamped on arrival."""

    source: Source
    data: bytes


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A fresh link, subscribed; nothing has been written. `record` None: this machine was never commissioned."""

    info: LinkInfo
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link is gone, or could not be made. One sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class WriteDone:
    """The machine's host took the octets of write `id` (ATT write response)."""

    id: int


@dataclass(frozen=True, slots=True)
class WriteFailed:
    """Write `id` failed or hung past its limit. `att` is the ATT error code, None when there was none."""

    id: int
    why: str
    att: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A client's intent, already allowed for its role. `id` is the client's own number, for the verdict."""

    client: str
    id: int
    intent: Intent


@dataclass(frozen=True, slots=True)
class Attended:
    """A heartbeat of a local client. `keyboard`: keys reach it."""

    client: str
    keyboard: bool = True


@dataclass(frozen=True, slots=True)
class Watched:
    """A page is open and seen, and whose it is. It arms nothing."""

    client: str
    page: Watching


@dataclass(frozen=True, slots=True)
class ClientGone:
    """A client's socket closed."""

    client: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Utterance `id` was heard to its end."""

    id: int


INTERRUPTED = "interrupted"
"""Why an utterance failed that a higher priority cut off: the voice is not broken."""


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    """Utterance `id` could not be spoken to its end; rises stay blocked, stops never."""

    id: int
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The page behind the treadmill has shown cue `id`; in visual mode that is as good as heard."""

    id: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A machine, or a strap, was seen in a scan."""

    found: Found


@dataclass(frozen=True, slots=True)
class StrapIs:
    """What became of the heart-rate strap's link; None: none is worn."""

    strap: Strap | None


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture has ended: the file it went to, or why there is none."""

    file: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A record is on disk: as it counts from now on, with all that is known of the machine; or why it is not kept."""

    record: Record | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """That somebody rehearsed is on disk; or why it is not kept."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Reread:
    """What the files say now of the person, the locks and the day; as in the context. `number`: of the `ReadAnew`."""

    number: int
    today: str
    person: Person
    locks: tuple[Lock, ...]
    checked: bool = False
    reached: bool = False
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Suspended:
    """Boot-time ran `gap` ms ahead of the monotonic clock: the host slept."""

    gap: Ms


@dataclass(frozen=True, slots=True)
class Lagged:
    """The shell's own loop was late by this much, or its inbox overflowed."""

    late: Ms
    overflow: bool = False


@dataclass(frozen=True, slots=True)
class Quit:
    """A signal asks the guardian to end: stop the belt first."""

    signal: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing but time."""


Input = (
    Notified | LinkUp | LinkDown | WriteDone | WriteFailed | Asked | Attended | Watched | ClientGone | Spoken
    | SpeechFailed | Shown | Seen | StrapIs | Captured | Learnt | Rehearsed | Reread | Suspended | Lagged | Quit | Tick
)


# --- effects -------------------------------------------------------------------------------------------------------


class Urgency(Enum):
    """The two write slots: a stop never waits for a procedure."""

    STOP = "stop"
    PROCEDURE = "procedure"


class Priority(Enum):
    """Of an utterance: the higher interrupts the lower. `NOTICE`: of a fault that neither stops the belt nor alarms."""

    SAFETY = "safety"
    NOTICE = "notice"
    COUNTDOWN = "countdown"
    SEGMENT = "segment"
    TECHNIQUE = "technique"


class Tone(Enum):
    """Earcons, distinct without pitch alone."""

    FASTER = "faster"
    SLOWER = "slower"
    TURN = "turn"
    STOP = "stop"
    HEARD = "heard"
    VOID = "void"
    HEART = "heart"
    TICK = "tick"
    CONFIRM = "confirm"
    ALARM = "alarm"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Write:
    """Hand these octets to the Control Point 2AD9. Not later: a write that cannot begin now is reported as failed."""

    id: int
    data: bytes
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Say:
    """Speak; answer with `Spoken(id)` when it was heard to the end. `shown`: what is shown instead; empty: the text."""

    id: int
    text: str
    priority: Priority
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """Sound a tone. ALARM sounds until QUIET."""

    tone: Tone


@dataclass(frozen=True, slots=True)
class SpeakBy:
    """From now on words are heard through the page of this client; empty: through the laptop."""

    client: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """Append this entry to the session file; an `Opened` begins a new file, a `Closed` ends it."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Remember:
    """Write this lock to disk before it is spoken."""

    lock: Lock


@dataclass(frozen=True, slots=True)
class RememberDay:
    """Today's checklist was answered (`checked`), the reach test (`reached`) or the sound check (`heard`) passed."""

    checked: bool = False
    reached: bool = False
    heard: bool = False


@dataclass(frozen=True, slots=True)
class KeepRehearsal:
    """Write to disk that somebody rehearsed on this machine; report `Rehearsed`."""

    address: str


@dataclass(frozen=True, slots=True)
class ReadAnew:
    """Read the person, the locks and today's ticks from disk again; report `Reread` with this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Connect:
    """Make a link to this address (empty: the only machine there is)."""

    address: str


@dataclass(frozen=True, slots=True)
class Scan:
    """Scan for so many seconds; report `Seen`."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Wear:
    """Make and keep a link to this heart-rate strap, an address or the begin of a name (empty: to none), beside the
    machine's; report `StrapIs`, and its measurements as `Notified`."""

    who: str


@dataclass(frozen=True, slots=True)
class Capture:
    """Record what the connected machine is and sends for so many seconds, writing nothing; report `Captured`."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Learn:
    """Write this machine's record to disk; report `Learnt`."""

    record: Record


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the link on purpose while an empty belt moves: what does this machine do when its link is lost?"""


@dataclass(frozen=True, slots=True)
class Prepare:
    """These texts will be said soon: render them ahead."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publish:
    """Send to every client; of snapshots the newest wins."""

    what: Snapshot | Plan


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the log."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The verdict on a client's intent."""

    client: str
    id: int
    accepted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """The link is lost while the belt may move: try again at once and for a minute, only to stop."""

    address: str


@dataclass(frozen=True, slots=True)
class Close:
    """Disconnect from the machine; the belt is still, or nothing more can be done."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Run the simulated clock this many times faster (1 to 10); never for a real machine."""

    rate: int


@dataclass(frozen=True, slots=True)
class Exit:
    """End the process with this code."""

    code: int


Effect = (
    Write | Say | Play | SpeakBy | Journal | Remember | RememberDay | KeepRehearsal | ReadAnew | Connect | Scan | Wear
    | Capture | Learn | Drop | Prepare | Publish | Notice | Reply | Reconnect | Close | Rate | Exit
)
