"""The words of the proof: a line for each walk, a table for each way, and the results section of the page."""

from __future__ import annotations

import math
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.kills.judge import Verdict

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def line(number: int, of: int, verdict: Verdict) -> str:
    """One walk."""
    stop = "no stop was due" if verdict.stop_ms is None else f"stop {verdict.stop_ms} ms"
    zero = "stood" if verdict.zero_ms is None else f"zero {verdict.zero_ms} ms"
    if not verdict.stopped:
        zero = "MOVES"
    word = "stopped" if verdict.held else f"FAILED: {_what_failed(verdict)}"
    return f"{number:4}/{of}  {verdict.way:33} {verdict.moment:26} {stop:16} {zero:14} {word}"


def _what_failed(verdict: Verdict) -> str:
    return "; ".join(verdict.wrong or ["the belt was not stopped"])


def quantile(values: Sequence[int], share: float) -> int:
    """The smallest value that at least this share of all do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def _numbers(values: Sequence[int]) -> list[str]:
    if not values:
        return ["–"] * 4
    return [str(quantile(values, share)) for share in (0.5, 0.9, 0.99, 1.0)]


def rows(verdicts: Sequence[Verdict]) -> list[list[str]]:
    """For each way, and for all: how many there were and held, then four quantiles each to stop and standstill."""
    names = list(dict.fromkeys(v.way for v in verdicts))
    found = []
    for name in [*names, "all"]:
        its = [v for v in verdicts if name in ("all", v.way)]
        stops = [v.stop_ms for v in its if v.stop_ms is not None]
        zeros = [v.zero_ms for v in its if v.zero_ms is not None]
        held = sum(v.held for v in its)
        found.append([name, str(len(its)), str(held), str(len(stops)), *_numbers(stops), *_numbers(zeros)])
    return found


HEAD = ["way", "n", "held", "stops", "median", "p90", "p99", "worst", "median", "p90", "p99", "worst"]


def table(verdicts: Sequence[Verdict]) -> str:
    """As a Markdown table, which reads well on a terminal, too."""
    lines = [HEAD, ["---"] + ["---:"] * (len(HEAD) - 1), *rows(verdicts)]
    widths = [max(len(row[n]) for row in lines) for n in range(len(HEAD))]
    padded = [[row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in padded)


def commit() -> str:
    """What was proved, by its short number; with a plus where the checkout had changes."""
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+changes" if git("status", "--porcelain") else "")


def section(verdicts: Sequence[Verdict], what: str, disk: str) -> str:
    """The results section."""
    wrong = [f"- {v.way}, {v.moment}: {_what_failed(v)}" for v in verdicts if not v.held]
    return "\n".join([
        BEGIN,
        f"Commit {commit()}, {datetime.now(UTC).date().isoformat()}, {what}, {len(verdicts)} walks on "
        f"{os.cpu_count()} cores, Linux, Python {platform.python_version()}. {disk}",
        "",
        "Columns 5 to 8: ms from the deed to the octets of Stop at the simulated machine; 9 to 12: to the true belt's "
        "standstill. `stops` counts the walks in which a stop was due.",
        "",
        table(verdicts),
        "",
        *(["Not held:", "", *wrong] if wrong else ["Every belt stood, and every recording opened."]),
        END,
    ])


def write(page: Path, text: str) -> None:
    """Put the section in the place of the last one."""
    old = page.read_text(encoding="utf-8")
    new, count = re.subn(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _found: text, old, flags=re.DOTALL)
    page.write_text(new if count else f"{old}\n{text}\n", encoding="utf-8")
