"""What comes back over the wire is believed in no part; waits are read in every form."""

from __future__ import annotations

import json

import pytest

from tests.models.conformance import answered, request_to
from ttsc.models.faults import of_status, retry_after_s
from ttsc.models.wire import decode, encode
from ttsc.values.model import ModelSpec
from ttsc.values.money import Price
from ttsc.values.request import Answered, Fault, Reply
from ttsc.values.usage import Usage

REQUEST = request_to(ModelSpec("m", "openai/gpt-4o", price=Price(2_000_000, 8_000_000, 1_000_000)), "hi")


def body(**changes: object) -> bytes:
    choice = {"message": {"content": "four"}, "finish_reason": "stop"}
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 6,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    return json.dumps({"choices": [choice], "usage": usage, **changes}).encode()


def test_usage_with_cached_and_reasoning_tokens() -> None:
    assert decode(body(), REQUEST, 1, 0.5, None) == Answered(
        (Reply("four"),), Usage(0, 1, 10, 6, 5, 4, cost=6 * 2 + 4 * 1 + 6 * 8), 0.5
    )


@pytest.mark.parametrize(
    "usage",
    [None, "many", {}, {"prompt_tokens": -1, "completion_tokens": 2}, {"prompt_tokens": True}, {"prompt_tokens": 5}],
)
def test_usage_that_makes_no_sense_is_an_estimate_of_unknown_cost(usage: object) -> None:
    assert answered(decode(body(usage=usage), REQUEST, 1, 0, None)).usage == Usage(
        0, 1, 1, 2, cost=None, estimated=True
    )


@pytest.mark.parametrize(
    "choices",
    [[None], [{}], [{"message": None}], [{"message": {"content": 5}}], [{"message": {"content": ""}}], {}, None, "x"],
)
def test_choices_that_make_no_sense_are_faults(choices: object) -> None:
    outcome = decode(body(choices=choices), REQUEST, 1, 0, None)
    assert isinstance(outcome, Fault)
    assert outcome.kind in ("empty", "malformed")


def test_text_parts_are_joined_and_tool_calls_need_no_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    choices = [
        {"message": {"content": parts}, "finish_reason": "stop"},
        {"message": {"content": None}, "finish_reason": "tool_calls"},
    ]
    assert answered(decode(body(choices=choices), REQUEST, 2, 0, None)).replies == (
        Reply("ab"),
        Reply("", "tool_calls"),
    )


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"choices"', b"\xff\xfe"])
def test_what_is_not_an_object_is_malformed(content: bytes) -> None:
    outcome = decode(content, REQUEST, 1, 0, None)
    assert isinstance(outcome, Fault)
    assert outcome.kind == ("empty" if content == b"{}" else "malformed")


@pytest.mark.parametrize(
    "target, name",
    [
        ("openai/gpt-4o", "max_tokens"),
        ("openai/o4-mini", "max_completion_tokens"),
        ("openai/gpt-5-mini", "max_completion_tokens"),
        ("groq/o4-mini", "max_tokens"),
    ],
)
def test_reasoning_models_of_openai_take_their_limit_under_another_name(target: str, name: str) -> None:
    assert encode(request_to(ModelSpec("m", target), "hi", max_tokens=9), 1)[name] == 9


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "60", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds


@pytest.mark.parametrize(
    "status, text, kind",
    [
        (402, "", "quota"),
        (413, "", "context_length"),
        (422, "prompt is too long: 250000 tokens", "context_length"),
        (429, "Rate limit reached; see your billing page. tokens per min: context window", "rate_limit"),
        (418, "", "bad_request"),
        (500, "context length", "server"),
        (504, "<html>", "server"),
        (529, "", "overloaded"),
    ],
)
def test_statuses(status: int, text: str, kind: str) -> None:
    assert of_status(status, {}, text, None).kind == kind


def test_a_key_is_gone_before_a_message_is_cut() -> None:
    key = "sk-0123456789"
    message = of_status(400, {}, "x" * 395 + key, key).message
    assert "sk-01" not in message
