"""A token that does not fit, among its neighbours: what the rules about slips look at."""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.grammar.lexer import Token
from ttsc.grammar.source import Source, Span
from ttsc.grammar.tables import END


@dataclass(frozen=True, slots=True)
class Place:
    """A token that does not fit, among its neighbours. What was expected is named as it is written."""

    source: Source
    tokens: list[Token]
    index: int
    expected: frozenset[str]
    expected_before: frozenset[str]  # one token earlier

    def text(self, offset: int = 0) -> str:
        """The text of the token, or of the one `offset` away; empty past the ends."""
        place = self.index + offset
        token = self.tokens[place] if 0 <= place < len(self.tokens) else self.tokens[-1]
        return self.source.text[token.start : token.end]

    def kind(self, offset: int = 0) -> str:
        place = self.index + offset
        return self.tokens[place].kind if 0 <= place < len(self.tokens) else END

    def span(self, offset: int = 0) -> Span:
        token = self.tokens[self.index + offset]
        return Span(self.source, token.start, token.end)

    def touches(self, offset: int = 0) -> bool:
        """Whether nothing stands between the token and the one before it."""
        place = self.index + offset
        return place > 0 and self.tokens[place - 1].end == self.tokens[place].start

    def after_value(self) -> bool:
        """Whether a whole value stands before the token."""
        return bool(self.expected & {"|>", "+", "or"})

    def indent(self, offset: int) -> int | None:
        """The column of a token that is the first of its line."""
        place = self.index + offset
        line, column = self.source.position(self.tokens[place].start)
        first = place == 0 or self.tokens[place - 1].end <= self.source.starts[line - 1]
        return column if first else None
