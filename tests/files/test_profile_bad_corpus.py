"""A corpus of wrong profiles: each refused at the exact place, one sentence a line, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from treadctl.files.profile import check_profile, events
from treadctl.model.errors import ExitCode, InvalidFile

BAD = Path(__file__).parents[1] / "fixtures" / "profiles-bad"

EXPECTED = r"""
a-list.yaml:1:1: a profile is made of keys and values; begin it with treadctl: 1 (this is a list)
above-its-level.yaml:4:5: walks 4.5 km/h forward, which needs level 1; the limit at level 0 is 4.0
above-its-level.yaml:5:5: walks 1.5 km/h backward, which needs level 1; the limit at level 0 is 1.2
above-its-level.yaml:5:5: walks 3:00 backward in one bout; the limit is 1:00 (level 0 (first)), so put a rest or forward walking between
above-its-level.yaml:6:5: climbs 1.0 % backward; the limit is 0.0 % (level 0 (first))
alias-bomb.yaml:1:4: & and * (names for parts) are not allowed; write it out, use repeat, or put text in quotes
alias-only.yaml:3:11: & and * (names for parts) are not allowed; write it out, use repeat, or put text in quotes
bidi-in-comment.yaml:2:10: the hidden character \u2066 is not allowed; remove it
bidi-in-name.yaml:2:12: the hidden character \u202e is not allowed; remove it
billion-repeats.yaml:4:13: '1000000000' is no number of repeats; write a whole number from 1 to 1000
binary.yaml:1:1: this is not UTF-8 text; save the profile as plain text in UTF-8
clock-of-ninety.yaml:4:26: '1:90' has 60 or more after a colon; write less there, such as 1:30
colon-without-blank.yaml:4:5: 'walk:forward' has no blank after its colon; write walk: forward
complex-key.yaml:2:3: a key has to be one word; check the brackets and colons here
decimal-comma-in-braces.yaml:4:41: '5 km/h' is the rest of a number cut by a comma; write decimals with a point, such as 1.5 km/h
decimal-comma.yaml:6:12: '2,5 km/h' has a comma; write 2.5 km/h with a point
deep.yaml:3:26: this is nested more than 16 deep; write it flatter
empty-segments.yaml:3:1: 'segments' needs a list of segments; begin each one with '- ', such as - {walk: forward, for: 3min, speed: 2.5 km/h}
empty-speed.yaml:6:5: no speed is written here; write one such as 2.5 km/h
empty.yaml:1:1: the file is empty; a profile begins with treadctl: 1
escape-in-name.yaml:2:7: the hidden character \x1b is not allowed; remove it
exponent-speed.yaml:4:39: 'e3 km/h' is no unit of speed here; write it in km/h or mph, such as 2.5 km/h
fast-as-a-plane.yaml:4:38: '900 km/h' is no walking speed; treadctl walks up to 8.0 km/h
five-hours-in-all.yaml:3:1: it lasts 300 minutes; at most 240 are allowed, so shorten it
five-hours.yaml:4:12: '5h' is too long; a whole program lasts at most 4 hours
foreign-word.yaml:5:21: unknown key 'duration'; did you mean 'for'?
half-second.yaml:4:26: '1.5s' is finer than a second; write 1s
incline-key-slip.yaml:4:68: unknown key 'too'; did you mean 'to'?
incline-step-zero.yaml:4:83: a step of 0 % never arrives; write 0.5 % or more
incline-without-unit.yaml:4:58: '2' has no unit; write 2 %
indentation.yaml:2:7: no colon may stand here; check the indentation, or put text with a colon in quotes
inf-speed.yaml:4:39: 'inf km/h' is no speed; write a number and its unit, such as 2.5 km/h
key-twice.yaml:4:49: key 'speed' is already on line 4; keep one of them
latin-1.yaml:2:8: this is not UTF-8 text; save the profile as plain text in UTF-8
level-nine.yaml:3:8: '9' is no level; write a whole number from 0 to 4
list-for-speed.yaml:4:40: one value has to stand here, not a list
long-name.yaml:2:7: this text has 81 characters; shorten it to 80
many-digits.yaml:4:26: '99999999999999999999min' has too many digits; write a number of a few digits, such as 90s
many-nested-repeats.yaml:4:5: it unrolls to 998001 segments; at most 1000 are allowed, so repeat less often
many-nested-repeats.yaml:4:5: it lasts 2994003 minutes; at most 240 are allowed, so shorten it
merge-key.yaml:4:5: this segment does not say what it is; begin it with one of walk, repeat, rest, dead-mill, off-treadmill, such as - {walk: forward, for: 3min, speed: 2.5 km/h}
missing-speed.yaml:4:5: this walk segment has no 'speed'; add speed: 2.5 km/h, for example
nan-speed.yaml:4:39: 'nan' is no speed; write a number and its unit, such as 2.5 km/h
nan-with-unit.yaml:4:39: '.nan km/h' is no speed; write a number and its unit, such as 2.5 km/h
negative-incline.yaml:4:55: '-2 %' is negative; treadctl never walks downhill, so write 0 % or more
negative-speed.yaml:4:39: '-1 km/h' is negative; no belt runs backward, so write walk: backward and a speed above 0
newer-format.yaml:1:11: '2' is a format that this treadctl cannot read yet; update treadctl
no-kind.yaml:5:5: this segment does not say what it is; begin it with one of walk, repeat, rest, dead-mill, off-treadmill, such as - {walk: forward, for: 3min, speed: 2.5 km/h}
no-name.yaml:1:1: this profile has no 'name'; add name: and a few words
no-segments.yaml:1:1: this profile has no 'segments'; add segments: and below it - {walk: forward, for: 3min, speed: 2.5 km/h}
no-version.yaml:1:1: this profile has no 'treadctl'; add treadctl: 1 as its first line
nul.yaml:2:8: the hidden character \x00 is not allowed; remove it
one-text.yaml:1:1: a profile is made of keys and values; begin it with treadctl: 1 (this is one text)
only-comments.yaml:1:1: the file is empty; a profile begins with treadctl: 1
open-bracket.yaml:4:5: the bracket opened here is not closed; close it with } or ]
open-quote.yaml:4:22: the quotes opened here are not closed; close them on the same line
other-digits.yaml:4:39: '١ km/h' is no speed; write a number and its unit, such as 2.5 km/h
pasted-json.yaml:4:33: '90' has no unit; write 90s or 90min
pasted-json.yaml:4:46: '1.0' has no unit; write 1.0 km/h
raw-escape.yaml:2:7: the hidden character \x1b is not allowed; remove it
repeat-in-words.yaml:4:13: 'twice' is no number of repeats; write a whole number from 1 to 1000
repeat-of-nothing.yaml:5:15: 'segments' needs a list of segments; begin each one with '- ', such as - {walk: forward, for: 3min, speed: 2.5 km/h}
repeats-five-deep.yaml:6:78: repeats are nested 5 deep; at most 4 are allowed
running.yaml:4:5: treadctl walks, it does not run; begin the segment with walk, and a speed within the limits
say-with-colon.yaml:7:13: no colon may stand here; check the indentation, or put text with a colon in quotes
say-with-comma.yaml:4:41: unknown key 'please'; if it is text with a comma, put the whole text in quotes
segment-is-text.yaml:4:5: a segment is made of keys and values; write it such as - {walk: forward, for: 3min, speed: 2.5 km/h}
segments-is-text.yaml:3:11: 'segments' needs a list of segments; begin each one with '- ', such as - {walk: forward, for: 3min, speed: 2.5 km/h}
several-lines.yaml:2:7: this text has several lines; write it on one line
shout-without-quotes.yaml:4:27: ! (a tag) is not allowed here; remove it, or put text in quotes
speed-in-metres-per-second.yaml:4:39: 'm/s' is no unit of speed here; write it in km/h or mph, such as 2.5 km/h
speed-in-wrong-unit.yaml:4:39: 'kph' is no unit of speed here; write 2.5 km/h
speed-without-unit.yaml:4:39: '2.5' has no unit; write 2.5 km/h
tab.yaml:4:1: a tab stands here; write spaces in its place
tag.yaml:2:7: ! (a tag) is not allowed here; remove it, or put text in quotes
three-problems.yaml:4:27: '90' has no unit; write 90s or 90min
three-problems.yaml:4:38: '1' has no unit; write 1 km/h
three-problems.yaml:5:12: '0s' lasts no time; write 1s or more
time-in-metres.yaml:4:26: 'm' is no unit of length of time here; write 5min
time-without-unit.yaml:4:26: '90' has no unit; write 90s or 90min
too-fine-speed.yaml:4:38: '1.234 km/h' is finer than 0.01; write 1.23 km/h
top-key-slip.yaml:2:1: unknown key 'title'; did you mean 'name'?
top-key-twice.yaml:3:1: key 'name' is already on line 2; keep one of them
turn-by-hand.yaml:5:5: nobody writes a turn-around: treadctl puts one in wherever the facing changes, so remove this segment
twenty-backward-on-one-line.yaml:1:80: walks 20.0 km/h backward; the hard ceiling backward is 5.0 km/h, so write a lower speed
twenty-backward.yaml:5:5: walks 20.0 km/h backward; the hard ceiling backward is 5.0 km/h, so write a lower speed
two-documents.yaml:5:1: a second document begins here; write one profile in one file
two-kinds.yaml:5:48: a segment is either walk or rest; begin a new segment with '- ' for rest
unknown-key.yaml:5:32: unknown key 'sped'; did you mean 'speed'?
unknown-kind.yaml:5:6: unknown key 'wlak'; did you mean 'walk'?
walk-after-dead-mill.yaml:5:5: walks on the belt after a dead mill; put the dead mill at the end
wrong-direction.yaml:4:12: 'backwards' is no direction; did you mean backward?
zero-repeats.yaml:4:13: '0' is no number of repeats; write a whole number from 1 to 1000
zero-speed.yaml:4:38: '0 km/h' is no walking speed; write a rest segment, such as {rest: 30s}
zero-time.yaml:4:26: '0s' lasts no time; write 1s or more
"""  # noqa: E501


def _expected() -> list[tuple[str, str]]:
    by_name: dict[str, list[str]] = {}
    for line in EXPECTED.strip().splitlines():
        by_name.setdefault(line.partition(":")[0], []).append(line)
    return [(name, "\n".join(lines)) for name, lines in by_name.items()]


CASES = pytest.mark.parametrize(("name", "sentences"), _expected(), ids=[name for name, _ in _expected()])


def _refusal(name: str, monkeypatch: pytest.MonkeyPatch) -> InvalidFile:
    monkeypatch.chdir(BAD)
    with pytest.raises(InvalidFile) as caught:
        check_profile(Path(name))
    return caught.value


@CASES
def test_a_wrong_profile_is_refused_at_its_place(name: str, sentences: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = _refusal(name, monkeypatch)
    assert str(refusal) == sentences
    assert refusal.exit_code is ExitCode.INVALID_FILE


@CASES
def test_the_slow_parser_of_other_platforms_says_the_same(
    name: str, sentences: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_PARSER", yaml.SafeLoader)
    assert str(_refusal(name, monkeypatch)) == sentences


def test_every_wrong_profile_has_its_expectation() -> None:
    assert {path.name for path in BAD.iterdir()} == {name for name, _ in _expected()}
