"""Arguments that are words, not values: enumerated names, extractors, scores, texts, strategies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ttsc.compiler.lowering.accepted import Accepted, Place, Result
from ttsc.compiler.lowering.misplaced import misplaced, missing
from ttsc.compiler.lowering.scope import Scope
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.ops import accepts as takes
from ttsc.ops.accepts import MetricUse
from ttsc.values.extraction import EXTRACTORS, Extractor

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering

Accept = Callable[[Place, tree.Argument], Result]


def word_of(
    lowering: Lowering, scope: Scope, place: Place, options: Sequence[str], node: tree.Expression
) -> str | None:
    name = node.id if isinstance(node, tree.Name) else None
    if name is not None and name in options:
        return None if _hidden(lowering, scope, place, name, node) else name
    said = node.parts[0] if isinstance(node, tree.Text) and len(node.parts) == 1 else name
    near = nearest(said if isinstance(said, str) else "", options)
    help = f"write `{near}`" if near else f"write one of {one_of(options)}"
    lowering.error(
        "E410",
        f"`{place.argument.name}` is one of {one_of(options)}",
        node.span,
        "not one of them" if name else "a bare word is expected",
        help,
    )
    return None


def _hidden(lowering: Lowering, scope: Scope, place: Place, word: str, node: tree.Expression) -> bool:
    """Whether a binding has the name of a word that is meant here; reports it."""
    bound = scope.find(word)
    if bound is None:
        return False
    bound.used = True
    lowering.error(
        "E419",
        f"`{word}` is a word that `{place.argument.name}` knows, and the name of a binding",
        node.span,
        f"bound in line {bound.span.line}",
        "give the binding another name",
    )
    return True


def items_of(node: tree.Expression) -> tuple[tree.Expression, ...]:
    return node.items if isinstance(node, tree.List) else (node,)


def extractor_of(lowering: Lowering, scope: Scope, place: Place, node: tree.Expression) -> Result:
    match node:
        case tree.Call(callee=("json",), arguments=(tree.Argument(name=None, value=value),)):
            path = item_path(value)
            if path:
                return None if _hidden(lowering, scope, place, "json", node) else Accepted(Extractor("json", path))
            lowering.error("E411", "`json` takes the field to look for", value.span, "", "write `json(.answer)`")
            return None
        case tree.Name(id="json"):
            lowering.error("E411", "`json` needs the field to look for", node.span, "which?", "write `json(.answer)`")
            return None
    word = word_of(lowering, scope, place, tuple(EXTRACTORS), node)
    return None if word is None else Accepted(Extractor(word))


def item_path(node: tree.Expression) -> str:
    """`.a.b` as "a.b", "" for anything else."""
    match node:
        case tree.ItemField(name=name):
            return name
        case tree.Field(value=value, name=name):
            above = item_path(value)
            return f"{above}.{name}" if above else ""
        case _:
            return ""


def metric_of(
    lowering: Lowering,
    scope: Scope,
    place: Place,
    accepts: takes.Metric,
    node: tree.Expression,
    otherwise: tree.Expression | None,
) -> Result:
    instead: float | None = None
    if otherwise is not None:
        if not isinstance(otherwise, tree.Number):
            lowering.error(
                "E406", "`else` takes a number here", otherwise.span, "", f"write `{place.argument.name}: score else 1`"
            )
            return None
        instead = float(otherwise.value)
    uses = [_metric_use(item, instead) for item in items_of(node)]
    for use, item in zip(uses, items_of(node), strict=True):
        if use is None:
            lowering.error(
                "E412",
                f"`{place.argument.name}` names a score",
                item.span,
                "not a name",
                f"write `{place.argument.name}: score`, or `-length` for the smallest first",
            )
            return None
        if _hidden(lowering, scope, place, use.name, item):
            return None
    if not accepts.several:
        if len(uses) > 1:
            help = f"write `{place.argument.name}: {next((u.name for u in uses if u), 'score')}`"
            lowering.error("E412", f"`{place.argument.name}` takes one score", node.span, f"{len(uses)} scores", help)
            return None
        return Accepted(uses[0])
    return Accepted(tuple(uses))


def _metric_use(node: tree.Expression, otherwise: float | None) -> MetricUse | None:
    match node:
        case tree.Name(id=name):
            return MetricUse(name, True, otherwise)
        case tree.Unary(operator="-", operand=tree.Name(id=name)):
            return MetricUse(name, False, otherwise)
        case _:
            return None


def texts_of(lowering: Lowering, place: Place, node: tree.Expression) -> Result:
    texts: list[str] = []
    for item in items_of(node):
        match item:
            case tree.Text(parts=(str() as text,)):
                texts.append(text)
            case _:
                help = "write the text out, in double quotes, with nothing to fill in"
                lowering.error("E417", f"`{place.argument.name}` takes text literals", item.span, "not one", help)
                return None
    return Accepted(tuple(texts) if isinstance(node, tree.List) else texts[0])


def strategy_of(
    lowering: Lowering,
    scope: Scope,
    place: Place,
    options: Mapping[str, type],
    node: tree.Expression,
    accept: Accept,
) -> Result:
    name = node.callee[-1] if isinstance(node, tree.Call) else node.id if isinstance(node, tree.Name) else ""
    if name not in options:
        near = nearest(name, tuple(options))
        help = f"write `{near}(…)`" if near else f"the strategies are {one_of(tuple(options))}"
        lowering.error("E416", f"`{place.op.name}` has no strategy `{name}`", node.span, "unknown", help)
        return None
    known = takes.arguments(options[name])
    values: dict[str, object] = {a.name: a.default for a in known if not a.required}
    for written in node.arguments if isinstance(node, tree.Call) else ():
        argument = next((a for a in known if a.name == written.name), None)
        if argument is None:
            misplaced(lowering, name, written, written.name, [a.name for a in known], 0)
            return None
        inner = accept(Place(place.op, argument, place.item), written)
        if inner is None:
            return None
        values[argument.name] = inner.constant
    lacking = [a for a in known if a.name not in values]
    if lacking:
        missing(lowering, name, node.span, lacking, len(lacking) < len(known))
        return None
    return Accepted(options[name](**values))
