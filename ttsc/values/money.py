"""Money is an integer number of nano-dollars; a price that nobody knows is None, never zero."""

from __future__ import annotations

from dataclasses import dataclass

NANO = 1_000_000_000

#: Nano-dollars; None is an amount that is not known.
Cost = int | None


def dollars(amount: float) -> int:
    """An amount in dollars as nano-dollars, rounded to the nearest."""
    return round(amount * NANO)


def add(left: Cost, right: Cost) -> Cost:
    """The sum; unknown as soon as one part is unknown."""
    return None if left is None or right is None else left + right


def show(cost: Cost) -> str:
    """The amount for a person: `$0.0123`, `free` never, `unknown` where it is."""
    if cost is None:
        return "unknown"
    if cost == 0:
        return "$0"
    amount = cost / NANO
    return f"${amount:,.2f}" if amount >= 10 else f"${amount:.4f}" if amount >= 0.001 else f"${amount:.3g}"


@dataclass(frozen=True, slots=True)
class Price:
    """What a model charges, in nano-dollars per million tokens, and per call.

    >>> Price(input=dollars(0.15), output=dollars(0.60)).of(1_000_000, 0)
    150000000
    """

    input: int
    output: int
    cached: int | None = None
    call: int = 0

    def of(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> int:
        """Nano-dollars for this many tokens in one call, rounded up.

        `cached_tokens` are part of `input_tokens` and charged at the cached price, where
        there is one.
        """
        cached_price = self.input if self.cached is None else self.cached
        fresh = input_tokens - cached_tokens
        micro = fresh * self.input + cached_tokens * cached_price + output_tokens * self.output
        return -(-micro // 1_000_000) + self.call


FREE = Price(0, 0)
