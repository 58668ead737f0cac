"""`treadctl capture`: what a machine says of itself and sends, in a file for a bug report. Nothing is written to it.

The guardian records and takes out what points to a person; this connects, tells what to do meanwhile, and puts the file
where it can be found.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from pathlib import Path

from treadctl.client import Client, Message, connect, greeting
from treadctl.files.captures import load_capture
from treadctl.model.api import Belt, Capture, LinkState, Role, Snapshot, Stop
from treadctl.model.errors import ExitCode, InvalidFile, NoMachine, Refused, UsageError
from treadctl.model.text import safe_text
from treadctl.paths import Paths

from .linking import guardian, link_up

LAST_WORD_S = 15.0
"""How long after the recording its file may take: a slow disk."""
TELL_EVERY_S = 5
MEANWHILE = "Start and stop the belt at the console, and change its speed; treadctl writes nothing."


def run_capture(
    paths: Paths, *, machine: str, backend: str | None, quirk: str, seconds: int, into: Path | None, seed: int = 0
) -> int:
    """Record for so many seconds. Returns 0. Raises NoMachine, Refused, UsageError."""
    if into is not None:
        _check_place(into)
    with guardian(paths, backend=backend, quirk=quirk, seed=seed):
        name, captured = asyncio.run(_capture(paths, machine, seconds))
        place = _keep(captured, into, name)  # before a simulated guardian takes its folder along
    print(f"{_taken_out(place)}. It is in {safe_text(str(place), 400)}.")
    return int(ExitCode.OK)


def _check_place(into: Path) -> None:
    """Before anybody walks to the console."""
    if into.exists():
        raise UsageError(f"{safe_text(str(into), 400)} is there already; give another name.")
    if not into.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {safe_text(str(into.absolute().parent), 400)}; make it first.")


async def _capture(paths: Paths, machine: str, seconds: int) -> tuple[str, Path]:
    """The machine's name, and the file that the guardian wrote."""
    client = await connect(paths, greeting(Role.LOCAL, "capture"))
    try:
        print("Connecting to the treadmill.", flush=True)
        await link_up(client, paths, machine, _silent, still=False)
        verdict = await client.ask(Capture(seconds))
        if not verdict.accepted:
            raise Refused(f"Refused: {verdict.reason}.")
        name = "" if client.snapshot is None else client.snapshot.machine
        print(f"Recording {safe_text(name)} for {seconds} s. {MEANWHILE}", flush=True)
        return name, await _follow(client, seconds)
    except asyncio.CancelledError:
        _stop_if_moving(client)
        raise
    finally:
        await client.close()


def _silent(_message: Message) -> None:
    return


def _stop_if_moving(client: Client) -> None:
    """ctrl+c is a stop key, also for a belt that was started at the console."""
    if client.snapshot is not None and client.snapshot.belt is not Belt.STILL:
        client.tell(Stop("interrupted"))


async def _follow(client: Client, seconds: int) -> Path:
    """Tell the time until the file is there; of a link that was lost there is one, too, as far as it goes.

    Raises NoMachine when none comes.
    """
    loop = asyncio.get_running_loop()
    begin, told, lost = loop.time(), 0, False
    before = "" if client.snapshot is None else client.snapshot.notice
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds + LAST_WORD_S) as limit:
            async for message in client.messages(watch=True):
                if not isinstance(message, Snapshot):
                    continue
                if message.captured:
                    return Path(message.captured)
                if message.link is not LinkState.UP:
                    if not lost:
                        limit.reschedule(loop.time() + LAST_WORD_S)
                    lost = True
                    continue
                if message.notice not in (before, ""):
                    raise NoMachine(message.notice)
                passed = min(int(loop.time() - begin), seconds)
                if passed >= told + TELL_EVERY_S:
                    told = passed - passed % TELL_EVERY_S
                    print(f"  {told} of {seconds} s", flush=True)
    notice = client.snapshot.notice if lost and client.snapshot is not None else ""
    raise NoMachine(notice or "The recording did not arrive; look at: treadctl doctor.")


def _keep(captured: Path, into: Path | None, name: str) -> Path:
    """Copy it, never over anything. Raises Refused."""
    for place in _places(into, name):
        try:
            with captured.open("rb") as source, place.open("xb") as target:
                shutil.copyfileobj(source, target)
        except FileExistsError:
            continue
        except OSError as error:
            why, shown = (error.strerror or "unknown error").lower(), safe_text(str(place), 400)
            raise Refused(f"{shown} cannot be written ({why}); the recording lies in {captured}.") from None
        return place
    raise UsageError(f"The name is taken; the recording lies in {captured}.")


def _places(into: Path | None, name: str) -> list[Path]:
    if into is not None:
        return [into]
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "treadmill"
    return [Path(f"treadctl-capture-{slug}{number}.json") for number in ("", *(f"-{n}" for n in range(2, 100)))]


def _taken_out(place: Path) -> str:
    """What the recording itself says was taken out of it, and whether it is whole."""
    try:
        capture = load_capture(place)
    except InvalidFile as error:
        return f"The recording cannot be read back ({safe_text(error.message, 200)})"
    what = safe_text(", ".join(capture.redacted), 400)
    taken = f"Taken out: {what}" if what else "Nothing in it pointed to this one machine or to you"
    return taken if capture.complete else f"It is not whole: {safe_text(capture.why, 200)} {taken}"
