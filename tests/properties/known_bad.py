"""Controllers that are broken on purpose, each after a real incident: the test of the tests.

Each is treadctl's own core with one thing spoilt, walks one short scene, and has to be caught by the invariants named.
The incidents were told in the issues of programs that drive treadmills, named by their letters: QZ is qdomyos-zwift, WP
walkingpad-controller, MLV and OAK the treadmill controllers of mlervaag and OakLake, TR treadmill-runner, PF pyftms.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadsim.faults import parse_faults
from treadsim.invariants import Violation, violations
from treadsim.world import Controller, Scene, World

from tests.properties.bad_commands import (
    Backlog,
    BelievesTheProgram,
    BigEndian,
    ChasesHeartRate,
    FirstSpeedUnchecked,
    HillWithSpeed,
    IgnoresFocus,
    JumpsToTarget,
    Miles,
    NegativeForBackward,
    NetworkStarts,
    NoClamp,
    PauseForStop,
    RepeatsStart,
    SignedChar,
    SpeaksAfterwards,
    SpeedStarts,
    StartsOnConnect,
    StartWithEverySpeed,
    TurnsOnMovingBelt,
    WrongOpcodes,
    ZeroToStop,
)
from tests.properties.bad_excused import (
    AsksForControlEachTime,
    AsksTheOtherWay,
    BlamesTheMachine,
    DropsAtOnce,
    DropsFromTheConsole,
    ForgetsSilence,
    ForgetsTheClient,
    ForgetsTheEase,
    ForgetsWhoLeft,
    IgnoresGhostsInABurst,
    ReconnectsOnce,
    SilentAfterStart,
    SlowestAtRest,
    StopsOnce,
    StopWaitsForAnAnswer,
    TakesControlAtRest,
)
from tests.properties.bad_watch import (
    AcceptedIsDone,
    AlwaysFresh,
    DropsTheLinkOnQuit,
    FightsForControl,
    FightsTheConsole,
    ForgetsStopAfterReconnect,
    HammersStop,
    IgnoresGhosts,
    LateAnswerForAnother,
    LeavesTheBeltRunning,
    LosesTheLinkInSilence,
    Nervous,
    NeverReconnects,
    RaisesOnShortData,
    RawNames,
    ReappliesAfterReconnect,
    RidesOnTheConsole,
    SilenceIsStopped,
    SleepsOn,
    StopsAStoppedBelt,
    StopWaitsForControl,
    StopWaitsInLine,
    TooFastIsShown,
    TrustsZero,
)
from tests.properties.bent import NAMED, UNTIL, WALK
from treadctl.files.quirks import load_quirk
from treadctl.model.api import Ease, Intent, Message, Press
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Ms, kmh

SPACE = Press("space")
STROLL = Program("Stroll", (Walk(Facing.FORWARD, 60, kmh("0.8"), line=1),))
"""Never faster than the lowest speed of the machine."""


@dataclass(frozen=True)
class KnownBad:
    """One broken controller, the faults of its scene, and the invariants that have to catch it."""

    core: type[Controller]
    caught_by: tuple[str, ...]
    faults: tuple[str, ...] = ()
    program: Program = WALK
    calm: bool = False
    network: bool = False
    quirk: str = "reference"
    asks: tuple[tuple[Ms, Intent], ...] = ()

    @property
    def name(self) -> str:
        return self.core.__name__


KNOWN_BAD: tuple[KnownBad, ...] = (
    KnownBad(NoClamp, ("I1",)),
    KnownBad(BigEndian, ("I1",)),
    KnownBad(SignedChar, ("I1",)),
    KnownBad(NegativeForBackward, ("I1",)),
    KnownBad(ZeroToStop, ("I1",)),
    KnownBad(PauseForStop, ("I31",), calm=True),
    KnownBad(WrongOpcodes, ("I12",)),
    KnownBad(JumpsToTarget, ("I4",)),
    KnownBad(Backlog, ("I4",)),
    KnownBad(HillWithSpeed, ("I4",)),
    KnownBad(StartWithEverySpeed, ("I3",)),
    KnownBad(StartsOnConnect, ("I3",)),
    KnownBad(RepeatsStart, ("I3",)),
    KnownBad(NetworkStarts, ("I3", "I26"), network=True),
    KnownBad(SpeedStarts, ("I3", "I12")),
    KnownBad(TurnsOnMovingBelt, ("I5",)),
    KnownBad(BelievesTheProgram, ("I5",)),
    KnownBad(SpeaksAfterwards, ("I30",)),
    KnownBad(IgnoresFocus, ("I7",), ("process.keys_elsewhere(at=62s)",)),
    KnownBad(ChasesHeartRate, ("I29",), ("heart.stuck(at=60s)",)),
    KnownBad(FirstSpeedUnchecked, ("I14",), ("telemetry.offset(at=54s,for=30s,by=0.2)",)),
    KnownBad(Miles, ("I2",), ("machine.mph",)),
    KnownBad(StopWaitsForControl, ("I6",), ("process.quit(at=75s)",)),
    KnownBad(StopWaitsInLine, ("I6",), ("process.quit(at=75s)",)),
    KnownBad(DropsTheLinkOnQuit, ("I18",), ("process.client_killed(at=75s)",)),
    KnownBad(AcceptedIsDone, ("I13",), ("machine.ignores(at=60s,op=stop)",)),
    KnownBad(StopsAStoppedBelt, ("I12",)),
    KnownBad(HammersStop, ("I13",)),
    KnownBad(LeavesTheBeltRunning, ("I31",), calm=True),
    KnownBad(IgnoresGhosts, ("I6",), ("machine.self_start(at=20s)",)),
    KnownBad(Nervous, ("I31",), ("telemetry.lossy(p=0.05)",), calm=True),
    KnownBad(SilenceIsStopped, ("I15",), ("telemetry.off(at=75s)",)),
    KnownBad(TrustsZero, ("I15",), ("telemetry.zero(at=70s,for=20s,p=0.3)",)),
    KnownBad(AlwaysFresh, ("I8",)),
    KnownBad(LateAnswerForAnother, ("I11",), ("indication.wrong_op(at=40s)",)),
    KnownBad(RaisesOnShortData, ("I16",), ("telemetry.truncated(at=20s,octets=2)",)),
    KnownBad(RawNames, ("I25",), program=NAMED),
    KnownBad(ReappliesAfterReconnect, ("I10",), ("link.drop(at=75s,for=2s)",)),
    KnownBad(ForgetsStopAfterReconnect, ("I10",), ("link.drop(at=75s,for=200ms)",)),
    KnownBad(LosesTheLinkInSilence, ("I9",), ("link.drop(at=75s,for=10s)",)),
    KnownBad(NeverReconnects, ("I9",), ("link.drop(at=75s,for=10s)",)),
    KnownBad(FightsTheConsole, ("I17",), ("machine.console_slower(at=80s,by=0.5)",)),
    KnownBad(RidesOnTheConsole, ("I17",), ("machine.console_faster(at=80s,by=0.5)",)),
    KnownBad(FightsForControl, ("I17",), ("machine.control_lost(at=75s)",)),
    KnownBad(SleepsOn, ("I20",), ("time.suspended(at=75s,for=5s)",)),
    KnownBad(TooFastIsShown, ("I2",), ("machine.jump(at=75s,by=5)",)),
    KnownBad(BlamesTheMachine, ("I13",)),
    KnownBad(AsksForControlEachTime, ("I13",)),
    KnownBad(AsksTheOtherWay, ("I5",)),
    KnownBad(TakesControlAtRest, ("I12",)),
    KnownBad(SlowestAtRest, ("I6",)),
    KnownBad(StopsOnce, ("I6", "I13"), ("machine.creeps(at=60s,speed=1)",), asks=((75_000, SPACE), (120_000, SPACE))),
    KnownBad(StopWaitsForAnAnswer, ("I10",), ("link.drop(at=75s,for=200ms)", "indication.missing(at=75s)")),
    KnownBad(ReconnectsOnce, ("I9",), ("link.drop(at=75s,for=200ms)", "link.drop(at=77s,for=2s)")),
    KnownBad(SilentAfterStart, ("I8",), ("telemetry.off(at=50500ms)",)),
    KnownBad(ForgetsWhoLeft, ("I6",), ("process.client_killed(at=50700ms)",), quirk="no-remote-start"),
    KnownBad(ForgetsTheClient, ("I18",), ("process.blocked(at=40s,for=300ms)", "process.client_killed(at=75s)")),
    KnownBad(ForgetsSilence, ("I8",), ("process.blocked(at=40s,for=300ms)", "telemetry.off(at=75s)")),
    KnownBad(DropsAtOnce, ("I4",), ("time.late(at=20s,for=1s)",)),
    KnownBad(DropsFromTheConsole, ("I4",), ("machine.console_faster(at=80s,by=1.0)",), STROLL),
    KnownBad(ForgetsTheEase, ("I17",), asks=((80_000, Ease()),)),
    KnownBad(IgnoresGhostsInABurst, ("I6",), ("machine.self_start(at=20s)", "telemetry.burst(at=19s,for=2s)")),
)


def caught(bad: KnownBad) -> list[Violation]:
    """Walk its scene; what the invariants say."""
    scene = Scene(bad.program, quirk=load_quirk(bad.quirk), faults=parse_faults(bad.faults), calm=bad.calm)
    world = World(scene, core=bad.core, diary=False)
    try:
        for at, intent in bad.asks:
            world.run_until(at)
            world.does(intent)
        if bad.network:
            world.run_until(20_000)
            world.network(Message("start"))
        world.run(UNTIL)
    except (AssertionError, LookupError, ValueError) as broken:
        world.broke(f"{type(broken).__name__}: {broken}")
    return violations(world.trace)


__all__ = ["KNOWN_BAD", "KnownBad", "caught"]
