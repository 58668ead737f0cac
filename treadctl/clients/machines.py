"""`treadctl machines …`: the treadmills that were learnt here, what each may be used for, and how to forget one.

It reads and deletes records, and makes none: only commissioning does. It also finds the address that a name stands for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from treadctl.files.locks import forget_rehearsal, load_rehearsals
from treadctl.files.machines import RecordStore
from treadctl.files.quirks import hints, merged, quirk_for
from treadctl.model.errors import ExitCode, NoMachine, Refused, UsageError
from treadctl.model.machine import Backward, LinkInfo, Manual, Record, SpeedRange, backward_permission
from treadctl.model.plain import dump
from treadctl.model.text import safe_text
from treadctl.model.units import Ms, Speed
from treadctl.paths import Paths

from .found import ADDRESS, NAMELESS
from .reading import Units, exactly, in_units
from .settings import shown_units

LIST_SCHEMA = "treadctl.machines/1"
SHOW_SCHEMA = "treadctl.machine/1"
FORGET_SCHEMA = "treadctl.machine-forgotten/1"
NONE_YET = "No treadmill was learnt on this computer yet; find yours with treadctl scan, then: treadctl commission."


# --- names ---------------------------------------------------------------------------------------------------------


def address_of(paths: Paths, who: str) -> str:
    """The address that `who` stands for: an address itself, or the name of a remembered machine; empty stays empty.

    Raises NoMachine for a name that nobody has, UsageError for one that several have.
    """
    if not who or ADDRESS.fullmatch(who):
        return who.upper()
    return chosen(RecordStore(paths.machines).all(), who)[0].address


def chosen(records: Sequence[Record], who: str) -> list[Record]:
    """The records (one a firmware) of the only machine that is meant: by address, by its whole name, or by how its name
    begins, in capitals or not. Raises NoMachine, UsageError."""
    wish, shown = who.casefold(), safe_text(who)
    exact = [one for one in records if wish in (one.name.casefold(), one.address.casefold())]
    near = exact or [one for one in records if one.name.casefold().startswith(wish)]
    if len({one.address for one in near}) == 1:
        return near
    if near:
        raise UsageError(f"{shown!r} may be {_listed(near)}; give the address of the one you mean.")
    known = f"remembered are {_listed(records)}" if records else "none was learnt here yet"
    raise NoMachine(f"No treadmill is remembered as {shown!r}: {known}; treadctl scan shows those in reach.")


def _listed(records: Sequence[Record]) -> str:
    return " or ".join(dict.fromkeys(_called(record) for record in records))


def _called(record: Record) -> str:
    return f"{_name(record)} ({safe_text(record.address)})"


def _name(record: Record) -> str:
    return safe_text(record.name) or NAMELESS


# --- the commands --------------------------------------------------------------------------------------------------


def run_list(paths: Paths, *, as_json: bool) -> int:
    """Print every machine in two lines. Returns 0, also when there is none."""
    records = sorted(RecordStore(paths.machines).all(), key=lambda one: (one.name.casefold(), one.address))
    if as_json:
        print(json.dumps({"schema": LIST_SCHEMA, "machines": [_plain(record) for record in records]}))
    elif not records:
        print(NONE_YET)
    for record in () if as_json else records:
        print(f"{_name(record)}  {safe_text(record.address)}{_learnt(record)}")
        print(in_units(f"  {permission_words(record)}", shown_units()))
    return int(ExitCode.OK)


def run_show(paths: Paths, who: str, *, as_json: bool) -> int:
    """Print all that is known of one machine, for each firmware. Raises NoMachine, UsageError."""
    found = chosen(RecordStore(paths.machines).all(), who)
    if as_json:
        records = [{**_plain(record), "known_kind": quirk_lines(record), "record": dump(record)} for record in found]
        print(json.dumps({"schema": SHOW_SCHEMA, "records": records}))
    for record in () if as_json else found:
        _print_record(record, _rehearsed(paths, record))
    return int(ExitCode.OK)


def _rehearsed(paths: Paths, record: Record) -> str:
    """When the turn, the alarm and the stop key were practised on it last."""
    days = {one.address.upper(): one.on for one in load_rehearsals(paths.rehearsed)}
    return safe_text(days.get(record.address.upper(), "not yet: treadctl rehearse"), 40)


def _print_record(record: Record, rehearsed: str) -> None:
    units = shown_units()
    print(f"{_name(record)}  {safe_text(record.address)}{_learnt(record)}")
    print(in_units(f"  {permission_words(record)}", units))
    rows = [(label, value) for label, value in (*_rows(record, units), ("rehearsed", rehearsed)) if value]
    width = max(len(label) for label, _ in rows)
    for label, value in rows:
        print(f"  {label.ljust(width)}  {value}")
    for line in quirk_lines(record):
        print(in_units(f"  {line}", units))


def run_forget(paths: Paths, who: str, *, yes: bool, as_json: bool) -> int:
    """Delete one record, after asking. Raises NoMachine, UsageError, Refused."""
    store = RecordStore(paths.machines)
    record = chosen(store.all(), who)[0]
    name = _called(record)
    again = "It has to be commissioned and rehearsed again before anybody walks on it."
    if not yes and not _asked(f"Forget {name}? {again} y/n "):
        print("Nothing was forgotten.", file=sys.stderr)
        return int(ExitCode.OK)
    try:
        forget_rehearsal(paths.rehearsed, record.address)
        store.forget(record.address)
    except OSError as error:
        raise Refused(f"{name} cannot be forgotten ({error.strerror}); look at {paths.machines}.") from None
    if as_json:
        print(json.dumps({"schema": FORGET_SCHEMA, "address": safe_text(record.address), "name": _name(record)}))
    else:
        print(f"Forgotten: {name}.")
    return int(ExitCode.OK)


def _asked(question: str) -> bool:
    """Whether a person says yes. Raises UsageError where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError("Nobody is here to be asked; add --yes if it shall be forgotten.")
    print(question, end="", flush=True, file=sys.stderr)
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


