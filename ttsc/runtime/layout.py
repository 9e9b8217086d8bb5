"""What is known of a block before it runs, worked out once however often it runs.

Only nodes that have to run are run (`compiler.liveness`): a binding nobody uses costs nothing,
and cannot fail a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ttsc.compiler.ir import Block, Literal, Node, OpCall, Ref, SampleUntil, Static
from ttsc.compiler.liveness import needed
from ttsc.ops.signature import Op
from ttsc.runtime.settings import build
from ttsc.runtime.streams import Cell


@dataclass(slots=True, eq=False)
class Step:
    """One node to run: `op` and its call where it is one, `settings` where they never change."""

    ref: Ref
    node: Node
    constant: Cell | None = None
    op: Op | None = None
    call: OpCall | None = None
    settings: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A block's nodes in order; None where nobody needs the node."""

    block: Block
    steps: tuple[Step | None, ...]


def lay_out(block: Block, ops: Mapping[str, Op], stop: Ref | None = None) -> Layout:
    """The layout of a block whose result, and `stop` where there is one, are needed."""
    first = len(block.parameters)
    live = needed(block) if stop is None else needed(block, stop)
    steps = (_step(first + i, n, ops) if first + i in live else None for i, n in enumerate(block.nodes))
    return Layout(block, tuple(steps))


def _step(ref: Ref, node: Node, ops: Mapping[str, Op]) -> Step:
    match node.operation:
        case Literal(value=value):
            return Step(ref, node, constant=Cell(value))
        case (OpCall() as call) | SampleUntil(call=call):
            op = ops[call.op]
            fixed = all(isinstance(s, Static) for _, s in call.settings)
            return Step(ref, node, op=op, call=call, settings=build(op, call, (), ops) if fixed else None)
        case _:
            return Step(ref, node)
