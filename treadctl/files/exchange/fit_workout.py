"""FIT workouts: steps with a time or a distance and a range of speeds, and steps that send back to an earlier one.

Field and type numbers are those of the FIT SDK's public profile: file_id 0, workout 26, workout_step 27. Speeds there
are in mm/s, which is finer than ours, so they come back as they went.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal

from treadctl.files.exchange.steps import (
    Imported,
    Told,
    label_of,
    lower,
    metres_at,
    rest,
    rest_label,
    rest_name,
    seconds_of,
    speed_of,
    walk,
    without_losses,
)
from treadctl.files.fit_wire import ENUM, STRING, UINT16, UINT32, UINT32Z, Message, Value, decode, encode
from treadctl.files.misfit import Misfit
from treadctl.model.program import MAX_DEPTH, Item, Program, Repeat, Rest, Walk
from treadctl.model.units import Speed

FILE_ID, WORKOUT, STEP = 0, 26, 27
TYPE_WORKOUT = 5
SPORTS = {1: "running", 11: "walking"}
WALKING = 11
DEVELOPMENT = 255
"""The manufacturer number for files of nobody's device."""
TIME, DISTANCE, REPEAT = 0, 1, 6
SPEED, OPEN = 0, 2
ACTIVE, RESTING = 0, 1
_INDEX, _NAME, _DURATION, _LENGTH, _TARGET, _VALUE, _LOW, _HIGH, _INTENSITY, _NOTES = 254, 0, 1, 2, 3, 4, 5, 6, 7, 8

LONGEST_TEXT = 230
"""Octets of a text: a field has 255, one of them is its end, and a direction or "Rest: " may come before it."""

Field = tuple[int, int, Value]


# --- reading -------------------------------------------------------------------------------------------------------


def imported(data: bytes, told: Told) -> Imported:
    """The program of a workout file. Raises Misfit."""
    messages = decode(data)
    if next((m.fields.get(0) for m in messages if m.number == FILE_ID), None) != TYPE_WORKOUT:
        raise Misfit(1, "this FIT file holds no workout but something else, such as a walk that was recorded")
    workout = next((message for message in messages if message.number == WORKOUT), Message(WORKOUT, {}))
    sport = workout.fields.get(4)
    if sport is not None and sport not in (0, *SPORTS):
        raise Misfit(1, f"it is a workout for sport number {sport}; treadctl reads running and walking ones")
    steps = [message for message in messages if message.number == STEP]
    return Imported(_text(workout, 8), tuple(_items(steps, told)))


def _items(steps: Sequence[Message], told: Told) -> list[Item]:
    """The steps with every step that sends back as a repeat of what it sends back over."""
    items: list[Item] = []
    begins: list[int] = []
    depths: list[int] = []
    for index, step in enumerate(steps):
        if _number(step, _DURATION, index) != REPEAT:
            items.append(_segment(step, index, told))
            begins.append(index)
            depths.append(0)
            continue
        target, times = _number(step, _LENGTH, index), _number(step, _VALUE, index)
        if target not in begins or not 1 <= times <= 1000:
            raise Misfit(index + 1, f"step {index + 1} repeats what cannot be repeated; export the workout again")
        at = begins.index(target)
        depths[at:] = [1 + max(depths[at:])]
        if depths[at] > MAX_DEPTH:
            raise Misfit(index + 1, f"its repeats are nested more than {MAX_DEPTH} deep; repeat less deeply there")
        items[at:] = [Repeat(times, tuple(items[at:]), target + 1)]
        del begins[at + 1 :]
    return items


def _segment(step: Message, index: int, told: Told) -> Walk | Rest:
    label, say, line = _text(step, _NAME), _text(step, _NOTES), index + 1
    target = _number(step, _TARGET, index)
    name = rest_name(label)
    if target == OPEN and (name is not None or step.fields.get(_INTENSITY) == RESTING):
        return rest(name if name is not None else label, _seconds(step, index, None, told), line, told, say)
    if target != SPEED:
        raise Misfit(line, f"step {line} has no speed, and treadctl never guesses one; give it a target speed there")
    if step.fields.get(_VALUE, 0) != 0:
        raise Misfit(line, f"step {line} names a speed zone of your device; give it a target speed there")
    low, high = (_speed(_number(step, key, index), line) for key in (_LOW, _HIGH))
    speed = lower(low, high, told)
    return walk(label, _seconds(step, index, speed, told), speed, line, told, say=say)


