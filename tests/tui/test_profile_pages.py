"""Home, the preview and the list of shared files, painted: what stands there, at every size."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.tui.moments import PROGRAM, SEGMENTS
from treadctl.clients.tui.blocks import paragraph
from treadctl.clients.tui.canvas import Canvas, Ink, plain_text, width_of
from treadctl.clients.tui.choosing import Downloads, Offer
from treadctl.clients.tui.home_page import ALL_KEYS, paint_all_keys, paint_home, squeezed
from treadctl.clients.tui.picking import Linked
from treadctl.clients.tui.preview_page import FIRST_TIME, last_top, paint_preview
from treadctl.clients.tui.shared_page import LOOKING, file_at, paint_shared
from treadctl.clients.tui.view import Local
from treadctl.files.sharing import Shared
from treadctl.model.portrait import BRIEFING, NO_BELT
from treadctl.model.program import OffTreadmill, expand

SIZES = ((40, 12), (80, 24), (200, 60))
ODD = ((1, 1), (20, 6), (61, 17), (120, 40), (300, 90))
LOCAL = Local(simulated=True)
TOLD = replace(
    PROGRAM, summary="Three bouts.", author="Ada", basis="Chosen.", dose="2 times a week", note="Stop above pain 3."
)
OFFER = Offer(
    "First steps", TOLD, SEGMENTS, 0, 990_000, 180_000, gates="spotter (shut)", shut=("it needs somebody",),
    refusal="it needs somebody", refusals=("it needs somebody", "line 4 climbs 3.0 %"), short="spotter",
    reached=("backward speed 1.0 km/h is the most there is (level 0)",),
)
ALLOWED = replace(OFFER, gates="none", shut=(), refusal="", refusals=(), short="")
SENT = replace(ALLOWED, shared=Shared("Anna", True), file="a.yaml", data=b"x")
HOSTILE = Offer(
    "\x1b[31m\x1b]0;x\x07" * 40, None, (), refusal="a\x1b[2J.yaml:3:1: unknown key. Ask.", file="a.yaml"
)


def home(size: tuple[int, int], *offers: Offer, chosen: int = 0, linked: Linked | None = None) -> str:
    canvas = Canvas(*size)
    paint_home(canvas, offers, chosen, LOCAL, linked)
    return plain_text(canvas.rows())


def preview(size: tuple[int, int], offer: Offer, top: int = 0, said: str = "") -> str:
    canvas = Canvas(*size)
    paint_preview(canvas, offer, top, LOCAL, said)
    return plain_text(canvas.rows())


def shared(size: tuple[int, int], downloads: Downloads | None, chosen: int = 0) -> str:
    canvas = Canvas(*size)
    paint_shared(canvas, downloads, chosen, LOCAL)
    return plain_text(canvas.rows())


def words(text: str) -> str:
    """A screen as running text, with letters that were spread apart put together again."""
    spread = re.sub(r"(?<=\S) (?=\S(?: |$))", "", text, flags=re.MULTILINE)
    return " ".join(spread.split()) + " " + " ".join(text.split())


# --- home ------------------------------------------------------------------------------------------------------------


def test_home_tells_when_a_profile_was_walked_and_how_often_it_is_meant() -> None:
    text = home((80, 24), replace(ALLOWED, walked="3 days ago"), OFFER)
    assert "last walked" in text and "3 days ago" in text and "never" in text
    assert "2 times a week. Stop above pain 3." in text


def test_a_reason_without_room_is_told_by_its_name_and_in_full_below() -> None:
    text = home((80, 24), ALLOWED, OFFER, chosen=1)
    assert "no: spotter" in text or "no: it needs s" in text
    long = replace(OFFER, refusal="it needs somebody who stands beside you all the time")
    text = home((80, 24), ALLOWED, long, chosen=1)
    assert "no: spotter" in text
    assert "Refused: it needs somebody who stands beside you all the time." in text


def test_the_weeks_of_one_programme_can_be_told_apart_on_a_narrow_screen() -> None:
    names = [f"Four weeks to thirty minutes, week {n}" for n in (1, 2)]
    text = home((80, 24), *(replace(ALLOWED, name=name) for name in names))
    assert "week 1" in text and "week 2" in text
    assert squeezed("short", 20) == "short"
    assert width_of(squeezed("x" * 80, 24)) == 24


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 60)])
@pytest.mark.parametrize("driven", [None, True, False])
def test_the_line_of_keys_is_whole_and_leads_to_all_of_them(size: tuple[int, int], driven: bool | None) -> None:
    linked = None if driven is None else Linked("a", "Mill", "", driven)
    line = home(size, ALLOWED, linked=linked).splitlines()[-1]
    assert "walk" in line and "all keys" in line and "quit" in line
    assert size[0] < 80 or driven is not False or "commission" in line


@pytest.mark.parametrize("size", [*SIZES, *ODD])
def test_all_keys_fit_every_size_and_are_all_there(size: tuple[int, int]) -> None:
    canvas = Canvas(*size)
    paint_all_keys(canvas, LOCAL)
    text = plain_text(canvas.rows())
    if size[0] >= 40:
        assert all(f" {key.key} " in text for key in ALL_KEYS)
        assert "any key  back" in text.splitlines()[-1]


# --- the preview -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_briefing_is_on_the_preview_as_large_as_the_screen_allows(size: tuple[int, int]) -> None:
    picture = paragraph(BRIEFING, size[0] - 4, max(3, size[1] // 4))
    text = preview(size, ALLOWED)
    if picture is not None:
        assert size == (200, 60)
        assert all(row.strip() in text for row in picture)
    else:
        assert BRIEFING in words(text)


@pytest.mark.parametrize("size", SIZES)
def test_every_fact_can_be_read_by_going_down(size: tuple[int, int]) -> None:
    last = last_top(OFFER, size)
    seen = " ".join(" ".join(preview(size, OFFER, top).split()) for top in range(last + 1))
    for fact in (
        "First steps", "backward up to 1.0 km/h", "3:00 backward, 9:00 forward", "6 turn-arounds", "incline",
        "spotter (shut)", "it needs somebody", "2 times a week", "Stop above pain 3.", "Ada", "Chosen.",
        "line 4 climbs",
    ):
        assert fact in seen, fact
    assert "is the most there is" in seen
    assert preview(size, OFFER, last + 50) == preview(size, OFFER, last)
    assert last == 0 or "more" in preview(size, OFFER, 0).splitlines()[-1]
    assert "more" not in preview(size, OFFER, last).splitlines()[-1]


def test_the_first_time_is_said_to_be_one() -> None:
    assert FIRST_TIME in preview((80, 24), ALLOWED)
    assert FIRST_TIME not in preview((80, 24), replace(ALLOWED, walked="today"))


def test_each_shut_gate_says_once_what_it_needs() -> None:
    shut = ("it needs somebody", "it needs a yes")
    text = preview((80, 40), replace(OFFER, gates="spotter (shut), clinician (shut)", shut=shut, refusals=shut))
    assert text.count("it needs somebody") == 1 and text.count("it needs a yes") == 1
    assert text.index("clinician (shut)") < text.index("it needs a yes")


def test_the_picture_is_hatched_backward_where_there_is_room() -> None:
    assert "▒▒▒" in preview((80, 24), ALLOWED) and "hatched = backward" in preview((80, 24), ALLOWED)
    assert "= now" not in preview((80, 24), ALLOWED)  # nothing is walked yet
    assert "▒▒▒" not in preview((40, 12), ALLOWED)


def test_a_programme_without_the_belt_does_not_say_that_it_starts_by_itself() -> None:
    beside = replace(TOLD, segments=(OffTreadmill(60),))
    text = words(preview((80, 24), replace(ALLOWED, program=beside, segments=expand(beside))))
    assert NO_BELT in text and BRIEFING not in text


def test_only_a_file_from_elsewhere_can_be_kept_and_a_changed_one_says_so_first() -> None:
    assert "keep it" not in preview((80, 24), ALLOWED)
    assert "keep it" in preview((80, 24), SENT) and "by Anna, unchanged" in preview((80, 24), SENT)
    changed = preview((80, 24), replace(SENT, shared=Shared("Anna", False)))
    assert changed.index("by Anna, CHANGED since shared") < changed.index("top speed")
    assert "nothing says who it is by" in preview((80, 24), replace(SENT, shared=None))


@pytest.mark.parametrize("size", [*SIZES, *ODD])
@pytest.mark.parametrize("offer", [OFFER, SENT, HOSTILE, replace(SENT, name=HOSTILE.name)])
def test_no_size_and_no_text_breaks_a_page(size: tuple[int, int], offer: Offer) -> None:
    found = Downloads("\x1b[1m/x", True, (offer, SENT), 2)
    for text in (
        home(size, offer, SENT), preview(size, offer, 3, "\x1b[2Jsaid"), shared(size, found), shared(size, found, 1),
        preview(size, offer, last_top(offer, size)),
    ):
        assert "\x1b" not in text and "\x07" not in text
        assert len(text.splitlines()) <= size[1]
        assert all(width_of(line) <= size[0] for line in text.splitlines())


# --- files from elsewhere --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_list_says_of_each_file_what_its_marks_say(size: tuple[int, int]) -> None:
    bob = replace(SENT, name="Hills", shared=Shared("Bob", False))
    text = shared(size, Downloads("~/Downloads", True, (SENT, bob, HOSTILE)))
    assert "unchanged" in text and "CHANGED" in text
    assert "cannot be read" in text or "unreadable" in text
    assert "top speed backward up to 1.0 km/h" in " ".join(text.split())


def test_a_broken_file_shows_where_it_is_wrong_and_cannot_be_opened() -> None:
    text = shared((80, 24), Downloads("~/Downloads", True, (HOSTILE,)))
    assert "a\\x1b[2J.yaml:3:1: unknown key. Ask." in text
    assert "open" not in text.splitlines()[-1]


@pytest.mark.parametrize(
    ("downloads", "sentence"),
    [
        (None, LOOKING),
        (Downloads("/home/x/Downloads", there=False), "(/home/x/Downloads) is not there"),
        (Downloads("/home/x/Downloads"), "There is no profile in /home/x/Downloads"),
        (Downloads("/home/x/Downloads", others=3), "3 other YAML files there are no treadctl profile."),
        (Downloads("/home/x/Downloads", True, (SENT,), 1), "1 other YAML file there is no treadctl profile."),
    ],
)
def test_one_sentence_says_what_there_is_beside_files(downloads: Downloads | None, sentence: str) -> None:
    assert sentence in " ".join(shared((80, 24), downloads).split())


def test_a_click_finds_its_file() -> None:
    found = Downloads("x", True, tuple(replace(SENT, name=f"File {n}") for n in range(40)))
    lines = shared((80, 24), found, 30).splitlines()
    row = next(y for y, line in enumerate(lines) if "File 30" in line)
    assert file_at(found, 30, 24, row) == 30
    assert file_at(found, 30, 24, 1) is None and file_at(None, 0, 24, 5) is None


def test_a_chosen_line_is_marked_by_more_than_colour() -> None:
    canvas = Canvas(80, 24)
    paint_shared(canvas, Downloads("x", True, (SENT, OFFER)), 1, LOCAL)
    row = next(row for row in canvas.rows() if any(span.ink is Ink.CHOSEN for span in row))
    assert "▸" in plain_text([row])
