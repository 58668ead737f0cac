"""The imperative shell around the core: one inbox, one consumer, one timer. It decides nothing about the belt.

Every input is stamped on arrival. A stop or a key goes to the front; a full inbox is told to the core, which locks out.
Effects are handed to parts that never make it wait, writes first. If the core itself breaks, the belt is looked at and
stopped from here, and the process ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol, assert_never

from treadctl.control.core import Core
from treadctl.control.events import (
    Asked,
    Capture,
    Close,
    Connect,
    Drop,
    Effect,
    Exit,
    Input,
    KeepRehearsal,
    Lagged,
    Learn,
    Notice,
    Play,
    Prepare,
    Publish,
    Rate,
    ReadAnew,
    Reconnect,
    Remember,
    RememberDay,
    Reply,
    Say,
    Scan,
    SpeakBy,
    Suspended,
    Tick,
    Wear,
    Write,
)
from treadctl.control.events import Journal as Record
from treadctl.model.api import Press, Snapshot, Stop, Verdict
from treadctl.model.units import Ms

from .clock import LATE, SLEPT, Clock

INBOX = 1024
"""Chosen: a minute of everything a machine and its clients send; more waiting means that this process hangs."""
AT_ONCE = 64
WATCH_EVERY: Ms = 100
"""Real ms between looks at the loop's own lateness and at the host's sleep."""

log = logging.getLogger(__name__)
LinkEffect = Connect | Reconnect | Scan | Capture | Drop | Close


class Hands(Protocol):
    """Where effects go. No method waits."""

    def write(self, write: Write) -> None: ...
    def say(self, say: Say) -> None: ...
    def play(self, play: Play) -> None: ...
    def speak_by(self, by: SpeakBy) -> None: ...
    def prepare(self, prepare: Prepare) -> None: ...
    def journal(self, entry: Record) -> None: ...
    def remember(self, remember: Remember | RememberDay) -> None: ...
    def learn(self, learn: Learn) -> None: ...
    def keep_rehearsal(self, keep: KeepRehearsal) -> None: ...
    def read_anew(self, read: ReadAnew) -> None: ...
    def link(self, effect: LinkEffect, snapshot: Snapshot) -> None: ...
    def wear(self, wear: Wear) -> None: ...
    def publish(self, publish: Publish) -> None: ...
    def reply(self, client: str, verdict: Verdict) -> None: ...
    def traced(self, now: Ms, item: Input, effects: list[Effect]) -> None: ...
    def rate(self, rate: int) -> None: ...
    def exit(self, code: int) -> None: ...
    def broken(self) -> None: ...


class Shell:
    """Runs one core."""

    def __init__(self, core: Core, hands: Hands, clock: Clock, alive: Callable[[], None] = lambda: None) -> None:
        """`alive` is called ten times a second while the loop comes round."""
        self._core, self._hands, self._clock, self._alive = core, hands, clock, alive
        self._urgent: deque[tuple[Ms, Input]] = deque()
        self._normal: deque[tuple[Ms, Input]] = deque()
        self._loop = asyncio.get_running_loop()
        self._scheduled = False
        self._overflowed = False
        self._timer: asyncio.TimerHandle | None = None
        self._armed: Ms | None = None
        self._last = clock.now()
        self._boot_lead = clock.boot_lead()
        self._watched = clock.real_now()
        self._ended = False
        self.snapshot = Snapshot()
        """The last one published."""
        self._troubles: dict[str, str] = {}

    def start(self) -> None:
        """The first tick, and the watch over the loop itself."""
        self.accept(Tick())
        self._watch()

    def accept(self, item: Input) -> None:
        """Put an input in, stamped now. Callable from the loop's thread only; never waits."""
        if self._ended:
            return
        front = isinstance(item, Asked) and isinstance(item.intent, (Stop, Press))
        if not front and len(self._normal) >= INBOX:
            self._overflow()
            return
        (self._urgent if front else self._normal).append((self._clock.now(), item))
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._drain)

    def trouble(self, part: str, text: str) -> None:
        """What a part of the process cannot do, shown where a snapshot has no notice of its own; "": it can again."""
        self._troubles.pop(part, None)
        if text:
            self._troubles[part] = text

    def end(self) -> None:
        """Take nothing more."""
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()

    def _overflow(self) -> None:
        """Told once until the inbox is empty again, and before everything that waits."""
        if not self._overflowed:
            self._overflowed = True
            self._urgent.append((self._clock.now(), Lagged(0, overflow=True)))

    # --- the consumer ------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        self._scheduled = False
        self._look_for_sleep()
        for _ in range(AT_ONCE):
            box = self._urgent or self._normal
            if not box or self._ended:
                break
            stamp, item = box.popleft()
            # A stop that overtook older inputs must not make time run backwards for the core.
            self._last = max(self._last, stamp)
            self._step(self._last, item)
        if not self._normal:
            self._overflowed = False
        if (self._urgent or self._normal) and not self._scheduled and not self._ended:
            self._scheduled = True
            self._loop.call_soon(self._drain)
        self._arm()

    def _step(self, now: Ms, item: Input) -> None:
        effects: list[Effect] = []
        if not _isolated(item, lambda: effects.extend(self._core.step(now, item))):
            self.end()
            self._hands.broken()  # whatever broke, the belt must not go on alone
            return
        for effect in sorted(effects, key=lambda effect: not isinstance(effect, Write)):
            _isolated(effect, lambda effect=effect: self._dispatch(effect))  # type: ignore[misc]
        _isolated("the trace", lambda: self._hands.traced(now, item, effects))

    def _dispatch(self, effect: Effect) -> None:  # noqa: C901, PLR0912  (one line for each effect)
        hands = self._hands
        match effect:
            case Write():
                hands.write(effect)
            case Say():
                hands.say(effect)
            case Play():
                hands.play(effect)
            case SpeakBy():
                hands.speak_by(effect)
            case Prepare():
                hands.prepare(effect)
            case Record():
                hands.journal(effect)
            case Remember() | RememberDay():
                hands.remember(effect)
            case Learn():
                hands.learn(effect)
            case KeepRehearsal():
                hands.keep_rehearsal(effect)
            case ReadAnew():
                hands.read_anew(effect)
            case Connect() | Reconnect() | Scan() | Capture() | Drop() | Close():
                hands.link(effect, self.snapshot)
            case Wear():
                hands.wear(effect)
            case Publish():
                hands.publish(self._noted(effect))
            case Notice():
                log.info("%s", effect.text)
            case Rate(rate):
                hands.rate(rate)
            case Reply():
                hands.reply(effect.client, Verdict(effect.id, effect.accepted, effect.reason))
            case Exit():
                self.end()
                hands.exit(effect.code)
            case _:
                assert_never(effect)

    def _noted(self, publish: Publish) -> Publish:
        what = publish.what
        if not isinstance(what, Snapshot):
            return publish
        if self._troubles and not what.notice:
            what = what._replace(notice=next(iter(self._troubles.values())))
        self.snapshot = what
        return Publish(what)

    # --- time --------------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        """One timer, at the core's deadline."""
        deadline = None if self._ended else self._core.deadline()
        if deadline == self._armed and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._armed = deadline
        if deadline is not None:
            # At least a millisecond ahead: a deadline that stays in the past must not spin the loop.
            self._timer = self._loop.call_at(max(deadline, self._clock.now() + 1) / 1000, self._due)

    def _due(self) -> None:
        self._timer = None
        waits, self._scheduled = self._scheduled, True
        self.accept(Tick())
        if not waits:  # it is the loop that calls, and nothing else waits: it need not come round once more
            self._drain()

    def _watch(self) -> None:
        """Is this loop late, did the host sleep? Real time, whatever the rate."""
        if self._ended:
            return
        self._alive()
        now = self._clock.real_now()
        late = now - self._watched - WATCH_EVERY
        self._watched = now
        if not self._look_for_sleep() and late > LATE:
            log.warning("the loop came round %d ms late", late)
            self.accept(Lagged(late))
        self._loop.call_later(self._clock.real(WATCH_EVERY), self._watch)

    def _look_for_sleep(self) -> bool:
        """Whether the host has just slept. Asked before each batch of inputs: nothing is decided before it is known."""
        lead = self._clock.boot_lead()
        slept, self._boot_lead = lead - self._boot_lead, lead
        if slept > SLEPT:
            log.warning("the computer slept for %d ms", slept)
            self._urgent.appendleft((self._clock.now(), Suspended(slept)))
            if not self._scheduled:
                self._scheduled = True
                self._loop.call_soon(self._drain)
        return slept > SLEPT


def _isolated(what: object, work: Callable[[], None]) -> bool:
    """Do it; whether it went well. A part that breaks is logged and takes nothing else along."""
    try:
        work()
    except Exception:  # the guardian's top and subscriber isolation: the only such place
        log.exception("failed: %r", what)
        return False
    return True
