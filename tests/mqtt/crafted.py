"""What somebody hostile or confused might send, without end: random octets, and words that look like orders."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence

from treadctl.clients.mqtt.topics import Topics
from treadctl.model import plain
from treadctl.model.api import Ask, Attend, Confirm, Ease, Hello, Press, Resume, Role

WORDS = (
    b"START", b"start", b"RESUME", b"FASTER", b"5.0", b"GO", b"stop", b" STOP", b"STOP\x00", b"ON", b"1", b"true", b"",
    b"online", b"offline", b"None", b"null", b"{}", b"[]", b"\xff\xfe", b"\x00", b"__proto__", b"{{ 7*7 }}", b"[bold]",
)  # fmt: skip
SOCKET_LINES = tuple(
    json.dumps(plain.dump(one)).encode() + b"\n"
    for one in (
        Hello(Role.LOCAL), Ask(1, Press("space")), Ask(2, Confirm()), Ask(3, Resume()), Ask(4, Attend()),
        Ask(5, Ease()),
    )
)  # fmt: skip
"""What a local client says to the guardian: as payloads they must mean nothing."""
BIDI = "".join(chr(code) for code in (*range(0x202A, 0x202F), 0x2066, 0x200B, 0xFEFF, 0x1B, 0x9B))


def crafted(
    mine: Topics, lots: random.Random, profiles: Sequence[str], *, stops: bool = True
) -> Iterator[tuple[str, bytes, bool]]:
    """Topic, payload, whether it is sent to be retained; without `stops` never what stops a belt."""
    kinds = (lambda: lots.choice(WORDS), lambda: lots.choice(SOCKET_LINES), lambda: lots.randbytes(lots.randrange(300)),
             lambda: _text(lots), lambda: lots.choice(profiles).encode(), lambda: _json(lots), lambda: b"STOP",
             lambda: lots.randbytes(lots.choice((1024, 1025, 9000))))  # fmt: skip
    while True:
        topic, payload = lots.choice(mine.incoming), lots.choice(kinds)()
        if payload == b"STOP" and topic == mine.stop and not stops:
            continue
        yield topic, payload, lots.random() < 0.1


def _text(lots: random.Random) -> bytes:
    letters = "STOPstarfe 0123456789%\n\r\t" + BIDI
    return "".join(lots.choice(letters) for _ in range(lots.randrange(1, 260))).encode()


def _json(lots: random.Random) -> bytes:
    key = lots.choice(("speed", "start", "command", "is", "payload", "level"))
    return json.dumps({key: lots.choice((5.0, "start", True, None, [1] * 20, {"is": "Press"}))}).encode()
