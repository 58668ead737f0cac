"""The profile format, version 1, as pydantic models: which keys there are and what their values may be.

Every value arrives as text and is read by `files.measures`; pydantic sees to the shape and tells the place of whatever
is wrong. The JSON Schema for editors comes from these models. They are left as soon as a file is read: what the program
works with is `model.program`. This module must not word errors that people see (see `wording`).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from treadctl.files import measures
from treadctl.model.person import Level
from treadctl.model.program import MAX_SEGMENTS, Facing, Gate
from treadctl.model.text import MAX_NAME, SHOWN, quoted
from treadctl.model.units import Incline, Speed

FORMAT = 1
MAX_SAY = 120
"""Characters of one `say`. Chosen: about eight seconds of speech."""
MAX_PARAGRAPH = 300

KINDS = ("walk", "repeat", "rest", "dead-mill", "off-treadmill")
"""What a segment can be: the key that says so."""


def _from_text(reader: Callable[[str], Any]) -> PlainValidator:
    """A validator that hands one text to `reader`; a list or a mapping in its place is told as such."""

    def validate(value: object) -> Any:
        if not isinstance(value, str):
            shape = "a list" if isinstance(value, list) else "keys and values"
            raise ValueError(f"one value has to stand here, not {shape}")
        return reader(value)

    return PlainValidator(validate)


def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            raise ValueError("no text is written here; write some, or remove the key")
        if len(text) > longest:
            raise ValueError(f"this text has {len(text)} characters; shorten it to {longest}")
        return text

    return read


def _facing(text: str) -> Facing:
    for facing in Facing:
        if text == facing.value:
            return facing
    meant = next((f"did you mean {f.value}?" for f in Facing if text and f.value.startswith(text.lower()[:4])), "")
    raise ValueError(f"{quoted(text)} is no direction; {meant or 'write forward or backward'}")


def _level(text: str) -> Level:
    return Level(measures.whole_number(text, 0, max(Level), "level"))


def _times(text: str) -> int:
    return measures.whole_number(text, 1, MAX_SEGMENTS, "number of repeats")


def _format(text: str) -> int:
    if text != str(FORMAT):
        raise ValueError(f"{quoted(text)} is no number of a format; write treadctl: {FORMAT}")
    return FORMAT


def _gate(text: str) -> Gate:
    words = [gate.value for gate in Gate]
    if text in words:
        return Gate(text)
    close = difflib.get_close_matches(text[: SHOWN].lower(), words, n=1)
    hint = f"did you mean {close[0]}?" if close else f"write {', '.join(words[:-1])} or {words[-1]}"
    raise ValueError(f"{quoted(text)} is no gate; {hint}")


def _once_each(gates: list[Gate]) -> list[Gate]:
    twice = next((gate for gate in gates if gates.count(gate) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice.value} is named twice here; name it once")
    return gates


def _schema(pattern: str, example: str, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "examples": [example], **more})


_N = r"[0-9]+(\.[0-9]+)?"
SpeedText = Annotated[Speed, _from_text(measures.speed), _schema(rf"{_N} ?(km/h|mph)", "2.5 km/h")]
FlatIncline = Annotated[Incline, _from_text(measures.incline), _schema(rf"{_N} ?%", "2 %")]
StepText = Annotated[int, _from_text(measures.incline_step), _schema(rf"{_N} ?%", "1 %")]
Seconds = Annotated[
    int,
    _from_text(measures.duration),
    _schema(rf"(([0-9]+:)?[0-9]+:[0-5][0-9]|({_N} ?h ?)?({_N} ?min ?)?({_N} ?s)?)", "90s", minLength=2),
]
FacingWord = Annotated[Facing, _from_text(_facing), WithJsonSchema({"enum": [facing.value for facing in Facing]})]
Name = Annotated[str, _from_text(_text(MAX_NAME)), WithJsonSchema({"type": "string", "maxLength": MAX_NAME})]
Say = Annotated[str, _from_text(_text(MAX_SAY)), WithJsonSchema({"type": "string", "maxLength": MAX_SAY})]
Paragraph = Annotated[
    str, _from_text(_text(MAX_PARAGRAPH)), WithJsonSchema({"type": "string", "maxLength": MAX_PARAGRAPH})
]
Times = Annotated[
    int, _from_text(_times), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_SEGMENTS})
]
LevelNumber = Annotated[Level, _from_text(_level), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 4})]
GateWord = Annotated[Gate, _from_text(_gate), WithJsonSchema({"enum": [gate.value for gate in Gate]})]
Gates = Annotated[
    list[GateWord],
    Field(max_length=MAX_SEGMENTS),
    AfterValidator(_once_each),
    WithJsonSchema({"type": "array", "items": {"enum": [gate.value for gate in Gate]}, "uniqueItems": True}),
]
FormatNumber = Annotated[int, _from_text(_format), WithJsonSchema({"const": FORMAT})]


class _Strict(BaseModel):
    """Unknown keys are errors: a misspelt `incline` must not become a flat walk."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StepsModel(_Strict):
    """An incline that changes in equal steps."""

    start: FlatIncline = Field(alias="from")
    end: FlatIncline = Field(alias="to")
    step: StepText
    every: Seconds


