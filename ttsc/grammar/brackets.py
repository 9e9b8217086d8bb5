"""How deep things nest: checked on the tokens before parsing, and on the tree after it.

Every later stage may recurse over a tree that passed, with room to spare on Python's stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.grammar.lexer import Token
from ttsc.grammar.source import Source, Span

MAX_NESTING = 64  # brackets inside brackets
MAX_DEPTH = 160  # nodes inside nodes
PAIRS = {"(": ")", "[": "]", "{": "}"}
OPENING = frozenset({"LPAR", "LSQB", "LBRACE", "CALL"})
CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})


def nesting(source: Source, tokens: Sequence[Token]) -> Diagnostic | None:
    """What is wrong with the brackets: the first that nests too deeply, closes nothing or is never closed."""
    open_: list[int] = []  # the offsets of the brackets
    for kind, start, end in tokens:
        if kind in OPENING:
            open_.append(end - 1)
            if len(open_) > MAX_NESTING:
                title = f"brackets nest deeper than {MAX_NESTING} levels"
                help = "bind an inner part to a name, or make it a pipeline of its own"
                return Diagnostic("E122", title, Span(source, end - 1, end), f"level {len(open_)}", help)
        elif kind in CLOSING:
            if not open_ or PAIRS[source.text[open_[-1]]] != source.text[start]:
                return _mismatch(source, open_, start)
            open_.pop()
    return _unclosed(source, open_[-1], _end(source, tokens[-1].start)) if open_ else None


def _end(source: Source, place: int) -> str:
    return "the end of the file" if place >= len(source.text) else f"line {source.position(place)[0]}"


def _mismatch(source: Source, open_: Sequence[int], place: int) -> Diagnostic:
    found = source.text[place]
    if any(PAIRS[source.text[offset]] == found for offset in open_):
        line, column = source.position(place)
        return _unclosed(source, open_[-1], f"the `{found}` at {line}:{column}")
    label, help = "nothing is open here", "leave it out"
    if open_:
        line, column = source.position(open_[-1])
        bracket = source.text[open_[-1]]
        label, help = f"the `{bracket}` at {line}:{column} is open here", f"leave it out, or write `{PAIRS[bracket]}`"
    return Diagnostic("E121", f"this `{found}` closes nothing", Span(source, place, place + 1), label, help)


def _unclosed(source: Source, opener: int, before: str) -> Diagnostic:
    bracket = source.text[opener]
    title, help = f"this `{bracket}` is never closed", f"write `{PAIRS[bracket]}` before {before}"
    return Diagnostic("E120", title, Span(source, opener, opener + 1), "opened here", help)


def depth(declarations: Sequence[tree.Declaration]) -> Diagnostic | None:
    """A complaint where nodes nest deeper than `MAX_DEPTH`, a long chain of operators included."""
    level: list[object] = list(declarations)
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return None
    return too_deep(level[0].span)  # type: ignore[attr-defined]


def too_deep(span: Span) -> Diagnostic:
    """The complaint about a chain or nest that is too long, at a place in it."""
    title = f"more than {MAX_DEPTH} steps in one expression"
    return Diagnostic("E122", title, span, "too deep, or too long a chain", "bind a part of it to a name")


def _children(node: object) -> Iterator[object]:
    for name in node.__slots__:  # type: ignore[attr-defined]
        value = getattr(node, name)
        if isinstance(value, tuple):
            yield from (item for item in value if hasattr(item, "span"))
        elif hasattr(value, "span"):
            yield value
