"""The stop path: what a key means, and that its press leaves before any event loop sees it."""

from __future__ import annotations

import random
import string
import threading

import pytest
from textual import events

from tests.tui.fakes import FakeClock, FakeLine
from tests.tui.moments import ALL, BACKWARD, CHECKING, CONFIRM, COUNTDOWN, FORWARD, HALTED, LOST, READY, RESTING
from treadctl.clients.tui.keys import FRESH, KeyPath, Leave, _AllKeys, meaning_of
from treadctl.clients.tui.view import may_move
from treadctl.model.api import Answer, Belt, Ease, FastForward, LinkState, Pain, Phase, Repeat, Resume, Snapshot
from treadctl.model.program import Facing

MOVING = {name: moment for name, moment in ALL.items() if may_move(moment)}
STOP_KEYS = ["space", "enter", "escape", "ctrl+c", "y", "n", "q", "ctrl+q", "tab", "left", "f5", "a", "unknown"]


def key(name: str, at: float = 0.0) -> events.Key:
    event = events.Key(name, None)
    event.time = at
    return event


def path(snapshot: Snapshot | None, line: FakeLine | None = None) -> tuple[KeyPath, FakeLine, FakeClock]:
    line, clock = line or FakeLine(), FakeClock()
    found = KeyPath(clock)
    found.line, found.height = line, 24
    if snapshot is not None:
        found.see(snapshot)
    return found, line, clock


@pytest.mark.parametrize("name", STOP_KEYS)
@pytest.mark.parametrize("moment", list(MOVING))
def test_every_unmapped_key_is_a_press_while_the_belt_may_move(moment: str, name: str) -> None:
    found, line, _ = path(MOVING[moment])
    arrival = found.arrive(key(name))
    assert arrival is not None and arrival.sent
    assert line.presses == [(name, False)]


def test_only_four_letters_and_a_sign_do_not_stop() -> None:
    names = [*string.ascii_lowercase, *string.digits, "minus", "plus", "full_stop", "space", "enter"]
    mapped = {name: meaning_of(name, BACKWARD, True) for name in names}
    assert {name: m for name, m in mapped.items() if m is not None} == {
        "minus": Ease(), "e": Ease(), "p": Pain(), "r": Repeat(), "f": FastForward(10),
    }


def test_the_repeat_key_resumes_a_walk_that_the_console_sped_up() -> None:
    assert meaning_of("r", BACKWARD._replace(facing=Facing.FORWARD, held=True), True) == Resume()


def test_fast_forward_stops_a_real_belt_like_any_key() -> None:
    assert meaning_of("f", BACKWARD._replace(simulated=False), True) is None
    assert meaning_of("f", BACKWARD, True, rate=10) == FastForward(1)


@pytest.mark.parametrize("name", ["e", "p", "r", "f", "y", "q"])
def test_with_an_old_snapshot_every_key_is_a_press(name: str) -> None:
    for moment in (BACKWARD, CHECKING, READY):
        found, line, clock = path(moment)
        clock.now += FRESH + 1
        found.arrive(key(name))
        assert line.presses == [(name, False)]


def test_a_held_event_loop_cannot_turn_an_answer_into_nothing() -> None:
    """The checklist was the last thing seen; meanwhile the belt moves and 'y' is pressed."""
    found, line, clock = path(CHECKING)
    clock.now += 3000
    found.arrive(key("y"))
    assert line.presses == [("y", False)]


def test_answers_of_an_open_question_are_no_presses() -> None:
    found, line, _ = path(CHECKING)
    arrival = found.arrive(key("Y"))
    assert arrival is not None and arrival.meaning == Answer("check-2", "y")
    assert line.presses == []


def test_while_the_belt_may_move_an_open_question_is_answered_by_nothing() -> None:
    found, line, _ = path(CHECKING._replace(belt=Belt.MOVING))
    found.arrive(key("y"))
    assert line.presses == [("y", False)]


def test_in_a_confirm_the_keys_are_presses() -> None:
    for name in ("space", "y", "e", "p", "minus"):
        found, line, _ = path(CONFIRM)
        found.arrive(key(name))
        assert line.presses == [(name, False)]


@pytest.mark.parametrize("name", ["e", "r", "p", "f", "q", "space", "escape"])
def test_any_key_aborts_a_countdown(name: str) -> None:
    found, line, _ = path(COUNTDOWN)
    found.arrive(key(name))
    assert line.presses == [(name, False)]


def test_leaving_is_a_key_only_at_standstill() -> None:
    assert meaning_of("q", READY, True) is Leave.LEAVE
    assert meaning_of("ctrl+q", HALTED, True) is Leave.LEAVE
    for moment in MOVING.values():
        assert meaning_of("q", moment, True) is None
        assert meaning_of("ctrl+q", moment, True) is None


