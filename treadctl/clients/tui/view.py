"""What is shown: snapshots, the plan and what this client knows itself, turned into words. No terminal, no Textual.

The order of importance is the walker's: what to do now, what comes next, how to stop, everything else. Nothing here may
show an old number as if it were fresh, or call a belt stopped that was not measured so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from treadctl.clients.reading import Units, speed_words
from treadctl.model.api import Belt, Choice, Footer, LinkState, Ms, Phase, Plan, Snapshot
from treadctl.model.program import Facing, Segment, Turn, Walk
from treadctl.model.units import clock

EMPTY_BELT = "COMMISSIONING, EMPTY BELT"
"""What stands on every screen while a machine is learnt: nobody may be on the belt."""
REHEARSAL = "REHEARSAL: THE BELT STAYS STILL"
"""What stands on every screen of a rehearsal."""
LINK_GOOD = "link good"
STALE: Ms = 1500
"""Machines tell their speed once a second or more: after 1.5 s without a sample it is not known."""
CHANGE_SOON: Ms = 15_000
"""In the last 15 s before a change its countdown takes the big digits: that is what the walker has to know then."""
MOVING_PHASES = frozenset(
    {Phase.STARTING, Phase.HOLDING, Phase.WALKING, Phase.EASING, Phase.STOPPING, Phase.LOST}
)


class Away(Enum):
    """Why keys do not reach this client. The value is what to do about it."""

    FOCUS = "click into this window."
    TERMINAL = "the terminal is silent."
    TMUX = "look at this tmux pane."


@dataclass(frozen=True, slots=True)
class Local:
    """What this client knows and no snapshot says.

    `hung`: no snapshot for 1.0 s. `closed`: why the guardian is gone, None while it is there; `moving_then`: the belt
    might have moved at that time; `rescued`: the attempt to stop it again is over. `tone_over`: the confirm tone has
    ended and the same key is awaited. `answered`: questions of this checklist with their answers. `beginning`: a
    programme was asked for, and its walk is not there yet; `commissioning`: not a walk, but an empty belt;
    `rehearsing`: nor a walk, but practice beside a still one. `typed`: what stands in the number that is asked for.
    `away`: why keys go elsewhere, the newest last; `unwatched`: in which ways they may go elsewhere unseen.
    `room`: that there is too little of it on the disk.
    """

    starting: str = "Starting the controller."
    simulated: bool = False
    away: tuple[Away, ...] = ()
    unwatched: tuple[str, ...] = ()
    room: str = ""
    hung: bool = False
    closed: str | None = None
    moving_then: bool = False
    rescued: bool = False
    refused: str = ""
    tone_over: bool = False
    answered: tuple[tuple[str, str], ...] = ()
    beginning: bool = True
    commissioning: bool = False
    rehearsing: bool = False
    typed: str = ""
    rate: int = 1

    @property
    def keyboard(self) -> bool:
        """Whether keys reach this client."""
        return not self.away


def may_move(snapshot: Snapshot) -> bool:
    """Whether a key has to stop: anything but a belt known to be still, or no machine at all."""
    if snapshot.belt is Belt.MOVING or snapshot.phase in MOVING_PHASES:
        return True
    return snapshot.belt is Belt.UNKNOWN and snapshot.link in (LinkState.UP, LinkState.LOST)


def is_simulated(snapshot: Snapshot | None, local: Local) -> bool:
    return local.simulated or (snapshot is not None and snapshot.simulated)


def fresh_speed(snapshot: Snapshot, units: Units = Units.KMH) -> str | None:
    """The measured speed as digits, None when it is not known now."""
    if snapshot.speed is None or snapshot.sample_age is None or snapshot.sample_age > STALE:
        return None
    return speed_words(snapshot.speed, units)


def one_decimal(speed: int) -> str:
    """A speed in 0.01 km/h with one decimal, as consoles show it."""
    return f"{speed / 100:.1f}"


def age_words(snapshot: Snapshot) -> str:
    if snapshot.sample_age is None:
        return "no sample yet"
    return f"no sample for {snapshot.sample_age / 1000:.1f} s"


def direction(snapshot: Snapshot) -> tuple[str, Facing | None]:
    """The word for what to do now, with its arrow, and the facing that colours it."""
    if snapshot.stop_sent:
        return "STOP SENT", None
    if snapshot.phase is Phase.STARTING:
        return "STARTING", snapshot.facing
    if snapshot.facing is Facing.BACKWARD:
        return "↓ BACKWARD", Facing.BACKWARD
    if snapshot.facing is Facing.FORWARD:
        return "↑ FORWARD", Facing.FORWARD
    return "MOVING", None


def target_words(snapshot: Snapshot) -> str:
    """Whether the belt is where it should be: reached, rising or falling."""
    if snapshot.target is None:
        return ""
    if snapshot.ceiling is not None and snapshot.ceiling <= snapshot.target:
        return "eased"
    if snapshot.speed is None or fresh_speed(snapshot) is None:
        return ""
    if snapshot.reached:
        return "reached"
    return "rising" if snapshot.speed < snapshot.target else "falling"


def link_words(snapshot: Snapshot) -> str:
    match snapshot.link:
        case LinkState.UP:
            return LINK_GOOD if (snapshot.sample_age or 0) <= STALE else "link silent"
        case LinkState.LOST:
            return "LINK LOST"
        case LinkState.CONNECTING:
            return "connecting"
        case LinkState.SCANNING:
            return "searching"
        case LinkState.NONE | LinkState.FAILED:
            return "no link"


def time_words(snapshot: Snapshot) -> tuple[str, str]:
    """Walking time of walking time, and what is left by this walker's own turning times."""
    if not snapshot.to_walk:
        return "", ""
    walked = f"walked {clock(snapshot.walked)} of {clock(snapshot.to_walk)}"
    if snapshot.phase is Phase.DONE:
        return walked, ""
    minutes = -(-snapshot.left // 60_000)
    return walked, "about 1 min left" if minutes <= 1 else f"about {minutes} min left"


def place_words(snapshot: Snapshot, plan: Plan | None) -> list[str]:
    """Where in the programme: the bout, what is left of this segment, its name."""
    found = []
    if snapshot.bout:
        found.append(f"bout {snapshot.bout} of {snapshot.bouts}")
    if snapshot.segment is not None and snapshot.phase is not Phase.STARTING:
        found.append(f"{clock(snapshot.segment_left)} left")
    name = segment_name(snapshot, plan)
    return [*found, name] if name else found


def segment_name(snapshot: Snapshot, plan: Plan | None) -> str:
    if plan is None or snapshot.segment is None or not 0 <= snapshot.segment < len(plan.segments):
        return ""
    segment = plan.segments[snapshot.segment]
    return "" if isinstance(segment, Turn) else segment.name


def next_words(snapshot: Snapshot) -> str:
    if snapshot.next is None:
        return ""
    return f"{snapshot.next.words}, in {clock(snapshot.next.left)}" if snapshot.next.left > 0 else snapshot.next.words


def change_soon(snapshot: Snapshot) -> bool:
    """Whether the next change takes the big digits now."""
    return snapshot.next is not None and 0 < snapshot.next.left <= CHANGE_SOON and not snapshot.stop_sent


def footer_words(snapshot: Snapshot, local: Local) -> str:
    """The truth of the moment about how to stop. What this client sees itself outranks the last snapshot."""
    if local.hung or (local.closed is not None and local.moving_then):
        return "PULL THE KEY"
    if local.closed is not None:
        return Footer.OFF.value if snapshot.footer is Footer.OFF else "NO CONTROLLER"
    return snapshot.footer.value


def warning_words(snapshot: Snapshot, local: Local) -> str:
    """One line that wants to be seen: keys that go elsewhere, a notice of the controller."""
    if local.away:
        return f"Keys go elsewhere: {local.away[-1].value}"
    if snapshot.held:
        return "Faster at the console: r goes back to the programme, any other key stops"
    return snapshot.notice or message_words(snapshot)


def message_words(snapshot: Snapshot | None) -> str:
    """What somebody in the house sent, marked as such: it may say anything."""
    return f"Message: {snapshot.message}" if snapshot is not None and snapshot.message else ""


def moving_keys(snapshot: Snapshot, simulated: bool) -> tuple[Choice, ...]:
    """The few keys that do not stop. What the console sped up is resumed with the key that else repeats a cue."""
    keys = (Choice("-", "ease"), Choice("p", "pain"), Choice("r", "resume" if snapshot.held else "say again"))
    return (*keys, Choice("f", "fast forward")) if simulated else keys


def plan_words(segments: tuple[Segment, ...]) -> str:
    """Top speeds and walking time of an expanded programme."""
    walks = [segment for segment in segments if isinstance(segment, Walk)]
    tops = []
    for way in (Facing.BACKWARD, Facing.FORWARD):
        top = max((walk.speed for walk in walks if walk.facing is way), default=None)
        if top is not None:
            tops.append(f"{one_decimal(top)} km/h {way.value}")
    seconds = sum(walk.seconds for walk in walks)
    return f"top speed {', '.join(tops)} · walking {clock(seconds * 1000)}" if tops else "no belt walking"
