"""What is said, and when: the words of a cue, the cue times of a segment, and the voice. The catalogue is `prompts`.

Heard first, seen second: every rise is announced before it happens and waits until its announcement was heard. A cue is
one idea, at most eight words, verbs first, numbers last; one cue for one ramp, naming where it ends. Nothing here can
hold back a stop. Times of a segment are ms of walking time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from treadctl.model.limits import hold_ms
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Rest, Segment, Turn, Walk, incline_of
from treadctl.model.units import Incline, Ms, Speed, Units, figure

from . import prompts
from .events import Effect, Play, Prepare, Priority, Say, SpeakBy, Tone

HEADS_UP: Ms = 15_000
ACTION: Ms = 6_000
TICKS: tuple[Ms, ...] = (3_000, 2_000, 1_000)
CHANGE: Ms = 9_000
"""A change of speed or incline is announced this long before: about 2.5 s of speech and the 3 s lead, with room."""
CUE_LEAD: Ms = 3_000
SAY_AFTER: Ms = 12_000
"""No technique cue in the 10 s after a change, when a walker is busy with it, and a ramp of 2 s before."""
SAY_BEFORE_END: Ms = 19_000
"""A technique cue takes up to 4 s and must be over before the heads-up at 15 s."""
REMIND_EVERY: Ms = 60_000
"""At most one technique cue a minute (user interface rules, "Heard")."""
QUIET_AFTER: Ms = 10_000
SPEED_STEP_MS, SLOPE_UP_MS, SLOPE_DOWN_MS = 100, 2_000, 500
"""At its slowest the belt takes this long for 0.01 km/h, and for 0.1 % up and down while somebody faces away."""

HAND_STARTS = frozenset({prompts.PRESS_START, prompts.SPOTTER_STARTS})


def turn_to(facing: Facing) -> str:
    """Names the goal, never "turn" relative to a facing nobody knows."""
    return prompts.TURN_TO[facing]


def confirm_question(facing: Facing) -> str:
    return prompts.CONFIRM[facing]


def step_on(facing: Facing) -> str:
    return prompts.STEP_ON[facing]


@dataclass(frozen=True, slots=True)
class Scale:
    """How speeds are said: the nearest number with so many decimal places, and in miles an hour with the unit."""

    units: Units = Units.KMH
    places: int = 1

    def named(self, speed: int) -> str:
        """This speed in 0.01 km/h, as it is said and shown."""
        number = figure(speed, self.units, self.places)
        return number if self.units is Units.KMH else f"{number} {self.units.value}"


KMH = Scale()


def scale_of(segments: Sequence[Segment], units: Units) -> Scale:
    """Tenths, as consoles show them, unless two speeds of this programme would then be called the same.

    A tenth of a mile an hour is 0.16 km/h, and speeds lie 0.1 km/h apart, so that happens in miles only. Hundredths
    tell apart what differs by 0.02 km/h or more: nobody feels less.
    """
    speeds = {segment.speed for segment in segments if isinstance(segment, Walk)}
    alike = units is Units.MPH and len({figure(speed, units) for speed in speeds}) < len(speeds)
    return Scale(units, 2 if alike else 1)


def speed_words(speed: Speed, before: int, scale: Scale = KMH) -> str:
    return (prompts.FASTER if speed > before else prompts.SLOWER).format(scale.named(speed))


AT_REST_ONLY = frozenset({
    prompts.STOPPED, prompts.STEP_OFF, prompts.FEET, prompts.REACH_FIRST, prompts.ON_THE_FLOOR,
    *prompts.TURN_TO.values(), *prompts.TURN_BY.values(),
})
"""Said only while the belt is measured still, a repetition too."""


def for_hand(text: str) -> str:
    """What a fault says where nothing but a hand at the console stops the belt."""
    return text.replace("Stopping.", prompts.STOP_AT_CONSOLE)


def set_words(speed: int, scale: Scale = KMH) -> str:
    """For a belt that only a hand at its console drives."""
    return prompts.SET_AT_CONSOLE.format(scale.named(speed))


def incline_words(incline: Incline, before: int) -> str:
    if incline == 0:
        return prompts.LEVEL
    return (prompts.HILL if incline > before else prompts.LESS_HILL).format(f"{incline / 10:g}")


def headline(after: Segment | None) -> str:
    """The words for what comes next, as in "Next: turn round."."""
    match after:
        case Turn():
            return prompts.TURN_ROUND
        case Rest():
            return prompts.REST_NEXT
        case DeadMill():
            return prompts.SWITCH_OFF_NEXT
        case OffTreadmill():
            return prompts.STEP_OFF_NEXT
        case Walk() | None:
            return prompts.END_NEXT


class CueKind(Enum):
    HEADS_UP = "heads-up"
    ACTION = "action"
    TICK = "tick"
    SPEED = "speed"
    INCLINE = "incline"
    TECHNIQUE = "technique"


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue of a segment: due `at` ms of its walking time. Speed and incline cues announce `target`."""

    at: Ms
    kind: CueKind
    text: str = ""
    target: int = 0


