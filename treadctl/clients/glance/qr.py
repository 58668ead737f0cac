"""An address as a picture that a phone reads, in half blocks: two rows of the code to a line. Pure.

Dark on light whatever the terminal's colours are: what is drawn are the light squares, as most terminals are dark.
"""

from __future__ import annotations

import segno

QUIET = 2
"""Light squares around it. The standard asks for four; phones read it with two (tried with a decoder), and rows are
scarce."""
HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""By whether the upper and the lower square are dark."""


def rows(text: str) -> tuple[str, ...]:
    """The code as lines of characters, all of the same width."""
    code = segno.make(text, error="l", micro=False)
    squares = [[bool(square) for square in row] for row in code.matrix_iter(border=QUIET)]
    if len(squares) % 2:
        squares.append([False] * len(squares[0]))
    pairs = zip(squares[::2], squares[1::2], strict=True)
    return tuple("".join(HALVES[pair] for pair in zip(above, below, strict=True)) for above, below in pairs)
