"""Between the guardian and the broker: two loops that know nothing of each other's troubles.

What is published waits in an `Outbox` that never grows; a guardian that comes and goes is found again, and so is the
broker. Nothing here starts a guardian, and nothing waits for the network on the way of a stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from treadctl import __version__
from treadctl.client import Client, connect, greeting
from treadctl.clients.clock import boot_ms
from treadctl.model.api import Goodbye, Plan, Role, Said, Snapshot, Stop, Verdict
from treadctl.model.errors import TreadctlError
from treadctl.model.text import safe_text
from treadctl.paths import SOCKET_SUFFIX, Paths

from . import topics as out
from .broker import Access, Broker, BrokerLost, connected
from .discovery import discovery
from .orders import Came, Greeted, Order, Orders, Why
from .topics import Publication, Topics
from .waiting import backoff, first, pause, until

AGAIN_S = 0.5
"""Chosen: looking for a guardian costs a connect to a socket that is not there."""
BEAT_S = 0.5
EVENTS_MAX = 64
"""Cues that wait for the broker; chosen: more than a minute of them, and then they are of no use."""
STEADY_MS = 30_000
"""A connection that held for so long was a good one: the next attempt begins at once again. Chosen."""
GREETING_S = (1.0, 5.0)
"""After Home Assistant's start every device answers; spread out (reference)."""
PROFILES_MS = 60_000
"""Profiles are read anew at most so often, whoever greets us how often: it takes a good part of a second."""
FAREWELL_S = 2.0

Say = Callable[[str], None]


class Outbox:
    """What waits to be published. Of a retained topic and of telemetry the newest; of cues the last few."""

    def __init__(self) -> None:
        self._newest: dict[str, Publication] = {}
        self._events: deque[Publication] = deque(maxlen=EVENTS_MAX)
        self._news = asyncio.Event()

    def put(self, what: Publication) -> None:
        if what.retain:
            self._newest.pop(what.topic, None)
            self._newest[what.topic] = what
        else:
            self._events.append(what)
        self._news.set()

    def clear(self) -> None:
        """What waited for a broker that was not there is old."""
        self._newest.clear()
        self._events.clear()

    async def next(self) -> Publication:
        while not (self._events or self._newest):
            self._news.clear()
            await self._news.wait()
        return self._events.popleft() if self._events else self._newest.pop(next(iter(self._newest)))


