"""Whatever a walk says was told ahead, when it was loaded."""

from __future__ import annotations

import pytest

from tests.control.bench import Bench
from tests.control.practice import Practice
from tests.control.rig import HILL, PRACTISED, STEPS, THERE_AND_BACK, Rig
from treadctl.control import events as ev
from treadctl.control import foretold, prompts
from treadctl.files.profile import check_profile, find_profile, shipped_profiles
from treadctl.model import api
from treadctl.model.program import Program, Rest, Walk, expand
from treadctl.model.units import Speed


def prepared(rig: Rig) -> tuple[str, ...]:
    return tuple(text for effect in rig.of(ev.Prepare) if isinstance(effect, ev.Prepare) for text in effect.texts)


@pytest.mark.parametrize("program", [THERE_AND_BACK, HILL, STEPS])
def test_every_word_of_a_walk_was_told_when_it_was_loaded(program: Program) -> None:
    rig = Rig(person=PRACTISED).begin(program)
    assert len(rig.of(ev.Prepare)) == 1
    while not _done(rig):
        rig.until(lambda: _done(rig) or _asks(rig), 600_000)
        if _asks(rig):
            rig.confirm()
            rig.phase(api.Phase.COUNTDOWN)
    said = {text for _, text in rig.said}
    assert said - set(prepared(rig)) == {f"{prompts.BY_ITSELF}."}  # said at once, before anything is waited for


def _done(rig: Rig) -> bool:
    return rig.shot.phase is api.Phase.DONE


def _asks(rig: Rig) -> bool:
    return rig.shot.phase is api.Phase.ASKING and rig.shot.question is not None and rig.shot.question.heard


def test_safety_calls_come_first_and_none_comes_twice() -> None:
    texts = foretold.texts((), Speed(80))
    assert texts[0] == prompts.PULL_KEY and len(set(texts)) == len(texts) and "" not in texts


def test_a_programme_of_a_thousand_words_is_cut_off() -> None:
    rests = tuple(Rest(10, say=f"Rest {n}.") for n in range(1000))
    assert len(foretold.texts(rests, Speed(80))) == foretold.MOST


@pytest.mark.parametrize("path", shipped_profiles(), ids=lambda path: path.stem)
def test_no_shipped_programme_is_cut_off(path: object) -> None:
    program = check_profile(find_profile(getattr(path, "stem", "")))[0]
    segments = expand(program)
    assert len(foretold.texts(segments, Speed(80))) < foretold.MOST
    texts = {"", *foretold.texts(segments, Speed(80))}
    assert {segment.say for segment in segments if isinstance(segment, Walk)} <= texts


def test_every_word_of_a_rehearsal_was_told_when_it_began() -> None:
    rig = Practice().at("confirm")
    rig.press()
    rig.run(3_000)
    rig.does("confirm").does("press").does("alarm").does("heard").does("reach").done()
    said = {text for _, text in rig.said}
    assert len(rig.of(ev.Prepare)) == 1 and len(said) > 8
    assert said <= set(prepared(rig)), said - set(prepared(rig))


@pytest.mark.parametrize("part", [1, 2])
@pytest.mark.parametrize("control", [True, False])
def test_every_word_of_learning_a_machine_was_told_when_it_began(part: int, control: bool) -> None:
    bench = Bench(part, control=control).commissioned()
    said = {text for _, text in bench.said}
    assert len(bench.of(ev.Prepare)) == 1 and said <= set(prepared(bench)), said - set(prepared(bench))
    assert prepared(bench)[0] == prompts.PULL_KEY and len(prepared(bench)) < foretold.MOST
