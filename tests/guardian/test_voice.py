"""What is said, in which order, and what the core hears about it."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import subprocess
import wave
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from tests.guardian.radio import eventually
from treadctl.control.events import Input, Priority, Say, SpeechFailed, Spoken, Tone
from treadctl.guardian import speakers, spoken, tones
from treadctl.guardian.loudspeakers import PageSink
from treadctl.guardian.sinks import choose_sink
from treadctl.guardian.speakers import Speaker
from treadctl.guardian.speech import MuteSink, SilentSink, Sink, Voice
from treadctl.guardian.spoken import SpokenSink
from treadctl.model.speech import utterance_ms


class Heard:
    """A voice and everything that came of it."""

    def __init__(self, sink: Sink) -> None:
        self.inputs: list[Input] = []
        self.captions: list[str] = []
        self.voice = Voice(sink, self.inputs.append, lambda say: self.captions.append(say.text))

    async def until(self, count: int, seconds: float = 20) -> list[Input]:
        await eventually(lambda: len(self.inputs) >= count, seconds)
        return self.inputs


def silent() -> Heard:
    return Heard(SilentSink(asyncio.get_running_loop()))


SPEAKS = 'cat > /dev/null; cp sound.wav "$6"'
"""A speaker that makes the same short sound of every text."""


def write_sound(path: Path, ms: int) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(22_050)
        out.writeframes(bytes(2 * 22_050 * ms // 1000))


def programs(folder: Path, speaker: str, player: str, ms: int = 10) -> tuple[str, str]:
    """Two shell scripts in the place of espeak-ng and a player; sound.wav lasts so long."""
    write_sound(folder / "sound.wav", ms)
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


def failed(item: Input) -> TypeGuard[SpeechFailed]:
    return isinstance(item, SpeechFailed)


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
    speaker, player = programs(tmp_path, 'echo "$@" > args; cat > said; cp sound.wav "$6"', "sleep 0.02")
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
    assert left == {f"treadctl-voice-{os.getppid()}", "treadctl-voice", "other-1"}
    mine = f"treadctl-voice-{os.getpid()}-*"
    sink.prepare(("x",))
    loop.run_until_complete(eventually(lambda: list(tmp_path.glob(mine))))
    sink.close()
    loop.close()
    assert list(tmp_path.glob(mine)) == []


async def test_where_no_folder_can_be_made_the_words_fail_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "no space left on device")

    loop = asyncio.get_running_loop()
    monkeypatch.setattr("tempfile.gettempdir", full)
    monkeypatch.setattr("tempfile.mkdtemp", full)
    heard = Heard(SpokenSink(loop, *programs(tmp_path, SPEAKS, "sleep 0.02")))
    heard.voice.tone(Tone.STOP)
    heard.voice.say(Say(1, "x", Priority.SEGMENT))
    assert await heard.until(1) == [SpeechFailed(1, "the voice failed: OSError")]
    heard.voice.close()
    page = Heard(PageSink(loop, str(tmp_path / "speaker"), 150, lambda _client, _what: None))
    page.voice.say(Say(2, "x", Priority.SEGMENT))
    assert await page.until(1) == [SpeechFailed(2, "the voice failed: OSError")]
    page.voice.close()


async def test_an_interrupted_player_is_killed(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, SPEAKS, "echo $$ >> pids; exec sleep 60")
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
    speaker, player = programs(tmp_path, SPEAKS, "echo x >> plays; exit 1")
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    for number in range(4):
        heard.voice.say(Say(number, "x", Priority.SEGMENT))
    inputs = await heard.until(4)
    assert all(isinstance(item, SpeechFailed) for item in inputs)
    assert (tmp_path / "plays").read_text().count("x") == 3
    heard.voice.close()


async def test_a_voice_that_is_off_is_tried_again_after_a_while_and_is_back_once_it_was_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker, player = programs(tmp_path, SPEAKS, "echo x >> plays; [ -e mended ] && sleep 0.02")
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    now = 1000.0
    monkeypatch.setattr(spoken, "monotonic_s", lambda: now)
    for number in range(4):
        heard.voice.say(Say(number, "x", Priority.SEGMENT))
    await heard.until(4)
    now += spoken.TRY_AGAIN_S
    heard.voice.say(Say(4, "x", Priority.SEGMENT))
    heard.voice.say(Say(5, "x", Priority.SEGMENT))
    inputs = await heard.until(6)
    assert all(failed(item) for item in inputs) and (tmp_path / "plays").read_text().count("x") == 4, "one try"
    (tmp_path / "mended").touch()
    now += spoken.TRY_AGAIN_S
    monkeypatch.setattr(spoken, "TOO_EARLY", 0)  # this clock stands while a player plays
    heard.voice.say(Say(6, "x", Priority.SEGMENT))
    heard.voice.say(Say(7, "x", Priority.SEGMENT))
    assert (await heard.until(8))[6:] == [Spoken(6), Spoken(7)]
    heard.voice.close()


async def test_on_a_simulated_treadmill_silence_takes_over_from_a_broken_voice(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, "exit 1", "exit 1")
    loop = asyncio.get_running_loop()
    heard = Heard(SpokenSink(loop, speaker, player, instead=SilentSink(loop)))
    heard.voice.say(Say(1, "x", Priority.SEGMENT))
    assert await heard.until(1) == [Spoken(1)]
    heard.voice.close()


async def test_only_audio_names_are_taken_from_a_client(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, SPEAKS, "env > environment; sleep 0.02")
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


RHYTHM = tuple(tones.TONES)


def beats(tone: Tone) -> tuple[int, ...]:
    """How long each sound and each gap is, without the pitch; the alarm goes on."""
    times = 3 if tone is Tone.ALARM else 1
    return tuple(ms for _, ms in tones.TONES[tone])[: None if times == 1 else 2] * times


def alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Nobody tells them apart by rhythm: as many sounds, none of them twice as long as the other's."""
    return len(one) == len(other) and all(max(a, b) < 2 * min(a, b) for a, b in zip(one, other, strict=True))


