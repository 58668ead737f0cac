"""The page of machines: what is known of each, how far treadctl was tested with it, and what commissioning comes to.

    python -m tests.architecture.supported > SUPPORTED.md

Made from the machine files `treadctl/machines/*.toml`, the simulated commissioning of each, and the captures in
`tests/fixtures/machines`, so that nothing is claimed that no file and no test stands for. `test_supported.py` holds the
page to them; this module only reads and writes.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from treadsim.commissioned import Commissioned, Outcome, commissioned

from treadctl.files.captures import Attribute, Capture, Origin, Packet, load_capture
from treadctl.files.quirks import Quirk, hints, load_quirk, quirk_for, quirk_names
from treadctl.model.machine import LinkInfo

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "SUPPORTED.md"
FIXTURES = ROOT / "tests" / "fixtures" / "machines"
WIDTH = 120

PACKETS_OF: Mapping[str, str] = {
    "citysports-walking-pad": "citysports-linker",
    "fitshow-fs-6041f1": "fitshow-fs",
    "kingsmith-walkingpad-ks-mc21": "kingsmith-mc21",
    "kingsmith-walkingpad-z1": "kingsmith-z1",
    "life-fitness-treadmill": "life-fitness",
    "matrix-johnson-treadmill": "matrix",
    "reebok-fr30z": "reebok-fr30z",
    "technogym-myrun": "technogym-myrun",
    "urevo-e1l": "urevo-e1l",
    "vitalwalk-apollo-11-max": "tm11gy",
    "yesoul-w2-pro": "yesoul-w2-pro",
}
"""Published packets, by fixture, and the machine file they belong to: they came without the name that is advertised.
What treadctl recorded itself is found by what the machine said of itself."""


class Proof(Enum):
    """How far. The value is what the page says."""

    MEASURED = "measured on a real machine"
    PACKETS = "simulated from reports; packets of a real machine decode"
    ONLY_PACKETS = "packets of a real machine decode"
    REPORTS = "simulated from reports"


@dataclass(frozen=True, slots=True)
class Machine:
    """One line of the page: a machine file, the captures of it, or both."""

    title: str
    quirk: Quirk | None
    captures: tuple[Capture, ...] = ()

    @property
    def tested(self) -> Proof:
        if any(map(measured, self.captures)):
            return Proof.MEASURED
        if self.quirk is None:
            return Proof.ONLY_PACKETS
        return Proof.PACKETS if self.captures else Proof.REPORTS


def measured(capture: Capture) -> bool:
    """Whether treadctl itself recorded it, of a real machine."""
    return capture.origin is Origin.RECORDED and not capture.simulated


def shipped() -> list[Quirk]:
    """Every machine file."""
    return [load_quirk(name) for name in quirk_names()]


def fixtures() -> dict[str, Capture]:
    """Every capture, by the stem of its file."""
    return {path.stem: load_capture(path) for path in sorted(FIXTURES.glob("*.json"))}


def machines(quirks: Sequence[Quirk], captures: Mapping[str, Capture]) -> list[Machine]:
    """All of them by title, those without a file of their own last."""
    of: dict[str, list[Capture]] = {}
    for stem, capture in captures.items():
        of.setdefault(_owner(stem, capture), []).append(capture)
    real = [quirk for quirk in quirks if quirk.match is not None]
    known = [Machine(quirk.title, quirk, tuple(of.pop(quirk.name, ()))) for quirk in real]
    others = [Machine(found[0].machine.model, None, tuple(found)) for found in of.values()]
    return [*sorted(known, key=_by_title), *sorted(others, key=_by_title)]


def _owner(stem: str, capture: Capture) -> str:
    """The name of the machine file that this capture belongs to; its own where there is none."""
    said = capture.machine
    info = LinkInfo("", name=said.name, maker=said.maker, model=said.model, firmware=said.firmware)
    found = quirk_for(info) if capture.origin is Origin.RECORDED else None
    return found.name if found is not None else PACKETS_OF.get(stem, stem)


def _by_title(machine: Machine) -> str:
    return machine.title.lower()


# --- the page --------------------------------------------------------------------------------------------------------

_HEAD = (
    "<!-- Made by `python -m tests.architecture.supported > SUPPORTED.md`; do not edit. -->",
    "",
    "# Machines",
    "",
)
_NONE = "**No real machine has been measured with treadctl yet.** All of this is {}"
_SOME = "**Measured with treadctl on a real machine:** {}. Everything else is {}"
_REST = "simulated, or rests on what others have published."
_ABOUT = """
A machine that is not on this page is not excluded: treadctl speaks the Fitness Machine Service, and what it permits
follows from what *commissioning* measures on your own machine, never from this page. What is known of a machine only
takes permissions away.

- **simulated from reports**: the simulated treadmill behaves as people reported of this machine, with the reference
  machine's numbers where nothing was reported, and treadctl is tested against that. Each machine file says what was
  reported and what was chosen; [docs/machines.md](docs/machines.md) tells how a simulated walk on each of them went.
