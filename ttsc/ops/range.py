"""The numbers from 0 up to, and without, a number.

What
    `range(3)` is `[0, 1, 2]`. The number must be known before the program runs, because it
    bounds what is done for each.

When
    To run a pipeline several times side by side where no sampling op does it.

Cost
    No calls; what is done for each number costs once per number.

Example
    range(10) |> each as i { trajectory(issue, context) }
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops.facts import UNSETTLED, Facts, Misuse
from ttsc.ops.signature import Op, OpError, Pure
from ttsc.values.types import ListOf, Number, Type, describe

LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Range:
    """`range` has no arguments but the number."""


def result(facts: Facts) -> Type:
    """A list of exactly so many numbers; without a bound where the number is not known yet."""
    if facts.input != Number():
        raise Misuse(
            f"`range` counts up to a number, this is {describe(facts.input)}",
            label="not a number",
            help="write `range(10)`",
            code="E310",
        )
    if facts.input_value is UNSETTLED:
        return ListOf(Number(), None)
    count = facts.input_value
    if not _fits(count):
        title = f"`range` takes a whole number from 0 to {LARGEST:,}"
        raise Misuse(title, label=str(count), help="write `range(10)`", code="E408")
    assert isinstance(count, int)
    return ListOf(Number(), count, count)


def _fits(count: object) -> bool:
    return isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= LARGEST


def run(count: object, _settings: Range) -> tuple[int, ...]:
    """The numbers."""
    if not _fits(count):
        raise OpError(f"`range` takes a whole number from 0 to {LARGEST:,}, not {count!r}")
    assert isinstance(count, int)
    return tuple(range(count))


OP = Op(name="range", role="source", settings=Range, result=result, behaviour=Pure(run), module=__doc__ or "")
