"""Branches: `match` and `if`. Only the arm that is taken runs, so arms are blocks of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttsc.compiler.ir import Match
from ttsc.compiler.lowering import calls, expressions
from ttsc.compiler.lowering.scope import Scope, Typed, Wire
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import one_of
from ttsc.grammar.source import Span
from ttsc.values import types
from ttsc.values.types import describe, join

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


def branch(lowering: Lowering, scope: Scope, node: tree.Match | tree.If) -> Typed:
    """`match` and `if`: only the arm that is taken runs."""
    subject: Typed
    arms: list[tuple[object, tree.Block]]
    if isinstance(node, tree.If):
        subject = expressions.single(lowering, scope, lowering.expression(scope, node.condition))
        expressions.expect(lowering, subject, types.Boolean(), "`if` takes")
        arms = [(True, node.then), (False, node.otherwise)]
    else:
        subject = expressions.single(lowering, scope, lowering.expression(scope, node.subject))
        _covers(lowering, node, subject)
        arms = [(arm.label, arm.body) for arm in node.arms]
    made: list[tuple[object, Scope, Typed]] = []
    for label, body in arms:
        inner = Scope(scope)
        made.append((label, inner, lowering.block(inner, body)))
    return joined(lowering, scope, made, subject, node.span)


def _covers(lowering: Lowering, node: tree.Match, subject: Typed) -> None:
    """Every value of a closed choice has an arm, and every arm a value."""
    labels = [arm.label for arm in node.arms]
    for arm in node.arms:
        if labels.count(arm.label) > 1 and labels.index(arm.label) != node.arms.index(arm):
            name = f'"{arm.label}"' if arm.label is not None else "else"
            lowering.error("E322", f"`{name}` has two arms", arm.span, "again", "leave one out")
    if isinstance(subject.type, types.Unknown):
        return
    if not isinstance(subject.type, types.Choice | types.Text):
        lowering.error(
            "E323",
            f"`match` looks at a closed choice or a text, this is {describe(subject.type)}",
            subject.span,
            describe(subject.type),
            "write `if` with a comparison",
        )
        return
    if isinstance(subject.type, types.Text):
        if None not in labels:
            lowering.error(
                "E324",
                "a text may be anything, so `match` needs `else`",
                node.span.to(subject.span),
                "no `else`",
                "add `else => …`",
            )
        return
    missing = [o for o in subject.type.options if o not in labels]
    if missing and None not in labels:
        names = one_of([f'"{m}"' for m in missing])
        lowering.error(
            "E324",
            f"`match` has no arm for {names}",
            node.span.to(subject.span),
            "not every case is covered",
            f'add `"{missing[0]}" => …`, or `else => …`',
        )
    for arm in node.arms:
        if arm.label is not None and arm.label not in subject.type.options:
            lowering.error(
                "E325",
                f'"{arm.label}" can never be',
                arm.span,
                f"the subject is {describe(subject.type)}",
                "leave the arm out, or correct its label",
            )


def joined(
    lowering: Lowering, scope: Scope, arms: list[tuple[object, Scope, Typed]], subject: Typed, span: Span
) -> Typed:
    """The node of a branch; its arms give one type and take the same captures."""
    joined: types.Type = types.Unknown()
    for _, _, value in arms:
        wider = join(joined, value.type)
        if wider is None:
            lowering.error(
                "E326",
                "the arms of a branch give one type",
                value.span,
                describe(value.type),
                f"the arms before it give {describe(joined)}",
            )
            return lowering.unknown(scope, span)
        joined = wider
    results = [
        calls.coerce(lowering, inner, value, joined, "")
        if value.type != joined and not isinstance(joined, types.Unknown)
        else value
        for _, inner, value in arms
    ]
    for (_, inner, _v), result in zip(arms, results, strict=True):
        inner.wire(result)
    outer: list[Wire] = []
    for _, inner, _v in arms:
        outer += [w for w in inner.captures if w not in outer]
    blocks = tuple(
        (label, inner.finish(result, outer)) for (label, inner, _v), result in zip(arms, results, strict=True)
    )
    domain = tuple(d for r in results for d in r.domain)
    made = scope.add(Match(blocks), [subject, *scope.captured(outer, span)], joined, span)
    return replace(made, domain=domain)
