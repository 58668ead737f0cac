"""What a client may wish for: intents, and which role may have which.

Nothing here can express "start" or "faster": a belt starts only by the confirm gesture (key presses that the core
judges), and rises only by the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .program import Program


class Role(Enum):
    """What a client may ask. The guardian refuses the rest, whatever the client's code can do."""

    LOCAL = "local"
    DISPLAY = "display"
    NETWORK = "network"


class Watching(Enum):
    """Which page a sign of life is of: the one behind the treadmill, the helper's, or one that is ready to speak; one
    that somebody has just tapped, so that it speaks; and one in the walker's hand, on which STOP was just pressed.
    """

    REAR = "rear"
    HELPER = "helper"
    SPEAKER = "speaker"
    TAPPED = "tapped"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Scan:
    """Look for machines for `seconds`; they arrive in the snapshot's `found`."""

    seconds: int = 8


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect to the machine with this address (empty: the only one, as with the simulator)."""

    address: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """Walk this program. Checked again by the guardian against person, machine and day. `visual`: for a walker who does
    not hear, cues count once the page behind the treadmill has shown them. `page`: a page speaks in the laptop's place.
    """

    program: Program
    visual: bool = False
    page: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the question with this id: the key of one of its choices. Ignored while the belt moves."""

    question: str
    choice: str


@dataclass(frozen=True, slots=True)
class Press:
    """A key or remote button, in Textual's key names ("space", "enter", "a"). The core decides what it means.

    `held` is true for an auto-repeated or pasted key where the client can tell: such a key stops, and never confirms.
    """

    key: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Confirm:
    """The simulated walker's wish to go on; refused unless the backend says it is simulated. People press keys."""


@dataclass(frozen=True, slots=True)
class Abort:
    """Abort a countdown or a question; the belt stays still."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop the belt now. Always cleared, from every role, in every state; idempotent."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Ease:
    """A little slower: -0.2 km/h, a ceiling for this facing until a local resume; at the minimum it is a stop."""


@dataclass(frozen=True, slots=True)
class Pain:
    """It hurts: ease to stop, then ask."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Say the last cue again."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Lift the ceiling that an ease or the console set. Local only."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Silence the alarm; it changes nothing about the belt."""


@dataclass(frozen=True, slots=True)
class Attend:
    """The heartbeat, 4 a second from the client's own event loop. `keyboard`: keys reach this client. `page`: of a
    display, which page is open and seen; such a heartbeat arms nothing.
    """

    keyboard: bool = True
    page: Watching | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The page behind the treadmill has shown this cue long enough to be read."""

    cue: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """The page that speaks has played the words of this `Sounding` to their end."""

    sounding: int


@dataclass(frozen=True, slots=True)
class End:
    """End the session: nothing more is walked. While the belt moves this is a stop."""


@dataclass(frozen=True, slots=True)
class Message:
    """Text to show, and nothing else. Untrusted."""

    text: str


@dataclass(frozen=True, slots=True)
class Preselect:
    """A profile to offer first at the next opening; it starts nothing."""

    profile: str


@dataclass(frozen=True, slots=True)
class Commission:
    """Learn the connected machine on an empty belt: `part` 1 is what a walk needs, 2 the rest, on another day."""

    part: int = 1


@dataclass(frozen=True, slots=True)
class Capture:
    """Record the machine's advertisement, characteristics and notifications into a file."""

    seconds: int = 30


@dataclass(frozen=True, slots=True)
class PickStrap:
    """Use the heart-rate strap with this address, or whose name begins so; empty: the treadmill's own value."""

    address: str = ""


@dataclass(frozen=True, slots=True)
class Rehearse:
    """Two minutes with the belt locked; with a machine connected it counts for that machine."""


@dataclass(frozen=True, slots=True)
class Clear:
    """The files about the person changed: read the person and the locks anew. Taken over once no session is under way.

    It lifts nothing by itself: what is locked stands in the files, and who may change them is asked by their client.
    """


@dataclass(frozen=True, slots=True)
class FastForward:
    """Run a simulated treadmill's clock `rate` times faster, 1 to 10. The guardian refuses it for a real machine."""

    rate: int = 1


Intent = (
    Scan | Connect | Load | Answer | Press | Confirm | Abort | Stop | Ease | Pain | Repeat | Resume | Acknowledge
    | Attend | End | Message | Preselect | Commission | Capture | PickStrap | Rehearse | Clear | FastForward | Shown
    | Spoken
)

ALLOWED: dict[Role, tuple[type, ...]] = {
    Role.LOCAL: (
        Scan, Connect, Load, Answer, Press, Confirm, Abort, Stop, Ease, Pain, Repeat, Resume, Acknowledge, Attend, End,
        Message, Preselect, Commission, Capture, PickStrap, Rehearse, Clear, FastForward,
    ),
    Role.DISPLAY: (Stop, Attend, Shown, Spoken),
    Role.NETWORK: (Stop, Message, Preselect),
}
