"""The words of `treadctl glance`, and those of a walk that has the page beside it."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.clients.words import JSON, Parser, add
from treadctl.model.errors import UsageError

if TYPE_CHECKING:
    from treadctl.clients.glance.run import Wish
    from treadctl.clients.words import Commands

ASKED = ("bind", "port", "layout", "name", "visual", "speaker")


def add_words(commands: Commands) -> None:
    parser = add(commands, "glance", "show the walk on a phone or tablet, with a stop", _glance)
    add_page(parser)
    parser.add_argument("--json", action="store_true", help=JSON)
    parser.add_argument("--socket", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)


def add_beside(parser: Parser) -> None:
    """For a walk."""
    parser.add_argument("--glance", action="store_true", help="with the page for a phone or tablet (treadctl glance)")
    add_page(parser)


def add_page(parser: Parser) -> None:
    """Where the page is served, and which."""
    parser.add_argument("--bind", metavar="ADDR", help="serve here (default 127.0.0.1: only this computer)")
    parser.add_argument("--port", metavar="N", type=int, help="on this port (default 8470; 0: any)")
    parser.add_argument("--layout", choices=("hand", "wall"), help="a phone with a stop (default), or a tablet")
    parser.add_argument("--name", metavar="HOST", action="append", help="a further name this computer is asked by")
    text = "who speaks: this computer (default), or the page on a phone or tablet that was tapped once"
    parser.add_argument("--speaker", choices=("laptop", "phone"), help=text)
    parser.add_argument("--visual", action="store_true", help="for who does not hear: rises wait until they were shown")


def page_beside(asked: argparse.Namespace, socket: Path) -> AbstractContextManager[str]:
    """The page that a walk wants beside it, of its own guardian: its address while it is served, empty for none.

    Raises UsageError for words about a page that nobody wants.
    """
    if getattr(asked, "glance", False):
        from treadctl.clients.glance.run import beside

        if asks_page(asked) and asked.headless and asked.sim:
            raise UsageError("The simulated walker hears no page; leave out --headless, or --speaker phone.")
        return beside(_wish(asked, socket), told=asked.headless)
    for word in ASKED:
        if getattr(asked, word, None):
            raise UsageError(f"--{word} is about the glance page; add --glance, or leave it out.")
    return nullcontext("")


def asks_visual(asked: argparse.Namespace) -> bool:
    """Whether the walker does not hear; only a walk with a page can be asked for so."""
    return bool(getattr(asked, "visual", False))


def asks_page(asked: argparse.Namespace) -> bool:
    """Whether the page shall speak in the laptop's place."""
    return getattr(asked, "speaker", None) == "phone"


def _glance(asked: argparse.Namespace) -> int:
    from treadctl.clients.glance.run import run_glance

    return run_glance(_wish(asked, asked.socket), as_json=asked.json, attached=asked.attached)


def _wish(asked: argparse.Namespace, socket: Path | None) -> Wish:
    from treadctl.clients.glance.gate import View
    from treadctl.clients.glance.run import PORT, Wish

    port = PORT if asked.port is None else asked.port
    if asked.visual and asks_page(asked):
        raise UsageError("--visual is for who does not hear, and --speaker phone for who does; leave out one of them.")
    layout, names = View(asked.layout or "hand"), tuple(asked.name or ())
    return Wish(asked.bind or "127.0.0.1", port, layout, names, asked.visual, socket, asks_page(asked))
