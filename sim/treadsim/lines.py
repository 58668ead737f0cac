"""A simulated treadmill as a process of its own: the lines it says, those it hears, and how it ends, for every face.

It says one JSON object a line for everything that truly happens: `belt` (speed and goal, 0.01 km/h), `write` (octets
that reached the machine), `link`. It hears one command a line. Whoever started it ends it: by a signal, or by closing
the pipe to its stdin.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import Callable, Mapping

from treadctl.model.errors import ExitCode
from treadctl.model.units import Ms

from .belt import Button
from .bluez_air import Air

Words = Mapping[str, Callable[[], object]]
Numbers = Mapping[str, Callable[[int], object]]


class Lines:
    """Stdin and stdout of this process, until it ends. Signals end it from now on."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._end: asyncio.Future[int] = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.finish, ExitCode.OK)

    def finish(self, code: ExitCode) -> None:
        """End with this exit code, unless the end has come already."""
        if not self._end.done():
            self._end.set_result(int(code))

    def say(self, line: str) -> None:
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
            self.finish(ExitCode.OK)

    def tell(self, event: dict[str, object]) -> None:
        self.say(json.dumps(event))

    async def hear(self, commands: Commands) -> int:
        """Carry commands out until the end; the exit code."""
        listening = await self._listen(commands)
        code = await self._end
        if listening is not None:
            listening.close()
        return code

    async def _listen(self, commands: Commands) -> asyncio.BaseTransport | None:
        """Hear commands where stdin is a pipe or a socket, and its end."""
        mode = os.fstat(sys.stdin.fileno()).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            return None
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: _Stdin(commands, self.finish), sys.stdin)
        return transport


class _Stdin(asyncio.Protocol):
    def __init__(self, commands: Commands, finish: Callable[[ExitCode], None]) -> None:
        self._commands, self._finish = commands, finish
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._commands.do(line.decode("utf-8", "replace"))

    def eof_received(self) -> None:
        self._finish(ExitCode.OK)


class Commands:
    """What a test may do to link and machine, as words; each is told back as `did`, or as `unknown`.

    `words` and `numbers` (a word that takes a number) are what only this face has.
    """

    def __init__(self, air: Air, words: Words, numbers: Numbers | None = None) -> None:
        self._air = air
        belt = air.peripheral.belt
        self._words: dict[str, Callable[[], object]] = {
            "drop": air.hang_up,
            "fade": air.fade,
            "jam": air.jam,
            "mute": lambda: setattr(air, "mute", True),
            "unmute": lambda: setattr(air, "mute", False),
            "key": lambda: belt.pull_key(air.now()),
            **{f"console-{button.value}": self._pressing(button) for button in Button},
            **words,
        }
        self._numbers: dict[str, Callable[[int], object]] = {
            "refuse": lambda code: setattr(air, "refuse", code),
            "latency": lambda ms: setattr(air, "latency", Ms(ms)),
            **(numbers or {}),
        }

    def _pressing(self, button: Button) -> Callable[[], None]:
        return lambda: self._air.peripheral.belt.press(self._air.now(), button)

    def do(self, line: str) -> None:
        """Carry one line out: a word, or a word and a number."""
        word, _, number = line.strip().partition(" ")
        if word in self._words and not number:
            self._words[word]()
        elif word in self._numbers and number.isascii() and number.isdigit():
            self._numbers[word](int(number))
        else:
            self._air.tell("unknown", command=line, known=sorted([*self._words, *self._numbers]))
            return
        self._air.tell("did", command=line)
