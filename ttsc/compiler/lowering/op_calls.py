"""Uses of ops: input and arguments bound, the op's own rules asked, a node made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ttsc.compiler.ir import Dynamic, Each, Function, Interleave, OpCall, SampleUntil, Setting, Site, Static
from ttsc.compiler.lowering import arguments, blocks, callables, calls, expressions, fields
from ttsc.compiler.lowering.accepted import Accepted, Place, models_in
from ttsc.compiler.lowering.misplaced import misplaced, missing
from ttsc.compiler.lowering.scope import Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, one_of
from ttsc.grammar.source import Span
from ttsc.ops.facts import UNSETTLED, Facts, Misuse
from ttsc.ops.signature import Op
from ttsc.values import types
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import PromptTemplate

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering

#: The ops whose samples may stop early (`until`).
SAMPLING = ("generate",)

#: What ops ask of models (`Op.needs`), in words.
ABILITY = {"prefix": "continue a text that was begun", "logprobs": "give the probabilities of its tokens"}


def lower(
    lowering: Lowering, scope: Scope, op: Op, piped: Typed | None, node: tree.Call, until: tree.Until | None = None
) -> Typed:
    """The result of an op."""
    written = list(node.arguments)
    if piped is None:
        if not written or written[0].name is not None:
            lowering.error(
                "E418",
                f"`{op.name}` needs something to work on",
                node.callee_span,
                "nothing comes in",
                f"write `x |> {op.name}(…)` or `{op.name}(x, …)`",
            )
            return lowering.unknown(scope, node.span)
        piped = lowering.expression(scope, written.pop(0).value)
    accepted = _bind(lowering, scope, op, piped, written, node)
    if accepted is None or expressions.spoilt(piped.type):
        return lowering.unknown(scope, node.span)
    pipelines = _pipelines(accepted)
    if pipelines and op.name in SAMPLING and until is None:
        return _interleaved(lowering, scope, op, piped, accepted, node)
    if pipelines:
        lowering.error(
            "E409",
            f"a pipeline cannot stand for a model of `{op.name}`",
            _pipeline_span(accepted, node),
            "a pipeline",
            f"pipelines stand in for models in {one_of(SAMPLING)}; call it in a stage of its own",
        )
        return lowering.unknown(scope, node.span)
    return _made(lowering, scope, op, piped, accepted, node, until)


def _bind(
    lowering: Lowering, scope: Scope, op: Op, piped: Typed, written: list[tree.Argument], node: tree.Call
) -> dict[str, Accepted] | None:
    """Every written argument by name; None after a report."""
    known = {a.name: a for a in op.arguments}
    free = [a.name for a in op.arguments if a.positional]
    found: dict[str, Accepted] = {}
    whole = True
    for item in written:
        name = item.name or (free.pop(0) if free else None)
        if name in free:
            free.remove(name)
        if name is None or name not in known or name in found:
            misplaced(lowering, op.name, item, name, tuple(known), sum(a.positional for a in op.arguments))
            whole = False
            continue
        value = arguments.accept(lowering, scope, Place(op, known[name], _item(piped.type)), item)
        if value is None:
            whole = False
            found[name] = Accepted(None)
        else:
            found[name] = replace(value, span=item.span)
    lacking = [a for a in op.arguments if a.required and a.name not in found]
    if lacking and whole:
        missing(lowering, op.name, node.callee_span, lacking, bool(written))
    return found if whole and not lacking else None


def _item(piped: types.Type) -> types.Type:
    """What `.f` in an argument looks at: one of the items that are piped in."""
    match piped:
        case types.Candidates(low=1, high=1, item=types.ListOf(item=item)):
            return item
        case types.Candidates():
            return piped.sized(1, 1)
        case types.ListOf(item=item):
            return item
        case types.Filled(result=result):
            return result
        case _:
            return piped


def _pipelines(accepted: Mapping[str, Accepted]) -> bool:
    values = [v for a in accepted.values() for v in (a.constant if isinstance(a.constant, tuple) else (a.constant,))]
    return any(isinstance(v, callables.PipelineValue) for v in values)


def _pipeline_span(accepted: Mapping[str, Accepted], node: tree.Call) -> Span:
    """The argument that holds a pipeline."""
    return next((a.span for n, a in accepted.items() if a.span and _pipelines({n: a})), node.span)


def _facts(op: Op, piped: Typed, accepted: Mapping[str, Accepted]) -> Facts:
    values = {a.name: a.default for a in op.arguments if not a.required}
    values |= {n: a.constant for n, a in accepted.items()}
    computed = {n: a.type for n, a in accepted.items() if a.dynamic}
    written = frozenset(n for n, a in accepted.items() if not a.hole)
    return Facts(piped.type, values, computed, written, piped.constant if piped.settled else UNSETTLED)


def _made(
    lowering: Lowering,
    scope: Scope,
    op: Op,
    piped: Typed,
    accepted: Mapping[str, Accepted],
    node: tree.Call,
    until: tree.Until | None,
) -> Typed:
    facts = _facts(op, piped, accepted)
    try:
        result = op.result(facts)
    except Misuse as misuse:
        lowering.report(_diagnostic(misuse, accepted, node))
        return lowering.unknown(scope, node.span)
    for doubt in op.warn(facts):
        lowering.report(_diagnostic(doubt, accepted, node))
    _capable(lowering, op, accepted, node)
    settings, inputs = _settings(scope, piped, accepted)
    choices = tuple((n, a.type.names) for n, a in accepted.items() if a.dynamic and isinstance(a.type, types.Model))
    call = OpCall(op.name, settings, _site(lowering, op, piped, accepted), piped.type, choices)
    if until is not None:
        return _until(lowering, scope, call, inputs, result, facts, until)
    return scope.add(call, inputs, result, node.span)


def _diagnostic(misuse: Misuse, accepted: Mapping[str, Accepted], node: tree.Call) -> Diagnostic:
    """At the argument that is wrong; at the op's name where what is piped in is."""
    at = accepted[misuse.argument].span if misuse.argument in accepted else None
    return Diagnostic(misuse.code, misuse.title, at or node.callee_span, misuse.label, misuse.help)


