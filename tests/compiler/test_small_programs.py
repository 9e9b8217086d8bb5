"""Small programs without calls: what the language's values and names come to."""

from __future__ import annotations

import pytest

from tests.laws.running import compiled, ran
from ttsc.compiler.drawing.picture import picture_of
from ttsc.compiler.evaluate import EvaluationError, evaluate


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1_234_567 + 0.5", "1234567.5"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 3", "0.333333333333333"),
        ("4 / 2", "2"),
        ("1e-3", "0.001"),
        ("20_000", "20000"),
        ("3 - -2", "5"),
        ("2 * 3 + 4 / 8 - 1", "5.5"),
    ],
)
def test_numbers_keep_their_digits_in_a_text(expression: str, text: str) -> None:
    program = 'pipeline answer(q: text) -> text {\n  x = EXPRESSION\n  return "{x}"\n}'
    assert ran(compiled(program.replace("EXPRESSION", expression)).block, ["?"]).answers == (text,)


@pytest.mark.parametrize(("operator", "left", "right"), [("*", 1e30, 1e30), ("/", 10**400, 3), ("+", float("nan"), 1)])
def test_no_number_is_larger_than_a_number_may_be(operator: str, left: float, right: float) -> None:
    with pytest.raises(EvaluationError, match="a number larger than 1e40"):
        evaluate("binary", (operator,), (left, right))


def test_a_candidate_that_is_a_record_can_be_spread() -> None:
    program = (
        'model m = "sim/m"\n'
        "type state = { notes: text, round: number }\n"
        'prompt begin(q: text) -> state = """{q}"""\n'
        "pipeline answer(q: text) -> text {\n"
        "  begun = begin(q) |> ask(m)\n"
        '  end = begun |> repeat 2 as s { { ...s, notes = "!", round = 7 } }\n'
        '  return "{end}"\n'
        "}\n"
    )
    assert ran(compiled(program).block, ["?"]).answers == ('{"notes": "!", "round": 7}',)


def test_one_depth_bounds_pipelines_that_call_each_other() -> None:
    program = (
        'pipeline a(t: text) -> text depth 2 else "A" {\n  x = b(t)\n  return "a{x}"\n}\n'
        'pipeline b(t: text) -> text {\n  x = a(t)\n  return "b{x}"\n}\n'
    )
    assert ran(compiled(program, "a").block, ["?"]).answers == ("ababA",)
    assert ran(compiled(program, "b").block, ["?"]).answers == ("bababA",)


@pytest.mark.parametrize(("value", "text"), [("1", "1"), (1, "1"), ("two", "two"), ('"two"', "two"), (True, "true")])
def test_a_text_hole_is_set_with_or_without_quotes(value: object, text: str) -> None:
    program = 'pipeline answer(q: text) -> text { tune ["two", "1", "true"] = "two" }'
    hole = compiled(program).holes[0].name
    assert ran(compiled(program, holes={hole: value}).block, ["?"]).answers == (text,)


def test_what_chooses_an_arm_has_an_arrow_to_it() -> None:
    program = (
        'model m = "sim/m"\n'
        'prompt level(q: text) -> "easy" | "hard" = """{q}"""\n'
        "pipeline answer(q: text) -> text {\n"
        '  match level(q) |> ask(m) { "easy" => q |> ask(m) "hard" => q |> generate(m) }\n'
        "}\n"
    )
    picture = picture_of(compiled(program).block, "answer")
    titles = {box.id: box.title for box in picture.boxes()}
    router = next(box.id for box in picture.boxes() if box.title == "ask")
    assert sorted(titles[to] for source, to in picture.arrows if source == router) == ["ask", "generate"]
