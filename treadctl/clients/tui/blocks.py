"""Characters large enough for a walker 3 m away, made of half blocks: one cell is two pixels, and pixels are square.

Two faces: digits drawn from strokes at any height, for the speed, and a small capital alphabet for words. Everything is
a grid of pixels first (`Pixels`) and becomes rows of " ▀▄█" last, so that two things may share a text row. A Linux
console has no finer blocks than these. Pure; knows nothing of screens.
"""

from __future__ import annotations

from functools import cache

Pixels = tuple[tuple[bool, ...], ...]
"""Rows of pixels, top first, all equally wide."""

LETTER_HEIGHT = 5
LINE_GAP = 2
"""Pixels of air between lines of words: with one they run into each other."""

_SEGMENTS = {
    "0": "abcdef", "1": "", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
    "8": "abcdefg", "9": "gfabcd", "-": "g",
}
"""Strokes of each digit, lettered as on a seven-segment display: a top, then clockwise, g the middle."""

_LETTERS = {
    "A": ".##. #..# #### #..# #..#", "B": "###. #..# ###. #..# ###.", "C": ".### #... #... #... .###",
    "D": "###. #..# #..# #..# ###.", "E": "#### #... ###. #... ####", "F": "#### #... ###. #... #...",
    "G": ".### #... #.## #..# .###", "H": "#..# #..# #### #..# #..#", "I": "### .#. .#. .#. ###",
    "J": "..## ...# ...# #..# .##.", "K": "#..# #.#. ##.. #.#. #..#", "L": "#... #... #... #... ####",
    "M": ".##.##. #..#..# #..#..# #..#..# #.....#", "N": "#...# ##..# #.#.# #..## #...#",
    "O": ".##. #..# #..# #..# .##.",
    "P": "###. #..# ###. #... #...", "Q": ".##. #..# #..# #.## .###", "R": "###. #..# ###. #.#. #..#",
    "S": ".### #... .##. ...# ###.", "T": "##### ..#.. ..#.. ..#.. ..#..", "U": "#..# #..# #..# #..# .##.",
    "V": "#...# #...# #...# .#.#. ..#..", "W": "#.....# #..#..# #..#..# #..#..# .##.##.",
    "X": "#...# .#.#. ..#.. .#.#. #...#",
    "Y": "#...# .#.#. ..#.. ..#.. ..#..", "Z": "#### ...# .##. #... ####",
    "0": ".##. #..# #..# #..# .##.", "1": ".#. ##. .#. .#. ###", "2": "###. ...# .##. #... ####",
    "3": "###. ...# .##. ...# ###.", "4": "#..# #..# #### ...# ...#", "5": "#### #... ###. ...# ###.",
    "6": ".### #... ###. #..# .##.", "7": "#### ...# ..#. .#.. .#..", "8": ".##. #..# .##. #..# .##.",
    "9": ".##. #..# .### ...# ###.",
    " ": ".. .. .. .. ..", ".": ". . . . #", ",": ".. .. .. .# #.", ":": ". # . # .",
    "!": "# # # . #", "'": "# # . . .",
    ";": ".. .# .. .# #.", '"': "#.# #.# ... ... ...", "=": "... ### ... ### ...", "·": ". . # . .",
    "?": "###. ...# .##. .... .#..", "-": "... ... ### ... ...", "/": "...# ..#. ..#. .#.. #...",
    "(": ".# #. #. #. .#", ")": "#. .# .# .# #.", "%": "#..# ...# .##. #... #..#", "+": "... .#. ### .#. ...",
    "↑": "...#... ..###.. .##.##. ##.#.## ...#...", "↓": "...#... ##.#.## .##.##. ..###.. ...#...",
}


def half_blocks(pixels: Pixels) -> tuple[str, ...]:
    """Text rows of " ▀▄█", two pixel rows each; an odd last row is padded."""
    rows = list(pixels)
    if len(rows) % 2:
        rows.append(tuple(False for _ in rows[0]))
    return tuple(
        "".join(" ▄▀█"[2 * upper + lower] for upper, lower in zip(rows[n], rows[n + 1], strict=True))
        for n in range(0, len(rows), 2)
    )


def beside(parts: list[Pixels], gap: int) -> Pixels:
    """Pictures of one height side by side."""
    if not parts:
        return ()
    space = (False,) * gap
    rows = []
    for lines in zip(*parts, strict=True):
        row: tuple[bool, ...] = lines[0]
        for line in lines[1:]:
            row = row + space + line
        rows.append(row)
    return tuple(rows)


