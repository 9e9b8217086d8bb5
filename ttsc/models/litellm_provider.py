"""Every model that has no transport of our own, through litellm: its translation, nothing else of it.

litellm takes about four CPU-seconds to import, so this module is imported when such a model is
first connected. Its retries, price look-ups over the network and budgets stay off; what it returns
is read as sceptically as any other answer, because it passes empty replies on as successes.
"""

from __future__ import annotations

import asyncio
import os

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or importing it opens a socket

import litellm
import openai
from litellm import exceptions
from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

from ttsc.models.catalog import facts
from ttsc.models.faults import of_status
from ttsc.models.wire import read, response_format, sampling
from ttsc.values.request import DrawKey, Fault, FaultKind, Outcome, Request

litellm.suppress_debug_info = True

TOTAL_S = 900.0

#: The first class that fits decides, so the narrower ones stand first.
_FAULTS: tuple[tuple[type[Exception], FaultKind], ...] = (
    (exceptions.ContextWindowExceededError, "context_length"),
    (exceptions.ContentPolicyViolationError, "content_filter"),
    (exceptions.AuthenticationError, "auth"),
    (exceptions.PermissionDeniedError, "permission"),
    (exceptions.NotFoundError, "not_found"),
    (exceptions.Timeout, "timeout_total"),
    (exceptions.ServiceUnavailableError, "overloaded"),
    (exceptions.BadGatewayError, "server"),
    (exceptions.InternalServerError, "server"),
    (exceptions.APIResponseValidationError, "malformed"),
    (exceptions.APIConnectionError, "reset"),
)


class LiteLLM:
    """Every model of a run that litellm has to translate for. litellm keeps the connections."""

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        """One call of litellm, one outcome. A declared key is read now; else litellm finds its own."""
        declared = request.model.api_key
        variable = facts(request.model.target).key if declared is None else declared.variable
        key = None if variable is None else os.environ.get(variable)
        if declared is not None and not key:
            return Fault("auth", f"the environment variable {declared.variable} is not set")
        clock = asyncio.get_running_loop().time
        start = clock()
        try:
            answer = await litellm.acompletion(**_arguments(request, len(draws), key if declared else None))
        except openai.OpenAIError as error:  # the root of litellm's exceptions
            return _fault(error, key)
        assert isinstance(answer, litellm.ModelResponse), "nothing was asked to be streamed"
        return read(answer.model_dump(), request, len(draws), clock() - start, key)

    async def close(self) -> None:
        """Closes the connections that litellm keeps for itself."""
        await close_litellm_async_clients()


def _arguments(request: Request, count: int, key: str | None) -> dict[str, object]:
    parameters = request.parameters
    arguments: dict[str, object] = {
        "model": request.model.target,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "max_tokens": parameters.max_tokens,
        "num_retries": 0,
        "max_retries": 0,
        "timeout": TOTAL_S,
        **sampling(parameters),
        **dict(parameters.extra),
    }
    if count > 1:
        arguments["n"] = count
    if key is not None:
        arguments["api_key"] = key
    if parameters.schema is not None and request.model.capabilities.schema:
        arguments["response_format"] = response_format(parameters.schema)
    return arguments


def _fault(error: openai.OpenAIError, key: str | None) -> Fault:
    status = getattr(error, "status_code", None)
    response = getattr(error, "response", None)
    headers = {} if response is None else {k.lower(): v for k, v in response.headers.items()}
    known = of_status(status if isinstance(status, int) and status >= 400 else 500, headers, str(error), key)
    for cls, kind in _FAULTS:
        if isinstance(error, cls):
            return Fault(kind, f"{type(error).__name__}: {known.message}", known.retry_after_s)
    return Fault(known.kind, f"{type(error).__name__}: {known.message}", known.retry_after_s)