def test_pain_is_told_also_while_resting() -> None:
    assert meaning_of("p", RESTING, True) == Pain()
    assert meaning_of("p", READY, True) is None


def test_an_auto_repeated_key_is_held() -> None:
    found, line, _ = path(FORWARD)
    for at in (0.0, 0.5, 0.53, 0.56, 1.0):
        found.arrive(key("space", at))
    assert [held for _, held in line.presses] == [False, False, True, True, False]


def test_keys_faster_than_fingers_are_held() -> None:
    found, line, _ = path(CONFIRM)
    for n, name in enumerate("abc"):
        found.arrive(key(name, 1.0 + n * 0.001))
    assert [held for _, held in line.presses] == [False, True, True]


def test_a_paste_stops_a_belt_that_may_move_and_confirms_nothing_on_one_at_rest() -> None:
    found, line, _ = path(FORWARD)
    found.arrive(events.Paste("   "))
    assert line.presses == [("paste", True)]
    found, line, _ = path(CONFIRM)
    found.arrive(events.Paste("   "))
    assert line.presses == []


def test_the_begin_of_a_paste_stops_even_if_its_end_never_comes() -> None:
    found, line, _ = path(FORWARD)
    found.paste_begins()
    assert line.presses == [("paste", True)]
    found, line, _ = path(CONFIRM)
    found.paste_begins()
    assert line.presses == []


def click(y: float) -> events.MouseDown:
    return events.MouseDown(None, 5, y, 0, 0, 1, False, False, False, screen_x=5, screen_y=y)


def test_a_click_on_the_lower_third_stops_and_never_confirms() -> None:
    found, line, _ = path(FORWARD)
    found.arrive(click(15))
    assert line.presses == []
    found.arrive(click(16))
    assert line.presses == [("click", True)]
    found, line, _ = path(CONFIRM)
    found.arrive(click(20))
    assert line.presses == []


def test_a_press_that_did_not_get_through_is_left_to_the_second_net() -> None:
    for line in (FakeLine(works=False), None):
        found, _, _ = path(FORWARD)
        found.line = line
        arrival = found.arrive(key("space"))
        assert arrival is not None and not arrival.sent and arrival.meaning is None


def test_an_event_is_judged_and_sent_only_once() -> None:
    found, line, _ = path(FORWARD)
    event = key("space")
    assert found.arrive(event) is found.arrive(event)
    assert line.presses == [("space", False)]


def test_another_thread_may_press_while_snapshots_arrive() -> None:
    found, line, _ = path(FORWARD)
    presses = threading.Thread(target=lambda: [found.arrive(key("space", n)) for n in range(500)])
    presses.start()
    for n in range(500):
        found.see(FORWARD._replace(seq=n))
    presses.join()
    assert len(line.presses) == 500


def test_a_key_that_textual_has_no_name_for_still_arrives() -> None:
    parser = _AllKeys()
    names = [event.key for event in parser.feed("\x1b[G") if isinstance(event, events.Key)]
    assert names == ["unknown"]


@pytest.mark.parametrize("phase", [Phase.IDLE, Phase.DONE, Phase.TURNING])
def test_no_key_means_faster(phase: Phase) -> None:
    """The whole vocabulary of keys, in every state: only these intents can leave this screen."""
    allowed = (Answer, Ease, FastForward, Leave, Pain, Repeat, Resume, type(None))
    for belt in Belt:
        for link in LinkState:
            moment = LOST._replace(phase=phase, belt=belt, link=link)
            for name in [*string.printable, "plus", "minus", "up", "space"]:
                assert isinstance(meaning_of(name, moment, True), allowed)


BREAKING = ("\x1b[57430;1:1u", "\x1b[57430;1:3u", "\x1b[9982513167u", "\x1b[:1~", "\x1b[1;1:2A")


@pytest.mark.parametrize("octets", BREAKING)
def test_a_sequence_at_which_textual_breaks_is_a_press_and_the_keys_after_it_arrive(octets: str) -> None:
    parser = _AllKeys()
    keys = [message for message in [*parser.feed(octets), *parser.feed(" ")] if isinstance(message, events.Key)]
    assert len(keys) >= 2 and keys[-1].key == "space"


def test_octets_of_any_kind_never_break_the_parser() -> None:
    chance = random.Random(6)
    letters = "0123456789;:<?u~MmRABt$y[O \x07\x1b"
    for _ in range(3000):
        parser = _AllKeys()
        for message in parser.feed("\x1b" + "".join(chance.choices(letters, k=chance.randint(1, 14)))):
            assert message is not None