def test_every_earcon_is_told_apart_without_its_pitch() -> None:
    pairs = [(a, b) for n, a in enumerate(RHYTHM) for b in RHYTHM[n + 1 :]]
    assert [(a, b) for a, b in pairs if alike(beats(a), beats(b))] == []


@pytest.mark.parametrize("speaker", ['cat > /dev/null; : > "$6"', SPEAKS])
async def test_a_speaker_that_writes_no_sound_is_broken(speaker: str, tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, speaker, "sleep 0.05", ms=0)
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    heard.voice.say(Say(1, "x", Priority.SEGMENT))
    [failed] = await heard.until(1)
    assert isinstance(failed, SpeechFailed)
    heard.voice.close()


async def test_a_player_that_ends_at_once_has_not_played(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, SPEAKS, "exit 0", ms=3000)
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    heard.voice.say(Say(1, "x", Priority.SEGMENT))
    [failed] = await heard.until(1)
    assert isinstance(failed, SpeechFailed)
    heard.voice.close()


PLAYED = """
case "$1" in */[0-9]*.wav) what=words ;; *) what=$(basename "$1" .wav) ;; esac
echo "begin $what" >> played
trap 'echo "end $what" >> played; exit 0' EXIT
sleep 0.15
"""


def played(folder: Path) -> list[str]:
    log = folder / "played"
    return log.read_text().splitlines() if log.exists() else []


async def test_no_two_sounds_are_played_at_once_and_a_tone_comes_before_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken, "LATE_S", 60)  # on a busy machine the last tone would be left out
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, SPEAKS, PLAYED)))
    heard.voice.sink.tone(Tone.FASTER)
    heard.voice.say(Say(1, "Faster, to 1.2.", Priority.SEGMENT))
    heard.voice.sink.tone(Tone.TICK)
    await heard.until(1)
    await eventually(lambda: len(played(tmp_path)) == 6)
    assert played(tmp_path) == [f"{edge} {what}" for what in ("faster", "words", "tick") for edge in ("begin", "end")]
    heard.voice.close()


async def test_a_tone_that_comes_too_late_is_left_out(tmp_path: Path) -> None:
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, SPEAKS, PLAYED.replace("0.15", "0.8"))))
    heard.voice.say(Say(1, "long", Priority.SEGMENT))
    await eventually(lambda: played(tmp_path))
    heard.voice.sink.tone(Tone.TICK)
    await heard.until(1)
    heard.voice.say(Say(2, "next", Priority.SEGMENT))
    await heard.until(2)
    assert "begin tick" not in played(tmp_path)
    heard.voice.close()


