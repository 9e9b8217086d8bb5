"""The last items of a list or of candidates, in their order.

What
    Keeps the last `count` items; where fewer arrive, all of them.

When
    To carry a bounded history along in a loop.

Cost
    No calls.

Paper
    Snell et al. 2024, Scaling LLM Test-Time Compute Optimally (revisions that see the last four).

Example
    chain |> last(4) |> revise(small)
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Count, argument
from ttsc.ops.facts import Facts
from ttsc.ops.signature import Op, Pure
from ttsc.values.types import Type


@dataclass(frozen=True, slots=True)
class Last:
    """The arguments of `last`."""

    count: int = argument(Count(1, 100_000), "how many to keep", positional=True)


def result(facts: Facts) -> Type:
    """As many items as are kept."""
    given = arriving.listing(facts, "last")
    low, high = arriving.interval(given)
    count = facts.count("count")
    return arriving.resized(given, min(low, 1 if count is None else count), arriving.least_of(high, count))


def run(arrived: object, settings: Last) -> object:
    """The items that are kept."""
    return arriving.kept(arrived, lambda items: range(len(items))[-settings.count :])


OP = Op(name="last", role="reducer", settings=Last, result=result, behaviour=Pure(run), module=__doc__ or "")
