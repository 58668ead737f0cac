"""A page that speaks in the laptop's place: tapped, checked, heard; silent, and the laptop has the word back."""

from __future__ import annotations

from tests.control.rig import START, F, Rig
from treadctl.control import events as ev
from treadctl.control.pages import SPEAKER_SILENT, Pages
from treadctl.control.preparation import TAP
from treadctl.control.prompts import LINK_LOST, NUMBERS, PAGE_SILENT, SLEPT
from treadctl.model import api
from treadctl.model.api import Phase, Watching
from treadctl.model.program import Program, Walk
from treadctl.model.units import Ms, Speed

PHONE = "glance-7"
RISING = Program("rising", (Walk(F, 120, Speed(150)), Walk(F, 60, Speed(200))))


class SpeakerRig(Rig):
    """A rig with a page whose sound is unlocked while `tapped`, and that plays while it is not `mute`."""

    def __init__(self, *, tapped: bool = False) -> None:
        super().__init__()
        self.tapped, self.mute, self.by = tapped, False, ""
        self._page_at: Ms = 0

    def _next(self) -> Ms:
        return min(super()._next(), self._page_at)

    def _moment(self) -> None:
        if self.now >= self._page_at:
            self._page_at = self.now + 700
            if self.tapped:
                self.feed(ev.Watched(PHONE, Watching.SPEAKER))
        super()._moment()

    def _take(self, effect: ev.Effect) -> None:
        if isinstance(effect, ev.SpeakBy):
            self.by, self.speaks = effect.client, not (effect.client and self.mute)
        super()._take(effect)

    def loaded(self, *, page: bool = True) -> SpeakerRig:
        self.link().until(lambda: self.shot.belt is api.Belt.STILL)
        assert self.ask(api.Load(RISING, page=page)).accepted
        assert self.ask(api.Answer("pain-before", "0")).accepted
        self.run(300)
        return self

    @property
    def question_id(self) -> str:
        return "" if self.shot.question is None else self.shot.question.id

    def answers_digit(self) -> bool:
        self.until(lambda: self.shot.question is not None and self.shot.question.heard, 20_000)
        [told] = [text for _, text in self.said if text.startswith("Type")][-1:]
        digit = str(NUMBERS.index(told.split()[-1].strip(".")))
        return self.ask(api.Answer("sound-page", digit)).accepted

    def on_the_way(self) -> SpeakerRig:
        assert self.ask(api.Answer("begin", "y")).accepted
        self.confirm().phase(Phase.WALKING)
        return self


def speaking() -> SpeakerRig:
    """Walking by the page's voice, before its rise."""
    rig = SpeakerRig(tapped=True).loaded()
    assert rig.answers_digit()
    rig.on_the_way().until(lambda: rig.speed == 150)
    assert rig.by == PHONE
    return rig


def test_before_the_first_tap_nothing_goes_on_and_the_laptop_still_speaks() -> None:
    rig = SpeakerRig().loaded()
    rig.run(60_000)
    assert rig.question_id == "page" and rig.shot.question is not None and rig.shot.question.text == TAP
    assert rig.by == "" and not rig.ask(api.Answer("begin", "y")).accepted and rig.writes == []


def test_a_tap_gives_the_page_the_word_and_its_number_has_to_be_typed() -> None:
    rig = SpeakerRig().loaded()
    rig.tapped = True
    rig.until(lambda: rig.question_id == "sound-page", 5_000)
    assert rig.by == PHONE and rig.shot.speaker == PHONE
    assert rig.answers_digit()
    rig.until(lambda: rig.question_id == "begin", 1_000)


def test_who_does_not_hear_the_page_may_let_the_laptop_speak() -> None:
    rig = SpeakerRig(tapped=True).loaded()
    assert rig.ask(api.Answer("sound-page", "w")).accepted
    rig.run(300)
    assert rig.question_id == "begin" and rig.by == ""
    rig.on_the_way().until(lambda: rig.speed == 200)


def test_a_wrong_number_is_tried_again_or_left_to_the_laptop() -> None:
    rig = SpeakerRig(tapped=True).loaded()
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
    wrong = next(str(n) for n in range(10) if NUMBERS[n] not in rig.said[-1][1])
    assert rig.ask(api.Answer("sound-page", wrong)).accepted
    assert rig.ask(api.Answer("sound-failed", "a")).accepted
    rig.run(100)
    assert rig.question_id == "sound-page"
    assert rig.answers_digit()


def test_a_walk_goes_by_the_voice_of_the_page_alone() -> None:
    rig = speaking()
    rig.until(lambda: rig.speed == 200)
    assert not rig.heard(PAGE_SILENT) and rig.by == PHONE


