"""`python -m treadctl`: the same as the `treadctl` command. Nothing else belongs here."""

from __future__ import annotations

import sys

from treadctl.cli import main

if __name__ == "__main__":
    sys.exit(main())
