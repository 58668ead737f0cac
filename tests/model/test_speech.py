"""How texts are read out, and how long that is taken to last."""

import pytest

from treadctl.model.speech import PAUSE_OF_COMMA, PAUSE_OF_STOP, SPEECH_LEAD, SPEECH_PER_CHARACTER, spoken, utterance_ms


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Faster, to 2.5.", "Faster, to two point five."),
        ("Slower, to 1.0.", "Slower, to one point zero."),
        ("At the console: 10.25.", "At the console: 10 point two five."),
        ("Hill, 2 percent.", "Hill, 2 percent."),
        ("Hill, 0.5 percent.", "Hill, zero point five percent."),
        ("Hold 1.2 km/h at 3 %.", "Hold one point two kilometres an hour at 3 percent."),
        ("At 2 mph, 5%", "At 2 miles an hour, 5 percent"),
        ("Version 1.2.3 of 2026", "Version 1.2.3 of 2026"),
        ("Belt stopped.", "Belt stopped."),
    ],
)
def test_numbers_and_units_are_read_as_words(text: str, read: str) -> None:
    assert spoken(text) == read


def test_the_time_is_that_of_the_words_that_are_read() -> None:
    assert utterance_ms("Slower, to 1.0.") == utterance_ms("Slower, to one point zero.")
    assert utterance_ms("one") == SPEECH_LEAD + 3 * SPEECH_PER_CHARACTER
    assert utterance_ms("One, two. Three?") == (
        SPEECH_LEAD + 16 * SPEECH_PER_CHARACTER + PAUSE_OF_COMMA + PAUSE_OF_STOP
    )
