"""List prices from a dated file inside the package; never from the network, and never guessed.

`prices.json` is written by `scripts/refresh_prices.py`. It is read on first use, so that checking
a program does not pay for it. A price is the one for ordinary calls: tiers for very long inputs,
batches and priority are not in the table; a file that relies on them says `price`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from ttsc.models.figures import list_price
from ttsc.models.tiny import sizes
from ttsc.values.model import DEFAULT_MAX_TOKENS
from ttsc.values.money import Price


@dataclass(frozen=True, slots=True)
class ModelDefaults:
    """What a model's declaration means where it says nothing.

    `max_tokens` is the most output tokens of a call; `reasoning` whether the model thinks unasked
    (then `max_tokens` is all it can do, for a thought cut short is money for nothing).
    """

    max_tokens: int = DEFAULT_MAX_TOKENS
    reasoning: bool = False


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The file as read: its date, the version it was made from, and one row per target."""

    date: str
    litellm: str
    rows: Mapping[str, tuple[int, int, int | None, int | None, int]]


def price_of(target: str) -> Price | None:
    """The list price of a target, None where nobody knows it.

    A simulated model has a made-up price fixed by its name, so that budgets can be tried out; a
    tiny model costs its floating-point operations.
    Recorded outputs have none: they say themselves what they once cost, where that was recorded.
    """
    prefix, _, model = target.partition("/")
    if prefix == "sim":
        return list_price(model)
    if prefix == "tiny":
        return sizes.price(model)
    row = table().rows.get(target)
    return None if row is None else Price(row[0], row[1], row[2])


def defaults_of(target: str) -> ModelDefaults:
    """What a target's declaration means where it says nothing."""
    row = table().rows.get(target) if not target.startswith(("sim/", "replay/")) else None
    if row is None or not row[4]:
        return ModelDefaults()
    return ModelDefaults(row[3] or DEFAULT_MAX_TOKENS, reasoning=True)


def price_table_hash() -> str:
    """16 hexadecimal digits that change whenever the table does; reports name them."""
    return blake2b(_content(), digest_size=8).hexdigest()


@cache
def table() -> PriceTable:
    """The price table, read once."""
    data = json.loads(_content())
    return PriceTable(data["date"], data["litellm"], {target: tuple(row) for target, row in data["models"].items()})


def _content() -> bytes:
    return files("ttsc.models").joinpath("prices.json").read_bytes()
