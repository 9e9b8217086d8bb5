"""How many items a list, or how many candidates there are.

What
    The number of items of a list, or of candidates.

When
    In conditions, to see whether something is left.

Cost
    No calls.

Example
    parts |> filter(size(.needs) == 0)
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.facts import Facts
from ttsc.ops.signature import Op, Pure
from ttsc.values.types import Number, Type


@dataclass(frozen=True, slots=True)
class Size:
    """`size` has no arguments."""


def result(facts: Facts) -> Type:
    """A number."""
    arriving.listing(facts, "size")
    return Number()


def run(arrived: object, _settings: Size) -> int:
    """How many there are."""
    return len(arriving.listed(arrived))


OP = Op(name="size", role="reducer", settings=Size, result=result, behaviour=Pure(run), module=__doc__ or "")
