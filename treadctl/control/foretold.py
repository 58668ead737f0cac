"""What a walk, a rehearsal or the learning of a machine is going to say: known at its begin, so that it can be made
before it is said.

Safety calls first. Bounded: what is left out is made when it is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from treadctl.model.program import Facing, Segment, Turn, Walk
from treadctl.model.units import Speed

from . import prompts
from .cueing import KMH, Scale, segment_cues, set_words, speed_words
from .faults import TABLE
from .procedure import FAST

MOST = 150
"""Chosen: the fixed prompts are about sixty, and no shipped programme brings twenty of its own."""
FIXED = (
    prompts.PULL_KEY, prompts.STOP_AT_CONSOLE, *(fault.spoken for fault in TABLE), prompts.STOPPED, prompts.STOPPING,
    prompts.STOPPING_SOON, *prompts.NUMBERS[5:0:-1], *prompts.TURN_TO.values(), prompts.FEET,
    *prompts.TURN_BY.values(), prompts.ON_THE_FLOOR,
    *prompts.CONFIRM.values(), prompts.CONFIRM_HINT, *prompts.STEP_ON.values(), prompts.NOT_STARTED,
    prompts.MACHINE_COUNTS, prompts.REACH_FIRST, prompts.REACH_NOW, prompts.REACH_AGAIN, prompts.STEP_OFF,
    prompts.REST, prompts.LOOK, prompts.NO_START, prompts.PRESS_START, prompts.SPOTTER_STARTS, prompts.PRESS_STOP,
    prompts.LEVEL_BY_HAND,
)


REHEARSAL = (
    prompts.OPENING, prompts.TURN_TO[Facing.BACKWARD], prompts.FEET, prompts.CONFIRM[Facing.BACKWARD],
    prompts.CONFIRM_HINT, prompts.PRESS, prompts.STOPS, prompts.ALARM, prompts.HEARD, prompts.REACH_FIRST,
    prompts.REACH_NOW, prompts.REACH_AGAIN, prompts.NO_REACH,
)
"""Without the safety calls: the belt stays still."""
LEARNING = (prompts.NOBODY_ON_IT, prompts.BELT_EMPTY, prompts.READ, prompts.DROPPING)
LEARNT_AT = range(50, FAST + 1, 10)
"""Speeds that a machine is learnt at: from below what any known one starts with to the fastest."""


def learning(scale: Scale) -> tuple[str, ...]:
    """What is said while a machine is learnt."""
    rises = (speed_words(Speed(speed), 0, scale) for speed in LEARNT_AT)
    return tuple(dict.fromkeys(text for text in (*FIXED, *LEARNING, set_words(FAST, scale), *rises) if text))


def texts(segments: Sequence[Segment], minimum: Speed, scale: Scale = KMH) -> tuple[str, ...]:
    """In the order in which they matter, each once."""
    return tuple(dict.fromkeys(text for text in (*FIXED, *_own(segments, minimum, scale)) if text))[:MOST]


def _own(segments: Sequence[Segment], minimum: Speed, scale: Scale) -> Iterator[str]:
    """The cues of the programme, and its own words."""
    for index, segment in enumerate(segments):
        if isinstance(segment, Walk):
            for fresh in (True, False):
                yield from (cue.text for cue in segment_cues(segments, index, 0, fresh, minimum, scale))
        if not isinstance(segment, Turn):
            yield segment.say
