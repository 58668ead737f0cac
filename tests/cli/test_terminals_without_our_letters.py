"""Locales without UTF-8, streams for other letters, and a Linux console: nothing breaks, and no figure is hidden.

What is read here are the octets themselves: the eight bits of a terminal that knows no UTF-8 show each by itself.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time

import pytest

from tests.cli.processes import treadctl_on_a_terminal

C = {"LC_ALL": "C", "PYTHONUTF8": "", "PYTHONIOENCODING": ""}
PLACES = {
    "C": C,
    "C without UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ASCII streams": {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    "Latin-1 streams": {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"},
}


def environment(place: str, **more: str) -> dict[str, str]:
    """An empty value is one that is not there."""
    found = {**os.environ, "TERM": "xterm-256color", **PLACES.get(place, {}), **more}
    return {name: value for name, value in found.items() if value}


def shown(place: str, *words: str) -> tuple[int, bytes]:
    """Exit code, and the octets of both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "treadctl", *words], env=environment(place), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def frame(place: str, awaited: bytes, **more: str) -> bytes:
    """What the screens of the demo draw until this is there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "treadctl", "demo"]
    with subprocess.Popen(
        command, env=environment(place, **more), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        found, until = b"", time.monotonic() + 30
        while awaited not in found and time.monotonic() < until:
            found += os.read(ours, 65536)
        process.kill()
    os.close(ours)
    return found


@pytest.mark.parametrize("place", PLACES)
def test_what_is_told_is_told_in_every_locale(place: str) -> None:
    for words, code, told in (
        (("profile", "show", "demo"), 0, b"backward up to 1.0 km/h"),
        (("status",), 0, b"Idle"),
        (("profile", "check", "nichts-für-ungut.yaml"), 3, b".yaml:1:1: there is no such file"),
    ):
        done = shown(place, *words)
        assert done[0] == code, done
        assert told in done[1] and b"Traceback" not in done[1] and b"bug in treadctl" not in done[1], done
        assert done[1].isascii() or "check" in words, done


@pytest.mark.parametrize("place", ["C", "Latin-1 streams"])
def test_screens_draw_with_the_letters_of_their_locale(place: str) -> None:
    """Also where Python itself would write UTF-8: there each block of a large digit would become three letters."""
    drawn = frame(place, b"BEFORE THE WALK")
    assert b"BEFORE THE WALK" in drawn and b"2:20" in drawn and drawn.isascii(), drawn


def test_a_picture_of_a_profile_needs_letters_for_it() -> None:
    assert "█" in treadctl_on_a_terminal("profile", "show", "demo", LC_ALL="C.UTF-8")[1]
    picture = treadctl_on_a_terminal("profile", "show", "demo", LC_ALL="C")[1]
    assert picture.isascii() and "2:20 walked" in picture


def test_a_linux_console_gets_the_blocks_that_every_font_of_it_has() -> None:
    drawn = frame("", b"BEFORE THE WALK", TERM="linux").decode()
    assert "2:20" in drawn
    assert {letter for letter in drawn if not letter.isascii()} <= set("█▀▄▒")
