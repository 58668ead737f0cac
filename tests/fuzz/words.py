"""Words that a fuzzer would take long to find by itself: the numbers at which the wire's meaning changes, and names.

The fuzzer puts them into its inputs. They decide nothing: a word too many costs a little time.
"""

from __future__ import annotations

WIRE = (
    "0000", "0100", "ff", "00", "ffff", "ff7f", "0080", "0180", "feff", "ffffff", "e803", "e903", "18fc", "17fc",
    "0104", "8404", "9e05", "fe1f", "ff1f", "0020", "8000", "8005", "0801", "0802",
)
"""Hexadecimal: not available, the largest and the smallest, 100 % and a bit more, flags and opcodes."""
JSON = (
    '"is":', '"Hello"', '"Ask"', '"Stop"', '"Press"', '"Attend"', '"Message"', '"Snapshot"', '"role":', '"local"',
    '"display"', '"network"', '"intent":', '"version":', '"SampleEntry"', '"EventEntry"', '"Opened"', '"Closed"',
    '"speed":', '"at":', '"segments":', '"input":', '"Notified"', '"Asked"', '"now":', "null", "true", "NaN", "-1",
    "1e999", "9223372036854775808", "[", "]", "{", "}", "\\ud800", '"locks":', '"level":', '"address":', "\n",
)
TEXT = (
    "treadctl: 1", "name: ", "segments:", "\n  - ", "{walk: forward, ", "{walk: backward, ", "for: 90s", "for: 1:30",
    "speed: 5.0 km/h", "speed: 5.01 km/h", "speed: 8.0 km/h", "mph", "incline: 2 %", "{from: 0 %, to: 2 %, step: 1 %, ",
    "every: 1min}", "repeat: 4", "{rest: 30s}", "dead-mill: backward", "off-treadmill: 2min", "level: 4", "&a ", "*a",
    "!!int ", "? ", "|", ">", "---", "\u202e", "\t", "\r", "\u2028", "[belt]", "[speed]", "voice_rate = ", "0x", "1e9",
    "inf", "nan",
)
SHARED = ("# A treadctl profile, shared by ", "# Checksum: ", "\n# Checksum: " + 40 * "0" + "\n", "\ufeff", "\r\n")
WORKOUT = (
    "<workout_file>", "</workout_file>", "<sportType>run</sportType>", "<durationType>distance</durationType>",
    "<workout>", "</workout>", "<thresholdSecPerKm>600</thresholdSecPerKm>", "<SteadyState ", "<Warmup ", "<Ramp ",
    "<IntervalsT ", "<FreeRide ", "<textevent ", ' Duration="60"', ' Power="0.5"', ' PowerLow="0.2"',
    ' PowerHigh="0.9"', ' Repeat="3"', ' OnDuration="9"', ' OffDuration="9"', ' OnPower="1"', ' OffPower="0"',
    ' timeoffset="6"', ' message="Backward: x"', "/>", "<rows>", "</rows>", "<row ", ' duration="00:01:00"',
    ' speed="2"', ' inclination="-1"',
    ' speedfrom="1" speedto="3"', ' inclination="2"', ' forcespeed="1"', ' distance="0.5"', '<repeat times="3">',
    "</repeat>", "<!DOCTYPE x>", "&lt;", "&#10;", "&amp;", "<?xml version='1.0' encoding='utf-16'?>", "\n- ", "10m ",
    "1m30 ", "90s ", "1km ", "24:00/km Pace", "24:00-30:00/mi Pace", "50-60% Pace", "ramp ", "\n3x\n", "6^ ", " <!> ",
    "Rest: ", "Rest", "Backward: ", "Forward: ", "backwards", "freeride", "press lap", "intensity=rest", ".FIT",
)
HTTP = (
    "GET ", "POST ", "HEAD ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "/<hand>/", "/<wall>/", "/<spotter>/", "stop", "attend",
    "shown/", "events/", "Host: localhost:8080\r\n", "Host: 192.0.2.7:8080\r\n", "Host: evil.example\r\n",
    "Origin: http://localhost:8080\r\n", "Origin: null\r\n", "Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n",
    "Connection: upgrade\r\n", "Expect: 100-continue\r\n", "\r\n", "\n", "%2f", "//", "..", "?", "#", "@", "\t", "\0",
)
OF = {
    "treadmill-data": WIRE, "machine-data": WIRE, "profiles": TEXT, "socket": JSON, "journal": JSON,
    "small-files": (*JSON, *TEXT), "workouts": WORKOUT, "writing": (*TEXT, *SHARED),
    "glance": HTTP,
}


def dictionary(name: str) -> str:
    """The words of a target as libFuzzer reads them: one a line, every octet in hexadecimal."""
    octets = [bytes.fromhex(word) if OF[name] is WIRE else word.encode() for word in OF[name]]
    return "".join('"' + "".join(f"\\x{octet:02x}" for octet in word) + '"\n' for word in octets)
