"""Structured output: what a model is told of a type, and which replies are read as one."""

from __future__ import annotations

import json
import time

import pytest

from ttsc.values.request import Accepted, Rejected
from ttsc.values.schema import (
    COMPLAINT_BYTES,
    answerable,
    form,
    instruction,
    json_schema,
    json_values,
    read_json,
    rejected,
    reply_schema,
)
from ttsc.values.types import Boolean, Candidates, Choice, ListOf, Number, Record, Text, Type, Unknown
from ttsc.values.types import Tests as Suite

LEVEL = Choice(("easy", "hard"))
STEP = Record((("task", Text()), ("difficulty", Number()), ("level", LEVEL), ("done", Boolean())), "step")
STEPS = ListOf(STEP, 2)
WRITTEN = {"task": "add", "difficulty": 0.5, "level": "hard", "done": False}


def value(text: str, wanted: Type) -> object:
    """What a reply is read as; the complaint where it is not."""
    match read_json(text, wanted):
        case Accepted(value=found):
            return found
        case Rejected(complaint=complaint):
            before, after = "That reply cannot be used: ", ". Reply again in the form asked for, with nothing else."
            assert complaint.startswith(before)
            assert complaint.endswith(after)
            return complaint.removeprefix(before).removesuffix(after)


# --- what a model is told -------------------------------------------------------------


def test_schema_of_a_record_keeps_the_declared_order() -> None:
    assert json.dumps(json_schema(STEPS)) == (
        '{"type": "array", "items": {"type": "object", "properties": {"task": {"type": "string"}, '
        '"difficulty": {"type": "number"}, "level": {"type": "string", "enum": ["easy", "hard"]}, '
        '"done": {"type": "boolean"}}, "required": ["task", "difficulty", "level", "done"], '
        '"additionalProperties": false}, "maxItems": 2}'
    )
    assert json_schema(ListOf(Text())) == {"type": "array", "items": {"type": "string"}}


def test_a_reply_that_is_no_record_stands_in_a_field() -> None:
    assert json.loads(reply_schema(Number())) == {
        "type": "object",
        "properties": {"answer": {"type": "number"}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    assert json.loads(reply_schema(STEP)) == json_schema(STEP)


def test_forms() -> None:
    assert form(STEPS) == (
        '[{"task": "text", "difficulty": number, "level": "easy" | "hard", "done": true | false}, …] (at most 2 items)'
    )
    assert instruction(STEP, enforced=True) == "Reply in JSON."
    assert instruction(LEVEL, enforced=False) == 'Reply with exactly one of these and nothing else: "easy", "hard"'
    assert instruction(Number(), enforced=False) == "Reply with one number and nothing else."
    assert instruction(Boolean(), enforced=False) == "Reply with true or false and nothing else."
    assert instruction(ListOf(Text()), enforced=False) == (
        'Reply with JSON of this form and nothing else:\n["text", …]'
    )


def test_what_no_model_can_answer_with() -> None:
    assert answerable(STEPS)
    for wanted in (Suite(), ListOf(Suite()), Record((("tests", Suite()),)), Candidates(1, 1), Unknown()):
        assert not answerable(wanted)
    with pytest.raises(TypeError, match="no JSON schema for a Tests"):
        json_schema(Suite())


# --- how a reply is read --------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps([WRITTEN]),
        f"<think>[1, 2] is wrong</think>\n{json.dumps([WRITTEN])}",
        f"Here you are:\n```json\n{json.dumps([WRITTEN], indent=2)}\n```\nAnything else?",
        json.dumps({"answer": [WRITTEN]}),
        json.dumps({"steps": [WRITTEN]}),
        f"First I thought {json.dumps([WRITTEN | {'task': 'no'}])}, but no: {json.dumps([WRITTEN])}",
        json.dumps([{k.upper(): v for k, v in WRITTEN.items()}]),
        json.dumps([WRITTEN | {"level": " HARD", "difficulty": "0.5", "done": "no", "why": "extra"}]),
    ],
)
def test_a_value_is_found_however_it_is_wrapped(reply: str) -> None:
    assert value(reply, STEPS) == ({"task": "add", "difficulty": 0.5, "level": "hard", "done": False},)


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        ("I cannot do that", "there is no JSON in it"),
        ("", "there is no JSON in it"),
        ('[{"task": "add"', "there is no JSON in it"),
        (json.dumps([WRITTEN] * 3), "the value has 3 items, at most 2 are allowed"),
        (json.dumps({"task": 1}), "the value must be a list"),
        (json.dumps([{"task": "add"}]), "the field `[0].difficulty` is missing"),
        (json.dumps([WRITTEN | {"level": "not hard"}]), '`[0].level` must be one of "easy", "hard"'),
        (json.dumps([WRITTEN | {"difficulty": "high"}]), "`[0].difficulty` must be a number"),
        (json.dumps([WRITTEN | {"difficulty": True}]), "`[0].difficulty` must be a number"),
        (json.dumps([WRITTEN | {"done": 1}]), "`[0].done` must be true or false"),
        (json.dumps([WRITTEN | {"task": None}]), "`[0].task` must be a text"),
        (json.dumps([WRITTEN | {"task": ["a"]}]), "`[0].task` must be a text"),
        (json.dumps([3]), "`[0]` must be an object"),
    ],
)
def test_a_value_that_does_not_fit_says_why(reply: str, complaint: str) -> None:
    assert value(reply, STEPS) == complaint


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "8/10", "80%", "0,5", "1" * 400, "1" * 5_000, '"nan"'])
def test_what_is_no_number(number: str) -> None:
    assert isinstance(read_json(f'{{"answer": {number}}}', Number()), Rejected)
    assert isinstance(read_json(f'{{"answer": "{number}"}}', Number()), Rejected)


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        ("7", 7), ("0.25", 0.25), ("-3", -3), ("**7**", 7), ("Rating: 7.", 7), ("The answer is 7", 7), ('"7"', 7),
        ("Some prose first.\n\nAnswer: 7", 7), ("1,234", 1234), ('{"answer": "1,234.5"}', 1234.5), (".5", 0.5),
        ('{"reason": "3 of 4", "answer": 0.75}', 0.75),
    ],
)  # fmt: skip
def test_numbers_may_stand_alone(reply: str, number: float) -> None:
    assert value(reply, Number()) == number


