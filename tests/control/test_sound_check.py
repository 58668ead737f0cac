"""Before the first walk of a day on a real treadmill a number is said, and whoever heard it types it."""

from __future__ import annotations

import re

import pytest

from tests.control.rig import ME, THERE_AND_BACK, Rig
from tests.control.test_prompts_and_questions import Mouth
from treadctl.control import events as ev
from treadctl.control.beginning import NOT_HEARD as UNHEARD
from treadctl.control.core import Core
from treadctl.control.prompts import BY_ITSELF, HEARD_AGAIN, NUMBERS, SOUND
from treadctl.control.script import RETRY
from treadctl.control.sound import DIGITS, NOT_HEARD, SHOWN, Sound, SoundCheck, lot
from treadctl.model import api
from treadctl.model.machine import LinkInfo
from treadctl.model.person import UNKNOWN_PERSON
from treadctl.model.program import OffTreadmill, Program


class Real(Rig):
    """A rig whose machine is no simulated one. `heard`: today's check was passed."""

    def __init__(self, heard: bool = False) -> None:
        super().__init__()
        self.core = ev_core(heard)

    def link(self) -> Rig:
        self.linked = True
        assert self.record is not None
        told = self.record.told or self.record.speed
        self.feed(ev.LinkUp(LinkInfo("AA", "Reference", simulated=False, speed=told), self.record))
        self._sample_at = self.now + 500
        return self

    def asked_for(self, question: str) -> Rig:
        return self.until(lambda: self.shot.question is not None and self.shot.question.id == question
                          and self.shot.question.heard, 60_000)

    def sounding(self) -> Real:
        """The number is asked, and was heard."""
        self.load(THERE_AND_BACK)
        assert self.ask(api.Answer("pain-before", "0")).accepted
        self.asked_for("sound")
        return self

    @property
    def digit(self) -> str:
        [told] = [text for _, text in self.said if text.startswith("Type")][-1:]
        return str(NUMBERS.index(told.split()[-1].strip(".")))

    def types(self, key: str) -> bool:
        return self.ask(api.Answer("sound", key)).accepted


def ev_core(heard: bool) -> Core:
    context = ev.Context("rig", "0", today="2026-01-31", checked=True, reached=True, heard=heard, rehearsed=("AA",))
    return Core(context)


def other(digit: str) -> str:
    return str((int(digit) + 1) % 10)


def test_who_types_the_number_that_was_said_is_briefed_and_asked_no_more_today() -> None:
    rig = Real().sounding()
    assert rig.types(rig.digit)
    assert rig.shot.question is not None and rig.shot.question.id == "begin"
    assert rig.said[-1][1] == f"{BY_ITSELF}."
    [kept] = rig.of(ev.RememberDay)
    assert isinstance(kept, ev.RememberDay) and kept.heard
    rig.ask(api.Answer("begin", "n"))
    rig.load(THERE_AND_BACK)
    rig.ask(api.Answer("pain-before", "0"))
    assert rig.shot.question is not None and rig.shot.question.id == "begin"


def test_the_number_is_shown_nowhere() -> None:
    rig = Real().sounding()
    rig.ask(api.Repeat())
    digit = NUMBERS[int(rig.digit)]
    shots = [e.what for e in rig.of(ev.Publish) if isinstance(e, ev.Publish) and isinstance(e.what, api.Snapshot)]
    asked = [shot for shot in shots if shot.question is not None and shot.question.id == "sound"]
    shown = " ".join(f"{shot.caption} {shot.question} {shot.notice}" for shot in asked)
    assert asked and not re.search(rf"\b{digit}\b", shown)
    says = [e for e in rig.of(ev.Say) if isinstance(e, ev.Say) and digit in e.text]
    assert len(says) == 2 and {say.shown for say in says} == {SHOWN}


@pytest.mark.parametrize("nothing", [True, False])
def test_a_wrong_number_or_none_refuses_and_says_what_to_do(nothing: bool) -> None:
    rig = Real().sounding()
    assert rig.types("n" if nothing else other(rig.digit))
    question = rig.shot.question
    assert question is not None and question.id == "sound-failed" and question.detail == NOT_HEARD
    assert rig.ask(api.Answer("sound-failed", "e")).accepted
    assert rig.shot.phase is api.Phase.DONE and rig.shot.reason == NOT_HEARD and "doctor" in NOT_HEARD
    assert rig.of(ev.RememberDay) == [] and rig.writes == []


