"""`within`: the lexical budget of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttsc.compiler.ir import Limits
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import nearest
from ttsc.values.money import dollars

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering

_UNITS = {
    "calls": "calls",
    "tokens": "tokens",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "turns": "turns",
}
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def limits_of(declared: tree.Pipeline) -> Limits | None:
    """The lexical budget of a pipeline (its units are checked with its declaration)."""
    if declared.within is None:
        return None
    found: dict[str, int | float] = {}
    for amount in declared.within.amounts:
        if amount.unit == "$":
            found["dollars"] = dollars(amount.value)
        elif amount.unit in SECONDS:
            found["seconds"] = amount.value * SECONDS[amount.unit]
        elif amount.unit in _UNITS:
            found[_UNITS[amount.unit]] = int(amount.value)
    return Limits(**found)  # type: ignore[arg-type]


def check_limits(lowering: Lowering, declared: tree.Pipeline) -> None:
    """Reports a `depth` of none, units of `within` that mean nothing, and amounts given twice."""
    if declared.depth is not None and declared.depth.limit < 1:
        title = "a `depth` is how many bodies may nest, and this is none"
        lowering.error("E507", title, declared.depth.span, "never runs", "write `depth 1` or more")
    seen: set[str] = set()
    for amount in declared.within.amounts if declared.within else ():
        kind = "seconds" if amount.unit in SECONDS else amount.unit
        if kind not in ("$", "seconds", *_UNITS):
            near = nearest(amount.unit, tuple(_UNITS))
            help = f"write `{near}`" if near else "write dollars (`$0.05`), `calls`, `tokens`, `turns` or a time (`5s`)"
            lowering.error("E216", f"a budget has no unit `{amount.unit}`", amount.span, "unknown unit", help)
        elif kind in seen:
            lowering.error("E216", f"the budget has two amounts of {kind}", amount.span, "again", "leave one out")
        seen.add(kind)
