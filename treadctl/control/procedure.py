"""The commissioning procedure, top to bottom: what is asked of the owner, done with the empty belt, and measured.

Two generators. They yield what they wait for (`Wait`) and get its result back; who runs them (`commissioning`) talks to
the Supervisor, the voice and the owner. Nothing is assumed that was not measured: what a step did not show stays None
in the record. Stop is timed from 2 km/h, and units are compared at two speeds.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from treadctl.model.api import Asking, Choice, Question
from treadctl.model.machine import LinkInfo, Manual, Record, SpeedRange
from treadctl.model.units import Ms, Speed, kmh, mph, snap_down

from . import measuring
from .belt import LOST_MS, ZERO, Sample
from .commanded import UNIT_RATIOS, tolerance, within
from .ladder import StopWish
from .preparation import YES_NO, Check
from .prompts import DROPPING, PULL_KEY, READ

FAST = Speed(200)
"""Stop is timed from 2 km/h, and nothing is faster on an empty belt."""
SLOW = Speed(100)
TOP_OF_UNKNOWN = Speed(800)
"""The hard ceiling forward: what a machine that tells no range may be set to at most."""
FINE, COARSE = Speed(10), Speed(50)
"""0.1 km/h; and what a machine is taken for that did not follow its own steps: too coarse to rise backward."""
STANDSTILL: Ms = 10_000
QUIET: Ms = 8_000
"""So long the belt runs as it started: no command is written (chosen: machines were seen to settle within 6 s)."""
READING: Ms = 8_000
"""Time to read the console and to remember it (chosen)."""
SETTLE: Ms = 4_000
HAND: Ms = 90_000

EMPTY = (
    Check("empty", "Is the belt empty, and does nobody step on it?", "nobody stands on a belt that is being learnt"),
    Check("beside", "Do you stand beside it, the safety key in your hand?", "stand beside the belt, the key in hand"),
    Check("console", "Can you read the console from there?", "the speed has to be read off the console"),
)
BY_SOMEBODY = ("safety key", "stopped at the console")
"""Faults in the middle of a stop that does not come: people did what they were told."""
SPEED_FAULTS = ("too fast", "started too fast", "unit", "answers the wrong way")
UNSEEN = "The belt moves and the machine does not tell it: pull the key, and use its console only."
PULLING: Ms = 5_000
"""To pull the key; the next thing said is the end."""
MANUAL = (Choice("a", "allows it"), Choice("s", "says nothing"), Choice("f", "forbids it"))
UNITS = (Choice("k", "km/h"), Choice("m", "miles an hour"))


@dataclass(frozen=True, slots=True)
class Ask:
    """Asked at standstill; results in the choice, or in the number as it was typed."""

    question: Question


@dataclass(frozen=True, slots=True)
class Say:
    """Heard to its end, and this much time after it."""

    text: str
    time: Ms = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """Nothing but samples for so long."""

    time: Ms


@dataclass(frozen=True, slots=True)
class Go:
    """Prompt, confirm, Start; results in True when the belt moves, None when Start was refused, else False."""


@dataclass(frozen=True, slots=True)
class Rise:
    """To this speed, in one command; results in True when it was met. `by_hand`: the owner sets it at the console."""

    speed: Speed
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop, measured; results in True when the first rung did it. `by_hand`: the owner is told to stop it, too."""

    wish: StopWish
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Lose:
    """The link is dropped on purpose, and made anew, which stops the belt."""


Wait = Ask | Say | Watch | Go | Rise | Halt | Lose
Outcome = Record | str
"""What was learnt, or why nothing was."""
Procedure = Generator[Wait, object, Outcome]


class BeltStopped(Exception):
    """In the middle of the procedure; it is measured still now. `fault` is the row's name, or empty."""

    def __init__(self, reason: str, fault: str = "") -> None:
        super().__init__(reason)
        self.fault = fault


