"""Records of machines for the tests of what is done with them, saved where treadctl looks."""

from __future__ import annotations

from dataclasses import replace

from treadctl.files.machines import RecordStore
from treadctl.files.quirks import commissioned, load_quirk
from treadctl.model.machine import Record
from treadctl.paths import real_paths

CELLAR = replace(
    commissioned(load_quirk("reference")), address="AA:BB:CC:00:00:01", name="Cellar", learnt="2026-11-20", firmware=""
)
"""May be walked on backward."""
ATTIC = Record("AA:BB:CC:00:00:02", "Attic", learnt="2026-11-21")
"""Was not learnt to the end."""


def remember(*records: Record) -> RecordStore:
    """As commissioning does."""
    store = RecordStore(real_paths().machines)
    for record in records:
        store.save(record)
    return store
