"""The pages: visual mode for who does not hear, and the helper's stop. Both only make a walk more careful."""

from __future__ import annotations

from tests.control.rig import START, STOP, B, F, Rig
from treadctl.control import events as ev
from treadctl.control.pages import HELPER_SILENT, REAR_GONE, Pages
from treadctl.control.preparation import HELPER
from treadctl.model import api
from treadctl.model.api import Phase, Watching
from treadctl.model.program import Program, Walk
from treadctl.model.speech import utterance_ms
from treadctl.model.units import Ms, Speed

HELPER_CLIENT = "helper-7"
RISING = Program("rising", (Walk(F, 120, Speed(150)), Walk(F, 60, Speed(200))))
BACK = Program("back", (Walk(B, 50, Speed(100)),))
TURNING = Program("turning", (Walk(B, 50, Speed(100)), Walk(F, 60, Speed(150))))


class PageRig(Rig):
    """A rig with pages: each gives a sign of life a second; the one behind shows what is said, as long as `shows`."""

    def __init__(self, *pages: Watching) -> None:
        super().__init__()
        self.pages, self.shows = set(pages), Watching.REAR in pages
        self._page_at: Ms = 0

    def _next(self) -> Ms:
        return min(super()._next(), self._page_at)

    def _moment(self) -> None:
        if self.now >= self._page_at:
            self._page_at = self.now + 1000
            for page in self.pages:
                self.feed(ev.Watched(HELPER_CLIENT if page is Watching.HELPER else "page", page))
        super()._moment()

    def _take(self, effect: ev.Effect) -> None:
        super()._take(effect)
        if isinstance(effect, ev.Say) and self.shows:
            self.later(utterance_ms(effect.text), ev.Shown(effect.id))

    def loaded(self, program: Program, *, visual: bool = False) -> PageRig:
        self.link().until(lambda: self.shot.belt is api.Belt.STILL)
        return self.again(program, visual=visual)

    def again(self, program: Program, *, visual: bool = False) -> PageRig:
        """Loaded, without pain."""
        assert self.ask(api.Load(program, visual)).accepted
        assert self.ask(api.Answer("pain-before", self.pain)).accepted
        return self

    def typed(self, number: int | None = None) -> bool:
        """The number on the page, or another one; whether the screen asks on."""
        assert self.shot.number is not None
        assert self.ask(api.Answer("screen", str(number or self.shot.number))).accepted
        self.run(300)
        return self.shot.number is not None

    def on_the_way(self) -> PageRig:
        """From the briefing to the belt in motion."""
        assert self.ask(api.Answer("begin", "y")).accepted
        self.confirm().phase(Phase.WALKING)
        return self


def visual(program: Program = RISING) -> PageRig:
    """Walking in visual mode; nobody hears a word."""
    rig = PageRig(Watching.REAR)
    rig.speaks = False
    rig.loaded(program, visual=True)
    assert not rig.typed()
    return rig.on_the_way()


def helped(program: Program = BACK) -> PageRig:
    """Walking with a helper whose stop was tested."""
    rig = PageRig(Watching.HELPER).loaded(program)
    rig.run(1100)
    rig.ask(api.Stop(), HELPER_CLIENT)
    return rig.on_the_way()


def test_in_visual_mode_the_number_on_the_page_is_typed_first() -> None:
    rig = PageRig(Watching.REAR).loaded(RISING, visual=True)
    shown = rig.shot.number
    assert shown is not None and 1 <= shown <= 9
    assert rig.typed(shown % 9 + 1), "another number is asked for again"
    assert not rig.typed()
    assert rig.shot.question is not None and rig.shot.question.id == "begin"


def test_a_number_that_nobody_was_shown_was_guessed_and_does_not_count() -> None:
    rig = PageRig().loaded(RISING, visual=True)
    assert rig.shot.number is not None and rig.typed(rig.shot.number), "no page is there: it is asked for again"
    rig.pages.add(Watching.REAR)
    rig.run(1_100)
    assert not rig.typed()


def test_the_number_is_another_one_at_another_time() -> None:
    numbers = set()
    for wait in range(9):
        rig = PageRig(Watching.REAR)
        rig.link().run(4000 + wait).until(lambda rig=rig: rig.shot.belt is api.Belt.STILL)  # type: ignore[misc]
        rig.again(RISING, visual=True)
        numbers.add(rig.shot.number)
    assert len(numbers) > 3


def test_without_visual_mode_no_number_is_asked_and_a_page_that_shows_counts_for_nothing() -> None:
    rig = PageRig(Watching.REAR).loaded(RISING)
    rig.speaks = False
    assert rig.shot.number is None
    assert rig.ask(api.Answer("begin", "y")).accepted
    rig.run(60_000)
    assert rig.shot.question is None or not rig.shot.question.heard


