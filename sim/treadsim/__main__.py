"""`python -m treadsim`: the same as the command `treadsim`."""

import sys

from .cli import main

sys.exit(main())