class Bench(Protocol):
    """What the procedure sees of the machine under test."""

    now: Ms
    today: str
    info: LinkInfo
    record: Record | None
    started_at: Ms | None

    @property
    def moved_at(self) -> Ms: ...

    @property
    def written_at(self) -> Ms:
        """When the last speed was written."""

    def samples(self, since: Ms) -> Sequence[Sample]: ...

    def work_with(self, record: Record) -> None:
        """From now on the Supervisor takes the machine for this."""


# --- part one: what a walk needs ------------------------------------------------------------------------------------


def learn(bench: Bench) -> Procedure:
    """About four minutes with the belt empty."""
    info = bench.info
    slope = info.incline if info.incline is not None and info.incline.sane else None
    record = Record(
        info.address, info.name, info.firmware, control=info.control, told=info.speed, incline=slope, learnt=bench.today
    )
    silent = yield from _standstill(bench)
    if silent:
        return silent
    record = replace(record, samples_at_standstill=True)
    refused = yield from _checks(EMPTY, " ".join(info.hints))
    if refused:
        return refused
    if record.control:
        record = yield from _range(record)
        record = yield from _by_remote(bench, record)
    if not record.control:
        record = yield from _by_hand(bench, record)
    return (yield from _attested(record)) if record.units_read_by_owner or record.control else record


def _checks(checks: Sequence[Check], known: str = "") -> Generator[Wait, object, str]:
    """Empty, or the sentence that ends it. `known`: what the owner should know of this kind of machine."""
    for check in checks:
        answer = yield Ask(Question(check.id, check.text, Asking.CHOICE, YES_NO, known, heard=True))
        if answer != "y":
            return f"Nothing was learnt: {check.no}."
    return ""


def _yes(id: str, text: str, detail: str = "") -> Ask:
    return Ask(Question(id, text, Asking.CHOICE, YES_NO, detail, heard=True))


def _standstill(bench: Bench) -> Generator[Wait, object, str]:
    """Does it tell that it stands? Empty, or the sentence that ends it: no question can be asked, and nothing armed."""
    begin = bench.now
    yield Watch(STANDSTILL)
    gap = measuring.largest_gap(bench.samples(begin), begin, bench.now)
    if gap is not None and gap <= LOST_MS:
        return ""
    return "Nothing was learnt: it falls silent at standstill, so treadctl can never know that its belt stands."


def _range(record: Record) -> Generator[Wait, object, Record]:
    """What it may be set to: as it tells, or else as its console shows."""
    if record.told is not None and record.told.sane:
        return replace(record, speed=record.told)
    detail = "The machine does not tell its speeds. In km/h."
    lowest = Speed(0)
    while not lowest:
        typed = yield Ask(Question("lowest", "What is the console's lowest speed?", Asking.NUMBER, (), detail, True))
        lowest = kmh(str(typed))
    return replace(record, speed=SpeedRange(lowest, TOP_OF_UNKNOWN, FINE))


def _by_remote(bench: Bench, record: Record) -> Generator[Wait, object, Record]:
    """Start, speeds, stop, as treadctl will use them."""
    assert record.speed is not None
    if record.speed.minimum > FAST:
        return replace(record, control=False, speed=record.speed if record.speed.sane else None)
    bench.work_with(record)
    moved = yield from _start()
    if not moved:
        again = yield _yes("by-hand", "It did not start. Start it at the console instead?")
        record = replace(record, remote_start=False)
        bench.work_with(record)
        moved = (yield from _start()) if again == "y" else False
    if not moved:
        return replace(record, control=False)
    begin = bench.moved_at
    started = bench.started_at
    yield Watch(QUIET)
    record = replace(
        record, remote_start=record.remote_start is None, start_speed=measuring.top(bench.samples(begin)),
        start_lag=None if started is None or record.remote_start is False else begin - started,
    )
    bench.work_with(record)
    try:
        learnt = yield from _speeds(bench, record)
    except BeltStopped as stopped:
        if stopped.fault != "first speed not met":
            miles = _in_miles(bench, record) if stopped.fault in SPEED_FAULTS else ""
            raise BeltStopped(miles or str(stopped), stopped.fault) from None
        learnt = None
    return replace(record, control=False) if learnt is None else learnt


