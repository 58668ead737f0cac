"""One walk as a page: `report` makes the text of one self-contained HTML file. Pure.

In the order in which it is read: the one sentence, what to mind about the record, five figures, the picture, every
segment, what stopped it, what was refused or lowered, how it felt, an estimate of energy, and what was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from treadctl.model.answers import WORST, Answers
from treadctl.model.program import Facing, OffTreadmill, Rest, Walk
from treadctl.model.units import clock

from .energy import Doubt, Energy, energy_of
from .laps import spells
from .page import Reader, facts, notice, page, shown, table
from .report_figures import Row, Sheet, Told, alarms, cues, refused, rows, segment_words, sentence, sheet_of
from .report_svg import Mark, picture
from .session import Session

WEIGHTS = (60, 75, 90)
"""Chosen examples, kg: nobody has to tell treadctl what they weigh."""
MOST_CUES = 400
ARROWS = {Facing.FORWARD: "forward", Facing.BACKWARD: "backward", None: "–"}
RAILS = "Holding on to the rails makes it about a fifth less, an age of 65 or more about 15 % more; neither is in it."


def report(session: Session, answers: Answers, reader: Reader) -> str:
    """The page."""
    sheet = sheet_of(session, answers)
    program = session.opened.program
    first = reader.text(sentence(session, sheet, reader.scale.words, reader.scale.unit))
    return page(
        f"{program.name}, {reader.when}",
        (
            "<header>", f"<h1>{shown(program.name)}</h1>", f'<p class="soft">{_where(session, sheet, reader)}</p>',
            "</header>", f'<p class="first">{first}</p>',
            *_notices(session), _facts(sheet, reader), *_chart(session, sheet, reader),
            *_segments(session, sheet, reader), *_alarms(session, reader), *_refused(session, reader),
            *_felt(answers, sheet), *_energy(energy_of(spells(sheet.laps))), *_cues(session, reader),
            f"<footer><p>{shown(reader.foot)}</p><p>Made from {shown(session.name)}.jsonl, written by treadctl "
            f"{shown(session.opened.version)}.</p></footer>",
        ),
    )  # fmt: skip


def _where(session: Session, sheet: Sheet, reader: Reader) -> str:
    machine = session.opened.machine or "no treadmill"
    return f"{shown(reader.when)} · {shown(machine)} · {clock(sheet.laps[-1].end)} from begin to end"


def _notices(session: Session) -> Iterator[str]:
    if session.opened.simulated:
        yield notice("SIMULATED.", "Nobody walked this: the treadmill and the walker were simulated.")
    if session.recovered:
        text = "The record was cut off before its end; the figures are counted from what is there."
        yield notice("Recovered.", text)
    if session.unread:
        lines = "1 line" if session.unread == 1 else f"{session.unread} lines"
        yield notice("Damaged.", f"{lines} of the record could not be read and is missing here.")


def _facts(sheet: Sheet, reader: Reader) -> str:
    figures = sheet.figures
    found = [
        ("backward", f"{clock(figures.backward)} min"), ("forward", f"{clock(figures.forward)} min"),
        ("metres backward", f"{figures.backward_m:.0f} m"), ("metres forward", f"{figures.forward_m:.0f} m"),
        ("top speed backward", reader.speed(figures.top_backward)),
        ("turn-arounds", str(sheet.turns)), ("stops not planned", str(sheet.stops)),
    ]  # fmt: skip
    if sheet.pulses:
        found.append(("heart rate, highest", str(max(sheet.pulses))))
    return facts(found)


def _chart(session: Session, sheet: Sheet, reader: Reader) -> Iterator[str]:
    if not any(lap.points for lap in sheet.laps):
        yield "<p>Nothing was measured, so there is no picture.</p>"
        return
    marks = [Mark(one.at, "cue", one.text) for one in cues(session)]
    marks += [Mark(one.at, "alarm", f"{one.what}: {one.text}") for one in alarms(session)]
    told = reader.words(sentence(session, sheet, reader.scale.words, reader.scale.unit))
    yield '<figure><div class="scroll" role="region" tabindex="0" aria-label="Picture of the walk">'
    yield picture(sheet.laps, marks, reader.scale, f"{told} Every segment is in the table below.")
    yield f"</div><figcaption>{_legend(bool(marks))}</figcaption></figure>"


def _legend(marked: bool) -> str:
    """Each line and band, drawn as it is in the picture."""
    band, line = '<rect class="{}" width="36" height="14"/>', '<polyline class="{}" points="0,7 36,7"/>'
    keys = [
        (band.format("hatch"), "backward (B, hatched)"), (band.format("forth"), "forward (F, plain)"),
        (line.format("speed"), "measured speed"), (line.format("target"), "target speed"),
    ]  # fmt: skip
    if marked:
        keys.append(('<line class="cue" x1="18" x2="18" y1="4" y2="12"/>', "a cue"))
        keys.append(('<g class="alarm"><text x="18" y="13">!</text></g>', "a stop or an alarm"))
    frame = '<span><svg class="key" viewBox="0 0 36 14" aria-hidden="true">{}</svg>{}</span>'
    return f'<p class="legend">{"".join(frame.format(drawn, words) for drawn, words in keys)}</p>'


def _segments(session: Session, sheet: Sheet, reader: Reader) -> Iterator[str]:
    found = rows(session, sheet.laps)
    heart = any(row.pulses for row in found)
    yield "<h2>Segments</h2>"
    heads = ["#No.", "Segment", "Direction", "#Planned", "#On the moving belt", "#Metres", "#Top speed"]
    yield from table(
        "Segments", [*heads, *(["#Heart rate"] if heart else []), "Otherwise"],
        [_segment(row, reader, heart) for row in found],
    )  # fmt: skip
    if heart:
        yield '<p class="soft">Heart rate: mean, and the highest, in beats a minute.</p>'


def _segment(row: Row, reader: Reader, heart: bool) -> list[str]:
    name = "" if row.segment is None else getattr(row.segment, "name", "")
    cells = [
        str(row.number), shown(name) if name else segment_words(row).capitalize(), ARROWS[row.facing],
        _planned(row, reader), clock(row.stood if isinstance(row.segment, (Rest, OffTreadmill)) else row.moving),
        f"{row.metres:.0f}", reader.scale.words(row.top) if row.moving else "–",
    ]  # fmt: skip
    if heart:
        rates = row.pulses
        cells.append(f"{round(sum(rates) / len(rates))}, {max(rates)}" if rates else "–")
    return [*cells, ", ".join(row.notes)]


def _planned(row: Row, reader: Reader) -> str:
    if row.segment is None or not hasattr(row.segment, "seconds"):
        return "–"
    speed = f" at {reader.scale.words(row.segment.speed)}" if isinstance(row.segment, Walk) else ""
    return f"{clock(row.segment.seconds * 1000)}{speed}"


def _alarms(session: Session, reader: Reader) -> Iterator[str]:
    yield "<h2>Stops and alarms</h2>"
    found = alarms(session)
    yield from _list("Stops and alarms", found, reader) if found else ("<p>None: every stop was planned.</p>",)


def _refused(session: Session, reader: Reader) -> Iterator[str]:
    found = refused(session)
    yield "<h2>Refused or lowered, and why</h2>"
    yield from _list("Refused or lowered", found, reader) if found else ("<p>Nothing.</p>",)


def _list(caption: str, found: Sequence[Told], reader: Reader) -> Iterator[str]:
    lines = [[clock(one.at), one.what.capitalize(), reader.text(one.text)] for one in found]
    yield from table(caption, ["#At", "What", "Which, and why"], lines)


def _felt(answers: Answers, sheet: Sheet) -> Iterator[str]:
    yield "<h2>How it felt</h2>"
    of = {
        "Effort (0 to 10)": answers.effort, "Pain before (0 to 10)": sheet.pain_before,
        "Pain at most (0 to 10)": sheet.pain, "Steadiness (1 to 5)": answers.confidence,
        "The morning after": None if answers.morning is None else answers.morning.value,
    }  # fmt: skip
    if all(value is None for value in of.values()):
        yield "<p>Nothing was told.</p>"
        return
    told = [[name, str(value)] for name, value in of.items() if value is not None]
    yield from table("How it felt", ["Question", "Answer"], told)
    untold = [name.partition(" (")[0].lower() for name, value in of.items() if value is None]
    if untold:
        yield f'<p class="soft">Not told: {", ".join(untold)}.</p>'
    if sheet.pain == WORST:
        yield '<p class="soft">Ten also stands for sharp pain.</p>'


def _energy(energy: Energy) -> Iterator[str]:
    """As a range, and what it is worth said first."""
    yield "<h2>Energy</h2>"
    if not energy.ways:
        yield "<p>Nobody walked on the moving belt, so nothing is estimated.</p>"
        return
    kind = "Estimate, extrapolated" if energy.extrapolated else "Estimate"
    because = ", ".join(doubt.value for doubt in Doubt if doubt in energy.doubts)
    yield f"<p><b>{kind}{f': {because}' if because else ''}.</b> {RAILS}</p>"
    heads = ["Body weight", *(f"#{weight} kg" for weight in WEIGHTS)]
    lines = [
        [f"{name}, kcal", *(_range(least * weight, most * weight) for weight in WEIGHTS)]
        for name, (least, most) in (*((way.value.capitalize(), energy.ways[way]) for way in energy.ways),
                                    ("From the first step to the last", (energy.least, energy.most)))
    ]  # fmt: skip
    yield from table("Energy", heads, lines)
    yield (
        '<p class="soft">Gross, from speed, incline and direction: studied on adults of 18 to 35, their hands free, '
        "backward from 3.2 to 5.6 km/h. No medical figure, and none for losing weight.</p>"
    )


def _range(least: float, most: float) -> str:
    return f"{least:.0f} to {most:.0f}"


def _cues(session: Session, reader: Reader) -> Iterator[str]:
    found = cues(session)
    if not found:
        return
    count = "1 cue" if len(found) == 1 else f"{len(found)} cues"
    yield f"<h2>What was said</h2><details open><summary>{count}</summary>"
    yield from table("Cues", ["#At", "Words"], [[clock(one.at), reader.text(one.text)] for one in found[:MOST_CUES]])
    if len(found) > MOST_CUES:
        yield f"<p>And {len(found) - MOST_CUES} more.</p>"
    yield "</details>"
