"""Formatting keeps the tree and the comments, and formatting twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.grammar.trees import files
from ttsc.grammar import Source, format_file, parse, tree
from ttsc.grammar.lexer import lex
from ttsc.grammar.tables import tables

patient = settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))


def formatted(text: str) -> str:
    return format_file(parse(Source("a.tts", text)))


@patient
@given(files())
def test_a_tree_is_read_back_from_its_text(file: tree.File) -> None:
    text = format_file(file)
    again = parse(Source("a.tts", text))
    assert again == file
    assert format_file(again) == text


@patient
@given(files(high=2), st.data())
def test_comments_survive_wherever_they_stand(file: tree.File, data: st.DataObject) -> None:
    text = format_file(file)
    tokens = lex(Source("a.tts", text), tables()).tokens
    places = [
        t.start for before, t in zip([None, *tokens], tokens, strict=False) if not before or before.kind != "LABEL"
    ]
    pieces, start = [], 0
    for number, place in enumerate(sorted(data.draw(st.lists(st.sampled_from(places), max_size=6)))):
        before = data.draw(st.sampled_from([" ", "\n", "\n\n"]))
        pieces += [text[start:place], f"{before}# comment {number}{data.draw(st.sampled_from([chr(10), 2 * chr(10)]))}"]
        start = place
    commented = parse(Source("a.tts", "".join([*pieces, text[start:]])))
    assert commented == tree.File(commented.source, file.declarations, commented.comments)
    once = format_file(commented)
    again = parse(Source("a.tts", once))
    assert again == commented
    assert format_file(again) == once


STYLE = [
    (
        "settings stand on one line, apart by two spaces",
        'model m="x"{temperature=0.7\nmax_tokens=20_000}',
        'model m = "x" { temperature = 0.7  max_tokens = 20_000 }\n',
    ),
    (
        "broken settings stay broken, in columns",
        "benchmark b {\n data = .a\n question = .b }",
        "benchmark b {\n  data     = .a\n  question = .b\n}\n",
    ),
    (
        "models without an empty line between them stand in columns",
        'model a = "x" { k = 1 }\nmodel long = "xyz" { k = 1 }\nmodel c = "a long name, and no settings"\n\n\n'
        'model d = "x"',
        'model a    = "x"   { k = 1 }\nmodel long = "xyz" { k = 1 }\n'
        'model c    = "a long name, and no settings"\n\nmodel d = "x"\n',
    ),
    (
        "declarations of different kinds stand apart",
        'model a = "x"\n# about b\ntype b = text',
        'model a = "x"\n\n# about b\ntype b = text\n',
    ),
    (
        "a broken chain has one stage a line",
        "pipeline p(q: text) -> text { q\n |> f(a) |> each as x { y = x\n\n\n return y } }",
        "pipeline p(q: text) -> text {\n  q\n    |> f(a)\n"
        "    |> each as x {\n      y = x\n\n      return y\n    }\n}\n",
    ),
    (
        "a chain that ends in a block stays on its line",
        "pipeline p(q: text) -> text { x = q |> f(a) |> each as d { z = d return z } return x }",
        "pipeline p(q: text) -> text {\n  x = q |> f(a) |> each as d {\n    z = d\n    return z\n  }\n  return x\n}\n",
    ),
    (
        "arms and bindings stand in columns, without needless braces",
        'pipeline p(q: text) -> text { a = 1 bcd = 2 return match q { "x" => { q } else => { c = 1 return c } } }',
        "pipeline p(q: text) -> text {\n  a   = 1\n  bcd = 2\n  return match q {\n"
        '    "x"  => q\n    else => {\n      c = 1\n      return c\n    }\n  }\n}\n',
    ),
    (
        "only the parentheses that are needed stay",
        "pipeline p(q: text) -> text { ((a) + (b * c)) |> f((x |> g)) }",
        "pipeline p(q: text) -> text { (a + b * c) |> f(x |> g) }\n",
    ),
    (
        "what is too wide has one argument a line",
        "pipeline p(q: text) -> text { q |> generate(" + ", ".join(f"argument_{n}: {n}" for n in range(7)) + ") }",
        "pipeline p(q: text) -> text {\n  q |> generate(\n"
        + ",\n".join(f"    argument_{n}: {n}" for n in range(7))
        + "\n  )\n}\n",
    ),
    (
        "templates stay as they are",
        'prompt p(a:text)->text="""\n  {a}  \n\n\n {{x}} \\n"""',
        'prompt p(a: text) -> text = """\n  {a}  \n\n\n {{x}} \\n"""\n',
    ),
    (
        "comments stay before and behind what they are about",
        "#head\n\nmodel m = \"x\" {#first\n a = 1 # one\n # before two\n b = f(1, # in\n 2)\n # last\n}#end\n#tail",
        '# head\n\nmodel m = "x" {  # first\n  a = 1  # one\n  # before two\n  b = f(\n    1,  # in\n    2\n  )\n'
        "  # last\n}  # end\n# tail\n",
    ),
    ("limits stand in one order", "pipeline p() -> text depth 2 else a within 5s { b }",
     "pipeline p() -> text within 5s depth 2 else a { b }\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in STYLE], ids=[case[0] for case in STYLE])
def test_style(before: str, after: str) -> None:
    assert formatted(before) == after
    assert formatted(after) == after


def test_a_tree_of_many_parts_is_written_in_one_pass() -> None:
    """Slow where a part is formed again at every level; the time limit is the test."""
    deep = "f(" * 60 + ", ".join(["[a, b, c]"] * 5000) + ")" * 60
    for body in (deep, "x = a + b\n" * 20_000 + "return x", "[" + "a |> b, " * 20_000 + "]"):
        text = formatted(f"pipeline p(q: text) -> text {{ {body} }}")
        assert formatted(text) == text
