"""Decoding the same packets with treadctl and with pyftms 0.4.15, in one process. Run by hand, as tests/foreign says.

Only packets that pyftms can read count for the ratio; the others are listed with what it raised.
"""

from __future__ import annotations

import io
import json
import sys
import timeit
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pyftms.models.realtime_data.treadmill import TreadmillData
from pyftms.serializer import get_serializer

from treadctl.ftms.treadmill_data import decode_treadmill_data

VECTORS = Path(__file__).parents[1] / "fixtures" / "ftms_vectors.json"
CALLS = 2_000
ROUNDS = 7


def main() -> None:
    theirs = get_serializer(TreadmillData)
    ratios, raised = [], 0
    found = json.loads(VECTORS.read_text(encoding="utf-8"))["packets"]
    for packet in (p for p in found if p["characteristic"] == "2ACD"):
        data = bytes.fromhex(packet["hex"])
        try:
            theirs.deserialize(io.BytesIO(data))
        except (TypeError, EOFError, ValueError) as error:
            raised += 1
            print(f"  raised {type(error).__name__}: {packet['id']}")
            continue
        ours = _microseconds(lambda data=data: decode_treadmill_data(data))
        other = _microseconds(lambda data=data: theirs.deserialize(io.BytesIO(data)))
        ratios.append(other / ours)
        print(f"{ours:6.2f} us  {other:6.2f} us  x{other / ours:5.1f}  {packet['id']}")
    print(f"{len(ratios)} packets, pyftms raised on {raised} more; median ratio {median(ratios):.1f}")


def _microseconds(call: object) -> float:
    times = timeit.repeat(call, timer=process_time, number=CALLS, repeat=ROUNDS)  # type: ignore[arg-type]
    return min(times) / CALLS * 1e6


if __name__ == "__main__":
    main()
