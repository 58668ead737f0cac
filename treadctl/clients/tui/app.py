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

from treadctl.clients.settings import Preferences
from treadctl.files.config import Settings
from treadctl.model.api import (
    ATTEND_EVERY,
    Acknowledge,
    Answer,
    Attend,
    Commission,
    End,
    FastForward,
    Intent,
    Ms,
    Phase,
    Plan,
    Press,
    Rehearse,
    Repeat,
    Snapshot,
)
from treadctl.model.errors import ExitCode
from treadctl.model.program import Program, expand, expected_ms

from .access import Access
from .choosing import Choosing, Offer, Shelf
from .conversation import Conversation, Wish
from .keys import Arrival, KeyPath, Leave, StopDriver, Typed, key_name
from .look import Look, Pace, worn
from .papers import Papers
from .person_pages import PersonPages
from .picking import Picking
from .profile_screens import PreviewScreen, SharedScreen
from .screens import HomeScreen, PageScreen, PickerScreen, StillScreen, WalkScreen
from .settings_screen import SettingsScreen
from .state import State
from .strap_screen import StrapScreen
from .terminal import ASK_EVERY, Tmux, ask_tmux, in_tmux, screen_unwatched
from .tiny import fits
from .view import Away
from .widgets import Page

BELL_EVERY: Ms = 2000
"""Chosen: as often as the voice calls for the key."""