def test_another_try_says_another_number() -> None:
    rig = Real().sounding()
    first = rig.digit
    rig.types(other(first))
    assert rig.ask(api.Answer("sound-failed", "a")).accepted
    rig.asked_for("sound")
    assert len(rig.heard("Type this number")) == 2
    assert rig.types(rig.digit)
    assert rig.shot.question is not None and rig.shot.question.id == "begin"


def test_a_number_counts_only_after_it_was_said_to_its_end() -> None:
    rig = Real()
    rig.speaks = False
    rig.load(THERE_AND_BACK)
    rig.ask(api.Answer("pain-before", "0"))
    assert rig.shot.question is not None and not rig.shot.question.heard
    assert not any(rig.types(choice.key) for choice in DIGITS[:-1])
    assert rig.types("n")


def test_what_could_not_be_said_is_said_again() -> None:
    mouth = Mouth()
    check = SoundCheck(0, mouth.voice, "seed")
    check.step(0)
    check.failed(100, 99)
    assert check.deadline() is None
    check.failed(100, mouth.id)
    assert check.deadline() == 100 + RETRY
    check.step(99 + RETRY)
    assert len(mouth.said) == 1
    check.step(100 + RETRY)
    assert len(mouth.said) == 2
    check.spoken(99)
    assert not check.question().heard
    check.spoken(mouth.id)
    assert check.question().heard
    assert check.answer(9000, "n") and check.state is Sound.FAILED
    check.failed(9000, mouth.id)
    assert check.deadline() is None


def test_a_voice_that_is_broken_is_shown_and_nobody_can_say_that_it_was_heard() -> None:
    rig = Real()
    rig.speaks = False
    rig.load(THERE_AND_BACK)
    rig.ask(api.Answer("pain-before", "0"))
    [say] = [e for e in rig.of(ev.Say) if isinstance(e, ev.Say) and e.shown]
    rig.feed(ev.SpeechFailed(say.id, "the player failed"))
    rig.run(300)
    assert not rig.shot.voice and rig.shot.notice == "No voice: the player failed"
    assert not rig.types("1")


def test_a_day_on_which_it_was_heard_and_a_simulated_treadmill_need_no_check() -> None:
    for rig in (Real(heard=True), Rig()):
        rig.load(THERE_AND_BACK)
        rig.ask(api.Answer("pain-before", "0"), ME)
        assert rig.shot.question is not None and rig.shot.question.id == "begin"
        assert rig.heard("Type this number") == []


def test_what_the_files_say_of_today_counts() -> None:
    rig = Real().link()
    rig.until(lambda: rig.shot.belt is api.Belt.STILL)
    rig.ask(api.Clear())
    rig.run(300)
    [wish] = [e for e in rig.of(ev.ReadAnew) if isinstance(e, ev.ReadAnew)]
    rig.feed(ev.Reread(wish.number, "2026-01-31", UNKNOWN_PERSON, (), heard=True))
    rig.load(THERE_AND_BACK)
    rig.ask(api.Answer("pain-before", "0"))
    assert rig.shot.question is not None and rig.shot.question.id == "begin"


@pytest.mark.parametrize(("day", "asks"), [("2026-01-31", "begin"), ("2026-02-01", "sound")])
def test_what_was_heard_stays_heard_on_that_day_whatever_became_of_writing_it_down(day: str, asks: str) -> None:
    rig = Real(heard=True).link()
    rig.until(lambda: rig.shot.belt is api.Belt.STILL)
    rig.feed(ev.Reread(0, day, UNKNOWN_PERSON, (), checked=True, reached=True))
    rig.load(THERE_AND_BACK)
    rig.ask(api.Answer("pain-before", "0"))
    assert rig.shot.question is not None and rig.shot.question.id == asks


def test_numbers_differ_from_seed_to_seed_and_from_try_to_try() -> None:
    by_seed = {lot(f"20260131T1200{n:02}Z-{n:06x} 0 0", 1) for n in range(60)}
    by_try = {lot("20260131T120000Z-abcdef 0 0", n) for n in range(1, 60)}
    assert by_seed == by_try == set(range(10))
    assert SOUND.format(NUMBERS[7]) == "Type this number: seven."


def test_who_does_not_hear_is_asked_for_the_number_on_the_page_and_for_none_that_is_said() -> None:
    rig = Real()
    rig.link().until(lambda: rig.shot.belt is api.Belt.STILL)
    assert rig.ask(api.Load(THERE_AND_BACK, visual=True)).accepted
    rig.feed(ev.Watched("glance-7", api.Watching.REAR))
    assert rig.ask(api.Answer("pain-before", "0")).accepted
    assert rig.ask(api.Answer("screen", str(rig.shot.number))).accepted
    assert rig.shot.question is not None and rig.shot.question.id == "begin"
    assert not rig.heard("Type this number")