@pytest.mark.parametrize("reply", ["between 3 and 4", "3\nor rather\n4", "", "three"])
def test_unclear_numbers_are_rejected(reply: str) -> None:
    assert isinstance(read_json(reply, Number()), Rejected)


@pytest.mark.parametrize(
    "reply", ["hard", "Hard.", '"hard"', "**hard**", '{"answer": "HARD"}', "Label: hard", "hard\n\nBecause."]
)
def test_choices_may_stand_alone(reply: str) -> None:
    assert value(reply, LEVEL) == "hard"


@pytest.mark.parametrize("reply", ["not hard", "easy or hard", "easy\nno, hard\nhard", "it is hard to say", ""])
def test_unclear_choices_are_rejected(reply: str) -> None:
    assert isinstance(read_json(reply, LEVEL), Rejected)


def test_options_that_differ_only_in_case_are_told_apart() -> None:
    wanted = Choice(("us", "US"))
    assert value("US", wanted) == "US"
    assert isinstance(read_json("Us", wanted), Rejected)


def test_booleans_may_stand_alone() -> None:
    assert [value(t, Boolean()) for t in ("true", "No.", '{"answer": false}')] == [True, False, False]
    assert isinstance(read_json("maybe", Boolean()), Rejected)


def test_text_is_taken_as_it_is_without_reasoning() -> None:
    assert value("<think>hm</think> [1, 2] ", Text()) == "[1, 2]"


def test_latex_in_json_keeps_its_backslashes() -> None:
    assert value(r'{"task": "\sqrt{2} \(x\)"}', Record((("task", Text()),))) == {"task": r"\sqrt{2} \(x\)"}


def test_a_lone_surrogate_becomes_text_that_can_be_stored() -> None:
    assert value(r'["\ud800"]', ListOf(Text())) == ("?",)


def test_records_are_read_only() -> None:
    found = value(json.dumps(WRITTEN), STEP)
    with pytest.raises(TypeError):
        found["task"] = "changed"  # type: ignore[index]


def test_json_values_are_the_outermost_ones_in_order() -> None:
    assert list(json_values('a {"b": [1]} c [2, [3]] {d} "e"')) == [{"b": [1]}, [2, [3]]]
    assert list(json_values(' "e" ')) == ["e"]


def test_complaints_are_short_whatever_they_quote() -> None:
    complaint = rejected("ß" * 10_000).complaint
    assert len(complaint.encode()) <= COMPLAINT_BYTES
    assert complaint.endswith("with nothing else.")


@pytest.mark.parametrize(
    "hostile",
    ["[" * 60_000, '{"a":' * 12_000, "[1," * 20_000, '["' * 30_000, "[0] [" * 12_000, "[" * 900 + "1," * 30_000],
)
def test_hostile_replies_are_read_in_bounded_time(hostile: str) -> None:
    started = time.process_time()
    read_json(hostile, STEP)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("reply", ["```json\n42\n```", "```\n42\n```", "Sure:\n```\n42\n```"])
def test_a_plain_value_may_stand_between_fences(reply: str) -> None:
    assert read_json(reply, Number()) == Accepted(42)