class TreadctlApp(App[int], inherit_bindings=False):
    """`wish` is what is begun at once; None: begin at home, with the profiles that `shelf` reads (in a thread).

    `preview`: a wished programme is shown before its first time, as one that is chosen at home is.
    """

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
        wish: Wish | None = None,
        shelf: Shelf | None = None,
        papers: Papers | None = None,
        preview: bool = False,
        simulated: bool = False,
        rate: int = 1,
        look: Look | None = None,
        preferences: Preferences | None = None,
        glance: str = "",
        visual: bool = False,
        page: bool = False,
    ) -> None:
        super().__init__(driver_class=StopDriver)
        self.state = State(simulated=simulated, rate=rate)
        self.look, self._pace, self.glance = look or Look(), Pace(), glance
        self._preferences = preferences
        self.key_path = KeyPath(clock)
        self.key_path.rate = rate
        self.talk = Conversation(self, access, clock, visual=visual, page=page)
        self.crash = ""
        self._access = access
        self._clock = clock
        self._wish = wish
        self._preview_first = preview
        self.picking = Picking(access, clock, self.talk.link)
        self.choosing = Choosing(shelf)
        self.pages = PersonPages(self, papers, visual=visual)
        self._tmux: Tmux | None = None
        self._tmux_asked: Ms = -ASK_EVERY
        self._rung: Ms = -BELL_EVERY
        self._tasks: set[asyncio.Task[None]] = set()

    # --- beginning and end -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """A screen first; the guardian is started behind it."""
        if self._wish is None:
            self.push_screen(HomeScreen())
        else:
            if isinstance(self._wish, Program):
                self._show_plan(self._wish)
            self.push_screen(WalkScreen())
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if self._preview_first and isinstance(self._wish, Program):
            self.run_task(self._introduce(self._wish))
        else:
            self.run_task(self.talk.run(self._wish))
        if self._wish is None:
            self.run_task(self._read_offers())
        self.set_interval(ATTEND_EVERY / 1000, self._beat)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGINT, self._signalled, False)
            loop.add_signal_handler(signal.SIGTERM, self._signalled, True)
            loop.add_signal_handler(signal.SIGQUIT, self._signalled, True)

    async def _introduce(self, program: Program) -> None:
        """A programme that was wished for: at once if it was walked before, else its preview comes first."""
        offer = await self.choosing.judged(program)
        if not offer.walked:
            self.preview(offer)
        await self.talk.run(program if offer.walked else None)

    def run_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def on_unmount(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await self._access.close()

    def _signalled(self, leave: bool) -> None:
        """Somebody ended us from outside: stop first. Our closed socket stops the belt even if this fails."""
        self.talk.tell(Press("signal", held=True))
        if leave:
            self.exit(int(ExitCode.INTERRUPTED))

    def leave(self) -> None:
        """End the program; only at standstill."""
        if not self.state.may_leave:
            self.bell()
            return
        if self.state.snapshot is not None and self.state.snapshot.phase is not Phase.DONE:
            self.talk.tell(End())
        self.exit(self.talk.exit_code)

    async def action_quit(self) -> None:
        self.leave()

    def _fatal_error(self) -> None:
        """A bug in the screens: Textual would print a traceback. Our closed socket stops the belt."""
        self.crash = self.crash or traceback.format_exc()
        self.bell()
        self._close_messages_no_wait()

    # --- four times a second -----------------------------------------------------------------------------------------

    def _beat(self) -> None:
        """Four times a second, from this very loop: if it hangs, the guardian misses it."""
        now = self._clock()
        self._watch_terminal(now)
        self.talk.tell(Attend(self.state.local.keyboard))
        hung = self.state.local.hung
        self.state.tick(now)
        self.picking.tick()
        if self.state.local.hung and not hung and self.state.moving:
            self.talk.force()
        self.talk.tick()
        local, snapshot = self.state.local, self.state.snapshot
        alarm = local.hung or (local.closed is not None and local.moving_then and not local.rescued)
        if (alarm or (snapshot is not None and snapshot.alarm)) and now - self._rung >= BELL_EVERY:
            self._rung = now
            self.bell()
        self.repaint()

    def _watch_terminal(self, now: Ms) -> None:
        """Do keys still arrive? What is found goes out with the next heartbeat."""
        terminal, state = self.key_path.terminal, self.state
        if isinstance(self._driver, StopDriver):
            if terminal.step(now, state.in_session):
                self._driver.ask()
            if in_tmux() and state.in_session and now - self._tmux_asked >= ASK_EVERY:
                self._tmux_asked = now
                self.run_task(self._ask_tmux())
        state.keyboard(not terminal.lost, Away.TERMINAL)
        state.unwatched(terminal.unwatched, self._tmux.unwatched if self._tmux else "", screen_unwatched())

    async def _ask_tmux(self) -> None:
        self._tmux = await asyncio.to_thread(ask_tmux)
        self.state.keyboard(self._tmux is None or self._tmux.here, Away.TMUX)

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
        self.state.readable(fits(event.size.width, event.size.height), self._clock())

    def _intercepted(self, event: events.Key | events.Paste | events.MouseDown) -> bool:
        """Act on it; True: no widget may have it."""
        arrival = self.key_path.arrive(event)
        if arrival is None:
            return isinstance(event, events.Paste)
        written = self._written(event)
        leaves = arrival.meaning is Leave.LEAVE and not written
        keep = self.state.moving or isinstance(self.screen, WalkScreen) or leaves
        if arrival.meaning is None and not arrival.sent:
            self.talk.tell(Press(arrival.key, arrival.held))
        if written:
            return False
        self._act(arrival)  # may change the screen: the key belongs to the one it was pressed on
        return keep or not isinstance(event, events.Key)

    def _written(self, event: events.Key | events.Paste | events.MouseDown) -> bool:
        """A letter of a name, which means nothing else; while the belt may move nothing is written."""
        letters = isinstance(self.screen, PageScreen) and self.screen.letters and not self.state.moving
        return letters and isinstance(event, events.Key) and event.is_printable

    def _act(self, arrival: Arrival) -> None:
        if arrival.meaning is Leave.LEAVE:
            self.leave()
        elif isinstance(arrival.meaning, Answer):
            self._answer(arrival.meaning, arrival.held)
        elif isinstance(arrival.meaning, Typed):
            self._type(arrival.meaning, arrival.held)
        elif isinstance(arrival.meaning, FastForward):
            self.run_task(self.talk.fast_forward(arrival.meaning))
        elif isinstance(arrival.meaning, Repeat) and not (self.state.moving or isinstance(self.screen, WalkScreen)):
            return  # the picker's own key: it looks again
        elif arrival.meaning is not None:
            self.talk.tell(arrival.meaning)
        else:
            self._pressed(arrival)

    def _answer(self, answer: Answer, held: bool) -> None:
        if not held and self.state.accepts_answer(answer.question, self._clock()):
            self.state.answered(answer.choice)
            self.talk.tell(answer)
            self.repaint()

    def _type(self, typed: Typed, held: bool) -> None:
        """A key of a number; with an enter that was let go the number goes out as it stands on the screen."""
        if (held and typed.key == "enter") or not self.state.accepts_answer(typed.question, self._clock()):
            return
        number = self.state.type(typed.key)
        if number:
            self.talk.tell(Answer(typed.question, number))
        self.repaint()

    def _pressed(self, arrival: Arrival) -> None:
        """A press was sent; some also mean something to this screen."""
        state, name = self.state, key_name(arrival.key)
        if state.local.hung and state.moving:
            self.talk.force()
        if name == "a" and state.snapshot is not None and state.snapshot.alarm:
            self.talk.tell(Acknowledge())
        gone = state.local.closed is not None or not self.talk.open
        if name in {"q", "ctrl+q"} and (gone or state.local.refused):
            self.leave()
        elif name == "enter" and not arrival.held and isinstance(self.screen, WalkScreen):
            self._finished()

    def _finished(self) -> None:
        """Enter on a summary or a refusal: home where we came from there, else the end."""
        snapshot = self.state.snapshot
        done = snapshot is not None and snapshot.phase is Phase.DONE and snapshot.question is None
        local = self.state.local
        practice = local.commissioning or local.rehearsing
        if not (done or local.refused) or not self.state.may_leave:
            return
        summary = None if snapshot is None or local.refused or practice else snapshot.summary
        if not self.pages.after(summary, simulated=snapshot is not None and snapshot.simulated):
            self.finish()

    def finish(self) -> None:
        """Home where we came from there, else the end."""
        if self._wish is None:
            self.go_home()
        else:
            self.leave()

    # --- screens -----------------------------------------------------------------------------------------------------

    def choose(self, offer: Offer) -> None:
        """Walk this profile; before the first time its preview comes first."""
        if offer.walked:
            self.walk(offer)
        else:
            self.preview(offer)

    def preview(self, offer: Offer, *, opened: bool = False) -> None:
        """Everything about this profile; `opened`: a file from the list of those that were shared."""
        if offer.program is None:
            self.bell()
        else:
            self.switch_screen(PreviewScreen(offer, opened=opened))

    def walk(self, offer: Offer) -> None:
        """Walk it now. A refused one is asked for too: the guardian has the last word and says why."""
        if offer.program is None or not self.talk.open:
            self.bell()
            return
        self._show_plan(offer.program)
        self.talk.start(offer.program)
        self.show_walk()

    def go_home(self) -> None:
        """The list of profiles, read again: limits may have changed, and a machine may have been learnt."""
        self.state.begin("Waiting for a profile.")
        self.switch_screen(HomeScreen())
        self.run_task(self._read_offers())
        self.run_task(self.picking.look_up_again())

    def pick(self) -> None:
        """The treadmills in reach; a scan begins at once."""
        self.switch_screen(PickerScreen())
        if self.picking.linked is None:
            self.scan()

    def open_straps(self) -> None:
        """The heart-rate straps in reach; looked for like treadmills, and by the same scan."""
        self.switch_screen(StrapScreen())
        if not self.picking.looking:
            self.scan()

    def scan(self) -> None:
        if self.talk.open:
            self.run_task(self.picking.scan())
        else:
            self.bell()

    def connect(self) -> None:
        if self.talk.open:
            self.run_task(self.picking.connect())
        else:
            self.bell()

    def commission(self) -> None:
        """Learn the machine that is connected."""
        self.state.plan = None
        self.talk.start(Commission())
        self.show_walk()

    def rehearse(self) -> None:
        """Practise beside a still belt."""
        self.state.plan = None
        self.talk.start(Rehearse())
        self.show_walk()

    def _show_plan(self, program: Program) -> None:
        self.run_task(self.pages.look_at_disk())
        segments = expand(program)
        self.state.plan = Plan(program.name, segments, expected_ms(segments))

    def open_shared(self, *, again: bool = True) -> None:
        """The files in the folder for downloads; `again`: look into it anew."""
        self.switch_screen(SharedScreen())
        if again:
            self.run_task(self._look_for_files())

    def open_settings(self) -> None:
        if self._preferences is not None:
            self.switch_screen(SettingsScreen(self._preferences, self._wear))

    def _wear(self, settings: Settings) -> None:
        """Show everything so from now on, the page that is there too."""
        self.look = worn(self.look, settings)
        for page in self.screen.query(Page):
            page.wear(self.look)

    def show(self, screen: StillScreen) -> None:
        """In place of the page that is there."""
        self.switch_screen(screen)

    def at_home(self) -> bool:
        return isinstance(self.screen, HomeScreen)

    def tell(self, intent: Intent) -> None:
        self.talk.tell(intent)

    async def _read_offers(self) -> None:
        await self.pages.look()
        await self.pages.first()
        await self.choosing.read()
        self.repaint()

    async def _look_for_files(self) -> None:
        await self.choosing.look()
        self.repaint()

    def show_walk(self) -> None:
        """Over whatever page is there, a walk has to be seen."""
        if isinstance(self.screen, PageScreen) and not isinstance(self.screen, WalkScreen):
            self.switch_screen(WalkScreen())

    def heard(self, snapshot: Snapshot) -> None:
        """What else than the walk has to know what the guardian says."""
        self.picking.take(snapshot)
        self.choosing.prefer(snapshot.preselected)

    def repaint(self) -> None:
        # A heartbeat may still come while the screens are taken down at the end.
        if not self.screen_stack or not isinstance(self.screen, PageScreen):
            return
        if not self.look.calm or self._pace.due(self._clock(), (self.screen, self.state.moment)):
            self.screen.repaint()
