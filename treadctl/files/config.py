"""Settings and where each one comes from: default, then the settings file, then the environment, then the command line.

Nothing here can loosen a limit or touch the belt: a setting says how treadctl speaks and shows, never how it drives.
Unknown keys are errors, because a misspelt setting that is silently ignored is one that does not work when it matters.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any

from treadctl.files.locks import alone
from treadctl.files.store import Unreadable, read_small, shown_path, write_atomic
from treadctl.model.errors import InvalidFile, UsageError
from treadctl.model.text import quoted

MAX_OCTETS = 64 * 1024
ENVIRONMENT = "TREADCTL_"
"""An environment variable is this and the setting's name in capitals: TREADCTL_VOICE_RATE."""


class Source(Enum):
    """Where a setting's value comes from, weakest first."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `sources` says where each that is not a default comes from."""

    voice: bool = True
    """Whether cues are spoken."""
    voice_rate: int = 150
    """Words a minute."""
    adapter: str = ""
    """The Bluetooth adapter, such as hci0; empty: the system's choice."""
    units: str = "km/h"
    """What speeds are shown and said in: km/h or mph. Files always name their own."""
    theme: str = "normal"
    """The colours of the screens."""
    motion: str = "full"
    """With "reduced", figures change once a second at most, and nothing scrolls along."""
    sources: Mapping[str, Source] = field(default_factory=dict)

    def source(self, name: str) -> Source:
        """Where the setting of this name comes from."""
        return self.sources.get(name, Source.DEFAULT)


def _switch(value: object) -> bool:
    words = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("write true or false")


def _shown(value: object) -> str:
    """A foreign value in words. TOML's hexadecimal numbers have no end, and Python writes none of 4300 digits."""
    try:
        return str(value)
    except ValueError:
        return "a number of thousands of digits"


SLOWEST, FASTEST = 80, 300
"""Words a minute. Chosen: slower sounds broken, faster is not understood while walking."""


def _rate(value: object) -> int:
    text = "" if isinstance(value, bool) else _shown(value)
    if re.fullmatch(r"[0-9]{1,4}", text) and SLOWEST <= int(text) <= FASTEST:
        return int(text)
    raise ValueError(f"write a whole number of words a minute from {SLOWEST} to {FASTEST}")


def _adapter(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9:_.-]{0,64}", value):
        return value
    raise ValueError('write the name of an adapter, such as "hci0"')


CHOICES: dict[str, tuple[str, ...]] = {
    "units": ("km/h", "mph"),
    "theme": ("normal", "high-contrast", "colour-blind"),
    "motion": ("full", "reduced"),
}
"""The settings that are one of a few words."""


def _one_of(name: str) -> Callable[[object], str]:
    """What reads the setting of this name."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in CHOICES[name]:
            return value
        raise ValueError("write " + " or ".join(f'"{word}"' for word in CHOICES[name]))

    return read


_READERS: dict[str, Callable[[object], Any]] = {
    "voice": _switch,
    "voice_rate": _rate,
    "adapter": _adapter,
    **{name: _one_of(name) for name in CHOICES},
}
ABOUT = {
    "voice": "whether cues are spoken",
    "voice_rate": "words a minute",
    "adapter": "the Bluetooth adapter, such as hci0; empty: the system's choice",
    "units": "what speeds are shown and said in; files keep their own",
    "theme": "the colours of the screens",
    "motion": "reduced: figures change once a second at most, and nothing scrolls along",
}
NAMES = tuple(setting.name for setting in fields(Settings) if setting.name != "sources")


def load_settings(
    path: Path, environment: Mapping[str, str] | None = None, command_line: Mapping[str, object] | None = None
) -> Settings:
    """The settings in force. A missing file is no error; a None on the command line means not given.

    Raises InvalidFile for the file, UsageError for the environment and the command line.
    """
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    given = {
        Source.FILE: _from_file(path),
        Source.ENVIRONMENT: _from_environment(environment or {}),
        Source.COMMAND_LINE: _checked({k: v for k, v in (command_line or {}).items() if v is not None}, "--{}"),
    }
    for source, found in given.items():
        values.update(found)
        sources.update(dict.fromkeys(found, source))
    return Settings(**values, sources=sources)


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Only names of settings are looked at: other variables may begin like ours and mean something else."""
    named = {name: ENVIRONMENT + name.upper() for name in NAMES}
    given = {name: environment[variable] for name, variable in named.items() if variable in environment}
    return _checked(given, ENVIRONMENT + "{}")


def _checked(given: Mapping[str, object], shown: str) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        place = shown.format(name.upper() if shown.startswith(ENVIRONMENT) else name.replace("_", "-"))
        try:
            values[name] = _READERS[name](value)
        except ValueError as error:
            raise UsageError(f"{place} cannot be {quoted(_shown(value))}; {error}") from None
    return values