- **packets of a real machine decode**: octets that others captured mean to treadctl what was worked out by hand.
- **measured on a real machine**: recorded by `treadctl capture` on a machine.

*Backward* and *driven* are what commissioning came to on the simulated machine, with an honest owner beside the empty
belt. On your machine it finds what is there, and then that counts. *Guide*: it does not do what treadctl sends, so
treadctl tells and a person presses at the console; forward walking only. *Cannot be commissioned*, *cannot be driven*:
treadctl learnt nothing, or not enough, and refuses every walk.

If you have one of these, or another: `treadctl capture` records what it is and what it sends, writes nothing to it, and
leaves out address and serial number. Such a file is worth more than anything on this page.
"""
_BACKWARD = {
    Outcome.BACKWARD: "once commissioned",
    Outcome.MINIMUM: "once commissioned, at its lowest speed only",
    Outcome.SPOTTER: "once commissioned, with a spotter at the console",
}
"""What comes to anything else is not walked backward."""
_NOT_DRIVEN = (Outcome.GUIDE, Outcome.NOT_DRIVEN, Outcome.NOTHING)
_GUIDE = "Guide: treadctl tells, a person presses at the console; forward walking only"


def page(quirks: Sequence[Quirk], captures: Mapping[str, Capture]) -> str:
    """The whole document."""
    found = machines(quirks, captures)
    kinds = [quirk for quirk in quirks if quirk.match is None]
    lines = [*_HEAD, *_wrapped(_claim(found)), *_ABOUT.splitlines(), ""]
    lines += ["| machine | tested | backward | driven |", "|---|---|---|---|", *map(_row, found), ""]
    for machine in found:
        lines += [f"## {_plain(machine.title)}", "", *_section(machine), ""]
    lines += ["## Kinds of machines", "", "What the simulated treadmill can also be told to be; no one machine.", ""]
    lines += ["| kind | `--quirk` | commissioned |", "|---|---|---|"]
    lines += [f"| {_plain(quirk.title)} | {quirk.name} | {_plain(commissioned(quirk).words)} |" for quirk in kinds]
    return "\n".join(lines) + "\n"


def _claim(found: Sequence[Machine]) -> str:
    names = [machine.title for machine in found if machine.tested is Proof.MEASURED]
    return _SOME.format(_plain(", ".join(names)), _REST) if names else _NONE.format(_REST)


def _row(machine: Machine) -> str:
    quirk = machine.quirk
    backward = "unknown until commissioned" if quirk is None else _backward(commissioned(quirk))
    driven = "unknown" if quirk is None else _driven(commissioned(quirk))
    link = f"[{_plain(machine.title)}](#{_anchor(machine.title)})"
    return f"| {link} | {machine.tested.value} | {backward} | {driven} |"


def _section(machine: Machine) -> Iterator[str]:
    quirk = machine.quirk
    yield from _item(f"Tested: {machine.tested.value}")
    if quirk is None:
        yield from _item("Backward: unknown until commissioned; nothing but these packets is known of it")
    else:
        yield from _comes_to(commissioned(quirk))
        for hint in hints(quirk):
            yield from _item(hint)
        yield from _item(f"Known from: {quirk.source}")
        yield f"- Simulated: `treadctl run PROFILE --sim --quirk {quirk.name}`"
    for capture in machine.captures:
        yield from _item(_evidence(capture))


def _backward(done: Commissioned) -> str:
    return _BACKWARD.get(done.outcome, "no")


def _driven(done: Commissioned) -> str:
    return done.outcome.value if done.outcome in _NOT_DRIVEN else "by treadctl"


def _comes_to(done: Commissioned) -> Iterator[str]:
    """What commissioning comes to, and why no more."""
    walked = done.outcome not in _NOT_DRIVEN and done.why
    yield from _item(f"Backward: {_backward(done)}{f' ({done.why})' if walked else ''}")
    if done.outcome is Outcome.GUIDE:
        yield from _item(_GUIDE)
    elif done.outcome in _NOT_DRIVEN:
        yield from _item(done.words[0].upper() + done.words[1:])


def _evidence(capture: Capture) -> str:
    if measured(capture):
        return f"Recorded by treadctl {capture.treadctl} on {capture.date}: {len(capture.heard)} packets"
    ones: tuple[Attribute | Packet, ...] = (*capture.attributes, *capture.heard, *capture.written)
    sources = "; ".join(dict.fromkeys(one.source for one in ones))
    return f"Packets from published captures: {len(ones)} ({sources})"


def _item(text: str) -> list[str]:
    return _wrapped(f"- {_plain(text)}", "  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(" ".join(text.split()), WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _plain(text: str) -> str:
    """As text, whatever Markdown would make of it."""
    for sign, instead in (("\\", "\\\\"), ("|", "\\|"), ("<", "&lt;"), ("*", "\\*"), ("[", "\\["), ("`", "\\`")):
        text = text.replace(sign, instead)
    return text


def _anchor(title: str) -> str:
    """As GitHub makes one of a heading."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def main() -> int:
    """Print the page."""
    sys.stdout.write(page(shipped(), fixtures()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
