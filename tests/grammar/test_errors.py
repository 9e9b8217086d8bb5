"""What is said about a text that is no program: every message, word by word, in `syntax_errors.md`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import assert_golden
from ttsc.grammar import Source, parse
from ttsc.grammar.diagnostic import MAX_REPORTED
from ttsc.grammar.parser import SyntaxProblems

GOLDEN = Path(__file__).with_name("syntax_errors.md")


def pipeline(*lines: str) -> str:
    return "\n".join(["pipeline p(q: text) -> text {", *(f"  {line}" for line in lines), "}", ""])


#: What went wrong, the codes of its errors, and the text.
CASES: list[tuple[str, str, str]] = [
    ("a forgotten pipe before a call", "E131", pipeline("q", "  generate(m)", "  |> vote")),
    ("a forgotten pipe before a name", "E131", pipeline("q", "  |> generate(m)", "  vote")),
    ("a forgotten pipe in a binding", "E131", pipeline("x = q |> generate(m)", "  fuse(m)", "return x")),
    ("a forgotten pipe before a name in a binding", "E131", pipeline("x = q |> generate(m)", "  vote", "return x")),
    ("a forgotten pipe before a loop", "E131", pipeline("q", "each as x { x }")),
    ("a forgotten pipe or comma", "E131", pipeline("q |> f([a b])")),
    ("a loop with nothing before it", "E131", pipeline("repeat 3 as x { x }")),
    ("a stage behind a dot", "E131", pipeline("(a).rank(b)")),
    ("a result without return", "E132", pipeline("x = q |> generate(m)", "x |> vote")),
    ("a call as a result without return", "E132", pipeline("x = q |> generate(m)", "fuse(x, m)")),
    ("a block that ends with a binding", "E132", pipeline("x = q |> generate(m)")),
    ("a block that ends with a stop", "E132", pipeline("stop q when q")),
    ("a range without a default", "E133", pipeline("q |> generate(m, samples: tune 1..10)")),
    ("options without a default", "E133", pipeline("q |> generate(tune [a, b])")),
    ("a subset without a default", "E133", pipeline("q |> generate(tune subset [a, b])")),
    ("techniques without a default", "E133", pipeline("q |> tune [fuse(a), rank(b)]", "  |> vote")),
    ("a parenthesis apart from its name", "E134", pipeline("q |> generate (m)")),
    ("a parenthesis on a line of its own", "E134", pipeline("x = q", "(m)", "return x")),
    ("a declaration with its parenthesis apart", "E134", "pipeline foo (x: text) -> text { x }"),
    ("a keyword bound", "E135", pipeline("return = q", "return x")),
    ("a keyword as an item", "E135", pipeline("q |> each as if { q }")),
    ("a keyword as a declaration", "E135", "pipeline repeat(x: text) -> text { x }"),
    ("a keyword as a parameter", "E135", "pipeline p(stop: text) -> text { q }"),
    ("a keyword as a value", "E135", pipeline("f(x, else)")),
    ("a sum piped", "E136", pipeline("a + b |> vote")),
    ("a negation piped", "E136", pipeline("not a |> vote")),
    ("comparisons in a chain", "E136", pipeline("a < b < c")),
    ("an argument with an equals sign", "E137", pipeline("q |> generate(m, samples = 5)")),
    ("an equals sign that compares", "E137", pipeline("if a = b { c } else { d }")),
    ("a field with a colon", "E137", pipeline("f({ a: 1 })")),
    ("a setting with a colon", "E137", 'model m = "x" { timeout: 5s }'),
    ("an if without else", "E138", pipeline("if a { b }")),
    ("a depth without else", "E138", "pipeline p(q: text) -> text depth 3 { q }"),
    ("an unknown unit", "E139", 'model m = "x" { timeout = 5sec }'),
    ("a file that ends early", "E140", "pipeline p(q: text) -> text"),
    ("a limit said twice", "E141", "pipeline p(q: text) -> text within $1 within $2 { q }"),
    ("a slot where nothing is filled in", "E142", 'model m = "x{y}"'),
    ("a declared name with dots", "E143", 'tool a.b(q: text) -> text = python "x"'),
    ("settings with a comma", "E145", 'model m = "x" { a = 1, b = 2 }'),
    ("arms with a comma", "E145", pipeline('match a { "x" => 1, "y" => 2 }')),
    ("a record without a comma", "E145", pipeline("f({ a = 1 b = 2 })")),
    ("fields without a comma", "E145", "type t = { a: text b: text }"),
    ("a parameter without a type", "E146", "pipeline p(q) -> text { q }"),
    ("a bracket left open", "E120", pipeline("q |> generate(m")),
    ("a block left open before a declaration", "E120", pipeline("q").replace("}", "") + pipeline("q")),
    ("a list left open at the end", "E120", "benchmark b { x = [1, 2"),
    ("the wrong bracket closed", "E121", pipeline("q |> generate(m]")),
    ("a bracket too many", "E121", pipeline("q |> f(m) }")),
    ("a character of no word", "E110", pipeline("a @ b ? c")),
    ("single quotes", "E110", pipeline("'text'")),
    ("an ampersand", "E110", pipeline("a && b")),
    ("a control character", "E110", pipeline("a \x1b[31m b")),
    ("a text left open", "E111", pipeline('"abc', "x")),
    ("a template left open", "E112", 'prompt p() -> text = """ abc\nfoo\n'),
    ("an unknown escape", "E113", pipeline('"a\\d"')),
    ("slots of a text that cannot be filled", "E114 E114 E114", pipeline('"a {} {b c} {a.b} }"')),
    ("slots of a prompt", "E114 " * 4, 'prompt p(a: text) -> text = """{a} \\frac{1}{2} {} {a.b}"""'),
    ("a limit that is not whole", "E115", "type t = [text; 2.5]"),
    ("a number too large", "E115", pipeline("1" + "0" * 60)),
    ("a declaration misspelt", "E130", 'modle m = "x"\n' + pipeline("q")),
    ("an unknown declaration", "E130", "foo"),
    ("a clause misspelt", "E130", "search s for p on b { maximise accuracy }"),
    ("a return misspelt", "E130", pipeline("x = q", "retrun x")),
    ("a value piped into", "E130", pipeline('x |> "a"')),
    ("an argument left out", "E130", pipeline("f(a, , b)")),
    ("a result type left out", "E130", "pipeline p(q: text) { q }"),
    ("several declarations at fault", "E131 E133 E110", "".join(map(pipeline, ["q f(m)", "tune 1..3", "q ? 1", "q"]))),
    ("brackets too deep", "E122", pipeline("[" * 1000)),
]  # fmt: skip


