"""Is the terminal still there: it is asked once a second, and a multiplexer is asked whether anybody looks.

A terminal whose connection froze or whose session was detached sends nothing, as one whose person presses nothing. So
while a session is open it gets the query that every terminal answers (device status, `CSI 5 n`), and no answer for 2 s
means that keys do not arrive. A multiplexer answers that query itself, also when it is detached; tmux can be asked
instead. What cannot be found out is said before the walk (`TerminalWatch.unwatched`, `Tmux.unwatched`).

It holds no rule about the belt: it only says whether keys arrive. Time is an argument.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from treadctl.model.units import Ms

SCREENLESS = frozenset({"", "dumb", "unknown"})
"""What TERM says where nothing can be drawn."""
QUERY = "\x1b[5n"
ANSWERS = frozenset({"\x1b[0n", "\x1b[3n"})
"""ECMA-48, DSR: ready, or malfunctioning; either way it is there."""
ASK_EVERY: Ms = 1000
SILENT: Ms = 2000
"""Chosen, because it is the limit for heartbeats too: longer than a lost packet's second try, and a stop key that needs
two seconds to arrive is none."""
LEARN: Ms = 3000
"""A terminal that has answered nothing so long after the first query is taken for one that never does."""
GIVE_UP: Ms = 6000
"""The answer is lost for good; ask again."""
TMUX_LIMIT_S = 1.0
TMUX_ASKS = "#{window_active_clients} #{pane_active} #{pane_in_mode} #{focus-events}"


class TerminalWatch:
    """One query at a time, so that an answer is known to be that of the query.

    `step` and `key` belong to the event loop, `answered` to the input thread; they share one number, written in one
    step. `lost` is true only of a terminal that has answered before.
    """

    def __init__(self) -> None:
        self.answers: bool | None = None
        """Whether this terminal answers at all; None: not known yet."""
        self.lost = False
        self._asked: Ms | None = None
        self._heard: Ms = -1
        self._next: Ms = 0

    def step(self, now: Ms, wanted: bool) -> bool:
        """Called 4 times a second; whether to send the query now."""
        if self._asked is not None:
            self._judge(self._asked, now)
        if self._asked is None and now >= self._next and (wanted or self.answers is None):
            self._heard, self._asked = -1, now
            return True
        return False

    def answered(self, now: Ms) -> None:
        """In the input thread: an answer arrived."""
        self._heard = now

    def key(self) -> None:
        """A key arrived, so keys arrive."""
        self.lost = False

    @property
    def unwatched(self) -> str:
        """What a person should know before the walk."""
        return "" if self.answers is not False else "This terminal answers nothing: if it freezes, nobody notices."

    def _judge(self, asked: Ms, now: Ms) -> None:
        if self._heard >= asked:
            self.answers, self._asked = True, None
            late = self._heard - asked > SILENT
            self.lost = self.lost and late
            self._next = now if late else self._heard + ASK_EVERY  # late: alive again, if it answers in time now
            return
        waited = now - asked
        self.lost = self.lost or (self.answers is True and waited > SILENT)
        if self.answers is None and waited > LEARN:
            self.answers = False
        if waited > GIVE_UP:
            self._asked = None


@dataclass(frozen=True, slots=True)
class Tmux:
    """What tmux says of the pane we are in. `here`: somebody looks at it, and keys go to it."""

    here: bool
    focus_events: bool

    @property
    def unwatched(self) -> str:
        return "" if self.focus_events else "tmux hides when its window loses the keyboard: set -g focus-events on."


def in_tmux() -> bool:
    return bool(os.environ.get("TMUX") and os.environ.get("TMUX_PANE"))


def screen_unwatched() -> str:
    """GNU screen answers for a detached terminal and tells nobody."""
    return "screen does not tell when it is detached." if os.environ.get("STY") else ""


def ask_tmux() -> Tmux | None:
    """None when tmux says nothing that helps: it is too old, or hangs, and then does not answer the query either."""
    command = ["tmux", "display-message", "-p", "-t", os.environ["TMUX_PANE"], TMUX_ASKS]
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=TMUX_LIMIT_S, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return read_tmux(told.stdout)


def read_tmux(told: str) -> Tmux | None:
    words = told.split()
    if len(words) != 4 or not words[0].isdigit():
        return None
    looking, active, in_mode, focus = words
    return Tmux(looking != "0" and active == "1" and in_mode == "0", focus in {"1", "on"})
