"""What is mutated, and what becomes of it: plain data that everything here shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Files that are mutated together, and the tests that have to notice."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed function. `was` and `now` are the changed lines, without their indentation."""

    file: str
    function: str
    killed: bool
    was: str = ""
    now: str = ""
    diff: str = ""
