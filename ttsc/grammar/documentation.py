"""The documentation of a declaration: the comment lines directly above it."""

from __future__ import annotations

from bisect import bisect_left

from ttsc.grammar import tree


def documentation(file: tree.File, declaration: tree.Declaration) -> str:
    """The text of those lines without their `#`, or an empty text.

    >>> from ttsc.grammar.parser import parse
    >>> from ttsc.grammar.source import Source
    >>> file = parse(Source("a.tts", "# Cheap.\\nmodel m = \\"sim/a\\""))
    >>> documentation(file, file.declarations[0])
    'Cheap.'
    """
    lines: list[str] = []
    line = declaration.span.line
    place = bisect_left(file.comments, declaration.span.start, key=lambda c: c.span.start)
    for comment in reversed(file.comments[:place]):
        line -= 1
        if comment.span.line != line or not stands_alone(comment):
            break
        lines.append(comment.text)
    return "\n".join(reversed(lines))


def stands_alone(comment: tree.Comment) -> bool:
    """Whether nothing stands before a comment on its line."""
    source, start = comment.span.source, comment.span.start
    return not source.text[source.starts[comment.span.line - 1] : start].strip()
