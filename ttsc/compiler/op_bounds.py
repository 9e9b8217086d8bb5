"""The worst case of one use of an op: its own formula, with sizes, models and prices put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ttsc.compiler.ir import Dynamic, Node, OpCall, Static
from ttsc.compiler.spend import NOTHING, Spend
from ttsc.ops import OPS
from ttsc.ops.facts import UNSETTLED, Exchange, Facts, Sizes
from ttsc.ops.signature import Op, Slots
from ttsc.values import types
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import PromptTemplate

#: Bytes that a drawn token counts for when its text is part of a later prompt.
BYTES_PER_DRAWN_TOKEN = 4
#: Bytes that a provider's chat format may add per message, and per request.
BYTES_PER_MESSAGE, BYTES_PER_REQUEST = 16, 64
#: Bytes of what a model is told when its reply could not be read.
COMPLAINT_BYTES = 600
#: Bytes between two items of a list in a text, and of the longest number there.
SEPARATOR, NUMBER_BYTES = 2, 42


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan assumes where it cannot know: bytes of an input, and of what is typical.

    `typical_output_tokens` None asks for the hard bound: every draw as long as it may be and
    every re-ask needed.
    """

    input_bytes: int = 8_000
    typical_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Sizes of a value in bytes: all of it, one item, the question it answers, its critiques; and items.

    `fields` are those of a record that the program put together; empty where they are not known apart.
    """

    total: int
    item: int
    question: int = 0
    critique: int = 0
    count: int = 0
    fields: tuple[tuple[str, Measure], ...] = ()

    def either(self, other: Measure) -> Measure:
        """Large enough for both."""
        return Measure(
            max(self.total, other.total),
            max(self.item, other.item),
            max(self.question, other.question),
            max(self.critique, other.critique),
            max(self.count, other.count),
            self._fields(other),
        )

    def _fields(self, other: Measure) -> tuple[tuple[str, Measure], ...]:
        ours, theirs = dict(self.fields), dict(other.fields)
        return tuple((n, m.either(theirs[n])) for n, m in ours.items()) if ours.keys() == theirs.keys() else ()


def listed(measure: Measure, item: int, count: int) -> Measure:
    """The measure of so many items of a size, with what stands between them in a text."""
    return replace(measure, total=(item + SEPARATOR) * count, item=item, count=count)


def op_bound(
    node: Node, call: OpCall, given: list[Measure], assumptions: Assumptions, models: Mapping[str, ModelSpec]
) -> tuple[Spend, int, Measure]:
    """What it may spend, the longest chain of exchanges in it, and the size of its result."""
    op = OPS[call.op]
    facts = facts_of(op, node, call, given)
    piped = given[0]
    candidates = isinstance(facts.input, types.Candidates)
    sizes = Sizes(
        question=piped.question if candidates else piped.total,
        item=piped.item if candidates or isinstance(facts.input, types.ListOf) else piped.total,
        critique=piped.critique,
        high=_high(facts.input, piped),
        prompt=_prompt_bytes(op, facts),
        arguments={n: given[s.input].total for n, s in call.settings if isinstance(s, Dynamic)},
    )
    worst = op.worst(facts, sizes)
    spend, depth, drawn = replace(NOTHING, calls=worst.tool_calls), 0, 0
    for name, exchanges in worst.exchanges.items():
        alternatives, dynamic = _models(facts, call, node, name, models)
        spent = [_exchanges(exchanges, spec, facts, assumptions) for spec in alternatives]
        for each, rounds, output in spent:
            depth, drawn = max(depth, rounds), max(drawn, output)
            if not dynamic:
                spend += each
        if dynamic and spent:
            dearest = spent[0][0]
            for each, _, _ in spent[1:]:
                dearest = dearest.either(each)
            spend += dearest
    return spend, depth, _result(op, node, facts, piped, worst.item_bytes, drawn)


def facts_of(op: Op, node: Node, call: OpCall, given: list[Measure]) -> Facts:
    """The facts of a node as its type rule saw them; the input's type as far as its size goes."""
    values = {a.name: a.default for a in op.arguments if not a.required}
    for name, setting in call.settings:
        values[name] = setting.value if isinstance(setting, Static) else UNSETTLED
    return Facts(call.input, values, {}, frozenset(n for n, _ in call.settings))