def test_in_visual_mode_a_walk_is_walked_with_what_is_shown_alone() -> None:
    rig = visual()
    rig.until(lambda: rig.speed == 200)
    assert rig.count(STOP) == 0


def test_in_visual_mode_a_rise_waits_until_it_was_shown_although_it_was_heard() -> None:
    rig = visual()
    rig.until(lambda: rig.speed == 150)
    rig.shows, rig.speaks = False, True
    rig.run(130_000)
    assert rig.shot.segment == 1 and max(wrote.speed or 0 for wrote in rig.speeds) == 150
    rig.shows = True
    rig.until(lambda: rig.speed == 200, 60_000)


def test_in_visual_mode_a_broken_voice_holds_nothing_back() -> None:
    rig = visual()
    rig.feed(ev.SpeechFailed(9999, "no player"))
    rig.until(lambda: rig.speed == 200)


def test_in_visual_mode_a_question_that_was_cut_off_before_it_was_shown_is_asked_again() -> None:
    rig = PageRig(Watching.REAR)
    rig.speaks = False
    rig.loaded(RISING, visual=True)
    rig.typed()
    assert rig.ask(api.Answer("begin", "y")).accepted
    rig.phase(Phase.ASKING)
    asked = [effect for effect in rig.of(ev.Say) if isinstance(effect, ev.Say)][-1]
    rig.feed(ev.SpeechFailed(asked.id, ev.INTERRUPTED))
    rig.ready()
    assert len(rig.heard(asked.text)) == 2


def test_in_visual_mode_a_page_that_is_gone_for_ten_seconds_eases_to_a_stop() -> None:
    rig = visual(BACK)
    rig.pages.clear()
    rig.run(REAR_GONE - 1500)
    assert rig.count(STOP) == 0
    rig.until(lambda: rig.count(STOP) > 0, 12_000)
    assert rig.heard("The page is gone.") and rig.shot.phase in (Phase.EASING, Phase.STOPPING)


def test_without_visual_mode_nobody_misses_the_page() -> None:
    rig = PageRig(Watching.REAR).loaded(RISING).on_the_way()
    rig.pages.clear()
    rig.run(REAR_GONE + 5000)
    assert rig.count(STOP) == 0 and rig.shot.phase is Phase.WALKING


def test_a_new_session_is_not_visual_because_the_last_one_was() -> None:
    rig = PageRig(Watching.REAR).loaded(RISING, visual=True)
    rig.ask(api.End())
    rig.shows = False
    rig.again(RISING)
    assert rig.shot.number is None
    rig.on_the_way()


def test_the_helpers_stop_is_tested_with_the_belt_still_and_writes_nothing() -> None:
    rig = PageRig(Watching.HELPER).loaded(BACK)
    rig.run(1100)
    assert rig.shot.question is not None and rig.shot.question.text == HELPER
    rig.press()
    rig.ask(api.Stop(), "somebody else")
    assert rig.shot.question.text == HELPER, "only the helper's own stop counts"
    rig.ask(api.Stop(), HELPER_CLIENT)
    assert rig.shot.question is not None and rig.shot.question.id == "begin"
    assert rig.writes == [] and (rig.now, ev.Tone.HEARD) in rig.tones


def test_a_helpers_stop_stops_a_moving_belt_in_the_same_step() -> None:
    rig = helped()
    rig.ask(api.Stop("the helper"), HELPER_CLIENT)
    assert rig.writes[-1].data == STOP and rig.writes[-1].at == rig.now


def test_a_helpers_page_that_is_silent_for_three_seconds_is_said_and_holds_every_rise() -> None:
    rig = helped(RISING)
    rig.until(lambda: rig.speed == 150)
    rig.pages.clear()
    rig.run(HELPER_SILENT + 1000)
    assert rig.heard("The helper's page is silent.")
    rig.run(120_000)
    assert rig.speed == 150 and rig.shot.segment == 1 and rig.count(STOP) == 0
    rig.pages.add(Watching.HELPER)
    rig.until(lambda: rig.speed == 200, 30_000)


def test_a_walk_may_go_on_without_the_helpers_page_and_then_its_silence_is_nothing() -> None:
    rig = PageRig(Watching.HELPER).loaded(BACK)
    rig.run(1100)
    rig.pages.clear()
    assert rig.ask(api.Answer("helper-page", "w")).accepted
    rig.ask(api.Stop(), HELPER_CLIENT)
    rig.on_the_way().run(HELPER_SILENT + 2000)
    assert not rig.heard("helper")


