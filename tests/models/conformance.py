"""What every provider has to keep: inherit `Conformance` and say how to reach a model."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import get_args

from ttsc.models.protocol import Provider
from ttsc.values.model import ModelSpec
from ttsc.values.money import Price
from ttsc.values.request import Answered, DrawKey, Fault, FaultKind, Message, Outcome, Parameters, Request, Task

QUESTION = "A shelf has 3 boards with 14 books each. How many books are there?"
FAULT_KINDS = frozenset(get_args(FaultKind))


def request_to(
    spec: ModelSpec, text: str = QUESTION, *, kind: str = "generate", schema: str | None = None, max_tokens: int = 4096,
    shown: tuple[str, ...] = (), temperature: float | None = None, item: str = "", stop: tuple[str, ...] = (),
) -> Request:  # fmt: skip
    """A request of one user message."""
    parameters = Parameters(max_tokens, temperature, stop=stop, schema=schema)
    return Request(spec, (Message("user", text),), parameters, Task(kind, text, shown, item))


def keys(request: Request, count: int, epoch: int = 0, twin: str = "0") -> tuple[DrawKey, ...]:
    """The keys of the first `count` samples."""
    return tuple(DrawKey(epoch, request.content(), twin, index) for index in range(count))


def answered(outcome: Outcome) -> Answered:
    """The outcome, which has to be a success."""
    assert isinstance(outcome, Answered), outcome
    return outcome


class Conformance:
    """Inherit, and override `reach`; `broken` where a model can be had that always fails."""

    repeats = True  # equal keys give equal replies
    reports = True  # token counts are reported, not estimated
    question = QUESTION  # what the model is asked
    samples = 3  # how many samples of the question there are to ask for

    def reach(self) -> AbstractAsyncContextManager[tuple[Provider, ModelSpec]]:
        """A provider and a model that answers `question`."""
        raise NotImplementedError

    def broken(self) -> AbstractAsyncContextManager[tuple[Provider, ModelSpec]]:
        """The same with a model that cannot answer."""
        raise NotImplementedError

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[tuple[Provider, Request]]:
        async with self.reach() as (provider, spec):
            yield provider, request_to(spec, self.question)

    def test_one_reply_per_draw_in_order(self) -> None:
        async def go() -> None:
            async with self._reached() as (provider, request):
                outcome = answered(await provider.attempt(request, keys(request, self.samples)))
                assert len(outcome.replies) == self.samples
                assert all(reply.text for reply in outcome.replies)
                assert outcome.latency_s >= 0

        asyncio.run(go())

    def test_equal_keys_give_equal_replies_alone_or_in_company(self) -> None:
        async def go() -> None:
            async with self._reached() as (provider, request):
                together = answered(await provider.attempt(request, keys(request, self.samples)))
                alone = [answered(await provider.attempt(request, (key,))) for key in keys(request, self.samples)]
                if self.repeats:
                    assert together.replies == tuple(outcome.replies[0] for outcome in alone)

        asyncio.run(go())

    def test_usage_is_that_of_the_exchange_and_counts_no_calls(self) -> None:
        async def go() -> None:
            async with self._reached() as (provider, request):
                usage = answered(await provider.attempt(request, keys(request, self.samples))).usage
                assert (usage.calls, usage.requests) == (0, 1)
                assert usage.input_tokens > 0
                assert usage.output_tokens >= self.samples
                assert usage.estimated is not self.reports
                assert 0 <= usage.reasoning_tokens <= usage.output_tokens
                assert 0 <= usage.cached_tokens <= usage.input_tokens

        asyncio.run(go())

    def test_the_cost_is_the_declared_price_of_the_tokens_and_unknown_without_one(self) -> None:
        async def go() -> None:
            async with self.reach() as (provider, spec):
                price = Price(2_000_000_000, 8_000_000_000, call=7)
                priced = request_to(dataclasses.replace(spec, price=price), self.question)
                usage = answered(await provider.attempt(priced, keys(priced, 1))).usage
                assert usage.cost == price.of(usage.input_tokens, usage.output_tokens, usage.cached_tokens)
                unpriced = request_to(dataclasses.replace(spec, price=None), self.question)
                assert answered(await provider.attempt(unpriced, keys(unpriced, 1))).usage.cost is None

        asyncio.run(go())

    def test_a_failure_is_a_value_of_the_closed_list(self) -> None:
        async def go() -> None:
            async with self.broken() as (provider, spec):
                request = request_to(spec, self.question)
                outcome = await provider.attempt(request, keys(request, 1))
                assert isinstance(outcome, Fault)
                assert outcome.kind in FAULT_KINDS
                assert outcome.message

        asyncio.run(go())

    def test_it_closes_twice_and_unused(self) -> None:
        async def go() -> None:
            async with self.reach() as (provider, _):
                await provider.close()
                await provider.close()

        asyncio.run(go())

    def test_attempts_run_side_by_side(self) -> None:
        async def go() -> None:
            async with self._reached() as (provider, request):
                key, *_ = keys(request, 1)
                outcomes = await asyncio.gather(*(provider.attempt(request, (key,)) for _ in range(20)))
                assert len({answered(outcome).usage.input_tokens for outcome in outcomes}) == 1

        asyncio.run(go())
