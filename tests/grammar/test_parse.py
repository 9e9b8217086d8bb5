"""Every construct of the language parses to the tree that it stands for."""

from __future__ import annotations

import pytest

from tests.grammar.trees import NOWHERE
from ttsc.grammar import Source, parse, tree
from ttsc.grammar.parser import SyntaxProblems
from ttsc.grammar.tree import (
    Argument,
    Arm,
    Binary,
    Binding,
    Block,
    Boolean,
    Call,
    ChoiceType,
    Depth,
    Each,
    Expression,
    Field,
    FieldValue,
    Fold,
    Generated,
    If,
    ItemField,
    List,
    ListType,
    Match,
    Maybe,
    Name,
    NamedType,
    Number,
    Objective,
    Options,
    Parameter,
    Pipe,
    PipelineType,
    Quantity,
    Range,
    RecordLiteral,
    RecordType,
    Repeat,
    Require,
    Setting,
    Slot,
    Spread,
    Stop,
    Text,
    Tune,
    Unary,
    Until,
    Within,
)  # fmt: skip

AT = NOWHERE
TEXT = NamedType(("text",), AT)
a, b, c, d = (Name(name, AT) for name in "abcd")
ONE, TWO = Number(1, AT), Number(2, AT)


def call(name: str, *values: Expression, **named: Expression) -> Call:
    positional = tuple(Argument(None, value, None, AT) for value in values)
    return Call(tuple(name.split(".")), positional + tuple(Argument(k, v, None, AT) for k, v in named.items()), AT, AT)


def record(**fields: Expression) -> RecordLiteral:
    return RecordLiteral(tuple(FieldValue(name, value, AT) for name, value in fields.items()), AT)


def match(*arms: tuple[str | None, Block], of: Expression = a) -> Match:
    return Match(of, tuple(Arm(label, body, AT) for label, body in arms), AT)


def alone(value: Expression) -> Block:
    return Block((), value, AT)


def text(*parts: str | tuple[str, ...]) -> Text:
    return Text(tuple(p if isinstance(p, str) else Slot(p, AT) for p in parts), AT)


def pipe(*steps: Expression) -> Expression:
    piped = steps[0]
    for step in steps[1:]:
        piped = Pipe(piped, step, AT)
    return piped