def test_a_stop_of_the_helper_after_the_test_and_before_the_start_undoes_a_confirm() -> None:
    rig = PageRig(Watching.HELPER).loaded(BACK)
    rig.run(1100)
    rig.ask(api.Stop(), HELPER_CLIENT)
    assert rig.ask(api.Answer("begin", "y")).accepted
    rig.confirm().phase(Phase.COUNTDOWN)
    rig.ask(api.Stop(), HELPER_CLIENT)
    rig.run(10_000)
    assert START not in [wrote.data for wrote in rig.writes]


def test_pages_live_in_real_time_also_while_a_simulated_clock_is_faster() -> None:
    rig = helped(RISING)
    assert rig.ask(api.FastForward(5)).accepted
    rig.pages.clear()
    rig.run(4 * HELPER_SILENT)
    assert not rig.heard("The helper's page is silent.")
    rig.run(2 * HELPER_SILENT)
    assert rig.heard("The helper's page is silent.")


def test_a_page_counts_as_gone_when_its_time_is_over_and_not_before() -> None:
    pages = Pages()
    pages.begin(visual=True)
    assert pages.rear_gone(0) and not pages.helper_gone(0)
    pages.tested = True
    pages.watched(1000, "page", Watching.REAR)
    pages.watched(1000, "helper", Watching.HELPER)
    assert not pages.helper_gone(1000 + HELPER_SILENT) and pages.helper_gone(1001 + HELPER_SILENT)
    assert not pages.rear_gone(1000 + REAR_GONE) and pages.rear_gone(1001 + REAR_GONE)


def test_a_helpers_page_that_is_gone_is_not_asked_for_in_the_next_session() -> None:
    rig = helped()
    rig.press()
    rig.phase(Phase.HALTED)
    rig.ask(api.End())
    rig.pages.clear()
    rig.run(HELPER_SILENT + 1000)
    assert not rig.heard("The helper's page is silent."), "nobody walks any more"
    rig.again(RISING)
    assert rig.shot.question is not None and rig.shot.question.id == "begin" and rig.shot.helper is None


def test_a_helpers_page_that_comes_after_the_briefing_can_stop_and_nobody_waits_for_it() -> None:
    rig = PageRig().loaded(BACK)
    rig.on_the_way()
    rig.pages.add(Watching.HELPER)
    rig.run(2000)
    assert rig.shot.helper is False
    rig.pages.clear()
    rig.run(HELPER_SILENT + 1000)
    assert not rig.heard("helper") and rig.shot.helper is None
    rig.ask(api.Stop("the helper"), HELPER_CLIENT)
    assert rig.writes[-1].data == STOP


def test_a_late_helpers_page_counts_once_its_stop_came_with_the_belt_still() -> None:
    rig = PageRig().loaded(TURNING)
    rig.on_the_way()
    rig.pages.add(Watching.HELPER)
    rig.until(lambda: rig.shot.phase is Phase.TURNING)
    assert rig.shot.helper is False
    rig.ask(api.Stop(), HELPER_CLIENT)
    rig.run(300)
    assert rig.shot.helper is True and rig.tones[-1][1] is ev.Tone.HEARD
    rig.confirm().phase(Phase.WALKING)
    rig.pages.clear()
    rig.run(HELPER_SILENT + 1000)
    assert rig.heard("The helper's page is silent.")


def test_a_helpers_page_that_goes_away_while_the_belt_stands_is_said_at_once_and_refuses_no_start() -> None:
    rig = helped(TURNING)
    rig.until(lambda: rig.shot.phase is Phase.TURNING)
    rig.pages.clear()
    rig.run(HELPER_SILENT + 1200)
    assert rig.shot.belt is api.Belt.STILL and rig.heard("The helper's page is silent.")
    rig.confirm().phase(Phase.WALKING)


def test_a_page_is_not_gone_because_the_clock_has_slowed_down() -> None:
    rig = helped(RISING)
    assert rig.ask(api.FastForward(10)).accepted
    rig.pages.clear()
    rig.run(2 * HELPER_SILENT)
    assert rig.ask(api.FastForward(1)).accepted
    rig.run(HELPER_SILENT - 500)
    assert not rig.heard("The helper's page is silent.")
    rig.run(1000)
    assert rig.heard("The helper's page is silent.")


def test_after_the_end_a_stop_of_the_helpers_page_makes_nobody_rely_on_it() -> None:
    pages = Pages()
    pages.begin()
    pages.watched(0, HELPER_CLIENT, Watching.HELPER)
    assert pages.stopped_by(0, HELPER_CLIENT) and pages.tested
    pages.over()
    assert not pages.stopped_by(0, HELPER_CLIENT) and not pages.tested
    assert not pages.helper_gone(HELPER_SILENT + 1)
