"""Passes: block to block, in this order. None of them changes a result or the key of a draw."""

from __future__ import annotations

from collections.abc import Callable

from ttsc.compiler.ir import Block
from ttsc.compiler.passes.drop_dead import drop_dead
from ttsc.compiler.passes.group_samples import group_samples
from ttsc.compiler.passes.inline import inline
from ttsc.compiler.passes.merge_equal import merge_equal
from ttsc.compiler.verify import verify

Pass = Callable[[Block], Block]

PASSES: tuple[Pass, ...] = (inline, merge_equal, drop_dead, group_samples)


def optimise(block: Block, passes: tuple[Pass, ...] = PASSES) -> Block:
    """The block after all passes, verified after each."""
    verify(block, "lowering")
    for each in passes:
        block = each(block)
        verify(block, each.__name__)
    return block
