"""Fields: `a.b`, `xs.f`, `.f`; and pure nodes, the one way to make them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttsc.compiler.evaluate import EvaluationError, evaluate
from ttsc.compiler.ir import Compute
from ttsc.compiler.lowering import callables
from ttsc.compiler.lowering.scope import Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.grammar.source import Span
from ttsc.ops.arriving import GIVEN_BY
from ttsc.values import types
from ttsc.values.types import describe

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


def compute(
    scope: Scope, function: str, options: tuple[object, ...], inputs: list[Typed], type: types.Type, span: Span
) -> Typed:
    """A pure node; one whose inputs are all known is its value."""
    made = scope.add(Compute(function, options), inputs, type, span)
    if inputs and all(i.settled and not isinstance(i.type, types.Unknown) for i in inputs):
        try:
            value = evaluate(function, options, [i.constant for i in inputs])
        except EvaluationError:
            return made
        domain = tuple(d for i in inputs for d in i.domain)
        return replace(scope.literal(value, type, span, domain), hole=any(i.hole for i in inputs))
    return made


def as_list(given: types.Type) -> types.ListOf:
    """A list type: of candidates the list of their values, of one candidate with a list that list."""
    match given:
        case types.ListOf():
            return given
        case types.Candidates(low=1, high=1, item=types.ListOf() as item):
            return item
        case types.Candidates(low=low, high=high, item=item):
            return types.ListOf(item, high, low)
        case _:
            return types.ListOf(types.Unknown())


def listed(scope: Scope, value: Typed) -> Typed:
    """A list or candidates as a list of values; the one candidate that is a list as that list."""
    given = value.type
    if not isinstance(given, types.Candidates):
        return value
    inner = (given.low, given.high) == (1, 1) and isinstance(given.item, types.ListOf)
    return compute(scope, "value" if inner else "values", (), [value], as_list(given), value.span)


def field(lowering: Lowering, scope: Scope, node: tree.Field) -> Typed:
    path = dotted(node)
    if path and scope.find(path[0]) is None and path[0] in lowering.module.imports:
        found = callables.declared_value(lowering, scope, path, node.span)
        if found is not None:
            return found
        name, known = ".".join(path), lowering.module.names()
        near = nearest(name, known)
        own = [n for n in known if n.startswith(f"{path[0]}.")]
        help = f"write `{near}`" if near else f"`{path[0]}` declares {one_of(own)}"
        lowering.error("E220", f"there is nothing called `{name}`", node.span, "unknown name", help)
        return lowering.unknown(scope, node.span)
    return field_of(lowering, scope, lowering.expression(scope, node.value), node.name, node.span)


def dotted(node: tree.Expression) -> tree.Path:
    """`a.b.c` as a path, () for anything else."""
    match node:
        case tree.Name(id=id):
            return (id,)
        case tree.Field(value=value, name=name):
            above = dotted(value)
            return (*above, name) if above else ()
        case _:
            return ()


def field_of(lowering: Lowering, scope: Scope, value: Typed, name: str, span: Span) -> Typed:
    """A field of a value, or that field of each item of a list."""
    match value.type:
        case types.Candidates(low=1, high=1, item=types.ListOf()) as one if name not in known_fields(one):
            value = listed(scope, value)
    given = value.type
    several = isinstance(given, types.Candidates) and (given.low, given.high) != (1, 1)
    if isinstance(given, types.ListOf) or several:
        assert isinstance(given, types.ListOf | types.Candidates)
        limit, least = (given.limit, given.least) if isinstance(given, types.ListOf) else (given.high, given.low)
        item = given.item if isinstance(given, types.ListOf) else given.sized(1, 1)
        found = _field_type(lowering, item, name, span)
        return compute(scope, "project", (name,), [value], types.ListOf(found, limit, least), span)
    return compute(scope, "field", (name,), [value], _field_type(lowering, given, name, span), span)


def _field_type(lowering: Lowering, given: types.Type, name: str, span: Span) -> types.Type:
    fields = known_fields(given)
    if name in fields:
        return fields[name]
    if not isinstance(given, types.Unknown):
        near = nearest(name, tuple(fields))
        if not fields:
            help = "only records and candidates have fields"
        elif isinstance(given, types.Candidates) and name in GIVEN_BY:
            help = f"`|> {GIVEN_BY[name]}` gives it"
        else:
            help = f"write `.{near}`" if near else f"it has {one_of(tuple(fields))}"
        at = Span(span.source, span.end - len(name), span.end)
        at = at if span.source.text[at.start : at.end] == name else span
        lowering.error("E305", f"{describe(given)} has no field `{name}`", at, "unknown field", help)
    return types.Unknown()


def known_fields(given: types.Type) -> dict[str, types.Type]:
    """What may stand after the dot of a value: record fields, and what is known of a candidate."""
    match given:
        case types.Record(fields=fields):
            return dict(fields)
        case types.Candidates():
            found: dict[str, types.Type] = {n: types.Number() for n in sorted(types.INTRINSIC_METRICS | given.scores)}
            found |= {"text": types.Text(), "model": types.Text(), "truncated": types.Boolean()}
            if given.answer:
                found["answer"] = types.Text()
            if given.critique is not None:
                found["critique"] = given.critique
            return found | known_fields(given.item)
        case types.Filled(result=result):
            return known_fields(result)
        case _:
            return {}


def item_field(lowering: Lowering, scope: Scope, node: tree.ItemField) -> Typed:
    item = scope.find(".")
    if item is None:
        lowering.error(
            "E306",
            f"`.{node.name}` means a field of the item at hand, and there is none here",
            node.span,
            "no item",
            f"write `x.{node.name}` with the name of a value",
        )
        return lowering.unknown(scope, node.span)
    return field_of(lowering, scope, item.value, node.name, node.span)
