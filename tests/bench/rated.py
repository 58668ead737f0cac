"""`treadsim` with samples at another rate: `python -m tests.bench.rated serve ...`, every TREADSIM_EVERY ms one."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from treadsim import cli

from treadctl.files.quirks import Quirk, load_quirk


def rated(name: str) -> Quirk:
    """The machine of this name, at the rate that the environment says."""
    return replace(load_quirk(name), sample_every=int(os.environ["TREADSIM_EVERY"]))


if __name__ == "__main__":
    vars(cli).update(load_quirk=rated)
    sys.exit(cli.main())
