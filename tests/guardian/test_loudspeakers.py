"""The laptop and a page: who is heard, what counts as heard, and what a page may not claim."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from tests.guardian.radio import eventually
from tests.guardian.test_voice import SPEAKS, programs
from treadctl.control.events import INTERRUPTED, Input, Priority, Say, SpeechFailed, Spoken, Tone
from treadctl.control.prompts import NO_HEART, PULL_KEY
from treadctl.guardian import loudspeakers
from treadctl.guardian.loudspeakers import Loudspeakers, PageSink
from treadctl.guardian.speakers import Speaker
from treadctl.guardian.speech import SilentSink, Voice
from treadctl.model.api import Sounding

PHONE = "glance-7"
WORDS_MS = 200


class Room:
    """A laptop that writes what it would say, and a page that is told what to play."""

    def __init__(self, folder: Path, speaker: str = SPEAKS) -> None:
        program, _ = programs(folder, speaker, "true", WORDS_MS)
        loop = asyncio.get_running_loop()
        self.loop, self.file = loop, folder / "laptop"
        self.told: list[tuple[str, Sounding]] = []
        self.inputs: list[Input] = []
        self.page = PageSink(loop, program, 150, lambda client, what: self.told.append((client, what)))
        self.both = Loudspeakers(SilentSink(loop, self.file), self.page)
        self.voice = Voice(self.both, self.inputs.append, lambda _say: None)

    @property
    def laptop(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []

    def say(self, id: int, text: str = "x", priority: Priority = Priority.SEGMENT) -> None:
        say = Say(id, text, priority)
        self.voice.say(say)
        self.both.urgent(say)

    async def playing(self, count: int = 1) -> Sounding:
        """The words that the page was given last."""
        words: list[Sounding] = []
        await eventually(lambda: len([w for _, w in self.told if w.file]) >= count)
        words = [what for _, what in self.told if what.file]
        return words[-1]


async def test_words_go_to_the_page_alone_and_count_once_they_were_played(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    begun = room.loop.time()
    room.say(1, "Small steps.")
    given = await room.playing()
    assert given.file.endswith(".wav") and room.told[-1][0] == PHONE and room.laptop == []
    await asyncio.sleep(WORDS_MS / 1000)
    room.page.heard(PHONE, given.id)
    assert room.inputs == [Spoken(1)] and room.loop.time() - begun >= WORDS_MS / 1000
    room.both.close()
    await eventually(lambda: not Path(given.file).exists())


async def test_nothing_counts_as_heard_before_its_end_or_from_anybody_else_or_twice(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.page.heard(PHONE, 1)  # nothing has been said
    room.say(1)
    given = await room.playing()
    room.page.heard("another", given.id)
    room.page.heard(PHONE, given.id + 1)
    assert room.inputs == []
    room.page.heard(PHONE, given.id)
    assert isinstance(room.inputs[0], SpeechFailed) and "cannot have played" in room.inputs[0].why
    room.say(2)
    again = await room.playing(2)
    await asyncio.sleep(WORDS_MS / 1000)
    room.page.heard(PHONE, given.id)  # of the words before
    assert len(room.inputs) == 1
    room.page.heard(PHONE, again.id)
    room.page.heard(PHONE, again.id)
    assert room.inputs[1:] == [Spoken(2)]
    room.both.close()


async def test_a_page_that_does_not_answer_in_time_has_not_said_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loudspeakers, "LATE_S", 0.05)
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1)
    await eventually(lambda: bool(room.inputs))
    assert room.inputs == [SpeechFailed(1, "the page did not say it to its end")]
    room.both.close()


async def test_a_laptop_that_takes_over_says_what_waits_and_what_was_cut_is_no_broken_voice(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1, "one")
    room.say(2, "two")
    given = await room.playing()
    room.both.by("")
    assert room.inputs == [SpeechFailed(1, INTERRUPTED)] and room.laptop == ["say two"]
    assert room.told[-1] == (PHONE, Sounding()), "the page is told to be silent"
    room.page.heard(PHONE, given.id)
    await eventually(lambda: len(room.inputs) == 2)
    assert room.inputs[1] == Spoken(2)
    room.both.close()


async def test_a_safety_call_sounds_at_the_laptop_too_and_cuts_what_the_page_says(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1, "Small steps.")
    await room.playing()
    room.say(2, "Pull the key.", Priority.SAFETY)
    assert room.laptop == ["say Pull the key."] and (PHONE, Sounding()) in room.told
    await room.playing(2)
    assert room.inputs == [SpeechFailed(1, INTERRUPTED)], "what the laptop says counts for nothing: the page speaks"
    room.both.close()


async def test_what_the_laptop_says_beside_the_page_is_said_to_its_end_and_once(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1, NO_HEART, Priority.NOTICE)
    room.say(2, PULL_KEY, Priority.SAFETY)
    room.say(3, PULL_KEY, Priority.SAFETY)
    room.say(4, "Too fast.", Priority.SAFETY)
    room.say(5, NO_HEART, Priority.NOTICE)
    assert room.laptop == [f"say {NO_HEART}", f"say {PULL_KEY}"], "a call cuts a notice, and nothing cuts a call"
    await eventually(lambda: len(room.laptop) == 4)
    assert room.laptop[2:] == ["say Too fast.", f"say {NO_HEART}"]
    room.both.close()


async def test_a_laptop_that_takes_over_says_each_call_to_its_end_and_in_its_turn(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1, PULL_KEY, Priority.SAFETY)
    room.say(2, "Too fast.", Priority.SAFETY)
    await room.playing()
    room.both.by("")
    room.say(3, "Connection lost. Pull the key.", Priority.SAFETY)
    await eventually(lambda: Spoken(3) in room.inputs)
    calls = [PULL_KEY, PULL_KEY, "Too fast.", "Connection lost. Pull the key."]
    assert room.laptop == [f"say {text}" for text in calls], "the first was cut with the page, and is said anew"
    room.both.close()


async def test_a_call_that_a_page_is_cut_in_is_said_to_its_end_by_the_laptop(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1, "Hold on.", Priority.SAFETY)
    room.both.by("")
    room.say(2, NO_HEART, Priority.NOTICE)
    assert room.inputs == [], "it is not over, and a notice waits for it"
    await eventually(lambda: Spoken(2) in room.inputs)
    assert room.inputs == [Spoken(1), Spoken(2)]
    assert room.laptop == ["say Hold on.", "say Hold on.", f"say {NO_HEART}"]
    room.both.close()


async def test_the_laptop_calls_nobody_beside_the_page_once_the_alarm_is_over(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    for id, text in enumerate(("Too fast.", PULL_KEY, "The controller hung.")):
        room.both.urgent(Say(id, text, Priority.SAFETY))
    room.both.tone(Tone.QUIET)
    await eventually(lambda: len(room.laptop) == 3)
    assert room.laptop == ["say Too fast.", "tone quiet", "say The controller hung."]
    room.both.close()


@pytest.mark.parametrize("tone", list(Tone))
async def test_tones_sound_at_the_page_and_those_of_danger_at_the_laptop_as_well(tmp_path: Path, tone: Tone) -> None:
    room = Room(tmp_path)
    room.both.tone(tone)
    assert room.laptop == [f"tone {tone.value}"] and room.told == []
    room.both.by(PHONE)
    room.both.tone(tone)
    assert (len(room.laptop) == 2) is (tone in (Tone.ALARM, Tone.QUIET, Tone.STOP))
    told = [what.notes for _, what in room.told if what.notes]
    assert bool(told) is (tone not in (Tone.ALARM, Tone.QUIET)), "the page sees by itself that there is an alarm"
    assert all(hertz < 1000 for notes in told for hertz, _ in notes)
    room.both.close()


async def test_a_speaker_program_that_fails_is_a_page_that_does_not_speak(tmp_path: Path) -> None:
    room = Room(tmp_path, "exit 1")
    room.both.by(PHONE)
    room.say(1)
    await eventually(lambda: bool(room.inputs))
    assert isinstance(room.inputs[0], SpeechFailed) and room.inputs[0].why.startswith("the voice failed")
    room.both.close()


async def test_whatever_keeps_words_from_being_made_the_page_does_not_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(Speaker, "render", bug)
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1)
    await eventually(lambda: bool(room.inputs))
    assert room.inputs == [SpeechFailed(1, "the voice failed: ValueError")]
    room.both.close()


async def test_what_is_made_ahead_is_made_for_one_page_at_a_time_and_no_word_waits_for_it(tmp_path: Path) -> None:
    slow = 'read text; case "$text" in slow) echo $$ >> pids; exec sleep 60 ;; esac; cp sound.wav "$6"'
    room = Room(tmp_path, slow)
    room.both.prepare(("slow",))
    pids = tmp_path / "pids"

    def made() -> list[str]:
        return pids.read_text().split() if pids.exists() else []

    def begun(count: int) -> bool:
        return len(made()) == count

    for number, client in enumerate((PHONE, "another", PHONE), 1):
        room.both.by(client)
        await eventually(partial(begun, number))
    await eventually(lambda: sum(Path(f"/proc/{pid}").exists() for pid in made()) == 1, 2)
    room.say(1, "now")
    await room.playing()
    room.both.close()
    await eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in made()), 2)


async def test_what_was_cut_while_it_was_made_is_not_said(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.both.by(PHONE)
    room.say(1, "one")
    room.say(2, PULL_KEY, Priority.SAFETY)
    await room.playing()
    assert len([what for _, what in room.told if what.file]) == 1 and room.inputs == [SpeechFailed(1, INTERRUPTED)]
    room.both.close()


async def test_words_of_a_page_are_interrupted_when_the_clock_changes_its_pace(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.say(1)
    room.both.interrupt()
    assert room.inputs == [], "the laptop goes on"
    room.voice.sink.cut()
    room.both.by(PHONE)
    room.voice = Voice(room.both, room.inputs.append, lambda _say: None)
    room.say(2)
    await room.playing()
    room.both.interrupt()
    assert room.inputs == [SpeechFailed(2, INTERRUPTED)]
    room.both.close()
