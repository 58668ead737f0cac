"""The invariants about what may be written: never too fast, never unasked, never unannounced, never fought for.

Each takes a trace and its facts and yields what was wrong, with its time. None looks at the controller's inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.limits import HARD_BACKWARD, HARD_FORWARD, hold_ms, step_up
from treadctl.model.program import Facing, Walk
from treadctl.model.units import Ms

from .facts import Facts, Run
from .speeds import changes, console_raises, first_speed, minimum, rises, slows, speeds, way
from .trace import Wire


class Wrong(NamedTuple):
    """One thing that must not have happened."""

    at: Ms
    text: str


Found = Iterator[Wrong]
AT_ONCE: Ms = 100
FRESH: Ms = 1500
HOME_SPEED = 200
"""Two easy minutes forward after an unplanned stop."""
EASE = 20
"""0.2 km/h, each time."""
CONTROL_FIRST: Ms = 400
"""On a new link control is requested first. The Stop follows with the answer, or 0.3 s later without one."""
COUNTED = ("one", "now the treadmill counts. stay on the rails.")
ADRIFT = frozenset({"write.late", "time.late", "telemetry.flipped", "telemetry.scaled"})
"""Faults under which nobody knows what a slower command starts from: it came late, or what is measured is not so."""
FALL_EVERY = {Facing.FORWARD: 400, Facing.BACKWARD: 667}
LADDER = frozenset({Op.STOP_OR_PAUSE, Op.RESET, Op.REQUEST_CONTROL})


def command_in_reach(facts: Facts) -> Found:
    """I1: inside the limits of facing, person, profile and machine; on its grid; known to the standard."""
    setup = facts.trace.setup
    for wire in facts.trace.writes:
        if wire.op == -1:
            yield Wrong(wire.at, f"{wire.data.hex()} is no request")
        facing = way(facts.run_at(wire.at))
        if wire.speed is not None:
            yield from _speed_in_reach(facts, wire, facing)
        if wire.incline is not None:
            slope, limit = setup.record.incline, setup.limits.incline(facing).value
            if slope is None or wire.incline < 0 or wire.incline > limit:
                yield Wrong(wire.at, f"incline {wire.incline / 10} % {facing.value}, and the limit is {limit / 10}")
            elif (wire.incline - slope.minimum) % slope.increment:
                yield Wrong(wire.at, f"incline {wire.incline / 10} % is off the machine's grid")


def _speed_in_reach(facts: Facts, wire: Wire, facing: Facing) -> Found:
    setup, speed = facts.trace.setup, wire.speed or 0
    hard = HARD_BACKWARD if facing is Facing.BACKWARD else HARD_FORWARD
    limit = min(int(hard), setup.limits.speed(facing).value)
    reach = setup.record.speed
    if speed > limit:
        yield Wrong(wire.at, f"{speed / 100} km/h facing {facing.value}, and the limit is {limit / 100}")
    if reach is None or not reach.minimum <= speed <= reach.maximum:
        yield Wrong(wire.at, f"{speed / 100} km/h is outside the machine's range")
    elif (speed - reach.minimum) % reach.increment:
        yield Wrong(wire.at, f"{speed / 100} km/h is off the machine's grid")


def belt_under_cap(facts: Facts) -> Found:
    """I2: on an honest machine the belt never exceeds the limit; measured too fast, it is stopped at once."""
    setup = facts.trace.setup
    if setup.honest:
        for truth in facts.trace.truth:
            run = facts.run_at(truth.at)
            limit = setup.limits.speed(way(run)).value
            if truth.speed > limit + 10:
                yield Wrong(truth.at, f"the belt ran {truth.speed / 100:.2f} km/h, and the limit is {limit / 100}")
                return
    for run in facts.runs:
        yield from _measured_too_fast(facts, run)


def _measured_too_fast(facts: Facts, run: Run) -> Found:
    lag = facts.trace.setup.record.lag or 1500
    start = int(facts.trace.setup.record.start_speed or 0)
    limit = facts.trace.setup.limits.speed(way(run)).value
    written = [(w.at, w.speed or 0) for w in speeds(facts, run) if not facts.refused(w)]
    commands = sorted([(run.start.at, start), *written, *console_raises(facts, run)], key=lambda command: command[0])
    above = 0
    end = min(run.end, facts.trace.end)
    for sample in facts.samples(run.start.at, end):
        begin = sample.at - lag - 1500
        in_force = [speed for at, speed in commands if at <= sample.at]
        old = [speed for at, speed in commands if at <= begin]
        recent = [speed for at, speed in commands if begin < at <= sample.at]
        allowed = max([*recent, *(old[-1:] or in_force[:1])], default=0) + 30
        if not facts.trace.setup.record.control:
            allowed = limit + 30  # the speed is the walker's own
        above = above + 1 if sample.speed > limit + 20 else 0
        if (sample.speed > allowed or above >= 2) and not _stopping(facts, run, sample.at + AT_ONCE):
            yield Wrong(sample.at, f"{sample.speed / 100} km/h was measured where {allowed / 100} was allowed: no stop")
            return


def _stopping(facts: Facts, run: Run, by: Ms) -> bool:
    """A stop was written by then, or could not be, without a link."""
    if facts.stopped_in(run.start.at + 1, by) or not facts.up_throughout(max(run.start.at, by - 200), by):
        return True
    asked = any(w.op == Op.REQUEST_CONTROL for w in facts.writes(by - AT_ONCE, by))  # on a new link it goes first
    return asked and facts.stopped_in(by, by + CONTROL_FIRST)


# --- rising ----------------------------------------------------------------------------------------------------------


def rises_are_gentle(facts: Facts) -> Found:
    """I4: steps and their spacing, the hold after a start, the ease before a stop; speed and incline never at once."""
    for run in facts.runs:
        yield from _steps(facts, run)
        yield from _inclines(facts, run)
    for one, two in pairwise(facts.trace.writes):
        if one.at == two.at and {one.op, two.op} == {Op.SET_TARGET_SPEED, Op.SET_TARGET_INCLINATION}:
            yield Wrong(one.at, "speed and incline in one step")


def _steps(facts: Facts, run: Run) -> Found:
    reach, facing = facts.trace.setup.record.speed, way(run)
    assert reach is not None
    most = step_up(facing, facts.trace.setup.limits.level)
    largest = max(most, int(reach.increment))
    wait = 1000 if reach.increment <= most else -(-reach.increment * 1000 // most)
    gentle = FALL_EVERY[facing] * max(20, reach.increment) // 20
    last = run.start.at
    ours, easing = minimum(facts), False
    for wire, before in changes(facts, run):
        step = (wire.speed or 0) - before
        if step > largest:
            yield Wrong(wire.at, f"a rise of {step / 100} km/h in one step")
        if step > 0 and wire.at - last < facts.least(wait):
            yield Wrong(wire.at, f"two rises {wire.at - last} ms apart")
        if step > 0 and (run.moved is None or wire.at - run.moved < facts.least(hold_ms(facing))):
            yield Wrong(wire.at, "a rise before the hold was over")
        # What the console made faster while treadctl eases is eased on from treadctl's own speed.
        known = min(_known_speed(facts, last, wire.at, before), ours if easing else before)
        fall = min(-step, known - (wire.speed or 0))
        largest_fall = max(20, reach.increment) + reach.increment - 1  # what was measured is snapped to the grid first
        large = fall > largest_fall and not facts.at_work(ADRIFT, last, wire.at)
        if step < 0 and (large or wire.at - last < facts.least(gentle)):
            yield Wrong(wire.at, f"an ease of {-step / 100} km/h after {wire.at - last} ms")
        last, ours, easing = wire.at, ours if facts.refused(wire) else wire.speed or 0, step < 0


def _known_speed(facts: Facts, since: Ms, at: Ms, commanded: int) -> int:
    """What the belt was last told to do, by whomever: a hand on the console may have been there."""
    seen = facts.last_sample(at)
    told = [n.number for n in facts.notes(since, at, "status") if n.text == "SPEED_CHANGED"]
    return min([commanded, *told, *([] if seen is None else [seen.speed])])


def _inclines(facts: Facts, run: Run) -> Found:
    facing, last, before = way(run), run.start.at, 0
    for wire in facts.trace.writes:
        if wire.incline is None or not run.start.at <= wire.at < run.end or facts.refused(wire):
            continue
        step = wire.incline - before
        slowest = step * (1000 if facing is Facing.FORWARD else 2000) if step > 0 else -step * 500
        if wire.at - last < facts.least(slowest):
            yield Wrong(wire.at, f"incline {before / 10} to {wire.incline / 10} % within {wire.at - last} ms")
        last, before = wire.at, wire.incline


def facing_changes_at_rest(facts: Facts) -> Found:
    """I5: a facing is known only from a confirm at measured standstill; nobody is told to turn on a moving belt."""
    known: Facing | None = None
    for at, shot in facts.trace.shots:
        if shot.facing is not known and shot.facing is not None:
            gesture = facts.pressed(at - 2000, at)
            if not facts.is_still(at) or not gesture:
                yield Wrong(at, f"facing {shot.facing.value} without a confirm at standstill")
        known = shot.facing
    for word in facts.trace.words:
        text = word.text.lower()
        turning = text.startswith(("back to the console", "face the console", "face away"))
        if turning and not facts.is_still(word.at):
            yield Wrong(word.at, f"{word.text!r} was said while the belt was not measured still")
    for run in facts.runs:
        if run.facing is not None and run.facing is not facts.asked_facing(run.start.at):
            yield Wrong(run.start.at, f"started for {run.facing.value}, and the words asked for something else")
        first = next(iter(speeds(facts, run)), None)
        slow = max(int(facts.trace.setup.record.start_speed or 0), minimum(facts))
        if first is not None and (first.speed or 0) > slow:
            yield Wrong(first.at, f"the first speed was {(first.speed or 0) / 100} km/h")


def rises_need_knowledge(facts: Facts) -> Found:
    """I7: no rise on old samples, an unanswered command, a speed that is not met, a late loop, or keys gone."""
    for run in facts.runs:
        for wire, _ in rises(facts, run):
            why = _unknowing(facts, run, wire)
            if why:
                yield Wrong(wire.at, f"a rise although {why}")


def _unknowing(facts: Facts, run: Run, wire: Wire) -> str:
    last = facts.last_sample(wire.at)
    if last is None or wire.at - last.at > facts.most(FRESH):
        return "the last sample was too old"
    if any(note.number > 250 for note in facts.notes(wire.at, wire.at, "late")):
        return "the loop was late"
    beat = facts.last_beat(wire.at)
    same = any(b.keyboard for b in facts.beats(wire.at, wire.at))  # one of this moment may come before or after
    if beat is not None and not beat.keyboard and not same:
        return "keys went elsewhere"
    before = [w for w in facts.trace.writes if run.start.at < w.at < wire.at and w.speed is not None]
    if before and not _settled(facts, before[-1], wire.at):
        return "the command before was not answered"
    return "the belt did not do as commanded" if _off_target(facts, run, wire.at) else ""


def _settled(facts: Facts, wire: Wire, by: Ms) -> bool:
    """Answered, or met by measurement; what was refused is done with."""
    if facts.refused(wire) or any(a.op == wire.op and wire.at <= a.at <= by for a in facts.trace.answers):
        return True
    speed = wire.speed or 0
    near = max(15, speed * 15 // 100)
    return any(abs(sample.speed - speed) <= near for sample in facts.samples(wire.at, by))


def _off_target(facts: Facts, run: Run, at: Ms) -> bool:
    """For more than 3 s every sample was outside of everything that may have been in force."""
    lag = facts.trace.setup.record.lag or 1500
    seen = facts.samples(at - 3500, at)
    written = [(w.at, w.speed or 0) for w in speeds(facts, run)]
    commands = sorted(c for c in (*written, *console_raises(facts, run)) if c[0] < at)
    refused = {(w.at, w.speed or 0) for w in speeds(facts, run) if facts.refused(w)}
    if len(seen) < 3 or at - seen[0].at < 3000 or not commands or seen[0].at < commands[0][0] + lag + 1500:
        return False
    for sample in seen:
        begin = sample.at - lag - 1500
        recent = [speed for when, speed in commands if begin < when <= sample.at]
        old = [one for one in commands if one[0] <= begin]
        taken = max((number for number, one in enumerate(old) if one not in refused), default=0)
        force = [*(speed for _, speed in old[taken:]), *recent]  # what was refused left the one before it in force
        margin = max(30, force[-1] * 15 // 100)
        if min(force) - margin <= sample.speed <= max(force) + margin:
            return False
    return True


def rises_are_announced(facts: Facts) -> Found:
    """I30: every start was counted down, every rise said 3 s before and heard to its end; a fault's stop has words."""
    for run in facts.runs:
        counted = (w.text.lower() in COUNTED for w in facts.trace.words if run.start.at - 6000 <= w.at <= run.start.at)
        if not any(counted) and not facts.by_hand:
            yield Wrong(run.start.at, "a start that was not counted down")
        last: Ms = -10_000
        for wire, _ in rises(facts, run):
            going_on = wire.at - last <= 5000
            if not _announced(facts, wire, going_on):
                yield Wrong(wire.at, f"the rise to {(wire.speed or 0) / 100} km/h was not announced")
                break
            last = wire.at


