"""Blocks: bindings, their names, and the warnings about names that nobody uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ttsc.compiler.liveness import paid
from ttsc.compiler.lowering.scope import Bound, Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.source import Span
from ttsc.values import types

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering

#: The warnings about names.
UNUSED = ("W602", "W603", "W604")


def lower_block(
    lowering: Lowering, scope: Scope, block: tree.Block, parameters: Sequence[tree.Parameter] = ()
) -> Typed:
    """The result of a block; a `stop` in it belongs to `repeat`, which lowers its own body.

    `parameters` are the inputs of the run, where the block is the body of its pipeline.
    """
    for statement in block.statements:
        if isinstance(statement, tree.Binding):
            binding(lowering, scope, statement)
        else:
            title, help = "`stop` ends a `repeat`, and this is none", "leave it out"
            lowering.error("E315", title, statement.span, "not in a loop", help)
    result = lowering.expression(scope, block.result)
    unused(lowering, scope, parameters)
    return result


def binding(lowering: Lowering, scope: Scope, statement: tree.Binding) -> None:
    """`name = value`."""
    earlier = scope.names.get(statement.name)
    if earlier is not None:
        lowering.error(
            "E221",
            f"`{statement.name}` is bound twice",
            statement.name_span,
            f"first bound in line {earlier.span.line}",
            "give one of them another name",
        )
    value = lowering.expression(scope, statement.value, statement.name)
    scope.rename(value, statement.name)
    bind(scope, statement.name, value, statement.name_span)


def bind(scope: Scope, name: str, value: Typed, span: Span) -> None:
    """Makes a value known by a name in its scope."""
    scope.names[name] = Bound(value, span)


def unused(lowering: Lowering, scope: Scope, parameters: Sequence[tree.Parameter] = ()) -> None:
    """Warns of names in a scope that nobody asked for; one that costs calls is worse."""
    own = {p.name for p in parameters}
    for name, bound in scope.names.items():
        if bound.used or name.startswith((".", "_")) or isinstance(bound.value.type, types.Unknown):
            continue
        if name in own:
            lowering.error("W602", f"the input `{name}` is never used", bound.span, "unused", "leave it out")
        elif (node := scope.nodes.get(bound.value.wire)) is not None and paid(node.operation):
            lowering.error(
                "W603",
                f"`{name}` asks models or tools for nothing: it is never used",
                bound.span,
                "dead spend",
                "use it, or leave the binding out; draws that lead nowhere are not made",
            )
        else:
            lowering.error("W604", f"`{name}` is never used", bound.span, "unused", "use it, or leave it out")
