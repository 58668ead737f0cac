"""What is said, in which order, and what the core hears about it."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.guardian.radio import eventually
from treadctl.control.events import Input, Priority, Say, SpeechFailed, Spoken, Tone
from treadctl.guardian import tones
from treadctl.guardian.speech import MuteSink, SilentSink, Sink, SpokenSink, Voice, choose_sink
from treadctl.model.speech import utterance_ms


class Heard:
    """A voice and everything that came of it."""

    def __init__(self, sink: Sink) -> None:
        self.inputs: list[Input] = []
        self.captions: list[str] = []
        self.voice = Voice(sink, self.inputs.append, lambda say: self.captions.append(say.text))

    async def until(self, count: int, seconds: float = 5) -> list[Input]:
        await eventually(lambda: len(self.inputs) >= count, seconds)
        return self.inputs


def silent() -> Heard:
    return Heard(SilentSink(asyncio.get_running_loop()))


def programs(folder: Path, speaker: str, player: str) -> tuple[str, str]:
    """Two shell scripts in the place of espeak-ng and a player."""
    paths = []
    for name, text in (("speaker", speaker), ("player", player)):
        path = folder / name
        path.write_text(f"#!/bin/sh\ncd {folder}\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        paths.append(str(path))
    return paths[0], paths[1]


async def test_a_silent_utterance_lasts_as_long_as_its_words() -> None:
    heard = silent()
    begin = asyncio.get_running_loop().time()
    heard.voice.say(Say(1, "one", Priority.SEGMENT))
    assert await heard.until(1) == [Spoken(1)]
    assert asyncio.get_running_loop().time() - begin >= utterance_ms("one") / 1000 - 0.01


async def test_utterances_of_one_priority_follow_each_other() -> None:
    heard = silent()
    heard.voice.say(Say(1, "a", Priority.SEGMENT))
    heard.voice.say(Say(2, "b", Priority.SEGMENT))
    assert heard.captions == ["a"]
    assert await heard.until(2) == [Spoken(1), Spoken(2)]
    assert heard.captions == ["a", "b"]


async def test_a_safety_call_interrupts_at_once_and_voids_what_waits() -> None:
    heard = silent()
    heard.voice.say(Say(1, "a long technique cue", Priority.TECHNIQUE))
    heard.voice.say(Say(2, "another one", Priority.SEGMENT))
    heard.voice.say(Say(3, "another still", Priority.SEGMENT))
    heard.voice.say(Say(4, "Pull the key.", Priority.SAFETY))
    assert heard.captions[-1] == "Pull the key."
    assert {type(item) for item in heard.inputs} == {SpeechFailed} and len(heard.inputs) == 3
    assert (await heard.until(4))[-1] == Spoken(4)


async def test_a_lower_priority_waits() -> None:
    heard = silent()
    heard.voice.say(Say(1, "Stop.", Priority.SAFETY))
    heard.voice.say(Say(2, "toes first", Priority.TECHNIQUE))
    heard.voice.say(Say(3, "three", Priority.COUNTDOWN))
    assert await heard.until(3) == [Spoken(1), Spoken(3), Spoken(2)]


async def test_nothing_new_is_said_while_a_lock_is_being_written() -> None:
    heard = silent()
    heard.voice.hold()
    heard.voice.say(Say(1, "locked", Priority.SAFETY))
    await asyncio.sleep(0.05)
    assert heard.captions == []
    heard.voice.release()
    assert heard.captions == ["locked"]


async def test_the_text_goes_to_standard_input_and_never_to_the_arguments(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, 'echo "$@" > args; cat > said; : > "$6"', "exit 0")
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    heard.voice.say(Say(1, "--help; $(touch pwned)", Priority.SEGMENT))
    assert await heard.until(1) == [Spoken(1)]
    assert (tmp_path / "said").read_text() == "--help; $(touch pwned)"
    assert "help" not in (tmp_path / "args").read_text() and not (tmp_path / "pwned").exists()
    heard.voice.close()


def test_what_a_killed_guardian_rendered_is_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()
    for name in (f"treadctl-voice-{ended}-a", f"treadctl-voice-{os.getppid()}-b", "treadctl-voice-mine", "other-1-c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.wav").touch()
    loop = asyncio.new_event_loop()
    sink = SpokenSink(loop, "speaker", "player")
    left = {folder.name.rsplit("-", 1)[0] for folder in tmp_path.iterdir()}
    me = f"treadctl-voice-{os.getpid()}"
    assert left == {me, f"treadctl-voice-{os.getppid()}", "treadctl-voice", "other-1"}
    sink.close()
    loop.close()
    assert not [folder for folder in tmp_path.iterdir() if folder.name.startswith(me)]


async def test_an_interrupted_player_is_killed(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, 'cat > /dev/null; : > "$6"', "echo $$ >> pids; exec sleep 60")
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    heard.voice.say(Say(1, "long", Priority.SEGMENT))
    pids = tmp_path / "pids"
    await eventually(lambda: pids.exists() and pids.read_text().strip())
    gone = Path(f"/proc/{int(pids.read_text())}")
    heard.voice.say(Say(2, "Stop.", Priority.SAFETY))
    assert heard.inputs == [SpeechFailed(1, "interrupted")]
    await eventually(lambda: not gone.exists())
    heard.voice.close()


async def test_a_player_that_fails_is_reported_and_off_after_three_times(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, 'cat > /dev/null; : > "$6"', "echo x >> plays; exit 1")
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    for number in range(4):
        heard.voice.say(Say(number, "x", Priority.SEGMENT))
    inputs = await heard.until(4)
    assert all(isinstance(item, SpeechFailed) for item in inputs)
    assert (tmp_path / "plays").read_text().count("x") == 3
    heard.voice.close()


async def test_on_a_simulated_treadmill_silence_takes_over_from_a_broken_voice(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, "exit 1", "exit 1")
    loop = asyncio.get_running_loop()
    heard = Heard(SpokenSink(loop, speaker, player, instead=SilentSink(loop)))
    heard.voice.say(Say(1, "x", Priority.SEGMENT))
    assert await heard.until(1) == [Spoken(1)]
    heard.voice.close()


async def test_only_audio_names_are_taken_from_a_client(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, 'cat > /dev/null; : > "$6"', "env > environment")
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    heard.voice.sink.environment({"PULSE_SERVER": "here", "LD_PRELOAD": "evil.so"})
    heard.voice.say(Say(1, "x", Priority.SEGMENT))
    await heard.until(1)
    environment = (tmp_path / "environment").read_text()
    assert "PULSE_SERVER=here" in environment and "evil" not in environment
    heard.voice.close()


@pytest.mark.parametrize("wanted", [True, False])
async def test_silence_never_counts_as_heard_on_a_real_treadmill(
    wanted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    loop = asyncio.get_running_loop()
    sink = choose_sink(loop, simulated=False, rate=1, wanted=wanted)
    assert isinstance(sink, MuteSink)
    heard = Heard(sink)
    heard.voice.say(Say(1, "x", Priority.SAFETY))
    [failed] = await heard.until(1)
    assert isinstance(failed, SpeechFailed)
    transcript = choose_sink(loop, simulated=False, rate=1, transcript=tmp_path / "said")
    assert isinstance(transcript, MuteSink)


async def test_a_transcript_keeps_words_and_tones_in_order(tmp_path: Path) -> None:
    heard = Heard(choose_sink(asyncio.get_running_loop(), simulated=True, rate=1, transcript=tmp_path / "said"))
    heard.voice.sink.tone(Tone.TURN)
    heard.voice.say(Say(1, "x", Priority.SAFETY))
    await heard.until(1)
    assert (tmp_path / "said").read_text() == "tone turn\nsay x\n"


def test_every_tone_can_be_written_and_stays_below_one_kilohertz(tmp_path: Path) -> None:
    for tone in Tone:
        if tone is Tone.QUIET:
            continue
        tones.write_tone(tone, tmp_path / "tone.wav")
        assert os.path.getsize(tmp_path / "tone.wav") > 1000
        assert all(hertz < 1000 for hertz, _ in tones.TONES[tone])
    assert tones.length(Tone.CONFIRM) == 400
