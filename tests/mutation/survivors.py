"""The survivors that are known: each stands in `survivors.toml` with the reason why no test can or need notice it.

A survivor is known by its function and its changed line, not by a number, so the list outlives changes of other lines.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.mutation.mutants import Mutant

LIST = Path(__file__).parent / "survivors.toml"


class Change(NamedTuple):
    """What makes a mutant the same one again."""

    file: str
    function: str
    was: str
    now: str

    def line(self) -> str:
        """As it is written in the list."""
        where, was, now = (json.dumps(text, ensure_ascii=False) for text in (self.function, self.was, self.now))
        return f"  {{ in = {where}, was = {was}, now = {now} }},"


def known(path: Path = LIST) -> Counter[Change]:
    """Every listed survivor, as often as it is listed."""
    groups = tomllib.loads(path.read_text(encoding="utf-8")).get("group", [])
    return Counter(
        Change(group["file"], each["in"], each["was"], each["now"])
        for group in groups if group["why"].strip()
        for each in group["mutants"]
    )


def change_of(mutant: Mutant) -> Change:
    return Change(mutant.file, mutant.function, mutant.was, mutant.now)


def unlisted(alive: Iterable[Mutant], listed: Counter[Change]) -> list[Mutant]:
    """Survivors that nobody has explained. An entry explains one mutant."""
    left = listed.copy()
    found = []
    for mutant in alive:
        change = change_of(mutant)
        if left[change] > 0:
            left[change] -= 1
        else:
            found.append(mutant)
    return found


def outlived(alive: Iterable[Mutant], listed: Counter[Change], files: Iterable[str]) -> list[Change]:
    """Entries for these files that explain nothing any more: their mutant is killed by now, or its line is gone."""
    tried = set(files)
    here = Counter({change: count for change, count in listed.items() if change.file in tried})
    return sorted((here - Counter(change_of(mutant) for mutant in alive)).elements())
