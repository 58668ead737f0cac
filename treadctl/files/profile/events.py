"""YAML text to a tree of texts with their places, from parser events: no value is ever guessed or built.

A YAML loader would read 1:30 as ninety, no as false and the last of two equal keys, and it builds what aliases tell it
to. Here every scalar stays text, and aliases, anchors, tags and second documents are refused where they stand. Sizes
are counted while reading, so that no file costs more than it is long. This module must not know what a profile is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from treadctl.model.text import is_hidden, quoted, safe_text

MAX_OCTETS = 256 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 16

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser emits the same events with the same marks, about twenty times faster; not every platform has it."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the file, counted from 1 as editors do."""

    line: int
    column: int


START = Mark(1, 1)


class Misread(Exception):
    """The text is not what a profile may be made of: where, and one sentence."""

    def __init__(self, mark: Mark, text: str) -> None:
        super().__init__(text)
        self.mark = mark


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    mark: Mark

    @property
    def plain(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    mark: Mark

    @property
    def plain(self) -> list[object]:
        return [item.plain for item in self.items]


@dataclass(frozen=True, slots=True)
class Pair:
    key: Mark
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    pairs: dict[str, Pair]
    mark: Mark

    @property
    def plain(self) -> dict[str, object]:
        return {key: pair.value.plain for key, pair in self.pairs.items()}


Node = Scalar | Sequence | Mapping


def read(text: str) -> Node:
    """The tree of one YAML document. Raises Misread, and nothing else, for any text."""
    _refuse_size(text)
    _refuse_hidden(text)
    reader = _Reader(yaml.parse(text, Loader=_PARSER), end=_place(text))
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(text, error, reader.opened) from None
    except (ValueError, OverflowError):  # numbers in escapes and directives that PyYAML's own parser does not bound
        raise Misread(reader.opened[-1] if reader.opened else START, _OTHER) from None
    except yaml.YAMLError:
        raise Misread(START, "this is not YAML text; write it with a plain text editor") from None


def decode(data: bytes) -> str:
    """UTF-8 octets as text; a byte order mark is dropped. Raises Misread where the first other octet stands."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise Misread(_place(before), "this is not UTF-8 text; save the profile as plain text in UTF-8") from None


def _refuse_size(text: str) -> None:
    if len(text) > MAX_OCTETS or len(text.encode("utf-8", "replace")) > MAX_OCTETS:
        raise Misread(START, f"it is larger than {MAX_OCTETS // 1024} KiB; a profile is a page of text, so shorten it")


def _refuse_hidden(text: str) -> None:
    """Raw control and bidi characters, in comments too: they make a file read differently from what it is.

    Tabs are among them: the two parsers do not agree on where they may stand.
    """
    bad = {character for character in set(text) if is_hidden(character)} - set("\n\r")
    if bad:
        where = next(place for place, character in enumerate(text) if character in bad)
        raise Misread(_place(text[:where]), _hidden_sentence(text[where]))


def _hidden_sentence(character: str) -> str:
    if character == "\t":
        return "a tab stands here; write spaces in its place"
    return f"the hidden character {safe_text(character)} is not allowed; remove it"


def _place(before: str) -> Mark:
    """The place right after this text."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Mark(len(lines), len(lines[-1]) + 1)


def _mark(mark: Any) -> Mark:
    """Either parser's mark (two classes), counted from 1."""
    return Mark(mark.line + 1, mark.column + 1)


_EMPTY = "the file is empty; a profile begins with treadctl: 1"


class _Reader:
    """Recursive descent over the events of one document, counting nodes and depth."""

    def __init__(self, events: Iterator[yaml.Event], end: Mark) -> None:
        self._events = events
        self._end = end
        self._nodes = 0
        self.opened: list[Mark] = []
        """Where the lists and mappings begin that are not read to their end yet."""

    def document(self) -> Node:
        next(self._events)  # the stream's own start
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            raise Misread(START, _EMPTY)
        node = self._node(next(self._events), 1)
        if isinstance(node, Scalar) and not node.text:
            raise Misread(node.mark, _EMPTY)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise Misread(_mark(after.start_mark), "a second document begins here; write one profile in one file")
        return node

    def _node(self, event: yaml.Event, depth: int) -> Node:
        mark = min(_mark(event.start_mark), self._end)  # an empty value at the end may be said to be behind it
        _refuse_references(event, mark)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise Misread(mark, f"it has more than {MAX_NODES} values; a profile is a page of text, so shorten it")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(_clean(event.value, mark), mark)
        if depth > MAX_DEPTH:
            raise Misread(mark, f"this is nested more than {MAX_DEPTH} deep; write it flatter")
        self.opened.append(mark)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        node = Sequence(tuple(self._items(depth)), mark) if is_list else self._mapping(mark, depth)
        self.opened.pop()
        return node

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _mapping(self, mark: Mark, depth: int) -> Mapping:
        pairs: dict[str, Pair] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise Misread(key.mark, "a key has to be one word; check the brackets and colons here")
            if key.text in pairs:
                first = pairs[key.text].key.line
                raise Misread(key.mark, f"key {quoted(key.text)} is already on line {first}; keep one of them")
            pairs[key.text] = Pair(key.mark, self._node(next(self._events), depth + 1))
        return Mapping(pairs, mark)


_REFERENCE = "& and * (names for parts) are not allowed; write it out, use repeat, or put text in quotes"
_TAG = "! (a tag) is not allowed here; remove it, or put text in quotes"


def _refuse_references(event: yaml.Event, mark: Mark) -> None:
    if getattr(event, "anchor", None) is not None:  # of an alias it is the name it points to
        raise Misread(mark, _REFERENCE)
    if getattr(event, "tag", None) is not None:
        raise Misread(mark, _TAG)


def _clean(value: str, mark: Mark) -> str:
    """A scalar's text without the blanks around it; hidden characters may also come from escapes such as \\e."""
    text = value.strip()
    for character in text:
        if character == "\n":
            raise Misread(mark, "this text has several lines; write it on one line")
        if is_hidden(character):
            raise Misread(mark, _hidden_sentence(character))
    return text


def _syntax_error(text: str, error: yaml.MarkedYAMLError, opened: list[Mark]) -> Misread:
    """One of our sentences for the parser's: what people do wrong most is told by where it stands."""
    where = error.problem_mark or error.context_mark
    if where is None:
        return Misread(START, "this is not YAML text; write it with a plain text editor")
    mark = _mark(where)
    told = f"{error.context or ''} {error.problem or ''}"
    if not _rest(text, mark).strip():
        return _unfinished(text, told, _mark(error.context_mark or where), opened)
    return Misread(mark, next((sentence for words, sentence in _SYNTAX if any(word in told for word in words)), _OTHER))


_OTHER = "this is not valid YAML here; check indentation, colons, quotes and brackets"
_SYNTAX = (
    (("mapping values are not",), "no colon may stand here; check the indentation, or put text with a colon in quotes"),
    (("quoted scalar",), "text in quotes goes wrong here; close the quotes and write \\ as \\\\"),
    ((" tag",), _TAG),
    (("alias", "anchor"), _REFERENCE),
    (("flow",), "the brackets go wrong here; check commas, colons and the closing bracket"),
)
"""Words that both parsers use in a message of this kind, and our sentence for it."""


def _unfinished(text: str, told: str, begun: Mark, opened: list[Mark]) -> Misread:
    """The text ends too early: the place to look at is where the open part begins, not the end of the file."""
    if "quoted scalar" in told:
        return Misread(begun, "the quotes opened here are not closed; close them on the same line")
    if opened and _rest(text, opened[-1])[:1] in ("{", "["):
        return Misread(opened[-1], "the bracket opened here is not closed; close it with } or ]")
    return Misread(_place(text.rstrip()), _OTHER)


def _rest(text: str, mark: Mark) -> str:
    """The text from this place on."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[mark.line - 1 :]
    return "\n".join((lines[0][mark.column - 1 :], *lines[1:])) if lines else ""
