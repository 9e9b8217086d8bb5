"""Lets the samples of one request travel together where every model of the stage offers `n`."""

from __future__ import annotations

from dataclasses import replace

from ttsc.compiler.ir import Block, OpCall, Operation, SampleUntil, Static
from ttsc.compiler.lowering.accepted import models_in
from ttsc.compiler.rewrite import map_blocks
from ttsc.ops import OPS


def group_samples(block: Block) -> Block:
    """The block with `grouped` set where several samples of one request are drawn."""
    nodes = tuple(replace(n, operation=_grouped(map_blocks(n.operation, group_samples))) for n in block.nodes)
    return replace(block, nodes=nodes)


def _grouped(operation: Operation) -> Operation:
    match operation:
        case OpCall():
            return replace(operation, grouped=_may_travel_together(operation))
        case SampleUntil(call=call):
            return replace(operation, call=replace(call, grouped=_may_travel_together(call)))
        case _:
            return operation


def _may_travel_together(call: OpCall) -> bool:
    op = OPS[call.op]
    static = {name: s.value for name, s in call.settings if isinstance(s, Static)}
    models = [m for name in op.model_arguments for m in models_in(static.get(name))]
    several = any(isinstance(n := static.get(name), int) and n > 1 for name in ("samples", "votes"))
    return several and bool(models) and all(m.capabilities.n for m in models)
