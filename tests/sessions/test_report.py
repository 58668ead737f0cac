"""The report of a walk: what stands on the page, for whoever looks, prints or listens, and what never does."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from treadctl.clients.reading import Units, in_units, speed_words
from treadctl.model.answers import UNASKED, Answers, Morning
from treadctl.model.program import Program, Rest, Walk
from treadctl.model.text import is_hidden
from treadctl.model.units import Speed
from treadctl.sessions.figures import figures_of
from treadctl.sessions.for_profile import Done, Paper, for_profile
from treadctl.sessions.page import POLICY, STYLE, Reader
from treadctl.sessions.report import report
from treadctl.sessions.report_figures import alarms, rows, sentence, sheet_of
from treadctl.sessions.report_svg import Scale
from treadctl.sessions.session import Session

from .walks import PROGRAM, B, Diary, F, stopped, whole

KMH = Reader(Scale("km/h", 100.0, lambda speed: speed_words(speed, Units.KMH)), lambda text: text, "Monday", "Foot.")
MPH = Reader(
    Scale("mph", 160.9344, lambda speed: speed_words(speed, Units.MPH)), lambda text: in_units(text, Units.MPH),
    "Monday", "Foot.",
)  # fmt: skip
TOLD = Answers(effort=3, pain_before=2, pain_after=1, confidence=4, morning=Morning.SAME)
VOID = frozenset({"meta", "br"})


class Reading(HTMLParser):
    """Every tag with the names of its attributes, all text, and whether each tag is closed where it has to be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value or "" for _, value in attrs]
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif not (self.get_starttag_text() or "").endswith("/>"):
            raise AssertionError(f"</{tag}> closes {self.open[-1:]}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(session: Session, answers: Answers = UNASKED, reader: Reader = KMH) -> Reading:
    return Reading(report(session, answers, reader))


def first(session: Session, answers: Answers = UNASKED) -> str:
    return sentence(session, sheet_of(session, answers), KMH.scale.words, "km/h")


# --- what it says --------------------------------------------------------------------------------------------------


def test_the_one_sentence_comes_first() -> None:
    told = first(whole().session(), TOLD)
    assert told == (
        "0:30 min backward in 1 bout, up to 1.0 km/h, 0:40 min forward, 30 m in all, pain 2 before, 1 at most. "
        "The whole programme was walked."
    )
    page = report(whole().session(), TOLD, KMH)
    assert page.index(told) < page.index("<svg")


def slowed(session: Session) -> Session:
    """The same with slowing that is no walking by the walk's own sums: the belt moved for longer than they say."""
    assert session.closed is not None
    sums = replace(session.closed.summary, forward=31_000, backward=25_000, forward_m=19.0, backward_m=7.0, bouts=2)
    return replace(session, closed=replace(session.closed, summary=sums))


def test_the_walks_own_sums_stand_on_the_page_and_belt_time_only_in_the_table() -> None:
    session = slowed(whole().session())
    assert first(session).startswith("0:25 min backward in 2 bouts, up to 1.0 km/h, 0:31 min forward, 26 m in all")
    text = read(session).text
    assert "backward 0:25 min forward 0:31 min metres backward 7 m metres forward 19 m" in text
    assert "On the moving belt" in text
    assert sheet_of(session, UNASKED).figures == figures_of(session)


def test_a_walk_that_was_cut_off_is_counted_as_in_lists() -> None:
    session = stopped().session(closed=False)
    assert first(session).startswith("0:22 min backward in 2 bouts, up to 1.0 km/h, 0:20 min forward")
    assert sheet_of(session, UNASKED).figures == figures_of(session)


def test_for_whoever_wrote_it_a_walk_counts_by_its_own_sums_and_as_whole_only_when_it_was_finished() -> None:
    early = whole().session(finished=False, reason="You ended the session.")
    walks = [Done(one, UNASKED, "Monday") for one in (whole().session(), slowed(whole().session()), early)]
    text = Reading(for_profile(Paper(PROGRAM, "c", "never shared"), walks, 0, KMH, heart=False)).text
    assert "3 walks, 1:25 min backward" in text and "1 of 3 walked to their end." in text
    assert "0:25 of 0:30" in text


def test_a_walk_that_ended_early_says_why() -> None:
    session = stopped().session(finished=False, reason="You pressed stop.")
    assert first(session).endswith("It ended early: You pressed stop.")
    assert "stopped 2 times" in read(session).text and "not walked" in read(session).text


def test_a_recovered_walk_says_so_and_how_it_ended_is_not_guessed() -> None:
    session = whole().session(closed=False, unread=2)
    text = read(session).text
    assert "Recovered." in text and "2 lines of the record could not be read" in text
    assert first(session).endswith("The record was cut off, so how it ended is not known.")


def test_a_simulated_walk_says_so_before_anything_else_but_its_sentence() -> None:
    text = read(replace(whole(), simulated=True).session()).text
    assert "SIMULATED." in text and text.index("SIMULATED.") < text.index("top speed backward")
    assert "SIMULATED" not in read(whole().session()).text


def test_nobody_walked() -> None:
    for diary in (Diary(), Diary(samples=[])):
        text = read(diary.session(finished=False, reason="You ended the session.")).text
        assert "Nobody walked" in text and "nothing is estimated" in text and "no picture" in text
    standing = Diary()
    standing.stand(20, 0)
    assert "Nobody walked" in read(standing.session()).text


def test_every_segment_has_a_row_and_turns_have_none() -> None:
    session = whole().session()
    found = rows(session, sheet_of(session, UNASKED).laps)
    assert [(row.number, row.segment, row.moving, row.notes) for row in found] == [
        (1, PROGRAM.segments[0], 20_000, []), (2, PROGRAM.segments[1], 30_000, []), (3, PROGRAM.segments[2], 20_000, [])
    ]  # fmt: skip


def test_a_shortened_segment_and_a_rest_that_was_not_reached() -> None:
    program = Program("Short", (Walk(F, 60, Speed(200)), Rest(30), Walk(B, 30, Speed(100))))
    diary = Diary(program=program)
    diary.walk(20, F, 200, 0)
    session = diary.session()
    notes = [row.notes for row in rows(session, sheet_of(session, UNASKED).laps)]
    assert notes == [["shortened"], ["not reached"], ["not walked"]]


def test_the_way_home_has_a_row_of_its_own() -> None:
    diary = Diary()
    diary.walk(10, F, 200, 0)
    diary.event("answer", "halted: f", 0)
    diary.walk(10, F, 150, 0)
    assert "Two easy minutes forward" in read(diary.session()).text


def test_stops_alarms_refusals_and_cues_are_listed_with_their_times() -> None:
    diary = whole()
    diary.event("fault", "heart rate high", 4)
    diary.event("ease", "Your heart rate stays high.", 4)
    diary.event("lowered", "1.8 km/h in place of 2.0 km/h: eased; resume lifts it", 4)
    diary.event("confirm", "the belt is not measured still", 4)
    diary.event("procedure", "SET_TARGET_SPEED rejected 4", 4)
    diary.event("say", "five", 4)
    diary.event("say", "Small steps. Toes first.", 4)
    session = diary.session()
    text = read(session).text
    for words in (
        "heart rate high", "Your heart rate stays high.", "1.8 km/h in place of 2.0 km/h: eased; resume lifts it",
        "the belt is not measured still", "SET_TARGET_SPEED rejected 4", "Small steps. Toes first.", "1 cue",
    ):  # fmt: skip
        assert words in text
    assert [one.what for one in alarms(session)] == ["fault", "stop"]
    assert "1.11 mph in place of 1.24 mph: eased" in read(session, reader=MPH).text


def test_that_every_start_is_slow_is_no_refusal() -> None:
    diary = whole()
    diary.event("lowered", "0.8 km/h in place of 2.0 km/h: the first speed is not met yet", 0)
    assert "Refused or lowered, and why Nothing." in read(diary.session()).text


def test_what_was_not_told_is_one_line() -> None:
    text = read(whole().session(), Answers(effort=3)).text
    assert "Effort (0 to 10) 3 Pain before (0 to 10) 2 Not told: pain at most, steadiness, the morning after." in text
    assert text.count("ot told") == 1


def test_simulated_walks_are_listed_for_whoever_wrote_it_and_not_counted() -> None:
    def told(*sessions: Session) -> str:
        walks = [Done(one, UNASKED, "Monday") for one in sessions]
        return Reading(for_profile(Paper(PROGRAM, "c", "never shared"), walks, 0, KMH, heart=False)).text

    real, simulated = whole().session(), replace(whole(), simulated=True).session()
    text = told(real, simulated, simulated)
    assert "1 walk, 0:30 min backward" in text and text.count("0:30 of 0:30") == 3
    assert "Nobody has walked it yet; 2 simulated walks are listed." in told(simulated, simulated)


def test_energy_is_a_range_with_its_worth_said() -> None:
    text = read(whole().session()).text
    assert "Estimate, extrapolated: below 3.0 km/h, bouts of less than 3 minutes." in text
    assert re.search(r"From the first step to the last, kcal \d+ to \d+", text)
    assert "No medical figure" in text


def test_what_was_told_after_the_walk_stands_there_and_nothing_is_made_up() -> None:
    assert "Effort (0 to 10) 3 Pain before (0 to 10) 2 Pain at most (0 to 10) 1 Steadiness (1 to 5) 4" in read(
        whole().session(), TOLD
    ).text
    assert "Nothing was told." in read(stopped().session()).text


def test_miles_are_shown_to_who_reads_miles() -> None:
    text = read(whole().session(), reader=MPH).text
    assert "up to 0.6 mph" in text and "km/h" not in text.replace("3.2 to 5.6 km/h", "").replace("below 3.0 km/h", "")


# --- the picture ---------------------------------------------------------------------------------------------------


def svg(session: Session) -> ElementTree.Element:
    page = report(session, UNASKED, KMH)
    return ElementTree.fromstring(page[page.index("<svg viewBox") : page.index("</svg>") + 6])


def drawn(root: ElementTree.Element, tag: str, css: str) -> list[ElementTree.Element]:
    return [one for one in root.iter(tag) if one.get("class") == css]


def test_directions_are_bands_coloured_and_hatched_with_a_letter() -> None:
    root = svg(whole().session())
    assert (len(drawn(root, "rect", "forth")), len(drawn(root, "rect", "hatch"))) == (2, 1)
    assert root.find(".//pattern[@id='back']") is not None
    assert [text.text for text in drawn(root, "text", "way")] == ["F", "B", "F"]
    assert [rect.findtext("title") for rect in drawn(root, "rect", "hatch")] == ["backward, 0:30"]


def test_the_picture_has_target_measured_speed_and_heart_rate_and_an_incline_where_there_is_one() -> None:
    root = svg(whole().session())
    assert drawn(root, "polyline", "target") and drawn(root, "polyline", "speed") and drawn(root, "polyline", "heart")
    assert not drawn(root, "polyline", "incline")
    diary = Diary()
    diary.walk(10, F, 200, 0, incline=20, heart=None)
    root = svg(diary.session())
    assert drawn(root, "polyline", "incline") and not drawn(root, "polyline", "heart")


def test_what_is_not_known_is_a_gap_and_not_a_line_to_zero() -> None:
    diary = Diary()
    diary.walk(10, F, 200, 0)
    diary.walk(10, F, None, 0, heart=None)
    diary.walk(10, F, 200, 0)
    root = svg(diary.session())
    assert len(drawn(root, "polyline", "speed")) == len(drawn(root, "polyline", "heart")) == 2
    assert [rect.findtext("title") for rect in drawn(root, "rect", "lost")] == ["no speed was measured, 0:10"]


def test_every_corner_lies_inside_the_picture_and_an_hour_has_few() -> None:
    diary = Diary()
    for _ in range(15):
        diary.walk(120, F, 250, 0)
        diary.walk(120, B, 150, 2)
    root = svg(diary.session())
    width, height = (float(number) for number in root.get("viewBox", "").split()[2:])
    corners = 0
    for line in root.iter("polyline"):
        for corner in line.get("points", "").split():
            x, y = (float(number) for number in corner.split(","))
            assert 0 <= x <= width and 0 <= y <= height
            corners += 1
    assert corners < 400


# --- for whoever reads it ------------------------------------------------------------------------------------------


def test_it_is_one_file_without_script_or_anything_loaded() -> None:
    page = report(whole().session(), TOLD, KMH)
    found = Reading(page)
    assert not found.open
    assert {tag for tag, _ in found.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "base", "form", "a"})
    names = {name for _, attributes in found.tags for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in {"href", "src", "style", "xlink:href"}]
    assert POLICY in found.values and "url(" not in STYLE.replace("url(#back)", "") and "@import" not in STYLE
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")