def _start() -> Generator[Wait, object, bool]:
    """Whether the belt moves. A refused Start is tried once more: some machines give control at the second request.

    No motion measured is no standstill: there are machines that obey and tell only zeros. The owner sees the belt.
    """
    moved = yield Go()
    if moved is None:
        moved = yield Go()
    if moved:
        return True
    stands = yield _yes("stands", "Does the belt stand still?", "No motion was measured.")
    if stands != "y":
        yield Say(PULL_KEY, PULLING)
        raise BeltStopped(UNSEEN, "runs unseen")
    return False


def _in_miles(bench: Bench, record: Record) -> str:
    """A belt that ran 1.609 times as fast as it was told; empty when it did not."""
    assert record.speed is not None
    ran, told = measuring.top(bench.samples(bench.written_at)), (record.speed.minimum, _settable(SLOW, record.speed))
    if ran is None or not any(within(UNIT_RATIOS[0], ran, speed) for speed in told):
        return ""
    return (
        f"It ran {ran} km/h, as a machine does that takes km/h for miles: set its console to kilometres, and learn it "
        "again; one that has no such setting is not driven."
    )


def _speeds(bench: Bench, record: Record) -> Generator[Wait, object, Record | None]:
    """Two speeds for the owner to read, one small step, one large one, and the stop. None: it does not take speeds."""
    assert record.speed is not None
    first = _settable(SLOW, record.speed)
    if not (yield Rise(first)):
        yield from _stop_by_hand()
        return None
    yield Watch(SETTLE)
    yield Say(READ, READING)
    readings = [_now_steady(bench)]
    small = Speed(first + max(FINE, record.speed.increment))
    yield Rise(small)
    yield Watch(SETTLE)
    took, step = _now_steady(bench) - readings[0], small - first
    if not step // 2 <= took <= step + step // 2:
        record = replace(record, speed=replace(record.speed, increment=max(COARSE, record.speed.increment)))
    assert record.speed is not None
    if not (yield Rise(_settable(FAST, record.speed))):
        yield from _stop_by_hand()
        return None
    yield Watch(SETTLE)
    at = bench.written_at
    rising = bench.samples(at - 1000)
    record = replace(record, lag=measuring.first_change(rising, at), ramp=measuring.steepest(rising))
    yield Say(READ, READING)
    readings.append(_now_steady(bench))
    stopped = yield from _stop(bench, record)
    return None if stopped is None else (yield from _units(stopped, readings))


def _stop_by_hand() -> Generator[Wait, object, None]:
    """What takes no speed may take no stop either: it is told to stop, and so is the owner."""
    try:
        yield Halt(StopWish("it takes no speeds", planned=True), by_hand=True)
    except BeltStopped as stopped:
        if stopped.fault not in BY_SOMEBODY:
            raise


def _settable(speed: Speed, span: SpeedRange) -> Speed:
    """The speed itself, or the next one below it that this machine can be set to; at least its lowest."""
    return span.minimum if speed <= span.minimum else Speed(snap_down(speed, span.minimum, span.increment))


def _now_steady(bench: Bench) -> Speed:
    """The speed that the samples of the last 3 s agree about, or 0."""
    return measuring.steady(bench.samples(bench.now - LOST_MS), bench.now - LOST_MS) or Speed(0)


def _stop(bench: Bench, record: Record) -> Generator[Wait, object, Record | None]:
    """None: it does not stop when told. Then the key was pulled, or somebody stopped it at the console."""
    at = bench.now
    try:
        works = yield Halt(StopWish("to time the stop", planned=True))
    except BeltStopped as stopped:
        if stopped.fault not in BY_SOMEBODY:
            raise
        works = False
    if not works:
        return None
    begin = bench.now
    yield Watch(STANDSTILL)
    gap = measuring.largest_gap(bench.samples(begin), begin, bench.now)
    return replace(
        record, stop_works=True, stop_lag=measuring.to_zero(bench.samples(at), at),
        samples_at_standstill=gap is not None and gap <= LOST_MS, sample_interval=measuring.interval(bench.samples(0)),
    )


