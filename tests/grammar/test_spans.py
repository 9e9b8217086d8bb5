"""Every node knows exactly the characters it was read from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ttsc.grammar import Source, parse
from ttsc.grammar.source import Span

PROGRAM = '''# A comment.
import "m.tts" as m
model gpt = "x/y" { price = { input = $0.10 } }
prompt ask_it(q: text) -> [text; 8] = """ {q} """
pipeline p(q: text) -> text within 40 calls else "none" {
  x = (q + "{q}, {x.y}") |> m.f(gpt, by: [a, -b], weight: w else 1) until as d { (d) }
  stop x when not x.done
  return if x == 1 { tune 1..8 log = 4 } else { x |> maybe each as z { z } }
}
search s for p on m.b(problem: .q) { maximize accuracy  require measured cost <= $1 }
'''


def spans(node: object) -> Iterator[tuple[str, Span]]:
    """Every node of a tree by the name of its class, with its spans, outer ones first."""
    for name in node.__slots__:  # type: ignore[attr-defined]
        value = getattr(node, name)
        if isinstance(value, Span):
            yield type(node).__name__ + ("" if name == "span" else f" {name}"), value
    for name in node.__slots__:  # type: ignore[attr-defined]
        value = getattr(node, name)
        for child in value if isinstance(value, tuple) else (value,):
            if hasattr(child, "span"):
                yield from spans(child)


def test_spans_of_a_program() -> None:
    file = parse(Source("a.tts", PROGRAM))
    found = [(kind, PROGRAM[span.start : span.end]) for d in file.declarations for kind, span in spans(d)]
    assert [(k, t) for k, t in found if "\n" not in t] == EXPECTED
    assert [(k, t.split("\n")[0], t.split("\n")[-1]) for k, t in found if "\n" in t] == [
        ("Pipeline", 'pipeline p(q: text) -> text within 40 calls else "none" {', "}"),
        ("Block", "{", "}"),
    ]
    assert [PROGRAM[c.span.start : c.span.end] for c in file.comments] == ["# A comment."]


EXPECTED = [
    ("Import", 'import "m.tts" as m'),
    ("Import path_span", '"m.tts"'),
    ("Model", 'model gpt = "x/y" { price = { input = $0.10 } }'),
    ("Model name_span", "gpt"),
    ("Setting", "price = { input = $0.10 }"),
    ("RecordLiteral", "{ input = $0.10 }"),
    ("FieldValue", "input = $0.10"),
    ("Quantity", "$0.10"),
    ("Prompt", 'prompt ask_it(q: text) -> [text; 8] = """ {q} """'),
    ("Prompt name_span", "ask_it"),
    ("Parameter", "q: text"),
    ("NamedType", "text"),
    ("ListType", "[text; 8]"),
    ("NamedType", "text"),
    ("Template", '""" {q} """'),
    ("Slot", "{q}"),
    ("Pipeline name_span", "p"),
    ("Parameter", "q: text"),
    ("NamedType", "text"),
    ("NamedType", "text"),
    ("Within", 'within 40 calls else "none"'),
    ("Quantity", "40 calls"),
    ("Text", '"none"'),
    ("Binding", 'x = (q + "{q}, {x.y}") |> m.f(gpt, by: [a, -b], weight: w else 1) until as d { (d) }'),
    ("Binding name_span", "x"),
    ("Pipe", '(q + "{q}, {x.y}") |> m.f(gpt, by: [a, -b], weight: w else 1) until as d { (d) }'),
    ("Binary", 'q + "{q}, {x.y}"'),
    ("Name", "q"),
    ("Text", '"{q}, {x.y}"'),
    ("Slot", "{q}"),
    ("Slot", "{x.y}"),
    ("Until", "m.f(gpt, by: [a, -b], weight: w else 1) until as d { (d) }"),
    ("Until name_span", "d"),
    ("Call", "m.f(gpt, by: [a, -b], weight: w else 1)"),
    ("Call callee_span", "m.f"),
    ("Argument", "gpt"),
    ("Name", "gpt"),
    ("Argument", "by: [a, -b]"),
    ("List", "[a, -b]"),
    ("Name", "a"),
    ("Unary", "-b"),
    ("Name", "b"),
    ("Argument", "weight: w else 1"),
    ("Name", "w"),
    ("Number", "1"),
    ("Block", "{ (d) }"),
    ("Name", "d"),
    ("Stop", "stop x when not x.done"),
    ("Name", "x"),
    ("Unary", "not x.done"),
    ("Field", "x.done"),
    ("Name", "x"),
    ("If", "if x == 1 { tune 1..8 log = 4 } else { x |> maybe each as z { z } }"),
    ("Binary", "x == 1"),
    ("Name", "x"),
    ("Number", "1"),
    ("Block", "{ tune 1..8 log = 4 }"),
    ("Tune", "tune 1..8 log = 4"),
    ("Range", "1..8 log"),
    ("Number", "4"),
    ("Block", "{ x |> maybe each as z { z } }"),
    ("Pipe", "x |> maybe each as z { z }"),
    ("Name", "x"),
    ("Maybe", "maybe each as z { z }"),
    ("Each", "each as z { z }"),
    ("Each name_span", "z"),
    ("Block", "{ z }"),
    ("Name", "z"),
    ("Search", "search s for p on m.b(problem: .q) { maximize accuracy  require measured cost <= $1 }"),
    ("Search name_span", "s"),
    ("Argument", "problem: .q"),
    ("ItemField", ".q"),
    ("Objective", "maximize accuracy"),
    ("Require", "require measured cost <= $1"),
    ("Binary", "cost <= $1"),
    ("Name", "cost"),
    ("Quantity", "$1"),
]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lines_and_columns_count_from_one(ends: str) -> None:
    source = Source("a.tts", f'# é{ends}model m = "ü" {{ a = 1 }}')
    (declaration,) = parse(source).declarations
    span = declaration.settings[0].span  # type: ignore[union-attr]
    assert source.position(span.start) == (2, 17)
    assert source.line(2) == 'model m = "ü" { a = 1 }'
