"""Loops: `each`, `fold` and `repeat`, each owning its body and each with a bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ttsc.compiler.ir import Each, Fold, Ref, Repeat
from ttsc.compiler.lowering import branches, calls, expressions, fields, ranges
from ttsc.compiler.lowering.blocks import bind, binding, lower_block, unused
from ttsc.compiler.lowering.scope import Scope, Typed, Wire
from ttsc.grammar import tree
from ttsc.grammar.source import Span
from ttsc.values import types
from ttsc.values.types import describe, join

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering

#: Loops longer than this must settle their type without being walked through.
MAX_WALKED = 256

#: Lowers a body for a carried type: its result, and the value that ends the loop.
Body = Callable[[Scope, types.Type], tuple[Typed, Typed | None]]


def each(lowering: Lowering, scope: Scope, piped: Typed, node: tree.Each) -> Typed:
    """`each as x { … }`: one result per item, side by side."""
    given = piped.type
    if isinstance(given, types.Candidates) and (given.low, given.high) == (1, 1):
        inner_list = isinstance(given.item, types.ListOf)
        piped = fields.listed(scope, piped) if inner_list else piped
        given = piped.type
    if not isinstance(given, types.Candidates | types.ListOf):
        return _not_several(lowering, scope, piped, node.span, "each")
    if isinstance(given, types.ListOf):
        _bounded(lowering, piped, given, "each")
    over_candidates = isinstance(given, types.Candidates)
    item = given.sized(1, 1) if isinstance(given, types.Candidates) else given.item
    inner = Scope(scope)
    bind(inner, node.name, inner.parameter(node.name, item, node.name_span), node.name_span)
    result = lowering.block(inner, node.body)
    block = inner.finish(result)
    inputs = [piped, *scope.captured(tuple(inner.captures), node.span)]
    low, high = (given.low, given.high) if isinstance(given, types.Candidates) else (given.least, given.limit)
    made: types.Type
    if isinstance(result.type, types.Candidates) and (result.type.low, result.type.high) == (1, 1):
        made = result.type.sized(low, high)
    elif isinstance(given, types.Candidates) and not isinstance(result.type, types.Candidates):
        made = replace(given, item=result.type)  # each candidate with another value
    else:
        made = types.ListOf(result.type, high, low)
    added = scope.add(Each(block, "candidates" if over_candidates else "list"), inputs, made, node.span)
    return added if over_candidates else replace(added, type=_some(made))


def _some(made: types.Type) -> types.Type:
    """Candidates made of a list as what follows may take them: one at least.

    Nothing says how long a list is that a model wrote. Where it turns out empty and what follows
    needs a candidate, the question fails there; where nothing needs one, all is well.
    """
    if isinstance(made, types.Candidates) and made.low == 0 and made.high != 0:
        return made.sized(1, made.high)
    return made


def _not_several(lowering: Lowering, scope: Scope, piped: Typed, span: Span, word: str) -> Typed:
    if not isinstance(piped.type, types.Unknown):
        lowering.error(
            "E318",
            f"`{word}` goes through a list or candidates, this is {describe(piped.type)}",
            piped.span,
            describe(piped.type),
            "pipe a list or candidates into it",
        )
    return lowering.unknown(scope, span)


def _bounded(lowering: Lowering, piped: Typed, given: types.ListOf, word: str) -> None:
    if given.limit is None and not isinstance(given.item, types.Unknown):
        lowering.error(
            "E503",
            f"`{word}` over a list without a bound",
            piped.span,
            "any number of items",
            f"bound the list where it comes from: `[{describe(given.item)}; 8]`",
        )


def fold(lowering: Lowering, scope: Scope, piped: Typed, node: tree.Fold) -> Typed:
    """`fold as x with acc = init { … }`: one item after the other, carrying a value along."""
    if not isinstance(piped.type, types.Candidates | types.ListOf):
        return _not_several(lowering, scope, piped, node.span, "fold")
    piped = fields.listed(scope, piped)
    given = fields.as_list(piped.type)
    initial = expressions.single(lowering, scope, lowering.expression(scope, node.initial))
    _bounded(lowering, piped, given, "fold")

    def body(inner: Scope, carried: types.Type) -> tuple[Typed, Typed | None]:
        bind(inner, node.name, inner.parameter(node.name, given.item, node.name_span), node.name_span)
        acc = inner.parameter(node.accumulator, carried, node.name_span)
        bind(inner, node.accumulator, acc, node.name_span)
        return expressions.single(lowering, inner, lowering.block(inner, node.body)), None

    carried = _settle(lowering, scope, initial, given.limit or 1, body, node.span)
    inner = Scope(scope)
    result, _ = body(inner, carried)
    block = inner.finish(result)
    inputs = [piped, initial, *scope.captured(tuple(inner.captures), node.span)]
    return scope.add(Fold(block), inputs, carried, node.span)


def repeat(lowering: Lowering, scope: Scope, piped: Typed, node: tree.Repeat) -> Typed:
    """`repeat N as y { … stop V when C … return E }`."""
    count = _count(lowering, scope, node)
    if count is None or isinstance(piped.type, types.Unknown):
        return lowering.unknown(scope, node.span)

    def body(inner: Scope, carried: types.Type) -> tuple[Typed, Typed | None]:
        start = inner.parameter(node.name, carried, node.name_span)
        bind(inner, node.name, start, node.name_span)
        return _loop_body(lowering, inner, node.body, start)

    carried = _settle(lowering, scope, piped, count, body, node.span)
    inner = Scope(scope)
    result, stop = body(inner, carried)
    result = (
        calls.coerce(lowering, inner, result, carried, "the loop carries")
        if not isinstance(carried, types.Candidates)
        else result
    )
    stopped: Wire | None = inner.wire(stop) if stop is not None else None
    block = inner.finish(result)
    ref: Ref | None = None
    if stopped is not None:
        ref = (
            len(block.parameters) + list(inner.nodes).index(stopped)
            if stopped in inner.nodes
            else list(inner.parameters).index(stopped)
        )
    inputs = [piped, *scope.captured(tuple(inner.captures), node.span)]
    if count == 0:
        return piped
    return scope.add(Repeat(block, count, ref), inputs, carried, node.span)


def _count(lowering: Lowering, scope: Scope, node: tree.Repeat) -> int | None:
    value = lowering.expression(scope, node.count, "repeat")
    if isinstance(value.type, types.Unknown):
        return None
    if not expressions.expect(lowering, value, types.Number(), "`repeat` takes"):
        return None
    if not value.settled:
        lowering.open_counts.append(value.span)
        return 1
    if not isinstance(value.constant, int) or not 0 <= value.constant <= 10_000:
        lowering.error(
            "E408",
            "`repeat` takes a whole number from 0 to 10,000",
            value.span,
            str(value.constant),
            ranges.into_range(value.constant, 0, 10_000, whole=True),
        )
        return None
    return value.constant


def _loop_body(lowering: Lowering, inner: Scope, block: tree.Block, start: Typed) -> tuple[Typed, Typed | None]:
    """The result of one round and the value that ends the loop.

    What follows a `stop` is an arm of a branch on its condition, so that it does not run, and
    does not cost, once the condition holds.
    """
    place = next((i for i, s in enumerate(block.statements) if isinstance(s, tree.Stop)), None)
    if place is None:
        return lower_block(lowering, inner, block), None
    stop = block.statements[place]
    assert isinstance(stop, tree.Stop)
    for statement in block.statements[:place]:
        assert isinstance(statement, tree.Binding)
        binding(lowering, inner, statement)
    condition = expressions.single(lowering, inner, lowering.expression(inner, stop.condition))
    expressions.expect(lowering, condition, types.Boolean(), "`when` takes")
    value = lowering.expression(inner, stop.value) if stop.value is not None else start
    rest = Scope(inner)
    later = tree.Block(block.statements[place + 1 :], block.result, block.span)
    result, again = (
        _loop_body(lowering, rest, later, start)
        if any(isinstance(s, tree.Stop) for s in later.statements)
        else (lower_block(lowering, rest, later), None)
    )
    if again is not None:
        second = next(s for s in later.statements if isinstance(s, tree.Stop))
        lowering.error("E319", "a loop has one `stop`", second.span, "the second", "join the conditions with `or`")
    stopped = Scope(inner)
    kept = _stop_value(lowering, stopped, value, result, stop.span)
    made = branches.joined(lowering, inner, [(True, stopped, kept), (False, rest, result)], condition, stop.span)
    unused(lowering, inner)
    return made, condition


def _stop_value(lowering: Lowering, scope: Scope, value: Typed, result: Typed, span: Span) -> Typed:
    if join(value.type, result.type) is None:
        lowering.error(
            "E320",
            "the body and its `stop` give values of different types",
            span,
            f"stops with {describe(value.type)}, the body returns {describe(result.type)}",
            "`stop V when C` and `return E` carry the same kind of value",
        )
        return lowering.unknown(scope, span)
    return value


def _settle(lowering: Lowering, scope: Scope, initial: Typed, count: int, body: Body, span: Span) -> types.Type:
    """The type that fits what a loop carries in every round: the initial one, widened by its rounds."""
    carried = initial.type
    for _ in range(min(count, MAX_WALKED)):
        with lowering.rehearsal(), scope.discarded():
            result, _stop = body(Scope(scope), carried)
        wider = join(carried, result.type)
        if wider is None:
            lowering.error(
                "E321",
                "a loop carries one kind of value",
                span,
                f"starts with {describe(carried)}, a round returns {describe(result.type)}",
                "return the same kind of value that came in",
            )
            return types.Unknown()
        if (
            isinstance(wider, types.Candidates)
            and isinstance(carried, types.Candidates)
            and isinstance(result.type, types.Candidates)
        ):
            pass
        if wider == carried:
            return carried
        carried = wider
    if count > MAX_WALKED:
        lowering.error(
            "E504", "what this loop carries grows in every round", span, "no bound", "cut it with `|> top(n)`"
        )
    return carried
