"""Too little room on the disk is said before a start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sessions.made import program
from treadctl.clients import headless, room
from treadctl.model.errors import NoMachine
from treadctl.model.intents import Load
from treadctl.paths import simulated_paths


def test_plain_lines_say_before_a_start_that_the_disk_is_nearly_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(*_paths: Any, **_more: Any) -> Any:
        raise NoMachine("No guardian here.")

    monkeypatch.setattr(headless, "guardian", nobody)
    kept = simulated_paths(tmp_path / "kept")
    for least, said in ((0, False), (10**18, True)):
        monkeypatch.setattr(room, "LOW_DISK", least)
        with pytest.raises(NoMachine):
            headless.run_headless(kept, wish=Load(program()), backend="sim")
        assert ("MB are free" in capsys.readouterr().err) == said