def _announced(facts: Facts, wire: Wire, going_on: bool) -> bool:
    for word in reversed(facts.trace.words):
        if word.at > wire.at - facts.least(3000):
            continue
        if word.at < wire.at - (120_000 if going_on else 20_000):
            return False
        named = re.findall(r"\d+\.\d+", word.text) if word.text.lower().startswith("faster") else []
        heard = facts.trace.heard.get(word.id)
        if heard is not None and heard <= wire.at and any(round(float(n) * 100) >= (wire.speed or 0) for n in named):
            return True
    return False


# --- what else must not be written -----------------------------------------------------------------------------------


def first_speed_is_met(facts: Facts) -> Found:
    """I14: nothing faster before the first speed was met over 3 samples; a belt that reads miles is locked."""
    first = first_speed(facts)
    met_at = _first_met(facts)
    for run in facts.runs:
        for wire, _ in rises(facts, run):
            if (wire.speed or 0) > first and (met_at is None or wire.at < met_at):
                yield Wrong(wire.at, f"{(wire.speed or 0) / 100} km/h before the first speed was met")
                return
    yield from _miles(facts)


def _first_met(facts: Facts) -> Ms | None:
    row = 0
    for run in facts.runs:
        commands = speeds(facts, run)
        for sample in facts.samples(run.start.at, run.end):
            # A command of the same moment was decided on this sample, so it is not what the sample shows.
            current = next((w.speed or 0 for w in reversed(commands) if w.at < sample.at), 0)
            near = current >= 80 and abs(sample.speed - current) <= max(15, current * 15 // 100)
            row = row + 1 if near else 0
            if row >= 3:
                return sample.at
    return None


def _miles(facts: Facts) -> Found:
    """A whole run on a belt that reads miles: by then it has to be locked."""
    early = [fault for fault in facts.trace.setup.faults if fault.at < 1000]
    if {fault.name for fault in early} != {"machine.mph"} or not facts.runs:
        return
    run = facts.runs[0]
    if min(fault.until for fault in early) < min(run.end, facts.trace.end):
        return  # it read kilometres again before anybody could tell
    commands = speeds(facts, run)
    wanted = next((w.at for w in commands if (w.speed or 0) >= 80), None)
    if wanted is not None and min(run.end, facts.trace.end) > wanted + 12_000:
        units = any(lock.name.startswith("units") for lock in facts.trace.locks)
        if not units and not facts.first_stop(run):
            yield Wrong(wanted, "the belt ran miles for kilometres and was not locked")


def console_wins(facts: Facts) -> Found:
    """I17: slower by hand is the ceiling, faster by hand holds, until a resume; control is asked for once, to stop."""
    begin = facts.trace.links[0].at if facts.trace.links else 0
    for fault in facts.trace.setup.faults:
        if fault.name == "machine.console_slower":
            yield from _faster_than_console(facts, begin + fault.at)
    for one in facts.runs:
        yield from _on_after_console(facts, one)
        yield from _faster_than_eased(facts, one)
    for note in facts.trace.noted("status"):
        run = facts.run_at(note.at)
        if note.text == "CONTROL_LOST" and run is not None:
            end = min(run.end, facts.trace.end)
            asked = [w for w in facts.writes(note.at, end) if w.op == Op.REQUEST_CONTROL]
            links = sum(link.up for link in facts.trace.links if note.at < link.at < end)
            resets = sum(w.op == Op.RESET for w in facts.writes(note.at, end))  # each ends the permission
            if len(asked) > 1 + links + resets:
                yield Wrong(note.at, f"control was asked for {len(asked)} times after it was taken")
            fought = [w for w in facts.writes(note.at, end) if w.speed not in (None, minimum(facts))]
            if fought:
                yield Wrong(fought[0].at, "a speed was set after control was taken")


def _on_after_console(facts: Facts, run: Run) -> Found:
    """Made faster at the console within the limits, it holds: nothing rises until a local resume."""
    raised = console_raises(facts, run)
    if not raised:
        return
    begin = raised[0][0] + AT_ONCE
    resumed = facts.resumed(begin, run.end)
    for wire, before in rises(facts, run):
        if begin < wire.at < resumed:
            yield Wrong(wire.at, f"a rise from {before / 100} km/h that the console had set, and nobody resumed")
            return


def _faster_than_eased(facts: Facts, run: Run) -> Found:
    """Eased, it stays slower whenever this way is faced, until a local resume."""
    eased = [
        (ask.at, _in_force(facts, one, ask.at) - EASE)
        for one in facts.runs if way(one) is way(run) and one.start.at <= run.start.at
        for ask in facts.trace.asks if isinstance(ask.intent, api.Ease) and _walked(facts, one, ask.at)
    ]
    for wire in speeds(facts, run):
        ceilings = [ceiling for at, ceiling in eased if at < wire.at < facts.resumed(at, wire.at + 1)]
        ceiling = min((c for c in ceilings if c >= minimum(facts)), default=wire.speed or 0)
        if (wire.speed or 0) > ceiling:
            yield Wrong(wire.at, f"{(wire.speed or 0) / 100} km/h, and it was eased to {ceiling / 100}")
            return


def _walked(facts: Facts, run: Run, at: Ms) -> bool:
    """Whether this run's belt moved then, and nothing had stopped it yet."""
    stop = facts.first_stop(run)
    return run.moved is not None and run.moved < at < (run.end if stop is None else stop.at)


def _in_force(facts: Facts, run: Run, at: Ms) -> int:
    """The most that may have been in force then: written last, what it was before that, or set at the console."""
    written = [(wire.at, max(wire.speed or 0, before if facts.refused(wire) else 0))
               for wire, before in changes(facts, run) if wire.at <= at]
    last = [speed for when, speed in written if when < at][-1:]
    same = [speed for when, speed in written if when == at]  # one of this moment may have come before
    return max([minimum(facts), *last, *same, *(speed for when, speed in console_raises(facts, run) if when <= at)])


def _faster_than_console(facts: Facts, at: Ms) -> Found:
    run = facts.run_at(at)
    goal = next((n.number for n in facts.notes(at, at + 400, "status") if n.text == "SPEED_CHANGED"), None)
    if run is None or run.moved is None or goal is None:
        return
    before = [minimum(facts), *(w.speed or 0 for w in speeds(facts, run) if w.at <= at)]
    if goal >= before[-1]:
        return  # minus at the minimum: nothing was slowed
    resumed = facts.resumed(at, run.end)
    for wire in speeds(facts, run):
        if at + 1500 < wire.at < resumed and (wire.speed or 0) > goal:
            yield Wrong(wire.at, f"{(wire.speed or 0) / 100} km/h although the console was set to {goal / 100}")
            return


def nothing_after_a_gap(facts: Facts) -> Found:
    """I20: after sleep or a loop that hung, nothing moves the belt but the ladder."""
    for note in facts.trace.noted("slept", "late"):
        run = facts.run_at(note.at)
        limit = 500 if note.kind == "slept" else 1000
        if run is None or note.number <= limit or not facts.up(note.at) or facts.awaited(run, note.at):
            continue
        looking = any(link.up and note.at - 1500 <= link.at <= note.at for link in facts.trace.links[1:])
        if not looking and not facts.stopped_in(run.start.at + 1, note.at + AT_ONCE):
            yield Wrong(note.at, f"{note.number} ms {note.kind} while the belt may move, and no stop")
        for wire in facts.writes(note.at, min(run.end, facts.trace.end)):
            if wire.op not in LADDER and not slows(facts, wire):
                yield Wrong(wire.at, f"{wire.data.hex()} was written after a gap")


def only_locals_start(facts: Facts) -> Found:
    """I26: no Start and no speed from the network alone."""
    network = {ask.client for ask in facts.trace.asks} - facts.trace.setup.local
    for run in facts.runs:
        local = [p for p in facts.pressed(run.start.at - 90_000, run.start.at) if p.client not in network]
        if not local:
            yield Wrong(run.start.at, "a Start that nobody at the treadmill asked for")


def never_above_the_plan(facts: Facts) -> Found:
    """I29: heart rate, network and faults can only lower or hold what the program wishes."""
    answers = [a.at for a in facts.trace.asks if isinstance(a.intent, api.Answer) and a.intent.choice == "f"]
    for run in facts.runs:
        home = way(run) is Facing.FORWARD and any(at < run.start.at for at in answers)
        walks = [s for s in facts.trace.setup.segments if isinstance(s, Walk) and s.facing is way(run)]
        most = max([int(walk.speed) for walk in walks] + ([HOME_SPEED] if home else []), default=0)
        for wire, before in changes(facts, run):
            if (wire.speed or 0) > max(most, minimum(facts)) and (wire.speed or 0) >= before:
                yield Wrong(wire.at, f"{(wire.speed or 0) / 100} km/h, and the program wishes {most / 100} at most")
                return