def test_a_screen_reader_is_told_the_language_the_picture_and_the_heads_of_every_table() -> None:
    found = read(whole().session(), TOLD)
    assert found.tags[0] == ("html", ("lang",)) and "en" in found.values
    assert any(tag == "svg" and {"role", "aria-labelledby"} <= set(names) for tag, names in found.tags)
    assert sum(tag == "title" for tag, _ in found.tags) >= 2 and any(tag == "desc" for tag, _ in found.tags)
    heads = [names for tag, names in found.tags if tag == "th"]
    assert heads and all("scope" in names for names in heads)
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


def palettes() -> list[dict[str, str]]:
    """The colours by name: light, dark, paper."""
    blocks = re.findall(r":root\{([^}]*)\}", STYLE)
    return [dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", block)) for block in blocks]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", palettes(), ids=["light", "dark", "paper"])
def test_words_and_lines_stand_out(colours: dict[str, str]) -> None:
    """WCAG 2.2: 4.5 for words, 3 for what is drawn."""
    for ink in ("ink", "soft", "badge"):
        for paper in ("paper", "panel"):
            assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
    for line in ("speed", "target", "alarm"):
        for paper in ("paper", "forth", "back"):
            assert contrast(colours[line], colours[paper]) >= 3, (line, paper)
    for line in ("heart", "slope"):
        assert contrast(colours[line], colours["paper"]) >= 3, line
    assert contrast(colours["ink"], colours["back"]) >= 4.5 and contrast(colours["ink"], colours["forth"]) >= 4.5


# --- hostile texts -------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters() | st.sampled_from("<>&\"'/=\x00\x1b\u202e\u2066"), min_size=7, max_size=60)
MARKUP = '</title></style></svg><script src=//x>&quot;"><img onerror=1>'


def with_texts(text: str) -> Session:
    """A walk in which everything that comes from outside says this."""
    diary = whole()
    diary.program = Program(text, (Walk(F, 20, Speed(200), name=text, say=text), Walk(B, 30, Speed(100), name=text)),
                            author=text, summary=text)  # fmt: skip
    diary.machine, diary.name = text, text
    for kind in ("say", "fault", "ease", "lowered", "confirm", "answer", f"of {text}"):
        diary.event(kind, text, 0)
    session = diary.session(finished=False, reason=text)
    return replace(session, opened=replace(session.opened, version=text))


@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example(MARKUP)
@example("\ud800" * 8)
def test_no_tag_that_we_did_not_write_appears(text: str) -> None:
    page = report(with_texts(text), UNASKED, KMH)
    assert Reading(page).tags == read(with_texts("a" * 7)).tags
    assert not [c for c in page.replace("\n", "") if is_hidden(c)]
    ElementTree.fromstring(page[page.index("<svg viewBox") : page.index("</svg>") + 6])
