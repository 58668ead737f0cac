"""`treadctl mqtt` as a process: its settings, its secrets, its end, and what the house sees of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from aiomqtt import Message

from tests.cli.processes import treadctl
from tests.mqtt.house import ROOT, House
from treadctl.clients.mqtt.broker import PACKET_MAX, Access, Inbox
from treadctl.clients.mqtt.node import node_id, only_one
from treadctl.clients.mqtt.settings import Settings, context, load_broker, password
from treadctl.clients.mqtt_words import LIBRARY
from treadctl.model.errors import InvalidFile, Refused, UsageError

COMMAND = [sys.executable, "-m", "treadctl", "mqtt"]


def file(folder: Path, text: str) -> Path:
    path = folder / "mqtt.toml"
    path.write_text(text, encoding="utf-8")
    return path


# --- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('host = "a"\nprot = 1\n', 2, "did you mean 'port'?"),
        ("\nport = 70000\n", 2, "write a number from 1 to 65535"),
        ('protocol = "4"\n', 1, 'write "5" or "3.1.1"'),
        ('password = "secret1"\n', 1, "name that as password_file"),
        ("host = [\n", 2, "this is not TOML here"),
        ('tls = "perhaps"\n', 1, "write true or false"),
        ('name = "a\\u202eb"\n', 1, "up to 60 characters"),
        ('discovery_prefix = "home/#"\n', 1, "write a topic"),
        ("[host]\n", 1, "write the name or the address"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_no_secret(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(InvalidFile) as error:
        load_broker(file(tmp_path, text), {})
    assert (error.value.line, says in str(error.value)) == (line, True), str(error.value)
    assert "secret1" not in str(error.value)


def test_the_environment_is_stronger_than_the_file_and_a_missing_file_is_none(tmp_path: Path) -> None:
    path = file(tmp_path, 'host = "house"\nport = 1\n')
    found = load_broker(path, {"TREADCTL_MQTT_PORT": "2", "TREADCTL_MQTT_TLS": "true"})
    assert (found.host, found.real_port, found.sources["port"]) == ("house", 2, "TREADCTL_MQTT_PORT")
    assert load_broker(tmp_path / "none.toml", {}) == Settings()
    with pytest.raises(UsageError, match="TREADCTL_MQTT_PORT"):
        load_broker(path, {"TREADCTL_MQTT_PORT": "x"})


@pytest.mark.parametrize(
    ("text", "encrypted", "port"),
    [
        ("", False, 1883),
        ('host = "127.0.0.1"', False, 1883),
        ('host = "::1"', False, 1883),
        ('host = "house"', True, 8883),
        ('host = "10.0.0.1"\ntls = false\nallow_plaintext = true', False, 1883),
        ('host = "localhost"\ntls = true', True, 8883),
    ],
)
def test_what_leaves_this_computer_is_encrypted(tmp_path: Path, text: str, encrypted: bool, port: int) -> None:
    found = load_broker(file(tmp_path, text), {})
    assert (found.encrypted, found.real_port, context(found) is not None) == (encrypted, port, encrypted)


@pytest.mark.parametrize("host", ["10.0.0.1", "house", "localhost.example.org", "127.0.0.1.example.org"])
def test_plain_text_over_a_network_has_to_be_asked_for_by_name(tmp_path: Path, host: str) -> None:
    with pytest.raises(Refused, match="allow_plaintext"):
        load_broker(file(tmp_path, f'host = "{host}"\ntls = false\n'), {})


def test_a_certificate_is_verified_whatever_is_set() -> None:
    import ssl

    made = context(Settings(host="house"))
    assert made is not None and made.verify_mode is ssl.CERT_REQUIRED and made.check_hostname


def test_a_password_comes_from_where_only_this_user_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("geheim\nmore\n")
    path.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        password(Settings(password_file=str(path)), {})
    path.chmod(0o600)
    assert password(Settings(password_file=str(path)), {}) == "geheim"
    assert password(Settings(password_file=str(path)), {"TREADCTL_MQTT_PASSWORD": "other"}) == "other"
    assert password(Settings(password_command="printf 'from\\nhere'"), {}) == "from"
    for command in ("false", "true", "no-such-program-anywhere", '"'):
        with pytest.raises(Refused, match="password_command"):
            password(Settings(password_command=command), {})
    with pytest.raises(UsageError, match="take one out"):
        load_broker(file(tmp_path, 'password_file = "a"\npassword_command = "b"\n'), {})


# --- who it is -----------------------------------------------------------------------------------------------------


def test_an_id_is_made_once_and_kept(tmp_path: Path) -> None:
    first = node_id(tmp_path)
    assert re.fullmatch("treadctl_[0-9a-f]{8}", first) and node_id(tmp_path) == first
    (tmp_path / "node").write_text("treadctl/#\n")
    with pytest.raises(InvalidFile, match="no id of a node"):
        node_id(tmp_path)


def test_only_one_bridge_runs_under_an_id(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(Refused, match="runs already"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


# --- the process ---------------------------------------------------------------------------------------------------


@pytest.mark.needs("mosquitto")
async def test_a_check_says_what_would_be_published_and_no_secret(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.start()
    monkeypatch.setenv("TREADCTL_MQTT_PASSWORD", "geheim")
    monkeypatch.setenv("TREADCTL_MQTT_USERNAME", "me")
    ended = treadctl("mqtt", "--check", TREADCTL_MQTT_PORT=str(house.port))
    assert ended.returncode == 0 and ended.stdout.startswith("The broker takes us as treadctl_"), ended.stderr
    assert "geheim" not in ended.stdout + ended.stderr and "not shown" in ended.stdout
    for topic in ("/availability", "/state", "/config", "/cmd/stop", "homeassistant/status"):
        assert topic in ended.stdout
    async with house.ear() as ear:
        assert ear.heard == []


@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
async def test_a_bridge_that_ends_or_is_killed_is_offline(house: House, number: signal.Signals) -> None:
    house.start()
    environment = {**os.environ, "TREADCTL_MQTT_PORT": str(house.port)}
    async with house.ear() as ear:
        with subprocess.Popen(  # noqa: ASYNC220  (it takes a millisecond)
            COMMAND, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environment
        ) as bridge:
            await ear.available("offline")  # there is no guardian
            await ear.client.publish(ear.of("/availability")[0].topic, "online", qos=1, retain=True)
            await ear.available("online")
            bridge.send_signal(number)
            await ear.available("offline")
            assert bridge.stdout is not None and "a convenience, never a safety device" in bridge.stdout.readline()
            assert bridge.wait(10) == (0 if number is signal.SIGTERM else -number)
    assert json.loads(ear.of("/config")[0].payload)["components"]["stop"]["payload_press"] == "STOP"


def test_the_library_that_is_asked_for_is_the_one_of_the_extra_and_of_the_manual() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert extras["mqtt"] == [LIBRARY]
    for page in ("README.md", "docs/home-assistant.md"):
        assert f".venv/bin/python -m pip install '{LIBRARY}'" in (ROOT / page).read_text(encoding="utf-8")


def test_without_the_library_it_is_said_how_to_get_it(own_folders: Path) -> None:
    code = (
        "import importlib.util as u, sys; find = u.find_spec; "
        "u.find_spec = lambda name, *more: None if name == 'aiomqtt' else find(name, *more); "
        "from treadctl.cli import main; sys.exit(main(['mqtt']))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 6 and ended.stderr.endswith(f"{sys.executable} -m pip install '{LIBRARY}'\n")
    assert ended.stderr.count("\n") == 1


def test_a_secret_is_in_no_error_and_in_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        load_broker(tmp_path / "none", {"TREADCTL_MQTT_PASSWORD_COMMAND": "echo hunter2" + "x" * 400})
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(Access(Settings(), "hunter2", None))


async def test_a_message_that_is_too_large_is_not_kept() -> None:
    box = Inbox(lambda _: True, 4)
    for octets in (PACKET_MAX + 1, PACKET_MAX):
        box.put_nowait(Message("a/b", bytes(octets), 0, False, 1, None))
    assert box.qsize() == 1 and box.dropped == 1
