"""Stages: what stands after a `|>`, and what a called name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttsc.compiler.ir import ToolCall
from ttsc.compiler.loading import Module
from ttsc.compiler.lowering import calls, fields, loops, op_calls, tuning
from ttsc.compiler.lowering.callables import PipelineValue
from ttsc.compiler.lowering.scope import Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.grammar.source import Span
from ttsc.ops import OPS
from ttsc.values import types
from ttsc.values.types import describe

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


def lower(lowering: Lowering, scope: Scope, piped: Typed, node: tree.Expression, span: Span) -> Typed:
    """The result of `piped |> node`."""
    match node:
        case tree.Call():
            return call(lowering, scope, piped, node)
        case tree.Name(id=id):
            return call(lowering, scope, piped, tree.Call((id,), (), node.span, node.span))
        case tree.Field():
            path = fields.dotted(node)
            return call(lowering, scope, piped, tree.Call(path, (), node.span, node.span))
        case tree.Maybe():
            return tuning.maybe(lowering, scope, piped, node)
        case tree.Each():
            return loops.each(lowering, scope, piped, node)
        case tree.Repeat():
            return loops.repeat(lowering, scope, piped, node)
        case tree.Fold():
            return loops.fold(lowering, scope, piped, node)
        case tree.Until():
            return until(lowering, scope, piped, node)
        case tree.Tune():
            return tuning.stage(lowering, scope, piped, node)
        case _:
            lowering.error(
                "E311",
                "a stage is expected after `|>`",
                node.span,
                "not a stage",
                "a stage is an op, a pipeline, a prompt, or `each`, `repeat`, `fold`, `maybe`, `tune [...]`",
            )
            return lowering.unknown(scope, node.span)


def call(lowering: Lowering, scope: Scope, piped: Typed | None, node: tree.Call) -> Typed:
    """A call by name: a bound pipeline, something declared, or an op, in this order."""
    bound = scope.find(node.callee[0]) if len(node.callee) == 1 else None
    if bound is not None and isinstance(bound.value.type, types.Pipeline):
        bound.used = True
        return _call_bound(lowering, scope, piped, node, bound.value)
    found = lowering.module.find(node.callee)
    if found is not None:
        return _call_declared(lowering, scope, piped, node, *found)
    op = OPS.get(node.callee[0]) if len(node.callee) == 1 else None
    if op is not None:
        return op_calls.lower(lowering, scope, op, piped, node)
    name = ".".join(node.callee)
    known = [*OPS, *lowering.module.names(tree.Pipeline, tree.Prompt, tree.Tool)]
    near = nearest(name, known)
    if bound is not None:
        help = f"`{name}` is {describe(bound.value.type)}; only pipelines, prompts, tools and ops are called"
    else:
        help = f"write `{near}`" if near else f"the ops are {one_of(tuple(OPS), 40)}"
    lowering.error("E401", f"there is no op, pipeline or prompt `{name}`", node.callee_span, "unknown", help)
    for argument in node.arguments:
        _visit(lowering, scope, argument)
    return lowering.unknown(scope, node.span)


def _visit(lowering: Lowering, scope: Scope, argument: tree.Argument) -> None:
    """Marks the names in an argument of something unknown as used; words among them are no names."""
    if isinstance(argument.value, tree.Name):
        bound = scope.find(argument.value.id)
        if bound is not None:
            bound.used = True


def _call_bound(lowering: Lowering, scope: Scope, piped: Typed | None, node: tree.Call, value: Typed) -> Typed:
    if isinstance(value.constant, PipelineValue):
        return calls.call_pipeline(lowering, scope, piped, node, value.constant)
    assert isinstance(value.type, types.Pipeline)
    lowering.open_counts.append(node.callee_span)
    names = tuple((f"{i + 1}", t) for i, t in enumerate(value.type.parameters))
    calls.matched(lowering, scope, names, piped, node)
    return scope.literal(None, value.type.result, node.span)


def _call_declared(
    lowering: Lowering, scope: Scope, piped: Typed | None, node: tree.Call, module: Module, declared: object
) -> Typed:
    match declared:
        case tree.Pipeline():
            return calls.call_pipeline(lowering, scope, piped, node, PipelineValue(module, declared))
        case tree.Prompt():
            template = lowering.prompt(module, declared)
            values = calls.matched(lowering, scope, template.parameters, piped, node)
            if values is None:
                return lowering.unknown(scope, node.span)
            made = types.Filled(template.result, template.content)
            return fields.compute(scope, "fill", (template,), values, made, node.span)
        case tree.Tool():
            parameters = lowering.parameters(declared, module)
            values = calls.matched(lowering, scope, parameters, piped, node)
            if values is None:
                return lowering.unknown(scope, node.span)
            pure = any(
                s.name == "pure" and isinstance(s.value, tree.Boolean) and s.value.value for s in declared.settings
            )
            made_call = ToolCall(module.prefix + declared.name, tuple(n for n, _ in parameters), pure)
            return scope.add(made_call, values, lowering.meaning(declared.result, module), node.span)
        case tree.Model(name=name):
            lowering.error(
                "E402", f"`{name}` is a model", node.callee_span, "not a stage", f"write `|> generate({name})`"
            )
        case _:
            title, label = f"`{'.'.join(node.callee)}` cannot be called", type(declared).__name__.lower()
            help = "ops, pipelines, prompts and tools are called"
            lowering.error("E402", title, node.callee_span, f"a {label}", help)
    return lowering.unknown(scope, node.span)


def until(lowering: Lowering, scope: Scope, piped: Typed | None, node: tree.Until) -> Typed:
    """`op(…) until as drafts { condition }`."""
    op = OPS.get(node.call.callee[0]) if len(node.call.callee) == 1 else None
    if op is None or op.name not in op_calls.SAMPLING:
        lowering.error(
            "E405",
            "`until` stops a sampling stage",
            node.call.span,
            "not one",
            f"write it after {one_of(op_calls.SAMPLING)}",
        )
        return lowering.unknown(scope, node.span)
    return op_calls.lower(lowering, scope, op, piped, node.call, node)
