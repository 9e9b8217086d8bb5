"""Makes one node of equal pure nodes. Sampling is not pure: equal draws stay two draws."""

from __future__ import annotations

from dataclasses import replace

from ttsc.compiler.ir import Block, Literal, Node, Operation, Ref
from ttsc.compiler.liveness import pure
from ttsc.compiler.rewrite import MARKER, Rebuilt, map_blocks


def merge_equal(block: Block) -> Block:
    """The block with every pure value made once."""
    made = Rebuilt(block)
    seen: dict[tuple[str, tuple[Ref, ...]], list[tuple[Node, Ref]]] = {}  # by what equal nodes share
    for place, node in enumerate(block.nodes):
        ref = len(block.parameters) + place
        changed = replace(node, operation=map_blocks(node.operation, merge_equal))
        inputs = tuple(made.refs[i] for i in node.inputs)
        if not pure(changed.operation) or changed.operation == MARKER:
            made.keep(ref, changed)
            continue
        alike = seen.setdefault((_kind(changed.operation), inputs), [])
        twin = next((r for n, r in alike if _equal(n, changed)), None)
        if twin is not None:
            made.refs[ref] = twin
        else:
            alike.append((changed, made.keep(ref, changed)))
    return made.finish()


def _kind(operation: Operation) -> str:
    """What equal operations have in common, as something to look up by."""
    value = repr(operation.value) if isinstance(operation, Literal) else ""
    return f"{type(operation).__name__} {value}"


def _equal(left: Node, right: Node) -> bool:
    """Equal to the letter: 1, 1.0 and true are three constants."""
    if isinstance(left.operation, Literal) and isinstance(right.operation, Literal):
        return left.type == right.type and repr(left.operation.value) == repr(right.operation.value)
    return left.operation == right.operation and left.type == right.type and (not right.name or right.name == left.name)