def number(text: str, height: int) -> Pixels:
    """Digits, "-", "." and ":" at a height of so many pixels (5 at least). Other characters are left out."""
    height = max(LETTER_HEIGHT, height)
    stroke = _stroke(height)
    return beside([_digit(c, height) for c in text if c in _SEGMENTS or c in ".: "], max(1, (2 * stroke + 1) // 3))


def coarse_number(text: str, height: int) -> Pixels:
    """The same of whole cells only, for terminals without half blocks; as it is where that would be too small."""
    return _scaled(number(text, height // 2), 2) if height >= 2 * LETTER_HEIGHT else number(text, height)


def number_width(text: str, height: int) -> int:
    """Cells that `number` takes."""
    pixels = number(text, height)
    return len(pixels[0]) if pixels else 0


def words(text: str, bold: bool = True, scale: int = 1) -> Pixels:
    """One line of words as capitals, 5 pixels high times `scale`. Unknown characters become spaces."""
    line = beside([_letter(c, bold) for c in text.upper()], 1)
    return _scaled(line, scale)


def words_width(text: str, bold: bool = True, scale: int = 1) -> int:
    """Cells that `words` takes, by arithmetic alone."""
    if not text:
        return 0
    return scale * (sum(len(_letter(c, bold)[0]) for c in text.upper()) + len(text) - 1)


def paragraph(text: str, width: int, rows: int, *, lowered: bool = False, large: bool = True) -> tuple[str, ...] | None:
    """`text` as centred lines of words within `width` x `rows` cells, the largest and boldest that fit; else None.

    `lowered` leaves one pixel of air above it; without `large`, letters stay three rows high.
    """
    for bold, scale in ((True, 2), (True, 1), (False, 1)):
        lines = _broken(text, width, bold, scale)
        if not lines or (scale > 1 and not large):
            continue
        drawn = _stacked([words(line, bold, scale) for line in lines], width, LINE_GAP * scale)
        picture = half_blocks(((False,) * width, *drawn) if lowered else drawn)
        if len(picture) <= rows:
            return picture
    return None


def _broken(text: str, width: int, bold: bool, scale: int) -> list[str] | None:
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and words_width(longer, bold, scale) <= width:
            found[-1] = longer
        elif words_width(word, bold, scale) <= width:
            found.append(word)
        else:
            return None
    return found


def _stacked(lines: list[Pixels], width: int, gap: int) -> Pixels:
    rows: list[tuple[bool, ...]] = []
    for n, line in enumerate(lines):
        if n:
            rows.extend([(False,) * width] * gap)
        rows.extend(_centred(row, width) for row in line)
    return tuple(rows)


def _centred(row: tuple[bool, ...], width: int) -> tuple[bool, ...]:
    left = max(0, (width - len(row)) // 2)
    return ((False,) * left + row + (False,) * width)[:width]


def _scaled(pixels: Pixels, scale: int) -> Pixels:
    if scale == 1:
        return pixels
    return tuple(tuple(p for p in row for _ in range(scale)) for row in pixels for _ in range(scale))


@cache
def _letter(character: str, bold: bool) -> Pixels:
    """Bold is the same letter drawn twice, one column apart: an upright stroke one column wide is lost at 3 m."""
    drawn = _LETTERS.get(character, _LETTERS[" "])
    rows = [tuple(c == "#" for c in row) for row in drawn.split(" ")]
    if not bold or character == " ":
        return tuple(rows)
    return tuple(tuple(a or b for a, b in zip((*row, False), (False, *row), strict=True)) for row in rows)


def _stroke(height: int) -> int:
    return max(1 if height < 8 else 2, round(height * 0.18))


@cache
def _digit(character: str, height: int) -> Pixels:
    stroke = _stroke(height)
    if character == " ":
        return ((False,) * stroke,) * height
    if character in ".:":
        return _dots(character, height, stroke)
    width = max(3, round(height * 0.62))
    if character == "1":
        return _one(width, height, stroke)
    return _strokes(_SEGMENTS[character], width, height, stroke)


def _dots(character: str, height: int, stroke: int) -> Pixels:
    on = set(range(height - stroke, height))
    if character == ":":
        upper, lower = height // 3 - stroke // 2, height - height // 3 - stroke // 2
        on = {y for start in (upper, lower) for y in range(start, start + stroke)}
    return tuple((y in on,) * stroke for y in range(height))


def _one(width: int, height: int, stroke: int) -> Pixels:
    """A one with its flag and foot, or it reads as a bar from afar."""
    wide = max(3 * stroke, width * 2 // 3)
    left = (wide - stroke) // 2

    def on(x: int, y: int) -> bool:
        upright = left <= x < left + stroke
        flag = x < left and stroke // 2 <= y < stroke + stroke // 2
        return upright or flag or y >= height - stroke

    return tuple(tuple(on(x, y) for x in range(wide)) for y in range(height))


def _strokes(segments: str, width: int, height: int, stroke: int) -> Pixels:
    middle = (height - stroke) // 2
    half = middle + stroke
    boxes = {
        "a": (0, 0, width, stroke), "g": (0, middle, width, half), "d": (0, height - stroke, width, height),
        "f": (0, 0, stroke, half), "b": (width - stroke, 0, width, half),
        "e": (0, middle, stroke, height), "c": (width - stroke, middle, width, height),
    }
    drawn = [boxes[name] for name in segments]
    cut = stroke // 3

    def on(x: int, y: int) -> bool:
        corner = min(x, width - 1 - x) + min(y, height - 1 - y)
        return corner >= cut and any(x0 <= x < x1 and y0 <= y < y1 for x0, y0, x1, y1 in drawn)

    return tuple(tuple(on(x, y) for x in range(width)) for y in range(height))
