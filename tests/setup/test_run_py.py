"""`run.py`, as far as it can be seen without a package index: what it decides, and what it says when it is stuck."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("run", "test", "lint")


@pytest.fixture
def run(tmp_path: Path) -> ModuleType:
    """run.py as a module, in a folder that has its files and no environment."""
    (tmp_path / "requirements").mkdir()
    for name in ("run.py", "pyproject.toml", *(f"requirements/{name}.txt" for name in NAMES)):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    spec = importlib.util.spec_from_file_location("run_py", tmp_path / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pretend_installed(run: ModuleType, name: str) -> None:
    """An environment in which this set was installed to its end."""
    run.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    run.PYTHON.touch()
    run.stamp_file(name).write_text(run.stamp(name), encoding="utf-8")


def test_a_folder_without_environment_is_not_set_up(run: ModuleType) -> None:
    assert not run.is_stamped("run")


def test_what_was_installed_to_its_end_is_not_installed_again(run: ModuleType) -> None:
    pretend_installed(run, "run")
    run.set_up("run")  # would need a package index


def test_tests_and_linters_are_installed_only_when_asked_for(run: ModuleType) -> None:
    pretend_installed(run, "run")
    assert [run.is_stamped(name) for name in NAMES] == [True, False, False]


@pytest.mark.parametrize("changed", ["requirements/run.txt", "pyproject.toml"])
def test_a_changed_requirement_is_installed_again(changed: str, run: ModuleType) -> None:
    pretend_installed(run, "run")
    with (run.ROOT / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not run.is_stamped("run")


def test_an_environment_whose_python_is_gone_is_made_again(run: ModuleType) -> None:
    pretend_installed(run, "run")
    run.PYTHON.unlink()
    assert not run.is_stamped("run")


def test_a_moved_checkout_is_installed_again(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(run, "run")
    monkeypatch.setattr(run, "ROOT", tmp_path / "elsewhere")
    assert not run.is_stamped("run")


def test_stop_does_not_wait_for_an_installation(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an update of the checkout the stamp no longer fits; the belt must stop all the same."""
    pretend_installed(run, "run")
    run.stamp_file("run").unlink()
    started: list[list[str]] = []

    def execv(_path: Path, words: list[str]) -> None:
        started.append(words)
        raise run.Trouble("started")  # a real execv does not come back

    monkeypatch.setattr(run.os, "execv", execv)
    assert run.main(["stop"]) == 1
    assert started == [[str(run.PYTHON), "-P", "-m", "treadctl", "stop"]]


@pytest.mark.parametrize(
    ("version", "system", "wanted"),
    [
        ((3, 10, 4), "posix", "treadctl needs Python 3.11 or newer and this is 3.10"),
        (sys.version_info, "nt", "there is no Windows version"),
    ],
)
def test_a_host_that_will_not_do_is_told_why(
    version: tuple[int, ...], system: str, wanted: str, run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(run.sys, "version_info", version)
        patch.setattr(run.os, "name", system)
        with pytest.raises(run.Trouble, match=re.escape(wanted)):
            run.check_host()


@pytest.mark.parametrize(
    ("output", "wanted"),
    [
        ("ERROR: Could not find it\nERROR: No matching distribution found for bleak==3.1.0", "connect to the network"),
        ("WARNING: Retrying after NewConnectionError: Temporary failure in name resolution", "connect to the network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "its hash differs"),
        ("error: subprocess-exited-with-error", "its last lines are above"),
    ],
)
def test_a_failed_pip_is_one_sentence_after_its_own_words(
    output: str, wanted: str, run: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wanted in run.pip_trouble(output.splitlines())
    assert output.splitlines()[-1] in capsys.readouterr().err


def test_a_python_without_venv_is_told_the_package_to_install(run: ModuleType) -> None:
    debian = "The virtual environment was not created successfully because ensurepip is not\navailable.  On Debian..."
    assert "sudo apt install python3." in run.environment_trouble(debian)


def test_an_unreachable_index_ends_in_a_sentence(run: ModuleType) -> None:
    """The real thing, with an index on a port where nobody listens."""
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0"}
    command = [sys.executable, str(run.ROOT / "run.py"), "demo"]
    result = subprocess.run(command, capture_output=True, text=True, env=nowhere, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("run.py: the packages could not be fetched")


@pytest.mark.parametrize("name", NAMES)
def test_requirements_hold_names_versions_hashes_and_markers_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    package = r"[a-z0-9._-]+==[a-z0-9.!]+( ; [a-z_]+ [^:/]+)? \\"
    entry = re.compile(package + r"|    --hash=sha256:[0-9a-f]{64}( \\)?|# Made by .*")
    assert [line for line in text.splitlines() if not entry.fullmatch(line)] == []


def test_run_txt_covers_the_project_and_what_builds_it() -> None:
    text = (ROOT / "requirements/run.txt").read_text(encoding="utf-8")
    locked = {line.split("==")[0] for line in text.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=]", need)[0].lower() for need in project["dependencies"]}
    assert wanted | {"hatchling", "editables"} <= locked


def versions(file: str) -> set[tuple[str, str]]:
    """Each package of a requirements file with its version."""
    lines = (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8").splitlines()
    return {(name, version.split(" ")[0]) for name, _, version in (line.partition("==") for line in lines) if version}


def test_a_package_has_one_version_in_all_the_files() -> None:
    named = set().union(*(versions(name) for name in NAMES))
    assert len(named) == len({package for package, _ in named})