def _speed(millimetres: int, line: int) -> Speed:
    return speed_of(Decimal(millimetres) * 36 / 10_000, line)


def _seconds(step: Message, index: int, speed: Speed | None, told: Told) -> int:
    kind, line = _number(step, _DURATION, index), index + 1
    if kind == TIME:
        return seconds_of(Decimal(_number(step, _LENGTH, index)) / 1000, line)
    if kind == DISTANCE and speed is not None:
        return metres_at(Decimal(_number(step, _LENGTH, index)) / 100, speed, line, told)
    raise Misfit(line, f"step {line} ends when something happens, not after a time; give it a length of time there")


def _number(step: Message, field: int, index: int) -> int:
    value = step.fields.get(field)
    if not isinstance(value, int):
        text = f"step {index + 1} says too little (field {field} is missing); export the workout again"
        raise Misfit(index + 1, text)
    return value


def _text(message: Message, field: int) -> str:
    value = message.fields.get(field, "")
    return value if isinstance(value, str) else ""


# --- writing -------------------------------------------------------------------------------------------------------


def exported(program: Program, told: Told) -> bytes:
    """A walking workout. The serial number is made of the content: the same program is the same file."""
    steps = list(_steps(without_losses(program.segments, told, nested=True), 0, told))
    serial = zlib.crc32(repr((program.name, steps)).encode()) or 1
    about: list[Field] = [
        (0, ENUM, TYPE_WORKOUT), (1, UINT16, DEVELOPMENT), (2, UINT16, 0), (3, UINT32Z, serial),
    ]  # fmt: skip
    workout: list[Field] = [(8, STRING, _cut(program.name, told)), (4, ENUM, WALKING), (6, UINT16, len(steps))]
    return encode([(FILE_ID, about), (WORKOUT, workout), *((STEP, step) for step in steps)])


def _steps(items: Sequence[Item], begin: int, told: Told) -> Iterator[list[Field]]:
    """The step messages of these items, the first with number `begin`."""
    index = begin
    for item in items:
        if isinstance(item, Repeat):
            first = index
            for step in _steps(item.segments, index, told):
                yield step
                index += 1
            yield [
                (_INDEX, UINT16, index), (_DURATION, ENUM, REPEAT), (_LENGTH, UINT32, first), (_TARGET, ENUM, OPEN),
                (_VALUE, UINT32, item.times),
            ]  # fmt: skip
        else:
            assert isinstance(item, (Walk, Rest))
            yield _step(item, index, told)
        index += 1


def _step(item: Walk | Rest, index: int, told: Told) -> list[Field]:
    name, say = (_cut(text, told) for text in (item.name, item.say))
    label = label_of(item.facing, name) if isinstance(item, Walk) else rest_label(name)
    found: list[Field] = [(_INDEX, UINT16, index)]
    if label:
        found.append((_NAME, STRING, label))
    found += [(_DURATION, ENUM, TIME), (_LENGTH, UINT32, item.seconds * 1000)]
    if isinstance(item, Walk):
        pace = round(item.speed * 10_000 / 3600)
        found += [(_TARGET, ENUM, SPEED), (_VALUE, UINT32, 0), (_LOW, UINT32, pace), (_HIGH, UINT32, pace)]
        found.append((_INTENSITY, ENUM, ACTIVE))
    else:
        found += [(_TARGET, ENUM, OPEN), (_VALUE, UINT32, 0), (_INTENSITY, ENUM, RESTING)]
    return [*found, *([(_NOTES, STRING, say)] if say else [])]


def _cut(text: str, told: Told) -> str:
    """As much as fits a field, cut here and not later: what is left decides whether a direction has to be added."""
    octets = text.encode()
    if len(octets) <= LONGEST_TEXT:
        return text
    told.add(f"a text of more than {LONGEST_TEXT} octets was cut")
    return octets[:LONGEST_TEXT].decode("utf-8", "ignore")