def _capable(lowering: Lowering, op: Op, accepted: Mapping[str, Accepted], node: tree.Call) -> None:
    for name in sorted(op.needs and op.model_arguments):
        for spec in models_in(accepted[name].constant) if name in accepted else ():
            lacking = [n for n in sorted(op.needs) if not getattr(spec.capabilities, n)]
            if lacking and name == op.model_arguments[0]:
                lowering.error(
                    "E490",
                    f"`{op.name}` needs a model that can {' and '.join(ABILITY[n] for n in lacking)}",
                    accepted[name].span or node.callee_span,
                    f"`{spec.name}` is served by {spec.provider}, which cannot",
                    "serve a model with vLLM and write `hosted_vllm/…`",
                )


def _settings(
    scope: Scope, piped: Typed, accepted: Mapping[str, Accepted]
) -> tuple[tuple[tuple[str, Setting], ...], list[Typed]]:
    inputs = [piped]
    settings: list[tuple[str, Setting]] = []
    for name, value in accepted.items():
        if value.dynamic is not None:
            settings.append((name, Dynamic(len(inputs))))
            inputs.append(value.dynamic)
        elif value.function is not None:
            block, captures = value.function
            outer = scope.captured(captures, piped.span)
            settings.append((name, Function(block, tuple(range(len(inputs), len(inputs) + len(outer))))))
            inputs += outer
        else:
            settings.append((name, Static(value.constant)))
    return tuple(settings), inputs


def _site(lowering: Lowering, op: Op, piped: Typed, accepted: Mapping[str, Accepted]) -> Site | None:
    specs: list[ModelSpec] = []
    for name in op.model_arguments:
        if name in accepted:
            value = accepted[name]
            specs += [*models_in(value.domain), *models_in(value.constant)]
    if not specs:
        return None
    custom = accepted["prompt"].constant if "prompt" in accepted else None
    if isinstance(custom, PromptTemplate):
        prompt = custom.content
    elif _says_only_the_input(op):
        prompt = piped.type.template if isinstance(piped.type, types.Filled) else ""
    else:
        prompt = op.name
    return lowering.site(prompt, [s.identity for s in specs])


