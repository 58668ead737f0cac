"""Who may come in, and for what: every request is judged here before anything is done. Pure.

The token is the address; a page of another origin that knows it still cannot act, because of Host and Origin. A Host
that is a name nobody gave is refused, so that a foreign name made to point here (DNS rebinding) is no way in.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

TOKEN_OCTETS = 16
"""128 bits: nobody guesses it."""
BROWSER = re.compile(r"[a-z0-9]{1,32}")
NUMBER = re.compile(r"[0-9]{1,9}")
HTTP_PORT = 80


class View(Enum):
    """Which page a token opens."""

    HAND = "hand"
    WALL = "wall"
    SPOTTER = "spotter"


class Want(Enum):
    """All that can be asked here."""

    PAGE = "page"
    EVENTS = "events"
    STOP = "stop"
    ATTEND = "attend"
    SHOWN = "shown"
    SOUND = "sound"
    SPEAK = "speak"
    TAP = "tap"
    SPOKEN = "spoken"


READS = {"": Want.PAGE, "events": Want.EVENTS, "sound": Want.SOUND}
ACTS = {
    "stop": Want.STOP, "attend": Want.ATTEND, "shown": Want.SHOWN, "speak": Want.SPEAK, "tap": Want.TAP,
    "spoken": Want.SPOKEN,
}  # fmt: skip


DETAILS = {
    Want.EVENTS: BROWSER, Want.SHOWN: NUMBER, Want.SOUND: BROWSER, Want.SPEAK: BROWSER, Want.TAP: BROWSER,
    Want.SPOKEN: BROWSER,
}  # fmt: skip
"""What stands behind the word."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. Header names are lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> Sequence[str]:
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done, and for which page. `detail`: the browser of a stream or of a page that would speak, the number
    of a cue that was shown, the key of words that are said.
    """

    want: Want
    view: View
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """Why not, as a status of HTTP."""

    status: int
    why: str


class Gate:
    """`tokens` by what they open, `names` under which this host may be called besides its address."""

    def __init__(self, tokens: Mapping[View, str], names: Sequence[str], port: int) -> None:
        self._tokens, self._port = dict(tokens), port
        self._names = frozenset(name.lower() for name in names)

    def judge(self, request: Request, address: str) -> Allowed | Denied:
        """`address` is this host's own one that the request came to."""
        host = request.all("host")
        if len(host) != 1 or not self._is_us(host[0].lower(), address):
            return Denied(421, "this is another host")
        origins = request.all("origin")
        if any(origin.lower() != f"http://{host[0].lower()}" for origin in origins):
            return Denied(403, "that page is not from here")
        if request.method == "POST" and not origins:
            return Denied(403, "that page does not say where it is from")
        view, rest = self._view_of(request.target)
        if view is None:
            return Denied(404, "there is no such page")
        return _meaning(request.method, view, rest)

    def _is_us(self, host: str, address: str) -> bool:
        shown = f"[{address}]" if ":" in address else address
        names = {shown, *self._names}
        return host in {f"{name}:{self._port}" for name in names} or (self._port == HTTP_PORT and host in names)

    def _view_of(self, target: str) -> tuple[View | None, list[str]]:
        """Every token is compared, in a time that tells nothing about where it differs."""
        _, *parts = target.split("/")
        given = parts[0].encode("utf-8", "replace") if parts else b""
        found = [view for view, token in self._tokens.items() if hmac.compare_digest(token.encode(), given)]
        return (found[0] if found else None), parts[1:]


def _meaning(method: str, view: View, rest: list[str]) -> Allowed | Denied:
    """The rest of the path: one word, and for some a number or a name."""
    word, *details = rest or ["?"]
    if word not in READS and word not in ACTS:
        return Denied(404, "there is no such page")
    want = READS.get(word) or ACTS[word]
    if method != ("GET" if word in READS else "POST"):
        return Denied(405, "not in this way")
    pattern = DETAILS.get(want)
    if pattern is None:
        return Denied(404, "there is no such page") if details else Allowed(want, view)
    if len(details) != 1 or not pattern.fullmatch(details[0]):
        return Denied(404, "there is no such page")
    return Allowed(want, view, details[0])
