"""The house rules that no linter knows, each shown to catch what it is there for.

A rule takes one parsed file and gives sentences. It reads source, imports nothing of treadctl, and so also holds for
files that cannot be imported here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("treadctl", "sim", "run.py")
LONGEST_FUNCTION = 60
LONGEST_FILE = 500

EXCEPT_PLACES = {"treadctl/guardian/shell.py": 1, "sim/treadsim/gatt.py": 1}
"""The guardian's top, where a bug must still stop the belt, and subscriber isolation are one function there. The
simulated GATT server turns a bug into an ATT error: to anything else Bumble never answers."""
WIDE = {"Exception", "BaseException"}


@dataclass(frozen=True)
class File:
    """One source file, by its path from the root."""

    path: str
    text: str
    tree: ast.Module


Rule = Callable[[File], Iterator[str]]


def files(root: Path, *tops: str) -> Iterator[File]:
    """Every Python file under these folders (or files) of `root`."""
    for top in tops:
        place = root / top
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            text = path.read_text(encoding="utf-8")
            yield File(path.relative_to(root).as_posix(), text, ast.parse(text))


def broken(root: Path, rule: Rule, *tops: str) -> list[str]:
    """What this rule finds."""
    return [f"{file.path}: {sentence}" for file in files(root, *tops) for sentence in rule(file)]


# --- the rules -----------------------------------------------------------------------------------------------------


def no_long_function(file: File) -> Iterator[str]:
    for node in ast.walk(file.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"line {node.lineno}: {node.name} has {length} lines; {LONGEST_FUNCTION} are allowed"


def no_long_file(file: File) -> Iterator[str]:
    length = len(file.text.splitlines())
    if length > LONGEST_FILE:
        yield f"it has {length} lines; {LONGEST_FILE} are allowed"


def says_why_it_exists(file: File) -> Iterator[str]:
    if not ast.get_docstring(file.tree):
        yield "it has no docstring that says why it exists"


def cleared_only_by_supervisor(file: File) -> Iterator[str]:
    """A command for the belt is cleared in one place. Another name for it would hide a second one."""
    if file.path == "treadctl/control/supervisor.py":
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and _called(node) == "Cleared":
            yield f"line {node.lineno}: only the supervisor clears a command"
        if isinstance(node, ast.alias) and node.name == "Cleared" and node.asname:
            yield f"line {node.lineno}: Cleared goes by its own name"


def belt_written_only_by_link(file: File) -> Iterator[str]:
    """Octets for the machine leave through one module. The simulator defines the method; it must not call it."""
    if file.path == "treadctl/guardian/link.py":
        return
    for node in ast.walk(file.tree):
        if isinstance(node, (ast.Attribute, ast.Constant)) and "write_gatt_char" in (
            node.attr if isinstance(node, ast.Attribute) else node.value,
        ):
            yield f"line {node.lineno}: only guardian/link writes to a machine"


def no_wide_except(file: File) -> Iterator[str]:
    suspects = (node for node in ast.walk(file.tree) if isinstance(node, (ast.ExceptHandler, ast.Call)))
    lines = [str(node.lineno) for node in suspects if _is_wide(node)]
    if len(lines) > EXCEPT_PLACES.get(file.path, 0):
        yield f"lines {', '.join(lines)}: name the exceptions you expect"


def _is_wide(node: ast.ExceptHandler | ast.Call) -> bool:
    """`except Exception`, a bare except, or suppress(Exception); not one that cleans up and raises on."""
    if isinstance(node, ast.ExceptHandler):
        if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
            return False
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(kind is None or (isinstance(kind, ast.Name) and kind.id in WIDE) for kind in kinds)
    return _called(node) == "suppress" and any(isinstance(kind, ast.Name) and kind.id in WIDE for kind in node.args)


def _called(node: ast.Call) -> str:
    """The last part of what is called."""
    target = node.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


# --- kept, and able to catch ---------------------------------------------------------------------------------------

EVERYWHERE = (*PROGRAM, "tests")
RULES: list[tuple[Rule, tuple[str, ...]]] = [
    (no_long_function, EVERYWHERE),
    (no_long_file, EVERYWHERE),
    (says_why_it_exists, EVERYWHERE),
    (cleared_only_by_supervisor, PROGRAM),
    (belt_written_only_by_link, PROGRAM),
    (no_wide_except, EVERYWHERE),
]


@pytest.mark.parametrize(("rule", "tops"), RULES, ids=lambda value: getattr(value, "__name__", ""))
def test_the_house_rule_is_kept(rule: Rule, tops: tuple[str, ...]) -> None:
    assert broken(ROOT, rule, *tops) == []


LONG = "\n".join("    x = 1" for _ in range(LONGEST_FUNCTION))
PLANTED: list[tuple[Rule, str, str]] = [
    (no_long_function, "treadctl/control/planted.py", f"def far_too_long() -> None:\n{LONG}\n"),
    (no_long_function, "treadctl/control/planted.py", f"async def far_too_long() -> None:\n{LONG}\n"),
    (no_long_file, "treadctl/control/planted.py", "x = 1\n" * (LONGEST_FILE + 1)),
    (says_why_it_exists, "treadctl/control/planted.py", "x = 1\n"),
    (cleared_only_by_supervisor, "treadctl/control/core.py", "x = Cleared(1)\n"),
    (cleared_only_by_supervisor, "treadctl/guardian/link.py", "x = supervisor.Cleared(1)\n"),
    (cleared_only_by_supervisor, "sim/treadsim/world.py", "from a import Cleared as Fine\n"),
    (belt_written_only_by_link, "treadctl/guardian/rescue.py", "await client.write_gatt_char(c, b'')\n"),
    (belt_written_only_by_link, "treadctl/guardian/rescue.py", "write = client.write_gatt_char\n"),
    (belt_written_only_by_link, "sim/treadsim/backend.py", "write = getattr(client, 'write_gatt_char')\n"),
    (no_wide_except, "treadctl/client.py", "try:\n    x = 1\nexcept Exception:\n    x = 2\n"),
    (no_wide_except, "treadctl/client.py", "try:\n    x = 1\nexcept:\n    x = 2\n"),
    (no_wide_except, "treadctl/client.py", "try:\n    x = 1\nexcept (OSError, BaseException):\n    x = 2\n"),
    (no_wide_except, "treadctl/client.py", "with contextlib.suppress(Exception):\n    x = 2\n"),
    (no_wide_except, "treadctl/guardian/shell.py", "try:\n    x = 1\nexcept Exception:\n    x = 2\n" * 2),
]


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_breach_of_a_house_rule_is_caught(rule: Rule, path: str, text: str, tmp_path: Path) -> None:
    place = tmp_path / path
    place.parent.mkdir(parents=True)
    place.write_text(text, encoding="utf-8")
    assert len(broken(tmp_path, rule, "treadctl" if path.startswith("treadctl") else "sim")) == 1


def test_the_places_that_may_do_it_are_let_alone() -> None:
    wide = "try:\n    x = 1\nexcept Exception:\n    x = 2\n"
    for rule, path, text in (
        (cleared_only_by_supervisor, "treadctl/control/supervisor.py", "x = Cleared(1)\n"),
        (belt_written_only_by_link, "treadctl/guardian/link.py", "await client.write_gatt_char(c, b'')\n"),
        (belt_written_only_by_link, "sim/treadsim/backend.py", "def write_gatt_char() -> None: ...\n"),
        (no_wide_except, "treadctl/guardian/shell.py", wide),
        (no_wide_except, "treadctl/client.py", "try:\n    x = 1\nexcept BaseException:\n    x = 2\n    raise\n"),
    ):
        assert list(rule(File(path, text, ast.parse(text)))) == []


def test_every_folder_of_the_program_is_a_package() -> None:
    """A folder without __init__.py would be invisible to the import contracts."""
    folders = {path.parent for top in ("treadctl", "sim/treadsim") for path in (ROOT / top).rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
