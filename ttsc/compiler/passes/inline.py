"""Puts the body of a called pipeline in the place of the call, unless it carries a budget."""

from __future__ import annotations

from dataclasses import replace

from ttsc.compiler.ir import Block, Call, Node
from ttsc.compiler.rewrite import Rebuilt, map_blocks


def inline(block: Block) -> Block:
    """The block without calls that are only a name for what they contain."""
    made = Rebuilt(block)
    for place, node in enumerate(block.nodes):
        ref = len(block.parameters) + place
        operation = map_blocks(node.operation, inline)
        if isinstance(operation, Call) and operation.limits is None:
            _splice(made, ref, node, operation.body)
        else:
            made.keep(ref, replace(node, operation=operation))
    return made.finish()


def _splice(made: Rebuilt, ref: int, call: Node, body: Block) -> None:
    inner = {i: made.refs[given] for i, given in enumerate(call.inputs)}
    for place, node in enumerate(body.nodes):
        old = len(body.parameters) + place
        named = node
        if old == body.result and call.name:
            named = replace(node, name=call.name)
        inner[old] = made.place(None, replace(named, inputs=tuple(inner[i] for i in node.inputs)))
    made.refs[ref] = inner[body.result]