EXPRESSIONS: list[tuple[str, Expression]] = [
    ("1", ONE),
    ("1.50", Number(1.5, AT)),
    ("1e-3", Number(0.001, AT)),
    ("20_000", Number(20000, AT)),
    ("true", Boolean(True, AT)),
    ("false", Boolean(False, AT)),
    ("$0.05", Quantity(0.05, "$", AT)),
    ("5s", Quantity(5, "s", AT)),
    ("1h", Quantity(1, "h", AT)),
    ("2.5ms", Quantity(2.5, "ms", AT)),
    ("40 calls", Quantity(40, "calls", AT)),
    ("128000 input_tokens", Quantity(128000, "input_tokens", AT)),
    ('""', text()),
    ('"plain # not a comment"', text("plain # not a comment")),
    (r'"\n\t\"\\\{\}{{}}"', text('\n\t"\\{}{}')),
    ('"{a}: {b.c.d}\\n"', text(("a",), ": ", ("b", "c", "d"), "\n")),
    ('"{{{a}}}"', text("{", ("a",), "}")),
    ("a", a),
    ("a.b.c", Field(Field(a, "b", AT), "c", AT)),
    ("a.if", Field(a, "if", AT)),
    (".note.relevant", Field(ItemField("note", AT), "relevant", AT)),
    ("(a |> b).c", Field(Pipe(a, b, AT), "c", AT)),
    ("[]", List((), AT)),
    ("[a, 1,]", List((a, ONE), AT)),
    ("{}", RecordLiteral((), AT)),
    ("{ if = 1 }", record(**{"if": ONE})),
    ("{ k = 1, if = a }", record(k=ONE, **{"if": a})),
    ("{ ...a, k = 1 }", RecordLiteral((Spread(a, AT), FieldValue("k", ONE, AT)), AT)),
    ("f()", call("f")),
    ("m.answer(a)", call("m.answer", a)),
    ("f(a, by: [a, -b], from: b.c)", call("f", a, by=List((a, Unary("-", b, AT)), AT), **{"from": Field(b, "c", AT)})),
    ("f(match: a, if: b)", call("f", **{"match": a, "if": b})),
    ("vote(weight: a else 1)", Call(("vote",), (Argument("weight", a, ONE, AT),), AT, AT)),
    ("a or b and not c == d", Binary("or", a, Binary("and", b, Unary("not", Binary("==", c, d, AT), AT), AT), AT)),
    ("a - b - c", Binary("-", Binary("-", a, b, AT), c, AT)),
    ("a + b * -c / d", Binary("+", a, Binary("/", Binary("*", b, Unary("-", c, AT), AT), d, AT), AT)),
    ("(a + b) * c", Binary("*", Binary("+", a, b, AT), c, AT)),
    ("a + 1 >= b", Binary(">=", Binary("+", a, ONE, AT), b, AT)),
    ("not(a or b)", Unary("not", Binary("or", a, b, AT), AT)),
    ("a |> f(b) |> vote", pipe(a, call("f", b), Name("vote", AT))),
    ("a |> m.f |> m.g(b)", pipe(a, Field(Name("m", AT), "f", AT), call("m.g", b))),
    ("(a + b) |> c", pipe(Binary("+", a, b, AT), c)),
    ("a + (b |> c)", Binary("+", a, pipe(b, c), AT)),
    ("a |> maybe b", pipe(a, Maybe(b, AT))),
    ("a |> maybe f(b) |> c", pipe(a, Maybe(call("f", b), AT), c)),
    ("a |> each as x { x }", pipe(a, Each("x", alone(Name("x", AT)), AT, AT))),
    ("a |> repeat 2 as x { x }", pipe(a, Repeat(TWO, "x", alone(Name("x", AT)), AT, AT))),
    ("a |> repeat b + 1 as x { x }", pipe(a, Repeat(Binary("+", b, ONE, AT), "x", alone(Name("x", AT)), AT, AT))),
    ('a |> fold as x with s = "" { s }', pipe(a, Fold("x", "s", text(), alone(Name("s", AT)), AT, AT))),
    ("a |> f(b) until as x { c }", pipe(a, Until(call("f", b), "x", alone(c), AT, AT))),
    ("f(a) until as x { c }", Until(call("f", a), "x", alone(c), AT, AT)),
    ("if a { b } else { c }", If(a, alone(b), alone(c), AT)),
    ("if a { b } else if c { d } else { a }", If(a, alone(b), alone(If(c, alone(d), alone(a), AT)), AT)),
    ("if a { b } else { c } |> d", pipe(If(a, alone(b), alone(c), AT), d)),
    ('match a { "x y" => b  else => c }', match(("x y", alone(b)), (None, alone(c)))),
    ('match a |> b { "x" => { k = 1 } }', match(("x", alone(record(k=ONE))), of=pipe(a, b))),
    ('match a { "x" => { stop = 1 } }', match(("x", alone(record(stop=ONE))))),
    ('match a { "x" => { k = 1 return b } }', match(("x", Block((Binding("k", ONE, AT, AT),), b, AT)))),
    ('match a { "x" => { b } "y" => {} }', match(("x", alone(b)), ("y", alone(record())))),
    ("tune 1..10 = 5", Tune(Range(1, 10, False, AT), Number(5, AT), AT)),
    ("tune 1..128 log = 16", Tune(Range(1, 128, True, AT), Number(16, AT), AT)),
    ("tune -1.5..0.0 = -1", Tune(Range(-1.5, 0.0, False, AT), Unary("-", ONE, AT), AT)),
    ("tune [a, b] = a", Tune(Options((a, b), False, AT), a, AT)),
    ("tune subset [a, b] = [a]", Tune(Options((a, b), True, AT), List((a,), AT), AT)),
    ("tune quantiles(3)", Tune(Generated(call("quantiles", Number(3, AT)), AT), None, AT)),
    ("tune quantiles(3) = a", Tune(Generated(call("quantiles", Number(3, AT)), AT), a, AT)),
    ("a > tune 0..1 = 1", Binary(">", a, Tune(Range(0, 1, False, AT), ONE, AT), AT)),
    ("a |> tune [f(b), c] = c |> d", pipe(a, Tune(Options((call("f", b), c), False, AT), c, AT), d)),
    ("tune 1..2 = 1 + a", Binary("+", Tune(Range(1, 2, False, AT), ONE, AT), a, AT)),
]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), EXPRESSIONS, ids=[written for written, _ in EXPRESSIONS])
def test_an_expression(written: str, expected: Expression) -> None:
    assert body(f"{{ {written} }}") == alone(expected)


