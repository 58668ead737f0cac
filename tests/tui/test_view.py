"""What is shown, tested as plain text: no terminal, no Textual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.moments import (
    ALL,
    BACKWARD,
    CHECKING,
    CONFIRM,
    COUNTDOWN,
    DONE,
    FORWARD,
    HALTED,
    LOST,
    PLAN,
    READY,
    SENT,
    SILENT,
    SOON,
    TURNING,
)  # fmt: skip
from treadctl.clients.tui.blocks import half_blocks, number, number_width, paragraph, words, words_width
from treadctl.clients.tui.canvas import Canvas, Ink, Row, plain_text, width_of
from treadctl.clients.tui.card_page import paint_card
from treadctl.clients.tui.cards import Mood, card_of, figures
from treadctl.clients.tui.chart import History
from treadctl.clients.tui.choosing import Offer
from treadctl.clients.tui.home_page import offer_at, paint_home
from treadctl.clients.tui.look import Letters, Look
from treadctl.clients.tui.timeline import cursor, pieces
from treadctl.clients.tui.view import MOVING_PHASES, Away, Local, footer_words, may_move
from treadctl.clients.tui.walk_page import layout, paint_walk
from treadctl.clients.words import STANDING_SENTENCE
from treadctl.model.api import Belt, Footer, LinkState, Next, Phase, Snapshot
from treadctl.model.program import Facing, Rest, Turn, Walk, expand
from treadctl.model.units import kmh

SIZES = ((40, 12), (80, 24), (120, 40), (200, 50), (200, 60))


def canvas_of(
    snapshot: Snapshot | None, size: tuple[int, int] = (80, 24), local: Local | None = None, look: Look | None = None
) -> Canvas:
    canvas, local = Canvas(*size, look), local or Local(beginning=False)
    card = card_of(snapshot, PLAN, local)
    if card is not None:
        paint_card(canvas, card, snapshot, PLAN, local)
    else:
        assert snapshot is not None
        paint_walk(canvas, snapshot, PLAN, local, History())
    return canvas


def shown(
    snapshot: Snapshot | None, size: tuple[int, int] = (80, 24), local: Local | None = None, look: Look | None = None
) -> str:
    return plain_text(canvas_of(snapshot, size, local, look).rows())


def block(text: str, width: int, rows: int) -> str:
    """The first row of a text in block letters, to look for on a screen."""
    picture = paragraph(text, width, rows)
    assert picture is not None
    return picture[0].strip()


def ink_rows(rows: tuple[Row, ...], ink: Ink) -> int:
    return sum(any(span.ink is ink and span.text.strip() for span in row) for row in rows)


# --- the walk screen -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moment", ["forward", "backward", "soon"])
def test_the_digits_take_at_least_forty_percent_of_the_rows(size: tuple[int, int], moment: str) -> None:
    assert layout(size[1]).digits >= 0.4 * size[1]
    ink = Ink.NEXT if moment == "soon" else Ink.DIGITS
    assert ink_rows(canvas_of(ALL[moment], size).rows(), ink) >= 0.4 * size[1]


@pytest.mark.parametrize("size", [*SIZES, (20, 6), (20, 5), (61, 17), (1, 1), (300, 90)])
@pytest.mark.parametrize("moment", list(ALL))
def test_every_moment_fits_every_size_and_says_simulated(size: tuple[int, int], moment: str) -> None:
    text = shown(ALL[moment], size)
    assert len(text.splitlines()) <= size[1]
    assert all(width_of(line) <= size[0] for line in text.splitlines())
    if size[0] >= 40:
        assert "SIMULATED" in text.splitlines()[0]


def test_a_real_machine_is_never_called_simulated() -> None:
    assert "SIMULATED" not in shown(BACKWARD._replace(simulated=False))


def test_backward_has_a_word_an_arrow_and_a_hatched_frame() -> None:
    text = shown(BACKWARD)
    assert half_blocks(words("↓ BACKWARD"))[0].strip() in text
    assert text.splitlines()[1] == "▒" * 80


def test_forward_has_its_word_and_no_frame() -> None:
    lines = shown(FORWARD).splitlines()
    assert half_blocks(words("↑ FORWARD"))[0].strip() in lines[2]
    assert not any("▒" in line for line in lines[1:15])


def test_a_sent_stop_is_a_solid_frame_and_not_called_stopped() -> None:
    text = shown(SENT)
    assert text.splitlines()[1] == "█" * 80
    lowered = ((False,) * words_width("STOP SENT"), *words("STOP SENT"))  # apart from the solid frame above it
    assert half_blocks(lowered)[1].strip() in text
    assert "STOPPED" not in text.upper()


def test_stopped_is_said_only_when_the_belt_is_measured_still() -> None:
    assert "STOPPED" in shown(HALTED)
    assert "STOPPED" not in shown(HALTED._replace(belt=Belt.MOVING, phase=Phase.STOPPING, question=None))


def test_an_unknown_speed_is_dashes_with_the_age_of_the_last_sample() -> None:
    text = shown(SILENT)
    assert "no sample for 2.3 s" in text
    assert ink_rows(canvas_of(SILENT).rows(), Ink.DIGITS) == 0


def test_a_stale_number_is_never_shown_as_if_it_were_fresh() -> None:
    assert ink_rows(canvas_of(BACKWARD._replace(sample_age=1600)).rows(), Ink.DIGITS) == 0


def test_in_the_last_seconds_the_change_takes_the_big_digits_and_the_speed_shrinks() -> None:
    before, after = canvas_of(BACKWARD).rows(), canvas_of(SOON).rows()
    assert ink_rows(after, Ink.DIGITS) == 3 < ink_rows(before, Ink.DIGITS)
    assert block("turn round", 36, 7).split()[0] in plain_text(after)


def test_the_next_change_and_its_countdown_are_shown() -> None:
    assert "turn round, in 0:41" in shown(BACKWARD)
    assert "turn round, in 0:41" in shown(BACKWARD, (40, 12))


def test_forty_columns_keep_speed_direction_next_and_stop() -> None:
    text = shown(BACKWARD, (40, 12))
    for word in ("BACKWARD", "NEXT", "A N Y   K E Y   S T O P S", "target 1.0"):
        assert word in text
    assert "pain" not in text


@pytest.mark.parametrize("footer", list(Footer))
@pytest.mark.parametrize("size", SIZES)
def test_the_footer_says_the_truth_of_the_moment(footer: Footer, size: tuple[int, int]) -> None:
    text = shown(BACKWARD._replace(footer=footer), size)
    plain = "".join(text.split())
    pictures = [paragraph(footer.value, size[0] - 4, rows, lowered=rows < 5) for rows in (3, 5)]
    large = any(picture is not None and picture[1].strip() in text for picture in pictures)
    assert large or "".join(footer.value.removeprefix("THIS ").split()) in plain


def test_a_chart_stands_beside_the_digits_where_there_is_room() -> None:
    history, canvas = History(), Canvas(200, 50)
    for second in range(30):
        history.see(BACKWARD._replace(walked=second * 1000))
    paint_walk(canvas, BACKWARD, PLAN, Local(), history)
    assert "last 30 s of walking" in plain_text(canvas.rows())


def test_history_leaves_a_hole_where_nothing_was_measured() -> None:
    history = History()
    history.see(SILENT._replace(walked=1000))
    assert history.points[-1].speed is None


def test_a_lost_keyboard_is_said() -> None:
    assert "Keys go elsewhere" in shown(BACKWARD, local=Local(away=(Away.FOCUS,)))


# --- may the belt move? ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", sorted(MOVING_PHASES, key=str))
def test_in_a_moving_phase_the_belt_may_move_whatever_is_measured(phase: Phase) -> None:
    assert may_move(READY._replace(phase=phase, belt=Belt.STILL))


def test_an_unknown_belt_with_a_link_may_move() -> None:
    assert may_move(READY._replace(belt=Belt.UNKNOWN))
    assert may_move(READY._replace(belt=Belt.UNKNOWN, link=LinkState.LOST))
    assert not may_move(READY._replace(belt=Belt.UNKNOWN, link=LinkState.NONE))
    assert not may_move(READY)


# --- cards -----------------------------------------------------------------------------------------------------------


def test_the_standing_sentence_is_on_the_checklist_and_the_first_screen() -> None:
    for text in (shown(CHECKING), shown(None)):
        assert " ".join(STANDING_SENTENCE.split()) in " ".join(text.split())


def test_the_checklist_shows_one_question_its_keys_and_what_was_answered() -> None:
    text = shown(CHECKING, local=Local(answered=(("Do you feel well?", "yes"),)))
    assert "Is the safety key clipped at the side of your waistband?" in text
    assert "y  yes" in text and "n  no" in text
    assert "✓ Do you feel well? yes" in text


@pytest.mark.parametrize("size", SIZES)
def test_no_choice_is_ever_left_out(size: tuple[int, int]) -> None:
    text = shown(HALTED, size)
    for key, choice in (("1", "facing away"), ("2", "facing the console"), ("3", "end the walk")):
        assert choice in text or block(f"{key}: {choice}", size[0] - 8, 3) in text


def test_the_confirm_names_the_facing_and_the_gesture() -> None:
    spoken = CONFIRM.question
    assert spoken is not None
    full = CONFIRM._replace(question=replace(spoken, text="Facing away? Press, tone, press."))
    card = card_of(full, PLAN, Local())
    assert card is not None
    assert (card.sentence, card.action) == ("Facing away?", "Press, tone, press.")


def test_the_confirm_asks_to_listen_then_to_let_go_then_for_the_same_key() -> None:
    question = CONFIRM.question
    assert question is not None
    unheard = card_of(CONFIRM._replace(question=replace(question, heard=False)), PLAN, Local())
    toning = card_of(CONFIRM._replace(question=replace(question, tone=True)), PLAN, Local())
    second = card_of(CONFIRM._replace(question=replace(question, tone=True)), PLAN, Local(tone_over=True))
    assert unheard is not None and toning is not None and second is not None
    assert [unheard.action, toning.action, second.action] == ["Listen.", "Tone. Let go.", "Now the same key again."]


def test_the_countdown_is_the_whole_screen() -> None:
    rows = canvas_of(COUNTDOWN).rows()
    assert ink_rows(rows, Ink.NEXT) >= 0.4 * 24
    assert block("Any key aborts.", 74, 3) in plain_text(rows)


def test_a_lost_link_is_an_alarm_that_names_the_key() -> None:
    card = card_of(LOST, PLAN, Local())
    assert card is not None and card.mood is Mood.ALARM
    assert card.sentence == "Connection lost. Pull the key."
    assert "N O   L I N K :   P U L L   T H E   K E Y" in shown(LOST)


def test_a_hanging_controller_outranks_every_other_screen() -> None:
    for moment in ALL.values():
        card = card_of(moment, PLAN, Local(hung=True))
        assert card is not None
        assert card.sentence == "The controller hangs. Pull the key."
    assert footer_words(BACKWARD, Local(hung=True)) == "PULL THE KEY"


def test_a_lost_controller_shouts_only_if_the_belt_might_have_moved() -> None:
    moving = card_of(BACKWARD, PLAN, Local(closed="gone", moving_then=True))
    still = card_of(READY, PLAN, Local(closed="gone"))
    assert moving is not None and still is not None
    assert moving.mood is Mood.ALARM and "Pull the key." in moving.sentence
    assert still.mood is not Mood.ALARM


def test_a_turn_is_one_sentence() -> None:
    card = card_of(TURNING, PLAN, Local())
    assert card is not None
    assert card.sentence == "Back to the console, hands along the rail."
    assert not card.keys


def test_after_a_walk_nothing_but_stepping_off_is_said_before_a_key_says_so() -> None:
    card = card_of(DONE, PLAN, Local(beginning=False))
    assert card is not None
    assert card.sentence == "Belt stopped. Hold on. Breathe. Step off."
    assert [key.label for key in card.keys] == ["I am off"] and not card.figures


def test_where_nobody_walked_the_five_figures_come_at_once() -> None:
    assert DONE.summary is not None
    card = card_of(DONE._replace(summary=replace(DONE.summary, walked=0)), PLAN, Local(beginning=False))
    assert card is not None and len(card.figures) == 5 and [key.label for key in card.keys] == ["done"]


@pytest.mark.parametrize(("bouts", "words"), [(0, "0 bouts"), (1, "1 bout"), (3, "3 bouts")])
def test_the_summary_counts_bouts_as_people_do(bouts: int, words: str) -> None:
    assert DONE.summary is not None
    assert dict(figures(replace(DONE.summary, bouts=bouts)))["backward"].endswith(f"  {words}")


def test_the_summary_of_an_earlier_walk_is_not_shown_for_a_new_one() -> None:
    card = card_of(DONE, PLAN, Local(beginning=True, starting="Connecting to the treadmill."))
    assert card is not None
    assert card.sentence == "Connecting to the treadmill."


# --- text from files and machines ------------------------------------------------------------------------------------

HOSTILE = "[red]x[/red] \x1b[2J\u202e\x07 [link=a]b"


@pytest.mark.parametrize("moment", list(ALL))
def test_markup_and_escapes_in_names_are_shown_and_never_obeyed(moment: str) -> None:
    hostile = ALL[moment]._replace(
        program=HOSTILE, machine=HOSTILE, reason=HOSTILE, caption=HOSTILE, notice=HOSTILE, alarm=""
    )
    text = shown(hostile, (200, 50))
    assert "[red]x[/red]" in text
    assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text


def test_wide_characters_take_two_cells() -> None:
    canvas = Canvas(10, 1)
    assert canvas.put(0, 0, "歩く") == 4
    assert sum(width_of(span.text) for span in canvas.rows()[0]) == 10


def test_a_terminal_without_blocks_gets_ascii() -> None:
    text = shown(BACKWARD, look=Look(Letters.ASCII))
    assert text.isascii()
    assert "#" in text and ":" in text


# --- blocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("height", range(5, 60))
def test_all_digits_differ_at_every_height(height: int) -> None:
    drawn = {digit: number(digit, height) for digit in "0123456789-"}
    assert len(set(drawn.values())) == len(drawn)
    assert all(len(pixels) == height for pixels in drawn.values())
    assert number_width("1.0", height) == len(number("1.0", height)[0])


def test_words_are_as_wide_as_they_say() -> None:
    for text in ("ANY KEY STOPS", "no link: pull the key", "↓ BACKWARD 12 %"):
        for bold in (True, False):
            assert words_width(text, bold) == len(words(text, bold)[0])


def test_words_that_do_not_fit_are_not_cut_but_left_to_plain_text() -> None:
    assert paragraph("unfathomable", 20, 3) is None
    assert paragraph("one two three four five", 80, 2) is None


# --- the timeline ----------------------------------------------------------------------------------------------------


def test_the_timeline_covers_its_width_in_proportion_to_time() -> None:
    parts = pieces(PLAN.segments, 100)
    assert parts[0].begin == 0 and parts[-1].end == 100
    walks = [p for p in parts if isinstance(p.segment, Walk)]
    per_second = [(p.end - p.begin) / p.segment.seconds for p in walks if not isinstance(p.segment, Turn)]
    assert max(per_second) - min(per_second) < 0.05


def test_the_cursor_moves_through_the_segment_and_never_leaves_it() -> None:
    parts = pieces(PLAN.segments, 100)
    at = [cursor(parts, 2, left) for left in (60_000, 30_000, 1, 0)]
    assert at == sorted(at, key=lambda x: x or 0)
    assert at[0] == parts[2].begin and at[-1] == parts[2].end - 1
    assert cursor(parts, None, 0) is None
    assert cursor(parts, 99, 0) is None


def test_a_thousand_segments_fit_forty_columns() -> None:
    segments = tuple(Walk(Facing.FORWARD if n % 2 else Facing.BACKWARD, 10, kmh("1.0")) for n in range(1000))
    parts = pieces(segments, 40)
    assert parts[-1].end == 40
    assert all(p.begin <= p.end for p in parts)


def test_a_plan_without_walking_time_is_no_division_by_zero() -> None:
    assert pieces((Turn(Facing.BACKWARD),), 10)[0].end <= 10
    assert pieces((Rest(30),), 10)[0].end == 10


# --- home ------------------------------------------------------------------------------------------------------------


def offer(name: str, refusal: str = "") -> Offer:
    from tests.tui.moments import PROGRAM

    return Offer(name, PROGRAM, expand(PROGRAM), 0, 900_000, 180_000, refusal)


@pytest.mark.parametrize("size", SIZES)
def test_home_shows_the_chosen_profile_and_why_another_is_refused(size: tuple[int, int]) -> None:
    offers = [offer("First steps"), offer("Hills", "line 12 walks 3.0 km/h backward, which needs level 3")]
    canvas = Canvas(*size)
    paint_home(canvas, offers, 1, Local(simulated=True))
    text = plain_text(canvas.rows())
    assert "First steps" in text and "Hills" in text and "SIMULATED" in text
    assert "Refused: line 12 walks 3.0 km/h" in text


def test_a_long_list_follows_the_choice_and_a_click_finds_its_row() -> None:
    offers = [offer(f"Profile {n}") for n in range(60)]
    canvas = Canvas(80, 24)
    paint_home(canvas, offers, 45, Local())
    lines = plain_text(canvas.rows()).splitlines()
    row = next(y for y, line in enumerate(lines) if "Profile 45" in line)
    assert offer_at(offers, 45, 24, row) == 45
    assert offer_at(offers, 45, 24, 0) is None


def test_a_next_without_time_left_shows_no_countdown() -> None:
    assert "0:00" not in shown(TURNING._replace(phase=Phase.RESTING, caption="", next=Next("walk", 0), walked=1000))


def test_leaving_is_not_offered_while_the_belt_is_not_known_to_be_still() -> None:
    looking = card_of(READY._replace(phase=Phase.IDLE, belt=Belt.UNKNOWN), PLAN, Local())
    still = card_of(READY._replace(phase=Phase.IDLE), PLAN, Local())
    assert looking is not None and still is not None
    assert looking.keys == () and still.keys[0].key == "q"
