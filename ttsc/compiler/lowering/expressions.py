"""Expressions as graph nodes: literals, names, fields, arithmetic, calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from ttsc.compiler.lowering import branches, callables, calls, fields, stages
from ttsc.compiler.lowering.scope import Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import nearest
from ttsc.grammar.source import Span
from ttsc.values import types
from ttsc.values.types import assignable, describe, join

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


def lower(lowering: Lowering, scope: Scope, node: tree.Expression, label: str) -> Typed:
    """The value of an expression."""
    match node:
        case tree.Number(value=value):
            return scope.literal(value, types.Number(), node.span)
        case tree.Boolean(value=value):
            return scope.literal(value, types.Boolean(), node.span)
        case tree.Text():
            return _text(lowering, scope, node)
        case tree.Name():
            return _name(lowering, scope, node)
        case tree.Field():
            return fields.field(lowering, scope, node)
        case tree.ItemField():
            return fields.item_field(lowering, scope, node)
        case tree.List():
            return _list(lowering, scope, node)
        case tree.RecordLiteral():
            return _record(lowering, scope, node)
        case tree.Binary():
            return _binary(lowering, scope, node, label)
        case tree.Unary():
            return _unary(lowering, scope, node)
        case tree.Call():
            return stages.call(lowering, scope, None, node)
        case tree.Pipe():
            return lowering.stage(scope, lowering.expression(scope, node.value, label), node.stage, node.span)
        case tree.Tune():
            return lowering.tune(scope, node, label)
        case tree.Until():
            return stages.until(lowering, scope, None, node)
        case tree.Match() | tree.If():
            return branches.branch(lowering, scope, node)
        case tree.Maybe() | tree.Each() | tree.Repeat() | tree.Fold():
            raise AssertionError("the grammar lets a stage stand only after `|>`")
        case tree.Quantity():
            lowering.error("E302", "an amount with a unit has no place here", node.span, "", "write a plain number")
            return lowering.unknown(scope, node.span)
        case _:
            assert_never(node)


def _text(lowering: Lowering, scope: Scope, node: tree.Text) -> Typed:
    parts: list[str] = [""]
    values: list[Typed] = []
    for part in node.parts:
        if isinstance(part, str):
            parts[-1] += part
            continue
        inside = Span(part.span.source, part.span.start + 1, part.span.end - 1)
        path: tree.Expression = tree.Name(part.path[0], inside)
        for name in part.path[1:]:
            path = tree.Field(path, name, inside)
        values.append(single(lowering, scope, lowering.expression(scope, path)))
        parts.append("")
    if not values:
        return scope.literal(parts[0], types.Text(), node.span)
    return fields.compute(scope, "text", tuple(parts), values, types.Text(), node.span)


def single(lowering: Lowering, scope: Scope, value: Typed) -> Typed:
    """The value of one candidate; several candidates or the like are reported."""
    if isinstance(value.type, types.Candidates) and (value.type.low, value.type.high) == (1, 1):
        return fields.compute(scope, "value", (), [value], value.type.item, value.span)
    if isinstance(value.type, types.Candidates | types.Model | types.Pipeline | types.Tool):
        lowering.error(
            "E303",
            f"a value is expected here, this is {a(value.type)}",
            value.span,
            describe(value.type),
            calls.reduce_help(value.type),
        )
        return lowering.unknown(scope, value.span)
    return value


def _name(lowering: Lowering, scope: Scope, node: tree.Name) -> Typed:
    bound = scope.find(node.id)
    if bound is not None:
        bound.used = True
        return replace(bound.value, span=node.span)
    found = callables.declared_value(lowering, scope, (node.id,), node.span)
    if found is not None:
        return found
    known = [*scope.visible(), *lowering.module.names()]
    near = nearest(node.id, known)
    help = f"write `{near}`" if near else "bind it above, or declare it"
    lowering.error("E220", f"there is nothing called `{node.id}` here", node.span, "unknown name", help)
    return lowering.unknown(scope, node.span)


def _list(lowering: Lowering, scope: Scope, node: tree.List) -> Typed:
    items = [lowering.expression(scope, item) for item in node.items]
    kind: types.Type = types.Unknown()
    if not any(isinstance(i.type, types.Model | types.Pipeline) for i in items):
        items = [single(lowering, scope, item) for item in items]
    for item in items:
        joined = join(kind, item.type)
        if joined is None:
            lowering.error(
                "E307",
                "the items of a list have one type",
                item.span,
                describe(item.type),
                f"the items before it are {describe(kind)}",
            )
            return lowering.unknown(scope, node.span)
        kind = joined
    made = types.ListOf(kind, len(items), len(items))
    if not items:
        return scope.literal((), made, node.span)
    return fields.compute(scope, "list", (), items, made, node.span)


def _record(lowering: Lowering, scope: Scope, node: tree.RecordLiteral) -> Typed:
    known: dict[str, types.Type] = {}
    names: list[str | None] = []
    inputs: list[Typed] = []
    for entry in node.entries:
        label = entry.name if isinstance(entry, tree.FieldValue) else ""
        value = single(lowering, scope, lowering.expression(scope, entry.value, label))
        if isinstance(entry, tree.FieldValue):
            known[entry.name] = value.type
            names.append(entry.name)
        else:
            if not isinstance(value.type, types.Record | types.Unknown):
                help = "give it a name: `name = …`"
                lowering.error("E308", "only a record can be spread", entry.span, describe(value.type), help)
            known |= fields.known_fields(value.type)
            names.append(None)
        inputs.append(value)
    return fields.compute(scope, "record", tuple(names), inputs, types.Record(tuple(known.items())), node.span)


def _binary(lowering: Lowering, scope: Scope, node: tree.Binary, label: str) -> Typed:
    left, right = (lowering.expression(scope, side, label) for side in (node.left, node.right))
    if node.operator == "+" and isinstance(left.type, types.Candidates | types.ListOf):
        return _concat(lowering, scope, node, left, right)
    left, right = (single(lowering, scope, side) for side in (left, right))
    wanted: types.Type
    result: types.Type
    match node.operator:
        case "and" | "or":
            wanted, result = types.Boolean(), types.Boolean()
        case "==" | "!=":
            if join(left.type, right.type) is None:
                lowering.error(
                    "E309",
                    "only values of one type can be equal",
                    node.span,
                    f"{describe(left.type)} and {describe(right.type)}",
                    "compare two texts, two numbers, or a field of a record",
                )
            return fields.compute(scope, "binary", (node.operator,), [left, right], types.Boolean(), node.span)
        case "<" | "<=" | ">" | ">=":
            wanted, result = types.Number(), types.Boolean()
        case _:
            wanted, result = types.Number(), types.Number()
    join_texts = 'texts are joined by filling them in: `"{a}{b}"`'
    for side in (left, right):
        help = join_texts if node.operator == "+" and isinstance(side.type, types.Text) else ""
        if not expect(lowering, side, wanted, f"`{node.operator}` takes", help):
            return lowering.unknown(scope, node.span)
    return fields.compute(scope, "binary", (node.operator,), [left, right], result, node.span)


def expect(lowering: Lowering, value: Typed, wanted: types.Type, who: str, help: str = "") -> bool:
    """Whether a value fits a type; reports it where not."""
    if assignable(value.type, wanted):
        return True
    if spoilt(value.type):
        return False
    lowering.error(
        "E310",
        f"{who} {a(wanted)}, this is {a(value.type)}",
        value.span,
        describe(value.type),
        help or calls.convert_help(value.type, wanted),
    )
    return False


def spoilt(given: types.Type) -> bool:
    """Whether something in a type has been reported already, so that no more is said about it."""
    match given:
        case types.Unknown():
            return True
        case types.ListOf(item=item, limit=limit):
            return limit != 0 and spoilt(item)  # nothing is known of the items of `[]`, and all is well
        case types.Candidates(item=item):
            return spoilt(item)
        case types.Record(fields=fields):
            return any(spoilt(t) for _, t in fields)
        case _:
            return False


def a(given: types.Type) -> str:
    """A type with its article: a number, 4 candidates."""
    plain = isinstance(given, types.Text | types.Number | types.Boolean | types.Model | types.Tool)
    return f"a {describe(given)}" if plain else describe(given)


def _concat(lowering: Lowering, scope: Scope, node: tree.Binary, left: Typed, right: Typed) -> Typed:
    match left.type, right.type:
        case types.Candidates() as a, types.Candidates() as b:
            item = join(a, b)
            if isinstance(item, types.Candidates):
                high = None if a.high is None or b.high is None else a.high + b.high
                made: types.Type = item.sized(a.low + b.low, high)
                return fields.compute(scope, "concat", (), [left, right], made, node.span)
        case ((types.ListOf() | types.Candidates()), (types.ListOf() | types.Candidates())):
            one, two = fields.as_list(left.type), fields.as_list(right.type)
            kind = join(one.item, two.item)
            if kind is not None:
                limit = None if one.limit is None or two.limit is None else one.limit + two.limit
                made = types.ListOf(kind, limit, one.least + two.least)
                return fields.compute(scope, "concat", (), [left, right], made, node.span)
    lowering.error(
        "E309",
        "`+` joins two lists or two sets of candidates of one type",
        node.span,
        f"{describe(left.type)} and {describe(right.type)}",
        _join_help(left.type, right.type),
    )
    return lowering.unknown(scope, node.span)


def _join_help(left: types.Type, right: types.Type) -> str:
    match left, right:
        case (types.Candidates(), types.Text()) | (types.Text(), types.Candidates()):
            return "make a candidate of the text: `text |> answering(question)`"
        case (types.ListOf(item=item), other) | (other, types.ListOf(item=item)) if assignable(other, item):
            return "write a list of one: `[value]`"
        case _:
            return 'texts are joined by filling them in: `"{a}{b}"`'


def _unary(lowering: Lowering, scope: Scope, node: tree.Unary) -> Typed:
    value = single(lowering, scope, lowering.expression(scope, node.operand))
    wanted: types.Type = types.Boolean() if node.operator == "not" else types.Number()
    if not expect(lowering, value, wanted, f"`{node.operator}` takes"):
        return lowering.unknown(scope, node.span)
    return fields.compute(scope, "not" if node.operator == "not" else "negate", (), [value], wanted, node.span)
