"""The settings of this user as clients read and change them: how it is shown and said, never what is walked.

They are the person's own for a simulated walk too: whoever reads miles reads them in a demo.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from treadctl.clients.reading import Units
from treadctl.files.config import (
    ABOUT,
    CHOICES,
    ENVIRONMENT,
    FASTEST,
    NAMES,
    SLOWEST,
    Settings,
    Source,
    change_setting,
    load_settings,
)
from treadctl.model.errors import ExitCode, TreadctlError, UsageError
from treadctl.model.text import safe_text
from treadctl.paths import real_paths

FILE = "config.toml"
SCHEMA = "treadctl.config/1"


def settings_file() -> Path:
    """Where they stand. Raises Refused where the user's folders cannot be used."""
    return real_paths().config / FILE


def shown_settings() -> Settings:
    """What is set, or the defaults and why: a misspelt setting must keep nobody from a screen with a stop on it."""
    try:
        return load_settings(settings_file(), os.environ)
    except TreadctlError as error:
        print(f"{safe_text(str(error).splitlines()[0], 400)} The defaults are shown.", file=sys.stderr)
        return Settings()


def shown_units() -> Units:
    """What this user reads speeds in."""
    return Units(shown_settings().units)


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as it is listed. `choices` are the values that a key goes through; none: it is typed elsewhere."""

    name: str
    value: str
    source: Source
    about: str
    choices: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where its value comes from."""
        return f"{ENVIRONMENT}{self.name.upper()}" if self.source is Source.ENVIRONMENT else self.source.value


def rows(settings: Settings) -> tuple[Row, ...]:
    """Every setting that is in force."""
    return tuple(
        Row(name, _words(getattr(settings, name)), settings.source(name), ABOUT[name], _choices(name)) for name in NAMES
    )


def _choices(name: str) -> tuple[str, ...]:
    rates = tuple(str(rate) for rate in range(SLOWEST, FASTEST + 1, 10))
    return {"voice": ("true", "false"), "voice_rate": rates, **CHOICES}.get(name, ())


def _words(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def change(file: Path, name: str, value: str | None) -> None:
    """Set one, or with None back to its default. Raises UsageError, InvalidFile, OSError; and where a variable of the
    environment is stronger than the file, nothing is written."""
    variable = ENVIRONMENT + name.upper()
    if variable in os.environ:
        raise UsageError(f"{variable} is set in the environment and is stronger than the file; unset it first.")
    change_setting(file, name, value)


class Preferences:
    """The file, for a screen. Every method blocks, and raises what `change` does."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> Settings:
        """What is in force."""
        return load_settings(self._file, os.environ)

    def change(self, name: str, value: str | None) -> Settings:
        """The same after one was changed."""
        change(self._file, name, value)
        return self.read()


def run_list(*, as_json: bool) -> int:
    """Print every setting with its source. Raises InvalidFile for a file that cannot be understood."""
    file = settings_file()
    settings = load_settings(file, os.environ)
    if as_json:
        told = {name: {"value": getattr(settings, name), "source": settings.source(name).value} for name in NAMES}
        print(json.dumps({"schema": SCHEMA, "file": str(file), "settings": told}))
        return int(ExitCode.OK)
    for row in rows(settings):
        print(f"{row.name:<11} {safe_text(row.value) or '-':<14} {row.where:<24} {row.about}")
    print(f"Change one: treadctl config set NAME VALUE. They stand in {safe_text(str(file), 300)}")
    print("A broker has settings of its own: treadctl mqtt --check lists and tries them.")
    return int(ExitCode.OK)


def run_set(name: str, value: str | None) -> int:
    """Write one setting, or take it out."""
    file, name = settings_file(), name.replace("-", "_")
    change(file, name, value)
    settings = load_settings(file, os.environ)
    print(f"{name} = {safe_text(_words(getattr(settings, name)))} ({settings.source(name).value})")
    return int(ExitCode.OK)
