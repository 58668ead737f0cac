"""Text made safe, errors with their exit codes, roles that cannot start a belt, locks."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.model import api, errors
from treadctl.model.api import ALLOWED, Intent, Role
from treadctl.model.person import Level
from treadctl.model.text import MAX_NAME, is_hidden, safe_text


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Warm-up", "Warm-up"), ("Größe 2,5 %", "Größe 2,5 %"), ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc\r", "a\\x0ab\\x09c\\x0d"),
        ("\u202eevil", "\\u202eevil"), ("\u2066x\u2069", "\\u2066x\\u2069"), ("\x9b31m", "\\x9b31m"), ("\x00", "\\x00"),
        ("\u200b", "\\u200b"), ("\u2028", "\\u2028"), ("\ue000", "\\ue000"), ("\ud800", "\\ud800"),
        ("\ufeff", "\\ufeff"),
        ("[bold]x[/bold]", "[bold]x[/bold]"), ("👟", "👟"), ("", ""),
    ],
)
def test_hidden_characters_are_shown_escaped(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@given(st.text(max_size=200), st.integers(1, 100))
def test_safe_text_is_visible_short_and_can_be_written(text: str, limit: int) -> None:
    shown = safe_text(text, limit)
    assert len(shown) <= limit
    assert not any(is_hidden(c) for c in shown)
    shown.encode()


@given(st.text(max_size=100))
def test_making_text_safe_twice_changes_nothing(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


def test_long_text_is_cut_with_a_mark_and_text_of_the_limit_is_not() -> None:
    assert safe_text("x" * MAX_NAME) == "x" * MAX_NAME
    assert safe_text("x" * (MAX_NAME + 1)) == "x" * (MAX_NAME - 1) + "…"
    assert len(safe_text("x" * 10_000_000)) == MAX_NAME


def test_exit_codes_are_those_of_the_public_surface() -> None:
    assert {code.name: code.value for code in errors.ExitCode} == {
        "OK": 0, "USAGE": 2, "INVALID_FILE": 3, "NO_MACHINE": 4, "FAULT": 5, "REFUSED": 6, "BUG": 70, "INTERRUPTED": 130
    }
    kinds = (errors.UsageError, errors.NoMachine, errors.Refused, errors.InvalidFile, errors.TreadctlError)
    assert [kind.exit_code for kind in kinds] == [2, 4, 6, 3, 70]


def test_an_invalid_file_says_where_first() -> None:
    error = errors.InvalidFile("walk.yaml", 3, 14, "speed has no unit; write 2.5 km/h")
    assert str(error) == "walk.yaml:3:14: speed has no unit; write 2.5 km/h"
    assert (error.file, error.line, error.column) == ("walk.yaml", 3, 14)


def test_every_level_has_its_word() -> None:
    assert [level.word for level in Level] == ["first", "beginner", "practised", "regular", "advanced"]


def test_every_role_may_stop_and_only_the_local_one_may_do_everything() -> None:
    assert all(api.Stop in allowed for allowed in ALLOWED.values())
    assert set(ALLOWED[Role.LOCAL]) == set(get_args(Intent)) - {api.Shown, api.Spoken}, "only a page shows or says one"
    assert set(ALLOWED) == set(Role)


@pytest.mark.parametrize("role", [Role.DISPLAY, Role.NETWORK])
def test_no_distant_role_can_load_answer_press_confirm_or_resume(role: Role) -> None:
    dangerous = {
        api.Load, api.Answer, api.Press, api.Confirm, api.Resume, api.Connect, api.Clear, api.Commission, api.Ease,
        api.FastForward,
    }
    assert not dangerous & set(ALLOWED[role])


def test_no_intent_can_say_start_or_faster() -> None:
    """Fast forward is the simulated clock's, never a belt's."""
    names = {kind.__name__.lower() for kind in get_args(Intent) if kind is not api.FastForward}
    assert not any(word in name for name in names for word in ("start", "fast", "speed", "rise", "steep", "up"))
