#!/usr/bin/env python3
"""Set treadctl up in this folder and run it, with nothing but Python.

    python3 run.py COMMAND ...     the same as `treadctl COMMAND ...`, for instance: python3 run.py demo
    python3 run.py test [...]      the tests (what follows goes to pytest)
    python3 run.py lint            ruff, mypy and the import contracts
    python3 run.py campaign [...]  virtual hours with faults, judged by every invariant (--hours N --seed S --nuisance)
    python3 run.py kills [...]     kill, freeze and starve real processes; the simulated belt has to stop (--each N)
    python3 run.py fuzz [...]      coverage-guided fuzzing of what reads foreign bytes (--seconds N)
    python3 run.py vm [...]        a real kernel and the real bluetoothd in an emulated machine (Debian 12; --only WORD)
    python3 run.py mutate [...]    change the safety code a line at a time; the tests have to notice
    python3 run.py lock [...]      remake requirements/*.txt with uv (what follows goes to uv, for instance --upgrade)

The first call makes `.venv` and installs the exact packages of `requirements/`, each checked by its hash; later calls
compare one stamp and go straight on. This file stands outside the program: it uses the standard library only, imports
nothing of treadctl, and knows nothing about belts, save that `stop` must not wait for an installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)
"""As `requires-python` in pyproject.toml, and Debian 12's Python."""

RUN, TEST, LINT, PROOF = "run", "test", "lint", "proof"
PROOFS = {"kills": "tests/kills", "fuzz": "tests/fuzz", "mutate": "tests/mutation"}
"""Longer proofs than tests: each is a folder that Python can run."""
LOCK_HEADER = "# Made by `python3 run.py lock` from pyproject.toml: do not edit.\n"
BUILD_CLOSURE = "hatchling>=1.27\neditables>=0.5\n"
"""What an editable install without build isolation needs beside the runtime dependencies."""
SIDE_BY_SIDE = ("-q", "-n", "6", "--dist", "worksteal")
"""Most of the time the tests wait for real processes, so more of them run at once than there are cores."""
MYPY_ON = ("--strict", "treadctl", "sim", "tests", "run.py")
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
"""import-linter has no `-m`, and a console script breaks when the checkout is moved."""


class Trouble(Exception):
    """Something the person has to do first; `str()` is the sentence to print."""


