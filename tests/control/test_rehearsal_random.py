"""Whatever is pressed, asked and answered in whatever order: a rehearsal writes nothing to the belt."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.control.practice import ADDRESS, SCENES, Practice
from tests.control.rig import THERE_AND_BACK
from treadctl.control import events as ev
from treadctl.control.rehearsal import Rehearsal
from treadctl.model import api
from treadctl.model.units import Ms

NAMES = ["space", "enter", "escape", "ctrl+c", "a", "y", "-", "p", "r", "clicker"]
KEYS = st.builds(api.Press, st.sampled_from(NAMES), st.booleans())
ANSWERS = st.builds(
    api.Answer,
    st.sampled_from(["clip", "pull", "confirm-rehearsal", "press", "alarm", "heard", "reach", "reach-failed", "begin"]),
    st.sampled_from(["y", "n", "a", "e", ""]),
)
INTENTS = st.sampled_from([
    api.Stop(), api.Ease(), api.Pain(), api.Repeat(), api.Resume(), api.Acknowledge(), api.Abort(), api.Confirm(),
    api.Rehearse(), api.Clear(), api.Load(THERE_AND_BACK), api.Commission(), api.Connect(), api.Connect("CC:DD"),
    api.Scan(), api.Capture(), api.Message("start"), api.Attend(keyboard=False),
])  # fmt: skip
WAITS = st.sampled_from([0, 100, 500, 900, 1500, 4000, 21_000])
DEEDS = st.lists(st.tuples(st.one_of(KEYS, KEYS, ANSWERS, INTENTS, st.none()), WAITS), max_size=30)
"""None: what is asked for just now, so that the later stages are come to."""


def under_way(rig: Practice) -> bool:
    session = rig.core._session
    return isinstance(session, Rehearsal) and not session.ended


def go_on(rig: Practice) -> None:
    question = rig.shot.question
    if question is not None and question.asking is api.Asking.CHOICE:
        rig.ask(api.Answer(question.id, question.choices[0].key))
    else:
        rig.press()


def does(rig: Practice, deeds: list[tuple[api.Intent | None, Ms]]) -> Iterator[None]:
    """One deed after the other, as long as it is under way."""
    for intent, wait in deeds:
        if not under_way(rig):
            return
        if intent is None:
            go_on(rig)
        else:
            rig.ask(intent)
        rig.run(wait)
        yield


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(DEEDS, st.sampled_from(SCENES), st.booleans(), st.booleans())
def test_no_sequence_of_keys_writes_anything_while_somebody_rehearses(
    deeds: list[tuple[api.Intent | None, Ms]], scene: str, alone: bool, simulated: bool
) -> None:
    rig = Practice(simulated=simulated)
    rig.at("clip" if alone and scene == "pull" else scene, alone=alone)
    for _ in does(rig, deeds):
        if under_way(rig):
            supervisor = rig.core._sup
            assert not supervisor.armed and not supervisor.awaits and not supervisor.engaged
            assert supervisor.facing is None and rig.shot.target is None
            assert rig.writes == [] and rig.of(ev.Write) == []


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(DEEDS, st.booleans())
def test_it_counts_only_after_every_stage_was_passed(deeds: list[tuple[api.Intent | None, Ms]], alone: bool) -> None:
    rig = Practice()
    rig.rehearse(alone=alone)
    for _ in does(rig, deeds):
        pass
    if rig.kept:
        assert not alone and rig.kept == [ev.KeepRehearsal(ADDRESS)]
        tones = [tone for _, tone in rig.tones]
        assert ev.Tone.ALARM in tones and ev.Tone.QUIET in tones and tones.count(ev.Tone.HEARD) >= 3
