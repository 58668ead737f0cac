"""The face within the process: bleak's backend classes of `treadsim.backend`, and the treadmill itself at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from treadsim.backend import Treadmill, open_backend
from treadsim.belt import Button
from treadsim.channel import Channel
from treadsim.faults import Fault, fault
from treadsim.peripheral import Peripheral

from treadctl.files.quirks import load_quirk
from treadctl.guardian.radio import Backend

from .face import Cannot, Face

SUPERVISION_S = 0.72
"""As `treadsim serve` has it."""
LASTING = {
    "mute": "indication.missing", "hide": "link.drop", "jam": "link.zombie", "power-off": "link.adapter",
}
"""The commands that are a fault of this name from now on, and what ends them."""
ENDED_BY = {"unmute": "mute", "show": "hide", "power-on": "power-off"}


def backend_face() -> Face:
    """A treadmill that nobody else has."""
    backend = open_backend()
    heard = _Heard()
    backend.treadmill.peripheral = heard
    return Face("backend", backend.address, _Within(backend.treadmill, heard), cast(Backend, backend))


class _Heard(Peripheral):
    """The reference machine, which keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__(load_quirk("reference"))
        self.writes: list[str] = []

    def write(self, now: int, uuid: str, data: bytes, effective: bool = True) -> None:
        self.writes.append(data.hex())
        super().write(now, uuid, data, effective)


class _Within:
    """The treadmill as an object: commands become faults of its channel."""

    def __init__(self, treadmill: Treadmill, heard: _Heard) -> None:
        self._treadmill, self._heard = treadmill, heard
        self._faults: dict[str, Fault] = {}
        self._words: dict[str, Callable[[], object]] = {
            "drop": treadmill.drop_link,
            "fade": self._fade,
            **{f"console-{button.value}": self._pressing(button) for button in Button},
        }

    def writes(self) -> list[str]:
        return list(self._heard.writes)

    def linked(self) -> bool:
        return self._treadmill.client is not None

    async def do(self, command: str) -> None:
        word, _, number = command.partition(" ")
        if word in self._words:
            self._words[word]()
        elif word in LASTING:
            self._let(word, fault(LASTING[word]))
        elif word in ENDED_BY:
            self._let(ENDED_BY[word], None)
        elif word == "refuse":
            self._let(word, fault("write.error", code=int(number)) if int(number) else None)
        elif word == "latency":
            self._let(word, fault("write.late", delay=int(number)))
        else:
            raise Cannot(f"it has no {word}")

    def _let(self, name: str, one: Fault | None) -> None:
        """This fault is at work from now on, or not any more."""
        self._faults.pop(name, None)
        if one is not None:
            self._faults[name] = one
        channel = self._treadmill.channel = Channel(self._faults.values())
        channel.begin(self._treadmill.now())
        self._treadmill.arm()

    def _fade(self) -> None:
        self._let("jam", fault("link.zombie"))
        asyncio.get_running_loop().call_later(SUPERVISION_S, self._faded)

    def _faded(self) -> None:
        self._let("jam", None)
        self._treadmill.drop_link()

    def _pressing(self, button: Button) -> Callable[[], None]:
        def press() -> None:
            self._treadmill.peripheral.belt.press(self._treadmill.now(), button)
            self._treadmill.arm()

        return press
