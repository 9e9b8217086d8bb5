"""What running a node means: whether it has to run, whether it acts on the world, whether it costs.

A draw that leads nowhere is not made: nobody would see it, and it would be paid for. A tool that
is not pure is called whether or not its result is used, because calling it was the point.
"""

from __future__ import annotations

from ttsc.compiler.ir import Block, Compute, Literal, OpCall, Operation, Ref, SampleUntil, ToolCall
from ttsc.compiler.rewrite import blocks_of
from ttsc.ops import OPS


def needed(block: Block, *also: Ref) -> frozenset[Ref]:
    """The refs of a block that must have a value, `also` among them."""
    count = len(block.parameters)
    found = {block.result, *also}
    for place in reversed(range(len(block.nodes))):
        node = block.nodes[place]
        if count + place in found or acts(node.operation):
            found.add(count + place)
            found.update(node.inputs)
    return frozenset(found)


def acts(operation: Operation) -> bool:
    """Whether running it changes something outside, in a sub-block if not by itself."""
    if isinstance(operation, ToolCall):
        return not operation.pure
    return any(acts(node.operation) for block in blocks_of(operation) for node in block.nodes)


def pure(operation: Operation) -> bool:
    """Whether an operation always gives the same for the same inputs and asks nobody."""
    match operation:
        case Literal() | Compute():
            return True
        case OpCall(op=op):
            return OPS[op].pure
        case _:
            return False


def paid(operation: Operation) -> bool:
    """Whether running it asks a model or a tool, in a sub-block if not by itself."""
    match operation:
        case OpCall(op=op):
            return not OPS[op].pure
        case SampleUntil() | ToolCall():
            return True
        case _:
            return any(paid(node.operation) for block in blocks_of(operation) for node in block.nodes)
