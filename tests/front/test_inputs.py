"""Inputs: typed, immutable, and one clear error that names the place."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import pytest

from ttsc.front.errors import DataError, UsageError
from ttsc.front.inputs import Question, from_texts, question, questions, read_lines
from ttsc.values import types
from ttsc.values.types import Boolean, Choice, ListOf, Model, Number, Record, Text, Type

STEP = Record((("task", Text()), ("difficulty", Number())), "step")
NOT_UTF8 = "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte"
PARAMETERS: tuple[tuple[str, Type], ...] = (("question", Text()), ("samples", Number()))


def error(values: Mapping[str, object], *parameters: tuple[str, Type]) -> str:
    with pytest.raises(UsageError) as caught:
        question(values, parameters)
    return str(caught.value)


def test_values_come_out_in_the_order_of_the_parameters() -> None:
    made = question({"samples": 4, "question": "2 + 2?"}, PARAMETERS, "q1")
    assert (list(made.inputs.items()), made.item) == ([("question", "2 + 2?"), ("samples", 4)], "q1")


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    message = error({"qestion": "?"}, *PARAMETERS)
    assert message == "the pipeline has no parameter `qestion`: did you mean `question`?"


def test_a_foreign_name_is_answered_with_what_there_is() -> None:
    message = error({"x": "?"}, *PARAMETERS)
    assert message == "the pipeline has no parameter `x`: it takes `question` or `samples`"


def test_a_missing_value_says_what_to_give() -> None:
    assert error({"question": "?"}, *PARAMETERS) == "no value for `samples`: give `samples` (number)"


@pytest.mark.parametrize(
    ("type", "value", "message"),
    [
        (Text(), 5, "`x` must be a value of type text, and 5 is not"),
        (Number(), "5", '`x` must be a value of type number, and "5" is not'),
        (Number(), True, "`x` must be a value of type number, and true is not"),
        (Boolean(), 1, "`x` must be a value of type boolean, and 1 is not"),
        (Choice(("easy", "hard")), "hrad", '`x` must be one of "easy" | "hard", and "hrad" is not'),
        (ListOf(Text(), 2), ["a", 3], "`x[1]` must be a value of type text, and 3 is not"),
        (ListOf(Text(), 1), ["a", "b"], "`x` has 2 items, and [text; 1] has room for 1"),
        (STEP, {"task": "add"}, "`x` lacks the field `difficulty`"),
        (STEP, {"task": 1, "difficulty": 2}, "`x.task` must be a value of type text, and 1 is not"),
        (Model(), "gpt", '`x` must be model (only another pipeline can pass that), and "gpt" is not'),
    ],
)
def test_a_value_of_another_type_is_refused(type: Type, value: object, message: str) -> None:
    assert error({"x": value}, ("x", type)) == message


def test_lists_and_records_become_immutable() -> None:
    made = question({"x": [{"task": "add", "difficulty": 1, "extra": 0}]}, (("x", ListOf(STEP, 4)),)).inputs["x"]
    assert made == ({"task": "add", "difficulty": 1},)
    assert isinstance(made, tuple)
    with pytest.raises(TypeError):
        made[0]["task"] = "no"


def test_texts_of_the_command_line_are_read_by_type() -> None:
    parameters = (("a", Text()), ("b", Number()), ("c", ListOf(Text(), 3)), ("d", types.Tests()))
    texts = {"a": "5", "b": "5", "c": '["x"]', "d": "assert f(1) == 2", "unknown": "{"}
    assert from_texts(texts, parameters) == {
        "a": "5", "b": 5, "c": ["x"], "d": "assert f(1) == 2", "unknown": "{",
    }  # fmt: skip


def test_a_number_that_is_none_says_so() -> None:
    with pytest.raises(UsageError, match=r"`b` is a number, to be written as JSON, and 'five' is not"):
        from_texts({"b": "five"}, (("b", Number()),))


def test_a_data_file_binds_fields_by_name_and_by_map(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    first, second = '{"id": 7, "prompt": "1+1?", "samples": 3, "answer": "2"}', '{"prompt": "é", "samples": 1}'
    path.write_text(f"{first}\n\n{second}\n", "utf-8")
    made = questions(read_lines(path), PARAMETERS, {"question": "prompt"})
    assert [(dict(q.inputs), q.item) for q in made] == [
        ({"question": "1+1?", "samples": 3}, "7"),
        ({"question": "é", "samples": 1}, ""),
    ]


def test_a_compressed_data_file_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"question": "?", "samples": 1}\n'))
    (made,) = questions(read_lines(path), PARAMETERS, {})
    assert made == Question({"question": "?", "samples": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": "a"}\n{"a": \n', ":2: not a line of JSON in UTF-8: Expecting value: line 1 column 7 (char 6)"),
        (b"[1, 2]\n", ":1: a JSON object is needed, one per line; this is a list"),
        (b'"\xff"\n', f":1: not a line of JSON in UTF-8: {NOT_UTF8}"),
        (b"\n\n", ": holds no records"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_lines(path)
    assert str(caught.value) == f"{path}{message}"


def test_a_file_that_is_not_gzip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(b"plain")
    with pytest.raises(DataError, match=r"data\.jsonl\.gz: cannot be read"):
        read_lines(path)


def test_a_record_without_the_field_says_how_to_map(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"questions": "?"}\n', "utf-8")
    with pytest.raises(DataError) as caught:
        questions(read_lines(path), (("question", Text()),), {})
    assert str(caught.value) == (
        f"{path}:1: no field `question` for the parameter `question`; the record has `questions`. "
        "To take another field: --map question=.questions"
    )


def test_a_record_with_a_value_of_another_type_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"question": "?"}\n{"question": 5}\n', "utf-8")
    with pytest.raises(DataError) as caught:
        questions(read_lines(path), (("question", Text()),), {})
    assert str(caught.value) == f"{path}:2: `question` must be a value of type text, and 5 is not"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1e41, 10**400])
def test_a_number_out_of_the_range_of_numbers_is_refused(number: float) -> None:
    with pytest.raises(UsageError, match="`samples` must be a number from -1e40 to 1e40"):
        question({"samples": number}, (("samples", Number()),))


def test_a_whole_number_may_be_written_with_a_point() -> None:
    made = question({"samples": 2.0}, (("samples", Number()),)).inputs["samples"]
    assert (made, type(made)) == (2, int)
