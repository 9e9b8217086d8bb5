"""Names for stages without a binding, so that a run can be stopped after them and looked into."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ttsc.compiler.ir import Block, Node, OpCall, SampleUntil
from ttsc.values.types import Candidates


def name_stages(block: Block) -> Block:
    """The block with every unnamed stage that gives candidates called by its op: `rank`, `rank#2`.

    Only the outermost block: what happens inside a loop belongs to the loop. Names are for
    people; no draw depends on them.
    """
    taken = Counter(node.name for node in block.nodes if node.name)
    nodes: list[Node] = []
    for node in block.nodes:
        name = None if node.name or not isinstance(node.type, Candidates) else op_of(node)
        if name is not None:
            taken[name] += 1
            node = replace(node, name=name if taken[name] == 1 else f"{name}#{taken[name]}")
        nodes.append(node)
    return replace(block, nodes=tuple(nodes))


def op_of(node: Node) -> str | None:
    """The op that a node is, None for anything else."""
    match node.operation:
        case OpCall(op=op) | SampleUntil(call=OpCall(op=op)):
            return op
        case _:
            return None