def body(block: str, head: str = "pipeline p(a: text) -> text") -> Block:
    declaration = one(f"{head} {block}")
    assert isinstance(declaration, tree.Pipeline)
    return declaration.body


def one(text: str) -> tree.Declaration:
    (declaration,) = parse(Source("a.tts", text)).declarations
    return declaration


def test_bindings_and_a_stop_come_before_the_result() -> None:
    block = body("{\n tests = a\n stop tests when b\n stop when c\n return d }")
    tests = Name("tests", AT)
    assert block == Block((Binding("tests", a, AT, AT), Stop(tests, b, AT), Stop(None, c, AT)), d, AT)


def test_return_alone_marks_what_is_the_result_anyway() -> None:
    assert body("{ return a }") == alone(a)


def test_line_ends_mean_nothing() -> None:
    assert body("{ x = a |>\n\nf(\nb)\r\n return\nx }") == body("{ x = a |> f(b) return x }")


WORDS = [
    "tests", "model", "data", "id", "score", "input", "plan", "pool", "tool", "type", "from", "on", "by", "with", "log",
    "as", "calls", "within", "depth", "import",
]  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_a_word_of_the_declarations_is_a_name_elsewhere(name: str) -> None:
    binding = Binding(name, pipe(a, call("f", **{name: Name(name, AT)})), AT, AT)
    assert body(f"{{ {name} = a |> f({name}: {name}) return {name}.{name} }}") == Block(
        (binding,), Field(Name(name, AT), name, AT), AT
    )


def test_a_count_is_not_taken_for_the_next_setting() -> None:
    assert one("benchmark b { limit = 40  calls = 3 calls  tokens = .x }") == tree.Benchmark(
        "b",
        (
            Setting("limit", Number(40, AT), AT),
            Setting("calls", Quantity(3, "calls", AT), AT),
            Setting("tokens", ItemField("x", AT), AT),
        ),
        AT,
        AT,
    )


LIMITS = [
    ("within $0.05, 40 calls", Within((Quantity(0.05, "$", AT), Quantity(40, "calls", AT)), None, AT), None),
    ("within 40 chickens else a", Within((Quantity(40, "chickens", AT),), a, AT), None),
    ("depth 3 else a |> b", None, Depth(3, pipe(a, b), AT)),
    ("within 5s else a depth 3 else b", Within((Quantity(5, "s", AT),), a, AT), Depth(3, b, AT)),
    ("depth 3 else b within 5s else a", Within((Quantity(5, "s", AT),), a, AT), Depth(3, b, AT)),
]


@pytest.mark.parametrize(("written", "within", "depth"), LIMITS, ids=[written for written, _, _ in LIMITS])
def test_limits_stand_before_the_body_in_either_order(written: str, within: Within | None, depth: Depth | None) -> None:
    expected = tree.Pipeline("p", (), TEXT, within, depth, alone(a), AT, AT)
    assert one(f"pipeline p() -> text {written} {{ a }}") == expected


TYPES: list[tuple[str, tree.TypeExpr]] = [
    ("text", TEXT),
    ("m.step", NamedType(("m", "step"), AT)),
    ("[text]", ListType(TEXT, None, AT)),
    ("[[text; 2]; 8]", ListType(ListType(TEXT, 2, AT), 8, AT)),
    ('"easy" | "very hard"', ChoiceType(("easy", "very hard"), AT)),
    ("{}", RecordType((), AT)),
    ("{ id: text, if: text }", RecordType((Parameter("id", TEXT, AT), Parameter("if", TEXT, AT)), AT)),
    ("pipeline(text) -> text", PipelineType((TEXT,), TEXT, AT)),
    ("pipeline() -> [text]", PipelineType((), ListType(TEXT, None, AT), AT)),
]


