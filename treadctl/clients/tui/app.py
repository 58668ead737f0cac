"""The terminal app: messages in, intents out, screens in between. Nothing that keeps a walker safe lives here.

It may hang or be killed: the guardian misses its heartbeats or its socket and stops the belt. The stop key does not
wait for this event loop (`keys`); `on_event` is only the second net under it.
"""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType

from treadctl.model.api import (
    ATTEND_EVERY,
    Acknowledge,
    Answer,
    Attend,
    Belt,
    Commission,
    Connect,
    End,
    FastForward,
    Intent,
    LinkState,
    Load,
    Ms,
    Phase,
    Plan,
    Press,
    Repeat,
)
from treadctl.model.errors import ExitCode, TreadctlError
from treadctl.model.program import Program, Walk, expand, expected_ms

from .access import Access
from .home_page import Offer
from .keys import Arrival, KeyPath, Leave, StopDriver, Typed, key_name
from .picking import Picking
from .screens import HomeScreen, PageScreen, PickerScreen, WalkScreen
from .state import State
from .terminal import ASK_EVERY, Tmux, ask_tmux, in_tmux, screen_unwatched
from .view import Away

LINK_LIMIT: Ms = 60_000
"""Longer than the guardian's own limits for finding and connecting: it always speaks first."""
NO_ANSWER = "The treadmill did not answer; switch it on and try again."
OTHER = "treadctl is still connected to {}; quit it, and start it again half a minute later for another one."
"""A guardian that has a link keeps it until nobody needs it any more."""
BELL_EVERY: Ms = 2000
"""Chosen: as often as the voice calls for the key."""


