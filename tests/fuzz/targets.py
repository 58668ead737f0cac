"""The fuzz targets by name. Each is a module with `run(data)` and `MAX_LENGTH`, imported only when it is asked for.

That matters: a fuzzer has to be there before the code that it watches is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
MODULES = {
    "treadmill-data": "of_treadmill_data",
    "machine-data": "of_machine_data",
    "profiles": "of_profiles",
    "socket": "of_socket",
    "journal": "of_journal",
    "small-files": "of_small_files",
    "workouts": "of_workouts",
    "writing": "of_writing",
    "glance": "of_glance",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One target: `run` raises for a finding."""

    name: str
    run: Callable[[bytes], None]
    max_length: int


def target(name: str) -> Target:
    """The target of this name. Raises KeyError."""
    module = import_module(f"tests.fuzz.{MODULES[name]}")
    return Target(name, module.run, module.MAX_LENGTH)


def corpus(name: str) -> list[Path]:
    """The checked-in inputs of a target. Those with words for a name are known findings or were written by hand."""
    return sorted(path for path in (CORPUS / name).glob("*") if path.is_file())
