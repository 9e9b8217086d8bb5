"""A plan: one pipeline with its holes filled and its models chosen, and what it costs at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ttsc.compiler.bounds import Row, Walk
from ttsc.compiler.ir import Block, Limits
from ttsc.compiler.lowering.walk import Hole
from ttsc.compiler.op_bounds import NUMBER_BYTES, Assumptions, Measure
from ttsc.compiler.spend import Spend
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.values import types
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import as_text
from ttsc.values.types import Type

#: Output tokens of a typical draw, for the estimate beside the hard bound.
TYPICAL_OUTPUT_TOKENS = 400
#: Bytes of a typical input, for the estimate beside the hard bound.
TYPICAL_INPUT_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """Worst case and typical case of one run of a pipeline on one input.

    `rows` are the paid nodes in the order of the program, each with all it may cost in the
    run; arms of a branch each have their rows, while the totals count only the dearest arm.
    """

    hard: Spend
    typical: Spend
    depth: int
    rows: tuple[Row, ...]
    input_bytes: int
    assumed: bool  # whether the size of the input was assumed


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run: `block` after the passes, `plain` before them."""

    pipeline: str
    block: Block
    plain: Block = field(repr=False)
    bounds: Bounds
    result: Type  # as the pipeline declares it
    limits: Limits | None  # the pipeline's own `within`
    holes: tuple[Hole, ...]
    models: tuple[ModelSpec, ...]
    warnings: tuple[Diagnostic, ...] = ()
    not_available: tuple[Diagnostic, ...] = ()  # what of it cannot be run yet

    @property
    def parameters(self) -> tuple[tuple[str, Type], ...]:
        """Names and types of the inputs of a run."""
        return tuple((p.name, p.type) for p in self.block.parameters)

    @property
    def simulated(self) -> bool:
        """Whether any model of the plan is a simulation."""
        return any(m.simulated for m in self.models)


def bounds_of(block: Block, models: Mapping[str, ModelSpec], inputs: Mapping[str, object] | None) -> Bounds:
    """The bounds of a block, for given inputs or for an assumed size of them."""
    assumptions = Assumptions()
    hard = Walk(assumptions, models)
    total = hard.block(block, _inputs(block, inputs, assumptions), [0] * len(block.parameters), 1)
    usual = replace(assumptions, input_bytes=TYPICAL_INPUT_BYTES, typical_output_tokens=TYPICAL_OUTPUT_TOKENS)
    typical = Walk(usual, models).block(block, _inputs(block, inputs, usual), [0] * len(block.parameters), 1)
    sizes = _inputs(block, inputs, assumptions)
    return Bounds(
        hard=total.spend,
        typical=typical.spend,
        depth=total.depth,
        rows=tuple(hard.rows.values()),
        input_bytes=sum(m.total for m in sizes),
        assumed=inputs is None or any(p.name not in inputs for p in block.parameters),
    )


def _inputs(block: Block, inputs: Mapping[str, object] | None, assumptions: Assumptions) -> list[Measure]:
    return [_measure(p.type, (inputs or {}).get(p.name), assumptions.input_bytes) for p in block.parameters]


def _measure(type: Type, value: object, assumed: int) -> Measure:
    if value is not None:
        size = len(as_text(value).encode())
        count = len(value) if isinstance(value, list | tuple) else 0
        return Measure(size, size, count=count)
    match type:
        case types.ListOf(limit=limit):
            return Measure(assumed * (limit or 1), assumed, count=limit or 1)
        case types.Candidates(high=high):
            return Measure(assumed * (high or 1), assumed, assumed, count=high or 1)
        case types.Number() | types.Boolean():
            return Measure(NUMBER_BYTES, NUMBER_BYTES)
        case _:
            return Measure(assumed, assumed)
