"""`treadctl person` tells the guardians that are open: what was changed counts without a new one."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.cli.at_the_terminal import dialogue
from tests.cli.processes import treadctl
from treadctl.client import Client, connect, greeting, start_guardian
from treadctl.clients.person import STILL_OPEN, tell_guardians
from treadctl.files.locks import add_lock
from treadctl.model.api import Load, Role
from treadctl.model.locks import Lock
from treadctl.model.program import OffTreadmill, Program
from treadctl.paths import Paths, real_paths, runtime_folder, simulated_paths

WALK = Program("nothing to drive", (OffTreadmill(60),))
LOCKED = Lock("unwell", "you felt unwell or nearly fell", since="2026-01-01")


@contextmanager
def guardian(paths: Paths, backend: str | None) -> Iterator[None]:
    process = start_guardian(paths, backend=backend, linger=60)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@asynccontextmanager
async def client_of(paths: Paths) -> AsyncIterator[Client]:
    client = await connect(paths, greeting(Role.LOCAL, "test"))
    try:
        yield client
    finally:
        await client.close()


async def walks_in_the_end(client: Client) -> bool:
    """Whether the guardian, which has been told, lets somebody walk: it reads on a thread of its own."""
    for _ in range(200):
        if (await client.ask(Load(WALK))).accepted:
            return True
    return False


async def test_a_lock_that_was_lifted_in_another_terminal_is_lifted_in_the_open_guardian(own_folders: Path) -> None:
    add_lock(real_paths().locks, LOCKED)
    with guardian(real_paths(), None):
        async with client_of(real_paths()) as client:
            assert (await client.ask(Load(WALK))).reason == f"Refused: {LOCKED.reason}."
            with dialogue("person", "clear", "unwell") as person:
                person.answer("Which of these?", "3")
                for question in ("Do you know why", "free of dizziness", "well and steady"):
                    person.answer(question, "y")
                code, shown = person.end()
            assert code == 0 and "Cleared: unwell." in shown and STILL_OPEN not in shown
            assert await walks_in_the_end(client)


async def test_the_guardian_of_a_simulated_treadmill_is_told_too(own_folders: Path) -> None:
    paths = simulated_paths(own_folders / "sim")
    add_lock(paths.locks, LOCKED)
    with guardian(paths, "sim"):
        async with client_of(paths) as client:
            assert not (await client.ask(Load(WALK))).accepted
            paths.locks.unlink()
            assert tell_guardians() == [] and await walks_in_the_end(client)


def test_one_that_does_not_answer_is_told_of_and_one_that_is_gone_is_not(own_folders: Path) -> None:
    gone = runtime_folder() / "sim-gone.sock"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(gone))
    assert tell_guardians() == []
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(runtime_folder() / "guardian.sock"))
        hung.listen(1)
        assert tell_guardians() == [STILL_OPEN]


def test_a_change_says_nothing_of_guardians_where_none_is_open(own_folders: Path) -> None:
    done = treadctl("person", "set", "comfortable", "4km/h")
    assert done.returncode == 0 and STILL_OPEN not in done.stdout