def _says_only_the_input(op: Op) -> bool:
    """Whether the op sends what is piped in as it is, so that two such ops may ask alike."""
    builtin = op.prompts.get("")
    return builtin is None or not any(part.strip() for part in builtin.parts[::2])


def _until(
    lowering: Lowering,
    scope: Scope,
    call: OpCall,
    inputs: list[Typed],
    result: types.Type,
    facts: Facts,
    node: tree.Until,
) -> Typed:
    at_once = facts.values.get("at_once")
    samples = facts.count("samples")
    width = at_once if isinstance(at_once, int) else samples or 1
    inner = Scope(scope)
    assert isinstance(result, types.Candidates)
    blocks.bind(
        inner, node.name, inner.parameter(node.name, result.sized(1, result.high), node.name_span), node.name_span
    )
    condition = expressions.single(lowering, inner, lowering.block(inner, node.condition))
    expressions.expect(lowering, condition, types.Boolean(), "`until` takes")
    blocks.unused(lowering, inner)
    block = inner.finish(condition)
    outer = scope.captured(tuple(inner.captures), node.span)
    captures = tuple(range(len(inputs), len(inputs) + len(outer)))
    return scope.add(SampleUntil(call, width, block, captures), [*inputs, *outer], result, node.span)


# --- pipelines in place of models -----------------------------------------------------


def _interleaved(
    lowering: Lowering, scope: Scope, op: Op, piped: Typed, accepted: dict[str, Accepted], node: tree.Call
) -> Typed:
    """`generate([model, pipeline], samples: n)`: each member by itself, in sample-major order."""
    name = op.model_arguments[0]
    members = accepted[name].constant
    parts: list[Typed] = []
    for member in members if isinstance(members, tuple) else (members,):
        if isinstance(member, callables.PipelineValue):
            parts.append(_panel(lowering, scope, piped, accepted, member, node))
        else:
            alone = {**accepted, name: replace(accepted[name], constant=member)}
            parts.append(_made(lowering, scope, op, piped, alone, node, None))
    if len(parts) == 1:
        return parts[0]
    joined: types.Type = parts[0].type
    low, high = 0, 0
    for part in parts:
        joined = types.join(joined, part.type) or types.Unknown()
        if isinstance(part.type, types.Candidates):
            low, high = low + part.type.low, high + (part.type.high or 0)
    made = joined.sized(low, high) if isinstance(joined, types.Candidates) else joined
    return scope.add(Interleave(apart=True), parts, made, node.span)


def _panel(
    lowering: Lowering,
    scope: Scope,
    piped: Typed,
    accepted: Mapping[str, Accepted],
    called: callables.PipelineValue,
    node: tree.Call,
) -> Typed:
    """Runs a pipeline once per sample; each of its answers is a candidate."""
    samples = accepted["samples"].constant if "samples" in accepted else 1
    count = samples if isinstance(samples, int) else 1
    numbers = scope.literal(tuple(range(count)), types.ListOf(types.Number(), count, count), node.span)
    inner = Scope(scope)
    inner.parameter("sample", types.Number(), node.span)
    call = tree.Call((called.declared.name,), (), node.span, node.callee_span)
    answer = calls.call_pipeline(lowering, inner, piped, call, called)
    extract = accepted.get("extract")
    place = lowering.site("in place of a model", [""]).ordinal("")
    candidate = fields.compute(
        inner,
        "candidate",
        (extract.constant if extract else None, place),
        [answer, piped],
        types.one(types.Text()),
        node.span,
    )
    block = inner.finish(candidate)
    outer = scope.captured(tuple(inner.captures), node.span)
    made = types.Candidates(count, count, types.Text(), answer=extract is not None)
    return scope.add(Each(block, "list"), [numbers, *outer], made, node.span)
