"""Versions of the profile format: an old file is upgraded while it is read, a file of the future is refused.

Every version ever published keeps one entry in `UPGRADES`: what makes a tree of that version one of the newest.
Upgrades work on the tree, whose marks stay those of the file, so that every later message names the right place. This
module must not judge a profile, and no upgrade may make it faster, steeper or longer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from treadctl.files.profile import events
from treadctl.files.profile.events import Misread, Node, Scalar
from treadctl.model.text import quoted

Upgrade = Callable[[Node], Node]


def _as_it_is(root: Node) -> Node:
    return root


UPGRADES: Mapping[int, Upgrade] = {1: _as_it_is}
"""By the number after `treadctl:`. When format 2 comes, 1 gets its upgrade here and 2 is read as it is."""


def upgraded(root: Node, upgrades: Mapping[int, Upgrade] = UPGRADES) -> Node:
    """The tree in the newest format. Raises Misread for a version that is newer than this treadctl.

    What names no version, or none that is a number, is left as it is: the models tell what is missing.
    """
    written = _version(root)
    if written is None or not re.fullmatch("[0-9]{1,9}", written.text):
        return root
    upgrade = upgrades.get(int(written.text))
    if upgrade is not None:
        return upgrade(root)
    if int(written.text) > max(upgrades):
        told = f"{quoted(written.text)} is a format that this treadctl cannot read yet; update treadctl"
        raise Misread(written.mark, told)
    return root


def _version(root: Node) -> Scalar | None:
    """What stands after the key `treadctl`."""
    pair = root.pairs.get("treadctl") if isinstance(root, events.Mapping) else None
    return pair.value if pair is not None and isinstance(pair.value, Scalar) else None