def problems(text: str) -> SyntaxProblems:
    with pytest.raises(SyntaxProblems) as caught:
        parse(Source("a.tts", text))
    return caught.value


@pytest.mark.parametrize(("codes", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_slip_is_recognised(codes: str, text: str) -> None:
    assert [d.code for d in problems(text).diagnostics] == codes.split()


def test_messages_read_as_they_should() -> None:
    parts = ["# Syntax errors\n\nEvery slip that has a message of its own, with the message.\n"]
    for name, _, text in CASES:
        shown = text.rstrip("\n").replace("\x1b", "\\x1b")
        shown = shown if len(shown) < 500 else shown[:60] + " …"
        parts.append(f"\n## {name.capitalize()}\n\n```tts\n{shown}\n```\n\n```text\n{problems(text)}\n```\n")
    assert_golden(GOLDEN, "".join(parts))


def test_a_long_chain_is_one_error() -> None:
    for chain in (
        "not " * 1000 + "a",
        "- " * 1000 + "a",
        "if a { b } else " * 1000 + "{ c }",
        "a" + " |> b" * 5000,
        "a" + " + a" * 5000,
        "a" + ".b" * 5000,
        "f(" * 1000 + ")" * 1000,
        "(" * 1000,
    ):
        (diagnostic,) = problems(pipeline(chain)).diagnostics
        assert diagnostic.code == "E122", chain[:20]
    assert [d.code for d in problems("{" * 1000).diagnostics] == ["E122"]


def test_what_is_as_deep_as_allowed_can_be_handled_by_recursion() -> None:
    chains = ["[" * 63 + "]" * 63, "f(" * 63 + ")" * 63, "a" + " |> b" * 150, "a" + " + b" * 150, "not " * 150 + "a"]
    chains.append("if a { b } else " * 70 + "{ c }")
    chains.append("a |> each as x { " * 50 + "x" + " }" * 50)
    for chain in chains:
        one, other = parse(Source("a.tts", pipeline(chain))), parse(Source("b.tts", pipeline(chain)))
        assert one == other
        assert hash(one.declarations) == hash(other.declarations)
        assert repr(one) == repr(other)


def test_a_file_of_too_many_words_is_one_error() -> None:
    assert [d.code for d in problems("a " * 200_001).diagnostics] == ["E105"]


def test_a_hopeless_file_is_not_reported_at_length() -> None:
    assert len(problems("?\n" * 10_000).diagnostics) == MAX_REPORTED


def test_long_inputs_are_read_in_one_pass() -> None:
    """Texts that are slow where a lexer or parser looks at anything twice; the time limit is the test."""
    for text in (
        'model m = "x"\n' * 20_000,
        pipeline("x = [" + "true, " * 100_000 + "]", "return x"),
        pipeline("x = {" + "a = not b, " * 50_000 + "}", "return x"),
        pipeline('"' + "{a} \\n " * 50_000 + '"'),
        pipeline("f(" + "a.b.c " * 100_000 + ")"),
        pipeline('"' + "a" * 900_000),
        pipeline("{ " * 400_000),
        pipeline("1" * 900_000),
        pipeline("a" * 900_000),
        pipeline('"""' + '""' * 400_000),
        "}" * 900_000,
        "pipeline\n" * 100_000,
        'pipeline "\n' * 50_000,
    ):
        try:
            parse(Source("a.tts", text))
        except SyntaxProblems as error:
            assert str(error)
