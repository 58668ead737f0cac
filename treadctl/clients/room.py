"""Is there room on the disk for what a walk writes? Said before a start; nobody is kept from walking by it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from treadctl.files.store import shown_path
from treadctl.paths import Paths

LOW_DISK = 200 * 1000 * 1000
"""Octets. Chosen: a walk with its trace takes a few million, a full disk ends a recording."""
LOW = "Only {} MB are free for {}: delete something, because a full disk ends the recording. The walk itself goes on."


def nearest(folder: Path) -> Path:
    """This folder, or the one above it that is there already."""
    return next((place for place in (folder, *folder.parents) if os.path.exists(place)), Path("/"))


def little_room(paths: Paths) -> str:
    """One sentence where there is too little for a recording, else nothing. Blocks."""
    for folder in (paths.data, paths.state):
        try:
            free = shutil.disk_usage(nearest(folder)).free
        except OSError:
            continue  # the guardian says what it cannot write
        if free < LOW_DISK:
            return LOW.format(free // 1_000_000, shown_path(folder))
    return ""
