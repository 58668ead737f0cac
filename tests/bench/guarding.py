"""A guardian for measuring: `python -m tests.bench.guarding ...` takes what `treadctl.guardian` takes.

With `--backend sim` the simulated machine in its process sends samples at the rate that TREADSIM_EVERY says; where
TREADSIM_HCI and TREADSIM_ADDRESS name a machine on an HCI transport, Bumble in its process is the computer's Bluetooth.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import treadsim.backend

from tests.bench.rated import rated
from treadctl.guardian import process

LIVE: Any = vars(process)["_live"]


async def over_bumble(options: Any, paths: Any, settings: Any, radio: Any, log_file: Any) -> Any:
    """The guardian's life, with another radio."""
    from tests.gatt.bleak_bumble import backend

    async with backend(os.environ["TREADSIM_HCI"], os.environ["TREADSIM_ADDRESS"]) as found:
        radio.backend = found
        return await LIVE(options, paths, settings, radio, log_file)


if __name__ == "__main__":
    vars(treadsim.backend).update(load_quirk=rated)
    if "TREADSIM_HCI" in os.environ:
        vars(process).update(_live=over_bumble)
    sys.exit(process.main(sys.argv[1:]))
