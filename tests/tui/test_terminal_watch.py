"""Whether the terminal is there, and that its answers are never taken for keys."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable

import pytest
from textual import constants, events

from treadctl.clients.tui import ESCAPE_DELAY_MS
from treadctl.clients.tui.keys import PARTIAL, Answered, _AllKeys
from treadctl.clients.tui.terminal import (
    ASK_EVERY,
    GIVE_UP,
    LEARN,
    SILENT,
    TerminalWatch,
    Tmux,
    ask_tmux,
    read_tmux,
    screen_unwatched,
)

BEAT = 250


class Played:
    """A terminal of which the test says how long an answer takes; None: it does not answer."""

    def __init__(self, delay: int | None = 20) -> None:
        self.watch, self.delay, self.now = TerminalWatch(), delay, 1_000_000
        self.asked: list[int] = []
        self._due: list[int] = []

    def live(self, ms: int, wanted: bool = True) -> TerminalWatch:
        for _ in range(ms // BEAT):
            for at in [at for at in self._due if at <= self.now]:
                self._due.remove(at)
                self.watch.answered(at)
            if self.watch.step(self.now, wanted):
                self.asked.append(self.now)
                if self.delay is not None:
                    self._due.append(self.now + self.delay)
            self.now += BEAT
        return self.watch


def test_a_terminal_that_answers_is_asked_about_once_a_second_and_never_lost() -> None:
    on = Played()
    watch = on.live(20_000)
    assert watch.answers and not watch.lost and watch.unwatched == ""
    gaps = [b - a for a, b in itertools.pairwise(on.asked)]
    assert all(ASK_EVERY <= gap <= ASK_EVERY + BEAT for gap in gaps)


def test_no_answer_for_two_seconds_means_that_keys_go_elsewhere() -> None:
    on = Played()
    on.live(5_000)
    on.delay = None
    before = len(on.asked)
    while not on.live(BEAT).lost:
        assert on.now - on.asked[before - 1] < 2 * ASK_EVERY + SILENT
    assert len(on.asked) == before + 1
    assert SILENT < on.now - BEAT - on.asked[-1] <= SILENT + BEAT


def test_a_terminal_that_comes_back_is_believed_when_it_answers_in_time_again() -> None:
    on = Played()
    on.live(5_000)
    on.delay = None
    assert on.live(5_000).lost
    on.delay = 20
    assert not on.live(GIVE_UP + ASK_EVERY).lost


def test_answers_that_take_longer_than_two_seconds_are_as_good_as_none() -> None:
    on = Played()
    on.live(5_000)
    on.delay = 2_500
    on.live(6_000)
    assert all(on.live(BEAT).lost for _ in range(80))
    on.delay = 200
    assert not on.live(10_000).lost


def test_a_terminal_that_never_answers_is_told_and_not_counted_as_lost() -> None:
    on = Played(delay=None)
    assert on.live(LEARN).unwatched == ""
    watch = on.live(60_000)
    assert watch.answers is False and not watch.lost
    assert "answers nothing" in watch.unwatched


def test_a_slow_beginning_is_forgiven() -> None:
    on = Played(delay=LEARN + 1_000)
    on.live(LEARN + 500)
    assert on.watch.answers is False
    on.delay = 20
    assert on.live(8_000).answers is True and not on.watch.lost and on.watch.unwatched == ""


def test_outside_a_session_it_is_asked_only_until_it_is_known() -> None:
    on = Played()
    on.live(10_000, wanted=False)
    assert len(on.asked) == 1 and on.watch.answers
    on.now += 3_600_000
    assert not on.live(10_000).lost  # the hour without a question was no silence


def test_a_key_shows_that_keys_arrive() -> None:
    on = Played()
    on.live(5_000)
    on.delay = None
    on.live(4_000)
    assert on.watch.lost
    on.watch.key()
    assert not on.watch.lost


# --- answers and keys in one stream --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def escape_delay_of_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual reads it when it is first imported, which may have been by another test."""
    monkeypatch.setattr(constants, "ESCAPE_DELAY", ESCAPE_DELAY_MS / 1000)


def names(parser: _AllKeys, *parts: str) -> list[str]:
    return [event.key for part in parts for event in parser.feed(part) if isinstance(event, events.Key)]


def let_pass(parser: _AllKeys, seconds: float) -> list[str]:
    """Time in which nothing arrives, as the input thread lets it pass."""
    until, found = time.monotonic() + seconds, []
    while time.monotonic() < until:
        ticked: Iterable[object] = parser.tick()
        found += [event.key for event in ticked if isinstance(event, events.Key)]
        time.sleep(0.005)
    return found


ANSWER = Answered().key


@pytest.mark.parametrize("answer", ["\x1b[0n", "\x1b[3n"])
def test_an_answer_is_one_answer_and_no_key(answer: str) -> None:
    parser = _AllKeys()
    assert names(parser, answer) == [ANSWER]
    assert let_pass(parser, 0.15) == []


def test_an_answer_between_keys_takes_none_along_and_adds_none() -> None:
    keys = names(_AllKeys(), "a\x1b[0nb", "\x1b[A\x1b[0n\x1b[0n ", "\x1b[0n\x1b[I\r")
    assert [key for key in keys if key != ANSWER] == ["a", "b", "up", "space", "enter"]
    assert keys.count(ANSWER) == 4


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_an_answer_in_two_reads_is_an_answer(cut: int) -> None:
    parser, answer = _AllKeys(), "\x1b[0n"
    assert names(parser, answer[:cut]) == []
    wait = 0.01 if cut == 1 else PARTIAL / 1000 - 0.03
    assert let_pass(parser, wait) == []
    assert names(parser, answer[cut:] + "x") == [ANSWER, "x"]


def test_half_an_answer_that_is_none_is_keys_after_all() -> None:
    parser = _AllKeys()
    names(parser, "\x1b[")
    assert let_pass(parser, 0.25) != []
    assert names(parser, "y") == ["y"]


def test_half_an_answer_that_becomes_an_arrow_is_the_arrow() -> None:
    assert names(_AllKeys(), "\x1b[", "A") == ["up"]


def test_escape_before_an_answer_is_escape() -> None:
    parser = _AllKeys()
    assert names(parser, "\x1b\x1b[0n") == ["escape", ANSWER]
    assert names(parser, "\x1b") == []
    assert let_pass(parser, 0.3) == ["escape"]


# --- multiplexers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "here", "hint"),
    [
        ("1 1 0 on\n", True, False), ("2 1 0 1\n", True, False), ("1 1 0 off\n", True, True),
        ("0 1 0 on\n", False, False), ("1 0 0 on\n", False, False), ("1 1 1 on\n", False, False),
    ],
)
def test_keys_reach_a_pane_that_is_looked_at_active_and_in_no_mode(told: str, here: bool, hint: bool) -> None:
    found = read_tmux(told)
    assert found is not None
    assert (found.here, bool(found.unwatched)) == (here, hint)


@pytest.mark.parametrize("told", ["", "1 0 on", "\x1b 1 0 on", "no server running"])
def test_a_tmux_that_says_something_else_proves_nothing(told: str) -> None:
    assert read_tmux(told) is None


def test_without_tmux_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX_PANE", "%0")
    monkeypatch.setenv("PATH", "/nowhere")
    assert ask_tmux() is None
    assert Tmux(True, True).unwatched == ""


def test_screen_is_said_to_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STY", raising=False)
    assert screen_unwatched() == ""
    monkeypatch.setenv("STY", f"{os.getpid()}.tty")
    assert "screen" in screen_unwatched()
