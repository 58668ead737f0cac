"""`treadctl glance`, and the page beside a walk: words, addresses, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.browser.listening import listener
from tests.cli.processes import treadctl
from treadctl.clients.glance.run import Wish, beside
from treadctl.model.errors import NoMachine

COMMAND = [sys.executable, "-m", "treadctl"]


def begun(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)


def gone(address: str, seconds: float = 10) -> bool:
    """Whether nobody listens there any more, soon."""
    port = int(address.split(":")[2].split("/", maxsplit=1)[0])
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_it_serves_without_a_guardian_and_ends_with_a_signal() -> None:
    with begun("glance", "--json", "--port", "0") as page:
        assert page.stdout is not None
        told = json.loads(page.stdout.readline())
        assert told["schema"] == "treadctl/glance/1" and set(told["addresses"]) == {"hand", "wall", "spotter"}
        assert len(set(told["addresses"].values())) == 3
        with urllib.request.urlopen(told["addresses"]["wall"], timeout=10) as answer:
            assert b'data-view="wall"' in answer.read()
        page.send_signal(signal.SIGTERM)
        assert page.wait(10) == 0
    assert gone(told["addresses"]["hand"])


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("glance", "--bind", "treadmill"), 2, "--bind treadmill is no address"),
        (("glance", "--port", "70000"), 2, "--port 70000 is no port"),
        (("glance", "--layout", "round"), 2, "invalid choice"),
        (("glance", "--bind", "192.0.2.1", "--port", "0"), 4, "cannot be served"),
        (("run", "demo", "--sim", "--headless", "--visual"), 2, "add --glance"),
        (("run", "demo", "--sim", "--headless", "--speaker", "phone"), 2, "add --glance"),
        (("run", "demo", "--sim", "--headless", "--glance", "--speaker", "phone"), 2, "hears no page; leave out"),
        (("glance", "--visual", "--speaker", "phone"), 2, "leave out one of them"),
        (("run", "demo", "--sim", "--headless", "--bind", "0.0.0.0"), 2, "add --glance"),
    ],
)
def test_wrong_words_are_told_in_one_sentence(words: tuple[str, ...], code: int, says: str) -> None:
    ended = treadctl(*words)
    assert (ended.returncode, says in ended.stderr) == (code, True), ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = treadctl("glance", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 4 and "give another" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_the_page_beside_a_walk_ends_with_it(own_folders: Path, number: signal.Signals) -> None:
    words = ("run", "demo", "--sim", "--headless", "--glance", "--port", "0", "--rate", "5")
    with begun(*words, "--state", str(own_folders / "walk")) as walk:
        assert walk.stdout is not None
        lines = [walk.stdout.readline() for _ in range(4)]
        address = lines[0].split()[-1]
        assert address.startswith("http://127.0.0.1:") and "stop the belt and nothing else" in lines[3]
        walk.send_signal(number)
        walk.stdout.read()
        walk.wait(30)
    assert gone(address)


def test_a_page_that_dies_is_nothing_to_the_walk(own_folders: Path) -> None:
    words = ("run", "first-minute", "--sim", "--headless", "--glance", "--port", "0", "--rate", "10")
    with begun(*words, "--state", str(own_folders / "walk")) as walk:
        assert walk.stdout is not None
        port = int(walk.stdout.readline().split(":")[3].split("/")[0])
        os.kill(listener(port), signal.SIGKILL)
        shown = walk.stdout.read()
        assert walk.wait(120) == 0, shown
    assert "Finished." in shown


def test_whatever_the_page_complains_of_it_never_waits_for_the_walk(
    own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = own_folders / "loud"
    loud.write_text(
        f"""#!{sys.executable}
import sys
print('{{"addresses": {{"hand": "http://here"}}}}', flush=True)
sys.stderr.write("x" * 400_000)
sys.stderr.flush()
open(sys.argv[0] + ".done", "w").close()
sys.stdin.read()
"""
    )
    loud.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(loud))
    with beside(Wish(), told=False) as address:
        until = time.monotonic() + 10
        while not Path(f"{loud}.done").exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert Path(f"{loud}.done").exists() and address == "http://here"


def test_a_page_that_cannot_begin_says_why(own_folders: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wish = Wish(port=taken.getsockname()[1])
        with pytest.raises(NoMachine, match="cannot be served"), beside(wish, told=False):
            pass