def test_a_page_that_is_silent_for_three_seconds_gives_the_word_back_and_rises_wait_for_the_laptop() -> None:
    rig = speaking()
    rig.tapped = False
    rig.run(SPEAKER_SILENT - 800)
    assert rig.by == PHONE
    rig.until(lambda: bool(rig.heard(PAGE_SILENT)), 2_000)
    assert rig.by == "" and not rig.shot.voice
    said = rig.heard(PAGE_SILENT)[0]
    rig.until(lambda: rig.shot.voice, 10_000)
    assert rig.now > said
    rig.until(lambda: rig.speed == 200)


def test_the_notice_of_a_silent_page_is_no_safety_call_and_what_stops_the_belt_is_one() -> None:
    rig = speaking()
    rig.feed(ev.ClientGone(PHONE))
    assert rig.heard(PAGE_SILENT) and priority_of(rig, PAGE_SILENT) is ev.Priority.NOTICE
    rig.unlink()
    assert priority_of(rig, LINK_LOST) is ev.Priority.SAFETY
    rig = speaking()
    rig.feed(ev.Suspended(600))
    assert priority_of(rig, SLEPT) is ev.Priority.SAFETY, "it stops the belt, without an alarm"


def priority_of(rig: Rig, text: str) -> ev.Priority:
    """Of the last utterance of this text."""
    return [said.priority for said in rig.of(ev.Say) if isinstance(said, ev.Say) and said.text == text][-1]


def test_nothing_rises_while_the_laptop_cannot_be_heard_either() -> None:
    rig = speaking()
    rig.tapped = False
    rig.until(lambda: bool(rig.heard(PAGE_SILENT)), 5_000)
    rig.speaks = False
    rig._soon = [one for one in rig._soon if not isinstance(one[2], ev.Spoken)]
    rig.run(130_000)
    assert max(wrote.speed or 0 for wrote in rig.speeds) == 150
    rig.speaks = True
    rig.ask(api.Repeat())
    rig.until(lambda: rig.speed == 200, 60_000)


def test_words_that_the_page_did_not_say_give_the_word_back_although_it_lives() -> None:
    rig = speaking()
    rig.feed(ev.SpeechFailed(9999, "the page did not say it to its end"))
    assert rig.by == "" and rig.heard(PAGE_SILENT)
    rig.run(20_000)
    assert rig.by == "", "it does not get it back in this walk"


def test_a_page_whose_server_is_gone_is_not_waited_for() -> None:
    rig = speaking()
    rig.tapped = False
    rig.feed(ev.ClientGone(PHONE))
    assert rig.by == "" and rig.heard(PAGE_SILENT)


def test_a_page_that_falls_silent_in_its_check_has_to_be_tapped_again() -> None:
    rig = SpeakerRig(tapped=True).loaded()
    rig.tapped = False
    rig.until(lambda: rig.question_id == "page", 5_000)
    assert rig.by == ""
    rig.tapped = True
    rig.until(lambda: rig.question_id == "sound-page", 2_000)
    assert rig.by == PHONE


def silent_in_its_check() -> SpeakerRig:
    """The page lives, and has not played its number."""
    rig = SpeakerRig(tapped=True).loaded()
    rig.feed(ev.SpeechFailed(9999, "the page did not say it to its end"))
    rig.run(20_000)
    assert rig.question_id == "page" and rig.by == "" and len(rig.of(ev.SpeakBy)) == 2
    return rig


def test_a_page_that_lives_and_plays_nothing_is_waited_for_until_it_is_tapped_again() -> None:
    rig = silent_in_its_check()
    rig.tapped = False
    rig.run(SPEAKER_SILENT + 1_000)
    rig.tapped = True
    rig.until(lambda: rig.question_id == "sound-page", 2_000)
    assert rig.by == PHONE and rig.answers_digit()


def test_a_page_that_is_tapped_again_at_once_is_asked_again_although_it_was_never_silent() -> None:
    rig = silent_in_its_check()
    rig.feed(ev.Watched("another", Watching.TAPPED))
    rig.run(2_000)
    assert rig.question_id == "page", "the tap of a page that is not the one"
    rig.feed(ev.Watched(PHONE, Watching.TAPPED))
    rig.until(lambda: rig.question_id == "sound-page", 500)
    assert rig.by == PHONE and rig.answers_digit()


def test_one_tap_is_good_for_one_try() -> None:
    rig = silent_in_its_check()
    rig.feed(ev.Watched(PHONE, Watching.TAPPED))
    rig.until(lambda: rig.question_id == "sound-page", 500)
    rig.feed(ev.Watched(PHONE, Watching.TAPPED))  # a finger that is impatient
    rig.feed(ev.SpeechFailed(9999, "the page did not say it to its end"))
    rig.run(20_000)
    assert rig.question_id == "page" and rig.by == ""


