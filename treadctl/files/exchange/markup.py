"""Strangers' XML to a small tree, or a refusal: nothing is expanded, fetched or included, whatever the file says.

expat reads it, told to stop at the first DOCTYPE: without one there are no entities but the five of XML itself, so no
text can become longer than the file. Depth and number of elements are counted while reading. This module must not know
what a workout is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from treadctl.files.misfit import Misfit
from treadctl.model.text import quoted

MAX_ELEMENTS = 20_000
MAX_DEPTH = 16
"""As for profiles: repeats nest at most four deep, everything else is flat."""
ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1"})
"""What expat itself reads. For any other, Python would load whatever codec the file names."""


@dataclass(slots=True)
class Element:
    """One element: its name and attributes in small letters, as apps do not agree on capitals, and its line."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts).strip()

    def first(self, tag: str) -> Element | None:
        return next((child for child in self.children if child.tag == tag), None)

    def named(self, tag: str) -> str:
        """The text of the first child of this name, empty where there is none."""
        child = self.first(tag)
        return "" if child is None else child.text

    def all(self, tag: str) -> Iterator[Element]:
        return (child for child in self.children if child.tag == tag)


def read(data: bytes) -> Element:
    """The root of the tree. Raises Misfit, and nothing else, for any octets."""
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code) or "broken"
        text = f"this is not sound XML ({what}); export it again from the app it came from"
        raise Misfit(error.lineno, text) from None
    assert reader.root is not None
    return reader.root


class _Reader:
    """The handlers of one parse, and the tree as far as it has grown."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise Misfit(1, f"its encoding {quoted(encoding)} is none that treadctl reads; save it as UTF-8")

    def _doctype(self, *_words: object) -> None:
        text = "it has a DOCTYPE, which can hide anything; treadctl opens no such file, so remove that line"
        raise Misfit(self.parser.CurrentLineNumber, text)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise Misfit(line, f"it has more than {MAX_ELEMENTS} elements; a workout is a page of text, so shorten it")
        if len(self._open) >= MAX_DEPTH:
            raise Misfit(line, f"its elements are nested more than {MAX_DEPTH} deep; no workout is")
        element = Element(tag.lower(), {key.lower(): value for key, value in attributes.items()}, line)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].texts.append(text)
