"""Arguments of ops: from what is written to what the op's settings class takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ttsc.compiler.ir import Compute, Literal
from ttsc.compiler.liveness import pure
from ttsc.compiler.lowering import calls, expressions, fields, ranges, tuning, words
from ttsc.compiler.lowering.accepted import Accepted, Place, Result
from ttsc.compiler.lowering.scope import Bound, Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.ops import accepts as takes
from ttsc.values import types
from ttsc.values.types import describe

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


def accept(lowering: Lowering, scope: Scope, place: Place, written: tree.Argument) -> Result:
    """One written argument, or None after reporting what is wrong with it."""
    if written.otherwise is not None and not (
        isinstance(place.argument.accepts, takes.Metric) and place.argument.accepts.otherwise
    ):
        title, help = f"`{place.argument.name}` takes no `else`", "leave the `else` out"
        lowering.error("E406", title, written.otherwise.span, "not here", help)
        return None
    return _accept(lowering, scope, place, place.argument.accepts, written.value, written.otherwise)


def _accept(
    lowering: Lowering,
    scope: Scope,
    place: Place,
    accepts: takes.Accepts,
    node: tree.Expression,
    otherwise: tree.Expression | None = None,
) -> Result:
    if isinstance(node, tree.Tune) and _by_alternative(accepts, node):
        return tuning.argument(
            lowering, scope, node, place.label, lambda option: _accept(lowering, scope, place, accepts, option)
        )
    match accepts:
        case takes.Count() | takes.Amount():
            return _number(lowering, scope, place, accepts, node)
        case takes.OneModel() | takes.Models():
            return _models(lowering, scope, place, accepts, node)
        case takes.Word(options=options):
            word = words.word_of(lowering, scope, place, options, node)
            return None if word is None else Accepted(word)
        case takes.Words(options=options):
            several = [words.word_of(lowering, scope, place, options, item) for item in words.items_of(node)]
            return None if None in several else Accepted(tuple(several))
        case takes.Extractor():
            return words.extractor_of(lowering, scope, place, node)
        case takes.Metric():
            return words.metric_of(lowering, scope, place, accepts, node, otherwise)
        case takes.Prompt():
            return _prompt(lowering, place, accepts, node)
        case takes.ItemFunction(result=result):
            return _function(lowering, scope, place, result, node)
        case takes.Scorer():
            return _scorer(lowering, scope, place, node)
        case takes.Strategy(options=strategies):
            return words.strategy_of(
                lowering, scope, place, strategies, node, lambda inner, item: accept(lowering, scope, inner, item)
            )
        case takes.Value(type=wanted):
            value = lowering.expression(scope, node, place.label)
            return _settled(calls.coerce(lowering, scope, value, wanted, f"`{place.argument.name}` takes"))
        case takes.Anything():
            return _settled(lowering.expression(scope, node, place.label))
        case takes.Tools():
            return _tools(lowering, scope, place, node)
        case takes.Texts():
            return words.texts_of(lowering, place, node)
        case takes.Switch():
            return _switch(lowering, scope, place, node)
        case _:
            assert_never(accepts)


def _switch(lowering: Lowering, scope: Scope, place: Place, node: tree.Expression) -> Result:
    value = lowering.expression(scope, node, place.label)
    fits = expressions.expect(lowering, value, types.Boolean(), f"`{place.argument.name}` takes")
    return _constant(lowering, place, value) if fits else None


def _by_alternative(accepts: takes.Accepts, node: tree.Tune) -> bool:
    """Whether the alternatives of a hole are words and the like, which have no value of their own."""
    written = isinstance(node.domain, tree.Options) and not node.domain.subset
    return written and not isinstance(
        accepts, takes.Count | takes.Amount | takes.Value | takes.Anything | takes.Switch
    )


def _settled(value: Typed) -> Accepted:
    if value.settled:
        return Accepted(value.constant, domain=value.domain, hole=value.hole)
    return Accepted(dynamic=value, domain=value.domain)


def _constant(lowering: Lowering, place: Place, value: Typed) -> Result:
    if value.settled:
        return Accepted(value.constant, domain=value.domain, hole=value.hole)
    lowering.error(
        "E407",
        f"`{place.argument.name}` must be known before the program runs",
        value.span,
        "computed by the program",
        "write a number, a hole (`tune …`) or a number parameter of the pipeline",
    )
    return None


def _number(
    lowering: Lowering, scope: Scope, place: Place, accepts: takes.Count | takes.Amount, node: tree.Expression
) -> Result:
    value = expressions.single(lowering, scope, lowering.expression(scope, node, place.label))
    if not expressions.expect(lowering, value, types.Number(), f"`{place.argument.name}` takes"):
        return None
    if isinstance(value.type, types.Unknown):
        return None
    if not value.settled:
        if isinstance(accepts, takes.Amount):
            return Accepted(dynamic=value)
        if _depends_on_input(value):
            lowering.open_counts.append(value.span)
            return Accepted(dynamic=value)
        return _constant(lowering, place, value)
    number = value.constant
    assert isinstance(number, int | float)
    whole = isinstance(accepts, takes.Count)
    if whole and isinstance(number, float) and value.hole:
        number = int(number)
    if (whole and not isinstance(number, int)) or not accepts.low <= number <= accepts.high:
        kind = "a whole number" if whole else "a number"
        lowering.error(
            "E408",
            f"`{place.argument.name}` is {kind} from {accepts.low:,} to {accepts.high:,}",
            value.span,
            ranges.shown(number),
            ranges.into_range(number, accepts.low, accepts.high, whole=whole),
        )
        return None
    return Accepted(number, domain=value.domain, hole=value.hole)


def _depends_on_input(value: Typed) -> bool:
    """Whether a number is a parameter of its pipeline, or computed from such parameters."""
    scope = value.scope
    node = scope.nodes.get(value.wire)
    if node is None:
        return True
    if not isinstance(node.operation, Compute) or not node.inputs:
        return isinstance(node.operation, Literal)
    return all(_depends_on_input(Typed(scope, wire, scope.type_of(wire), value.span)) for wire in node.inputs)


def _models(
    lowering: Lowering,
    scope: Scope,
    place: Place,
    accepts: takes.OneModel | takes.Models,
    node: tree.Expression,
) -> Result:
    value = lowering.expression(scope, node, place.label)
    given = value.type
    several = isinstance(given, types.ListOf) and isinstance(accepts, takes.Models)
    kind = given.item if several and isinstance(given, types.ListOf) else given
    if isinstance(kind, types.Unknown):
        return None
    if not isinstance(kind, types.Model | types.Pipeline):
        wanted = "a model or a list of models" if isinstance(accepts, takes.Models) else "a model"
        models = tuple(n for n, d in lowering.module.declared.items() if isinstance(d, tree.Model))
        lowering.error(
            "E409",
            f"`{place.op.name}` takes {wanted} here",
            value.span,
            describe(given),
            f"write a model: {one_of(models)}" if models else 'declare one: `model m = "provider/name"`',
        )
        return None
    return _settled(value)


def _prompt(lowering: Lowering, place: Place, accepts: takes.Prompt, node: tree.Expression) -> Result:
    path = fields.dotted(node)
    found = lowering.module.find(path) if path else None
    if found is None or not isinstance(found[1], tree.Prompt):
        prompts = [n for n, d in lowering.module.declared.items() if isinstance(d, tree.Prompt)]
        near = nearest(path[-1] if path else "", prompts)
        help = f"write `{near}`" if near else "declare it: `prompt name(question: text) -> text = …`"
        lowering.error("E413", f"`{place.argument.name}` takes the name of a prompt", node.span, "no such prompt", help)
        return None
    template = lowering.prompt(found[0], found[1])
    builtin = place.op.prompts.get(accepts.replaces)
    published = dict(builtin.parameters) if builtin else {}
    for name, type in template.parameters:
        if name not in published:
            lowering.error(
                "E414",
                f"`{place.op.name}` gives its prompt no `{name}`",
                node.span,
                f"`{template.name}` asks for it",
                f"a prompt for `{place.op.name}` may use {one_of(tuple(published))}",
            )
            return None
        if not types.assignable(published[name], type):
            lowering.error(
                "E414",
                f"`{name}` is {describe(published[name])} in a prompt for `{place.op.name}`",
                node.span,
                f"`{template.name}` wants {describe(type)}",
                f"declare `{name}: {describe(published[name])}` in `{template.name}`",
            )
            return None
    return Accepted(template)


def _function(lowering: Lowering, scope: Scope, place: Place, result: types.Type, node: tree.Expression) -> Result:
    inner = Scope(scope)
    item = inner.parameter("item", place.item, node.span)
    inner.names["."] = Bound(item, node.span, used=True)
    value = expressions.single(lowering, inner, lowering.expression(inner, node, place.label))
    if not expressions.expect(lowering, value, result, f"`{place.argument.name}` takes an expression that is"):
        return None
    block = inner.finish(value)
    for made in block.nodes:
        if not pure(made.operation):
            lowering.error(
                "E415",
                f"`{place.argument.name}` may ask nobody",
                made.span,
                "asks a model or a tool",
                "compute it in a stage before this one",
            )
            return None
    return Accepted(function=(block, tuple(inner.captures)))


def _scorer(lowering: Lowering, scope: Scope, place: Place, node: tree.Expression) -> Result:
    path = fields.dotted(node)
    bound = scope.find(path[0]) if path else None
    found = lowering.module.find(path) if path and bound is None else None
    is_model = (bound and isinstance(bound.value.type, types.Model)) or (found and isinstance(found[1], tree.Model))
    if is_model or isinstance(node, tree.Tune | tree.If | tree.Match):
        return _models(lowering, scope, place, takes.OneModel(), node)
    return _function(lowering, scope, place, types.Number(), node)


def _tools(lowering: Lowering, scope: Scope, place: Place, node: tree.Expression) -> Result:
    found: list[object] = []
    for item in words.items_of(node):
        value = lowering.expression(scope, item, place.label)
        if not expressions.expect(lowering, value, types.Tool(), f"`{place.argument.name}` takes"):
            return None
        found.append(value.constant)
    return Accepted(tuple(found))
