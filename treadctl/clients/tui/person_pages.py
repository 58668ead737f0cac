"""Which of the person's screens comes when: before the list, after a walk, and behind their keys. Paints nothing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from treadctl.clients.evening import Step
from treadctl.clients.known import asks
from treadctl.model.api import Summary
from treadctl.model.errors import TreadctlError

from .papers import First, Papers
from .person_screens import AfterScreen, HearScreen, MorningScreen, OfferScreen, YouScreen
from .plan_screen import PlanScreen
from .screens import StillScreen, urgent
from .state import State


class Host(Protocol):
    """What is needed of the app."""

    state: State

    def show(self, screen: StillScreen) -> None:
        """In place of the screen that is there."""

    def at_home(self) -> bool: ...


class PersonPages:
    """Opens these screens for the app. `papers` None: there are no files, as in a test of something else. `visual`: the
    walker does not hear, so that the tick for hearing is not waited for."""

    def __init__(self, host: Host, papers: Papers | None, *, visual: bool = False) -> None:
        self._host, self._papers, self._visual = host, papers, visual
        self._asked = False
        self.evening: frozenset[Step] | None = None

    async def look(self) -> None:
        """Which ticks of the first evening are made. Files that cannot be read are told of on their own pages."""
        if self._papers is not None:
            with contextlib.suppress(TreadctlError, OSError):
                found = await asyncio.to_thread(self._papers.evening)
                self.evening = found if found is None or not self._visual else found | {Step.HEAR}

    async def look_at_disk(self) -> None:
        """Is there room for what will be recorded? Said beside the checklist."""
        if self._papers is not None:
            self._host.state.room(await asyncio.to_thread(self._papers.room))

    def open_hear(self) -> None:
        if self._papers is not None:
            self._host.show(HearScreen(self._papers))

    async def first(self) -> None:
        """Before the list: the morning after the last walk, and once the first questions. Each once in a run."""
        if self._papers is None or self._asked:
            return
        try:
            first = await asyncio.to_thread(self._papers.first)
        except (TreadctlError, OSError):  # the pages that need these files say what is wrong with them
            return
        if self._host.at_home() and not urgent(self._host.state):
            self._asked = True
            self._open_first(self._papers, first)

    def _open_first(self, papers: Papers, first: First) -> None:
        if first.due is not None:
            self._host.show(MorningScreen(papers, first.due))
        elif first.you:
            self._host.show(OfferScreen(papers))

    def open_you(self, *, at_once: bool = False) -> None:
        if self._papers is not None:
            self._host.show(YouScreen(self._papers, at_once=at_once))

    def open_plan(self) -> None:
        if self._papers is not None:
            self._host.show(PlanScreen(self._papers))

    def open_past(self) -> None:
        if self._papers is not None:
            from .past_screen import PastScreen  # noqa: PLC0415 - charts and SQLite, which no first frame waits for

            self._host.show(PastScreen(self._papers))

    def after(self, summary: Summary | None, *, simulated: bool) -> bool:
        """The questions after a walk; False where there is nothing to ask."""
        if self._papers is None or summary is None or not asks(summary):
            return False
        self._host.show(AfterScreen(self._papers, summary, simulated=simulated))
        return True
