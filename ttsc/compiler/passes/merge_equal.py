"""Makes one node of equal pure nodes. Sampling is not pure: equal draws stay two draws."""

from __future__ import annotations

from dataclasses import replace

from ttsc.compiler.ir import Block, Compute, Literal, Node, OpCall, Operation, Ref
from ttsc.compiler.rewrite import Rebuilt, map_blocks
from ttsc.ops import OPS


def merge_equal(block: Block) -> Block:
    """The block with every pure value made once."""
    made = Rebuilt(block)
    seen: dict[tuple[str, tuple[Ref, ...]], list[tuple[Node, Ref]]] = {}
    for place, node in enumerate(block.nodes):
        ref = len(block.parameters) + place
        changed = replace(node, operation=map_blocks(node.operation, merge_equal))
        inputs = tuple(made.refs[i] for i in node.inputs)
        if not _mergeable(changed.operation):
            made.keep(ref, changed)
            continue
        alike = seen.setdefault((type(changed.operation).__name__, inputs), [])
        twin = next((r for n, r in alike if _equal(n, changed)), None)
        if twin is not None:
            made.refs[ref] = twin
        else:
            alike.append((changed, made.keep(ref, changed)))
    return made.finish()


def _mergeable(operation: Operation) -> bool:
    match operation:
        case Compute(function="pair"):
            return False
        case Literal() | Compute():
            return True
        case OpCall(op=op):
            return OPS[op].pure
        case _:
            return False


def _equal(left: Node, right: Node) -> bool:
    """Equal to the letter: 1, 1.0 and true are three constants."""
    if isinstance(left.operation, Literal) and isinstance(right.operation, Literal):
        return left.type == right.type and repr(left.operation.value) == repr(right.operation.value)
    return left.operation == right.operation and left.type == right.type and (not right.name or right.name == left.name)
