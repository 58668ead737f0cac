"""How long a report takes, whole process, by the wall and in processor time; it is no test.

Run it: `python -m tests.bench.report`.
A session of an hour with heart rate and cues: alone, and as the newest and a named one of 3,650 (ten years of a walk a
day, each with its answers). Budget: 300 ms. Beside it: a bare interpreter, and the exports of the same session.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from tests.sessions.walks import B, Diary, F
from treadctl.files.answers import NAME as ANSWERS
from treadctl.model import plain
from treadctl.model.answers import Answered, Answers, Morning
from treadctl.model.program import Program, Repeat, Walk
from treadctl.model.records import EventEntry, SampleEntry
from treadctl.model.units import Speed
from treadctl.sessions.export import Form, exported
from treadctl.sessions.session import Session, read_session

BUDGET_MS = 300
TIMES = 15
SESSIONS = 3650
FIRST = datetime(2020, 1, 1, 17)
PROGRAM = Program("An hour", (Repeat(15, (Walk(F, 120, Speed(250)), Walk(B, 120, Speed(150), name="Back"))),))


def hour() -> Session:
    """3,600 samples and 900 events."""
    diary = Diary(program=PROGRAM)
    for index in range(0, 60, 4):
        for facing, speed, segment in ((F, 250, index), (B, 150, index + 2)):
            for step in range(12):
                diary.walk(10, facing, speed - step, segment, heart=90 + (index + 7 * step) % 40)
                diary.event("say", "Small steps. Toes first.", segment)
                diary.event("write", "SET_TARGET_SPEED 029600 rise", None)
            diary.event("stop", "planned", segment)
    return diary.session()


def octets(session: Session) -> bytes:
    """As the guardian writes it."""
    entries: list[SampleEntry | EventEntry] = [*session.samples, *session.events]
    middle = [(one.at, plain.dump(one)) for one in entries]
    middle.sort(key=lambda one: one[0])
    lines = [plain.dump(session.opened), *(line for _, line in middle), plain.dump(session.closed)]
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)


def fill(home: Path, data: bytes, count: int) -> list[str]:
    """So many copies under names of their days, as links to one file: only names and one file are ever read."""
    sessions = home / "treadctl" / "sessions"
    sessions.mkdir(parents=True)
    names = [f"{FIRST + timedelta(days=n):%Y%m%dT%H%M%SZ}-{n:06x}-1" for n in range(count)]
    (sessions / f"{names[0]}.jsonl").write_bytes(data)
    for name in names[1:]:
        os.link(sessions / f"{names[0]}.jsonl", sessions / f"{name}.jsonl")
    told = Answers(3, 1, 1, 4, Morning.SAME)
    lines = [json.dumps(plain.dump(Answered(name, told))) + "\n" for name in names for _ in range(2)]
    (home / "treadctl" / ANSWERS).write_text("".join(lines))
    return names


def milliseconds(words: list[str], home: Path) -> tuple[float, float, float]:
    """Median and worst of a whole process by the wall, and its median processor time. Each writes a page of its own."""
    environment = {**os.environ, "XDG_DATA_HOME": str(home), "HOME": str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is not compiled anew each time
    spent, worked = [], []
    for number in range(TIMES):
        more = ["-o", str(home / f"{len(list(home.iterdir()))}-{number}.html")] if "report" in words else []
        begun, before = perf_counter(), _worked()
        subprocess.run([sys.executable, *words, *more], env=environment, check=True, stdout=subprocess.DEVNULL)
        spent.append((perf_counter() - begun) * 1000)
        worked.append((_worked() - before) * 1000)
    return statistics.median(spent), max(spent), statistics.median(worked)


def _worked() -> float:
    """Processor time of all processes that were waited for, seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    data, whole = octets(hour()), ["-P", "-m", "treadctl", "report"]
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder) / "one", Path(folder) / "many"
        fill(one, data, 1)
        names = fill(many, data, SESSIONS)
        rows = [
            ("bare interpreter", ["-c", ""], one), ("one session, the newest", whole, one),
            (f"{SESSIONS} sessions, the newest", whole, many),
            (f"{SESSIONS} sessions, named", [*whole, names[1000]], many),
            (f"{SESSIONS} sessions, by date", [*whole, "2024-05-05"], many),
        ]  # fmt: skip
        for name, words, home in rows:
            median, worst, worked = milliseconds(words, home)
            sys.stdout.write(f"{median:6.0f} ms, worst {worst:6.0f} ms, processor {worked:4.0f} ms  {name}\n")
        session = read_session(one / "treadctl" / "sessions" / f"{names[0]}.jsonl")
    sys.stdout.write(f"{len(data) // 1024} KiB a session; medians of {TIMES}; budget {BUDGET_MS} ms\n")
    for form in Form:
        begun = process_time()
        made = exported(session, form)
        spent = (process_time() - begun) * 1000
        sys.stdout.write(f"{spent:6.0f} ms of processor time, {len(made) // 1024} KiB  {form.value}\n")


if __name__ == "__main__":
    main()
