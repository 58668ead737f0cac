"""What a reader of foreign files says when one cannot be understood. Apart, so that readers need nothing but this."""

from __future__ import annotations


class Misfit(Exception):
    """A foreign file that cannot become what it should: the line (or step) and one sentence."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
