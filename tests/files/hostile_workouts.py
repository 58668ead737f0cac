"""Workouts of other apps that nobody should open, made where they are needed: no large file lies in the repository.

Run as a program it imports each and prints, as JSON, what it was told, its processor time and the peak of memory.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

from treadctl.files.exchange import import_file
from treadctl.files.fit_wire import ENUM, STRING, UINT16, UINT32, Value, crc, encode
from treadctl.model.errors import InvalidFile
from treadctl.model.units import kmh

KIB = 1024
Maker = Callable[[], bytes]
Message = tuple[int, list[tuple[int, int, Value]]]


def zwo(steps: str, head: str = "<sportType>run</sportType>", before: str = "") -> bytes:
    """A running workout with these steps."""
    return f"{before}<workout_file>{head}<workout>{steps}</workout></workout_file>".encode()


def rows(inner: str) -> bytes:
    return f"<rows>{inner}</rows>".encode()


STEADY = '<SteadyState Duration="60" Power="0.5"/>'
ROW = '<row duration="00:01:00" speed="2" forcespeed="1"/>'
LINE = "- Easy 10m 24:00/km Pace\n"


def fit(*messages: Message) -> bytes:
    return encode([(0, [(0, ENUM, 5)]), *messages])


def step(**fields: int) -> Message:
    """A workout step of one minute at about 2 km/h, with these fields put in its place (f1=6: field 1 is 6)."""
    plain = {1: 0, 2: 60_000, 3: 0, 4: 0, 5: 556, 6: 556} | {int(key[1:]): value for key, value in fields.items()}
    kinds = {1: ENUM, 3: ENUM}
    return 27, [(number, kinds.get(number, UINT32), value) for number, value in plain.items()]


def resummed(data: bytes) -> bytes:
    """With a right sum again after something was changed."""
    body = data[:-2]
    return body + crc(body).to_bytes(2, "little")


def raw_fit(body: bytes) -> bytes:
    """Any octets as the body of a FIT file whose length and sum are right."""
    head = bytes((12, 0x10)) + (2105).to_bytes(2, "little") + len(body).to_bytes(4, "little") + b".FIT"
    return resummed(head + body + b"\0\0")


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("workout.zwo", data)
    return packed.getvalue()


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'

MADE: dict[str, Maker] = {
    # XML that wants to be more than it is
    "laughs": lambda: zwo(STEADY, "<name>&i;</name>", LAUGHS),
    "outside-entity": lambda: zwo(STEADY, "<name>&f;</name>", OUTSIDE),
    "parameter-entity": lambda: zwo(STEADY, before=PARAMETER),
    "doctype-alone": lambda: zwo(STEADY, before="<!DOCTYPE workout_file>"),
    "doctype-by-address": lambda: zwo(STEADY, before='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "doctype-in-utf-16": lambda: f"<!DOCTYPE x>{zwo(STEADY).decode()}".encode("utf-16"),
    "unknown-entity": lambda: zwo(STEADY, "<name>&nbsp;</name>"),
    "quadratic-attributes": lambda: b"<workout_file " + b" ".join(b'a%d="x"' % n for n in range(16_000)) + b"/>",
    "attribute-twice": lambda: zwo('<SteadyState Duration="60" Duration="60" Power="1"/>'),
    "deep": lambda: b"<a>" * 60_000,
    "deep-and-closed": lambda: b"<a>" * 30_000 + b"</a>" * 30_000,
    "many-elements": lambda: zwo("<b/>" * 60_000),
    "many-steps": lambda: zwo(STEADY * 5_000),
    "open-tag": lambda: b"<workout_file><workout>",
    "two-roots": lambda: zwo(STEADY) * 2,
    "codec-by-name": lambda: b'<?xml version="1.0" encoding="punycode"?>' + zwo(STEADY),
    "codec-rot13": lambda: b'<?xml version="1.0" encoding="rot13"?>' + zwo(STEADY),
    "nul": lambda: zwo(STEADY).replace(b"Steady", b"St\0eady"),
    "html": lambda: b"<html><body>not found</body></html>",
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "long-text": lambda: zwo('<SteadyState Duration="9" Power="x' + "9" * 200_000 + '"/>'),
    "long-blanks": lambda: zwo('<SteadyState Duration="60" Power="' + " " * 200_000 + 'x"/>'),
    "long-message": lambda: zwo(
        f'<Warmup Duration="20000" PowerLow="0.1" PowerHigh="99"><textevent message="{"backward " * 20_000}"/></Warmup>'
    ),
    # workouts that say nonsense
    "zwo-for-a-bike": lambda: zwo(STEADY, "<sportType>bike</sportType>"),
    "zwo-without-steps": lambda: zwo(""),
    "zwo-without-workout": lambda: b"<workout_file><name>x</name></workout_file>",
    "zwo-negative-share": lambda: zwo('<SteadyState Duration="60" Power="-1"/>'),
    "zwo-infinite": lambda: zwo('<SteadyState Duration="60" Power="inf"/>'),
    "zwo-exponent": lambda: zwo('<SteadyState Duration="1e9" Power="1"/>'),
    "zwo-comma": lambda: zwo('<SteadyState Duration="60" Power="0,5"/>'),
    "zwo-no-time": lambda: zwo('<SteadyState Duration="0" Power="0.5"/>'),
    "zwo-for-ever": lambda: zwo('<SteadyState Duration="999999999" Power="0.5"/>'),
    "zwo-free-ride": lambda: zwo('<FreeRide Duration="60"/>'),
    "zwo-unknown-step": lambda: zwo('<Teleport Duration="60"/>'),
    "zwo-repeat-bomb": lambda: zwo(
        '<IntervalsT Repeat="999999999" OnDuration="1" OffDuration="1" OnPower="1" OffPower="1"/>'
    ),
    "zwo-many-intervals": lambda: zwo(
        '<IntervalsT Repeat="1000" OnDuration="60" OffDuration="60" OnPower="0.5" OffPower="0.4"/>' * 1_000
    ),
    "zwo-as-fast-as-light": lambda: zwo('<SteadyState Duration="60" Power="999999999"/>'),
    "qz-no-speed": lambda: rows('<row duration="00:01:00"/>'),
    "qz-negative-speed": lambda: rows('<row duration="00:01:00" speed="-1"/>'),
    "qz-downhill": lambda: rows('<row duration="00:01:00" speed="2" inclination="-3"/>'),
    "qz-wall": lambda: rows('<row duration="00:01:00" speed="2" inclination="900"/>'),
    "qz-bad-clock": lambda: rows('<row duration="1:90" speed="2"/>'),
    "qz-no-clock": lambda: rows('<row speed="2"/>'),
    "qz-map": lambda: rows('<row duration="00:01:00" speed="2" latitude="1" longitude="2"/>'),
    "qz-repeat-of-nothing": lambda: rows('<repeat times="3"/>'),
    "qz-repeat-zero": lambda: rows(f'<repeat times="0">{ROW}</repeat>'),
    "qz-nested-repeats": lambda: rows('<repeat times="999">' * 12 + ROW + "</repeat>" * 12),
    "qz-other": lambda: rows("<tape/>"),
    "qz-empty": lambda: rows(""),
    # text
    "text-nothing": lambda: b"",
    "text-prose": lambda: b"Dear walker,\nhave a nice day.\n",
    "text-power": lambda: b"- 10m 75%\n",
    "text-zone": lambda: b"- 10m Z2 Pace\n",
    "text-no-length": lambda: b"- Easy 24:00/km Pace\n",
    "text-no-pace": lambda: b"- Easy 10m\n",
    "text-pace-of-zero": lambda: b"- 10m 0:00/km Pace\n",
    "text-repeat-bomb": lambda: b"9999x\n" + LINE.encode(),
    "text-many-steps": lambda: LINE.encode() * 10_000,
    "text-long-line": lambda: b"- " + b" " * 200_000 + b"10m 24:00/km Pace",
    "text-latin-1": lambda: "- Für 10m".encode("latin-1") + LINE.encode(),
    "text-a-profile": lambda: b"treadctl: 1\nname: x\nsegments:\n",
    "text-json": lambda: b'{"workout": [' + b"[" * 100_000,
    # packed
    "zip-bomb": lambda: zipped(b"\0" * 50_000_000),
    "gzip-bomb": lambda: gzip.compress(b"<" * 50_000_000),
    "xz": lambda: b"\xfd7zXZ\0" + b"\0" * 99,
    # FIT
    "fit-cut": lambda: fit(step())[:-5],
    "fit-sum": lambda: fit(step())[:-1] + b"\xff",
    "fit-length": lambda: b"\x0e\x10\x39\x08\xff\xff\xff\xff.FIT" + b"\0" * 99,
    "fit-tail": lambda: fit(step()) + b"more",
    "fit-an-activity": lambda: encode([(0, [(0, ENUM, 4)]), step()]),
    "fit-a-swim": lambda: fit((26, [(4, ENUM, 5), (6, UINT16, 1)]), step()),
    "fit-nothing": lambda: encode([]),
    "fit-no-steps": lambda: fit((26, [(8, STRING, "x")])),
    "fit-open-step": lambda: fit(step(f1=5)),
    "fit-heart-rate": lambda: fit(step(f3=1)),
    "fit-speed-zone": lambda: fit(step(f4=3)),
    "fit-speed-zero": lambda: fit(step(f5=0, f6=0)),
    "fit-too-fast": lambda: fit(step(f5=4_000_000_000, f6=4_000_000_000)),
    "fit-repeat-of-later": lambda: fit(step(f1=6, f2=7, f4=3), step()),
    "fit-repeat-bomb": lambda: fit(step(), step(f1=6, f2=0, f4=4_000_000_000)),
    "fit-nested-repeats": lambda: fit(step(), *(step(f1=6, f2=0, f4=2) for _ in range(3_000))),
    "fit-never-described": lambda: raw_fit(b"\x05\x00\x00"),
    "fit-cut-description": lambda: raw_fit(b"\x40\x00\x00\x1b\x00\xff\x01"),
    "fit-developer-fields": lambda: raw_fit(b"\x60\x00\x00\x1b\x00\x00\xff\x01"),
    "fit-empty-messages": lambda: raw_fit(b"\x40\x00\x00\x1b\x00\x00" + b"\x00" * 250_000),
    "fit-many-fields": lambda: raw_fit(b"\x40\x00\x00\x1b\x00\xff" + b"\x01\x00\x02" * 255 + b"\x00" * 250_000),
}
"""Every one has to be refused. What is large here is still below the limit of size; `special` makes the larger ones."""


def special(folder: Path) -> list[Path]:
    """What is no plain small file: a gigabyte, a folder, a pipe, a device and nothing at all."""
    huge, valid = folder / "gigabyte.zwo", folder / "gigabyte-that-begins-well.zwo"
    valid.write_bytes(zwo(STEADY)[:-15])
    for path in (huge, valid):
        with path.open("ab") as file:
            file.truncate(1 << 30)
    pipe = folder / "pipe.fit"
    os.mkfifo(pipe)
    name = folder / "a\x1b[31mred\n.zwo"
    name.write_bytes(zwo("<Teleport/>"))
    return [huge, valid, pipe, folder, Path("/dev/zero"), folder / "missing.zwo", folder / ("x" * 300), name]


def write_all(folder: Path) -> list[Path]:
    """The whole corpus in this folder."""
    for name, make in MADE.items():
        (folder / name).write_bytes(make())
    return [*(folder / name for name in MADE), *special(folder)]


def main() -> None:
    found = []
    before = _peak_kib()
    for path in (Path(word) for word in sys.argv[1:]):
        begin, told = process_time(), ""
        try:
            import_file(path, kmh("6.0"))
        except InvalidFile as error:
            told = str(error)
        found.append((str(path), told, process_time() - begin))
    sys.stdout.write(json.dumps({"files": found, "peak_kib": _peak_kib(), "before_kib": before}))


def _peak_kib() -> int:
    """The most memory that this process ever held. getrusage would count what it was forked from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])


if __name__ == "__main__":
    main()
