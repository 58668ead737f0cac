"""Settings: the stronger source wins and is named, and what is misspelt is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treadctl.files.config import Settings, Source, load_settings
from treadctl.model.errors import InvalidFile, UsageError

ALL = "voice, voice_rate, adapter, units, theme, motion"
THEMES = 'write "normal" or "high-contrast" or "colour-blind"'
RATE = "write a whole number of words a minute from 80 to 300"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_without_a_file_everything_is_default(tmp_path: Path) -> None:
    found = load_settings(tmp_path / "config.toml")
    assert found == Settings()
    assert found.source("voice") is Source.DEFAULT


def test_the_stronger_source_wins_and_is_named(tmp_path: Path) -> None:
    path = _file(tmp_path, 'voice = false\nvoice_rate = 120\nadapter = "hci1"\nunits = "mph"\n')
    environment = {"TREADCTL_VOICE_RATE": "130", "TREADCTL_UNITS": "km/h", "TREADCTL_OTHER": "x"}
    found = load_settings(path, environment, {"units": "mph", "voice": None})
    assert (found.voice, found.voice_rate, found.adapter, found.units) == (False, 130, "hci1", "mph")
    sources = [found.source(name) for name in ("voice", "voice_rate", "adapter", "units")]
    assert sources == [Source.FILE, Source.ENVIRONMENT, Source.FILE, Source.COMMAND_LINE]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("voice = true\nvoise_rate = 150\n", "2:1: unknown setting 'voise_rate'; did you mean 'voice_rate'?"),
        ("xyz = 1\n", f"1:1: unknown setting 'xyz'; there is {ALL}"),
        ("\n[mqtt]\nhost = 1\n", f"2:1: unknown setting 'mqtt'; there is {ALL}"),
        ("voice_rate = 9000\n", f"1:1: voice_rate cannot be '9000'; {RATE}"),
        ("voice_rate = true\n", f"1:1: voice_rate cannot be 'True'; {RATE}"),
        ("voice = 3\n", "1:1: voice cannot be '3'; write true or false"),
        ('units = "knots"\n', "1:1: units cannot be 'knots'; write \"km/h\" or \"mph\""),
        ('theme = "pink"\n', f"1:1: theme cannot be 'pink'; {THEMES}"),
        ('adapter = "hci0; rm"\n', "1:1: adapter cannot be 'hci0; rm'; write the name of an adapter, such as \"hci0\""),
        ("voice = true\nvoice = \n", "2:9: this is not TOML here; write lines such as voice = true"),
        ("voice = [\n", "2:1: this is not TOML here; write lines such as voice = true"),
        ('"\\u001b[31m" = 1\n', f"1:1: unknown setting '\\x1b[31m'; there is {ALL}"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(InvalidFile) as caught:
        load_settings(path)
    assert str(caught.value) == f"{path}:{told}"


def test_a_wrong_environment_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="TREADCTL_VOICE_RATE cannot be 'fast'; write a whole number"):
        load_settings(tmp_path / "none", {"TREADCTL_VOICE_RATE": "fast"})


def test_a_wrong_option_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--voice-rate cannot be '1'; write a whole number"):
        load_settings(tmp_path / "none", {}, {"voice_rate": 1})


@pytest.mark.parametrize(("word", "meant"), [("off", False), ("1", True), ("No", False)])
def test_a_switch_in_the_environment_is_a_word(tmp_path: Path, word: str, meant: bool) -> None:
    assert load_settings(tmp_path / "none", {"TREADCTL_VOICE": word}).voice is meant


def test_a_folder_in_place_of_the_settings_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="it is a folder, not a file; repair it"):
        load_settings(tmp_path)


@given(data=st.binary() | st.text().map(str.encode) | st.sampled_from([b"a=" + b"[" * 50_000, b"a=" + b"9" * 5000]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_are_settings_or_an_invalid_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    try:
        load_settings(path)
    except InvalidFile as error:
        assert "\n" not in str(error)
