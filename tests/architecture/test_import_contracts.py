"""Who may import whom: the contracts of pyproject.toml are kept, and each of them catches what it forbids."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of `root` on the packages of `root`, not on those installed."""
    path = os.pathsep.join((str(root), str(root / "sim")))
    command = [sys.executable, "-P", "-c", LINT, "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment, timeout=60, check=False)


def contracts(root: Path) -> dict[str, str]:
    """The names of the contracts by their id."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return {one["id"]: one["name"] for one in settings["tool"]["importlinter"]["contracts"]}


PLANTED: list[tuple[str, str, str]] = [
    ("pure", "treadctl/model/planted_a.py", "import asyncio"),
    ("pure", "treadctl/control/planted_a.py", "def f() -> None:\n    import time"),
    ("pure", "treadctl/control/planted_b.py", "import logging.handlers"),
    ("pure", "treadctl/control/planted_c.py", "from random import random"),
    ("pure", "treadctl/control/planted_d.py", "import os.path"),
    ("pure", "treadctl/ftms/planted_a.py", "import pydantic"),
    ("model", "treadctl/model/planted_b.py", "import treadctl.ftms.uuids"),
    ("ftms", "treadctl/ftms/planted_b.py", "from treadctl.control import events"),
    ("control", "treadctl/control/planted_e.py", "import treadctl.files.machines"),
    ("plans", "treadctl/plans/planted_a.py", "import treadctl.files.store"),
    ("plans", "treadctl/plans/planted_b.py", "from random import random"),
    ("no-plans-at-the-belt", "treadctl/guardian/planted_c.py", "import treadctl.plans.colour"),
    ("guardian", "treadctl/guardian/planted_a.py", "import textual"),
    ("guardian", "treadctl/guardian/planted_b.py", "import treadctl.files.profile"),
    ("clients", "treadctl/clients/planted_a.py", "import treadctl.control.events"),
    ("clients", "treadctl/clients/planted_b.py", "from bleak import BleakClient"),
    ("clients", "treadctl/clients/planted_c.py", "from treadctl.ftms import uuids"),
    ("client", "treadctl/client.py", "import treadctl.control.events"),
    ("paths", "treadctl/paths.py", "import treadctl.files.machines"),
    ("files", "treadctl/files/planted_a.py", "import asyncio"),
    ("files", "treadctl/files/planted_b.py", "import treadctl.control.events"),
    ("sessions", "treadctl/sessions/planted_a.py", "import treadctl.files.profile.models"),
    ("sessions", "treadctl/sessions/export/planted_b.py", "def f() -> None:\n    import treadctl.clients.words"),
    ("files-plain", "treadctl/files/machines.py", "import yaml"),
    ("simulator", "sim/treadsim/planted_a.py", "import treadctl.guardian"),
    ("simulator", "sim/treadsim/planted_b.py", "import treadctl.files.profile"),
    ("simulator-control", "sim/treadsim/planted_c.py", "import treadctl.control.events"),
    ("bumble", "sim/treadsim/planted_d.py", "def f() -> None:\n    import bumble.device"),
    ("web", "treadctl/guardian/planted_d.py", "import h11"),
    ("mqtt", "treadctl/clients/planted_d.py", "def f() -> None:\n    from aiomqtt import Client"),
    ("mqtt", "treadctl/clients/fleet/planted_a.py", "import paho.mqtt.client"),
    ("mqtt-pure", "treadctl/clients/mqtt/orders.py", "import asyncio"),
    ("no-simulator-by-name", "treadctl/guardian/planted_c.py", "import treadsim.belt"),
]


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each contract, by its name, says of a copy of the tree with every breach planted at once."""
    root = tmp_path_factory.mktemp("spoiled")
    for top in ("treadctl", "sim"):
        shutil.copytree(ROOT / top, root / top, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for _, path, text in PLANTED:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n")
    result = lint(root)
    assert result.returncode == 1
    parts = re.split(r"\n([^\n]+)\n-{4,}\n", result.stdout)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_contract_is_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_part_of_treadctl_has_a_contract_of_its_own() -> None:
    """So that a new folder cannot come without its rules. The command line may import everything."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    sources = {source for one in settings["tool"]["importlinter"]["contracts"] for source in one["source_modules"]}
    parts = {path.stem for path in (ROOT / "treadctl").glob("*.py")}
    parts |= {path.parent.name for path in (ROOT / "treadctl").glob("*/__init__.py")}
    assert {f"treadctl.{part}" for part in parts - {"__init__", "__main__", "cli"}} - sources == set()


def test_every_contract_has_a_planted_breach() -> None:
    assert {name for name, _, _ in PLANTED} == set(contracts(ROOT))


@pytest.mark.parametrize(("contract", "path", "text"), PLANTED)
def test_a_planted_import_is_caught_by_its_contract(
    contract: str, path: str, text: str, spoiled: dict[str, str]
) -> None:
    module = path.removeprefix("sim/").removesuffix(".py").replace("/", ".")
    assert f"-   {module} -> " in spoiled[contracts(ROOT)[contract]]
