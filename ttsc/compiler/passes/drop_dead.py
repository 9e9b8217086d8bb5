"""Drops pure nodes that nothing uses. What asks a model or a tool stays: it was written to happen."""

from __future__ import annotations

from dataclasses import replace

from ttsc.compiler.ir import (
    Block,
    Call,
    Compute,
    Each,
    Fold,
    Interleave,
    Literal,
    Match,
    OpCall,
    Operation,
    Repeat,
    ToolCall,
)
from ttsc.compiler.passes.rewrite import Rebuilt, blocks_of, map_blocks
from ttsc.ops import OPS


def drop_dead(block: Block) -> Block:
    """The block without pure nodes that lead nowhere."""
    count = len(block.parameters)
    live = {block.result}
    for place in reversed(range(len(block.nodes))):
        node = block.nodes[place]
        if count + place in live or not free(node.operation):
            live.add(count + place)
            live.update(node.inputs)
    made = Rebuilt(block)
    for place, node in enumerate(block.nodes):
        if count + place in live:
            made.keep(count + place, replace(node, operation=map_blocks(node.operation, drop_dead)))
    return made.finish()


def free(operation: Operation) -> bool:
    """Whether an operation, with all that it contains, asks nobody."""
    match operation:
        case Literal() | Compute() | Interleave():
            return True
        case OpCall(op=op):
            return OPS[op].pure
        case ToolCall(pure=pure):
            return pure
        case Each() | Repeat() | Fold() | Match() | Call():
            return all(free(n.operation) for b in blocks_of(operation) for n in b.nodes)
        case _:
            return False