def test_instead_of_a_page_that_lives_and_plays_nothing_the_laptop_may_speak() -> None:
    rig = silent_in_its_check()
    assert rig.ask(api.Answer("page", "w")).accepted and rig.question_id == "begin" and rig.by == ""


def test_a_page_that_was_tapped_speaks_without_being_announced_and_one_that_comes_late_does_not() -> None:
    rig = SpeakerRig(tapped=True)
    rig.run(1_000)
    rig.loaded(page=False)
    assert rig.question_id == "sound-page"
    late = SpeakerRig().loaded(page=False)
    assert late.question_id == "begin"
    late.tapped = True
    late.on_the_way().until(lambda: late.speed == 200)
    assert late.by == ""


def test_a_new_session_begins_with_the_laptop_and_asks_for_no_page_that_nobody_announced() -> None:
    rig = speaking()
    rig.press()
    rig.phase(Phase.HALTED)
    rig.ask(api.End())
    rig.tapped = False
    rig.run(SPEAKER_SILENT + 1_000)
    rig.loaded(page=False)
    assert rig.by == "" and rig.question_id == "begin" and not rig.heard(PAGE_SILENT)


def test_in_visual_mode_no_page_speaks() -> None:
    rig = SpeakerRig(tapped=True)
    rig.link().until(lambda: rig.shot.belt is api.Belt.STILL)
    assert rig.ask(api.Load(RISING, visual=True, page=True)).accepted
    assert rig.ask(api.Answer("pain-before", "0")).accepted
    rig.run(2_000)
    assert rig.question_id == "screen" and rig.by == ""


def test_of_two_pages_that_would_speak_the_second_one_waits_until_the_first_is_silent() -> None:
    pages = Pages()
    pages.begin()
    pages.watched(0, PHONE, Watching.SPEAKER)
    pages.watched(1_000, "another", Watching.SPEAKER)
    assert pages.speak() == PHONE
    pages.watched(SPEAKER_SILENT + 1, "another", Watching.SPEAKER)
    assert pages.page_mute(SPEAKER_SILENT + 1), "what the other one says is not what this one said"


def test_who_has_no_phone_at_hand_may_let_the_laptop_speak_instead_of_tapping() -> None:
    rig = SpeakerRig().loaded()
    assert rig.ask(api.Answer("page", "w")).accepted
    rig.run(300)
    assert rig.question_id == "begin" and rig.by == ""


# --- between a confirm and its Start --------------------------------------------------------------------------------


def falls_silent(rig: Rig) -> None:
    """Also what was being said is never heard to its end."""
    rig.speaks = False
    rig._soon = [one for one in rig._soon if not isinstance(one[2], ev.Spoken)]


def test_a_page_that_dies_in_the_countdown_starts_no_belt() -> None:
    rig = SpeakerRig(tapped=True).loaded()
    assert rig.answers_digit()
    assert rig.ask(api.Answer("begin", "y")).accepted
    rig.confirm().phase(Phase.COUNTDOWN)
    rig.tapped = False
    falls_silent(rig)
    assert rig.run(15_000).count(START) == 0


def test_a_voice_that_breaks_in_the_countdown_starts_no_belt() -> None:
    rig = Rig().counting()
    falls_silent(rig)
    rig.feed(ev.SpeechFailed(9999, "the voice failed"))
    assert rig.run(15_000).count(START) == 0


def test_a_countdown_that_nobody_hears_to_its_end_starts_no_belt() -> None:
    rig = Rig().counting()
    falls_silent(rig)
    assert rig.run(15_000).count(START) == 0


def test_a_number_that_is_heard_late_makes_the_start_late() -> None:
    rig = Rig().counting()
    rig.until(lambda: rig.shot.countdown == 1)
    one = next(item for item in rig._soon if isinstance(item[2], ev.Spoken))
    rig._soon.remove(one)
    rig.later(1_500, one[2])
    assert rig.run(1_400).count(START) == 0
    assert rig.run(400).count(START) == 1


def test_a_helper_that_falls_silent_in_the_countdown_undoes_the_confirm() -> None:
    rig = Rig()
    rig.link().until(lambda: rig.shot.belt is api.Belt.STILL)

    def here() -> None:
        rig.feed(ev.Watched("helper", Watching.HELPER))

    here()
    rig.ask(api.Load(RISING))
    rig.ask(api.Answer("pain-before", "0"))
    rig.ask(api.Stop("x"), "helper")
    rig.ask(api.Answer("begin", "y"))
    while not (rig.shot.phase is Phase.ASKING and rig.shot.question is not None and rig.shot.question.heard):
        here()
        rig.run(700)
    rig.press()
    rig.run(900)
    here()
    rig.press()
    assert rig.run(8_000).count(START) == 0
