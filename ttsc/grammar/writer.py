"""Lines being written, and the comments that go between and behind them.

Comments are written in their order, at the first line end at or after the place they stood at:
one that stood behind something goes behind the line, the others get lines of their own. So none
is lost, and none can swallow what follows it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from ttsc.grammar.documentation import stands_alone
from ttsc.grammar.source import Span
from ttsc.grammar.tree import Comment

INDENT = 2


class Writer:
    """Gathers text; `column` is where the next character goes."""

    def __init__(self, comments: Sequence[Comment]) -> None:
        self.column = 0
        self._comments = comments
        self._starts = [comment.span.start for comment in comments]
        self._next = 0
        self._out: list[str] = []

    def put(self, text: str) -> None:
        """Adds to the line. A template may bring line ends of its own."""
        self._out.append(text)
        end = text.rfind("\n")
        self.column = len(text) - end - 1 if end >= 0 else self.column + len(text)

    def has_comment(self, span: Span) -> bool:
        """Whether a comment stands inside."""
        place = bisect_left(self._starts, span.start)
        return place < len(self._starts) and self._starts[place] < span.end

    def newline(
        self,
        indent: int,
        before: Span,
        *,
        inner: int | None = None,
        keep: bool = False,
        first: bool = False,
        last: bool = False,
        apart: bool = False,
    ) -> None:
        """Ends the line, writes the comments that stood before a place, and begins the line of that place.

        Comments stand at `inner`, or at `indent`. `keep` keeps the author's empty lines, except
        for the `first` thing in a bracket and before its `last`, the closing one; `apart` wants
        one in any case.
        """
        alone = self._behind(self._pending(before.start))
        blanks = [keep and blank_before(place) for place in (*(c.span for c in alone), before)]
        if first:
            blanks[0] = False
        if last:
            blanks[-1] = False
        if apart and not any(blanks):
            blanks[0] = True
        for comment, blank in zip(alone, blanks, strict=False):
            self._begin(indent if inner is None else inner, blank)
            self.put(_shown(comment))
        self._begin(indent, blanks[-1])

    def finish(self) -> str:
        """The whole text, with the comments that are left."""
        for comment in self._behind(self._pending(None)):
            self._begin(0, blank_before(comment.span))
            self.put(_shown(comment))
        text = "".join(self._out)
        return text if not text or text.endswith("\n") else text + "\n"

    def _pending(self, before: int | None) -> list[Comment]:
        start = self._next
        self._next = max(start, len(self._starts) if before is None else bisect_left(self._starts, before))
        return list(self._comments[start : self._next])

    def _behind(self, comments: list[Comment]) -> list[Comment]:
        """Writes the first comment behind the line if it stood so; the comments that are left."""
        if not comments or not self._out or stands_alone(comments[0]):
            return comments
        self.put("  " + _shown(comments[0]))
        return comments[1:]

    def _begin(self, indent: int, blank: bool) -> None:
        if self._out:
            self._out.append("\n\n" if blank else "\n")
        if indent:
            self._out.append(" " * indent)
        self.column = indent


def _shown(comment: Comment) -> str:
    return f"# {comment.text}" if comment.text else "#"


def blank_before(place: Span) -> bool:
    """Whether the author left an empty line before something."""
    return _line_ends_before(place) > 1


def broken_before(place: Span) -> bool:
    """Whether the author began a line with something."""
    return _line_ends_before(place) > 0


def _line_ends_before(place: Span) -> int:
    text, at, ends = place.source.text, place.start, 0
    while at > 0 and text[at - 1].isspace():
        at -= 1
        ends += text[at] == "\n"
    return ends