class TreadctlApp(App[int], inherit_bindings=False):
    """`wish` is what is begun at once; None: begin at home, with the profiles that `offers` reads (in a thread)."""

    CSS_PATH = "treadctl.tcss"
    TITLE = "treadctl"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        access: Access,
        *,
        clock: Callable[[], Ms],
        wish: Program | Commission | None = None,
        offers: Callable[[], tuple[Offer, ...]] | None = None,
        simulated: bool = False,
        rate: int = 1,
        ascii_only: bool = False,
    ) -> None:
        super().__init__(driver_class=StopDriver)
        self.state = State(simulated=simulated, rate=rate)
        self.ascii_only = ascii_only
        self.key_path = KeyPath(clock)
        self.key_path.rate = rate
        self.exit_code = int(ExitCode.OK)
        self.crash = ""
        self._access = access
        self._clock = clock
        self._wish = wish
        self.picking = Picking(access, clock, self._link)
        self._offers = offers
        self._offered: tuple[Offer, ...] | None = None
        self._open = False
        self._forcing: asyncio.Task[str] | None = None
        self._tmux: Tmux | None = None
        self._tmux_asked: Ms = -ASK_EVERY
        self._rung: Ms = -BELL_EVERY
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    # --- beginning and end -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """A screen first; the guardian is started behind it."""
        if self._wish is None:
            self.push_screen(HomeScreen(self._offered))
        else:
            if isinstance(self._wish, Program):
                self._preview(self._wish)
            self.push_screen(WalkScreen())
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._run(self._talk())
        if self._wish is None and self._offers is not None:
            self._run(self._read_offers(self._offers))
        self.set_interval(ATTEND_EVERY / 1000, self._beat)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGINT, self._signalled, False)
            loop.add_signal_handler(signal.SIGTERM, self._signalled, True)
            loop.add_signal_handler(signal.SIGQUIT, self._signalled, True)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def on_unmount(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await self._access.close()

    def _signalled(self, leave: bool) -> None:
        """Somebody ended us from outside: stop first. Our closed socket stops the belt even if this fails."""
        self._tell(Press("signal", held=True))
        if leave:
            self.exit(int(ExitCode.INTERRUPTED))

    def leave(self) -> None:
        """End the program; only at standstill."""
        if not self.state.may_leave:
            self.bell()
            return
        if self.state.snapshot is not None and self.state.snapshot.phase is not Phase.DONE:
            self._tell(End())
        self.exit(self.exit_code)

    async def action_quit(self) -> None:
        self.leave()

    def _fatal_error(self) -> None:
        """A bug in the screens: Textual would print a traceback. Our closed socket stops the belt."""
        self.crash = self.crash or traceback.format_exc()
        self.bell()
        self._close_messages_no_wait()

    # --- the guardian ------------------------------------------------------------------------------------------------

    async def _talk(self) -> None:
        """The whole conversation, from the first hello to the closed socket."""
        try:
            await self._access.open()
        except TreadctlError as error:
            self._failed(error)
            return
        self._open = True
        self.key_path.line = self._access.keys
        if self._wish is None:
            self.state.begin("Waiting for a profile.")
        else:
            self._start(self._wish)
        async for message in self._access.messages():
            self.state.take(message, self._clock())
            self._seen()
        self._lost()

    def _failed(self, error: TreadctlError) -> None:
        self.exit_code = int(error.exit_code)
        self.state.close(str(error))
        self._show_walk()
        self._repaint()

    def _seen(self) -> None:
        """After each message: the input thread's view, the right screen, a repaint."""
        snapshot = self.state.snapshot
        if snapshot is not None:
            self.key_path.see(snapshot)
            if snapshot.summary is not None:
                self.exit_code = snapshot.summary.exit_code
            if snapshot.phase not in {Phase.IDLE, Phase.DONE}:
                self._show_walk()
            self.picking.take(snapshot)
        self._repaint()

    def _lost(self) -> None:
        """The socket closed: while the belt may move, shout and stop it without the guardian, once."""
        self._open = False
        self.state.close("The controller closed the connection.")
        self.key_path.lose()
        if self.state.local.moving_then:
            self.exit_code = int(ExitCode.FAULT)
            self._run(self._rescue())
        self._show_walk()
        self._repaint()

    async def _rescue(self) -> None:
        """Once: where a stop without the guardian is under way already, it does all that a rescue does."""
        self.state.rescued(await (self._forcing or self._access.rescue()))
        self._repaint()

    def _force(self) -> None:
        """The guardian hangs while the belt may move: end it and stop the belt without it, once for each time."""
        if self._forcing is None or self._forcing.done():
            self._forcing = asyncio.ensure_future(self._access.force_stop())

    def _start(self, wish: Program | Commission) -> None:
        """Connect where a belt is needed, then ask for it; what comes then is shown."""
        self.state.begin("Connecting to the treadmill.", commissioning=isinstance(wish, Commission))
        self._run(self._ask_for(wish))

    async def _ask_for(self, wish: Program | Commission) -> None:
        """Connect to the machine where one is needed, then load the programme or learn the machine."""
        if isinstance(wish, Commission) or any(isinstance(segment, Walk) for segment in expand(wish)):
            reason = await self._link(self._access.address())
            if reason:
                self._refused(reason, ExitCode.NO_MACHINE)
                return
        verdict = await self._access.ask(wish if isinstance(wish, Commission) else Load(wish))
        if not verdict.accepted:
            self._refused(verdict.reason, ExitCode.REFUSED)

    async def _link(self, address: str) -> str:
        """Connect; why it came to nothing, empty when it did not."""
        now = self.state.snapshot
        if address and now is not None and now.link is LinkState.UP:
            held = await asyncio.to_thread(self._access.held)
            if held and held.upper() != address.upper():
                return OTHER.format(now.machine)
        verdict = await self._access.ask(Connect(address))
        if not verdict.accepted:
            return verdict.reason
        before = -1 if self.state.snapshot is None else self.state.snapshot.seq  # what came until now is of before
        return "" if await self._linked(before) else self.state.reason or NO_ANSWER

    async def _linked(self, before: int) -> bool:
        """Whether the link came up and the belt was measured still, after the snapshot with the number `before`."""
        until = self._clock() + LINK_LIMIT
        while self._open and self._clock() < until:
            snapshot = self.state.snapshot
            if snapshot is not None and snapshot.seq > before:
                if snapshot.link is LinkState.UP and snapshot.belt is Belt.STILL:
                    return True
                if snapshot.link in {LinkState.FAILED, LinkState.LOST}:
                    return False
            self._news.clear()
            await self._news.wait()
        return False

    def _refused(self, reason: str, code: ExitCode) -> None:
        if not self._open:  # not refused but cut off, which has its own screen and code
            return
        self.exit_code = int(code)
        self.state.refuse(reason)
        self._repaint()

    def _beat(self) -> None:
        """Four times a second, from this very loop: if it hangs, the guardian misses it."""
        now = self._clock()
        self._watch_terminal(now)
        if self._open:
            self._access.tell(Attend(self.state.local.keyboard))
        hung = self.state.local.hung
        self.state.tick(now)
        self.picking.tick()
        if self.state.local.hung and not hung and self.state.moving:
            self._force()
        self._news.set()
        local, snapshot = self.state.local, self.state.snapshot
        alarm = local.hung or (local.closed is not None and local.moving_then and not local.rescued)
        if (alarm or (snapshot is not None and snapshot.alarm)) and now - self._rung >= BELL_EVERY:
            self._rung = now
            self.bell()
        self._repaint()

    def _watch_terminal(self, now: Ms) -> None:
        """Do keys still arrive? What is found goes out with the next heartbeat."""
        terminal, state = self.key_path.terminal, self.state
        if isinstance(self._driver, StopDriver):
            if terminal.step(now, state.in_session):
                self._driver.ask()
            if in_tmux() and state.in_session and now - self._tmux_asked >= ASK_EVERY:
                self._tmux_asked = now
                self._run(self._ask_tmux())
        state.keyboard(not terminal.lost, Away.TERMINAL)
        state.unwatched(terminal.unwatched, self._tmux.unwatched if self._tmux else "", screen_unwatched())

    async def _ask_tmux(self) -> None:
        self._tmux = await asyncio.to_thread(ask_tmux)
        self.state.keyboard(self._tmux is None or self._tmux.here, Away.TMUX)

    def _tell(self, intent: Intent) -> None:
        if self._open:
            self._access.tell(intent)

    # --- keys --------------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """The second net: whatever widget has the focus, a key that has to stop the belt goes no further than here."""
        if isinstance(event, (events.Key, events.Paste, events.MouseDown)) and not event.is_forwarded:
            if isinstance(event, events.Key):
                self.key_path.terminal.key()
                self.state.key()
            if self._intercepted(event):
                return
        await super().on_event(event)

    def on_app_blur(self) -> None:
        self.state.keyboard(False)

    def on_app_focus(self) -> None:
        self.state.keyboard(True)

    def on_resize(self, event: events.Resize) -> None:
        self.key_path.height = event.size.height

    def _intercepted(self, event: events.Key | events.Paste | events.MouseDown) -> bool:
        """Act on it; True: no widget may have it."""
        arrival = self.key_path.arrive(event)
        if arrival is None:
            return isinstance(event, events.Paste)
        keep = self.state.moving or isinstance(self.screen, WalkScreen) or arrival.meaning is Leave.LEAVE
        if arrival.meaning is None and not arrival.sent:
            self._tell(Press(arrival.key, arrival.held))
        self._act(arrival)  # may change the screen: the key belongs to the one it was pressed on
        return keep or not isinstance(event, events.Key)

    def _act(self, arrival: Arrival) -> None:
        if arrival.meaning is Leave.LEAVE:
            self.leave()
        elif isinstance(arrival.meaning, Answer):
            self._answer(arrival.meaning, arrival.held)
        elif isinstance(arrival.meaning, Typed):
            self._type(arrival.meaning, arrival.held)
        elif isinstance(arrival.meaning, FastForward):
            self._run(self._fast_forward(arrival.meaning))
        elif isinstance(arrival.meaning, Repeat) and not (self.state.moving or isinstance(self.screen, WalkScreen)):
            return  # the picker's own key: it looks again
        elif arrival.meaning is not None:
            self._tell(arrival.meaning)
        else:
            self._pressed(arrival)

    def _answer(self, answer: Answer, held: bool) -> None:
        if not held and self.state.accepts_answer(answer.question, self._clock()):
            self.state.answered(answer.choice)
            self._tell(answer)
            self._repaint()

    def _type(self, typed: Typed, held: bool) -> None:
        """A key of a number; with an enter that was let go the number goes out as it stands on the screen."""
        if (held and typed.key == "enter") or not self.state.accepts_answer(typed.question, self._clock()):
            return
        number = self.state.type(typed.key)
        if number:
            self._tell(Answer(typed.question, number))
        self._repaint()

    async def _fast_forward(self, wish: FastForward) -> None:
        self._access.tell(Attend(self.state.local.keyboard))  # a slower clock has a shorter attendance limit at once
        self.state.forwarded(await self._access.ask(wish), wish.rate)
        self.key_path.rate = self.state.local.rate

    def _pressed(self, arrival: Arrival) -> None:
        """A press was sent; some also mean something to this screen."""
        state, name = self.state, key_name(arrival.key)
        if state.local.hung and state.moving:
            self._force()
        if name == "a" and state.snapshot is not None and state.snapshot.alarm:
            self._tell(Acknowledge())
        gone = state.local.closed is not None or not self._open
        if name in {"q", "ctrl+q"} and (gone or state.local.refused):
            self.leave()
        elif name == "enter" and not arrival.held and isinstance(self.screen, WalkScreen):
            self._finished()

    def _finished(self) -> None:
        """Enter on a summary or a refusal: home where we came from there, else the end."""
        snapshot = self.state.snapshot
        done = snapshot is not None and snapshot.phase is Phase.DONE and snapshot.question is None
        if not (done or self.state.local.refused) or not self.state.may_leave:
            return
        if self._wish is None:
            self.go_home()
        else:
            self.leave()

    # --- screens -----------------------------------------------------------------------------------------------------

    def choose(self, offer: Offer) -> None:
        """Walk this profile. A refused one is asked for too: the guardian has the last word and says why."""
        if offer.program is None or not self._open:
            self.bell()
            return
        self._preview(offer.program)
        self._start(offer.program)
        self._show_walk()

    def go_home(self) -> None:
        """The list of profiles, read again: limits may have changed, and a machine may have been learnt."""
        self.state.begin("Waiting for a profile.")
        self.switch_screen(HomeScreen(self._offered))
        self._run(self._read_offers(self._offers))
        self._run(self.picking.look_up_again())

    def pick(self) -> None:
        """The treadmills in reach; a scan begins at once."""
        self.switch_screen(PickerScreen())
        if self.picking.linked is None:
            self.scan()

    def scan(self) -> None:
        if self._open:
            self._run(self.picking.scan())
        else:
            self.bell()

    def connect(self) -> None:
        if self._open:
            self._run(self.picking.connect())
        else:
            self.bell()

    def commission(self) -> None:
        """Learn the machine that is connected."""
        self.state.plan = None
        self._start(Commission())
        self._show_walk()

    def _preview(self, program: Program) -> None:
        segments = expand(program)
        self.state.plan = Plan(program.name, segments, expected_ms(segments))

    async def _read_offers(self, read: Callable[[], tuple[Offer, ...]] | None) -> None:
        self._offered = await asyncio.to_thread(read) if read is not None else ()
        if isinstance(self.screen, HomeScreen):
            self.screen.offer(self._offered)

    def _show_walk(self) -> None:
        if isinstance(self.screen, (HomeScreen, PickerScreen)):
            self.switch_screen(WalkScreen())

    def _repaint(self) -> None:
        # A heartbeat may still come while the screens are taken down at the end.
        if self.screen_stack and isinstance(self.screen, PageScreen):
            self.screen.repaint()