@pytest.mark.parametrize(("written", "expected"), TYPES, ids=[written for written, _ in TYPES])
def test_a_type(written: str, expected: tree.TypeExpr) -> None:
    assert one(f"type t = {written}") == tree.TypeDeclaration("t", expected, AT, AT)


FREE = (Setting("price", Name("free", AT), AT),)
DECLARATIONS: list[tuple[str, tree.Declaration]] = [
    ('import "a/b.tts" as m', tree.Import("a/b.tts", "m", AT, AT)),
    ('model m = "x/y"', tree.Model("m", "x/y", (), AT, AT)),
    ('model m = "x/y" { price = free }', tree.Model("m", "x/y", FREE, AT, AT)),
    (
        'model m = "x" { stop = ["\\n"]  within = 1 }',
        tree.Model("m", "x", (Setting("stop", List((text("\n"),), AT), AT), Setting("within", ONE, AT)), AT, AT),
    ),
    (
        'prompt p(question: text) -> "a" | "b" = """\\n {question} {{x}} $x_1$\n"""',
        tree.Prompt(
            "p",
            (Parameter("question", TEXT, AT),),
            ChoiceType(("a", "b"), AT),
            tree.Template(("\\n ", Slot(("question",), AT), " {x} $x_1$\n"), AT),
            AT,
            AT,
        ),
    ),
    (
        'tool search(query: text) -> text = python "tools:search" { price = free }',
        tree.Tool("search", (Parameter("query", TEXT, AT),), TEXT, "python", "tools:search", FREE, AT, AT),
    ),
    ('tool diff() -> text = python "x"', tree.Tool("diff", (), TEXT, "python", "x", (), AT, AT)),
    (
        "pipeline p(solve: pipeline(text) -> text, n: number) -> text { a }",
        tree.Pipeline(
            "p",
            (Parameter("solve", PipelineType((TEXT,), TEXT, AT), AT), Parameter("n", NamedType(("number",), AT), AT)),
            TEXT,
            None,
            None,
            alone(a),
            AT,
            AT,
        ),
    ),
    ("benchmark b { question = .q }", tree.Benchmark("b", (Setting("question", ItemField("q", AT), AT),), AT, AT)),
    (
        "search s for p on m.b(problem: .q) { maximize accuracy minimize cost require calls <= 40 "
        "require measured cost <= $1 budget = $25 }",
        tree.Search(
            "s",
            ("p",),
            ("m", "b"),
            (Argument("problem", ItemField("q", AT), None, AT),),
            (
                Objective("maximize", "accuracy", AT),
                Objective("minimize", "cost", AT),
                Require(Binary("<=", Name("calls", AT), Number(40, AT), AT), False, AT),
                Require(Binary("<=", Name("cost", AT), Quantity(1, "$", AT), AT), True, AT),
                Setting("budget", Quantity(25, "$", AT), AT),
            ),
            AT,
            AT,
        ),
    ),
    ("search s for m.p on b {}", tree.Search("s", ("m", "p"), ("b",), (), (), AT, AT)),
]


@pytest.mark.parametrize(("written", "expected"), DECLARATIONS, ids=[written for written, _ in DECLARATIONS])
def test_a_declaration(written: str, expected: tree.Declaration) -> None:
    assert one(written) == expected


def test_a_file_keeps_its_declarations_and_comments_in_order() -> None:
    file = parse(Source("a.tts", '#one\nmodel m = "#x" # two\n\n#\nimport "y" as z #  three \n'))
    assert [type(d).__name__ for d in file.declarations] == ["Model", "Import"]
    assert [comment.text for comment in file.comments] == ["one", "two", "", "three"]


def test_a_file_may_be_empty() -> None:
    assert parse(Source("a.tts", " # nothing\n")).declarations == ()


def test_a_stage_stands_only_after_a_pipe() -> None:
    with pytest.raises(SyntaxProblems):
        body("{ each as x { x } }")
