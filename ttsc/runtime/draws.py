"""A draw from being asked for to being done: what is sent, what is read, what is asked again.

Pure: the executor sends the requests. Re-asks lengthen the conversation; the key stays that
of the first request, so all of it is one draw.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ttsc.ops.context import Ask
from ttsc.runtime.record import Place
from ttsc.values.money import FREE, Cost
from ttsc.values.request import (
    Accepted,
    Draw,
    DrawKey,
    FailedDraw,
    Fault,
    FaultKind,
    Message,
    Rejected,
    Reply,
    Request,
)
from ttsc.values.usage import Usage

#: Faults of attempts that no provider charges for.
UNBILLED: frozenset[FaultKind] = frozenset(
    {
        "auth", "permission", "not_found", "bad_request", "context_length", "rate_limit", "quota", "overloaded",
        "timeout_connect",
    }
)  # fmt: skip


@dataclass(slots=True)
class OpenDraw:
    """A draw being made: `request` is what is sent next, `asked` how often it was asked again."""

    ask: Ask
    key: DrawKey
    place: Place
    request: Request
    content: str
    asked: int = 0
    counted: bool = False  # whether it was sent before, and so is among the calls
    usage: Usage = field(default_factory=Usage)

    def failed(self, fault: Fault, usage: Usage) -> FailedDraw:
        """The draw, ended by a fault."""
        self.usage += usage
        return FailedDraw(self.key, self.ask.request, fault, self.usage)

    def read(self, reply: Reply, usage: Usage) -> Draw | None:
        """The finished draw, or None where it has to be asked again with the `request` it then has."""
        self.usage += usage
        if self.ask.read is None:
            return self._done(reply, reply.text, parsed=True)
        match self.ask.read(reply.text):
            case Accepted(value=value):
                return self._done(reply, value, parsed=True)
            case Rejected() if self.asked == self.ask.reasks:
                return self._done(reply, None, parsed=False)
            case Rejected(complaint=complaint):
                self.asked += 1
                more = (Message("assistant", reply.text), Message("user", complaint))
                self.request = replace(self.request, messages=self.request.messages + more)
                self.content = self.request.content()
                return None

    def _done(self, reply: Reply, value: object, *, parsed: bool) -> Draw:
        return Draw(self.key, self.ask.request, reply, value, parsed, self.usage)


def unanswered(request: Request, fault: Fault | None) -> Cost:
    """What an attempt without an answer cost: unknown, unless it is sure that nobody charges for it."""
    sure = request.model.price == FREE or (fault is not None and fault.kind in UNBILLED)
    return 0 if sure else None


def share(usage: Usage, count: int) -> list[Usage]:
    """The usage of a request that carried several draws, divided among them without remainder."""
    if count == 1:
        return [usage]
    return [
        Usage(
            calls=_part(usage.calls, count, i),
            requests=_part(usage.requests, count, i),
            input_tokens=_part(usage.input_tokens, count, i),
            output_tokens=_part(usage.output_tokens, count, i),
            reasoning_tokens=_part(usage.reasoning_tokens, count, i),
            cached_tokens=_part(usage.cached_tokens, count, i),
            cost=None if usage.cost is None else _part(usage.cost, count, i),
            estimated=usage.estimated,
        )
        for i in range(count)
    ]


def _part(total: int, count: int, index: int) -> int:
    whole, rest = divmod(total, count)
    return whole + (index < rest)
