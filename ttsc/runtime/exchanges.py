"""Draws on their way: queued in `dispatch`, sent as requests, asked again, handed back.

A request is a task of its own, because it may carry draws of several activations. It is
cancelled once nobody waits for any of its draws.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from ttsc.models.protocol import Provider
from ttsc.runtime.dispatch import Attempt, Dispatch, Ticket
from ttsc.runtime.draws import OpenDraw, share, unanswered
from ttsc.runtime.keys import Claims
from ttsc.runtime.record import DrawFailed, DrawFinished, Event, ExchangeFinished, RequestSent, Timed
from ttsc.values.model import ModelSpec
from ttsc.values.request import Answered, Draw, FailedDraw, Fault, Outcome, Request
from ttsc.values.usage import Usage

Connect = Callable[[ModelSpec], Provider]


class Waiting:
    """A draw and who waits for it."""

    __slots__ = ("done", "draw", "ticket")

    def __init__(self, draw: OpenDraw, done: asyncio.Future[Draw | FailedDraw]) -> None:
        self.draw = draw
        self.done = done
        self.ticket: Ticket[Waiting] | None = None


class Exchanges:
    """The requests of one run. Their tasks belong to `group`, their connections to `connections`."""

    def __init__(
        self,
        group: asyncio.TaskGroup,
        connections: AsyncExitStack,
        connect: Connect,
        clock: Callable[[], float],
        emit: Callable[[Event], None],
    ) -> None:
        self.most_in_flight = 0
        self._in_flight = 0
        self._group = group
        self._connections = connections
        self._connect = connect
        self._clock = clock
        self._emit = emit
        self._dispatch: Dispatch[Waiting] = Dispatch()
        self._tasks: dict[Attempt[Waiting], asyncio.Task[None]] = {}
        self._claims = Claims()
        self._contents: dict[Request, str] = {}
        self._providers: dict[ModelSpec, Provider] = {}
        self._sent: set[str] = set()
        self._flushing = False

    # --- draws -----------------------------------------------------------------------

    def content(self, request: Request) -> str:
        """The digest of everything a request sends; worked out once for equal requests."""
        content = self._contents.get(request)
        if content is None:
            content = self._contents[request] = request.content()
        return content

    async def make(self, draws: Sequence[OpenDraw], *, grouped: bool) -> tuple[Draw | FailedDraw, ...]:
        """The draws, made side by side; those nobody waits for any more are given up."""
        loop = asyncio.get_running_loop()
        waiting = [Waiting(d, loop.create_future()) for d in draws]
        try:
            for one in waiting:
                self._claims.claim(one.draw.key, one.draw.place)
                together = grouped and one.draw.request.model.capabilities.n
                self._submit(one, f"{one.draw.place.question} {one.draw.content}" if together else "")
            return tuple([await one.done for one in waiting])
        finally:
            for one in waiting:
                if one.done.cancelled() or not one.done.done():  # cancelling a task cancels what it waits for
                    self._give_up(one)

    def _submit(self, waiting: Waiting, group: str) -> None:
        waiting.ticket = self._dispatch.submit(waiting, waiting.draw.request.model, group, self._clock())
        self._flush_soon()

    def _give_up(self, waiting: Waiting) -> None:
        waiting.done.cancel()
        if waiting.ticket is not None:
            self._dispatch.withdraw(waiting.ticket)
            attempt = waiting.ticket.attempt
            if attempt in self._tasks and not attempt.wanted:
                self._tasks[attempt].cancel()

    # --- leaving and arriving --------------------------------------------------------

    def _flush_soon(self) -> None:
        """Lets requests leave once everything of this moment is queued, so that it can travel together."""
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        for attempt in self._dispatch.depart(self._clock()):
            self._in_flight += len(attempt.tickets)
            task = self._group.create_task(self._exchange(attempt))
            self._tasks[attempt] = task
            task.add_done_callback(partial(self._arrived, attempt))
        self.most_in_flight = max(self.most_in_flight, self._in_flight)

    def _arrived(self, attempt: Attempt[Waiting], _: asyncio.Task[None]) -> None:
        del self._tasks[attempt]
        self._in_flight -= len(attempt.tickets)
        self._dispatch.arrived(attempt)
        self._flush_soon()

    async def _exchange(self, attempt: Attempt[Waiting]) -> None:
        draws = [t.draw.draw for t in attempt.tickets]
        request = draws[0].request
        self._note_request(draws[0])
        began = self._clock()
        try:
            outcome = await self._provider(request.model).attempt(request, tuple([d.key for d in draws]))
        except asyncio.CancelledError:
            self._note_exchange(attempt, draws, None, self._clock() - began)
            raise
        usage = self._note_exchange(attempt, draws, outcome, self._clock() - began)
        for number, (ticket, part) in enumerate(zip(attempt.tickets, share(usage, len(draws)), strict=True)):
            if ticket.withdrawn:
                continue
            if isinstance(outcome, Answered) and len(outcome.replies) <= number < len(draws) and len(draws) > 1:
                ticket.draw.draw.usage += part  # the server gave fewer than were asked for: the others go alone
                self._submit(ticket.draw, "")
            else:
                self._conclude(ticket.draw, outcome, number, part)

    def _conclude(self, waiting: Waiting, outcome: Outcome, number: int, usage: Usage) -> None:
        draw = waiting.draw
        model = draw.request.model.name
        if isinstance(outcome, Answered) and number < len(outcome.replies):
            made = draw.read(outcome.replies[number], usage)
            if made is None:
                self._submit(waiting, "")
                return
            self._emit(DrawFinished(draw.place, draw.key, model, made.parsed, made.usage))
            waiting.done.set_result(made)
        else:
            fault = outcome if isinstance(outcome, Fault) else Fault("wrong_n", f"only {len(outcome.replies)} replies")
            failed = draw.failed(fault, usage)
            self._emit(DrawFailed(draw.place, draw.key, model, fault, failed.usage))
            waiting.done.set_result(failed)

    def _provider(self, model: ModelSpec) -> Provider:
        provider = self._providers.get(model)
        if provider is None:
            if model.copy:
                provider = self._provider(replace(model, copy=0))
            else:
                provider = self._connect(model)
                self._connections.push_async_callback(provider.close)
            self._providers[model] = provider
        return provider

    # --- the record ------------------------------------------------------------------

    def _note_request(self, draw: OpenDraw) -> None:
        if draw.content not in self._sent:
            self._sent.add(draw.content)
            request, model = draw.request, draw.request.model
            self._emit(
                RequestSent(draw.place, draw.content, model.name, model.target, request.messages, request.parameters)
            )

    def _note_exchange(
        self, attempt: Attempt[Waiting], draws: Sequence[OpenDraw], outcome: Outcome | None, seconds: float
    ) -> Usage:
        """Writes an exchange down (no outcome: it was cancelled) and gives what it used.

        Draws are counted when they are asked for the first time, whatever comes of them.
        """
        first, name = draws[0], draws[0].request.model.name
        keys, calls = tuple([d.key for d in draws]), sum(not d.counted for d in draws)
        for draw in draws:
            draw.counted = True
        if isinstance(outcome, Answered):
            usage = replace(outcome.usage, calls=calls, requests=1)
            end = ExchangeFinished(first.place, first.content, name, keys, outcome.replies, usage, first.asked)
            seconds = outcome.latency_s or seconds
        else:
            usage = Usage(calls=calls, requests=1, cost=unanswered(first.request, outcome))
            end = ExchangeFinished(first.place, first.content, name, keys, (), usage, first.asked, outcome)
        self._emit(end)
        self._emit(Timed(first.place, first.asked, seconds, attempt.waited_s))
        return usage
