"""What an op may do to the world: ask a model, shuffle by seed, leave a note. Nothing else.

The runtime implements `Context`; this is the only place where the direction of imports is
turned round. An op never sleeps, retries, opens tasks or reads a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ttsc.values.request import Draw, FailedDraw, Reader, Request


@dataclass(frozen=True, slots=True)
class Ask:
    """One draw to be made: sample `index` of `request`, read by `read`.

    A reply that `read` rejects is asked again, with the complaint, at most `reasks` times;
    all of it is the same draw.
    """

    request: Request
    index: int = 0
    read: Reader | None = None
    reasks: int = 0


class Context(Protocol):
    """The side of the runtime that ops see, made for one activation of one op."""

    @property
    def question(self) -> str:
        """The input that is being answered, as text."""

    @property
    def item(self) -> str:
        """The id of the data record being answered; "" for a question from the command line."""

    async def draw(self, ask: Ask) -> Draw | FailedDraw:
        """The finished draw. Costs one call."""

    async def draws(self, asks: Sequence[Ask]) -> tuple[Draw | FailedDraw, ...]:
        """All of them, made side by side, in the order asked for. Costs one call each."""

    def order(self, label: str, count: int) -> tuple[int, ...]:
        """A permutation of `range(count)`, fixed by the run's seed, the op's place and `label`."""

    def note(self, kind: str, detail: str) -> None:
        """Writes an event into the record: `judge_unparsed`, `extraction_failed`, …"""
