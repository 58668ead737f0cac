"""Runs the commissioning procedure: gives each of its steps to the Supervisor, the voice and the owner.

To the core it is what a session is. It starts nothing itself: every Start has a confirm of its own, every command is
cleared by the Supervisor, under limits for an empty belt. Any key stops, a fault stops; what was learnt until then is
dropped, because half a record would pass for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from treadctl.model.api import Asking, Belt, Choice, Phase, Question
from treadctl.model.errors import ExitCode
from treadctl.model.limits import Limit, Limits
from treadctl.model.locks import Lock
from treadctl.model.machine import STOP_LAG_MAX, LinkInfo, Record, SpeedRange, backward_permission
from treadctl.model.person import Level
from treadctl.model.program import Facing, Program, Segment
from treadctl.model.units import Incline, Ms, Speed, soonest

from .admission import commission_refusal
from .aftermath import units_lock
from .approach import Approach
from .belt import Sample
from .commanded import UNKNOWN_LAG, tolerance
from .cueing import Voice, set_words, speed_words
from .engine import Engine
from .events import Connect, Drop, Effect, Learn, Tone
from .faults import Action, Clearing, Fault
from .ladder import StopWish
from .measuring import steady
from .procedure import (
    FAST,
    HAND,
    Ask,
    BeltStopped,
    Go,
    Halt,
    Lose,
    Outcome,
    Procedure,
    Rise,
    Say,
    Wait,
    Watch,
    learn,
    learn_more,
)
from .prompts import BELT_EMPTY, NOBODY_ON_IT, NOT_STARTED, PRESS_STOP
from .script import GIVE_UP, RETRY, Prompt
from .supervisor import Supervisor
from .tally import Tally

NAME = "Commissioning, empty belt"
FOR_THE_BELT = "nobody is on a belt that is being learnt"
KEPT = 4_000
"""Samples remembered; chosen: a quarter of an hour at 4 Hz."""
MET: Ms = 3_000
"""A speed is met when the samples of so long agree about it."""
RISE_LIMIT: Ms = 40_000
"""Chosen: a machine that starts slower than the first speed to be met rises twice, each time announced."""
SAY_LIMIT: Ms = 60_000
"""Chosen: an empty belt does not run on because nobody hears what is said."""
PROMPTS = (Prompt(NOBODY_ON_IT, 2_000),)
KEEP = (Choice("k", "keep it"), Choice("d", "drop it"))
UNLINKED = "The link was lost; wake the treadmill, and begin anew. Nothing was learnt."
KEEPING = "Writing down what was learnt."
KEEP_LIMIT: Ms = 10_000
DISK_SLOW = "The disk is too slow, so what was learnt may be lost; look with: treadctl machines list."
AT_ONCE = 8


def empty_belt() -> Limits:
    """2 km/h and not a slope: nobody is on it, and stop is timed from there."""
    top, none = Limit(FAST, FOR_THE_BELT), Limit(0, FOR_THE_BELT)
    return Limits(Level.L0, top, none, none, none, none, none, none)


def commissioning(
    now: Ms, supervisor: Supervisor, voice: Voice, tally: Tally, *, part: int, today: str
) -> Commissioning | str:
    """Begin it on the connected machine, or say why not."""
    refused = commission_refusal(part, supervisor.info, supervisor.record, today)
    if refused is not None:
        return refused
    if supervisor.stopping or supervisor.lost or supervisor.belt.state(now) is Belt.MOVING:
        return "Refused: the belt moves; wait until it stands."
    supervisor.begin_session(empty_belt(), empty=True)
    assert supervisor.info is not None  # or it was refused
    return Commissioning(supervisor, voice, tally, supervisor.info, part=part, today=today)


class Commissioning:
    """One run of the procedure. Times are ms; every method takes `now` first."""

    needs_belt = True
    planned_segment: int | None = None
    segments: tuple[Segment, ...] = ()
    finished = closed = False

    def __init__(
        self, supervisor: Supervisor, voice: Voice, tally: Tally, info: LinkInfo, *, part: int, today: str
    ) -> None:
        self._sup, self._voice, self._tally = supervisor, voice, tally
        self.info, self.today, self.now = info, today, 0
        self.record = supervisor.record
        self.program = Program(NAME, ())
        self.engine = Engine((), Speed(0))
        self.phase = Phase.CHECKING
        self.reason = ""
        self.exit_code = ExitCode.OK
        self.lock: Lock | None = None
        self.learnt: Record | None = None
        self._wanted: list[Effect] = []
        self.started_at: Ms | None = None
        self._samples: list[Sample] = []
        self._procedure: Procedure = (learn if part == 1 else learn_more)(self)
        self._wait: Wait | None = None
        self._outcome: Record | None = None
        self._keep_until: Ms | None = None
        self._begun: Ms = 0
        self._approach: Approach | None = None
        self._utterance: int | None = None
        self._say_at: Ms = 0
        self._announced: tuple[str, int] | None = None
        self._heard_at: Ms | None = None
        self._stopped: BeltStopped | None = None

    # --- what the procedure sees -------------------------------------------------------------------------------------

    @property
    def moved_at(self) -> Ms:
        return self._sup.motion_at or self.now

    @property
    def written_at(self) -> Ms:
        return self._sup.commanded.at

    def samples(self, since: Ms) -> Sequence[Sample]:
        return [sample for sample in self._samples if sample.at >= since]

    def work_with(self, record: Record) -> None:
        """The Supervisor takes the machine for this while it is learnt: nothing of it is kept."""
        span = record.speed
        if span is not None:
            span = replace(span, maximum=max(span.minimum, min(span.maximum, FAST)))
        patient = record.stop_lag or STOP_LAG_MAX
        start = record.start_speed or FAST
        if self._sup.engaged and record.start_speed is not None and record.control:
            self._sup.commanded.started(self.now, record.start_speed)
        span = span if record.control else None
        self._sup.take(replace(record, start_speed=start, speed=span, incline=None, stop_lag=patient))

    # --- what people do ----------------------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return self.phase is Phase.DONE

    def ticks(self) -> tuple[bool, bool]:
        """Nothing of today's checklist is answered here."""
        return False, False

    def wanted(self) -> list[Effect]:
        """What it wants of the world: the link dropped on purpose; what was learnt kept, and the machine met anew."""
        wanted, self._wanted = self._wanted, []
        return wanted

    def lifts(self, lock: Lock) -> bool:
        """Whether this lock waited for the machine to be commissioned again."""
        learnt = self.learnt
        return learnt is not None and learnt.complete and lock.name == units_lock(learnt.address).name

    def press(self, now: Ms, key: str, held: bool, client: str) -> None:
        if self._approach is not None and self._approach.confirmed:
            self.abort(now)
        elif self._approach is not None and self._approach.confirm is not None:
            self._approach.confirm.press(now, key, held, client)

    def abort(self, now: Ms) -> None:
        """Undo a confirm before its Start."""
        if self._approach is not None:
            self._approach.abort(now)

    def answer(self, now: Ms, id: str, choice: str) -> bool:
        question = None if self._stopped is not None else self.question(now)
        if question is None or question.id != id or not fits(question, choice):
            return False
        if self._outcome is not None:
            self._decided(now, self._outcome, keep=choice == "k")
        else:
            self._go_on(now, choice)
        return True

    def question(self, now: Ms) -> Question | None:
        if self._outcome is not None:
            return Question("keep", "Keep what was learnt?", Asking.CHOICE, KEEP, report(self._outcome), True)
        if self._approach is not None:
            return self._approach.question(now)
        return self._wait.question if isinstance(self._wait, Ask) and not self.ended else None

    @property
    def countdown(self) -> int | None:
        return None if self._approach is None else self._approach.countdown

    def ease(self, now: Ms) -> None:
        """Nobody walks, so there is nothing to ease: it is a stop."""
        self._stop(now, "You stopped.")

    def _stop(self, now: Ms, why: str) -> None:
        if self._sup.stop(now, StopWish(why)):
            self.stopped_by(now, why)
        else:
            self.abort(now)

    def stopped_by(self, now: Ms, reason: str) -> None:
        """Somebody stopped a belt that may move."""
        self._halted(now, BeltStopped(reason))
        self._voice.tone(Tone.STOP)

    def end(self, now: Ms) -> None:
        if not self.ended and self._keep_until is None:
            self._finish("Ended. Nothing was learnt.")

    abandon = end

    def faults(self, now: Ms, begun: list[Fault]) -> None:
        for fault in begun:
            if fault.action is Action.EASE:
                self._stop(now, fault.spoken)
            if fault.action < Action.STOP or isinstance(self._wait, Lose):
                continue  # a dropped link brings its own alarm; who then pulls the key did what was said
            if fault.clearing is Clearing.CLEARED:
                self.lock = units_lock(self.info.address)
            self._halted(now, BeltStopped(fault.spoken or fault.name, fault.name))

    def given_up(self, now: Ms) -> None:
        """The machine did not take the stop on its link."""
        if not isinstance(self._wait, Lose):
            self._halted(now, BeltStopped("The treadmill did not take the stop."))

    def link_lost_still(self, now: Ms) -> None:
        if not self.ended and self._keep_until is None:
            self._finish(UNLINKED, ExitCode.NO_MACHINE)

    def link_back(self, now: Ms) -> None:
        """After `Lose`: the Supervisor looks and stops by itself."""

    def _halted(self, now: Ms, stopped: BeltStopped) -> None:
        if self._stopped is None and not self.ended:
            self._stopped, self._approach, self.reason = stopped, None, str(stopped)
            self.phase = Phase.STOPPING

    # --- time --------------------------------------------------------------------------------------------------------

    def step(self, now: Ms) -> None:
        """Let the present step of the procedure look at what is so; at most a few steps at once."""
        self.now = now
        sample = self._sup.belt.sample
        if sample is not None and (not self._samples or sample.at > self._samples[-1].at):
            self._samples.append(sample)
            del self._samples[:-KEPT]
        if self._sup.started_at is not None:
            self.started_at = self._sup.started_at
        if self._keep_until is not None:
            if now >= self._keep_until:
                self._finish(DISK_SLOW, ExitCode.FAULT)
            return
        if self._wait is None and self._outcome is None and not self.ended:
            self._go_on(now, None)
        left, before = AT_ONCE, object()
        while left and not self.ended and self._wait is not before:
            left, before = left - 1, self._wait
            self._look(now)

    def _look(self, now: Ms) -> None:  # noqa: C901 - one case a step of the procedure
        if self._stopped is not None:
            self._stopping(now, self._stopped)
            return
        match self._wait:
            case Watch(time):
                self._moving_phase(now)
                if now - self._begun >= time:
                    self._go_on(now, None)
            case Say():
                self._saying(now, self._wait)
            case Go():
                self._starting(now)
            case Rise():
                self._rising(now, self._wait)
            case Halt(wish):
                self.phase = Phase.STOPPING
                if not self._sup.stopping and self._sup.belt.still(now):
                    self._go_on(now, not self._sup.stop_failed and (self._sup.paused or not wish.pause))
            case Lose():
                self.phase = Phase.LOST if self._sup.lost else Phase.STOPPING
                if self._sup.info is not None and not self._sup.may_move and self._sup.belt.still(now):
                    self._go_on(now, None)
            case Ask() | None:
                self.phase = Phase.CHECKING

    def _moving_phase(self, now: Ms) -> None:
        if self._sup.engaged:
            self.phase = Phase.HOLDING if self._sup.holding(now) else Phase.WALKING
        else:
            self.phase = Phase.CHECKING

    def _stopping(self, now: Ms, stopped: BeltStopped) -> None:
        """Wait for the measured standstill; the procedure may know a way on."""
        if self._sup.stopping or self._sup.may_move or not self._sup.belt.still(now):
            return
        self._stopped, self.reason = None, ""
        self._sup.disarm()
        self._advance(now, lambda: self._procedure.throw(stopped))

    def _starting(self, now: Ms) -> None:
        """The approach until its Start; True when the belt moves, None when it was refused, False when nothing came."""
        approach = self._approach
        if self._sup.motion_at is not None:
            self._approach = None
            self._go_on(now, True)
        elif self._sup.start_overdue(now) or self._sup.turned_down:
            result = None if self._sup.turned_down else False
            self._sup.not_started()
            self._approach = None
            self._voice.say(NOT_STARTED)
            self._go_on(now, result)
        else:
            assert approach is not None  # whatever takes it away stops the belt as well
            approach.step(now)
            self.phase = approach.phase

    def _saying(self, now: Ms, say: Say) -> None:
        self._moving_phase(now)
        if self._heard_at is not None:
            if now - self._heard_at >= say.time:
                self._go_on(now, None)
        elif now - self._begun >= SAY_LIMIT:
            self._stop(now, "Nobody heard what was said.")
        elif now >= self._say_at:
            self._utterance, self._say_at = self._voice.say(say.text), now + GIVE_UP

    def _rising(self, now: Ms, rise: Rise) -> None:
        """Announced, wished, and met when the samples agree about it. Not met is the procedure's to judge."""
        self._moving_phase(now)
        self._sup.wish(rise.speed, Incline(0))
        waiting = self._sup.needs_announcement(now)
        if rise.by_hand and self._utterance is None:
            self._utterance = self._voice.say(set_words(rise.speed, self._voice.scale))
        elif waiting is not None and (now >= self._say_at or waiting != self._announced):
            words = speed_words(Speed(waiting[1]), 0, self._voice.scale)
            self._utterance, self._say_at = self._voice.say(words), now + GIVE_UP
            self._announced = waiting
            self._sup.announce(now, *waiting, self._utterance)
        speed = steady(self._samples[-20:], now - MET)
        commanded = self._sup.commanded.current == rise.speed and now - self.written_at >= MET + UNKNOWN_LAG
        met = commanded and speed is not None and abs(speed - rise.speed) <= tolerance(rise.speed)
        by_hand = rise.by_hand and speed is not None and speed >= rise.speed // 2
        late = now - self._begun >= (HAND if rise.by_hand else RISE_LIMIT)
        if met or by_hand or late:
            self._go_on(now, met or by_hand)

    # --- the procedure -----------------------------------------------------------------------------------------------

    def _go_on(self, now: Ms, result: object) -> None:
        self._advance(now, lambda: self._procedure.send(result))

    def _advance(self, now: Ms, procedure: Callable[[], Wait]) -> None:
        try:
            self._begin(now, procedure())
        except StopIteration as over:
            self._over(over.value)
        except BeltStopped as why:
            self._finish(f"{why} Nothing was learnt.", ExitCode.FAULT if why.fault else ExitCode.OK)

    def _begin(self, now: Ms, wait: Wait) -> None:
        self._wait, self._begun, self._say_at = wait, now, now
        self._utterance = self._heard_at = self._announced = None
        match wait:
            case Go():
                self.started_at = None
                self._approach = Approach(self._sup, self._voice, self._tally, PROMPTS, BELT_EMPTY, Facing.FORWARD)
            case Halt(wish, by_hand):
                self._sup.stop(now, wish)
                if by_hand or self._sup.guided:
                    self._voice.say(PRESS_STOP)
            case Lose():
                self._wanted.append(Drop())
            case _:
                pass

    def _over(self, outcome: Outcome) -> None:
        self._wait = None
        if isinstance(outcome, str):
            self._finish(outcome, ExitCode.REFUSED)
        else:
            self._outcome, self.phase = outcome, Phase.CHECKING

    def _decided(self, now: Ms, record: Record, *, keep: bool) -> None:
        self._outcome = None
        if keep:
            self._keep_until, self.reason = now + KEEP_LIMIT, KEEPING
            self._wanted.append(Learn(record))
        else:
            self._finish("Dropped. Nothing was learnt.")

    def kept(self, record: Record | None, why: str) -> None:
        """It is on disk, and judged as it will be from now on; or it could not be written."""
        if self._keep_until is None:
            return
        if record is None:
            self._finish(why, ExitCode.FAULT)
            return
        self.learnt = record
        self._wanted.append(Connect(record.address))
        known = () if record.complete else self.info.hints
        self._finish(" ".join((verdict(record), *known)))

    def _finish(self, reason: str, code: ExitCode = ExitCode.OK) -> None:
        """The Supervisor forgets what it took the machine for; one that was learnt is met anew before it is walked."""
        self._sup.disarm()
        self._sup.take(None if self.learnt is not None or self._sup.info is None else self.record)
        self._sup.empty, self._approach, self._outcome, self._keep_until = False, None, None, None
        self._procedure.close()
        self.reason, self.exit_code, self.phase = reason, code, Phase.DONE

    # --- what was heard ----------------------------------------------------------------------------------------------

    def spoken(self, now: Ms, id: int) -> None:
        if self._approach is not None:
            self._approach.spoken(now, id)
        if id == self._utterance:
            self._heard_at = now

    def speech_failed(self, now: Ms, id: int) -> None:
        if self._approach is not None:
            self._approach.failed(now, id)
        if id == self._utterance:
            self._say_at = now + RETRY

    def deadline(self, now: Ms) -> Ms | None:
        """When this step has something to do without a sample."""
        times = [None if self._approach is None else self._approach.deadline(now), self._say_at, self._keep_until]
        if isinstance(self._wait, Watch):
            times.append(self._begun + self._wait.time)
        if isinstance(self._wait, Say) and self._heard_at is not None:
            times.append(self._heard_at + self._wait.time)
        if isinstance(self._wait, Rise):
            times.append(self._begun + (HAND if self._wait.by_hand else RISE_LIMIT))
        return soonest(now, *times)


