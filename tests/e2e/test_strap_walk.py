"""A walk with a heart-rate strap as real processes: worn, lost, worn again, and none of it disturbs the walk."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

LIMIT_S = 150
FAULT = "heart.off(at=50s,for=40s)"


async def test_a_strap_that_dies_in_the_middle_of_a_walk_comes_back_and_the_walk_goes_on(own_folders: Path) -> None:
    state = own_folders / "strap"
    words = ("run", "demo", "--sim", "--strap", "sim", "--headless", "--rate", "10", "--seed", "41", "--fault", FAULT)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "treadctl", *words, "--state", str(state),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(LIMIT_S):
        out, _ = await process.communicate()
    said = out.decode()
    assert process.returncode == 0, said
    assert "Finished. Walked 2:20" in said and "Heart rate up to" in said
    assert "The link to the heart-rate strap is lost" in said or "No heart rate." in said, said
    assert json.loads((state / "strap.json").read_text())["name"] == "Sim strap"
    lines = [json.loads(line) for line in next((state / "sessions").glob("*.jsonl")).read_text().splitlines()]
    rates = [line["heart_rate"] for line in lines if line["is"] == "SampleEntry"]
    last = len(rates) - 1 - rates[::-1].index(None)
    assert None in rates[20:] and any(rates[last:]), rates