def _from_file(path: Path) -> dict[str, Any]:
    text, data = read_toml(path, "voice = true")
    return {key: _file_value(shown_path(path), text, key, value) for key, value in data.items()}


def read_toml(path: Path, example: str) -> tuple[str, dict[str, Any]]:
    """A file of settings, as text and as what is in it; both empty where there is none. Raises InvalidFile."""
    file, text = shown_path(path), ""
    try:
        text = read_small(path, MAX_OCTETS).decode("utf-8-sig")
        return text, tomllib.loads(text)
    except Unreadable as error:
        if error.missing:
            return "", {}
        raise InvalidFile(file, 1, 1, f"{error}; repair it, or move it away for the defaults") from None
    except UnicodeDecodeError:
        raise InvalidFile(file, 1, 1, "this is not UTF-8 text; save it as plain text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(file, text, error, example) from None
    except (RecursionError, ValueError):  # brackets by the thousand; a number of thousands of digits
        raise InvalidFile(file, 1, 1, f"this is no settings file; write lines such as {example}") from None


def _not_toml(file: str, text: str, error: tomllib.TOMLDecodeError, example: str) -> InvalidFile:
    """tomllib tells the place only inside its sentence."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
    return InvalidFile(file, line, column, f"this is not TOML here; write lines such as {example}")


def _file_value(file: str, text: str, key: str, value: object) -> Any:
    line = line_of(text, key)
    if key not in _READERS:
        raise InvalidFile(file, line, 1, f"unknown setting {quoted(key)}; {_near(key)}")
    try:
        return _READERS[key](value)
    except ValueError as error:
        raise InvalidFile(file, line, 1, f"{key} cannot be {quoted(_shown(value))}; {error}") from None


def _near(name: str) -> str:
    return near(name, NAMES)


def near(name: str, names: Sequence[str]) -> str:
    """The setting that was meant, or all of them."""
    close = difflib.get_close_matches(name[:40].lower().replace("-", "_"), names, n=1)
    return f"did you mean {quoted(close[0])}?" if close else f"there is {', '.join(names)}"


def line_of(text: str, key: str) -> int:
    """The line a key is written on: tomllib does not say. 1 when it is written in a way not looked for.

    Lines as TOML and editors count them: `splitlines` also ends one at separators that may stand in a comment.
    """
    pattern = rf"\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[\].=]"
    numbered = enumerate(text.split("\n"), start=1)
    return next((number for number, line in numbered if re.match(pattern, line)), 1)


# --- changing one --------------------------------------------------------------------------------------------------


def change_setting(path: Path, name: str, text: str | None) -> None:
    """Write one setting into the file and leave all else in it as it is; None takes it out, so that the default holds.

    Raises UsageError for a name or a value that is none, InvalidFile for a file that cannot be changed, OSError.
    """
    if name not in NAMES:
        raise UsageError(f"There is no setting {quoted(name)}; {_near(name)}")
    value = None if text is None else _checked({name: text}, "{}")[name]
    with alone(path):
        before = _from_file(path)
        lines = _changed(_text_of(path).splitlines(keepends=True), name, value)
        wished = {**before, name: value} if value is not None else {k: v for k, v in before.items() if k != name}
        _require(path, lines, wished, name)
        write_atomic(path, "".join(lines).encode())


def _text_of(path: Path) -> str:
    """What can be read was read a moment ago."""
    try:
        return read_small(path, MAX_OCTETS).decode("utf-8-sig")
    except Unreadable:
        return ""


def _changed(lines: list[str], name: str, value: object) -> list[str]:
    """The line of this setting made anew in its place, or behind the last one."""
    new = [] if value is None else [f"{name} = {json.dumps(value)}\n"]
    at = next((n for n, line in enumerate(lines) if re.match(rf"\s*[\"']?{name}[\"']?\s*=", line)), None)
    if at is not None:
        return [*lines[:at], *new, *lines[at + 1 :]]
    if lines and not lines[-1].endswith("\n"):
        lines = [*lines[:-1], lines[-1] + "\n"]
    return [*lines, *new]


def _require(path: Path, lines: list[str], wished: Mapping[str, object], name: str) -> None:
    """What was written in a way not looked for is left to whoever wrote it."""
    try:
        found = {key: _READERS[key](value) for key, value in tomllib.loads("".join(lines)).items()}
    except (tomllib.TOMLDecodeError, KeyError, ValueError):
        found = None
    if found != wished:
        line = line_of(_text_of(path), name)
        raise InvalidFile(shown_path(path), line, 1, f"{name} is written in another way here; change it in an editor")
