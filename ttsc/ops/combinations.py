"""The subsets of a list, up to a size: ideas alone, in pairs, in threes.

What
    All subsets of at most `up_to` items, small ones first, each in the order of the list. The
    empty subset is the first, so that there is always one to go on with; `empty: false`
    leaves it out. `keep` bounds how many: sizes get equal shares (what a size does not need
    goes to the others), and of a size subsets are kept that lie evenly along its order, so
    that no item of the list is left out for its place.

When
    To build on ideas together: diversity of ideas is what makes many samples worth drawing.

Cost
    No calls; what is done for each subset costs once per subset. Of n items there are
    1 + C(n, 1) + … + C(n, up_to) subsets, at most `keep`.

Paper
    Wang et al. 2024, Planning In Natural Language Improves LLM Search For Code Generation.

Example
    combinations(ideas, up_to: 2, keep: 64) |> each as some { sketch(problem, some) |> ask(thinker) }
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from ttsc.ops import arriving
from ttsc.ops.accepts import Count, Switch, argument
from ttsc.ops.checks import most
from ttsc.ops.facts import Facts, Misuse, Sizes, Worst
from ttsc.ops.signature import Op, Pure
from ttsc.values.types import ListOf, Type

#: More subsets than this must be cut by `keep`.
LARGEST = 10_000


@dataclass(frozen=True, slots=True)
class Combinations:
    """The arguments of `combinations`."""

    up_to: int = argument(Count(1, 16), "items in a subset at most")
    keep: int | None = argument(Count(1, LARGEST), "subsets at most; all by default", default=None)
    empty: bool = argument(Switch(), "whether the empty subset is one of them", default=True)


def result(facts: Facts) -> Type:
    """A list of lists."""
    given = arriving.listing(facts, "combinations")
    low, high = arriving.interval(given)
    up_to, keep = facts.count("up_to"), facts.count("keep")
    subset = ListOf(given.item, arriving.least_of(up_to, high))
    if up_to is None:
        return ListOf(subset, keep)
    if high is None and keep is None:
        raise Misuse(
            "`combinations` of a list without a bound has none itself",
            label="any number of items",
            help="write how many to keep, `keep: 64`, or bound the list, `[text; 10]`",
            code="E503",
        )
    smallest = 1 if facts.values["empty"] is False else 0
    most = keep if high is None else sum(_counts(high, smallest, up_to))
    assert most is not None
    if keep is None and most > LARGEST:
        raise Misuse(
            f"`combinations` of up to {high} items makes {most:,} subsets",
            label=f"more than {LARGEST:,}",
            help="write how many to keep: `keep: 64`",
            argument="up_to",
            code="E455",
        )
    fewest = sum(_counts(low, smallest, up_to))
    return ListOf(subset, arriving.least_of(most, keep), min(fewest, keep or fewest))


def _counts(items: int, smallest: int, up_to: int) -> list[int]:
    """How many subsets there are of each size."""
    return [comb(items, size) for size in range(smallest, up_to + 1)]


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """No draws; a subset may be as large as its items together."""
    items = most(facts, Combinations, "up_to") if isinstance(facts.input, ListOf) else 1
    return Worst(item_bytes=items * sizes.item)


def run(arrived: object, settings: Combinations) -> tuple[tuple[object, ...], ...]:
    """The subsets that are kept."""
    items = [arriving.value_of(item) for item in arriving.listed(arrived)]
    smallest = 0 if settings.empty else 1
    counts = _counts(len(items), smallest, settings.up_to)
    shares = _shares(counts, sum(counts) if settings.keep is None else settings.keep)
    return tuple(
        tuple(items[i] for i in _subset(len(items), size, number * count // share))
        for size, (count, share) in enumerate(zip(counts, shares, strict=True), smallest)
        for number in range(share)
    )


def _shares(counts: Sequence[int], keep: int) -> list[int]:
    """How many of each size are kept: equal shares, the smallest sizes served first."""
    shares = [0] * len(counts)
    for served, size in enumerate(sorted(range(len(counts)), key=lambda i: counts[i])):
        shares[size] = min(counts[size], (keep - sum(shares)) // (len(counts) - served))
    return shares


def _subset(items: int, size: int, rank: int) -> list[int]:
    """The subset at a place in the lexicographic order of all subsets of a size."""
    chosen: list[int] = []
    for place in range(items):
        if len(chosen) == size:
            break
        starting_here = comb(items - place - 1, size - len(chosen) - 1)
        if rank < starting_here:
            chosen.append(place)
        else:
            rank -= starting_here
    return chosen


OP = Op(
    name="combinations",
    role="reducer",
    settings=Combinations,
    result=result,
    behaviour=Pure(run),
    module=__doc__ or "",
    worst=worst,
)
