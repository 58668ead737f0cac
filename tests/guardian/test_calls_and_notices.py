"""What is told of a fault: a call goes before a notice, and is not said more often than it helps."""

from __future__ import annotations

from tests.guardian.test_voice import failed, silent
from treadctl.control.events import INTERRUPTED, Priority, Say, SpeechFailed, Spoken, Tone
from treadctl.control.prompts import LINK_LOST, NO_HEART, PAGE_SILENT, PULL_KEY


async def test_a_safety_call_interrupts_the_notice_of_a_fault_and_a_notice_all_but_a_call() -> None:
    heard = silent()
    heard.voice.say(Say(1, "a long technique cue", Priority.COUNTDOWN))
    heard.voice.say(Say(2, "another one", Priority.SEGMENT))
    heard.voice.say(Say(3, PAGE_SILENT, Priority.NOTICE))
    heard.voice.say(Say(4, NO_HEART, Priority.NOTICE))
    assert heard.captions[-1] == PAGE_SILENT and {item.id for item in heard.inputs if failed(item)} == {1, 2}
    heard.voice.say(Say(5, LINK_LOST, Priority.SAFETY))
    assert heard.captions[-1] == LINK_LOST and {item.id for item in heard.inputs if failed(item)} == {1, 2, 3, 4}
    heard.voice.say(Say(6, NO_HEART, Priority.NOTICE))
    assert heard.captions[-1] == LINK_LOST, "no notice interrupts a call"


async def test_a_call_that_is_being_said_or_waits_is_not_said_once_more() -> None:
    heard = silent()
    heard.voice.say(Say(1, LINK_LOST, Priority.SAFETY))
    for number in range(2, 40):
        heard.voice.say(Say(number, PULL_KEY, Priority.SAFETY))
    heard.voice.say(Say(40, LINK_LOST, Priority.SAFETY))
    assert [item for item in heard.inputs if failed(item)] == [SpeechFailed(n, INTERRUPTED) for n in range(3, 41)]
    assert [item.id for item in (await heard.until(40))[-2:] if isinstance(item, Spoken)] == [1, 2]
    heard.voice.say(Say(41, LINK_LOST, Priority.SAFETY))
    assert heard.captions == [LINK_LOST, PULL_KEY, LINK_LOST], "once it was said it may be said again"


async def test_when_the_alarm_is_over_no_call_that_waits_is_said_any_more() -> None:
    heard = silent()
    heard.voice.say(Say(1, "The screen is gone. Stopping.", Priority.SAFETY))
    heard.voice.say(Say(2, PULL_KEY, Priority.SAFETY))
    heard.voice.say(Say(3, "Too fast.", Priority.SAFETY))
    heard.voice.tone(Tone.QUIET)
    assert await heard.until(3) == [SpeechFailed(2, INTERRUPTED), Spoken(1), Spoken(3)]
