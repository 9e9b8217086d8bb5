"""What a block means, said as simply as possible: one node after the other, one draw at a time.

It shares with the runtime only the pure functions, the ops, their settings and how a draw is
named. Whatever the scheduler does at once, out of order or early has to give the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ttsc.compiler.evaluate import EvaluationError, evaluate, items_of
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
    Ref,
    Repeat,
    SampleUntil,
    ToolCall,
)
from ttsc.models.protocol import Provider
from ttsc.ops import OPS
from ttsc.ops.context import Ask
from ttsc.ops.signature import Elementwise, Op, OpError, Pure, Slots, Unavailable, Whole
from ttsc.runtime.keys import derived, permutation, question_component, short, twin
from ttsc.runtime.settings import build
from ttsc.values import types
from ttsc.values.candidate import Candidate, Candidates, distinct
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import as_text
from ttsc.values.request import Accepted, Answered, Draw, DrawKey, FailedDraw, Message
from ttsc.values.usage import Usage


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """In the place of a value: the question failed."""

    title: str


class _Failed(Exception):
    """Ends a question."""


@dataclass(frozen=True, slots=True)
class Made:
    """A value; for candidates made one by one also their slots, empty ones included."""

    value: object
    slots: tuple[Candidate | None, ...] | None = None

    def streamed(self) -> tuple[Candidate | None, ...]:
        """The slots, which a value that was never streamed gets from its candidates."""
        if self.slots is not None:
            return self.slots
        assert isinstance(self.value, Candidates)
        return self.value.items


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    made: list[str] = []
    for name in names:
        before = names[: len(made)].count(name)
        made.append(f"{name}#{before}" if before else name)
    return tuple(made)


async def interpret(
    block: Block,
    inputs: Sequence[Mapping[str, object]],
    connect: Callable[[ModelSpec], Provider],
    epoch: int,
    *,
    ops: Mapping[str, Op] = OPS,
    items: Sequence[str] = (),
) -> tuple[tuple[object, ...], frozenset[DrawKey]]:
    """Per question its raw value or a NoAnswer, and the keys of all draws that were made."""
    values: list[object] = []
    keys: list[DrawKey] = []
    equal: Counter[str] = Counter()
    for number, given in enumerate(inputs):
        arguments = [given[p.name] for p in block.parameters]
        component = question_component(arguments)
        scope = f"/{component}#{equal[component]}" if equal[component] else f"/{component}"
        equal[component] += 1
        walk = _Walk(ops, connect, epoch, items[number] if items else "", keys)
        try:
            values.append((await walk.block(block, [Made(a) for a in arguments], scope)).value)
        except _Failed as failed:
            values.append(NoAnswer(str(failed)))
    assert len(keys) == len(set(keys)), "one draw was asked for twice"
    return tuple(values), frozenset(keys)


class _Walk:
    """The interpretation of one question."""

    def __init__(
        self,
        ops: Mapping[str, Op],
        connect: Callable[[ModelSpec], Provider],
        epoch: int,
        item: str,
        keys: list[DrawKey],
    ) -> None:
        self.ops, self.connect, self.epoch, self.item, self.keys = ops, connect, epoch, item, keys

    async def block(self, block: Block, arguments: Sequence[Made], scope: str, stop: Ref | None = None) -> Made:
        return (await self.both(block, arguments, scope, stop))[0]

    async def both(
        self, block: Block, arguments: Sequence[Made], scope: str, stop: Ref | None
    ) -> tuple[Made, Made | None]:
        """The result of a block, and its `stop` where there is one."""
        known: dict[Ref, Made] = dict(enumerate(arguments))

        async def value(ref: Ref) -> Made:
            if ref not in known:
                node = block.node(ref)
                assert node is not None
                known[ref] = await self.node(node, [await value(r) for r in node.inputs], scope)
            return known[ref]

        return await value(block.result), None if stop is None else await value(stop)

    async def node(self, node: Node, inputs: list[Made], scope: str) -> Made:
        values = [i.value for i in inputs]
        match node.operation:
            case Literal(value=value):
                return Made(value)
            case Compute(function=function, options=options):
                try:
                    return self.checked(node, Made(evaluate(function, options, values)))
                except EvaluationError as error:
                    raise _Failed(str(error)) from None
            case OpCall() as call:
                return self.checked(node, await self.op(node, call, inputs, scope))
            case Call(body=body):
                return await self.block(body, inputs, scope)
            case Match(arms=arms):
                label = values[0]
                arm = next((b for w, b in arms if w == label), None) or next(b for w, b in arms if w is None)
                return await self.block(arm, inputs[1:], scope)
            case Repeat() as loop:
                return await self.repeat(loop, inputs, scope)
            case Fold(body=body):
                made = inputs[1]
                for number, item in enumerate(items_of(values[0])):
                    made = await self.block(body, [_item(item, values[0]), made, *inputs[2:]], f"{scope}/{number}")
                return made
            case Each():
                return self.checked(node, await self.each(node, node.operation, inputs, scope))
            case Interleave(apart=apart):
                return self.checked(node, _interleaved(inputs, apart))
            case SampleUntil() as sampling:
                return self.checked(node, await self.sample_until(node, sampling, inputs, scope))
            case ToolCall(tool=tool):
                raise _Failed(f"the tool `{tool}` cannot be called yet")

    def checked(self, node: Node, made: Made) -> Made:
        value, type = made.value, node.type
        if isinstance(value, Candidates) and isinstance(type, types.Candidates) and len(value) < type.low:
            raise _Failed(f"{len(value)} candidates came out, at least {type.low} are needed")
        if isinstance(value, Candidates) and made.slots is None:
            return Made(value.of(distinct(value.items)))
        return made

    async def repeat(self, loop: Repeat, inputs: list[Made], scope: str) -> Made:
        carried = inputs[0]
        for number in range(loop.count):
            carried, stop = await self.both(loop.body, [carried, *inputs[1:]], f"{scope}/{number}", loop.stop)
            if stop is not None and stop.value:
                break
        return carried

    # --- ops -------------------------------------------------------------------------

    async def op(self, node: Node, call: OpCall, inputs: list[Made], scope: str) -> Made:
        op, values = self.ops[call.op], [i.value for i in inputs]
        settings = build(op, call, values, self.ops)
        try:
            match op.behaviour:
                case Pure(run=run):
                    return Made(run(values[0], settings))
                case Whole(run=work):
                    return Made(await work(_Context(self, call, scope, _about(values[0])), values[0], settings))
                case Elementwise(run=improve):
                    about = _about(values[0])
                    slots: list[Candidate | None] = []
                    for candidate in inputs[0].streamed():
                        if candidate is None:
                            slots.append(None)
                            continue
                        context = _Context(self, call, f"{scope}/{candidate.origin}", about)
                        slots.append(await improve(context, candidate, settings))
                    return _stream(slots, about)
                case Slots(count=count):
                    return await self.sample(call, op.behaviour, values[0], settings, scope, range(count(settings)))
                case Unavailable(missing=missing):
                    raise _Failed(missing)
        except (OpError, EvaluationError) as error:
            raise _Failed(str(error)) from None

    async def sample(
        self, call: OpCall, behaviour: Slots, value: object, settings: object, scope: str, slots: range
    ) -> Made:
        context = _Context(self, call, scope, _about(value))
        return _stream([await behaviour.run(context, value, slot, settings) for slot in slots], _about(value))

    async def sample_until(self, node: Node, sampling: SampleUntil, inputs: list[Made], scope: str) -> Made:
        op = self.ops[sampling.call.op]
        assert isinstance(op.behaviour, Slots)
        settings = build(op, sampling.call, [i.value for i in inputs], self.ops)
        total, about = op.behaviour.count(settings), _about(inputs[0].value)
        slots: list[Candidate | None] = []
        while len(slots) < total:
            wave = range(len(slots), min(len(slots) + sampling.at_once, total))
            made = await self.sample(sampling.call, op.behaviour, inputs[0].value, settings, scope, wave)
            slots += made.streamed()
            drafts = Made(Candidates(tuple(s for s in slots if s is not None), about))
            if len(slots) < total and drafts.value != Candidates((), about):
                captures = [inputs[i] for i in sampling.captures]
                if (await self.block(sampling.condition, [drafts, *captures], f"{scope}/{len(slots)}")).value:
                    break
        slots += [None] * (total - len(slots))
        return _stream(slots, about)

    # --- each ------------------------------------------------------------------------

    async def each(self, node: Node, loop: Each, inputs: list[Made], scope: str) -> Made:
        source = inputs[0].value
        about = source.question if isinstance(source, Candidates) else ""
        if loop.over == "list":
            items = [_item(i, source) for i in items_of(source)]
            names = _numbered([short(i.value) for i in items])
        else:
            slots = inputs[0].streamed()
            items = [Made(None if c is None else Candidates((c,), about)) for c in slots]
            names = tuple("" if c is None else c.origin for c in slots)
        results: list[object] = []
        for item, name in zip(items, names, strict=True):
            dropped = loop.over == "candidates" and item.value is None
            made = None if dropped else (await self.block(loop.body, [item, *inputs[1:]], f"{scope}/{name}")).value
            results.append(made)
        return _gathered(node, loop, items, results, names, about)


def _gathered(
    node: Node, loop: Each, items: Sequence[Made], results: Sequence[object], names: Sequence[str], about: str
) -> Made:
    inner = loop.body.type_of(loop.body.result)
    there = [r for r in results if r is not None or loop.over == "list"]
    if not isinstance(node.type, types.Candidates):
        return Made(tuple(there))
    if isinstance(inner, types.Candidates) and inner.high != 1:
        return Made(Candidates(distinct(c for r in there if isinstance(r, Candidates) for c in r), about))
    return _stream([_only(r, i.value, n) for r, i, n in zip(results, items, names, strict=True)], about)


def _only(result: object, item: object, name: str) -> Candidate | None:
    if result is None:
        return None
    if isinstance(result, Candidates):
        if not result.items:
            return None
        (only,) = result.items
        return only if only.origin == name else replace(only, origin=derived(name, only.origin))
    assert isinstance(item, Candidates)
    return replace(item.items[0], value=result, text=as_text(result))


def _item(item: object, source: object) -> Made:
    if isinstance(item, Candidate):
        return Made(Candidates((item,), source.question if isinstance(source, Candidates) else ""))
    return Made(item)


def _about(value: object) -> str:
    return value.question if isinstance(value, Candidates) else as_text(value)


def _stream(slots: Sequence[Candidate | None], about: str) -> Made:
    return Made(Candidates(tuple(s for s in slots if s is not None), about), tuple(slots))


def _interleaved(inputs: Sequence[Made], apart: bool) -> Made:
    whole = [i.value for i in inputs if isinstance(i.value, Candidates)]
    sources = [i.streamed() if apart else v.items for i, v in zip(inputs, whole, strict=True)]
    slots: list[Candidate | None] = []
    for index in range(max(map(len, sources), default=0)):
        slots += [source[index] for source in sources if index < len(source)]
    about = next((v.question for v in whole if v.question), "")
    if apart:
        return _stream(slots, about)
    return Made(Candidates(distinct(s for s in slots if s is not None), about))


class _Context:
    """The `ops.context.Context` of the interpreter: every draw is made when it is asked for."""

    def __init__(self, walk: _Walk, call: OpCall, scope: str, question: str) -> None:
        self.question, self.item = question, walk.item
        self._walk, self._call, self._scope = walk, call, scope

    async def draw(self, ask: Ask) -> Draw | FailedDraw:
        model = ask.request.model
        ordinals = dict(self._call.site.ordinals) if self._call.site else {}
        name = twin(ordinals, model.identity, model.copy, self._scope)
        key = DrawKey(self._walk.epoch, ask.request.content(), name, ask.index)
        self._walk.keys.append(key)
        provider = self._walk.connect(replace(model, copy=0))
        request, usage = ask.request, Usage()
        for left in range(ask.reasks, -1, -1):
            outcome = await provider.attempt(request, (key,))
            if not isinstance(outcome, Answered):
                return FailedDraw(key, ask.request, outcome, usage)
            reply = outcome.replies[0]
            usage += replace(outcome.usage, calls=int(left == ask.reasks), requests=1)
            read = Accepted(reply.text) if ask.read is None else ask.read(reply.text)
            if isinstance(read, Accepted):
                return Draw(key, ask.request, reply, read.value, True, usage)
            if left:
                more = (Message("assistant", reply.text), Message("user", read.complaint))
                request = replace(request, messages=request.messages + more)
        return Draw(key, ask.request, reply, None, False, usage)

    async def draws(self, asks: Sequence[Ask]) -> tuple[Draw | FailedDraw, ...]:
        return tuple([await self.draw(ask) for ask in asks])

    def order(self, label: str, count: int) -> tuple[int, ...]:
        return permutation(self._walk.epoch, self._call.op, self._scope, label, count)

    def note(self, kind: str, detail: str) -> None:
        """The interpreter keeps no record."""