def segment_cues(
    segments: Sequence[Segment], index: int, begin: Ms, fresh: bool, minimum: Speed, scale: Scale = KMH
) -> tuple[Cue, ...]:
    """The cues of the walk at `index`, from `begin` on, in order. `fresh`: it begins at standstill, at the minimum."""
    walk = segments[index]
    assert isinstance(walk, Walk)
    after = segments[index + 1] if index + 1 < len(segments) else None
    cues = _start_cues(walk, begin, minimum, scale) if fresh else []
    cues += _technique(walk, begin, fresh)
    cues += _reminders(segments, index, begin, _settled(walk, begin, minimum) if fresh else begin + REMIND_EVERY)
    cues += _change_cues(walk, after, scale) if isinstance(after, Walk) else _stop_cues(walk, after)
    return tuple(sorted((cue for cue in cues if cue.at >= begin), key=lambda cue: cue.at))


def _start_cues(walk: Walk, begin: Ms, minimum: Speed, scale: Scale) -> list[Cue]:
    hold_end = begin + hold_ms(walk.facing)
    cues = []
    if walk.speed > minimum:
        cues.append(Cue(hold_end - ACTION, CueKind.SPEED, speed_words(walk.speed, minimum, scale), walk.speed))
    if incline_of(walk) > 0:
        cues.append(Cue(hold_end, CueKind.INCLINE, incline_words(incline_of(walk), 0), incline_of(walk)))
    return cues


def technique_fits(walk: Walk, begin: Ms, fresh: bool) -> bool:
    """Whether the segment's own text has its place on the moving belt; else it is said before the start."""
    return _technique_at(walk, begin, fresh) <= walk.seconds * 1000 - SAY_BEFORE_END


def _technique_at(walk: Walk, begin: Ms, fresh: bool) -> Ms:
    return begin + (hold_ms(walk.facing) if fresh else 0) + SAY_AFTER


def _technique(walk: Walk, begin: Ms, fresh: bool) -> list[Cue]:
    if not walk.say or not (technique_fits(walk, begin, fresh) or not fresh):
        return []
    return [Cue(_technique_at(walk, begin, fresh), CueKind.TECHNIQUE, walk.say)]


def _settled(walk: Walk, begin: Ms, minimum: Speed) -> Ms:
    """When the ramps after a start are over, and the quiet that belongs to them."""
    rise, climb = max(0, walk.speed - minimum) * SPEED_STEP_MS, incline_of(walk) * SLOPE_UP_MS
    return begin + hold_ms(walk.facing) + rise + climb + QUIET_AFTER


def _reminders(segments: Sequence[Segment], index: int, begin: Ms, quiet: Ms) -> list[Cue]:
    """Technique cues beside the programme's own: none before `quiet`, a minute between any two, each bout begins with
    another one.
    """
    walk, following = segments[index], segments[index + 1] if index + 1 < len(segments) else None
    if not isinstance(walk, Walk) or walk.facing is not Facing.BACKWARD:
        return []
    own = walk.say.lower()
    words = [text for text in prompts.REMINDERS if text.split()[0].strip(",").lower() not in own] or prompts.REMINDERS
    turn = sum(isinstance(before, Walk) and before.facing is Facing.BACKWARD for before in segments[:index])
    first = max(quiet, begin + hold_ms(walk.facing) + SAY_AFTER + REMIND_EVERY) if walk.say else quiet
    levels = 0 if isinstance(following, Walk) else incline_of(walk) * SLOPE_DOWN_MS
    room = REMIND_EVERY - SAY_AFTER if isinstance(following, Walk) else SAY_BEFORE_END + levels
    times = range(first, walk.seconds * 1000 - room + 1, REMIND_EVERY)
    return [Cue(at, CueKind.TECHNIQUE, words[(turn + n) % len(words)]) for n, at in enumerate(times)]


