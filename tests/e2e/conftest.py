"""Makes `walking.py` and its neighbours importable, as `tests.e2e.walking` and plainly."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE.parents[1], HERE):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