async def test_the_alarm_sounds_until_it_is_quiet_and_gives_way_to_words(tmp_path: Path) -> None:
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, SPEAKS, PLAYED)))
    heard.voice.sink.tone(Tone.ALARM)
    await eventually(lambda: played(tmp_path).count("begin alarm") >= 2)
    heard.voice.say(Say(1, "Pull the key.", Priority.SAFETY))
    await heard.until(1)
    before = played(tmp_path).count("begin alarm")
    await eventually(lambda: played(tmp_path).count("begin alarm") > before)
    heard.voice.sink.tone(Tone.QUIET)
    log = played(tmp_path)
    assert log[log.index("begin words") + 1] == "end words"
    heard.voice.close()


async def test_words_do_not_wait_for_the_end_of_a_beat_of_the_alarm(tmp_path: Path) -> None:
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, SPEAKS, PLAYED.replace("0.15", "5"))))
    heard.voice.sink.tone(Tone.ALARM)
    await eventually(lambda: "begin alarm" in played(tmp_path))
    heard.voice.sink.begin("one, two", lambda _why: None)  # without the cut that a safety call makes
    await eventually(lambda: "begin words" in played(tmp_path), 3)
    heard.voice.close()


async def test_a_safety_call_does_not_wait_for_a_tone(tmp_path: Path) -> None:
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, SPEAKS, PLAYED.replace("0.15", "5"))))
    heard.voice.sink.tone(Tone.STOP)
    await eventually(lambda: "begin stop" in played(tmp_path))
    heard.voice.say(Say(1, "Pull the key.", Priority.SAFETY))
    await eventually(lambda: "begin words" in played(tmp_path), 3)
    heard.voice.close()


async def test_a_tone_is_cut_although_its_player_is_only_being_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, SPEAKS, PLAYED.replace("0.15", "5")))
    start, cuts = subprocess.Popen, list[str]()

    def slowly(command: list[str], **how: Any) -> Any:
        process = start(command, **how)
        if "stop" in command[-1]:  # here it runs, and its number is not known to anybody yet
            sink.cut()
            cuts.append(command[-1])
        return process

    monkeypatch.setattr(subprocess, "Popen", slowly)
    sink.tone(Tone.STOP)
    await eventually(lambda: cuts)
    sink.begin("Pull the key.", lambda _why: None)
    await eventually(lambda: "begin words" in played(tmp_path), 3)
    sink.close()


async def test_what_is_prepared_is_made_once_and_no_word_waits_for_it(tmp_path: Path) -> None:
    slow = 'read text; [ "$text" = slow ] && sleep 5; echo "$text" >> made; cp sound.wav "$6"'
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, slow, "sleep 0.02")))
    heard.voice.sink.prepare(("first", "slow", *(f"text {n}" for n in range(300))))
    made = tmp_path / "made"
    await eventually(made.exists)
    heard.voice.say(Say(1, "urgent", Priority.SAFETY))
    heard.voice.say(Say(2, "first", Priority.SAFETY))
    assert await heard.until(2, 3) == [Spoken(1), Spoken(2)]
    assert made.read_text().split("\n") == ["first", "urgent", ""]
    heard.voice.close()


def test_a_mac_speaks_with_its_own_voice(tmp_path: Path) -> None:
    """Untested there: only that the program is called as its manual has it."""
    program = tmp_path / "say"
    program.write_text(f'#!/bin/sh\ncd {tmp_path}\necho "$@" > args; cat > said; cp sound.wav "$4"\n')
    program.chmod(0o755)
    write_sound(tmp_path / "sound.wav", 20)
    made = Speaker(str(program), 150, tmp_path).render("Slower, to 1.0.", dict(os.environ))
    assert made.length == 20 and (tmp_path / "said").read_text() == "Slower, to one point zero."
    assert (tmp_path / "args").read_text().startswith(f"-r 150 -o {made.path} --file-format=WAVE")


