"""What to say about a token that does not fit: the likeliest slip, and what to write instead.

`RULES` are asked in order; the first that recognises its slip speaks.
"""

from __future__ import annotations

from ttsc.grammar import slips
from ttsc.grammar.diagnostic import Diagnostic, nearest
from ttsc.grammar.lexer import Token
from ttsc.grammar.machine import Machine
from ttsc.grammar.place import Place
from ttsc.grammar.source import Source, Span
from ttsc.grammar.tables import END

DECLARATIONS = ("import", "model", "prompt", "type", "tool", "pipeline", "benchmark", "search")
VALUE = frozenset({"NUMBER", "TEXT", "NAME", "CALL", "MONEY", "COUNT", "true", "false", "[", "{", "("})
GROUPS = (
    ("an expression", VALUE | {"-", "not", "if", "match", "tune"}),
    ("a value", VALUE),
    ("a stage", frozenset({"CALL", "NAME", "tune", "each", "repeat", "fold"})),
    ("a type", frozenset({"TEXT", "NAME", "[", "{", "pipeline("})),
    ("a declaration", frozenset(DECLARATIONS)),
)
CLASSES = {
    "NAME": "a name",
    "TEXT": "a text",
    "NUMBER": "a number",
    "TEMPLATE": 'a `"""` template',
    "CALL": "a name with its `(`",
    "LABEL": "`name:`",
    "COUNT": "an amount",
    "MONEY": "an amount",
    END: "the end of the file",
}
OPERATORS = frozenset({"+", "-", "*", "/", "or", "and", "COMPARE", "until"})


def complain(source: Source, machine: Machine, tokens: list[Token], index: int) -> Diagnostic:
    """The diagnostic of the token at `index`, the first that does not fit."""

    def expected(count: int) -> frozenset[str]:
        states = machine.stack(source, tokens, count)
        terminals = (symbol for symbol in machine.states[states[-1]] if symbol.isupper())
        return frozenset(machine.written.get(t, t) for t in terminals if machine.fits(states, t))

    place = Place(source, tokens, index, expected(index), expected(max(index - 1, 0)))
    return next(found for rule in RULES if (found := rule(place)))


def unknown_declaration(place: Place) -> Diagnostic | None:
    if "pipeline" not in place.expected or place.kind() == END:
        return None
    word = place.text()
    near = nearest(word, DECLARATIONS)
    help = f"did you mean `{near}`?" if near else f"a file has {_listed([f'`{d}`' for d in DECLARATIONS])}"
    return Diagnostic("E130", f"`{_short(word)}` does not begin a declaration", place.span(), help=help)


def end_of_file(place: Place) -> Diagnostic | None:
    if place.kind() != END:
        return None
    title, end = "the file ends too early", place.tokens[place.index - 1].end
    return Diagnostic("E140", title, Span(place.source, end - 1, end), f"expected {_expectation(place)} after this")


def misfit(place: Place) -> Diagnostic:
    return Diagnostic(
        "E130", f"`{_short(place.text())}` does not fit here", place.span(), f"expected {_expectation(place)}"
    )


def _expectation(place: Place) -> str:
    """What could stand here, in words: operators only where nothing else could."""
    left = place.expected - OPERATORS if place.after_value() else place.expected
    left = left - {"."} or left
    shown = []
    for words, group in GROUPS:
        if group <= left:
            shown.append(words)
            left -= group
    shown += sorted({CLASSES.get(e, "a comparison" if e == "COMPARE" else f"`{e}`") for e in left})
    return _listed(shown)


def _listed(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _short(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 40 and line == text else line[:40] + "…"


RULES = (
    slips.loose_parenthesis,
    slips.unit,
    slips.reserved_name,
    slips.stage_without_pipe,
    slips.method,
    slips.unwrapped_sum,
    slips.chained_comparison,
    slips.tune_without_default,
    slips.missing_comma,
    slips.misspelt,
    slips.forgotten_pipe,
    slips.equals_sign,
    slips.colon,
    slips.stray_comma,
    slips.untyped,
    slips.missing_return,
    slips.if_without_else,
    unknown_declaration,
    end_of_file,
    misfit,
)
