"""Drops nodes that nothing uses, so that nothing is planned, shown or paid for in vain."""

from __future__ import annotations

from dataclasses import replace

from ttsc.compiler.ir import Block
from ttsc.compiler.liveness import needed
from ttsc.compiler.rewrite import Rebuilt, map_blocks


def drop_dead(block: Block) -> Block:
    """The block with only the nodes that have to run."""
    count = len(block.parameters)
    live = needed(block)
    made = Rebuilt(block)
    for place, node in enumerate(block.nodes):
        if count + place in live:
            made.keep(count + place, replace(node, operation=map_blocks(node.operation, drop_dead)))
    return made.finish()
