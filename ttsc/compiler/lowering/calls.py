"""Calls: arguments matched and converted, pipelines expanded where they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ttsc.compiler.ir import Call
from ttsc.compiler.loading import Module
from ttsc.compiler.lowering import expressions, fields
from ttsc.compiler.lowering.callables import PipelineValue
from ttsc.compiler.lowering.limits import limits_of
from ttsc.compiler.lowering.misplaced import misplaced
from ttsc.compiler.lowering.scope import Bound, Scope, Typed
from ttsc.grammar import tree
from ttsc.values import types
from ttsc.values.types import assignable, describe

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


def matched(
    lowering: Lowering,
    scope: Scope,
    parameters: Sequence[tuple[str, types.Type]],
    piped: Typed | None,
    node: tree.Call,
) -> list[Typed] | None:
    """Arguments in the order of the parameters, converted to their types; None after a report."""
    names = [n for n, _ in parameters]
    given: dict[str, Typed] = {}
    free = list(names)
    if piped is not None and free:
        given[free.pop(0)] = piped
    for argument in node.arguments:
        name = argument.name or next((n for n in free if n not in given), None)
        if name is None or name not in names or name in given:
            misplaced(lowering, ".".join(node.callee), argument, name, names, word="parameter")
            return None
        given[name] = lowering.expression(scope, argument.value, name)
    missing = [n for n in names if n not in given]
    if missing or (piped is not None and not names):
        called = ".".join(node.callee)
        needed = " and ".join(f"`{n}`" for n in missing)
        title = f"`{called}` needs {needed}" if missing else f"`{called}` takes nothing"
        label, at = ("missing", node.span) if missing else ("something comes in", node.callee_span)
        lowering.error("E403", title, at, label, f"write `{called}({', '.join(names)})`")
        return None
    return [coerce(lowering, scope, given[n], t, f"`{n}` takes") for n, t in parameters]


def coerce(lowering: Lowering, scope: Scope, value: Typed, wanted: types.Type, who: str) -> Typed:
    """A value as a type: the one candidate's value, the values of candidates; else reported."""
    if isinstance(value.type, types.Filled) and wanted == types.Text():
        return fields.compute(scope, "text", ("", ""), [value], wanted, value.span)
    if not expressions.expect(lowering, value, wanted, who):
        return lowering.unknown(scope, value.span)
    if not isinstance(value.type, types.Candidates) or isinstance(wanted, types.Candidates | types.Unknown):
        return value
    if isinstance(wanted, types.ListOf) and not isinstance(value.type.item, types.ListOf):
        return fields.compute(scope, "values", (), [value], fields.as_list(value.type), value.span)
    return fields.compute(scope, "value", (), [value], value.type.item, value.span)


def call_pipeline(
    lowering: Lowering, scope: Scope, piped: Typed | None, node: tree.Call, called: PipelineValue
) -> Typed:
    """A pipeline expanded at its call, with what is constant among its arguments as constants."""
    from ttsc.compiler.lowering.walk import Frame

    declared, module = called.declared, called.module
    parameters = lowering.parameters(declared, module)
    values = matched(lowering, scope, parameters, piped, node)
    nested = sum(f.name == called.name for f in lowering.stack)
    if values is None or not _may_nest(lowering, node, called, nested):
        return lowering.unknown(scope, node.span)
    last = declared.depth is not None and nested >= declared.depth.limit
    with lowering.inside(module, Frame(called.name, last, declared.depth is not None)):
        inner, inputs = _parameters(scope, declared, parameters, values)
        if last:
            assert declared.depth is not None
            result = lowering.expression(inner, declared.depth.otherwise)
        else:
            result = lowering.block(inner, declared.body)
        result = fits_result(lowering, module, declared, result)
        fallback = None
        if declared.within is not None and declared.within.otherwise is not None:
            spare, _ = _parameters(scope, declared, parameters, values)
            other = fits_result(lowering, module, declared, lowering.expression(spare, declared.within.otherwise))
            fallback = spare.finish(other)
    operation = Call(called.name, inner.finish(result), limits_of(declared), fallback)
    return scope.add(operation, inputs, result.type, node.span)


def _parameters(
    scope: Scope, declared: tree.Pipeline, parameters: Sequence[tuple[str, types.Type]], values: Sequence[Typed]
) -> tuple[Scope, list[Typed]]:
    inner = Scope()
    inputs: list[Typed] = []
    for (name, type), value, written in zip(parameters, values, declared.parameters, strict=True):
        kept = value.type if isinstance(type, types.Candidates | types.ListOf | types.Model | types.Pipeline) else type
        if value.settled:
            made = replace(inner.literal(value.constant, kept, written.span, value.domain), hole=value.hole)
        else:
            made = inner.parameter(name, kept, written.span)
            inputs.append(value)
        inner.names[name] = Bound(made, written.span, used=True)
    return inner, inputs


