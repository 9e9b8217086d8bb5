"""Blocks inside operations, and blocks rebuilt node by node: what passes are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ttsc.compiler.ir import (
    Block,
    Call,
    Compute,
    Each,
    Fold,
    Function,
    Match,
    Node,
    OpCall,
    Operation,
    Ref,
    Repeat,
    SampleUntil,
)

#: Holds two results of a block together while it is changed; no pass touches it.
MARKER = Compute("pair")


def blocks_of(operation: Operation) -> tuple[Block, ...]:
    """The sub-blocks of an operation, in a fixed order."""
    match operation:
        case Each(body=body) | Repeat(body=body) | Fold(body=body):
            return (body,)
        case Match(arms=arms):
            return tuple(body for _, body in arms)
        case Call(body=body, fallback=fallback):
            return (body,) if fallback is None else (body, fallback)
        case SampleUntil(call=call, condition=condition):
            return (*_functions(call), condition)
        case OpCall():
            return _functions(operation)
        case _:
            return ()


def _functions(call: OpCall) -> tuple[Block, ...]:
    return tuple(s.block for _, s in call.settings if isinstance(s, Function))


def map_blocks(operation: Operation, change: Callable[[Block], Block]) -> Operation:
    """The operation with each of its sub-blocks changed."""
    match operation:
        case Each(body=body) | Fold(body=body):
            return replace(operation, body=change(body))
        case Repeat():
            return _repeat(operation, change)
        case Match(arms=arms):
            return replace(operation, arms=tuple((label, change(body)) for label, body in arms))
        case Call(body=body, fallback=fallback):
            return replace(operation, body=change(body), fallback=fallback and change(fallback))
        case SampleUntil(call=call, condition=condition):
            changed = _in_settings(call, change)
            return replace(operation, call=changed, condition=change(condition))
        case OpCall():
            return _in_settings(operation, change)
        case _:
            return operation


def _in_settings(call: OpCall, change: Callable[[Block], Block]) -> OpCall:
    settings = tuple(
        (name, replace(s, block=change(s.block)) if isinstance(s, Function) else s) for name, s in call.settings
    )
    return replace(call, settings=settings)


def _repeat(loop: Repeat, change: Callable[[Block], Block]) -> Repeat:
    """A loop looks at two values of its body, the result and the stop: the body changes with both kept."""
    if loop.stop is None:
        return replace(loop, body=change(loop.body))
    body, stop = with_second_result(loop.body, loop.stop, change)
    return replace(loop, body=body, stop=stop)


def with_second_result(block: Block, second: Ref, change: Callable[[Block], Block]) -> tuple[Block, Ref]:
    """A changed block and where the value that `second` meant is now.

    The value is marked while the block changes by a node of its own that no pass touches.
    """
    count = len(block.parameters) + len(block.nodes)
    span = block.nodes[-1].span
    marker = Node(MARKER, (block.result, second), block.type_of(block.result), span)
    changed = change(Block(block.parameters, (*block.nodes, marker), count))
    last = changed.node(changed.result)
    assert last is not None
    result, where = last.inputs
    nodes = tuple(n for n in changed.nodes if n is not last)
    return Block(changed.parameters, nodes, result), where


class Rebuilt:
    """A block being rebuilt in order: where each old ref is now."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.refs: dict[Ref, Ref] = {i: i for i in range(len(block.parameters))}
        self.nodes: list[Node] = []

    def keep(self, ref: Ref, node: Node) -> Ref:
        """Adds a node (inputs in old refs) for an old ref."""
        return self.place(ref, replace(node, inputs=tuple(self.refs[i] for i in node.inputs)))

    def place(self, ref: Ref | None, node: Node) -> Ref:
        """Adds a node whose inputs are new refs already."""
        self.nodes.append(node)
        new = len(self.block.parameters) + len(self.nodes) - 1
        if ref is not None:
            self.refs[ref] = new
        return new

    def finish(self) -> Block:
        """The rebuilt block."""
        return Block(self.block.parameters, tuple(self.nodes), self.refs[self.block.result])
