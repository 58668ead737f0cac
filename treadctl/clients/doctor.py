"""`treadctl doctor`: is this computer fit? What can be reached, heard, seen and written, and what to do if not.

Exit code 0 when nothing keeps anybody from walking, 4 when no treadmill can be reached from here, 5 for any other
problem; warnings change nothing. It changes nothing either: what it tries, it takes back. Only what somebody heard is
kept, so that a walk does not ask for it again today.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from treadctl import __version__
from treadctl.files.config import Settings, Source, load_settings
from treadctl.model import plain
from treadctl.model.api import LinkState
from treadctl.model.checkup import REACHING, Finding, Level
from treadctl.model.errors import ExitCode, TreadctlError
from treadctl.model.text import safe_text
from treadctl.paths import Paths, is_simulated, real_paths, sockets

from .hear import hear_me
from .room import LOW_DISK, nearest
from .status import look
from .streams import encoding
from .tui.terminal import SCREENLESS, ask_tmux, in_tmux

SCHEMA = "treadctl.doctor/1"
CHECK_LIMIT_S = 20.0
"""Longer than the limits of all questions of the check together."""
SMALL, LARGE = (40, 12), (80, 24)
"""Columns and rows: what the screens can do with at the least, and what they are drawn for."""
NOT_UTF8 = "The terminal is not set to UTF-8: the digits are drawn with plain letters."


def run_doctor(*, as_json: bool, hear: bool = False) -> int:
    """Look at everything and print it; `hear`: somebody is asked, too. Never raises for what it finds."""
    findings = [*versions(), *_settings_and_host(), *_terminal(os.environ), *_guardians()]
    findings += [hear_me()] if hear else []
    code = exit_code(findings)
    if as_json:
        told = [{"about": f.about, "level": f.level.value, "text": f.text, "todo": f.todo} for f in findings]
        print(json.dumps({"schema": SCHEMA, "ok": code == ExitCode.OK, "exit_code": code, "findings": told}))
        return code
    for finding in findings:
        _tell(f"{_SIGN[finding.level]:<8} {finding.about:<12} ", finding.text)
        if finding.todo:
            _tell(f"{'':<21} do: ", finding.todo)
    print(verdict(code, findings))
    return code


def _tell(begin: str, text: str) -> None:
    """One line; on a terminal broken between words and set in below itself."""
    shown = safe_text(text, 300)
    room = max(20, shutil.get_terminal_size().columns - len(begin)) if sys.stdout.isatty() else len(shown) + 1
    lines = textwrap.wrap(shown, room, break_long_words=False, break_on_hyphens=False)
    print(begin + f"\n{'':<{len(begin)}}".join(lines))


_SIGN = {Level.OK: "ok", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}


def exit_code(findings: list[Finding]) -> int:
    """The meaning of it all for a script."""
    problems = {finding.about for finding in findings if finding.level is Level.PROBLEM}
    if problems & REACHING:
        return int(ExitCode.NO_MACHINE)
    return int(ExitCode.FAULT if problems else ExitCode.OK)


def verdict(code: int, findings: list[Finding]) -> str:
    """The last line."""
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    extra = f" ({warnings} warning{'s' if warnings > 1 else ''})" if warnings else ""
    if code == ExitCode.NO_MACHINE:
        return f"No treadmill can be reached from here{extra}. The simulated one works without: treadctl demo"
    return f"Something has to be mended first{extra}." if code else f"Ready{extra}. Next: treadctl scan"


# --- what only this client looks at --------------------------------------------------------------------------------


def versions() -> list[Finding]:
    """Of treadctl, Python and the system, for a report."""
    words = f"treadctl {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}."
    if sys.platform == "linux":
        return [Finding("versions", Level.OK, words)]
    return [Finding("versions", Level.WARNING, words, "this system is untested; not all works as it does on Linux")]


def _settings_and_host() -> list[Finding]:
    """The settings, the folders they lie beside, and the host as a guardian with these settings sees it."""
    try:
        paths = real_paths()
    except TreadctlError as error:
        return [Finding("folders", Level.PROBLEM, str(error)), *host("")]
    found, settings = _settings(paths)
    heard = [_switched_off(finding) if not settings.voice else finding for finding in host(settings.adapter)]
    return [*found, *heard, *_disk(paths)]


def _settings(paths: Paths) -> tuple[list[Finding], Settings]:
    """The adapter is the setting that matters here, so its name is shown with where it comes from."""
    file = paths.config / "config.toml"
    try:
        settings = load_settings(file, os.environ)
    except TreadctlError as error:
        wrong = Finding("settings", Level.PROBLEM, str(error).splitlines()[0], "until then the defaults hold")
        return [wrong], Settings()
    chosen = settings.adapter or "the system's choice"
    source = settings.source("adapter")
    where = {Source.FILE: f" ({file})", Source.ENVIRONMENT: " (TREADCTL_ADAPTER)"}.get(source, "")
    hint = "" if settings.adapter else f'; another: adapter = "hci1" in {file}'
    return [Finding("settings", Level.OK, f"adapter: {chosen}{where}{hint}")], settings


def _switched_off(finding: Finding) -> Finding:
    """Whoever switched the voice off misses no program for it."""
    if finding.about != "voice":
        return finding
    words = "The voice is switched off in the settings: nothing is said."
    return Finding("voice", Level.WARNING, words, "voice = true")


def host(adapter: str) -> list[Finding]:
    """Bluetooth, voice and inhibitors, looked at by a process that may touch them."""
    if sys.platform != "linux":
        return [Finding("bluetooth", Level.WARNING, "Bluetooth was not looked at: that is done on Linux only.",
                        "treadctl scan shows whether it works")]
    command = [sys.executable, "-P", "-m", "treadctl.guardian", "--check", adapter]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CHECK_LIMIT_S, check=True, cwd="/"
        )
        findings: tuple[Finding, ...] = plain.load(tuple[Finding, ...], json.loads(done.stdout)["findings"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return [Finding("adapter", Level.PROBLEM, "Bluetooth could not be looked at: the check itself failed.",
                        "treadctl scan says more; is treadctl installed whole?")]
    return list(findings)


def _disk(paths: Paths) -> list[Finding]:
    """The folders that a walk writes into."""
    return [*_folder("records", paths.state), *_folder("sessions", paths.data)]


def _folder(about: str, folder: Path) -> list[Finding]:
    place = nearest(folder)
    if not os.access(place, os.W_OK | os.X_OK):
        return [Finding(about, Level.PROBLEM, f"{folder} cannot be written: nothing would be recorded or remembered.",
                        f"make {place} yours: ls -ld {place}")]
    free = shutil.disk_usage(place).free
    if free < LOW_DISK:
        words = f"Only {free // 1_000_000} MB are free for {folder}."
        return [Finding(about, Level.WARNING, words, "delete something: a full disk ends a recording")]
    return [Finding(about, Level.OK, f"{free / 1e9:.1f} GB are free for {folder}.")]


def _guardians() -> list[Finding]:
    """Who holds a treadmill now."""
    try:
        seen = [(path, found) for path in sockets() if (found := look(path)) is not None]
    except TreadctlError:
        return []  # the folder has been reported already
    if any(found.snapshot is None for _, found in seen):
        return [Finding("guardian", Level.PROBLEM, "The process that holds the belt does not answer.",
                        "pull the key if the belt moves; then: treadctl stop")]
    held = [safe_text(one.snapshot.machine) for path, one in seen
            if one.snapshot is not None and one.snapshot.link is LinkState.UP and not is_simulated(path)]
    if held:
        return [Finding("guardian", Level.WARNING, f"Another treadctl is connected to {held[0] or 'a treadmill'} now.",
                        "treadctl status shows what it does; a link nobody uses ends after half a minute")]
    return [Finding("guardian", Level.OK, "No other treadctl holds a treadmill.")]


# --- the terminal --------------------------------------------------------------------------------------------------


def _terminal(environment: Mapping[str, str]) -> list[Finding]:
    if not sys.stdout.isatty():
        return [Finding("terminal", Level.OK, "This is no terminal: only plain lines, no screens.")]
    size = os.get_terminal_size(sys.stdout.fileno())
    utf8 = encoding().lower().replace("-", "") == "utf8"
    return [size_finding(size.columns, size.lines), colours(environment, utf8), *_between(environment)]


def size_finding(columns: int, rows: int) -> Finding:
    """Whether the walk screen can be read from the belt."""
    words = f"{columns} columns, {rows} rows"
    if columns < SMALL[0] or rows < SMALL[1]:
        return Finding("terminal", Level.PROBLEM, f"{words}: too small for the walk screen.",
                       f"make it at least {LARGE[0]} by {LARGE[1]}")
    if columns < LARGE[0] or rows < LARGE[1]:
        return Finding("terminal", Level.WARNING, f"{words}: the digits will be small.",
                       f"make it at least {LARGE[0]} by {LARGE[1]}, or the letters larger")
    return Finding("terminal", Level.OK, f"{words}.")


def colours(environment: Mapping[str, str], utf8: bool) -> Finding:
    """How many colours, and whether blocks can be drawn."""
    term = safe_text(environment.get("TERM", ""), 40)
    many = environment.get("COLORTERM", "") in {"truecolor", "24bit"} or "256" in term or "direct" in term
    if term in SCREENLESS:
        return Finding("colours", Level.PROBLEM, f"The terminal says of itself {term or 'nothing'} (TERM): no screens.",
                       "use another terminal, or --headless")
    if not utf8:
        return Finding("colours", Level.WARNING, NOT_UTF8, "export LANG=C.UTF-8")
    few = "" if many else ", few colours (every sign is also a word or a shape)"
    return Finding("colours", Level.OK, f"{term}{few}, UTF-8.")


def _between(environment: Mapping[str, str]) -> list[Finding]:
    """What stands between the keyboard and treadctl, and may hide that nobody is there any more."""
    found = []
    if in_tmux():
        tmux = ask_tmux()
        if tmux is None or not tmux.focus_events:
            found.append(Finding("tmux", Level.WARNING, "tmux hides when its window loses the keyboard.",
                                 "tmux set -g focus-events on"))
        else:
            found.append(Finding("tmux", Level.OK, "tmux tells when its window loses the keyboard."))
    if environment.get("STY"):
        found.append(Finding("screen", Level.WARNING, "GNU screen does not tell when it is detached.",
                             "walk in a terminal of its own, or in tmux"))
    if "mosh-server" in _ancestors():
        found.append(Finding("mosh", Level.WARNING, "mosh keeps the session open when the connection is gone.",
                             "walk at the computer itself, or over ssh"))
    elif environment.get("SSH_CONNECTION"):
        found.append(Finding("ssh", Level.WARNING, "The keys come over the network, and so does a stop.",
                             "walk at the computer that has the Bluetooth adapter"))
    return found


def _ancestors() -> list[str]:
    """The names of the processes above this one; mosh leaves no other sign."""
    names, pid = [], os.getppid()
    for _ in range(32):
        try:
            name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
            pid = int(rest.split()[1])
        except (OSError, ValueError, IndexError):
            break
        names.append(name)
    return names
