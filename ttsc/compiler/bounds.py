"""The worst case of a block, before anything is spent: calls, tokens, dollars, depth, node by node.

An abstract run: values are sizes in bytes, loops run as often as they may, of a branch the
dearer arm counts. Tokens never exceed bytes for byte-level tokenizers, so a prompt counts its
bytes; a drawn token counts BYTES_PER_DRAWN_TOKEN when its text is sent on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ttsc.compiler import record_sizes
from ttsc.compiler.ir import (
    Block,
    Call,
    Compute,
    Each,
    Fold,
    Interleave,
    Literal,
    Match,
    Node,
    OpCall,
    Repeat,
    SampleUntil,
    ToolCall,
)
from ttsc.compiler.op_bounds import NUMBER_BYTES, SEPARATOR, Assumptions, Measure, listed, op_bound
from ttsc.compiler.problems import Problems
from ttsc.compiler.spend import NOTHING, Spend
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.grammar.source import Span
from ttsc.values import types
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import as_text

#: Bytes of a tool's result where nothing else caps it.
TOOL_RESULT_BYTES = 64_000
#: Bytes that a value carried by a loop may grow to before the loop is refused.
LARGEST_VALUE = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One paid node of the program: what it is, where, and all it may cost in one run."""

    name: str
    title: str
    span: Span = field(compare=False, repr=False)
    spend: Spend
    depth: int
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """What a block may cost at most. `depth` is the longest chain of dependent exchanges."""

    spend: Spend
    depth: int
    measure: Measure


