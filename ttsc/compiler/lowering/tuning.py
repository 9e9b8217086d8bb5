"""Holes: every alternative is checked, one of them is used, and none changes another's draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ttsc.compiler.lowering.scope import Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.source import Span
from ttsc.values import types
from ttsc.values.types import assignable, describe, join

if TYPE_CHECKING:
    from ttsc.compiler.lowering.accepted import Accepted
    from ttsc.compiler.lowering.walk import Lowering


def lower(lowering: Lowering, scope: Scope, node: tree.Tune, label: str) -> Typed:
    """A hole where a value is expected."""
    match node.domain:
        case tree.Range():
            return _range(lowering, scope, node, node.domain, label)
        case tree.Options(subset=True):
            return _subset(lowering, scope, node, node.domain, label)
        case tree.Options():
            return _option(lowering, scope, node, node.domain, label)
        case tree.Generated():
            return _generated(lowering, scope, node, node.domain, label)


def _range(lowering: Lowering, scope: Scope, node: tree.Tune, domain: tree.Range, label: str) -> Typed:
    low, high = domain.low, domain.high
    sound = _sound(lowering, domain)
    default = _number(lowering, node)
    if not sound:
        return lowering.unknown(scope, node.span)
    if default is not None and not low <= default <= high:
        lowering.error(
            "E431",
            f"the default {default:g} lies outside {low:g}..{high:g}",
            _default_span(node),
            "outside the range",
            f"write a number from {low:g} to {high:g}, or widen the range",
        )
        default = None
    whole = isinstance(low, int) and isinstance(high, int)
    if whole and default is not None and not float(default).is_integer():
        title, help = f"the default {default:g} is not a whole number", f"write `{low:g}.0..{high:g}.0` for any number"
        lowering.error("E431", title, _default_span(node), f"{low:g}..{high:g} are whole numbers", help)
        default = None
    points = int(high - low + 1) if whole else None
    shown = f"{low:g}..{high:g}{' log' if domain.log else ''}"
    name, value = lowering.hole(label or "tune", shown, default if default is not None else low, points, node.span)
    number = _as_number(value)
    if number is None or not low <= number <= high or (whole and not isinstance(number, int)):
        kind = "a whole number" if whole else "a number"
        help = f"the default is {default:g}" if default is not None else ""
        lowering.error("E432", f"`{name}` is {kind} in {shown}", node.span, f"set to {value}", help)
        number = low
    made = scope.literal(number, types.Number(), node.span)
    return replace(made, hole=True)


def _sound(lowering: Lowering, domain: tree.Range) -> bool:
    """Whether a range holds anything; reports it where not."""
    if domain.low > domain.high:
        title, help = "this range is empty", "write the smaller number first"
    elif domain.log and domain.low <= 0:
        title, help = "a `log` range starts above zero", f"write `{min(1, domain.high):g}..{domain.high:g} log`"
    else:
        return True
    lowering.error("E430", title, domain.span, f"from {domain.low:g} to {domain.high:g}", help)
    return False


def _number(lowering: Lowering, node: tree.Tune) -> int | float | None:
    match node.default:
        case tree.Number(value=value):
            return value
        case tree.Unary(operator="-", operand=tree.Number(value=value)):
            return -value
        case _:
            lowering.error(
                "E433", "the default of a range is a number", _default_span(node), "", "write `tune 1..10 = 5`"
            )
            return None


def _as_number(value: object) -> int | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if float(value).is_integer() else value
    try:
        return int(str(value))
    except ValueError:
        try:
            return float(str(value))
        except ValueError:
            return None


def _default_span(node: tree.Tune) -> Span:
    return node.default.span if node.default is not None else node.span


def chosen(lowering: Lowering, node: tree.Tune, domain: tree.Options, label: str) -> int:
    """Which alternative fills a hole: the one set by its text, else the default."""
    default = next((i for i, item in enumerate(domain.items) if item == node.default), None)
    if default is None:
        lowering.error(
            "E431",
            "the default is not one of the alternatives",
            _default_span(node),
            "not in the list",
            f"write `= {source_of(domain.items[0])}`, or add it to the list" if domain.items else "add it to the list",
        )
        default = 0
    texts = [source_of(item) for item in domain.items]
    name, value = lowering.hole(label or "tune", " | ".join(texts), texts[default], len(texts), node.span)
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    for written in (texts, [text.strip('"') for text in texts]):  # a text may be set without its quotes
        if shown in written:
            return written.index(shown)
    help = f"the default is `{texts[default]}`"
    lowering.error("E432", f"`{name}` is one of {', '.join(texts)}", node.span, f"set to {value}", help)
    return default


def source_of(node: tree.Expression) -> str:
    """An expression as it stands in the file, on one line."""
    return " ".join(node.span.source.text[node.span.start : node.span.end].split())


def _option(lowering: Lowering, scope: Scope, node: tree.Tune, domain: tree.Options, label: str) -> Typed:
    place = chosen(lowering, node, domain, label)
    values: list[Typed] = []
    for number, item in enumerate(domain.items):
        if number == place:
            values.append(lowering.expression(scope, item))
        else:
            with scope.discarded():
                values.append(lowering.expression(scope, item))
    if not values:
        return lowering.unknown(scope, node.span)
    kind: types.Type = types.Unknown()
    for value in values:
        wider = join(kind, value.type)
        if wider is None:
            lowering.error(
                "E434",
                "the alternatives of a hole have one type",
                value.span,
                describe(value.type),
                f"the ones before it are {describe(kind)}",
            )
            return values[place]
        kind = wider
    domains = tuple(d for v in values for d in (v.domain or ()))
    return replace(values[place], domain=domains, hole=True, span=node.span)


def _subset(lowering: Lowering, scope: Scope, node: tree.Tune, domain: tree.Options, label: str) -> Typed:
    texts = [source_of(item) for item in domain.items]
    wanted = node.default.items if isinstance(node.default, tree.List) else ()
    if not wanted or any(item not in domain.items for item in wanted):
        lowering.error(
            "E431",
            "the default is a list of some of the alternatives, not empty",
            _default_span(node),
            "",
            f"write `= [{texts[0]}]`" if texts else "",
        )
        wanted = domain.items
    default = [source_of(item) for item in wanted]
    shown = f"some of {', '.join(texts)}"
    name, value = lowering.hole(label or "tune", shown, default, 2 ** len(texts) - 1, node.span)
    asked = [t.strip() for t in value.strip("[]").split(",")] if isinstance(value, str) else value
    picked = [str(t) for t in asked] if isinstance(asked, list | tuple) else []
    if not picked or any(t not in texts for t in picked):
        help = f"the default is `[{', '.join(default)}]`"
        lowering.error("E432", f"`{name}` is {shown}", node.span, f"set to {value}", help)
        picked = default
    values = [lowering.expression(scope, item) for item in domain.items]
    kept = [v for v, t in zip(values, texts, strict=True) if t in picked]
    items = tuple(v.constant for v in kept)
    kind = kept[0].type if kept else types.Unknown()
    for v in kept:
        kind = join(kind, v.type) or types.Unknown()
    made = scope.literal(
        items, types.ListOf(kind, len(items), len(items)), node.span, tuple(d for v in values for d in v.domain)
    )
    return replace(made, hole=True)


def _generated(lowering: Lowering, scope: Scope, node: tree.Tune, domain: tree.Generated, label: str) -> Typed:
    name = ".".join(domain.call.callee)
    lowering.error(
        "E435",
        f"a search cannot make `{name}` yet",
        domain.span,
        "not available",
        "write the value itself",
    )
    return lowering.unknown(scope, node.span)


def stage(lowering: Lowering, scope: Scope, piped: Typed, node: tree.Tune) -> Typed:
    """A hole where a stage is expected: `x |> tune [fuse(a), rank(b, keep: 1)] = fuse(a)`."""
    if not isinstance(node.domain, tree.Options) or node.domain.subset:
        lowering.error("E436", "only a list of stages can stand in a pipe", node.span, "", "write `tune [a, b] = a`")
        return lowering.unknown(scope, node.span)
    place = chosen(lowering, node, node.domain, "stage")
    result = lowering.unknown(scope, node.span)
    for number, item in enumerate(node.domain.items):
        if number == place:
            result = lowering.stage(scope, piped, item, node.span)
        else:
            with scope.discarded():
                lowering.stage(scope, piped, item, node.span)
    return result


def argument(
    lowering: Lowering,
    scope: Scope,
    node: tree.Tune,
    label: str,
    accept: Callable[[tree.Expression], Accepted | None],
) -> Accepted | None:
    """A hole whose alternatives are words, models or strategies; each must be acceptable."""
    assert isinstance(node.domain, tree.Options)
    place = chosen(lowering, node, node.domain, label)
    found: list[Accepted | None] = []
    for number, item in enumerate(node.domain.items):
        if number == place:
            found.append(accept(item))
        else:
            with scope.discarded():
                found.append(accept(item))
    used = found[place] if found else None
    if used is None or None in found:
        return None
    domain = tuple(d for a in found if a is not None for d in (*a.domain, a.constant))
    return replace(used, domain=domain, hole=True)


def maybe(lowering: Lowering, scope: Scope, piped: Typed, node: tree.Maybe) -> Typed:
    """`maybe STAGE`: kept by default; left out it is its input."""
    name, value = lowering.hole(f"maybe.{stage_name(node.stage)}", "kept or left out", True, 2, node.span)
    kept = value in (True, "true")
    if not isinstance(value, bool) and value not in ("true", "false"):
        title, help = f"`{name}` is true (kept) or false (left out)", "the default is true"
        lowering.error("E432", title, node.span, f"set to {value}", help)
    if kept:
        result = lowering.stage(scope, piped, node.stage, node.span)
    else:
        with scope.discarded():
            result = lowering.stage(scope, piped, node.stage, node.span)
    if not _may_be_left_out(piped.type, result.type):
        lowering.error(
            "E317",
            "a stage that may be left out gives what it takes",
            node.span,
            f"{describe(piped.type)} in, {describe(result.type)} out",
            "leave `maybe` out",
        )
    return result if kept else piped


def _may_be_left_out(given: types.Type, made: types.Type) -> bool:
    if isinstance(given, types.Candidates) and isinstance(made, types.Candidates):
        return assignable(made.item, given.item)
    return assignable(made, given)


def stage_name(node: tree.Expression) -> str:
    """What a stage is called in the name of a hole."""
    match node:
        case tree.Call(callee=callee):
            return ".".join(callee)
        case tree.Name(id=id):
            return id
        case tree.Until(call=call):
            return ".".join(call.callee)
        case _:
            return type(node).__name__.lower()