def _by_hand(bench: Bench, record: Record) -> Generator[Wait, object, Record]:
    """Nothing obeys: the owner drives at the console, and the samples and the console are compared."""
    record = replace(record, control=False, remote_start=False, stop_works=False)
    bench.work_with(record)
    moved = yield from _start()
    if not moved:
        return record
    yield Rise(FAST, by_hand=True)
    yield Say(READ, READING)
    reading = _now_steady(bench)
    yield Halt(StopWish("to end the reading", planned=True))
    record = replace(record, sample_interval=measuring.interval(bench.samples(0)))
    return (yield from _units(record, [reading]))


def _units(record: Record, readings: Sequence[Speed]) -> Generator[Wait, object, Record]:
    """The console is the judge: what it showed has to be what the samples told."""
    unit = yield Ask(Question("unit", "Which unit does the console show?", Asking.CHOICE, UNITS, heard=True))
    agree = True
    for number, measured in enumerate(readings, 1):
        which = "" if len(readings) == 1 else " the first time" if number == 1 else " the second time"
        typed = yield Ask(Question(f"shown-{number}", f"What did the console show{which}?", Asking.NUMBER, heard=True))
        shown = kmh(str(typed)) if unit == "k" else mph(str(typed))
        agree &= measured > 0 and abs(shown - measured) <= tolerance(measured)
    return replace(record, units_read_by_owner=agree)


def _attested(record: Record) -> Generator[Wait, object, Record]:
    """What only the owner can say."""
    if record.start_lag is not None:
        counts = yield _yes("counts", "Did the console count down before the belt moved?")
        record = replace(record, counts_itself=record.start_lag if counts == "y" else 0)
    text = "Walking backward: what does the manual say?"
    manual = yield Ask(Question("manual", text, Asking.CHOICE, MANUAL, "", True))
    if manual == "s":  # a silent manual is a decision of the owner, who answers for it
        signed = yield _yes("signed", "Do you answer for walking backward on it?", "Its manual does not mention it.")
        manual = "s" if signed == "y" else "f"
    rail = yield _yes("rail", "Facing away: is a rail or handle within reach?")
    key = yield _yes("cord", "Facing away: is the key's cord long enough, the clip at your side?")
    said = {"a": Manual.ALLOWS, "s": Manual.SILENT}.get(str(manual), Manual.FORBIDS)
    return replace(record, manual=said, rails_facing_away=rail == "y" and key == "y")


# --- part two: the rest, on another day -----------------------------------------------------------------------------


def learn_more(bench: Bench) -> Procedure:
    """Pause, the speed after a stop, what a lost link does, the dead mill. About three minutes."""
    record = bench.record
    assert record is not None and record.speed is not None
    refused = yield from _checks(EMPTY)
    if refused:
        return refused
    first = _settable(SLOW, record.speed)
    for pause in (True, False):
        if not (yield from _start()):
            return "Nothing was learnt: the belt did not start."
        yield Rise(first)
        stopped = yield Halt(StopWish("does Pause stop it" if pause else "to see how it starts again", True, pause))
        record = replace(record, pause_proven=bool(stopped)) if pause else record
    if not (yield from _start()):
        return "Nothing was learnt: the belt did not start."
    begin = bench.moved_at
    yield Watch(QUIET)
    record = replace(record, resume_speed=measuring.top(bench.samples(begin)))
    yield Rise(first)
    at = bench.now
    yield Say(DROPPING)
    yield Lose()
    after = measuring.first_after_gap(bench.samples(at))
    record = replace(record, runs_on=None if after is None else after > ZERO)
    mill = yield _yes("dead-mill", "Does the manual allow pushing the belt while it is switched off?")
    return replace(record, dead_mill_attested=mill == "y")
