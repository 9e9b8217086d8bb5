"""Checks a block after every pass: a pass that breaks the graph is found where it happened."""

from __future__ import annotations

from ttsc.compiler.ir import Block, Call, Dynamic, Each, Fold, Function, Match, Node, OpCall, Repeat, SampleUntil
from ttsc.compiler.rewrite import blocks_of
from ttsc.ops import OPS


class BrokenBlock(Exception):
    """A bug of the compiler: a block that no program can have."""


def verify(block: Block, after: str) -> None:
    """Raises BrokenBlock, naming the pass, where a ref points forward or an arity is wrong."""
    count = len(block.parameters)
    for place, node in enumerate(block.nodes):
        ref = count + place
        _must(all(0 <= i < ref for i in node.inputs), after, node, "uses a value that is not there yet")
        _arity(node, after)
        for inner in blocks_of(node.operation):
            verify(inner, after)
    _must(0 <= block.result < count + len(block.nodes), after, None, "the result points nowhere")


def _arity(node: Node, after: str) -> None:
    given = len(node.inputs)
    match node.operation:
        case Each(body=body) | Repeat(body=body) | Fold(body=body):
            _must(len(body.parameters) == given, after, node, "its body takes other inputs")
        case Match(arms=arms):
            _must(all(len(b.parameters) == given - 1 for _, b in arms), after, node, "an arm takes other inputs")
        case Call(body=body):
            _must(len(body.parameters) == given, after, node, "its body takes other inputs")
        case SampleUntil(call=call, condition=condition, captures=captures):
            _must(len(condition.parameters) == 1 + len(captures), after, node, "its condition takes other inputs")
            _settings(call, given, node, after)
        case OpCall():
            _settings(node.operation, given, node, after)
    if isinstance(node.operation, Repeat) and node.operation.stop is not None:
        size = len(node.operation.body.parameters) + len(node.operation.body.nodes)
        _must(0 <= node.operation.stop < size, after, node, "its stop points nowhere")


def _settings(call: OpCall, given: int, node: Node, after: str) -> None:
    _must(call.op in OPS, after, node, "there is no such op")
    for name, setting in call.settings:
        match setting:
            case Dynamic(input=index):
                _must(0 < index < given, after, node, f"`{name}` is not among its inputs")
            case Function(block=block, captures=captures):
                fits = all(0 < c < given for c in captures) and len(block.parameters) == 1 + len(captures)
                _must(fits, after, node, f"`{name}` takes other inputs")


def _must(true: bool, after: str, node: Node | None, what: str) -> None:
    if not true:
        where = f" ({type(node.operation).__name__} in line {node.span.line})" if node else ""
        raise BrokenBlock(f"after {after}: {what}{where}")