def _change_cues(walk: Walk, after: Walk, scale: Scale) -> list[Cue]:
    """Speed first, then incline; each announced on its own."""
    end, cues = walk.seconds * 1000, []
    if after.speed != walk.speed:
        words = speed_words(after.speed, walk.speed, scale)
        cues.append(Cue(end - CHANGE, CueKind.SPEED, words, after.speed))
    before, slope = incline_of(walk), incline_of(after)
    if slope != before:
        lead = CHANGE if after.speed == walk.speed else CHANGE - 4_000
        cues.append(Cue(end - lead, CueKind.INCLINE, incline_words(slope, before), slope))
    return cues


def _stop_cues(walk: Walk, after: Segment | None) -> list[Cue]:
    end = walk.seconds * 1000
    cues = [
        Cue(end - HEADS_UP, CueKind.HEADS_UP, prompts.NEXT.format(headline(after))),
        Cue(end - ACTION, CueKind.ACTION, prompts.STOPPING_SOON),
    ]
    return cues + [Cue(end - lead, CueKind.TICK) for lead in TICKS]


class Voice:
    """Numbers utterances, remembers which are still being said and what to repeat. Collects effects for the core.

    `scale` is how the present session says speeds.
    """

    def __init__(self, out: list[Effect]) -> None:
        self._next, self._repetition = 1, 0
        self._open: dict[int, str] = {}
        self.last = self.shown = ""
        self.scale = KMH
        self.broken, self.why = False, ""
        self.effects = out

    def say(self, text: str, priority: Priority = Priority.SEGMENT, shown: str = "") -> int:
        """Speak; the id comes back in `Spoken` when it was heard to the end. What is told of a fault
        cancels what was open.

        `shown`: what captions have instead, where only who hears it may know it.
        """
        if priority in (Priority.SAFETY, Priority.NOTICE):
            self._open.clear()
        id, self._next = self._next, self._next + 1
        self._open[id] = text
        self.last, self.shown = text, shown or text
        self.effects.append(Say(id, text, priority, shown))
        return id

    def tone(self, tone: Tone) -> None:
        self.effects.append(Play(tone))

    def by(self, client: str) -> None:
        """Be heard through this client's page, empty: the laptop. Until something was heard there, nobody hears."""
        self.broken = True
        self.effects.append(SpeakBy(client))

    def prepare(self, texts: tuple[str, ...]) -> None:
        """These will be said: a walk waits for no speaker."""
        self.effects.append(Prepare(texts))

    def again(self, *, still: bool, awaits: bool) -> None:
        """Say the last cue again; that the belt stands only while it is `still`, and "press start" only while a hand
        is waited for. The repetition announces nothing, and waits to be heard once only.
        """
        text, shown = self.last, self.shown
        if text in AT_REST_ONLY and not still:
            text = shown = prompts.LOOK
        elif text in HAND_STARTS and not awaits:
            text = shown = prompts.NO_START
        if text and self._open.get(self._repetition) != text:
            self._repetition = self.say(text, Priority.TECHNIQUE, "" if shown == text else shown)

    def spoken(self, id: int) -> bool:
        """Whether this was one of ours and still counted."""
        if self._open.pop(id, None) is None:
            return False
        self.broken, self.why = False, ""
        return True

    def failed(self, id: int, broken: bool = True) -> None:
        """Not heard to its end: `broken`, or only cut off by something more urgent."""
        self._open.pop(id, None)
        self.broken = self.broken or broken

    @property
    def busy(self) -> bool:
        return bool(self._open)
