"""What a plan uses that cannot be run yet, found before anything is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from ttsc.compiler.ir import Block, Node, OpCall, SampleUntil, ToolCall
from ttsc.compiler.rewrite import blocks_of
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.ops import OPS
from ttsc.ops.signature import Unavailable


def not_available(block: Block) -> tuple[Diagnostic, ...]:
    """One diagnostic for each op and tool of the block that is declared and cannot be run."""
    return tuple(dict.fromkeys(_missing(block)))


def _missing(block: Block) -> Iterator[Diagnostic]:
    for node in block.nodes:
        match node.operation:
            case OpCall(op=name) | SampleUntil(call=OpCall(op=name)):
                behaviour = OPS[name].behaviour
                if isinstance(behaviour, Unavailable):
                    yield _diagnostic(node, f"`{name}`", behaviour.missing)
            case ToolCall(tool=tool):
                yield _diagnostic(node, f"the tool `{tool}`", "calling tools")
        for inner in blocks_of(node.operation):
            yield from _missing(inner)


def _diagnostic(node: Node, what: str, missing: str) -> Diagnostic:
    return Diagnostic(
        "E491",
        f"{what} checks and plans, but cannot be run yet",
        node.span,
        f"this version lacks {missing}",
        "stop before it with `--until NAME`, or leave it out",
    )
