"""The items for which a condition holds, in their order.

What
    Keeps the candidates, or the items of a list, for which the condition is true. `.f` in
    the condition is a field of the item: a record's field, a score, `answer`, `text`.
    Nothing may be left, so an op that needs a candidate asks for `otherwise` after it.

When
    After tests, verdicts or typed answers, to go on with what passed.

Cost
    No calls.

Example
    fixes |> run_tests(tests) |> filter(.pass_rate == 1.0) |> otherwise(fixes) |> top(1)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import ItemFunction, argument
from ttsc.ops.facts import Facts
from ttsc.ops.signature import Op, Pure
from ttsc.values.types import Boolean, Type


@dataclass(frozen=True, slots=True)
class Filter:
    """The arguments of `filter`."""

    condition: Callable[[object], object] = argument(
        ItemFunction(Boolean()), "what holds of the items that are kept", positional=True
    )


def result(facts: Facts) -> Type:
    """Any number of the items that arrive."""
    given = arriving.listing(facts, "filter")
    return arriving.resized(given, 0, arriving.interval(given)[1])


def run(arrived: object, settings: Filter) -> object:
    """The items that are kept."""
    return arriving.kept(arrived, lambda items: [i for i, item in enumerate(items) if settings.condition(item)])


OP = Op(name="filter", role="reducer", settings=Filter, result=result, behaviour=Pure(run), module=__doc__ or "")
