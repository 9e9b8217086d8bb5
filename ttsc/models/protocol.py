"""The one thing a model provider does: one attempt in, one outcome out.

A provider never retries, queues, limits or counts. It is shared by every model behind the same
endpoint or file, so it keeps no `ModelSpec` of its own: `request.model` says which model is meant.
"""

from __future__ import annotations

from typing import Protocol

from ttsc.values.request import DrawKey, Outcome, Request


class Provider(Protocol):
    """A connection to models that are reached the same way."""

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        """One reply per draw, in order, or the one fault that kept them all away.

        Expected failures are `Fault` values; only cancellation and bugs raise. The usage is that
        of the whole exchange, all draws together, with `requests` 1 and `calls` 0: what a draw
        is, and so how many there were, is the runtime's to count. `latency_s` is the time on the
        event loop's clock; a simulated or recorded reply gives the time it stands for.
        """
        ...

    async def close(self) -> None:
        """Gives back sockets and files. Safe to call twice, and on one that was never used."""
