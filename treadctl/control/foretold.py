"""What a walk is going to say: known when it is loaded, so that it can be made before it is said.

Safety calls first. Bounded: what is left out is made when it is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from treadctl.model.program import Segment, Turn, Walk
from treadctl.model.units import Speed

from . import prompts
from .cueing import KMH, Scale, segment_cues
from .faults import TABLE

MOST = 150
"""Chosen: the fixed prompts are about sixty, and no shipped programme brings twenty of its own."""
FIXED = (
    prompts.PULL_KEY, prompts.STOP_AT_CONSOLE, *(fault.spoken for fault in TABLE), prompts.STOPPED, prompts.STOPPING,
    prompts.STOPPING_SOON, *prompts.NUMBERS[5:0:-1], *prompts.TURN_TO.values(), prompts.FEET,
    *prompts.CONFIRM.values(), prompts.CONFIRM_HINT, *prompts.STEP_ON.values(), prompts.NOT_STARTED,
    prompts.MACHINE_COUNTS, prompts.REACH_FIRST, prompts.REACH_NOW, prompts.REACH_AGAIN, prompts.STEP_OFF,
    prompts.REST, prompts.LOOK, prompts.NO_START, prompts.PRESS_START, prompts.SPOTTER_STARTS, prompts.PRESS_STOP,
    prompts.LEVEL_BY_HAND,
)


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