def main(words: list[str]) -> int:
    """Set up what `words` need and run them. Returns the exit code, unless the process became treadctl."""
    command, rest = (words[0], words[1:]) if words else ("", [])
    if command in ("-h", "--help"):
        print((__doc__ or "").strip() + "\n", flush=True)
    own = {
        "test": run_tests, "lint": run_lint, "campaign": run_campaign, "vm": run_machine, "lock": remake_requirements,
    }.get(command)
    try:
        check_host()
        if own is not None:
            return own(rest)
        if command in PROOFS:
            return run_proof(PROOFS[command], rest)
        if command != "stop" or not PYTHON.exists():
            set_up(RUN)
        become_treadctl(words)
    except Trouble as trouble:
        print(f"run.py: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def check_host() -> None:
    """Refuse, in words, what cannot work."""
    if os.name != "posix":
        raise Trouble("treadctl runs on Linux (macOS is untested); there is no Windows version.")
    if sys.version_info < OLDEST:
        have = ".".join(str(part) for part in sys.version_info[:2])
        raise Trouble(f"treadctl needs Python 3.11 or newer and this is {have}; try: python3.11 run.py")


def become_treadctl(words: list[str]) -> NoReturn:
    """Replace this process by treadctl. -P: a file in the current folder must not pass for one of our modules."""
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", "treadctl", *words])


# --- what only developers run --------------------------------------------------------------------------------------


def run_tests(rest: list[str]) -> int:
    """Run pytest from the root and close with one line."""
    set_up(RUN, TEST)
    code = tool("-m", "pytest", *(rest or SIDE_BY_SIDE))
    print("run.py: the tests passed" if code == 0 else f"run.py: the tests FAILED (pytest's exit code is {code})")
    return code


def run_lint(rest: list[str]) -> int:
    """Run every linter, also after one that complained. Takes no further words."""
    if rest:
        raise Trouble(f"lint takes no further words, and got: {' '.join(rest)}")
    set_up(RUN, LINT)
    codes = [tool("-m", "ruff", "check", "."), tool("-m", "mypy", *MYPY_ON), tool("-c", LINT_IMPORTS)]
    print("run.py: lint is clean" if not any(codes) else "run.py: lint FAILED")
    return 1 if any(codes) else 0


def run_campaign(rest: list[str]) -> int:
    """Walk virtual hours on all cores. Exit code 5 when an invariant was violated."""
    set_up(RUN)
    return tool("-m", "treadsim.campaign", *rest)


def run_machine(rest: list[str]) -> int:
    """Build the virtual machine and run its checks. Exit code 4 when it cannot run here."""
    set_up(RUN, TEST)
    return tool("tests/vm", *rest)


def run_proof(folder: str, rest: list[str]) -> int:
    """Run a long proof. Its exit code is 0 when it held."""
    set_up(RUN, TEST, PROOF)
    return tool(folder, *rest)


def tool(*words: str) -> int:
    """Run a tool of the environment from the root; its exit code."""
    print(f"run.py: python {' '.join(words)}", flush=True)
    return subprocess.run([str(PYTHON), "-P", *words], cwd=ROOT, check=False).returncode


def remake_requirements(rest: list[str]) -> int:
    """Resolve pyproject.toml for every supported system into names, versions, markers and hashes, without addresses."""
    uv = find_uv()
    resolve(uv, RUN, ["pyproject.toml", "-"], rest)
    resolve(uv, TEST, ["--group", "test", "-c", "requirements/run.txt"], rest)
    resolve(uv, PROOF, ["--group", "proof", "-c", "requirements/run.txt", "-c", "requirements/test.txt"], rest)
    resolve(uv, LINT, ["--group", "lint", "-c", "requirements/run.txt", "-c", "requirements/test.txt"], rest)
    return 0


def find_uv() -> str:
    """The uv on the path, or the one in the environment."""
    import shutil  # noqa: PLC0415  (only here, so that starting treadctl does not pay for it)

    found = shutil.which("uv") or shutil.which("uv", path=str(VENV / "bin"))
    if found is None:
        raise Trouble("lock needs uv; install it with `pipx install uv` or `.venv/bin/pip install uv`, then try again.")
    return found


def resolve(uv: str, name: str, sources: list[str], rest: list[str]) -> None:
    """Write requirements/NAME.txt. Versions that are there already stay, unless `rest` says --upgrade."""
    target = REQUIREMENTS / f"{name}.txt"
    plain = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    reach = ["--universal", "--python-version", "{}.{}".format(*OLDEST), "--generate-hashes"]
    command = [uv, "pip", "compile", *reach, *plain, *sources, *rest, "-o", str(target)]
    if subprocess.run(command, cwd=ROOT, input=BUILD_CLOSURE, text=True, check=False).returncode != 0:
        raise Trouble(f"uv could not resolve {target.name}; its own message above says why.")
    body = target.read_text(encoding="utf-8").removeprefix(LOCK_HEADER)
    target.write_text(LOCK_HEADER + body, encoding="utf-8")
    print(f"run.py: {target.relative_to(ROOT)}: {count_packages(name)} packages")


# --- setting up ----------------------------------------------------------------------------------------------------


def set_up(*names: str) -> None:
    """Install these sets unless their stamps say that they are there. One process at a time."""
    if all(is_stamped(name) for name in names):
        return
    import fcntl  # noqa: PLC0415  (only here, so that starting treadctl does not pay for it)

    with Path(__file__).open("rb") as only_one:
        try:
            fcntl.flock(only_one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run.py is setting this folder up; waiting for it")
            fcntl.flock(only_one, fcntl.LOCK_EX)
        for name in names:
            if not is_stamped(name):
                install(name)


def is_stamped(name: str) -> bool:
    """Whether what requirements/NAME.txt asks for now was installed to its end, here and for this Python."""
    try:
        return stamp_file(name).read_text(encoding="utf-8") == stamp(name) and PYTHON.exists()
    except OSError:
        return False


def stamp_file(name: str) -> Path:
    return VENV / f"treadctl-{name}.stamp"


def stamp(name: str) -> str:
    """What decides whether an installation still fits. The folder is part of it: an editable install points there."""
    import zlib  # noqa: PLC0415  (a change is to be noticed, not an attack: hashlib would cost more to import)

    sources = [REQUIREMENTS / f"{name}.txt"] + ([ROOT / "pyproject.toml"] if name == RUN else [])
    sums = [str(zlib.crc32(source.read_bytes())) for source in sources]
    return "\n".join([str(ROOT), "{}.{}".format(*sys.version_info[:2]), *sums])


def install(name: str) -> None:
    """Make the environment if needed, install one set, and the project itself with the first."""
    if name == RUN:
        say("setting up treadctl in .venv: once, about a minute, needs the network")
        make_environment()
    say(f"installing the packages of requirements/{name}.txt")
    pip(["--require-hashes", "-r", str(REQUIREMENTS / f"{name}.txt")], count_packages(name))
    if name == RUN:
        say("installing treadctl itself")
        pip(["--no-deps", "--no-build-isolation", "-e", str(ROOT)], 0)
    stamp_file(name).write_text(stamp(name), encoding="utf-8")


def make_environment() -> None:
    """A fresh `.venv`, unless a working one of this Python's version is there."""
    if environment_works():
        return
    say("making the environment")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if made.returncode != 0:
        raise Trouble(environment_trouble(made.stdout))


def environment_works() -> bool:
    """Whether `.venv` holds this Python's version and a pip that starts."""
    probe = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    if not PYTHON.exists():
        return False
    return subprocess.run([str(PYTHON), "-c", probe], stderr=subprocess.DEVNULL, check=False).returncode == 0


def environment_trouble(output: str) -> str:
    """Why `python -m venv` failed, and what to do. Debian ships venv and ensurepip apart."""
    if "ensurepip" in output or "No module named venv" in output:
        version = "{}.{}".format(*sys.version_info[:2])
        return f"this Python has no venv; on Debian or Ubuntu: sudo apt install python{version}-venv, then try again."
    last = output.strip().splitlines()[-1:] or ["no message"]
    return f"the environment .venv could not be made ({last[0]}); is this folder writable and the disk not full?"


def count_packages(name: str) -> int:
    """How many packages requirements/NAME.txt names, those for other systems included."""
    lines = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return sum("==" in line and not line.startswith(("#", " ")) for line in lines)


def pip(words: list[str], expected: int) -> None:
    """Run pip, showing how far it is; its own words only when it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-user", *words]
    lines: list[str] = []
    done = 0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        for line in running.stdout or ():
            if not line.startswith("Ignoring "):
                lines.append(line.rstrip())
            if expected and line.startswith(("Collecting ", "Requirement already satisfied: ")):
                done += 1
                say_progress(f"{done} of at most {expected}", last=False)
    say_progress("", last=True)
    if running.returncode != 0:
        raise Trouble(pip_trouble(lines))


NETWORK_SIGNS = (
    "NewConnectionError", "Temporary failure", "Connection refused", "timed out", "ProxyError",
    "No matching distribution",
)
"""Words in pip's output when the package index was not reached. It says "no matching distribution" then, too."""


def pip_trouble(lines: list[str]) -> str:
    """One sentence on why pip failed, after the last of its own words."""
    print("\n".join(f"    {line}" for line in lines[-12:]), file=sys.stderr)
    text = "\n".join(lines)
    if "DO NOT MATCH THE HASHES" in text:
        return "a package is not the locked one (its hash differs), so it was not installed; try another network."
    if any(sign in text for sign in NETWORK_SIGNS):
        return "the packages could not be fetched; connect to the network (or set pip's proxy), then try again."
    return "pip failed; its last lines are above."


def say(text: str) -> None:
    print(f"run.py: {text}", file=sys.stderr, flush=True)


def say_progress(text: str, *, last: bool) -> None:
    """One line that rewrites itself, on a terminal only. `last` ends it."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" if last else f"\r\033[Krun.py:   {text}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
