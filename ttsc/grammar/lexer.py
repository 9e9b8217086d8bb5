"""Text to tokens: one pass, and everything that can be wrong about a single word.

Which words are keywords is not decided here: a word is a NAME, and the parser knows where the
keyword fits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ttsc.grammar.diagnostic import MAX_REPORTED, Diagnostic
from ttsc.grammar.source import Source, Span
from ttsc.grammar.tables import END, Tables
from ttsc.grammar.tree import Comment

MAX_TOKENS = 200_000
MISTAKEN = {
    "'": "texts stand in double quotes",
    "!": "write `not`",
    "&": "write `and`",
    "%": "write a share as a number, 0.5",
    "$": "write money as `$0.05`",
    "@": "write a model or an op by its name",
    "`": "texts stand in double quotes",
}


class Token(NamedTuple):
    """The characters `start..end`; `kind` is a terminal of the grammar."""

    kind: str
    start: int
    end: int


class Lexed(NamedTuple):
    """The tokens of a text, closed by one of kind `$END`, its comments, and what was wrong."""

    tokens: list[Token]
    comments: list[Comment]
    diagnostics: list[Diagnostic]


def lex(source: Source, tables: Tables) -> Lexed:
    """All tokens of a source. A faulty one is reported, and left out or taken for what it was meant to be."""
    lexed = Lexed([], [], [])
    tokens, literals, ignored = lexed.tokens, tables["literals"], frozenset(tables["ignored"])
    text = source.text
    for match in re.finditer(_pattern(tables), text):
        kind = match.lastgroup
        start, end = match.span()
        if len(tokens) == MAX_TOKENS:
            return _too_long(Span(source, start, end))
        if len(lexed.diagnostics) == MAX_REPORTED:
            break
        if kind == "LITERAL":
            tokens.append(Token(literals[match.group()], start, end))
        elif kind == "WRONG":
            _wrong(source, match, lexed)
        elif kind in ignored:
            if text[start] == "#":
                lexed.comments.append(Comment(text[start + 1 : end].strip(), Span(source, start, end)))
        elif kind is not None:
            tokens.append(Token(kind, start, end))
    tokens.append(Token(END, len(text), len(text)))
    return lexed


def _too_long(span: Span) -> Lexed:
    title, help = f"this file has more than {MAX_TOKENS} words", "split it, and import the parts"
    return Lexed([Token(END, span.end, span.end)], [], [Diagnostic("E105", title, span, "the first too many", help)])


def _pattern(tables: Tables) -> str:
    patterns = [*tables["patterns"], ("LITERAL", "|".join(re.escape(text) for text in tables["literals"]))]
    patterns.append(("WRONG", r'"""[\s\S]*|"[^\n]*|.'))
    return "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns)


def _wrong(source: Source, match: re.Match[str], lexed: Lexed) -> None:
    start, end = match.span()
    text = match.group()
    if text.startswith('"""'):
        span, title = Span(source, start, start + 3), "this template is never closed"
        lexed.diagnostics.append(Diagnostic("E112", title, span, "opened here", 'close it with `"""`'))
        lexed.tokens.append(Token("TEMPLATE", start, end))
    elif text.startswith('"'):
        span, title = Span(source, start, start + 1), "this text is not closed on its line"
        help = 'close it with `"`; a line end inside a text is written `\\n`'
        lexed.diagnostics.append(Diagnostic("E111", title, span, "opened here", help))
        lexed.tokens.append(Token("TEXT", start, end))
    elif not _continues(source, start, lexed.diagnostics):
        shown = f"`{text}`" if text.isprintable() else f"U+{ord(text):04X}"
        title, help = f"{shown} is not a character of the language", MISTAKEN.get(text, "")
        lexed.diagnostics.append(Diagnostic("E110", title, Span(source, start, end), help=help))


def _continues(source: Source, start: int, diagnostics: list[Diagnostic]) -> bool:
    """Whether a wrong character stands in the line of one already reported."""
    last = diagnostics[-1] if diagnostics else None
    return last is not None and last.code == "E110" and last.span.line == source.position(start)[0]
