"""How `treadctl history` may be said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.sessions.made import years
from treadctl.cli import main
from treadctl.paths import real_paths

pytestmark = pytest.mark.usefixtures("in_utc")


@pytest.fixture
def walked() -> None:
    years(real_paths().sessions, 4, 5.0, datetime(2030, 1, 7, 17, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (["--json"], ["list", "--json"]),
        (["--json", "--since", "2030-01-16"], ["list", "--json", "--since", "2030-01-16"]),
        (["--json", "stats"], ["stats", "--json"]),
        (["--limit", "1", "--json", "stats"], ["stats", "--limit", "1", "--json"]),
        (["--json", "show", "last"], ["show", "last", "--json"]),
    ],
    ids=str,
)  # fmt: skip
def test_without_a_verb_it_is_the_list_and_what_stands_before_a_verb_holds(
    walked: None, capsys: pytest.CaptureFixture[str], short: list[str], long: list[str]
) -> None:
    assert main(["history", *long]) == 0
    told = capsys.readouterr().out
    assert main(["history", *short]) == 0 and told.startswith("{")
    assert capsys.readouterr().out == told
