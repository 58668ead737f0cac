"""Everything that goes to disk while somebody walks, on a thread of its own: a disk that hangs never holds the belt.

Two append-only files of JSON lines, both made once (O_EXCL, mode 0600) and never rewritten: the session (what history
reads; synced with every batch) and the trace (every input of the core with a digest of what came of it; replays). The
queues are bounded: trace lines are dropped first, drops are counted, written down and told. Nothing here is read back.
"""

from __future__ import annotations

import json
import os
import queue
import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from treadctl.control.events import Context, Effect, Input
from treadctl.control.replay import digest
from treadctl.model import plain
from treadctl.model.records import Closed, Entry, Opened
from treadctl.model.units import Ms

from .clock import monotonic_s, wall_iso

QUEUE_LINES = 4096
"""Chosen: about three minutes of walking; what a disk that hangs longer loses is counted."""
TRACE_SHARE = 3072
"""So many lines of the trace may wait."""
TRACE_EVERY_S = 0.5
"""Budget: a kill loses at most 1 s. A thread that woke up for each line cost a quarter of the process (measured)."""
TRACES_KEPT = 20
SYNC_TRACE_S = 2.0
"""Budget: at most 5 s of samples are lost in a power cut."""
PRIVATE_FILE = 0o600
CLOSE_LIMIT_S = 3.0


@dataclass(frozen=True, slots=True)
class _Step:
    now: Ms
    item: Input
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    do: Callable[[], None]
    done: Callable[[], None]


_Job = Entry | _Work | None


class Lines:
    """An append-only file of JSON lines. Raises OSError; after a failed write the next line begins on a new one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, PRIVATE_FILE)
        self._torn = self._unsynced = False
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def append(self, lines: Sequence[object]) -> None:
        data = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
        if self._torn:
            data = b"\n" + data
        self._torn = self._unsynced = True
        while data:
            data = data[os.write(self._fd, data):]
        self._torn = False

    def sync(self) -> None:
        """Nothing when nothing is new: a drive is told to empty its cache all the same."""
        if self._unsynced:
            os.fdatasync(self._fd)
            self._unsynced = False

    def close(self) -> None:
        os.close(self._fd)


class Journal:
    """The disk's thread. `trouble` is called on it with one sentence, or with "" when writing works again."""

    def __init__(self, sessions: Path, traces: Path, trouble: Callable[[str], None]) -> None:
        self._sessions, self._traces, self._told = sessions, traces, trouble
        self._jobs: queue.Queue[_Job] = queue.Queue(QUEUE_LINES)
        self._steps: deque[_Step] = deque()
        self._dropped = 0
        self._session: Lines | None = None
        self._trace: Lines | None = None
        self._synced = 0.0
        self._failed, self._failing = "", False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    # --- called on the loop: never waits -----------------------------------------------------------------------

    def begin(self, context: Context) -> None:
        """A new trace, with its context as the first line; old ones beyond the last 20 go."""
        self.run(lambda: self._begin(context))

    def entry(self, entry: Entry) -> None:
        self._put(entry)

    def step(self, now: Ms, item: Input, effects: Sequence[Effect]) -> None:
        if len(self._steps) < TRACE_SHARE:
            self._steps.append(_Step(now, item, tuple(effects)))
        else:
            self._dropped += 1

    def run(self, do: Callable[[], None], done: Callable[[], None] = lambda: None) -> None:
        """Do this on the disk's thread, in order; `done` is called there afterwards, whatever became of it."""
        if not self._put(_Work(do, done)):
            done()

    def close(self, limit: float = CLOSE_LIMIT_S) -> None:
        """Write what waits, at most for `limit` seconds."""
        self._put(None)
        self._thread.join(limit)

    def _put(self, job: _Job) -> bool:
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            self._dropped += 1
            return False
        return True

    # --- the thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        ended = False
        while not ended:
            batch = self._batch()
            ended = None in batch
            if not batch and not self._steps:
                continue
            self._failing = False
            self._guarded(lambda batch=batch: self._write(batch))  # type: ignore[misc]
            self._guarded(self._sync)
            if self._failed and not self._failing:
                self._failed = ""
                self._told("")
        for lines in (self._session, self._trace):
            if lines is not None:
                self._guarded(lines.sync)
                lines.close()

    def _batch(self) -> list[_Job]:
        """What waits. Lines of the trace wake nobody: they go along with the next job, or when it is time."""
        try:
            batch = [self._jobs.get(timeout=TRACE_EVERY_S)]
        except queue.Empty:
            return []
        while len(batch) < 256 and not self._jobs.empty():
            batch.append(self._jobs.get_nowait())
        return batch

    def _guarded(self, work: Callable[[], None]) -> None:
        """A broken disk is told once and tried again with the next batch."""
        try:
            work()
        except OSError as error:
            self._failing = True
            if not self._failed:
                self._failed = f"Nothing can be recorded ({error.strerror}); the walk goes on. Free some disk space."
                self._told(self._failed)

    def _write(self, batch: Sequence[_Job]) -> None:
        for job in batch:
            if isinstance(job, _Work):
                self._work(job)
            elif job is not None:
                self._guarded(lambda job=job: self._entry(job))  # type: ignore[misc]
        steps = self._waiting_steps()
        if self._dropped and self._trace is not None:
            lost, self._dropped = self._dropped, 0
            steps.append({"dropped": lost})
            self._told(f"The disk is too slow: {lost} lines of the record were dropped.")
        if steps and self._trace is not None:
            self._trace.append(steps)

    def _waiting_steps(self) -> list[object]:
        steps: list[object] = []
        while self._steps:
            step = self._steps.popleft()
            steps.append({"now": step.now, "input": plain.dump(step.item), "digest": digest(step.effects)})
        return steps

    def _work(self, job: _Work) -> None:
        try:
            self._guarded(job.do)
        finally:
            job.done()

    def _entry(self, entry: Entry) -> None:
        if isinstance(entry, Opened):
            self._open_session(entry)
        elif self._session is not None:
            self._session.append([plain.dump(entry)])
        if isinstance(entry, Closed) and self._session is not None:
            session, self._session = self._session, None
            session.sync()
            session.close()

    def _open_session(self, entry: Opened) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None
        # The core has no wall clock; the time a person reads is filled in where there is one.
        entry = entry if entry.started else replace(entry, started=wall_iso())
        self._session = Lines(self._sessions / (_file_name(entry.session) + ".jsonl"))
        self._session.append([plain.dump(entry)])

    def _begin(self, context: Context) -> None:
        if self._trace is not None:
            self._trace.close()
        self._trace = None
        old = sorted(self._traces.glob("*.jsonl"))
        for path in old[: max(0, len(old) - TRACES_KEPT + 1)]:
            path.unlink(missing_ok=True)
        self._trace = Lines(self._traces / (_file_name(context.id) + ".jsonl"))
        self._trace.append([plain.dump(context)])

    def _sync(self) -> None:
        if self._session is not None:
            self._session.sync()
        now = monotonic_s()
        if self._trace is not None and now - self._synced >= SYNC_TRACE_S:
            self._trace.sync()
            self._synced = now


def _file_name(identity: str) -> str:
    """A session's id as a file name: no separators, no leading dot."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", identity)[:80] or "unnamed"
