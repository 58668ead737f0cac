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
OF = {
    "treadmill-data": WIRE, "machine-data": WIRE, "profiles": TEXT, "socket": JSON, "journal": JSON,
    "small-files": (*JSON, *TEXT),
}


def dictionary(name: str) -> str:
    """The words of a target as libFuzzer reads them: one a line, every octet in hexadecimal."""
    octets = [bytes.fromhex(word) if OF[name] is WIRE else word.encode() for word in OF[name]]
    return "".join('"' + "".join(f"\\x{octet:02x}" for octet in word) + '"\n' for word in octets)
