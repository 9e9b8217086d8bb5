"""Where things stand in what is formatted: columns of names, closing brackets, results of blocks."""

from __future__ import annotations

from collections.abc import Sequence

from ttsc.grammar import tree
from ttsc.grammar.source import Span
from ttsc.grammar.writer import blank_before

Clause = tree.Objective | tree.Require | tree.Setting
MAX_ALIGNED = 30  # characters; a longer name makes no column


def name_widths(things: Sequence[tree.Binding | tree.Stop | Clause]) -> list[int]:
    """The width of the names in each run of `name = value` lines that no empty line divides."""
    widths: list[int] = []
    run: list[int] = []
    for place, thing in enumerate(things):
        widths.append(0)
        if not isinstance(thing, tree.Binding | tree.Setting):
            run = []
            continue
        if blank_before(thing.span):
            run = []
        run.append(place)
        names = len(thing.name) if len(thing.name) <= MAX_ALIGNED else 0
        if names > widths[run[0]]:
            for member in run:
                widths[member] = names
        widths[place] = widths[run[0]]
    return widths


def closing(span: Span) -> Span:
    """The place of a closing bracket."""
    return Span(span.source, max(span.start, span.end - 1), span.end)


def result_place(block: tree.Block) -> Span:
    """Where the result begins: at its `return`, if it has one."""
    span = block.result.span
    text, at = span.source.text, span.start
    while at > 0 and (text[at - 1].isspace() or text[at - 1] == "("):
        at -= 1
    returns = bool(block.statements) and text.endswith("return", 0, at)
    return Span(span.source, at - len("return"), span.end) if returns else span