async def test_half_a_character_from_a_client_is_said_somehow_and_silences_nothing_after_it(tmp_path: Path) -> None:
    speaker, player = programs(tmp_path, SPEAKS, "sleep 0.02")
    heard = Heard(SpokenSink(asyncio.get_running_loop(), speaker, player))
    heard.voice.sink.prepare(("Tall\udc00.",))
    heard.voice.say(Say(1, "Small \ud800 steps.", Priority.SEGMENT))
    heard.voice.say(Say(2, "Stop.", Priority.SAFETY))
    heard.voice.say(Say(3, "Small \ud800 steps.", Priority.SEGMENT))
    assert [item for item in await heard.until(3) if not failed(item)] == [Spoken(2), Spoken(3)]
    heard.voice.close()


async def test_safety_goes_before_the_countdown_before_the_segment_before_the_technique() -> None:
    heard = silent()
    heard.voice.say(Say(9, "Stop.", Priority.SAFETY))
    for number, priority in enumerate((Priority.TECHNIQUE, Priority.SEGMENT, Priority.COUNTDOWN, Priority.SAFETY)):
        heard.voice.hold()
        heard.voice.say(Say(number, "x", priority))
    heard.voice.release()
    ids = [item.id for item in await heard.until(5) if isinstance(item, Spoken)]
    assert ids == [9, 3] and {item.id for item in heard.inputs if isinstance(item, SpeechFailed)} == {0, 1, 2}
    for number, priority in enumerate((Priority.COUNTDOWN, Priority.TECHNIQUE, Priority.SEGMENT), 20):
        heard.voice.hold()
        heard.voice.say(Say(number, "x", priority))
    heard.voice.release()
    assert [item.id for item in (await heard.until(8))[-3:] if isinstance(item, Spoken)] == [20, 22, 21]


# --- a voice that hangs ----------------------------------------------------------------------------------------------

HANGS = "echo $$ >> pids; exec sleep 600"
HUNG = ((HANGS, "sleep 0.02", "TimeoutExpired"), (SPEAKS, HANGS, "TimeoutExpired"), ("exit 1", "", "SubprocessError"),
        (SPEAKS, "exit 1", "SubprocessError"))


def ended(folder: Path) -> bool:
    """Whether no program that hangs is left."""
    pids = folder / "pids"
    return all(not Path(f"/proc/{pid}").exists() for pid in pids.read_text().split()) if pids.exists() else True


@pytest.mark.parametrize(("speaker", "player", "why"), HUNG)
async def test_a_voice_that_hangs_or_fails_is_told_ended_and_after_three_times_off(
    speaker: str, player: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speakers, "RENDER_LIMIT_S", 0.3)
    monkeypatch.setattr(spoken, "PATIENCE_S", 0)
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, speaker, player)))
    for number in range(4):
        heard.voice.say(Say(number, "x", Priority.SEGMENT))
    inputs = await heard.until(4, 15)
    told = [item.why for item in inputs if isinstance(item, SpeechFailed)]
    assert told == [f"the voice failed: {why}"] * 3 + ["the voice failed three times and is off"]
    await eventually(lambda: ended(tmp_path))
    heard.voice.close()


@pytest.mark.parametrize(("speaker", "player", "_why"), HUNG[:2])
async def test_a_safety_call_ends_what_hangs_and_no_step_waits_for_it(
    speaker: str, player: str, _why: str, tmp_path: Path
) -> None:
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, speaker, player)))
    heard.voice.say(Say(1, "Faster, to 1.2.", Priority.SEGMENT))
    pids = tmp_path / "pids"
    await eventually(lambda: pids.exists() and len(pids.read_text().split()) == 1)
    heard.voice.say(Say(2, "Pull the key.", Priority.SAFETY))
    assert heard.inputs == [SpeechFailed(1, "interrupted")]
    await eventually(lambda: len(pids.read_text().split()) == 2, 3)
    heard.voice.close()
    await eventually(lambda: ended(tmp_path))


async def test_the_alarm_sounds_while_the_speaker_hangs(tmp_path: Path) -> None:
    heard = Heard(SpokenSink(asyncio.get_running_loop(), *programs(tmp_path, HANGS, PLAYED)))
    heard.voice.say(Say(1, "Pull the key.", Priority.SAFETY))
    await eventually((tmp_path / "pids").exists)
    heard.voice.sink.tone(Tone.ALARM)
    await eventually(lambda: played(tmp_path).count("begin alarm") >= 2, 3)
    assert heard.inputs == []
    heard.voice.close()