class Walk:
    """One abstract run; `rows` gathers the paid nodes in the order of the program."""

    def __init__(self, assumptions: Assumptions, models: Mapping[str, ModelSpec]) -> None:
        self.assumptions = assumptions
        self.models = models
        self.rows: dict[tuple[int, str, tuple[str, ...]], Row] = {}

    def block(
        self, block: Block, inputs: Sequence[Measure], ready: Sequence[int], times: int, path: tuple[str, ...] = ()
    ) -> Bound:
        """The worst case of a block that runs `times` times, with inputs of these sizes and depths."""
        measures, depths = list(inputs), list(ready)
        spend, deepest = NOTHING, 0
        for node in block.nodes:
            given = [measures[i] for i in node.inputs]
            start = max((depths[i] for i in node.inputs), default=0)
            bound = self._node(node, given, times, path)
            measures.append(bound.measure)
            depths.append(start + bound.depth)
            deepest = max(deepest, start + bound.depth)
            spend += bound.spend
        return Bound(spend, deepest, measures[block.result])

    def _node(self, node: Node, given: list[Measure], times: int, path: tuple[str, ...]) -> Bound:
        match node.operation:
            case Literal(value=value):
                return Bound(NOTHING, 0, _literal(value))
            case Compute():
                return Bound(NOTHING, 0, _computed(node, node.operation, given, self.assumptions))
            case OpCall():
                return self._paid(node, node.operation, given, times, path)
            case ToolCall(tool=tool):
                spend = Spend(calls=1, requests=1, attempts=1, cost=0)
                self._row(node, tool, spend, 1, times, path)
                return Bound(spend, 1, Measure(TOOL_RESULT_BYTES, TOOL_RESULT_BYTES))
            case Each(body=body):
                return self._each(node, body, given, times, path)
            case Repeat(body=body, count=count):
                return self._loop(node, body, given[:1], given[1:], count, times, path)
            case Fold(body=body):
                return self._fold(node, body, given, times, path)
            case Match(arms=arms):
                return self._match(node, arms, given, times, path)
            case SampleUntil():
                return self._until(node, node.operation, given, times, path)
            case Call(pipeline=name, body=body, fallback=fallback):
                inner = (*path, name)
                bound = self.block(body, given, [0] * len(given), times, inner)
                if fallback is not None:
                    spare = self.block(fallback, given, [0] * len(given), times, (*inner, "else"))
                    bound = Bound(
                        bound.spend + spare.spend, bound.depth + spare.depth, bound.measure.either(spare.measure)
                    )
                return bound
            case Interleave():
                widest = given[0]
                for other in given[1:]:
                    widest = widest.either(other)
                return Bound(NOTHING, 0, replace(widest, total=sum(g.total for g in given)))

    def _paid(self, node: Node, call: OpCall, given: list[Measure], times: int, path: tuple[str, ...]) -> Bound:
        spend, depth, measure = op_bound(node, call, given, self.assumptions, self.models)
        if spend.calls:
            self._row(node, call.op, spend, depth, times, path)
        return Bound(spend, depth, measure)

    def _row(self, node: Node, title: str, spend: Spend, depth: int, times: int, path: tuple[str, ...]) -> None:
        key = (node.span.start, title, path)
        row = self.rows.get(key)
        total = spend * times if row is None else row.spend + spend * times
        self.rows[key] = Row(node.name, title, node.span, total, max(depth, row.depth if row else 0), path)

    def _each(self, node: Node, body: Block, given: list[Measure], times: int, path: tuple[str, ...]) -> Bound:
        items = given[0]
        high = _width(node)
        one = replace(items, total=items.item)
        bound = self.block(body, [one, *given[1:]], [0] * len(given), times * high, path)
        measure = listed(bound.measure, bound.measure.total, high)
        if isinstance(node.type, types.Candidates):
            measure = replace(measure, question=bound.measure.question)
        return Bound(bound.spend * high, bound.depth, measure)

    def _loop(
        self,
        node: Node,
        body: Block,
        carried: list[Measure],
        captures: list[Measure],
        count: int,
        times: int,
        path: tuple[str, ...],
        item: Measure | None = None,
    ) -> Bound:
        """`count` rounds one after the other; rounds that no longer change anything are multiplied."""
        spend, depth, state = NOTHING, 0, carried[0]
        largest = state
        done = 0
        while done < count:
            inputs = [state, *captures] if item is None else [item, state, *captures]
            kept = dict(self.rows)
            bound = self.block(body, inputs, [0] * len(inputs), times, path)
            rounds = 1
            if bound.measure == state:
                rounds = count - done
                self.rows = kept
                bound = self.block(body, inputs, [0] * len(inputs), times * rounds, path)
            spend, depth, done = spend + bound.spend * rounds, depth + bound.depth * rounds, done + rounds
            state = bound.measure
            if state.total > LARGEST_VALUE:
                raise Problems([_grows(node)])
            largest = largest.either(state)
        return Bound(spend, depth, largest)

    def _fold(self, node: Node, body: Block, given: list[Measure], times: int, path: tuple[str, ...]) -> Bound:
        items = given[0]
        count = items.count
        item = replace(items, total=items.item)
        return self._loop(node, body, [given[1]], given[2:], count, times, path, item)

    def _match(
        self, node: Node, arms: Sequence[tuple[object, Block]], given: list[Measure], times: int, path: tuple[str, ...]
    ) -> Bound:
        bounds: list[Bound] = []
        for label, body in arms:
            inner = path if isinstance(label, bool) else (*path, "else" if label is None else f'"{label}"')
            bounds.append(self.block(body, given[1:], [0] * (len(given) - 1), times, inner))
        spend, measure = bounds[0].spend, bounds[0].measure
        for bound in bounds[1:]:
            spend, measure = spend.either(bound.spend), measure.either(bound.measure)
        return Bound(spend, max(b.depth for b in bounds), measure)

    def _until(self, node: Node, until: SampleUntil, given: list[Measure], times: int, path: tuple[str, ...]) -> Bound:
        count = len(given) - len(until.captures)
        bound = self._paid(node, until.call, given[:count], times, path)
        samples = node.type.high if isinstance(node.type, types.Candidates) and node.type.high else 1
        waves = -(-samples // until.at_once)
        inputs = [bound.measure, *(given[i] for i in until.captures)]
        condition = self.block(until.condition, inputs, [0] * len(inputs), times * waves, path)
        depth = bound.depth + waves * condition.depth
        return Bound(bound.spend + condition.spend * waves, depth, bound.measure)


def _width(node: Node) -> int:
    match node.type:
        case types.Candidates(high=high):
            return high or 0
        case types.ListOf(limit=limit):
            return limit or 0
        case _:
            return 1


def _grows(node: Node) -> Diagnostic:
    title = "what this loop carries may grow to more than 10 GB"
    help = "carry less from round to round: shorten it, or repeat less often"
    return Diagnostic("E508", title, node.span, "grows every round", help)


def _literal(value: object) -> Measure:
    match value:
        case tuple() | list():
            sizes = [_literal(v).total for v in value]
            return Measure(sum(sizes) + SEPARATOR * len(sizes), max(sizes, default=0), count=len(sizes))
        case str() | int() | float() | Mapping():
            size = len(as_text(value).encode())
            return Measure(size, size)
        case _:
            return Measure(0, 0)


def _computed(node: Node, compute: Compute, given: list[Measure], assumptions: Assumptions) -> Measure:
    total = sum(g.total for g in given)
    match compute.function:
        case "text" | "fill":
            fixed = sum(len(str(p).encode()) for p in compute.options) if compute.function == "text" else 0
            template = compute.options[0] if compute.function == "fill" else None
            if template is not None:
                names = [n for n, _ in template.parameters]  # type: ignore[attr-defined]
                parts = template.parts  # type: ignore[attr-defined]
                fixed = sum(len(p.encode()) for p in parts[::2])
                total = sum(given[names.index(p)].total for p in parts[1::2])
            return Measure(fixed + total, fixed + total)
        case "list":
            return listed(Measure(0, 0), max((g.total for g in given), default=0), len(given))
        case "record":
            return record_sizes.record(node.type, compute.options, given, assumptions)
        case "field" if given[0].fields:
            return record_sizes.field(given[0], str(compute.options[0]))
        case "concat":
            widest = given[0].either(given[1])
            return replace(widest, total=total, count=given[0].count + given[1].count)
        case "binary" | "not" | "negate":
            return Measure(NUMBER_BYTES, NUMBER_BYTES)
        case "value" | "values" | "project" | "field":
            return _inner(node, given[0])
        case "candidate":
            return Measure(given[0].total, given[0].total, question=given[1].total)
        case _:
            return Measure(total, total)


def _inner(node: Node, given: Measure) -> Measure:
    match node.type:
        case types.ListOf(limit=limit):
            return Measure(given.total, given.item if given.count else given.total, count=limit or given.count)
        case types.Number() | types.Boolean():
            return Measure(NUMBER_BYTES, NUMBER_BYTES)
        case types.Choice(options=options):
            size = max(len(o.encode()) for o in options)
            return Measure(size, size)
        case _:
            return Measure(max(given.total, given.critique), max(given.item, given.critique))
