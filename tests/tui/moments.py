"""Hand-written moments of a walk, for the tests of what is shown."""

from __future__ import annotations

from treadctl.model.api import Asking, Belt, Choice, Footer, LinkState, Next, Phase, Plan, Question, Snapshot, Summary
from treadctl.model.program import Facing, Program, Walk, expand, expected_ms
from treadctl.model.units import Incline, kmh

PROGRAM = Program(
    "First steps",
    (
        Walk(Facing.FORWARD, 180, kmh("2.5"), name="Warm-up"),
        Walk(Facing.BACKWARD, 60, kmh("1.0")),
        Walk(Facing.FORWARD, 120, kmh("2.5")),
        Walk(Facing.BACKWARD, 60, kmh("1.0"), say="Small steps."),
        Walk(Facing.FORWARD, 120, kmh("2.5")),
        Walk(Facing.BACKWARD, 60, kmh("1.0")),
        Walk(Facing.FORWARD, 120, kmh("2.0"), name="Cool-down"),
    ),
)
SEGMENTS = expand(PROGRAM)
PLAN = Plan(PROGRAM.name, SEGMENTS, expected_ms(SEGMENTS))

IDLE = Snapshot(simulated=True, machine="Reference (simulated)")
READY = IDLE._replace(
    link=LinkState.UP, belt=Belt.STILL, sample_age=200, speed=kmh(0), program="First steps", phase=Phase.CHECKING,
    to_walk=720_000, left=1_200_000, bouts=3, incline=Incline(0),
)
CHECKING = READY._replace(
    question=Question(
        "check-2", "Is the safety key clipped at the side of your waistband?", Asking.CHOICE,
        (Choice("y", "yes"), Choice("n", "no")),
    ),
)
CONFIRM = READY._replace(
    phase=Phase.ASKING, facing=Facing.BACKWARD, segment=1,
    question=Question("confirm-1", "Facing away?", Asking.CONFIRM, heard=True, detail="Feet on the side rails."),
)
REACH = READY._replace(
    phase=Phase.REACHING,
    question=Question("reach-1", "Face away, both hands on the rails.", Asking.REACH, heard=True),
)
COUNTDOWN = READY._replace(phase=Phase.COUNTDOWN, countdown=4, facing=Facing.BACKWARD, segment=2)
FORWARD = READY._replace(
    phase=Phase.WALKING, belt=Belt.MOVING, facing=Facing.FORWARD, speed=kmh("2.5"), target=kmh("2.5"),
    reached=True, segment=0, segment_left=100_000, walked=80_000, next=Next("turn round", 100_000),
    footer=Footer.ANY_KEY, heart_rate=96, distance_m=55.0,
)
BACKWARD = FORWARD._replace(
    facing=Facing.BACKWARD, speed=kmh("1.0"), target=kmh("1.0"), segment=2, segment_left=41_000, bout=1,
    walked=199_000, left=720_000, next=Next("turn round", 41_000), caption="Small steps.",
)
SOON = BACKWARD._replace(segment_left=9_000, next=Next("turn round", 9_000), caption="Next: turn round.")
SENT = BACKWARD._replace(phase=Phase.STOPPING, stop_sent=True, footer=Footer.STOP_SENT, speed=kmh("0.6"), next=None)
SILENT = BACKWARD._replace(speed=None, sample_age=2300)
LOST = BACKWARD._replace(
    phase=Phase.LOST, link=LinkState.LOST, belt=Belt.UNKNOWN, speed=None, sample_age=3400,
    alarm="Connection lost. Pull the key.", footer=Footer.NO_LINK,
)
TURNING = READY._replace(
    phase=Phase.TURNING, segment=1, caption="Back to the console, hands along the rail.",
    next=Next("backward 1.0", 0),
)
RESTING = READY._replace(phase=Phase.RESTING, segment_left=24_000, next=Next("backward 1.0", 24_000))
HALTED = READY._replace(
    phase=Phase.HALTED, reason="You pressed a key.", segment=2,
    question=Question(
        "halted-1", "Which way do you face?", Asking.CHOICE,
        (Choice("1", "facing away"), Choice("2", "facing the console"), Choice("3", "end the walk")),
    ),
)
DONE = READY._replace(
    phase=Phase.DONE, walked=720_000, left=0, footer=Footer.STILL,
    summary=Summary(True, "finished", 720_000, 540_000, 180_000, 360.0, 50.0, 3, kmh("1.0"), 0, "20261121-first.jsonl"),
)

ALL = {
    "idle": IDLE, "checking": CHECKING, "confirm": CONFIRM, "reach": REACH, "countdown": COUNTDOWN, "forward": FORWARD,
    "backward": BACKWARD, "soon": SOON, "sent": SENT, "silent": SILENT, "lost": LOST, "turning": TURNING,
    "resting": RESTING, "halted": HALTED, "done": DONE,
}
