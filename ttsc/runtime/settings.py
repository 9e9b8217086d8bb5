"""An op's settings for one use of it: constants, computed values, and functions of an item.

A function is a pure block; it is evaluated on the spot, and only what its result needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ttsc.compiler.evaluate import evaluate, items_of
from ttsc.compiler.ir import (
    Block,
    Call,
    Compute,
    Dynamic,
    Each,
    Function,
    Literal,
    Match,
    Node,
    OpCall,
    Ref,
    Setting,
    Static,
)
from ttsc.ops.signature import Op, Pure
from ttsc.values import types
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.model import ModelSpec

Ops = Mapping[str, Op]


def build(op: Op, call: OpCall, inputs: Sequence[object], ops: Ops) -> object:
    """An instance of the op's settings class; `inputs` are the values of the node's inputs."""
    return op.settings(**{name: _value(setting, inputs, ops) for name, setting in call.settings})


def _value(setting: Setting, inputs: Sequence[object], ops: Ops) -> object:
    match setting:
        case Static(value=value):
            return told_apart(value)
        case Dynamic(input=input):
            return told_apart(inputs[input])
        case Function(block=block, captures=captures):
            return _callable(block, [inputs[i] for i in captures], ops)


def told_apart(value: object) -> object:
    """A list of models with equal ones numbered (`copy`), anything else as it is."""
    if not isinstance(value, list | tuple) or not any(isinstance(v, ModelSpec) for v in value):
        return value
    seen: Counter[str] = Counter()
    made: list[object] = []
    for item in value:
        if isinstance(item, ModelSpec):
            copy = seen[item.identity]
            seen[item.identity] += 1
            item = replace(item, copy=copy) if copy else item
        made.append(item)
    return tuple(made)


def _callable(block: Block, captures: Sequence[object], ops: Ops) -> Callable[[object], object]:
    takes_candidates = isinstance(block.parameters[0].type, types.Candidates)

    def function(item: object) -> object:
        if takes_candidates and isinstance(item, Candidate):
            item = Candidates((item,))
        return evaluate_block(block, (item, *captures), ops)

    return function


def evaluate_block(block: Block, arguments: Sequence[object], ops: Ops) -> object:
    """The result of a pure block; raises EvaluationError or OpError where there is none."""
    known: dict[Ref, object] = dict(enumerate(arguments))

    def value(ref: Ref) -> object:
        if ref not in known:
            node = block.node(ref)
            assert node is not None, "a block is run with all its arguments"
            known[ref] = _evaluate_node(node, value, ops)
        return known[ref]

    return value(block.result)


def _evaluate_node(node: Node, value: Callable[[Ref], object], ops: Ops) -> object:
    match node.operation:
        case Literal(value=constant):
            return constant
        case Compute(function=function, options=options):
            return evaluate(function, options, [value(r) for r in node.inputs])
        case OpCall(op=name) as call:
            op = ops[name]
            assert isinstance(op.behaviour, Pure), f"`{name}` asks a model and cannot stand in an expression"
            inputs = [value(r) for r in node.inputs]
            return op.behaviour.run(inputs[0], build(op, call, inputs, ops))
        case Match(arms=arms):
            arm = arms[chosen(arms, value(node.inputs[0]))][1]
            return evaluate_block(arm, [value(r) for r in node.inputs[1:]], ops)
        case Call(body=body):
            return evaluate_block(body, [value(r) for r in node.inputs], ops)
        case Each(body=body, over="list"):
            captures = [value(r) for r in node.inputs[1:]]
            return tuple(evaluate_block(body, (i, *captures), ops) for i in items_of(value(node.inputs[0])))
        case operation:
            raise AssertionError(f"{type(operation).__name__} cannot stand in an expression")


def chosen(arms: Sequence[tuple[object, Block]], label: object) -> int:
    """The index of the arm for a label: the one that equals it, else the one for any other."""
    labels = [wanted for wanted, _ in arms]
    assert label in labels or None in labels, f"no arm for {label!r}"
    return labels.index(label) if label in labels else labels.index(None)
