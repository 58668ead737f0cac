"""Where the broker is and how it is spoken to: `mqtt.toml` beside the settings, then the environment.

A password never stands in the file itself: it comes from a file of mode 0600, a command or the environment, and is
shown nowhere. Certificates are always verified; unencrypted is only this computer's own broker, or what somebody asked
for by name. Unknown keys are errors, as in the settings.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shlex
import ssl
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from treadctl.files.config import line_of, near, read_toml
from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.model.errors import InvalidFile, Refused, UsageError
from treadctl.model.text import quoted, safe_text

FILE = "mqtt.toml"
ENVIRONMENT = "TREADCTL_MQTT_"
PASSWORD = ENVIRONMENT + "PASSWORD"
MAX_OCTETS = 64 * 1024
TLS_PORT, PLAIN_PORT = 8883, 1883
"""As registered."""
COMMAND_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All there is to say about the broker. `sources` says where what is no default comes from."""

    host: str = "localhost"
    port: int = 0
    """0: the usual one, 8883 with TLS and 1883 without."""
    tls: bool | None = None
    """None: unless the broker is on this computer."""
    ca_file: str = ""
    """Who signed the broker's certificate; empty: whom the system trusts."""
    username: str = ""
    password_file: str = ""
    password_command: str = field(default="", repr=False)
    protocol: str = "5"
    name: str = "Treadmill"
    """What people call this treadmill."""
    discovery: bool = True
    """Whether Home Assistant is told of it."""
    discovery_prefix: str = "homeassistant"
    allow_plaintext: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def here(self) -> bool:
        """Whether the broker is on this computer, where nobody listens in on the way."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def encrypted(self) -> bool:
        return not self.here if self.tls is None else self.tls

    @property
    def real_port(self) -> int:
        return self.port or (TLS_PORT if self.encrypted else PLAIN_PORT)


def _switch(value: object) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("write true or false")


def _port(value: object) -> int:
    shown = "" if isinstance(value, bool) else str(value) if isinstance(value, int | str) else ""
    if re.fullmatch(r"[0-9]{1,5}", shown) and int(shown) <= 0xFFFF:
        return int(shown)
    raise ValueError("write a number from 1 to 65535, or 0 for the usual one")


def _matching(pattern: str, advice: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value) and safe_text(value, 400) == value:
            return value
        raise ValueError(advice)

    return read


_READERS: dict[str, Callable[[object], Any]] = {
    "host": _matching(r"[A-Za-z0-9:._-]{1,253}", "write the name or the address of the broker"),
    "port": _port,
    "tls": _switch,
    "ca_file": _matching(r".{0,400}", "write the path of a file"),
    "username": _matching(r".{0,200}", "write the name that the broker knows"),
    "password_file": _matching(r".{0,400}", "write the path of a file"),
    "password_command": _matching(r".{0,400}", "write one command that prints the password"),
    "protocol": _matching(r"5|3\.1\.1", 'write "5" or "3.1.1"'),
    "name": _matching(r".{1,60}", "write a name of up to 60 characters"),
    "discovery": _switch,
    "discovery_prefix": _matching(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", 'write a topic such as "homeassistant"'),
    "allow_plaintext": _switch,
}
NAMES = tuple(one.name for one in fields(Settings) if one.name != "sources")


def load_broker(path: Path, environment: Mapping[str, str]) -> Settings:
    """What is in force. A missing file is no error. Raises InvalidFile, UsageError, and Refused for plain text that
    would cross a network."""
    values = _from_file(path)
    sources = dict.fromkeys(values, "file")
    for name in NAMES:
        variable = ENVIRONMENT + name.upper()
        if variable in environment:
            values[name] = _of_environment(variable, name, environment[variable])
            sources[name] = variable
    settings = Settings(**values, sources=sources)
    if settings.password_file and settings.password_command:
        raise UsageError("password_file and password_command both say where the password is; take one out.")
    if not settings.encrypted and not settings.here and not settings.allow_plaintext:
        raise Refused(
            f"Without TLS everybody on the way to {settings.host} can read along and stop the belt; set tls = true, or "
            "allow_plaintext = true where that is meant."
        )
    return settings


def _of_environment(variable: str, name: str, value: str) -> Any:
    try:
        return _READERS[name](value)
    except ValueError as error:
        what = "what it is here" if name == "password_command" else quoted(value)  # there may be a password in it
        raise UsageError(f"{variable} cannot be {what}; {error}.") from None


def _from_file(path: Path) -> dict[str, Any]:
    text, data = read_toml(path, 'host = "localhost"')
    return {key: _file_value(shown_path(path), text, key, value) for key, value in data.items()}


def _file_value(file: str, text: str, key: str, value: object) -> Any:
    line = line_of(text, key)
    if key == "password":
        why = "a password does not stand in here; put it into a file of mode 0600 and name that as password_file"
        raise InvalidFile(file, line, 1, why)
    if key not in _READERS:
        raise InvalidFile(file, line, 1, f"unknown setting {quoted(key)}; {near(key, NAMES)}")
    try:
        return _READERS[key](value)
    except ValueError as error:
        raise InvalidFile(file, line, 1, f"{key} cannot be what it is here; {error}") from None


# --- secrets -------------------------------------------------------------------------------------------------------


def password(settings: Settings, environment: Mapping[str, str]) -> str | None:
    """The password, or None where there is none. Blocks for as long as a command takes. Raises Refused."""
    if PASSWORD in environment:
        return environment[PASSWORD]
    if settings.password_file:
        return _from_private(Path(settings.password_file).expanduser())
    if settings.password_command:
        return _from_command(settings.password_command)
    return None


def _from_private(path: Path) -> str:
    shown = shown_path(path)
    try:
        status = path.stat()
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Refused(f"{shown} can be read by others; first: chmod 600 {shown}")
        if status.st_uid != os.getuid():
            raise Refused(f"{shown} belongs to somebody else; make one of your own.")
        return _first_line(read_small(path, MAX_OCTETS))
    except OSError as error:
        why = (error.strerror or "").lower()
        raise Refused(f"The password cannot be read from {shown} ({why}); make that file, with mode 600.") from None
    except Unreadable as error:
        raise Refused(f"The password cannot be read from {shown}: {error}; write it there, in one line.") from None


def _from_command(command: str) -> str:
    failed = "password_command did not print a password; try it in a terminal."
    try:
        done = subprocess.run(
            shlex.split(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_LIMIT_S, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise Refused(failed) from None
    if done.returncode != 0 or not done.stdout.strip():
        raise Refused(failed)
    return _first_line(done.stdout)


def _first_line(data: bytes) -> str:
    try:
        return data.decode("utf-8").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise Refused("The password is not UTF-8 text; write it anew.") from None


def context(settings: Settings) -> ssl.SSLContext | None:
    """How the broker's certificate is verified; there is no way to leave that out. Raises Refused."""
    if not settings.encrypted:
        return None
    try:
        return ssl.create_default_context(cafile=str(Path(settings.ca_file).expanduser()) if settings.ca_file else None)
    except (OSError, ssl.SSLError):
        file = shown_path(settings.ca_file)
        raise Refused(f"{file} is no file of certificates (PEM); name the one that signed the broker's.") from None


def masked(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """The settings as lines. Of a secret only where it comes from is told."""
    shown = replace(settings, password_command="(set, not shown)" if settings.password_command else "")
    lines = [_line(shown, name) for name in NAMES]
    return [*lines, f"{'password':<17} {'(set, not shown)':<24} {PASSWORD}"] if PASSWORD in environment else lines


def _line(settings: Settings, name: str) -> str:
    value = {"port": settings.real_port, "tls": settings.encrypted}.get(name, getattr(settings, name))
    words = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{name:<17} {safe_text(words) or '-':<24} {settings.sources.get(name, 'default')}"


