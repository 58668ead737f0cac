"""What each process really loads: imports that hide from the static contracts are seen here, in a fresh interpreter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SCREENS = {"textual", "rich"}
BELT = {"bleak", "treadctl.control", "treadctl.guardian", "treadctl.ftms"}
HEAVY = SCREENS | {"pydantic", "bleak", "aiomqtt", "yaml"}


def loaded(code: str, root: Path = ROOT) -> set[str]:
    """The modules that are loaded after this code has run in a process of its own, on the packages of `root`."""
    path = os.pathsep.join((str(root), str(root / "sim")))
    tail = "\nimport sys\nprint('\\nLOADED', *sorted(sys.modules))"
    command = [sys.executable, "-P", "-c", code + tail]
    environment = {**os.environ, "PYTHONPATH": path}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.rsplit("LOADED ", 1)[1].split())


def cli(*words: str) -> str:
    """Code that runs the command line and goes on."""
    return f"from treadctl.cli import main\ntry:\n    main({list(words)!r})\nexcept SystemExit:\n    pass"


def test_the_guardian_loads_no_screen_no_pydantic_and_no_simulator() -> None:
    modules = loaded("import treadctl.guardian.process, treadctl.guardian.server, treadctl.guardian.rescue")
    others = {"pydantic", "yaml", "aiomqtt", "treadsim", "treadctl.clients", "treadctl.client"}
    assert modules & (SCREENS | others) == set()


def test_the_core_loads_nothing_that_could_reach_the_world() -> None:
    modules = loaded("import treadctl.control.core")
    assert modules & (HEAVY | {"asyncio", "socket", "subprocess", "logging", "random", "threading", "select"}) == set()


def test_the_screen_loads_nothing_that_could_reach_the_belt() -> None:
    assert loaded("import treadctl.clients.tui.app") & BELT == set()


def test_the_bridge_to_a_broker_loads_nothing_that_could_reach_the_belt() -> None:
    assert loaded("import treadctl.clients.mqtt.run, treadctl.clients.fleet.screen") & BELT == set()


def test_a_stop_of_the_fleet_waits_for_no_screen_and_no_profiles() -> None:
    assert loaded("import treadctl.clients.fleet.run") & (SCREENS | {"pydantic", "yaml"}) == set()


def test_a_list_of_walks_waits_for_nothing_of_the_socket_and_nothing_of_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    needless = {f"treadctl.model.{name}" for name in ("api", "intents", "limits", "machine", "portrait")}
    others = {"treadctl.client", "secrets", "hashlib"}
    assert loaded(cli("history", "list")) & (needless | others | HEAVY | SCREENS) == set()


def test_the_first_frame_waits_for_nothing_that_reads_profiles_or_makes_codes() -> None:
    assert loaded("import treadctl.clients.tui.app") & {"pydantic", "yaml", "segno", "h11"} == set()


def test_what_talks_to_the_guardian_loads_nothing_heavy() -> None:
    assert loaded("import treadctl.client") & (HEAVY | BELT) == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["stop"], ["run", "--help"], ["oops"]])
def test_a_quick_command_loads_no_library(words: list[str]) -> None:
    assert loaded(cli(*words)) & (HEAVY | BELT) == set()


def test_stop_does_not_even_load_asyncio() -> None:
    assert "asyncio" not in loaded(cli("stop"))


def test_a_dry_run_loads_neither_bluetooth_nor_a_screen() -> None:
    assert loaded(cli("dry-run", "first-steps")) & (SCREENS | {"bleak"}) == set()


def test_a_hidden_import_in_the_guardian_is_seen(tmp_path: Path) -> None:
    """Through importlib no static contract sees it."""
    for top in ("treadctl", "sim"):
        shutil.copytree(ROOT / top, tmp_path / top, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "treadctl/guardian/process.py").open("a", encoding="utf-8") as file:
        file.write("\nimport importlib\n\nimportlib.import_module('pyd' + 'antic')\n")
    assert "pydantic" in loaded("import treadctl.guardian.process", tmp_path)