def _may_nest(lowering: Lowering, node: tree.Call, called: PipelineValue, nested: int) -> bool:
    if nested and called.declared.depth is None and not _bounded(lowering, called.name):
        lowering.error(
            "E501",
            f"`{called.declared.name}` calls itself without a bound",
            node.span,
            " calls ".join(f"`{n}`" for n in _round(lowering, called.name)),
            f"write `pipeline {called.declared.name}(…) -> … depth 3 else EXPRESSION {{ … }}`",
        )
        return False
    if any(f.name == called.name and f.closed for f in lowering.stack):
        lowering.error(
            "E502",
            f"the `else` of `{called.declared.name}` calls it again",
            node.span,
            "no end",
            "what stands after `depth N else` must not recurse",
        )
        return False
    return True


def _bounded(lowering: Lowering, name: str) -> bool:
    """Whether a pipeline on the way from one that is being expanded to its next call has a `depth`."""
    names = [f.name for f in lowering.stack]
    return any(f.bounded for f in lowering.stack[len(names) - 1 - names[::-1].index(name) :])


def _round(lowering: Lowering, name: str) -> tuple[str, ...]:
    """The pipelines from one that is being expanded to its next call."""
    names = [f.name for f in lowering.stack]
    return (*names[len(names) - 1 - names[::-1].index(name) :], name)


def fits_result(lowering: Lowering, module: Module, declared: tree.Pipeline, result: Typed) -> Typed:
    """The result of a pipeline as its declared type; reports where it does not fit."""
    wanted = lowering.meaning(declared.result, module)
    if assignable(result.type, wanted):
        return coerce(lowering, result.scope, result, wanted, "")
    lowering.error(
        "E313",
        f"`{declared.name}` returns {describe(wanted)}, but {describe(result.type)} {_arrive(result.type)}",
        result.span,
        "",
        convert_help(result.type, wanted),
    )
    return lowering.unknown(result.scope, result.span)


def _arrive(given: types.Type) -> str:
    several = isinstance(given, types.Candidates) and (given.low, given.high) != (1, 1)
    return "arrive" if several else "arrives"


def convert_help(given: types.Type, wanted: types.Type) -> str:
    """What to write to get a value of another type."""
    match given, wanted:
        case types.Candidates(low=1, high=1, item=item), _ if not isinstance(wanted, types.Candidates):
            return convert_help(item, wanted)
        case ((types.Candidates() | types.Filled() | types.Model() | types.Pipeline() | types.Tool()), _):
            return reduce_help(given)
        case ((types.Number() | types.Boolean() | types.Record() | types.ListOf()), types.Text()):
            return 'fill it into a text: `"{value}"`'
        case ((types.Text() | types.Choice()), types.Number()):
            return "a prompt that returns `number` gives a number"
        case _, types.Boolean():
            return "compare it with something: `value == …`"
        case types.ListOf(item=types.Record(fields=fields) as record), types.ListOf(item=item) if not assignable(
            record, item
        ):
            field = next((name for name, kind in fields if assignable(kind, item)), "")
            return f"take a field of each item: `items.{field}`" if field else ""
        case types.ListOf(), types.ListOf():
            cut = wanted.limit is not None and (given.limit is None or given.limit > wanted.limit)
            return f"cut it: `|> take({wanted.limit})`" if cut else ""
        case types.Text() | types.Choice(), types.ListOf():
            return "write it as a list of one: `[value]`"
        case types.Text(), types.Choice():
            return "`|> classify(model, into: […])` gives one of them"
        case _, types.Candidates():
            return "`|> answering(question)` makes candidates of finished answers"
        case _:
            return ""


def reduce_help(given: types.Type) -> str:
    """What to write to get one value out of something else."""
    match given:
        case types.Candidates(high=1):
            return "it may be empty: write `|> otherwise(…)` with what to use then"
        case types.Candidates(low=0):
            return "reduce them with `|> otherwise(…)` and then `vote`, `fuse(model)` or `top(1)`"
        case types.Candidates():
            return "reduce them to one with `|> vote`, `|> fuse(model)` or `|> top(1)`"
        case types.Filled():
            return "a filled prompt is asked of a model: write `|> ask(model)`"
        case types.Model():
            return "a model is named in a stage: `x |> ask(model)`"
        case types.Pipeline() | types.Tool():
            return "write `name(…)` to call it"
        case _:
            return ""
