"""Cuts a pipeline after one of its bindings, so that only what it needs is run."""

from __future__ import annotations

from dataclasses import replace

from ttsc.compiler.ir import Block
from ttsc.compiler.naming import op_of
from ttsc.compiler.problems import Problems
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, nearest, one_of


def stop_after(block: Block, name: str, declared: tree.Pipeline) -> Block:
    """The block with the binding or stage of that name as its result.

    What the binding does not need is left out, paid or not: nobody asked for it.
    """
    count = len(block.parameters)
    refs = {n.name: count + i for i, n in enumerate(block.nodes) if n.name}
    for i, node in enumerate(block.nodes):
        if (op := op_of(node)) is not None:
            refs.setdefault(op, count + i)
    if name not in refs:
        near = nearest(name, tuple(refs))
        help = f"did you mean `{near}`?" if near else f"its bindings and stages are {one_of(tuple(refs))}"
        raise Problems([Diagnostic("E235", f"`{declared.name}` binds no `{name}`", declared.name_span, "", help)])
    return _needed(replace(block, result=refs[name]))


def _needed(block: Block) -> Block:
    count = len(block.parameters)
    live = {block.result}
    for place in reversed(range(len(block.nodes))):
        if count + place in live:
            live.update(block.nodes[place].inputs)
    kept = [i for i in range(len(block.nodes)) if count + i in live]
    refs = {i: i for i in range(count)} | {count + old: count + new for new, old in enumerate(kept)}
    nodes = tuple(replace(block.nodes[i], inputs=tuple(refs[r] for r in block.nodes[i].inputs)) for i in kept)
    return Block(block.parameters, nodes, refs[block.result])
