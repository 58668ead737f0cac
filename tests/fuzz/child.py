"""One target under atheris, in a process of its own: `python -m tests.fuzz.child TARGET FLAGS…`, flags as libFuzzer's.

atheris rewrites the code that is imported while it looks, so nothing of treadctl may be loaded before. libFuzzer merges
by running itself once more: FUZZ_AGAIN names a program that does what this one does.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

from tests.fuzz.targets import target

ONCE = "--once"
"""One file, without atheris: `python -m tests.fuzz.child TARGET --once FILE`."""


def main() -> None:
    """Fuzz until the flags say that it is enough; ends the process."""
    name, *flags = sys.argv[1:]
    if flags[:1] == [ONCE]:
        target(name).run(Path(flags[1]).read_bytes())
        return
    atheris = import_module("atheris")  # not installed where only the tests run, and without types
    with atheris.instrument_imports(include=["treadctl"], enable_loader_override=False):
        chosen = target(name)
    atheris.Setup([os.environ.get("FUZZ_AGAIN", sys.argv[0]), *flags], chosen.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
