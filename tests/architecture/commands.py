"""Every command that a document shows: where it stands, and whether it is run or only understood, and why.

    .venv/bin/python -P -m tests.architecture.commands

prints those that are not run, with the reason. `test_commands_in_documents.py` runs the others.

- A block "yaml NAME" is a file.
- A block "console": a line after "$ " is a command; it is run, and has to print what follows it. A line "..." stands
  for any number of lines, within a line it stands for the rest of a word or more.
- In a block without a name every line that begins with a known program is a command; it is run and has to end well.
- A command within a line of text is understood: our own parser takes it. What follows a "…" in it is left open.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
PYTHON = r"(?:python|python3|python3\.12|(?:\.venv|foreign)/bin/python)"
OF_RUN_PY = r"python3 run\.py (?:test|lint|campaign|kills|fuzz|vm|mutate|lock)\b"
OURS = rf"(?:treadctl|treadsim)(?: |$)|{OF_RUN_PY}|{PYTHON} (?:-P )?(?:-m )?[\w./]+"
OTHERS = (
    "apt", "bash", "bluetoothctl", "git", "man", "mosquitto", "mosquitto_passwd", "mosquitto_pub", "mosquitto_sub",
    "openssl", "pip", "pipx", "rfkill", "source", "sudo", "systemctl", "tmux", "uvx",
)  # fmt: skip
OTHER = rf"(?:{'|'.join(OTHERS)}) "
ASSIGNED = re.compile(r"^(?:[A-Z_]+=\S+ )+")


class How(Enum):
    """Where a command stands."""

    FILE, CONSOLE, BLOCK, TEXT = "file", "console", "block", "text"


@dataclass(frozen=True, slots=True)
class Scene:
    """A file to write (`what` is its name, `text` what is in it), or a command and, in a console, what it prints."""

    document: str
    how: How
    what: str
    text: str = ""


WALK = r"treadctl (?:run|rehearse|commission)"
NOT_RUN = (
    (r"treadctl .*--machine ", "names a treadmill that nobody has here"),
    (r"treadctl machines (?:show|forget) ", "names a treadmill that nobody has here"),
    (r"treadctl (?:scan|capture)\b(?!.* --sim)", "needs a Bluetooth adapter"),
    (rf"{WALK}\b(?!.* --sim)", "needs a treadmill"),
    (r"treadctl demo\b", "is walked by .ci/run, from the wheel"),
    (rf"{WALK}\b(?!.* --headless)", "opens the screens"),
    (r"treadctl$", "opens the screens"),
    (rf"{WALK}\b(?!.* --rate 10)", "walks for minutes"),
    (r"treadctl doctor\b", "ends as this computer is"),
    (r"treadctl person (?:screen|set|level|clear)\b|treadctl profile new\b", "asks a person, on a terminal"),
    (r"treadctl (?:glance|mqtt)\b", "serves until it is ended"),
    (r"treadctl fleet\b", "needs a broker"),
    (r"treadctl (?:report|export)\b", "needs a walk; tests/cli/test_report_and_export.py gives it one"),
    (OF_RUN_PY, "is a proof of its own"),
    (PYTHON, "makes a page, or measures; a test of its own holds what it makes"),
    (OTHER, "is another program"),
)
"""Commands of blocks that are only understood, and why. The first that fits counts."""


def documents() -> list[Path]:
    """All that people read, but for the changelog: it speaks of what was."""
    return [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "SUPPORTED.md")] + sorted(
        (ROOT / "docs").rglob("*.md")
    )


def scenes(text: str, document: str = "") -> list[Scene]:
    """Everything of a document that is to be done or understood, in its order."""
    found: list[Scene] = []
    for block in FENCE.finditer(text):
        found += _of_block(document, block["kind"].strip(), block["text"])
    spans = (" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text)))
    return found + [Scene(document, How.TEXT, span) for span in spans if is_command(span)]


def _of_block(document: str, kind: str, text: str) -> Iterator[Scene]:
    if kind.startswith("yaml "):
        yield Scene(document, How.FILE, kind.removeprefix("yaml "), text)
    elif kind == "console":
        for one in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = one.partition("\n")
            yield Scene(document, How.CONSOLE, command, shown)
    elif kind in {"", "sh"}:
        for line in text.splitlines():
            command = re.split(r"\s{2,}#|\s#\s", line)[0].strip()
            if is_command(command):
                yield Scene(document, How.BLOCK, command)


def is_command(text: str) -> bool:
    """Whether this begins with a program that is ours, or with one that is known."""
    return re.match(f"{OURS}|{OTHER}", plain(text)) is not None


def plain(command: str) -> str:
    """The command as if treadctl were installed, and without variables before it."""
    words = ASSIGNED.sub("", command)
    return words if re.match(OF_RUN_PY, words) else re.sub(r"^python3 run\.py ", "treadctl ", words)


def why_not_run(command: str) -> str:
    """Why a command of a block is only understood; empty: it is run."""
    return next((why for pattern, why in NOT_RUN if re.match(pattern, plain(command))), "")


def calls(command: str) -> list[list[str]]:
    """The words of each program that a line calls. A text that goes on with "..." ends there; "N" stands for a number,
    and what may be left out is there.
    """
    known = re.split(r"\s?(?:\.\.\.|…)", command)[0]
    without = re.sub(r"[\[\]]|\s\d?>+\s*\S+", "", known)
    each = [shlex.split(plain(part)) for part in re.split(r" (?:\|\||&&|\||;) ", without)]
    return [["1" if word == "N" else word for word in words] for words in each]


def goes_on(command: str) -> bool:
    """Whether only the begin of a command is shown."""
    return "..." in command or "…" in command


def main() -> None:
    """Print what is not run."""
    for path in documents():
        name = str(path.relative_to(ROOT))
        for scene in scenes(path.read_text(encoding="utf-8"), name):
            why = why_not_run(scene.what) if scene.how is How.BLOCK else ""
            if why:
                print(f"{name}: {scene.what}\n    not run: {why}")


if __name__ == "__main__":
    main()
