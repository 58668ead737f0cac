"""One page for the professional who wrote a programme: what was planned, and for each walk of it what was done. Pure.

Pain, effort and stops are what they need to change it; the heart rate of another person is only shown where that person
asked for it. A checksum says which file was walked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from treadctl.model.answers import Answers
from treadctl.model.portrait import fingerprint, length_words, way_words
from treadctl.model.program import Program, expand, totals
from treadctl.model.units import clock

from .figures import Figures
from .page import Reader, facts, notice, page, shown, table
from .report_figures import Sheet, sheet_of
from .session import Session

MOST_WALKS = 60
"""The newest so many are listed: a page or two."""
WHOLE = 0.9
"""From this share of the planned backward time on a walk counts as whole, as in plans."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The programme and what is known of its file. `state` says whether it is as it was shared."""

    program: Program
    checksum: str
    state: str


@dataclass(frozen=True, slots=True)
class Done:
    """One walk of it. `when` in the reader's words."""

    session: Session
    answers: Answers
    when: str


@dataclass(frozen=True, slots=True)
class _Line:
    done: Done
    sheet: Sheet
    changed: bool

    @property
    def figures(self) -> Figures:
        return self.sheet.figures


def for_profile(paper: Paper, walks: Sequence[Done], more: int, reader: Reader, *, heart: bool) -> str:
    """The page. `walks` oldest first; `more`: how many older ones there are."""
    written = fingerprint(paper.program)
    lines = [_line(one, written) for one in walks]
    return page(
        f"Report for {paper.program.name}",
        (
            "<header>", f"<h1>{shown(paper.program.name)}</h1>",
            f'<p class="soft">Report of {reader.text(reader.when)}, for whoever wrote it: {_author(paper.program)}</p>',
            "</header>", f'<p class="first">{reader.text(sentence(lines, reader))}</p>', *_notices(lines, more),
            *_planned(paper, reader), *_walks(lines, reader, heart=heart),
            f"<footer><p>{shown(reader.foot)}</p></footer>",
        ),
    )  # fmt: skip


def _author(program: Program) -> str:
    return shown(program.author) or "nobody is named"


def _line(done: Done, written: object) -> _Line:
    program = done.session.opened.program
    return _Line(done, sheet_of(done.session, done.answers), fingerprint(program) != written)


def sentence(lines: Sequence[_Line], reader: Reader) -> str:
    """How it has gone so far, in figures. What was simulated nobody walked."""
    simulated = sum(one.done.session.opened.simulated for one in lines)
    lines = [one for one in lines if not one.done.session.opened.simulated]
    if not lines:
        walks = "1 simulated walk is" if simulated == 1 else f"{simulated} simulated walks are"
        return f"Nobody has walked it yet{f'; {walks} listed' if simulated else ''}."
    back = clock(sum(one.figures.backward for one in lines))
    parts = ["1 walk" if len(lines) == 1 else f"{len(lines)} walks"]
    parts.append(f"{back} min backward")
    speeds = [reader.scale.words(one.figures.top_backward) for one in lines if one.figures.top_backward]
    if speeds:
        parts.append(f"{_from_to(speeds)} {reader.scale.unit}")
    pains = [str(one.sheet.pain_before) for one in lines if one.sheet.pain_before is not None]
    if any(pain != "0" for pain in pains):
        parts.append(f"pain before walking {_from_to(pains)}")
    whole = sum(_whole(one) for one in lines)
    return f"{', '.join(parts)}. {whole} of {len(lines)} walked to their end."


def _from_to(values: Sequence[str]) -> str:
    return values[0] if values[0] == values[-1] else f"{values[0]} to {values[-1]}"


def _whole(line: _Line) -> bool:
    figures = line.figures
    return figures.finished and figures.backward >= WHOLE * figures.planned.total * 1000


def _notices(lines: Sequence[_Line], more: int) -> Iterator[str]:
    if more:
        yield notice("The newest only.", f"{more} older walks of it are not listed and not counted.")
    if any(one.done.session.opened.simulated for one in lines):
        yield notice("SIMULATED.", "Walks marked so were walked by nobody, and are not counted above.")
    if any(one.changed for one in lines):
        text = "Walks marked so were of a copy with other times or speeds, as plans make them."
        yield notice("Changed copies.", text)


def _planned(paper: Paper, reader: Reader) -> Iterator[str]:
    program, segments = paper.program, expand(paper.program)
    found = totals(segments)
    yield "<h2>Planned</h2>"
    if program.summary:
        yield f"<p>{reader.text(program.summary)}</p>"
    yield facts((
        ("backward", f"{clock(found.backward * 1000)} min"), ("forward", f"{clock(found.forward * 1000)} min"),
        ("longest bout backward", f"{clock(found.longest_backward * 1000)} min"),
        ("backward up to", reader.speed(found.top_backward)), ("forward up to", reader.speed(found.top_forward)),
        ("incline up to", f"{found.top_incline} %"), ("level", f"{program.level.value} ({program.level.word})"),
    ))  # fmt: skip
    yield f'<p class="soft">{reader.text(length_words(segments))}; {reader.text(way_words(found))}.</p>'
    yield f"<p>Checksum of the file: <b>{shown(paper.checksum)}</b>, {shown(paper.state)}.</p>"


def _walks(lines: Sequence[_Line], reader: Reader, *, heart: bool) -> Iterator[str]:
    yield "<h2>Done</h2>"
    if not lines:
        yield "<p>No walk of it was recorded on this computer.</p>"
        return
    heads = ["#Walk", "#Backward", "#Top speed", "#Stops", "#Pain before", "#Pain at most", "Next morning", "#Effort",
             "#Steadiness", *(["#Heart rate"] if heart else []), "Otherwise"]  # fmt: skip
    yield from table("Walks", heads, [_cells(one, reader, heart=heart) for one in lines])
    yield (
        '<p class="soft">Pain and effort 0 to 10 (10 is also sharp pain), steadiness 1 to 5; a dash was not told. '
        "Backward: done of planned. Stops are those that were not planned."
        f"{' Heart rate: mean, and the highest, in beats a minute.' if heart else ''}</p>"
    )


def _cells(line: _Line, reader: Reader, *, heart: bool) -> list[str]:
    told, figures, sheet, rates = line.done.answers, line.figures, line.sheet, line.sheet.pulses
    morning = "–" if told.morning is None else told.morning.value
    cells = [
        shown(line.done.when), f"{clock(figures.backward)} of {clock(figures.planned.total * 1000)}",
        reader.scale.words(figures.top_backward) if figures.top_backward else "–", str(sheet.stops),
        _or_dash(sheet.pain_before), _or_dash(sheet.pain), morning,
        _or_dash(told.effort), _or_dash(told.confidence),
    ]  # fmt: skip
    if heart:
        cells.append(f"{round(sum(rates) / len(rates))}, {max(rates)}" if rates else "–")
    return [*cells, reader.text("; ".join(_otherwise(line)))]


def _otherwise(line: _Line) -> Iterator[str]:
    session = line.done.session
    if session.opened.simulated:
        yield "simulated"
    if line.changed:
        yield "changed copy"
    if session.closed is None:
        yield "the record was cut off"
    elif not session.closed.summary.finished:
        yield f"ended early: {session.closed.summary.reason}".rstrip(": ")


def _or_dash(value: int | None) -> str:
    return "–" if value is None else str(value)
