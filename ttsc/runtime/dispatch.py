"""Which request leaves when: draws in, attempts out, first come first served.

The second of two pure layers (the other is `schedule`): `now` is an argument, in seconds of
the caller's clock. It alone owns the queue; `depart` is the only place where something leaves,
so whatever may hold a request back or send it again belongs there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ttsc.values.model import ModelSpec

#: Draws that travel in one request at most: what OpenAI-compatible servers take as `n`.
MAX_GROUP = 128

D = TypeVar("D")


@dataclass(slots=True, eq=False)
class Ticket(Generic[D]):
    """A draw that wants to leave. Tickets with an equal `group` may share a request; "" never does."""

    draw: D
    model: ModelSpec
    group: str
    since: float
    attempt: Attempt[D] | None = None
    withdrawn: bool = False


@dataclass(slots=True, eq=False)
class Attempt(Generic[D]):
    """One request: the tickets that travel in it, in order. `waited_s` is the longest wait."""

    lane: Lane[D]
    tickets: list[Ticket[D]]
    waited_s: float = 0.0

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for one of its draws."""
        return any(not t.withdrawn for t in self.tickets)


@dataclass(slots=True, eq=False)
class Lane(Generic[D]):
    """The queue of one model: what waits, what waits for company, and how much is on its way."""

    parallel: int | None
    waiting: deque[Attempt[D]] = field(default_factory=deque)
    open: dict[str, Attempt[D]] = field(default_factory=dict)
    on_the_way: int = 0

    @property
    def free(self) -> bool:
        """Whether one more request may be on its way."""
        return self.parallel is None or self.on_the_way < self.parallel


class Dispatch(Generic[D]):
    """The draws of a run that have not left, by model."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane[D]] = {}
        self._moving: dict[Lane[D], None] = {}  # lanes where something may have become possible

    def submit(self, draw: D, model: ModelSpec, group: str, now: float) -> Ticket[D]:
        """Queues a draw, together with those of its group that still wait."""
        lane = self._lane(model)
        ticket = Ticket(draw, model, group, now)
        company = lane.open.get(group)
        if group and company is not None:
            company.tickets.append(ticket)
            ticket.attempt = company
        else:
            company = ticket.attempt = Attempt(lane, [ticket])
            lane.waiting.append(company)
            if group:
                lane.open[group] = company
        if group and len(company.tickets) == MAX_GROUP:
            del lane.open[group]
        self._moving[lane] = None
        return ticket

    def withdraw(self, ticket: Ticket[D]) -> None:
        """The draw is no longer wanted; a ticket that still waits never leaves."""
        ticket.withdrawn = True

    def depart(self, now: float) -> list[Attempt[D]]:
        """Everything that may leave now, each lane in the order of arrival."""
        leaving: list[Attempt[D]] = []
        for lane in self._moving:
            while lane.waiting and lane.free:
                attempt = lane.waiting.popleft()
                group = attempt.tickets[0].group
                if lane.open.get(group) is attempt:
                    del lane.open[group]
                attempt.tickets = [t for t in attempt.tickets if not t.withdrawn]
                if attempt.tickets:
                    attempt.waited_s = now - attempt.tickets[0].since
                    lane.on_the_way += 1
                    leaving.append(attempt)
        self._moving.clear()
        return leaving

    def arrived(self, attempt: Attempt[D]) -> None:
        """An attempt that left is over, however it ended."""
        attempt.lane.on_the_way -= 1
        if attempt.lane.waiting:
            self._moving[attempt.lane] = None

    def _lane(self, model: ModelSpec) -> Lane[D]:
        lane = self._lanes.get(model.name)
        if lane is None:
            lane = self._lanes[model.name] = Lane(model.parallel)
        return lane