class Bridge:
    """`find` lists the sockets to try, `profiles` the names that may be offered (it blocks), `say` prints a line."""

    def __init__(
        self, node: str, access: Access, find: Callable[[], Sequence[Path]], profiles: Callable[[], Sequence[str]],
        say: Say,
    ) -> None:  # fmt: skip
        self._access, self._find, self._profiles, self._say = access, find, profiles, say
        self._topics = Topics(node, access.settings.discovery_prefix)
        self.orders = Orders(self._topics, boot_ms())
        self._outbox = Outbox()
        self._client: Client | None = None
        self._snapshot: Snapshot | None = None
        self._plan: Plan | None = None
        self._lost = False
        self._told: dict[str, object] = {}
        self._read_at: int | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._greeting: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._said = ""

    async def run(self) -> None:
        """Until `end`, or until a part of it fails: half a bridge would look like a whole one. Says goodbye to the
        broker, if it is there to hear it."""
        try:
            await first(self._keep_connected(), self._follow_guardian(), self._beat())
        finally:
            tasks = [*self._asking, *([self._greeting] if self._greeting is not None else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._client is not None:
                await self._client.close()

    def end(self) -> None:
        self._ended.set()

    async def _beat(self) -> None:
        """By its gaps `Orders` knows that this process was held, and what came meanwhile is late."""
        while True:
            self.orders.beat(boot_ms())
            await pause(BEAT_S)

    # --- the guardian -----------------------------------------------------------------------------------------------

    async def _follow_guardian(self) -> None:
        while True:
            client = await self._attach()
            if client is not None:
                async for message in client.messages(watch=True):
                    self._take(message)
                await self._left(client)
            await pause(AGAIN_S)

    async def _attach(self) -> Client | None:
        self._client = await self._reach()
        return self._client

    async def _reach(self) -> Client | None:
        """A connection to the first guardian that answers."""
        for path in self._find():
            folder = path.parent
            paths = Paths(folder, folder, folder, folder, path.name.removesuffix(SOCKET_SUFFIX))
            with contextlib.suppress(TreadctlError):
                return await connect(paths, greeting(Role.NETWORK, "mqtt"))
        return None

    async def _left(self, client: Client) -> None:
        """What was known is no longer so; whether the belt may move now is what nobody knows."""
        before, self._client, self._snapshot, self._plan = self._snapshot, None, None, None
        self._lost = before is not None and out.may_move(before)
        await client.close()
        if before is not None:
            self._say("The guardian is gone from a belt that may move." if self._lost else "The guardian has ended.")
        self._publish_state()
        self._outbox.put(self._topics.availability(False))

    def _take(self, message: Snapshot | Plan | Said | Goodbye) -> None:
        match message:
            case Snapshot():
                self._take_snapshot(message)
            case Plan():
                self._plan = message
            case Said():
                self._outbox.put(self._topics.announce(message))
            case Goodbye():
                pass  # the last snapshot said whether the belt stands still

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        before, self._snapshot, self._lost = self._snapshot, snapshot, False
        for kind, words in out.cues(before, snapshot, self._plan):
            self._outbox.put(self._topics.cue(kind, words))
        self._publish_state()
        if before is None:
            self._say("A guardian is there.")
            self._outbox.put(self._topics.availability(True))
        if before is None or before.preselected != snapshot.preselected:
            self._outbox.put(self._topics.profile(snapshot.preselected))

    def _publish_state(self, *, anew: bool = False) -> None:
        """Only what differs: a guardian says four times a second that nothing has changed."""
        name, ignored = self._access.settings.name, self.orders.ignored.total()
        told = out.state(name, self._snapshot, self._plan, ignored=ignored, lost=self._lost)
        if anew or {**told, "clock_ms": 0} != self._told:
            self._told = {**told, "clock_ms": 0}
            self._outbox.put(self._topics.state(told))

    # --- the broker -------------------------------------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        attempt = 0
        while not self._ended.is_set():
            began = boot_ms()
            try:
                await self._connection()
            except BrokerLost as lost:
                attempt = 1 if boot_ms() - began > STEADY_MS else attempt + 1
                self._say_once(f"{lost} Trying again; a walk goes on without it.")
            if not self._ended.is_set():
                await until(self._ended, backoff(max(attempt, 1), random.random()))

    async def _connection(self) -> None:
        """One connection from its beginning to its end. Raises BrokerLost."""
        mine = self._topics
        will = mine.availability(False)
        async with connected(self._access, mine.node, will=will, urgent=lambda topic: topic == mine.stop) as broker:
            self._outbox.clear()
            await broker.subscribe(mine.incoming)
            self._said = ""
            self._say(f"Connected to {safe_text(self._access.settings.host)} as {mine.node}.")
            ended = self._ended.wait()
            try:
                await first(self._read(broker), self._write(broker), self._introduce_and_stay(), ended)
            finally:  # also when a part of the bridge failed: a broker publishes no will after a proper end
                with contextlib.suppress(TimeoutError, BrokerLost):
                    async with asyncio.timeout(FAREWELL_S):
                        await broker.publish(will)

    async def _introduce(self) -> None:
        """Everything that a broker or Home Assistant which knows nothing has to know."""
        now = boot_ms()
        if self._read_at is None or now - self._read_at > PROFILES_MS:
            self._read_at = now
            self.orders.profiles = await asyncio.to_thread(self._profiles)
        settings = self._access.settings
        if settings.discovery:
            told = discovery(self._topics, settings.name, __version__, tuple(self.orders.profiles))
            self._outbox.put(told)
        self._publish_state(anew=True)
        self._outbox.put(self._topics.profile("" if self._snapshot is None else self._snapshot.preselected))
        self._outbox.put(self._topics.availability(self._snapshot is not None))

    async def _introduce_and_stay(self) -> None:
        """Beside the reading: a stop does not wait until every profile is read."""
        await self._introduce()
        await asyncio.get_running_loop().create_future()

    async def _write(self, broker: Broker) -> None:
        while True:
            await broker.publish(await self._outbox.next())

    async def _read(self, broker: Broker) -> None:
        seen = 0
        async for came in broker.messages():
            if broker.dropped > seen:
                self.orders.dropped(broker.dropped - seen)
                seen = broker.dropped
            self._hear(came)

    def _hear(self, came: Came) -> None:
        meaning = self.orders.judge(came, boot_ms(), somebody=self._somebody)
        if isinstance(meaning, Why):
            self._say_ignored(meaning, came.topic)
        elif not isinstance(meaning, Greeted):
            task = asyncio.ensure_future(self._ask(meaning))  # a guardian that is slow to answer holds up no stop
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        elif meaning.up and (self._greeting is None or self._greeting.done()):
            self._greeting = asyncio.ensure_future(self._greet())

    async def _ask(self, order: Order) -> None:
        verdict = await self._verdict(order)
        word = type(order).__name__.lower()
        if verdict.accepted:
            self._say(f"Passed on: {word}.")
            self._publish_state(anew=True)  # whoever sent it sees that it came, also where nothing changes
        else:
            self.orders.refused(order)
            self._say(f"Not taken: {word} ({safe_text(verdict.reason, 200)}).")
        if isinstance(order, Stop) and not verdict.accepted:
            self._outbox.put(self._topics.cue("fault", "A stop from the network was not taken. Use the treadmill."))

    @property
    def _somebody(self) -> bool:
        """Whether a guardian is followed, or may be reached."""
        attached = self._client is not None and not self._client.closed
        return attached or any(path.is_socket() for path in self._find())

    async def _verdict(self, order: Order) -> Verdict:
        """Of the guardian that is followed; of one that was too silent to be followed, or is not yet, all the same."""
        if self._client is not None and not self._client.closed:
            return await self._client.ask(order)
        other = await self._reach()
        if other is None:
            return Verdict(0, False, "no guardian answers; use the treadmill")
        try:
            return await other.ask(order)
        finally:
            await other.close()

    async def _greet(self) -> None:
        await pause(random.uniform(*GREETING_S))
        await self._introduce()

    # --- lines ------------------------------------------------------------------------------------------------------

    def _say_once(self, text: str) -> None:
        """A broker that stays away is told of once."""
        if text != self._said:
            self._said = text
            self._say(text)

    def _say_ignored(self, why: Why, topic: str) -> None:
        """The first, the tenth, the hundredth: a flood shall not become one of lines."""
        count = self.orders.ignored[why]
        if str(count).strip("0") == "1":
            self._say(f"Ignored what came {why.value} on {safe_text(topic)} ({count} so far).")