def fits(question: Question, choice: str) -> bool:
    """One of the choices, or a number between 0 and 30 as a console shows it."""
    if question.asking is not Asking.NUMBER:
        return choice in {offered.key for offered in question.choices}
    whole, _, part = choice.partition(".")
    digits = whole.isascii() and whole.isdigit() and len(whole) <= 2 and len(part) <= 2
    return digits and (not part or (part.isascii() and part.isdigit())) and int(whole) <= 30


def report(record: Record) -> str:
    """What was learnt, in figures, for the owner to judge."""
    said = [
        ("starts by remote", record.remote_start), ("stops by remote", record.stop_works),
        ("start speed, km/h", record.start_speed), ("speeds, km/h", _range(record.speed)),
        ("stop from 2 km/h, s", _seconds(record.stop_lag)), ("command lag, s", _seconds(record.lag)),
        ("start lag, s", _seconds(record.start_lag)), ("samples at most apart, s", _seconds(record.sample_interval)),
        ("samples at standstill", record.samples_at_standstill), ("as the console shows", record.units_read_by_owner),
        ("Pause stops it", record.pause_proven or None), ("runs on without a link", record.runs_on),
    ]
    return " · ".join(f"{name}: {_word(value)}" for name, value in said if value is not None)


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _seconds(value: Ms | None) -> str | None:
    return None if value is None else f"{value / 1000:.1f}"


def _range(span: SpeedRange | None) -> str | None:
    return None if span is None else f"{span.minimum} to {span.maximum} in steps of {Speed(span.increment)}"


def verdict(record: Record) -> str:
    """What this machine may be used for from now on, in one sentence."""
    if not record.complete:
        return f"Kept. It cannot be driven: {', '.join(record.missing)}."
    permission, why = backward_permission(record)
    return f"Kept. Backward: {permission.value}{f' ({why})' if why else ''}."
