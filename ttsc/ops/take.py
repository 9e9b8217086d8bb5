"""The first items of a list or of candidates: so many, or as many as fit in so many tokens.

What
    Keeps the first `count` items; where fewer arrive, all of them. With `tokens` it keeps
    items from the front as long as they fit together and stops at the first that does not.
    A token is taken to be four bytes, whatever the model's own tokens are.

When
    To put ranked documents into a prompt without growing past what it holds.

Cost
    No calls.

Paper
    Ehrlich et al. 2025, CodeMonkeys: Scaling Test-Time Compute for Software Engineering.

Example
    documents |> take(tokens: 128_000)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Count, argument
from ttsc.ops.facts import Facts, Misuse
from ttsc.ops.signature import Op, Pure
from ttsc.values.prompt import as_text
from ttsc.values.types import Type
from ttsc.values.usage import BYTES_PER_TOKEN


@dataclass(frozen=True, slots=True)
class Take:
    """The arguments of `take`."""

    count: int | None = argument(Count(1, 100_000), "how many to keep at most", default=None, positional=True)
    tokens: int | None = argument(Count(1, 100_000_000), "tokens they may have together", default=None)


def result(facts: Facts) -> Type:
    """As many items as are kept; none at all where the first is too long."""
    given = arriving.listing(facts, "take")
    if facts.values["count"] is None and facts.values["tokens"] is None:
        help = "write `take(10)` or `take(tokens: 8_000)`"
        raise Misuse("`take` needs to know how much", label="no limit", help=help, code="E403")
    low, high = arriving.interval(given)
    count = facts.count("count")
    if facts.values["tokens"] is not None:
        low = 0
    return arriving.resized(given, low if count is None else min(low, count), arriving.least_of(high, count))


def run(arrived: object, settings: Take) -> object:
    """The items that are kept."""
    return arriving.kept(arrived, lambda items: range(_fitting(items[: settings.count], settings.tokens)))


def _fitting(items: Sequence[object], tokens: int | None) -> int:
    """How many items from the front fit in so many tokens together."""
    if tokens is None:
        return len(items)
    return sum(total <= tokens for total in _running(items))


def _running(items: Iterable[object]) -> Iterable[int]:
    """The tokens of the first item, of the first two, and so on."""
    total = 0
    for item in items:
        total += -(-len(as_text(item).encode("utf-8", "replace")) // BYTES_PER_TOKEN)
        yield total


OP = Op(name="take", role="reducer", settings=Take, result=result, behaviour=Pure(run), module=__doc__ or "")
