"""Makes the guest: Debian's part, treadctl's locked packages, the wheel of this checkout, and the checks.

Archives that follow one another in one file. Each but the last is kept under a number that its sources decide, so that
only treadctl itself is made every time.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Container
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from tests.vm import archive, debian
from tests.vm.debian import CannotBuild, Say

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RUN, TEST = (ROOT / "requirements" / name for name in ("run.txt", "test.txt"))
RADIO = "bumble"
"""Of the tests' packages the guest gets this one, with all that it needs."""
PLACE = "usr/local/lib/python{}/dist-packages"
"""Where Debian's Python looks for what is not Debian's."""
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64", "manylinux_2_34_x86_64")
"""Debian 12 has glibc 2.36."""
CHECKOUT = "treadctl"
"""In the guest's folder of this name lies the checkout's `tests`, and nothing else of it: treadctl is the wheel's."""
COMMAND = "#!/usr/bin/python3\nimport sys\n\nfrom {module} import main\n\nsys.exit(main())\n"
COMMANDS = {"treadctl": "treadctl.cli", "treadsim": "treadsim.cli"}


@dataclass(frozen=True, slots=True)
class Guest:
    """What the emulator starts, and what was put into it, by name and version."""

    kernel: Path
    initrd: Path
    versions: dict[str, str]


def build(cache: Path, say: Say) -> Guest:
    """The guest, as far as it is not there already. Raises CannotBuild."""
    cache.mkdir(parents=True, exist_ok=True)
    sources = [(HERE / name).read_text(encoding="utf-8") for name in ("archive.py", "debian.py", "kernel.py")]
    base = cache / f"debian-{_number(*sources)}"
    if not debian.versions(base):
        debian.build(base, say)
    versions = debian.versions(base)
    python = ".".join(versions["python3"].split(".")[:2])
    lock = RUN.read_text(encoding="utf-8") + entries_for(needed_by(RADIO), TEST.read_text(encoding="utf-8"))
    libraries = cache / f"libraries-{_number(python, lock)}.cpio"
    if not libraries.exists():
        say("putting the locked packages into the guest")
        _libraries(libraries, python, lock)
    say("building the wheel")
    own = cache / "treadctl.cpio"
    versions["treadctl"] = _own(own, python)
    _forget_others(cache, base, libraries)
    _together(cache / "initrd", [base / debian.DEBIAN_CPIO, base / debian.MODULES_CPIO, libraries, own])
    return Guest(base / debian.VMLINUX, cache / "initrd", versions)


def _number(*sources: str) -> str:
    """What is kept fits as long as this is the same."""
    return f"{zlib.crc32(repr(sources).encode()):08x}"


def _forget_others(cache: Path, *kept: Path) -> None:
    """Remove what was made from sources that have changed since."""
    for old in {*cache.glob("debian-*"), *cache.glob("libraries-*")} - set(kept):
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()


def _together(target: Path, parts: list[Path]) -> None:
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, out)


def needed_by(package: str) -> set[str]:
    """This package and all that it needs, in this environment's own words; markers are left to the lock."""
    found: set[str] = set()
    waiting = [package]
    while waiting:
        name = _plain(waiting.pop())
        if name not in found:
            found.add(name)
            with contextlib.suppress(PackageNotFoundError):
                waiting += [need for need in requires(name) or () if "extra ==" not in need]
    return found


def entries_for(names: Container[str], lock: str) -> str:
    """The entries of a requirements file for these packages, with their hashes."""
    entries = re.findall(r"^[^\s#].*(?:\n[ \t].*)*\n", lock, flags=re.MULTILINE)
    return "".join(entry for entry in entries if _plain(entry) in names)


def _plain(requirement: str) -> str:
    """The name that a requirement begins with, as package indexes compare names."""
    name = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name.group()).lower() if name else ""


def _libraries(target: Path, python: str, lock: str) -> None:
    with tempfile.TemporaryDirectory(prefix="treadctl-vm-") as folder:
        tree, locked = Path(folder) / "tree", Path(folder) / "locked.txt"
        locked.write_text(lock, encoding="utf-8")
        place = PLACE.format(python)
        words = ["--python-version", python, "--only-binary=:all:", "--require-hashes", f"--requirement={locked}"]
        _pip(tree / place, [*words, *(f"--platform={platform}" for platform in PLATFORMS)])
        shutil.rmtree(tree / place / "bin", ignore_errors=True)
        debian.byte_code(tree, python, place)
        archive.write(target, archive.of_tree(tree))


def _own(target: Path, python: str) -> str:
    """The wheel and the checks; answers the wheel's version."""
    with tempfile.TemporaryDirectory(prefix="treadctl-vm-") as folder:
        tree, made = Path(folder) / "tree", Path(folder) / "wheel"
        place = PLACE.format(python)
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(made)]
        _run(build, "The wheel could not be built")
        [wheel] = made.glob("*.whl")
        _pip(tree / place, ["--no-deps", str(wheel)])
        shutil.rmtree(tree / place / "bin", ignore_errors=True)
        shutil.copytree(ROOT / "tests", tree / CHECKOUT / "tests", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(HERE / "init.sh", tree / "init")
        debian.byte_code(tree, python, place, CHECKOUT)
        for name, module in COMMANDS.items():
            path = tree / "usr/local/bin" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(COMMAND.format(module=module), encoding="utf-8")
            path.chmod(0o755)
        (tree / "init").chmod(0o755)
        archive.write(target, archive.of_tree(tree))
        return wheel.name.split("-")[1]


def _pip(target: Path, words: list[str]) -> None:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--target", str(target)]
    _run([sys.executable, "-m", "pip", "install", *quiet, *words], "Python's packages could not be had")


def _run(command: list[str], trouble: str) -> None:
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stdout.strip().splitlines() or ["no message"])[-1]
        raise CannotBuild(f"{trouble} ({last}).")
