"""What home and its pages know: the profiles that can be walked, files from elsewhere, and which one is chosen.

It reads through a `Shelf`, always in a thread: files are many and may be hostile. Nothing here walks or paints.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from treadctl.model.program import Program, Segment
from treadctl.model.units import Ms

if TYPE_CHECKING:  # pydantic comes with it, and would hold up the first frame
    from treadctl.files.sharing import Shared

MISSING = "The folder for downloads ({}) is not there, so there is nothing to open."
EMPTY = "There is no profile in {}; save one there first, such as one that somebody sent."
OTHERS = "{} other YAML file{} there {} no treadctl profile."


@dataclass(frozen=True, slots=True)
class Offer:
    """One profile, as far as it can be read; `program` None: it cannot be, and `refusal` says where and why.

    `refusal`: why it may not be walked today, empty when it may; `refusals` are all the reasons, `short` one or two
    words of the first. `walked` is how long ago it was walked last, empty before the first time. `gates` says which are
    open, `shut` what the others need, `reached` which limits it comes up to. `shared` is what the file says of its
    sharing. `file` and `data` are set where it comes from elsewhere: what is shown is what is kept.
    """

    name: str
    program: Program | None
    segments: tuple[Segment, ...]
    level: int = 0
    length: Ms = 0
    backward: Ms = 0
    refusal: str = ""
    refusals: tuple[str, ...] = ()
    short: str = ""
    walked: str = ""
    gates: str = "none"
    shut: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    shared: Shared | None = None
    file: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Downloads:
    """What lies in the folder for downloads: `there` False: no such folder. `others` are YAML files of other things."""

    folder: str
    there: bool = True
    found: tuple[Offer, ...] = ()
    others: int = 0

    @property
    def words(self) -> str:
        """What there is to say beside the list, or in place of it."""
        if not self.there:
            return MISSING.format(self.folder)
        one = self.others == 1
        others = OTHERS.format(self.others, "" if one else "s", "is" if one else "are") if self.others else ""
        return others if self.found else f"{EMPTY.format(self.folder)} {others}".strip()


class Shelf(Protocol):
    """Where profiles are. Every method blocks: not on the loop."""

    def offers(self) -> tuple[Offer, ...]: ...

    def offer(self, program: Program) -> Offer: ...

    def downloads(self) -> Downloads: ...

    def keep(self, offer: Offer) -> Path:
        """Copy it to the user's own profiles, over nothing. Raises TreadctlError."""


class Choosing:
    """The lists and what is chosen in them. `offers` None: still being read; so with `downloads`."""

    def __init__(self, shelf: Shelf | None) -> None:
        self.offers: tuple[Offer, ...] | None = None
        self.chosen = 0
        self.downloads: Downloads | None = None
        self.opened = 0
        self._shelf = shelf
        self._preferred = self._wanted = ""
        self._moved = False

    async def read(self) -> None:
        """Read the profiles again; what was chosen stays so, wherever it stands now."""
        name = self.offers[self.chosen].name if self.offers else ""
        found = await asyncio.to_thread(self._shelf.offers) if self._shelf is not None else ()
        self.offers = found
        self.chosen = next((n for n, one in enumerate(found) if one.name == name), min(self.chosen, len(found)))
        self._moved = False
        self._follow()

    def prefer(self, name: str) -> None:
        """Somebody in the house would offer this one first: it is chosen once, unless whoever stands here has moved
        since the list was opened; then with the next opening. It starts nothing."""
        if name != self._preferred:
            self._preferred = self._wanted = name
            self._follow()

    def _follow(self) -> None:
        if self._moved or not self._wanted:
            return
        self.chosen = next((n for n, one in enumerate(self.offers or ()) if one.name == self._wanted), self.chosen)
        if self.offers is not None:
            self._wanted = ""

    async def judged(self, program: Program) -> Offer:
        """What is to be said of a program from elsewhere."""
        assert self._shelf is not None
        return await asyncio.to_thread(self._shelf.offer, program)

    async def look(self) -> None:
        """Look into the folder for downloads."""
        self.downloads, self.opened = None, 0
        if self._shelf is not None:
            self.downloads = await asyncio.to_thread(self._shelf.downloads)

    async def keep(self, offer: Offer) -> Path:
        """Raises TreadctlError."""
        assert self._shelf is not None
        return await asyncio.to_thread(self._shelf.keep, offer)

    def move(self, by: int) -> None:
        """Choose another profile."""
        self.choose(self.chosen + by)

    def choose(self, index: int) -> None:
        self._moved = True
        self.chosen = max(0, min(len(self.offers or ()) - 1, index))

    def move_opened(self, by: int) -> None:
        """Choose another file."""
        found = self.downloads.found if self.downloads is not None else ()
        self.opened = max(0, min(len(found) - 1, self.opened + by))