def _high(given: types.Type, piped: Measure) -> int:
    match given:
        case types.Candidates(low=1, high=1, item=types.ListOf(limit=limit)):
            return limit or piped.count
        case types.Candidates(high=high):
            return high or 0
        case types.ListOf(limit=limit):
            return limit or piped.count
        case _:
            return 1


def _prompt_bytes(op: Op, facts: Facts) -> int:
    custom = facts.values.get("prompt")
    prompts = [custom] if isinstance(custom, PromptTemplate) else list(op.prompts.values())
    words = max((sum(len(p.encode()) for p in t.parts[::2]) for t in prompts), default=0)
    system = facts.values.get("system")
    return words + (len(system.encode()) if isinstance(system, str) else 0)


def _models(
    facts: Facts, call: OpCall, node: Node, name: str, models: Mapping[str, ModelSpec]
) -> tuple[tuple[ModelSpec, ...], bool]:
    """The models of an argument; True where the program picks one of them when it runs."""
    value = facts.values.get(name)
    if isinstance(value, ModelSpec):
        return (value,), False
    if isinstance(value, tuple):
        return tuple(v for v in value if isinstance(v, ModelSpec)), False
    names = next((n for a, n in call.choices if a == name), ())
    return tuple(models[n] for n in names if n in models), True


def _exchanges(
    exchanges: tuple[Exchange, ...], spec: ModelSpec, facts: Facts, assumptions: Assumptions
) -> tuple[Spend, int, int]:
    own = facts.values.get("max_tokens")
    hard = own if isinstance(own, int) else spec.max_tokens
    typical = assumptions.typical_output_tokens
    output = hard if typical is None else min(hard, typical)
    spend, rounds = NOTHING, 0
    for exchange in exchanges:
        reasks = exchange.reasks if typical is None else 0
        tries = 1 + reasks
        fixed = exchange.input_bytes + BYTES_PER_MESSAGE * exchange.messages + BYTES_PER_REQUEST
        again = output * BYTES_PER_DRAWN_TOKEN + COMPLAINT_BYTES + 2 * BYTES_PER_MESSAGE
        sent = tries * fixed + again * (reasks * (reasks + 1) // 2)
        tokens = sent if typical is None else -(-sent // BYTES_PER_DRAWN_TOKEN)
        cost = None if spec.price is None else spec.price.of(tokens, output * tries) + spec.price.call * reasks
        one = Spend(1, tries, tries, tokens, output * tries, cost)
        spend += one * exchange.draws
        rounds += exchange.rounds * tries
    return spend, rounds, output * BYTES_PER_DRAWN_TOKEN


def _result(op: Op, node: Node, facts: Facts, piped: Measure, item: int | None, drawn: int) -> Measure:
    question = piped.question if isinstance(facts.input, types.Candidates) else piped.total
    if isinstance(op.behaviour, Slots) or op.role == "source":
        size = item if item is not None else drawn or piped.item
        critique = 0
    else:
        size = item if item is not None else max(piped.item, drawn) if op.rewrites else piped.item
        had = isinstance(facts.input, types.Candidates) and facts.input.critique is not None
        has = isinstance(node.type, types.Candidates) and node.type.critique is not None
        critique = drawn if has and not had else piped.critique
    match node.type:
        case types.Candidates(high=high):
            made = Measure(size, size, question, critique, high or 0)
            return made if high == 1 else listed(made, size, high or 1)
        case types.ListOf(limit=limit):
            return replace(listed(Measure(0, 0), size, limit or 1), count=limit or 0)
        case types.Number() | types.Boolean():
            return Measure(NUMBER_BYTES, NUMBER_BYTES)
        case _:
            return Measure(size, size)
