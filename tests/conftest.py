"""What every test gets: folders of its own in place of the person's, Hypothesis set up, and skips that can be counted.

A test that needs a program of the machine says `@pytest.mark.needs("espeak-ng")`: without it the test is skipped and
counted. Where nothing may be skipped (TREADCTL_NO_SKIPS=1, as in CI) a skip is a failure.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

from tests import once

NO_SKIPS = os.environ.get("TREADCTL_NO_SKIPS") == "1"
DIRECTORIES = ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")

# No deadlines: the machines are small and busy. In CI the examples are the same at every run; elsewhere they differ.
settings.register_profile("treadctl", deadline=None, print_blob=True)
settings.register_profile("treadctl-ci", settings.get_profile("treadctl"), derandomize=True)
settings.load_profile("treadctl-ci" if os.environ.get("CI") else "treadctl")


@pytest.fixture(scope="session", autouse=True)
def one_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Processes side by side have their folders below one of the run."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        once.shared = tmp_path_factory.getbasetemp().parent


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home for this test alone, so that none sees or touches the person's records, locks and sockets.

    Not `tmp_path`: a Unix socket's path may be 107 octets long, and pytest's folders are named after the test.
    """
    home = Path(tempfile.mkdtemp(prefix="tread-"))
    monkeypatch.setenv("HOME", str(home))
    for name in DIRECTORIES:
        folder = home / name.split("_")[1].lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def in_utc() -> Iterator[None]:
    """Recorded times are UTC, and so is the wall here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are not installed."""
    missing = [name for mark in item.iter_markers("needs") for name in mark.args if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed here: {', '.join(missing)}")


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _counted(report: Report) -> Report:
    """The report, turned into a failure where it is a skip and none is allowed. An expected failure is no skip."""
    if NO_SKIPS and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and this run allows no skips: {report.longreprtext or report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be skipped, a skipped test has failed."""
    return _counted((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself."""
    return _counted((yield))
