"""The OpenAI chat protocol as data: a request out, an outcome in, no sockets.

What comes back is believed in no part. No choices, no text, fewer choices than asked for, an
error in a 200, or something that is not JSON are faults, not successes with holes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ttsc.models.faults import message_of, of_error
from ttsc.values.money import FREE, Cost
from ttsc.values.request import Answered, Fault, FinishReason, Outcome, Parameters, Reply, Request
from ttsc.values.usage import Usage

#: OpenAI's reasoning models take their limit under another name and refuse the usual one.
_REASONING = re.compile(r"(o\d|gpt-5)")

_FINISHES: dict[str, FinishReason] = {
    "stop": "stop", "length": "length", "content_filter": "content_filter", "tool_calls": "tool_calls",
    "function_call": "tool_calls", "max_tokens": "length",
}  # fmt: skip


def encode(request: Request, count: int) -> dict[str, object]:
    """The body that asks for `count` replies."""
    spec, parameters = request.model, request.parameters
    body: dict[str, object] = {
        "model": spec.model,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        **sampling(parameters),
        **dict(parameters.extra),
    }
    renamed = spec.provider == "openai" and spec.api_base is None and _REASONING.match(spec.model)
    body["max_completion_tokens" if renamed else "max_tokens"] = parameters.max_tokens
    if count > 1:
        body["n"] = count
    if parameters.schema is not None and spec.capabilities.schema:
        body["response_format"] = response_format(parameters.schema)
    if spec.provider == "hosted_vllm" and request.messages[-1].role == "assistant":
        body.update(continue_final_message=True, add_generation_prompt=False)
    return body


def sampling(parameters: Parameters) -> dict[str, object]:
    """The sampling parameters that are set."""
    settings = {
        "temperature": parameters.temperature, "top_p": parameters.top_p, "stop": list(parameters.stop) or None,
    }  # fmt: skip
    return {name: value for name, value in settings.items() if value is not None}


def response_format(schema: str) -> dict[str, object]:
    """The setting that asks for structured output, strict where the schema allows nothing else."""
    parsed = json.loads(schema)
    strict = parsed.get("type") == "object" and parsed.get("additionalProperties") is False
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": parsed, "strict": strict}}


def decode(body: bytes, request: Request, count: int, latency_s: float, key: str | None) -> Outcome:
    """The outcome that the body of a 200 answer is."""
    try:
        answer = json.loads(body)
    except ValueError:
        return Fault("malformed", f"status 200: not JSON: {message_of(body.decode('utf-8', 'replace'), key)}")
    return read(answer, request, count, latency_s, key)


def read(answer: object, request: Request, count: int, latency_s: float, key: str | None) -> Outcome:
    """The outcome that a parsed answer is.

    More choices than asked for are paid for and dropped; where there are fewer, as from servers
    that do not know `n`, those that came are given.
    """
    if not isinstance(answer, dict):
        return Fault("malformed", f"status 200: not a JSON object: {message_of(json.dumps(answer), key)}")
    if answer.get("error"):
        return of_error(answer["error"], key)
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        return Fault("empty", "status 200: no choices")
    replies: list[Reply] = []
    for choice in choices[:count]:
        reply = _reply(choice)
        if isinstance(reply, Fault):
            return reply
        replies.append(reply)
    return Answered(tuple(replies), _usage(answer.get("usage"), request, replies), latency_s)


def _reply(choice: object) -> Reply | Fault:
    """One choice. No text is `empty`, unless tokens ran out while the model was still thinking."""
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return Fault("malformed", "status 200: a choice without a message")
    reason = choice.get("finish_reason")
    finish = _FINISHES.get(reason, "stop") if isinstance(reason, str) else "stop"
    text = _text(message.get("content"))
    if finish == "content_filter":
        return Fault("content_filter", "the provider's content filter stopped the reply")
    if not text and isinstance(refusal := message.get("refusal"), str) and refusal:
        return Fault("refusal", message_of(refusal, None))
    if not text and finish == "stop":
        return Fault("empty", "status 200: a choice without text")
    return Reply(text, finish)


def _text(content: object) -> str:
    """A message's content: a text, or text parts one after the other."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return content if isinstance(content, str) else ""


def _usage(reported: object, request: Request, replies: list[Reply]) -> Usage:
    """What was used. Where the provider does not say, tokens are guessed and the cost is unknown.

    A model that is free is free all the same.
    """
    usage = reported if isinstance(reported, dict) else {}
    sent, said = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if sent is None or said is None:
        guessed_in = sum(len(m.content) for m in request.messages) // 4 + 1
        guessed_out = sum(len(r.text) for r in replies) // 4 + 1
        free = request.model.price == FREE
        return Usage(0, 1, guessed_in, guessed_out, cost=0 if free else None, estimated=True)
    cached = min(sent, _count(_part(usage, "prompt_tokens_details"), "cached_tokens") or 0)
    reasoning = min(said, _count(_part(usage, "completion_tokens_details"), "reasoning_tokens") or 0)
    price = request.model.price
    cost: Cost = None if price is None else price.of(sent, said, cached)
    return Usage(0, 1, sent, said, reasoning, cached, cost)


def _part(usage: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = usage.get(name)
    return part if isinstance(part, dict) else {}


def _count(usage: Mapping[str, object], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
