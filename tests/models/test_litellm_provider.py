"""litellm as a last resort: its own mock answers, no network. Its import is slow, so all of it is here."""

from __future__ import annotations

import asyncio
import dataclasses
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import openai
import pytest

from tests.models.conformance import Conformance, answered, keys, request_to
from ttsc.models.protocol import Provider
from ttsc.values.model import ModelSpec, Secret
from ttsc.values.request import Fault, Outcome, Request

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # litellm's own, at import
    import litellm

    from ttsc.models.litellm_provider import LiteLLM

pytestmark = pytest.mark.filterwarnings("ignore:::litellm", "ignore:::pydantic", "ignore::ResourceWarning")
SPEC = ModelSpec("m", "anthropic/claude-sonnet-4-5")


class Mocked:
    """litellm's provider with a canned reply put into every request."""

    def __init__(self, reply: str) -> None:
        self.inner = LiteLLM()
        self.reply = reply

    async def attempt(self, request: Request, draws: Any) -> Outcome:
        extra = (("mock_response", self.reply), ("api_key", "none"))
        parameters = dataclasses.replace(request.parameters, extra=extra)
        return await self.inner.attempt(dataclasses.replace(request, parameters=parameters), draws)

    async def close(self) -> None:
        await self.inner.close()


class TestConformance(Conformance):
    samples = 1  # Claude takes no `n`; its capabilities say so

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[tuple[Provider, ModelSpec]]:
        yield Mocked("There are 42."), SPEC

    @asynccontextmanager
    async def broken(self) -> AsyncIterator[tuple[Provider, ModelSpec]]:
        yield Mocked("litellm.RateLimitError"), SPEC


@pytest.mark.parametrize(
    "mock, kind",
    [
        ("litellm.RateLimitError", "rate_limit"),
        ("litellm.ContextWindowExceededError", "context_length"),
        ("litellm.InternalServerError", "server"),
    ],
)
def test_its_own_mock_errors(mock: str, kind: str) -> None:
    request = request_to(SPEC)
    outcome = asyncio.run(Mocked(mock).attempt(request, keys(request, 1)))
    assert isinstance(outcome, Fault)
    assert outcome.kind == kind


def raised(cls: type[openai.OpenAIError], message: str, status: int, headers: dict[str, str] | None = None) -> Any:
    response = httpx.Response(status, headers=headers, request=httpx.Request("POST", "https://x"))
    given = {"message": message, "llm_provider": "anthropic", "model": "m"}
    if cls is litellm.APIError:
        given["status_code"] = status  # type: ignore[assignment]
    error: Any = cls(**given)
    error.response = response
    return error


@pytest.mark.parametrize(
    "cls, message, status, kind",
    [
        (litellm.AuthenticationError, "invalid x-api-key", 401, "auth"),
        (litellm.BadRequestError, "API key not valid", 400, "auth"),
        (litellm.BadRequestError, "temperature too high", 400, "bad_request"),
        (litellm.ContentPolicyViolationError, "no", 400, "content_filter"),
        (litellm.NotFoundError, "no such model", 404, "not_found"),
        (litellm.RateLimitError, "insufficient_quota", 429, "quota"),
        (litellm.RateLimitError, "You exceeded your current quota. Please retry in 31s", 429, "rate_limit"),
        (litellm.ServiceUnavailableError, "busy", 503, "overloaded"),
        (litellm.Timeout, "slow", 408, "timeout_total"),
        (litellm.APIConnectionError, "gone", 500, "reset"),
        (litellm.APIError, "what", 502, "server"),
    ],
)
def test_its_exceptions_become_faults(
    cls: type[openai.OpenAIError], message: str, status: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(**_: object) -> None:
        raise raised(cls, f"{message} sk-canary", status, {"Retry-After": "3"})

    monkeypatch.setattr(litellm, "acompletion", fail)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary")  # litellm finds it by itself
    request = request_to(SPEC)
    outcome = asyncio.run(LiteLLM().attempt(request, keys(request, 1)))
    assert isinstance(outcome, Fault)
    assert outcome.kind == kind
    assert "sk-canary" not in outcome.message
    if status == 429 and kind == "rate_limit":
        assert outcome.retry_after_s == 3


def test_an_empty_answer_is_not_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    async def empty(**_: object) -> litellm.ModelResponse:
        return litellm.ModelResponse(choices=[])

    monkeypatch.setattr(litellm, "acompletion", empty)
    request = request_to(SPEC)
    assert asyncio.run(LiteLLM().attempt(request, keys(request, 1))) == Fault("empty", "status 200: no choices")


def test_what_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    async def answer(**arguments: object) -> litellm.ModelResponse:
        seen.update(arguments)
        return litellm.ModelResponse(choices=[{"message": {"content": "hi"}}])

    monkeypatch.setattr(litellm, "acompletion", answer)
    request = request_to(SPEC, "hi", temperature=0.2, max_tokens=7)
    answered(asyncio.run(LiteLLM().attempt(request, keys(request, 1))))
    assert seen == {
        "model": "anthropic/claude-sonnet-4-5",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 7,
        "temperature": 0.2,
        "num_retries": 0,
        "max_retries": 0,
        "timeout": 900.0,
    }


def test_a_declared_key_that_is_not_set_is_a_fault() -> None:
    request = request_to(dataclasses.replace(SPEC, api_key=Secret("NEVER_SET_ANYWHERE")))
    outcome = asyncio.run(LiteLLM().attempt(request, keys(request, 1)))
    assert outcome == Fault("auth", "the environment variable NEVER_SET_ANYWHERE is not set")