# --- a voice that cannot be heard at all ------------------------------------------------------------------------------

NONE = "there is no voice: install espeak-ng"


def without_a_voice(simulated: bool = False) -> Rig:
    rig = Rig() if simulated else Real()
    context = ev.Context("rig", "0", today="2026-01-31", checked=True, reached=True, rehearsed=("AA",), mute=NONE)
    rig.core = Core(context)
    rig.link()
    rig.until(lambda: rig.shot.belt is api.Belt.STILL)
    return rig


def test_nobody_walks_on_a_real_treadmill_without_a_voice_or_a_page_behind_it() -> None:
    rig = without_a_voice()
    refused = rig.ask(api.Load(THERE_AND_BACK))
    assert not refused.accepted and refused.reason == UNHEARD.format(NONE)
    assert "treadctl doctor" in refused.reason and "--visual" in refused.reason and rig.writes == []


def test_a_page_behind_the_treadmill_takes_the_place_of_the_voice_and_has_to_be_seen_first() -> None:
    rig = without_a_voice()
    assert rig.ask(api.Load(THERE_AND_BACK, visual=True)).accepted
    rig.ask(api.Answer("pain-before", "0"))
    assert rig.shot.question is not None and rig.shot.question.id == "screen"


def test_around_a_simulated_treadmill_and_beside_one_nobody_has_to_hear() -> None:
    assert without_a_voice(simulated=True).ask(api.Load(THERE_AND_BACK)).accepted
    off = Program("off", (OffTreadmill(60),))
    assert without_a_voice().ask(api.Load(off)).accepted


def test_a_voice_that_broke_refuses_the_next_walk_until_it_is_heard_again() -> None:
    rig = Real(heard=True)
    rig.speaks = False
    rig.load(THERE_AND_BACK)
    rig.ask(api.Answer("pain-before", "0"))
    [say] = rig.of(ev.Say)
    assert isinstance(say, ev.Say)
    rig.feed(ev.SpeechFailed(say.id, "the player failed"))
    rig.ask(api.Answer("begin", "n"))
    refused = rig.ask(api.Load(THERE_AND_BACK))
    assert not refused.accepted and refused.reason == UNHEARD.format("the player failed")
    rig.speaks = True
    assert not rig.ask(api.Load(THERE_AND_BACK)).accepted and rig.said[-1][1] == HEARD_AGAIN
    rig.run(5_000)
    assert rig.ask(api.Load(THERE_AND_BACK)).accepted


def test_after_a_session_by_a_page_that_is_gone_the_laptop_is_asked_to_be_heard() -> None:
    rig = Real(heard=True)
    rig.speaks = False
    rig.link().until(lambda: rig.shot.belt is api.Belt.STILL)
    assert rig.ask(api.Load(THERE_AND_BACK, page=True)).accepted
    rig.ask(api.Answer("pain-before", "0"))
    rig.feed(ev.SpeechFailed(99, "the player failed"))  # the laptop's voice, before the tap
    rig.feed(ev.Watched("glance-7", api.Watching.SPEAKER))
    assert rig.of(ev.SpeakBy) == [ev.SpeakBy("glance-7")]
    rig.ask(api.End())
    rig.run(5_000)
    rig.speaks = True
    assert not rig.ask(api.Load(THERE_AND_BACK)).accepted
    assert rig.of(ev.SpeakBy)[1:] == [ev.SpeakBy("")] and rig.said[-1][1] == HEARD_AGAIN
    rig.run(5_000)
    assert rig.ask(api.Load(THERE_AND_BACK)).accepted


def test_why_a_voice_was_not_heard_is_forgotten_once_it_was() -> None:
    mouth = Mouth()
    mouth.voice.say("one")
    mouth.voice.failed(mouth.id)
    mouth.voice.why = "the player failed"
    mouth.voice.say("two")
    assert mouth.voice.spoken(mouth.id) and not mouth.voice.broken and not mouth.voice.why


def test_only_what_still_counts_shows_that_the_voice_is_heard() -> None:
    mouth = Mouth()
    mouth.voice.say("one")
    first = mouth.id
    mouth.voice.say("stop", ev.Priority.SAFETY)
    mouth.voice.by("glance-7")
    assert not mouth.voice.spoken(first) and not mouth.voice.spoken(99) and mouth.voice.broken
    assert mouth.voice.spoken(mouth.id) and not mouth.voice.broken
