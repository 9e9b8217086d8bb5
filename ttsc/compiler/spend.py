"""Worst-case amounts: they add up, multiply, and take the larger of two branches."""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.values.money import Cost


@dataclass(frozen=True, slots=True)
class Spend:
    """Draws and tool calls, requests, attempts, tokens and nano-dollars. An unknown cost stays unknown."""

    calls: int = 0
    requests: int = 0
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Cost = 0

    def __add__(self, other: Spend) -> Spend:
        return Spend(
            self.calls + other.calls,
            self.requests + other.requests,
            self.attempts + other.attempts,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            None if self.cost is None or other.cost is None else self.cost + other.cost,
        )

    def __mul__(self, times: int) -> Spend:
        return Spend(
            self.calls * times,
            self.requests * times,
            self.attempts * times,
            self.input_tokens * times,
            self.output_tokens * times,
            None if self.cost is None and times else (self.cost or 0) * times,
        )

    def either(self, other: Spend) -> Spend:
        """An upper bound for whichever of the two comes true."""
        return Spend(
            max(self.calls, other.calls),
            max(self.requests, other.requests),
            max(self.attempts, other.attempts),
            max(self.input_tokens, other.input_tokens),
            max(self.output_tokens, other.output_tokens),
            None if self.cost is None or other.cost is None else max(self.cost, other.cost),
        )


NOTHING = Spend()
