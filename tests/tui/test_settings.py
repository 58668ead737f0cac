"""The settings: on their screen and on the command line, written whole or not at all, and worn at once."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.fakes import FakeAccess
from treadctl.cli import main
from treadctl.clients.clock import monotonic_ms
from treadctl.clients.reading import Units
from treadctl.clients.settings import Preferences, settings_file, shown_settings
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.canvas import plain_text
from treadctl.clients.tui.screens import HomeScreen, PageScreen
from treadctl.clients.tui.settings_screen import SettingsScreen
from treadctl.files.config import NAMES, Settings, Source, change_setting, load_settings
from treadctl.model.errors import InvalidFile, UsageError

# --- the file --------------------------------------------------------------------------------------------------------


def test_one_setting_is_changed_and_all_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('# mine\nvoice_rate = 120  # slow\n\nunits = "km/h"')
    change_setting(file, "units", "mph")
    change_setting(file, "theme", "high-contrast")
    assert file.read_text() == '# mine\nvoice_rate = 120  # slow\n\nunits = "mph"\ntheme = "high-contrast"\n'
    change_setting(file, "units", None)
    assert load_settings(file) == Settings(
        voice_rate=120, theme="high-contrast", sources={"voice_rate": Source.FILE, "theme": Source.FILE}
    )


@pytest.mark.parametrize(
    ("name", "text", "kept"), [("voice", "off", False), ("voice_rate", "200", 200), ("adapter", "hci1", "hci1")]
)
def test_values_are_kept_in_their_own_kind(tmp_path: Path, name: str, text: str, kept: object) -> None:
    change_setting(tmp_path / "config.toml", name, text)
    assert getattr(load_settings(tmp_path / "config.toml"), name) == kept


def test_a_file_written_in_another_way_is_left_to_its_writer(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('motion = """\nreduced"""\n')
    with pytest.raises(InvalidFile, match="change it in an editor"):
        change_setting(file, "motion", "full")
    assert file.read_text() == 'motion = """\nreduced"""\n'


def test_a_broken_file_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("voice = \n")
    with pytest.raises(InvalidFile):
        change_setting(file, "voice", "true")
    assert file.read_text() == "voice = \n"


@pytest.mark.parametrize(("name", "value"), [("untis", "mph"), ("units", "knots"), ("voice_rate", "9")])
def test_what_is_no_setting_is_refused_and_nothing_is_written(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError):
        change_setting(tmp_path / "config.toml", name, value)
    assert not (tmp_path / "config.toml").exists()


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
        (tmp_path / variable).mkdir(mode=0o700)
    return settings_file()


def test_config_lists_sets_and_unsets(own_config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "set", "units", "mph"]) == 0
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in NAMES)
    assert "units       mph            file" in out
    assert main(["config", "unset", "units"]) == 0
    assert "units = km/h (default)" in capsys.readouterr().out
    assert main(["config", "set", "voice-rate", "fast"]) == 2


def test_config_in_json_names_each_source(
    own_config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREADCTL_THEME", "colour-blind")
    assert main(["config", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "treadctl.config/1" and set(told["settings"]) == set(NAMES)
    assert told["settings"]["theme"] == {"value": "colour-blind", "source": "environment"}


def test_a_misspelt_setting_is_told_and_keeps_nobody_from_the_screens(
    own_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_config.parent.mkdir(parents=True, exist_ok=True)
    own_config.write_text('untis = "mph"\n')
    assert shown_settings() == Settings()
    assert "did you mean 'units'?" in capsys.readouterr().err


def test_what_the_environment_says_is_not_written_over_in_vain(
    own_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREADCTL_UNITS", "mph")
    with pytest.raises(UsageError, match="TREADCTL_UNITS is set"):
        Preferences(own_config).change("units", "km/h")
    assert not own_config.exists()


def test_miles_are_read_in_profile_show_and_not_in_its_json(
    own_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["config", "set", "units", "mph"])
    capsys.readouterr()
    main(["profile", "show", "demo"])
    out = capsys.readouterr().out
    assert "1.24 mph" in out and "km/h" not in out
    main(["profile", "show", "demo", "--json"])
    assert "mph" not in capsys.readouterr().out


# --- the screen ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[tuple[TreadctlApp, Pilot[int]]]:
    app = TreadctlApp(FakeAccess(), clock=monotonic_ms, preferences=Preferences(file))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.talk.open)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen) and "voice rate" in shown(app))
        yield app, pilot


async def until(pilot: Pilot[int], true: object) -> None:
    assert callable(true)
    for _ in range(200):
        await pilot.pause(0.02)
        if true():
            return
    raise AssertionError("never came true")


def shown(app: TreadctlApp) -> str:
    assert isinstance(app.screen, PageScreen)
    return plain_text(app.screen.page.rows)


async def test_a_setting_is_changed_by_a_key_kept_and_worn_at_once(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    async with opened(file) as (app, pilot):
        await pilot.press("down", "down", "down", "right")
        await until(pilot, lambda: app.look.units is Units.MPH)
        await pilot.press("down")
        await pilot.press("right")
        await until(pilot, lambda: app.look.theme == "high-contrast")
        assert isinstance(app.screen, PageScreen) and app.screen.page.has_class("high-contrast")
        await pilot.press("backspace")
        await until(pilot, lambda: app.look.theme == "normal")
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))
    assert file.read_text() == 'units = "mph"\n'


async def test_a_file_that_cannot_be_changed_is_told_on_the_screen(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    async with opened(file) as (app, pilot):
        file.write_text("[x]\n")
        await pilot.press("right")
        await until(pilot, lambda: "unknown setting" in shown(app))
    assert file.read_text() == "[x]\n" and os.listdir(tmp_path)
