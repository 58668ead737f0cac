"""A real browser, driven over the WebDriver protocol with nothing but the standard library.

Chromium and its driver come from Debian. Every call blocks: on a loop, use `asyncio.to_thread`.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CALL_LIMIT_S = 30.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which the protocol hands out elements (W3C WebDriver, section 11)."""
PHONE = (390, 844, True)
TABLET = (1180, 820, False)


class Browser:
    """One window. Raises urllib's errors when the driver refuses."""

    def __init__(self, base: str) -> None:
        self._base = base

    def go(self, address: str) -> None:
        self._call("POST", "/url", {"url": address})

    def run(self, script: str, *arguments: Any) -> Any:
        """What this script of the page's own world returns."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, id: str) -> str:
        """What stands in this element, seen or not."""
        return str(self.run("return document.getElementById(arguments[0]).textContent", id))

    def classes(self) -> set[str]:
        return set(self.run("return document.body.className").split())

    def click(self, id: str) -> None:
        """A real one, with everything that belongs to it."""
        found = self._call("POST", "/element", {"using": "css selector", "value": f"#{id}"})
        self._call("POST", f"/element/{found[ELEMENT]}/click", {})

    def key(self, key: str) -> None:
        """Press a key, and let it go."""
        deeds = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": deeds}]})

    def new_tab(self) -> str:
        """Open one and go there; answers the one that was left."""
        left = str(self._call("GET", "/window"))
        made = self._call("POST", "/window/new", {"type": "tab"})
        self.to_tab(made["handle"])
        return left

    def to_tab(self, handle: str) -> None:
        self._call("POST", "/window", {"handle": handle})

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self._call("GET", "/screenshot"))

    def complaints(self) -> list[str]:
        """What the page wrote to its console, refusals of its policy among it, since this was asked last."""
        return [entry["message"] for entry in self._call("POST", "/se/log", {"type": "browser"})]

    def _call(self, method: str, path: str, data: Any = None) -> Any:
        return call(self._base + path, method, data)


def call(address: str, method: str, data: Any = None) -> Any:
    """One command of the protocol, and its value."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(address, body, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=CALL_LIMIT_S) as answer:
        return json.load(answer)["value"]


@contextmanager
def a_browser(size: tuple[int, int, bool] = PHONE, *names: str) -> Iterator[Browser]:
    """A browser of this size that takes `names` for this host. Its files are gone with it."""
    with tempfile.TemporaryDirectory(prefix="tread-browser-", ignore_cleanup_errors=True) as folder:
        command = ["chromedriver", "--port=0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            try:
                base = f"http://127.0.0.1:{_port(process)}/session"
                made = call(base, "POST", _wanted(folder, size, names))
                session = f"{base}/{made['sessionId']}"
                try:
                    yield Browser(session)
                finally:
                    call(session, "DELETE")
            finally:
                process.terminate()
                process.wait(10)


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if "was started successfully on port" in line:
            return int(line.rstrip().rstrip(".").rsplit(" ", 1)[1])
    raise AssertionError("chromedriver did not start")


def _wanted(folder: str, size: tuple[int, int, bool], names: tuple[str, ...]) -> Any:
    width, height, touch = size
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={Path(folder) / 'profile'}"]
    words += ["--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
    if names:
        words.append("--host-resolver-rules=" + ", ".join(f"MAP {name} 127.0.0.1" for name in names))
    metrics = {"width": width, "height": height, "pixelRatio": 1, "touch": touch, "mobile": touch}
    chrome = {"args": words, "mobileEmulation": {"deviceMetrics": metrics}}
    always = {"goog:chromeOptions": chrome, "goog:loggingPrefs": {"browser": "ALL"}}
    return {"capabilities": {"alwaysMatch": always}}