def _incline_kind(value: object) -> str:
    return "<steps>" if isinstance(value, dict) else "<flat>"


InclineValue = Annotated[
    Annotated[StepsModel, Tag("<steps>")] | Annotated[FlatIncline, Tag("<flat>")], Discriminator(_incline_kind)
]


class _Spoken(_Strict):
    name: Name = ""
    say: Say = ""


class WalkModel(_Spoken):
    """Walk on the moving belt."""

    walk: FacingWord
    seconds: Seconds = Field(alias="for")
    speed: SpeedText
    incline: InclineValue = Field(default_factory=lambda: Incline(0))


class RestModel(_Spoken):
    """Stand on the side rails, belt stopped."""

    rest: Seconds


class DeadMillModel(_Spoken):
    """Push the belt of the switched-off machine; only at the end."""

    facing: FacingWord = Field(alias="dead-mill")
    seconds: Seconds = Field(alias="for")


class OffTreadmillModel(_Spoken):
    """Something done beside the treadmill."""

    seconds: Seconds = Field(alias="off-treadmill")


Segments = Annotated[list["SegmentModel"], Field(min_length=1, max_length=MAX_SEGMENTS)]
"""Bounded here too, though the unrolled program is: so a list of nonsense ends after a thousand errors."""


class RepeatModel(_Strict):
    """The inner segments several times over."""

    repeat: Times
    segments: Segments


def _segment_kind(value: object) -> str | None:
    """The tag of the kind whose key comes first. Tags have brackets: pydantic puts them among the keys of a place."""
    if not isinstance(value, dict):
        return None
    return next((f"<{key}>" for key in value if key in KINDS), None)


SegmentModel = Annotated[
    Annotated[WalkModel, Tag("<walk>")]
    | Annotated[RepeatModel, Tag("<repeat>")]
    | Annotated[RestModel, Tag("<rest>")]
    | Annotated[DeadMillModel, Tag("<dead-mill>")]
    | Annotated[OffTreadmillModel, Tag("<off-treadmill>")],
    Discriminator(_segment_kind),
]


GATES_ARE = (
    "What has to be so before it may be walked, and is shut until somebody opens it: spotter (somebody stands beside), "
    "clinician (a doctor or therapist said yes), incline (backward uphill), dead-mill (pushing the switched-off belt), "
    "hands-free (a hand leaves the rails). What the segments need is added by itself."
)


class ProfileModel(_Strict):
    """A programme for one walk, to be shared: format 1."""

    treadctl: FormatNumber
    name: Name
    summary: Paragraph = ""
    level: LevelNumber = Level.L0
    author: Name = ""
    license: Name = ""
    basis: Paragraph = ""
    dose: Name = Field("", description="How often it is meant, such as: 3 times a week")
    note: Paragraph = Field("", description="What to mind, such as: Stop above pain 3.")
    gates: Gates = Field([], description=GATES_ARE)
    segments: Segments


def schema() -> dict[str, Any]:
    """The JSON Schema of the format, for editors. `profile check` is the precise tool."""
    title = "treadctl profile, format 1"
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **ProfileModel.model_json_schema(), "title": title}
