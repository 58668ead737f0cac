"""What several targets need: a file with these octets, a limit on the time they may cost, and where an error points."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from treadctl.model.errors import InvalidFile


@cache
def folder() -> Path:
    """A folder of this process. A fuzzer ends without a word, so whoever starts it clears away after it."""
    made = Path(tempfile.mkdtemp(prefix="treadctl-fuzz-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def a_file(name: str, data: bytes) -> Path:
    """A file of this name that holds these octets, until the next one."""
    path = folder() / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


@contextmanager
def cpu_bounded(limit_s: float) -> Iterator[None]:
    """AssertionError when more than this time of the processor goes by; other processes do not count."""
    begun = time.process_time()
    yield
    spent = time.process_time() - begun
    assert spent < limit_s, f"it took {spent:.1f} s of the processor"


def place_is_inside(error: InvalidFile, data: bytes, carriage_returns: bool = False) -> None:
    """Line and column of an error exist in the file. A carriage return alone ends a line in YAML, not in JSON."""
    text = data.decode("utf-8-sig", "replace")
    lines = (text.replace("\r\n", "\n").replace("\r", "\n") if carriage_returns else text).split("\n")
    assert 1 <= error.line <= len(lines), f"line {error.line} of {len(lines)}"
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1, f"column {error.column} of line {error.line}"
    assert str(error).startswith(f"{error.file}:{error.line}:{error.column}: ")


def parsed(text: bytes | str) -> Any:
    """The JSON value of this text, None where it is none: for what the file truly says, whoever reads it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
