"""Machines that a hand at the console starts, or drives altogether, walked by real processes on simulated machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.walking import run

FORWARD = """\
treadctl: 1
name: Forward only
level: 0
segments:
  - {walk: forward, for: 45s, speed: 1.5 km/h}
"""


@pytest.mark.parametrize("quirk", ["no-remote-start", "xterra"], ids=["started by hand", "driven by hand"])
def test_what_treadctl_says_is_done_at_the_console_and_the_walk_is_finished(
    own_folders: Path, quirk: str
) -> None:
    profile = own_folders / "forward.yaml"
    profile.write_text(FORWARD, encoding="utf-8")
    walked = run("run", str(profile), "--sim", "--quirk", quirk, "--headless", "--rate", "10")
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert "Press start at the console." in walked.stdout and "Finished. Walked 0:45" in walked.stdout
    assert ("At the console: 1.5." in walked.stdout) is (quirk == "xterra")
