"""The OpenAI-compatible transport over a real socket, against every way a server can fail."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fakeserver import FakeServer, Faults, ModelProfile, Rule, ServerConfig, serve
from tests.models.conformance import Conformance, answered, keys, request_to
from ttsc.models.openai_compatible import OpenAICompatible, Patience
from ttsc.values.model import Capabilities, ModelSpec, Secret
from ttsc.values.money import Price
from ttsc.values.request import Fault, Message, Outcome, Request

KEY = "sk-canary-0123456789abcdef"
ENVIRONMENT = {"FAKE_KEY": KEY}


@asynccontextmanager
async def reached(
    profile: ModelProfile | None = None, patience: Patience | None = None, environment: Mapping[str, str] = ENVIRONMENT,
    **config: Any,
) -> AsyncIterator[tuple[OpenAICompatible, ModelSpec, FakeServer]]:  # fmt: skip
    settings = ServerConfig(default=profile or ModelProfile(), trace=True, **config)
    async with serve(settings) as (url, app):
        provider = OpenAICompatible(environment, patience)
        capabilities = Capabilities(n=True, schema=True)
        yield provider, ModelSpec("m", "hosted_vllm/fake", api_base=url, capabilities=capabilities), app
        await provider.close()


async def failing(fault: str, n: int = 1, patience: Patience | None = None) -> Outcome:
    async with reached(ModelProfile(faults=Faults(**{fault: 1.0})), patience) as (provider, spec, _):
        request = request_to(dataclasses.replace(spec, api_key=Secret("FAKE_KEY")), max_tokens=0)
        return await provider.attempt(request, keys(request, n))


class TestConformance(Conformance):
    @asynccontextmanager
    async def reach(self) -> AsyncIterator[tuple[OpenAICompatible, ModelSpec]]:
        async with reached() as (provider, spec, _):
            yield provider, spec

    repeats = False  # a server promises nothing

    @asynccontextmanager
    async def broken(self) -> AsyncIterator[tuple[OpenAICompatible, ModelSpec]]:
        async with reached(ModelProfile(faults=Faults(server_error=1.0))) as (provider, spec, _):
            yield provider, spec


EXPECTED = {
    "rate_limited": Fault("rate_limit", "status 429: Rate limit reached", 0.05),
    "quota": Fault("quota", "status 429: You exceeded your current quota, please check your plan and billing details."),
    "auth": Fault("auth", "status 401: Incorrect API key provided"),
    "auth_as_400": Fault("auth", "status 400: API key not valid. Please pass a valid API key."),
    "permission": Fault("permission", "status 403: This project may not use the model"),
    "context_length": Fault("context_length", "status 400: This model's maximum context length is 8192 tokens."),
    "content_filter": Fault("content_filter", "status 400: The prompt was filtered by the content management policy."),
    "bad_request": Fault("bad_request", "status 400: temperature is out of range"),
    "server_error": Fault("server", "status 500: The server had an error"),
    "unavailable": Fault("overloaded", "status 503: The engine is overloaded"),
    "redirect": Fault("bad_request", "status 307: no message"),
    "not_json": Fault("malformed", "status 200: not JSON: an HTML page instead of JSON"),
    "empty_choices": Fault("empty", "status 200: no choices"),
    "null_content": Fault("empty", "status 200: a choice without text"),
    "filtered": Fault("content_filter", "the provider's content filter stopped the reply"),
    "refusal": Fault("refusal", "I cannot help with that."),
    "error_in_200": Fault("server", "status 502: Upstream provider failed"),
}


@pytest.mark.parametrize("fault", EXPECTED)
def test_every_failure_has_its_name(fault: str) -> None:
    assert asyncio.run(failing(fault)) == EXPECTED[fault]


def test_the_table_of_failures_is_complete() -> None:
    elsewhere = {"hang", "stall", "reset", "truncated", "missing_choice", "extra_choice", "no_usage"}
    assert {f.name for f in dataclasses.fields(Faults)} == set(EXPECTED) | elsewhere


@pytest.mark.parametrize("fault, kind", [("reset", "reset"), ("truncated", "truncated")])
def test_a_broken_connection(fault: str, kind: str) -> None:
    outcome = asyncio.run(failing(fault))
    assert isinstance(outcome, Fault)
    assert outcome.kind == kind
    assert KEY not in outcome.message


@pytest.mark.parametrize(
    "fault, patience, kind",
    [
        ("hang", Patience(first_byte_s=0.01), "timeout_first_byte"),
        ("hang", Patience(total_s=0.01), "timeout_total"),
        ("stall", Patience(idle_s=0.01), "timeout_total"),
    ],
)
def test_a_server_that_says_nothing(fault: str, patience: Patience, kind: str) -> None:
    outcome = asyncio.run(failing(fault, patience=patience))
    assert isinstance(outcome, Fault)
    assert outcome.kind == kind


def test_nobody_listens() -> None:
    async def go() -> Outcome:
        async with serve(ServerConfig()) as (url, _):
            pass
        provider = OpenAICompatible({})
        request = request_to(ModelSpec("m", "hosted_vllm/fake", api_base=url))
        outcome = await provider.attempt(request, keys(request, 1))
        await provider.close()
        return outcome

    outcome = asyncio.run(go())
    assert isinstance(outcome, Fault)
    assert outcome.kind == "timeout_connect"


def test_too_few_choices_are_given_as_far_as_they_go() -> None:
    outcome = asyncio.run(failing("missing_choice", n=3))
    assert len(answered(outcome).replies) == 2


def test_too_many_choices_are_cut_and_paid_for() -> None:
    async def go() -> None:
        async with reached(ModelProfile(faults=Faults(extra_choice=1.0))) as (provider, spec, _):
            request = request_to(spec)
            outcome = answered(await provider.attempt(request, keys(request, 2)))
            assert len(outcome.replies) == 2

    asyncio.run(go())


def test_usage_that_is_not_reported_is_estimated_and_its_cost_unknown() -> None:
    async def go() -> None:
        async with reached(ModelProfile(faults=Faults(no_usage=1.0))) as (provider, spec, _):
            request = request_to(dataclasses.replace(spec, price=Price(1, 1)))
            usage = answered(await provider.attempt(request, keys(request, 1))).usage
            assert usage.estimated
            assert usage.cost is None

    asyncio.run(go())


def test_a_reply_cut_off_says_so() -> None:
    async def go() -> None:
        async with reached(ModelProfile(tokens_out=50)) as (provider, spec, _):
            request = request_to(spec, max_tokens=5)
            outcome = answered(await provider.attempt(request, keys(request, 1)))
            assert outcome.replies[0].finish == "length"
            assert outcome.usage.output_tokens == 5

    asyncio.run(go())


def test_thinking_that_used_up_all_tokens_is_a_truncated_reply_and_not_an_empty_one() -> None:
    async def go() -> None:
        rules = [Rule("shelf", reply="", finish_reason="length")]
        async with reached(rules=rules) as (provider, spec, _):
            request = request_to(spec)
            reply = answered(await provider.attempt(request, keys(request, 1))).replies[0]
            assert (reply.text, reply.finish) == ("", "length")

    asyncio.run(go())


async def sent(request: Request, provider: OpenAICompatible, app: FakeServer, n: int = 1) -> dict[str, Any]:
    answered(await provider.attempt(request, keys(request, n)))
    return app.bodies[-1]


def test_what_is_sent() -> None:
    async def go() -> None:
        async with reached() as (provider, spec, app):
            schema = '{"type": "object", "properties": {}, "additionalProperties": false}'
            request = request_to(spec, "hi", schema=schema, temperature=0.5, stop=("\n\n",), max_tokens=9)
            request = dataclasses.replace(
                request,
                messages=(Message("system", "s"), *request.messages),
                parameters=dataclasses.replace(request.parameters, top_p=0.9, extra=(("top_k", 4),)),
            )
            assert await sent(request, provider, app, n=2) == {
                "model": "fake",
                "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}],
                "temperature": 0.5,
                "top_p": 0.9,
                "stop": ["\n\n"],
                "top_k": 4,
                "max_tokens": 9,
                "n": 2,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {
                        "name": "answer",
                        "schema": {"type": "object", "properties": {}, "additionalProperties": False},
                        "strict": True,
                    },
                },
            }
            plain = request_to(dataclasses.replace(spec, capabilities=Capabilities()), "hi", schema=schema)
            assert await sent(plain, provider, app) == {
                "model": "fake",
                "messages": [{"role": "user", "content": "hi"}],
                "max_tokens": 4096,
            }

    asyncio.run(go())


def test_a_conversation_that_ends_with_the_model_is_continued_by_vllm() -> None:
    async def go() -> None:
        async with reached() as (provider, spec, app):
            request = request_to(spec)
            request = dataclasses.replace(request, messages=(*request.messages, Message("assistant", "First, ")))
            body = await sent(request, provider, app)
            assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)

    asyncio.run(go())


def test_connections_are_kept_and_nothing_caps_how_many_calls_are_in_flight() -> None:
    async def go() -> None:
        async with reached(ModelProfile(min_s=0.05)) as (provider, spec, app):
            request = request_to(spec)
            calls = (provider.attempt(request, keys(request, 1)) for _ in range(300))
            assert all(answered(outcome) for outcome in await asyncio.gather(*calls))
            assert app.max_in_flight == 300

    asyncio.run(go())


def test_a_key_goes_out_as_a_bearer_token_and_never_into_a_fault() -> None:
    async def go() -> None:
        async with reached(api_key="another") as (provider, spec, app):
            request = request_to(dataclasses.replace(spec, api_key=Secret("FAKE_KEY")))
            outcome = await provider.attempt(request, keys(request, 1))
            assert f"Bearer {KEY}".encode() in app.heads[-1]
            assert outcome == Fault("auth", "status 401: Incorrect API key provided: [key]")

    asyncio.run(go())


def test_an_endpoint_of_the_file_does_not_get_the_providers_key() -> None:
    async def go() -> None:
        async with reached(environment={"OPENAI_API_KEY": KEY}) as (provider, spec, app):
            request = request_to(dataclasses.replace(spec, target="openai/fake"))
            answered(await provider.attempt(request, keys(request, 1)))
            assert b"authorization" not in app.heads[-1].lower()

    asyncio.run(go())


def test_a_key_that_is_not_set_is_a_fault_and_not_a_call() -> None:
    async def go() -> None:
        async with reached(environment={}) as (provider, spec, app):
            request = request_to(dataclasses.replace(spec, api_key=Secret("FAKE_KEY")))
            assert await provider.attempt(request, keys(request, 1)) == Fault(
                "auth",
                "model m (hosted_vllm/fake) needs its key in the environment variable FAKE_KEY, which is not set",
            )
            assert app.heads == []

    asyncio.run(go())


def test_a_proxy_of_the_environment_is_used_and_its_exceptions_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go(base: str) -> Outcome:
        async with serve(ServerConfig()) as (proxy, app):
            monkeypatch.setenv("http_proxy", re.sub(r"/v1$", "", proxy))
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            provider = OpenAICompatible({})
            request = request_to(ModelSpec("m", "hosted_vllm/fake", api_base=base))
            outcome = await provider.attempt(request, keys(request, 1))
            await provider.close()
            assert app.status["200"] == (1 if base == "http://model.invalid/v1" else 0)
            return outcome

    answered(asyncio.run(go("http://model.invalid/v1")))
    direct = asyncio.run(go("http://127.0.0.1:1/v1"))
    assert isinstance(direct, Fault)
    assert direct.kind == "timeout_connect"


def test_a_call_costs_little_processor_time() -> None:
    """The goal is 0.5 ms per call without the server; here the server shares the process."""

    async def go() -> float:
        async with reached() as (provider, spec, _):
            request = request_to(spec)
            key = keys(request, 1)
            await asyncio.gather(*(provider.attempt(request, key) for _ in range(64)))
            gc.collect()
            start = time.process_time()
            for _ in range(10):
                await asyncio.gather(*(provider.attempt(request, key) for _ in range(64)))
            return (time.process_time() - start) / 640 * 1000

    assert asyncio.run(go()) < 2.0
