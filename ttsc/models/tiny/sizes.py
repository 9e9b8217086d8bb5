"""What the tiny models cost: floating-point operations, at a made-up price that makes sums readable.

A nano-dollar is a thousand operations, so a dollar is 10¹² of them. A token costs twice the number
of weights it is multiplied with; attention, 7 to 17 % more at 100 tokens, is left out, so that the
price of a token does not depend on its place and a bound can be stated beforehand.
"""

from __future__ import annotations

from ttsc.values.money import Price

OPERATIONS_PER_NANO_DOLLAR = 1_000

#: Weights that every token is multiplied with.
WEIGHTS = {"s": 223_200, "m": 909_600, "l": 3_773_696, "verifier": 1_054_880}


def operations(model: str, tokens: int) -> int:
    """Floating-point operations for so many tokens; raises KeyError for a model there is not."""
    return 2 * WEIGHTS[model] * tokens


def price(model: str) -> Price | None:
    """The price of a tiny model, read and written tokens alike; None for a model there is not."""
    if model not in WEIGHTS:
        return None
    per_million = operations(model, 1_000_000) // OPERATIONS_PER_NANO_DOLLAR
    return Price(per_million, per_million)
