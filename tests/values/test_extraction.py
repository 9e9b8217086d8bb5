"""Extraction: what each extractor finds, what it does not, and that no text takes it long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsc.values.extraction import EXTRACTORS, Extractor, answer_key, extract, spoken
from ttsc.values.number import normal_number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain", "plain"),
        ("<think>two and two</think>4", "4"),
        ("a<think>x</think>b<think>y</think>c", "abc"),
        ("<think>cut short", ""),
        ("so far <think>cut short", "so far "),
        ("begun in the prompt</think>4", "4"),
        ("begun</think>4<think>again</think>!", "4!"),
        ("<think>a<think>b</think>c", "c"),
    ],
)
def test_reasoning_is_not_said_aloud(text: str, said: str) -> None:
    assert spoken(text) == said


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("18", "18"),
        ("18.0", "18"),
        ("018", "18"),
        ("1,234.50", "1234.5"),
        ("1\u202f234", "1234"),
        ("$18", "18"),
        ("€ 18", "18"),
        ("18%", "18"),
        ("18\\%", "18"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("-0", "0"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("2.5E-2", "0.025"),
        ("3/4", "0.75"),
        ("6/8", "0.75"),
        ("2/6", "1/3"),
        ("-2/6", "-1/3"),
        ("1 1/2", "1.5"),
        ("1/0", "1/0"),
        (" eighteen ", "eighteen"),
        ("18 dollars", "18 dollars"),
        ("1,23", "1,23"),
        ("1e999999", "1e999999"),
        ("1.2.3", "1.2.3"),
        ("", ""),
    ],
)
def test_a_number_has_one_normal_form(text: str, normal: str) -> None:
    assert normal_number(text) == normal


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_the_normal_form_is_exact_and_its_own_normal_form(number: object) -> None:
    from decimal import Decimal

    assert isinstance(number, Decimal)
    normal = normal_number(f"{number:f}")
    assert Decimal(normal) == number
    assert normal_number(normal) == normal == normal_number(f"{number:,f}")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("She makes 9 * 2 = 18.", "18"),
        ("The answer is 18 eggs, out of 20.", "18"),
        ("The answer is **$1,234.50** a day. That was 3 steps.", "1234.5"),
        ("The final answer is: $\\boxed{42}$ (in 7 steps)", "42"),
        ("Final answer: \\frac{3}{4}", "0.75"),
        ("\\boxed{\\$12{,}500}", "12500"),
        ("#### 1,050\n\nThanks for asking 1 question", "1050"),
        ("Answer: 2 * 9 = 18 dollars per day", "18"),
        ("The answer is:\n\n18\n\nIn 3 steps.", "18"),
        ("The answer is 5. No: the answer is 6.", "6"),
        ('{"reasoning": "9 eggs at 2 dollars", "answer": "18"}', "18"),
        ('```json\n{\n "reasoning": "16 - 7",\n "answer": "$70,000"\n}\n```', "70000"),
        ('{"answer": 18, "steps": 3}', "18"),
        ('{"answer": "18", "reasoning": "it broke off after 4 st', "18"),
        ('{"reasoning": "the answer is 20 so", "answer": "21 apples"}', "21"),
        ('{"reasoning": "5 + 5", "answer": "10 + 1 = 11"}', "11"),
        ('{"final_answer": "-3"}', "-3"),
        ("Between 10-12 it is 5-3", "3"),
        ("It is - 7 as a list item", "7"),
        ("<think>maybe 99</think>It is 5.", "5"),
        ('{"reasoning": "13 of them", "answer": "None"}', None),
        ('{"reasoning": "13 of them", "answer": "', None),
        ("<think>the answer is 5", None),
        ("nobody knows", None),
        ("", None),
    ],
)
def test_final_number(text: str, number: str | None) -> None:
    assert extract(text, Extractor("final_number")) == number


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("so \\boxed{x^{2} + 1}.", "x^{2} + 1"),
        ("\\boxed{1} or rather \\boxed{ 2 }", "2"),
        ("\\boxed{\\{1, 2\\}}", "\\{1, 2\\}"),
        ("\\boxed {\\frac{1}{2}}", "\\frac{1}{2}"),
        ("\\boxed{5} and then \\boxed{unfinished", "5"),
        ("a } stray \\boxed{7}", "7"),
        ("\\boxed{}", None),
        ("boxed{5}", None),
    ],
)
def test_boxed(text: str, content: str | None) -> None:
    assert extract(text, Extractor("boxed")) == content


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("The answer is (I).", "I"),
        ("**C**", "C"),
        ("Answer: B", "B"),
        ("answer: **D) the last**", "D"),
        ('{"answer": "E"}', "E"),
        ("The correct answer is option G", "G"),
        ("the answer is \\boxed{\\text{H}}", "H"),
        ("Therefore, the answer is:\n\nG. the ordinance", "G"),
        ("The answer is (B).\n\nQuestion: another one? The answer is (A).", "B"),
        ("It must be (A), or rather (J)", "J"),
        ("The population of interest here is H. All county residents.", "H"),
        ("F", "F"),
        ("B) because of the wind", "B"),
        ("(C)", "C"),
        ("The answer is a matter of taste.", None),
        ("The answer is A matter of taste.", None),
        ("I think so. A lot.", None),
        ("The answer is DE.", None),
        ("", None),
    ],
)
def test_choice(text: str, letter: str | None) -> None:
    assert extract(text, Extractor("choice")) == letter


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\nx = 1\n```", "x = 1"),
        ("First\n```python\nx = 1\n```\nthen\n```python\nx = 2\n```\nrun\n```bash\npython x.py\n```", "x = 2"),
        ("```\na\n```\n```js\nlet b\n```", "let b"),
        ("- so:\n  ```py\n  if a:\n      b()\n  ```", "if a:\n    b()"),
        ("```python\nx = 1```", "x = 1"),
        ("```python\ndef f():\n    return 1", "def f():\n    return 1"),
        ("```python\ndef f():\n    return (1", None),
        ("def f(x):\n    return x\n", "def f(x):\n    return x"),
        ("    total = sum(xs)\n    return total\n", "    total = sum(xs)\n    return total"),
        ("print(1)", "print(1)"),
        ("x = '\\d'", "x = '\\d'"),
        ("Sorry", None),
        ("Sorry, I cannot write this.", None),
        ("```\n\n```", None),
        ("\x00", None),
        ("", None),
    ],
)
def test_code(text: str, code: str | None) -> None:
    assert extract(text, Extractor("code")) == code


@pytest.mark.parametrize(
    ("text", "field", "found"),
    [
        ('{"a": {"b": "yes"}}', "a.b", "yes"),
        ('Here: ```json\n{"a": [1, {"b": true}]}\n``` [1]', "a.1.b", "true"),
        ('[1] says {"answer": 2.50}', "answer", "2.5"),
        ('{"a": "line\nbreak"}', "a", "line\nbreak"),
        ('{"a": {"b": "ü"}}', "a", '{"b": "ü"}'),
        ('{x} and $\\frac{1}{2}$ {"a": 1}', "", '{"a": 1}'),
        ('{"a": null}', "a", None),
        ('{"a": ""}', "a", None),
        ('{"a": [1]}', "a.1", None),
        ('{"a": 1}', "b", None),
        ('{"a": 1}', "a.b", None),
        ('{"a": 1', "a", None),
        ("no json", "a", None),
    ],
)
def test_json(text: str, field: str, found: str | None) -> None:
    assert extract(text, Extractor("json", field)) == found


def test_whole_is_what_is_said_and_never_empty() -> None:
    assert extract("<think>x</think> yes \n", Extractor("whole")) == "yes"
    assert extract("<think>x", Extractor("whole")) is None


def test_an_unknown_extractor_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no extractor is called 'last_word'"):
        extract("5", Extractor("last_word"))


def test_answers_are_the_same_by_number_by_text_and_by_content() -> None:
    assert answer_key("18.0") == answer_key("$18") == answer_key(18) == answer_key(18.0) == "18"
    assert answer_key(" yes") == answer_key("yes") != answer_key("Yes")
    assert answer_key({"a": 1, "b": 2}) == answer_key({"b": 2, "a": 1}) != answer_key({"a": 1})


@given(st.text(alphabet="<think>/{}[]\\\"'`$boxed answer:is0123456789.,%eE-+/*#\n ", max_size=200))
def test_no_text_breaks_an_extractor(text: str) -> None:
    for name in EXTRACTORS:
        found = extract(text, Extractor(name))
        assert found is None or found
        assert found is None or isinstance(answer_key(found), str)


#: Texts that make careless patterns take quadratic time: each is 100 to 200 kB.
HOSTILE = {
    "markers": "answer is " * 20_000,
    "boxes": "\\boxed{" * 30_000,
    "braces": "{" * 200_000,
    "brackets": "[" * 200_000,
    "objects": '{"a":' * 40_000,
    "fields": '"answer":"' * 20_000,
    "fences": "```\n" * 50_000,
    "thinking": "<think>" * 30_000,
    "digits": "9" * 200_000,
    "thousands": "1,111" * 40_000,
    "decimals": "1.1" * 70_000,
    "spaces": "answer" + " " * 200_000,
    "fractions": "\\frac{" * 30_000,
    "mixed": "1 1/" * 50_000,
    "stars": "**" * 100_000,
    "functions": "def f():\n" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_read_in_time(name: str) -> None:
    start = time.process_time()
    for extractor in EXTRACTORS:
        extract(HOSTILE[name], Extractor(extractor))
    answer_key(HOSTILE[name])
    assert time.process_time() - start < 5
