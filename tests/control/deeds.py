"""What people, programs and fate do to a commissioning: one function each, on the bench."""

from __future__ import annotations

from tests.control.bench import Bench
from treadctl.control import events as ev
from treadctl.model import api


def key(bench: Bench) -> None:
    bench.owner = False
    bench.press("x")


def escape(bench: Bench) -> None:
    bench.owner = False
    bench.press("escape")


def stop(bench: Bench) -> None:
    bench.ask(api.Stop("from the shell"))


def pain(bench: Bench) -> None:
    bench.ask(api.Pain())


def ease(bench: Bench) -> None:
    bench.ask(api.Ease())


def end(bench: Bench) -> None:
    bench.ask(api.End())


def killed(bench: Bench) -> None:
    bench.attends = bench.owner = False
    bench.feed(ev.ClientGone("me"))


def hung(bench: Bench) -> None:
    bench.attends = bench.owner = False


def unlinked(bench: Bench) -> None:
    bench.unlink()


def safety_key(bench: Bench) -> None:
    bench.owner = bench.console = False
    bench.pull_key()


def asleep(bench: Bench) -> None:
    bench.feed(ev.Suspended(5000))


def quits(bench: Bench) -> None:
    bench.feed(ev.Quit("SIGTERM"))
