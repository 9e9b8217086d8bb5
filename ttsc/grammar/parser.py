"""Text to syntax tree: either the whole tree, or everything found wrong with the text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from ttsc.grammar import tree
from ttsc.grammar.brackets import depth, nesting, too_deep
from ttsc.grammar.complaint import DECLARATIONS, complain
from ttsc.grammar.declarations import DeclarationRules
from ttsc.grammar.diagnostic import MAX_REPORTED, Diagnostic, render
from ttsc.grammar.lexer import Token, lex
from ttsc.grammar.machine import Machine, TooDeep, Unexpected
from ttsc.grammar.source import Source, Span
from ttsc.grammar.tables import END, tables

Declarations = tuple[tree.Declaration, ...]


class SyntaxProblems(Exception):
    """A text that is no program. `diagnostics` are its errors, in source order; the message renders them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(render(diagnostics))
        self.diagnostics = tuple(diagnostics)


def parse(source: Source) -> tree.File:
    """The syntax tree of a source. Raises SyntaxProblems, with the first error of each declaration.

    >>> parse(Source("a.tts", 'model m = "sim/a"')).declarations[0].name
    'm'
    """
    grammar = tables()
    machine = Machine(grammar)
    tokens, comments, lexical = lex(source, grammar)
    declarations, problems = ((), lexical) if lexical else _declarations(source, machine, tokens)
    if not problems:
        return tree.File(source, declarations, tuple(comments))
    pieces = list(_pieces(source, tokens))
    if lexical or len(pieces) > 1:
        problems = [*lexical, *_piecewise(source, machine, pieces, lexical)]
    raise SyntaxProblems(sorted(problems, key=lambda d: (d.span.start, d.span.end))[:MAX_REPORTED])


def _declarations(source: Source, machine: Machine, tokens: list[Token]) -> tuple[Declarations, list[Diagnostic]]:
    """What tokens declare, and what is wrong with them: one fault of form, or any number of faulty words."""
    fault = nesting(source, tokens)
    if fault is not None:
        return (), [fault]
    problems: list[Diagnostic] = []
    try:
        found: Declarations = machine.run(source, tokens, DeclarationRules(source, problems))
    except Unexpected as error:
        return (), [complain(source, machine, tokens, error.index)]
    except TooDeep as error:
        return (), [too_deep(Span(source, tokens[error.index].start, tokens[error.index].end))]
    deep = None if problems else depth(found)
    return found, [deep] if deep else problems


def _piecewise(
    source: Source, machine: Machine, pieces: list[list[Token]], lexical: list[Diagnostic]
) -> list[Diagnostic]:
    """What is wrong with each declaration by itself; one with a faulty word is not looked at further."""
    found: list[Diagnostic] = []
    faulty = [fault.span.start for fault in lexical]
    for piece in pieces:
        if bisect_left(faulty, piece[0].start) == bisect_right(faulty, piece[-1].end):
            found += _declarations(source, machine, piece)[1]
        if len(found) >= MAX_REPORTED:
            break
    return found


def _pieces(source: Source, tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens cut where a line starts with the word of a declaration and what it declares."""
    start = 0
    for index in range(1, len(tokens)):
        token, after = tokens[index], tokens[min(index + 1, len(tokens) - 1)]
        at_margin = source.text[token.start - 1 : token.start] == "\n"
        if (
            at_margin
            and after.kind in {"NAME", "CALL", "TEXT"}
            and source.text[token.start : token.end] in DECLARATIONS
        ):
            yield [*tokens[start:index], Token(END, token.start, token.start)]
            start = index
    yield tokens[start:]