# --- words ---------------------------------------------------------------------------------------------------------


def permission_words(record: Record) -> str:
    """What may be done with this machine, in one sentence."""
    if record.missing:
        return f"Not learnt to the end, so watched only; missing: {', '.join(record.missing)}."
    permits, why = _permission(record)
    because = f" ({why})" if why else ""
    return f"Backward: {permits.value}{because}."


def _permission(record: Record) -> tuple[Backward, str]:
    """By what was measured, with what is known of its kind under it: as the guardian takes it."""
    return backward_permission(merged(record, quirk_for(_info(record))))


def _info(record: Record) -> LinkInfo:
    return LinkInfo(record.address, record.name, firmware=record.firmware)


def quirk_lines(record: Record) -> list[str]:
    """What is known of machines of this kind, and what follows from it."""
    quirk = quirk_for(_info(record))
    if quirk is None:
        return []
    return [f"Known kind: {safe_text(quirk.title, 200)}", *(f"- {safe_text(hint, 200)}" for hint in hints(quirk))]


def _learnt(record: Record) -> str:
    return f"  learnt {safe_text(record.learnt, 20)}" if record.learnt else ""


def _rows(record: Record, units: Units) -> list[tuple[str, str]]:
    """Label and value of everything measured; what is not known says so, what does not apply is empty."""
    speed, incline = record.speed, record.incline
    counts = f", counts {_seconds(record.counts_itself)} itself" if record.counts_itself else ""
    return [
        ("speeds", _span(speed, units) if speed else "not known"),
        ("incline", f"{incline.minimum} to {incline.maximum} %" if incline else "none"),
        ("start", _flag(record.remote_start, "by treadctl", "at the console only") + counts),
        ("first speed", "not known" if record.start_speed is None else exactly(record.start_speed, units)),
        ("stop", _flag(record.stop_works, "works", "DOES NOT WORK")
         + ("" if record.stop_lag is None
            else f", still after {_seconds(record.stop_lag)} from {exactly(TIMED_FROM, units)}")),
        ("pause", "works" if record.pause_proven else "not used"),
        ("commands act after", _seconds(record.lag) if record.lag is not None else "not known"),
        ("samples", f"every {_seconds(record.sample_interval)}" if record.sample_interval is not None else "not known"),
        ("at standstill", _flag(record.samples_at_standstill, "goes on sending", "falls silent")),
        ("link lost", _flag(record.runs_on, "THE BELT RUNS ON", "the belt stops")),
        ("units", "read off the console by you" if record.units_read_by_owner else "not read off the console"),
        ("rails", _flag(record.rails_facing_away, "reachable facing away", "not reachable facing away")),
        ("manual", _MANUAL[record.manual]),
        ("firmware", safe_text(record.firmware)),
    ]


def _span(speed: SpeedRange, units: Units) -> str:
    """Its speeds, none of them a limit of ours."""
    lowest, highest, step = (exactly(one, units) for one in (speed.minimum, speed.maximum, speed.increment))
    return f"{lowest.split()[0]} to {highest}, in steps of {step}"


TIMED_FROM = Speed(200)
"""What commissioning stops the belt from (safety rules, section 3)."""
_MANUAL = {
    Manual.ALLOWS: "allows walking backward", Manual.SILENT: "says nothing of walking backward",
    Manual.FORBIDS: "forbids walking backward", None: "not read yet",
}


def _flag(value: bool | None, yes: str, no: str) -> str:
    return "not known" if value is None else yes if value else no


def _seconds(ms: Ms) -> str:
    return f"{ms / 1000:.1f} s"


def _plain(record: Record) -> dict[str, object]:
    permits, why = _permission(record)
    return {
        "address": safe_text(record.address), "name": _name(record), "learnt": safe_text(record.learnt, 20) or None,
        "complete": record.complete, "missing": list(record.missing), "backward": permits.value, "reason": why,
    }
