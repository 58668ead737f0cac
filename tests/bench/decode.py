"""How long one Treadmill Data packet takes to decode. Run it: `python tests/bench/decode.py`; it is no test.

Budget: 2.5 microseconds, a tenth of the 25 that the best-known other decoder took for each packet it could read.
"""

from __future__ import annotations

import json
import sys
import timeit
from pathlib import Path
from statistics import median
from time import process_time

from treadctl.ftms.codec import decode_treadmill_data

BUDGET_US = 2.5
CALLS = 20_000
VECTORS = Path(__file__).parents[1] / "fixtures" / "ftms_vectors.json"


def microseconds(packet: bytes) -> float:
    """Processor time, the best of five, so that what else the host does is left out."""
    times = timeit.repeat(lambda: decode_treadmill_data(packet), timer=process_time, number=CALLS, repeat=5)
    return min(times) / CALLS * 1e6


def main() -> None:
    found = json.loads(VECTORS.read_text(encoding="utf-8"))["packets"]
    times = {p["id"]: microseconds(bytes.fromhex(p["hex"])) for p in found if p["characteristic"] == "2ACD"}
    for name, time in times.items():
        sys.stdout.write(f"{time:6.2f} us  {name}\n")
    worst = max(times.values())
    sys.stdout.write(f"median {median(times.values()):.2f} us, worst {worst:.2f} us, budget {BUDGET_US} us\n")


if __name__ == "__main__":
    main()
