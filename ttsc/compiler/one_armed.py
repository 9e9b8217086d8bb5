"""Finds what is paid for although only one arm of a branch looks at it.

An arm is lazy, a binding beside the branch is not: it runs whichever arm is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ttsc.compiler.ir import Block, Match, Node
from ttsc.compiler.liveness import paid
from ttsc.compiler.rewrite import blocks_of
from ttsc.grammar.diagnostic import Diagnostic


def one_armed(block: Block) -> Iterator[Diagnostic]:
    """A warning for every binding that costs calls and that only one arm of one branch uses."""
    count = len(block.parameters)
    uses = Counter(ref for node in block.nodes for ref in set(node.inputs))
    uses[block.result] += 1
    for node in block.nodes:
        if isinstance(node.operation, Match):
            for place, ref in enumerate(node.inputs[1:]):
                bound = block.node(ref)
                if bound is not None and bound.name and uses[ref] == 1 and ref >= count:
                    arms = [label for label, arm in node.operation.arms if _uses(arm, place)]
                    if len(arms) == 1 and paid(bound.operation):
                        yield _warning(bound)
        for inner in blocks_of(node.operation):
            yield from one_armed(inner)


def _uses(arm: Block, parameter: int) -> bool:
    return arm.result == parameter or any(parameter in node.inputs for node in arm.nodes)


def _warning(node: Node) -> Diagnostic:
    return Diagnostic(
        "W606",
        f"`{node.name}` is paid for in every run, and only one arm uses it",
        node.span,
        "runs before the branch is decided",
        "bind it inside the arm that uses it",
    )
