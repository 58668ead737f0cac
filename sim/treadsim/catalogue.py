"""Every fault there is, by family: what it does and which parameters it takes. Data only; nothing here breaks anything.

docs/hazards.md tells what comes of them. Who makes a fault happen: `channel` those of
link, write, indication and telemetry; `peripheral` those of the machine; `world` the rest, as what the core sees of it.
Of some the core must see nothing at all (UNSEEN). What ends or freezes the guardian itself has to be done to real
processes, and is not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from treadctl.model.units import Ms

FOREVER: Ms = 1 << 40


class Family(Enum):
    """What breaks."""

    LINK = "link"
    WRITE = "write"
    INDICATION = "indication"
    TELEMETRY = "telemetry"
    MACHINE = "machine"
    PROCESS = "process"
    TIME = "time"
    DISK = "disk"
    HEART = "heart"


class Kind(Enum):
    """What a parameter's value is."""

    TIME = "a time such as 90s, 500ms or 2min"
    SPEED = "a speed in km/h such as 1.5"
    SHARE = "a share from 0 to 1"
    NUMBER = "a whole number"
    FACTOR = "a factor such as 1.609"
    OP = "any, control, start, stop, speed or incline"


OPS = ("any", "control", "start", "stop", "speed", "incline")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; its default counts where a spec does not name it."""

    name: str
    kind: Kind
    default: int | float | str


@dataclass(frozen=True, slots=True)
class Spec:
    """One row of the catalogue. `lasts`: it has a duration (`for`), else it happens once."""

    name: str
    text: str
    lasts: bool
    parameters: tuple[Parameter, ...] = ()

    @property
    def family(self) -> Family:
        return Family(self.name.split(".", maxsplit=1)[0])

    @property
    def signature(self) -> str:
        """As it is written, with the defaults."""
        given = ["at=0s", *(["for=…"] if self.lasts else [])]
        return f"{self.name}({', '.join([*given, *(f'{p.name}={_shown(p)}' for p in self.parameters)])})"


def _shown(parameter: Parameter) -> str:
    value = parameter.default
    if parameter.kind is Kind.TIME:
        return f"{int(value) / 1000:g}s"
    return f"{int(value) / 100:g}" if parameter.kind is Kind.SPEED else f"{value}"


def _share(default: float) -> Parameter:
    return Parameter("p", Kind.SHARE, default)


_OP = Parameter("op", Kind.OP, "any")
_CODE = Parameter("code", Kind.NUMBER, 4)
_DELAY = Parameter("delay", Kind.TIME, 2000)
_PERMILLE = Parameter("permille", Kind.NUMBER, 5)
_BY = Parameter("by", Kind.SPEED, 100)


def _lasting(name: str, text: str, *parameters: Parameter) -> Spec:
    return Spec(name, text, True, parameters)


def _once(name: str, text: str, *parameters: Parameter) -> Spec:
    return Spec(name, text, False, parameters)


CATALOGUE: tuple[Spec, ...] = (
    _lasting("link.drop", "the link is lost and cannot be made again meanwhile"),
    _lasting("link.zombie", "it says that it is up, and nothing passes either way"),
    _once("link.refuse", "the link is lost, and the next n attempts are refused", Parameter("n", Kind.NUMBER, 5)),
    _once("link.slow", "the link is lost, and making it again takes this long", Parameter("delay", Kind.TIME, 10_000)),
    _lasting("link.flap", "the link is lost again and again", Parameter("every", Kind.TIME, 4000)),
    _lasting("link.adapter", "the adapter is gone"),
    _lasting("link.fading", "more and more samples are lost, then the link"),
    _lasting("write.hang", "a write never ends, and what comes after it waits", _OP),
    _lasting("write.late", "a write arrives and is answered late", _DELAY, _OP),
    _lasting("write.drop", "a write is taken by the host and never arrives", _share(1.0), _OP),
    _lasting("write.busy", "ATT error FE: a procedure is in progress", _OP),
    _lasting("write.error", "another ATT error", Parameter("code", Kind.NUMBER, 14), _OP),
    _lasting("write.twice", "every write arrives twice", _OP),
    _lasting("write.swapped", "two writes arrive in the wrong order"),
    _lasting("write.ineffective", "success is answered and nothing done", _OP),
    _lasting("indication.missing", "no answer comes", _share(1.0)),
    _lasting("indication.late", "the answer comes late", _DELAY),
    _lasting("indication.twice", "every answer comes twice"),
    _lasting("indication.wrong_op", "the answer names another request"),
    _lasting("indication.malformed", "the answer is cut short"),
    _lasting("indication.result", "every request is refused with this result", _CODE),
    _lasting("telemetry.off", "no samples"),
    _lasting("telemetry.stuck", "the same sample again and again"),
    _lasting("telemetry.garbage", "samples of random octets", _share(1.0)),
    _lasting("telemetry.bits", "n bits of every sample are wrong, whichever", Parameter("n", Kind.NUMBER, 1)),
    _lasting("telemetry.scaled", "the speed in samples is wrong by a factor", Parameter("factor", Kind.FACTOR, 1.609)),
    _lasting("telemetry.offset", "the speed in samples is too high", _BY),
    _lasting("telemetry.slow", "a sample only so often", Parameter("every", Kind.TIME, 5000)),
    _lasting("telemetry.late", "samples arrive late", _DELAY),
    _lasting("telemetry.burst", "samples are held back, then come all at once"),
    _lasting("telemetry.lossy", "samples are lost at random, at most `row` in a row", _share(0.05),
             Parameter("row", Kind.NUMBER, 3)),
    _lasting("telemetry.jitter", "samples come up to this much later", Parameter("delay", Kind.TIME, 300)),
    _lasting("telemetry.zero", "the speed is told as zero, the distance grows", _share(1.0)),
    _lasting("telemetry.no_zero", "the samples that would tell zero never come"),
    _lasting("telemetry.ghost", "a speed is told while the belt stands", Parameter("speed", Kind.SPEED, 100)),
    _lasting("telemetry.flipped", "the flag bits are wrong"),
    _lasting("telemetry.truncated", "samples are cut short", Parameter("octets", Kind.NUMBER, 3)),
    _lasting("telemetry.sentinel", "the speed is FFFF"),
    _lasting("telemetry.shifted", "the fields begin an octet too late"),
    _once("machine.key", "the safety key is pulled"),
    _once("machine.console_stop", "the console's stop key"),
    _once("machine.console_faster", "the console's plus key", _BY),
    _once("machine.console_slower", "the console's minus key", Parameter("by", Kind.SPEED, 40)),
    _once("machine.console_start", "the console's start key"),
    _once("machine.jump", "the belt speeds up without being told", _BY),
    _once("machine.self_stop", "the belt stops without being told, as by the firmware's timer"),
    _once("machine.self_start", "the belt starts without being told", Parameter("speed", Kind.SPEED, 100)),
    _once("machine.control_lost", "the console takes control back"),
    _once("machine.other_client", "another program takes control: it starts, stops or sets a speed",
          Parameter("speed", Kind.SPEED, 300), Parameter("op", Kind.OP, "speed")),
    _lasting("machine.deaf", "requests are taken and neither answered nor obeyed"),
    _lasting("machine.ignores", "requests are answered with success and not obeyed", _OP),
    _lasting("machine.inverted", "a lower target speeds up, a higher one slows down"),
    _lasting("machine.resumes", "Start takes up the speed it was stopped at"),
    _lasting("machine.toggles", "Start stops a running belt, Stop starts a standing one"),
    _lasting("machine.starts_on_control", "Request Control starts the belt"),
    _lasting("machine.mph", "the target is read as miles an hour"),
    _lasting("machine.creeps", "the belt never quite stops", Parameter("speed", Kind.SPEED, 30)),
    _lasting("machine.brakes_slowly", "braking takes three times as long"),
    _lasting("machine.bad_range", "it tells another speed range than it was commissioned with"),
    _once("process.client_killed", "the client is gone"),
    _lasting("process.client_hung", "the client does not attend"),
    _lasting("process.keys_elsewhere", "keys do not reach the client"),
    _lasting("process.blocked", "the guardian's loop is blocked"),
    _once("process.overrun", "the guardian's inbox overflows"),
    _once("process.quit", "the guardian is asked to end"),
    _once("process.hangup", "the guardian's terminal is closed: it lives without one"),
    _lasting("process.mute", "the voice fails"),
    _lasting("process.voice_hung", "the voice never ends a word"),
    _lasting("process.stuck_key", "a key repeats"),
    _lasting("process.flood", "the network sends message after message"),
    _lasting("time.suspended", "the computer sleeps"),
    _lasting("time.late", "everything is handled up to this much late", Parameter("delay", Kind.TIME, 200)),
    _lasting("time.slow", "this computer's clock loses so many ms a second, the treadmill's does not", _PERMILLE),
    _lasting("time.fast", "this computer's clock gains so many ms a second, the treadmill's does not", _PERMILLE),
    _once("time.wall", "the wall clock is set an hour back: control never reads it"),
    _once("time.summer", "summer time begins: control never reads the wall clock"),
    _lasting("time.strobe", "the wall clock jumps to and fro: control never reads it"),
    _lasting("disk.full", "nothing can be recorded: the core never waits for the disk"),
    _lasting("disk.error", "every write fails (EIO): the core never waits for the disk"),
    _lasting("disk.read_only", "the disk is read-only (EROFS): the core never waits for it"),
    _lasting("disk.slow", "a sync takes seconds: the core never waits for the disk"),
    _lasting("disk.locked", "the locks cannot be read, so everything counts as locked"),
    _lasting("heart.off", "the strap is lost"),
    _lasting("heart.stuck", "the heart rate stays what it was"),
    _lasting("heart.jump", "the heart rate is told as 250"),
    _lasting("heart.garbage", "the strap sends random octets"),
)

BY_NAME = {spec.name: spec for spec in CATALOGUE}
UNSEEN = frozenset({
    "process.hangup", "time.wall", "time.summer", "time.strobe",
    "disk.full", "disk.error", "disk.read_only", "disk.slow",
})  # fmt: skip
"""A walk with one of these is the same, byte for byte, as without."""


def listing() -> str:
    """All faults with their parameters, for a person."""
    width = max(len(spec.signature) for spec in CATALOGUE)
    lines = [
        "Faults, as FAMILY.NAME(at=90s,for=5s); `at` counts from the first connection, no `for` means to the end.",
        f"Times are such as 90s, 500ms or 2min, speeds km/h, p is a share from 0 to 1, op is {', '.join(OPS)}.",
        "process, time and disk are faults of the computer: only `treadctl dry-run` can have those.",
    ]
    for family in Family:
        lines += [f"  {spec.signature:<{width}}  {spec.text}" for spec in CATALOGUE if spec.family is family]
    return "\n".join(lines)
