"""Small programs for tests: a block builder, stand-in ops of every behaviour, and a fake provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ttsc.compiler.ir import Block, Compute, Literal, Node, OpCall, Operation, Parameter, Ref, Setting, Site, Static
from ttsc.grammar.source import Source, Span
from ttsc.ops.context import Ask, Context
from ttsc.ops.facts import Facts
from ttsc.ops.signature import Elementwise, Op, OpError, Pure, Slots, Unavailable, Whole
from ttsc.values import types
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.digest import digest
from ttsc.values.model import Capabilities, ModelSpec
from ttsc.values.prompt import as_text
from ttsc.values.request import (
    Accepted,
    Answered,
    Draw,
    DrawKey,
    FailedDraw,
    Fault,
    Message,
    Outcome,
    Parameters,
    Rejected,
    Reply,
    Request,
)
from ttsc.values.usage import Usage

SPAN = Span(Source("test.tts", "pipeline"), 0, 8)
TEXT = types.Text()
NUMBER = types.Number()
ONE = types.one(TEXT)

A = ModelSpec("a", "sim/a")
B = ModelSpec("b", "sim/b")
A_GROUPED = ModelSpec("a", "sim/a", capabilities=Capabilities(n=True))


def many(low: int, high: int) -> types.Candidates:
    """The type of `low..high` candidates of text."""
    return types.Candidates(low, high)


class Build:
    """A block being written: `add` gives the ref of a new node."""

    def __init__(self, **parameters: types.Type) -> None:
        self.parameters = tuple(Parameter(n, t) for n, t in parameters.items())
        self.nodes: list[Node] = []

    def add(self, operation: Operation, *inputs: Ref, type: types.Type = TEXT, name: str = "") -> Ref:
        self.nodes.append(Node(operation, inputs, type, SPAN, name))
        return len(self.parameters) + len(self.nodes) - 1

    def literal(self, value: object, type: types.Type = TEXT) -> Ref:
        return self.add(Literal(value), type=type)

    def compute(self, function: str, *inputs: Ref, options: tuple[object, ...] = (), type: types.Type = TEXT) -> Ref:
        return self.add(Compute(function, options), *inputs, type=type)

    def op(
        self,
        op: str,
        *inputs: Ref,
        type: types.Type,
        name: str = "",
        site: int = 0,
        grouped: bool = False,
        **settings: object,
    ) -> Ref:
        return self.add(call(op, site=site, grouped=grouped, **settings), *inputs, type=type, name=name)

    def rename(self, ref: Ref, name: str) -> None:
        index = ref - len(self.parameters)
        if index >= 0:
            self.nodes[index] = replace(self.nodes[index], name=name)

    def done(self, result: Ref) -> Block:
        return Block(self.parameters, tuple(self.nodes), result)


def call(op: str, *, site: int = 0, grouped: bool = False, **settings: object) -> OpCall:
    """A call of a stand-in op; settings that are not IR settings are constants."""
    made = tuple((n, v if isinstance(v, Setting) else Static(v)) for n, v in settings.items())
    ordinals = tuple((m.identity, site) for m in (A, B))
    return OpCall(op, made, Site(ordinals), grouped=grouped)


# --- stand-in ops ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    models: tuple[ModelSpec, ...] = (A,)
    samples: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    model: ModelSpec = A
    keep: int = 1
    hint: str = ""
    reasks: int = 0
    where: Callable[[object], object] | None = None


def request(model: ModelSpec, text: str) -> Request:
    return Request(model, (Message("user", text),), Parameters(100))


def made(draw: Draw | FailedDraw, parents: tuple[str, ...] = ()) -> Candidate | None:
    """The candidate of a draw; its origin does not depend on the epoch."""
    if isinstance(draw, FailedDraw):
        return None
    origin = digest(draw.key.content, draw.key.twin, draw.key.index)[:12]
    return Candidate(
        draw.value, draw.reply.text, origin, draw.key.name(), parents=parents, model=draw.request.model.name
    )


async def _generate(context: Context, input: object, slot: int, settings: Sampling) -> Candidate | None:
    index, number = divmod(slot, len(settings.models))
    asked = request(settings.models[number], f"answer {as_text(input)}")
    return made(await context.draw(Ask(asked, index)))


async def _critique(context: Context, candidate: Candidate, settings: Asking) -> Candidate | None:
    draw = await context.draw(Ask(request(settings.model, f"criticise {candidate.text} {settings.hint}")))
    if isinstance(draw, FailedDraw):
        context.note("judge_failed", draw.fault.kind)
        return candidate
    return candidate.scored("critique", float(int(draw.reply.text[:4], 16)))


async def _revise(context: Context, candidate: Candidate, settings: Asking) -> Candidate | None:
    draw = await context.draw(Ask(request(settings.model, f"revise {candidate.text}")))
    if isinstance(draw, FailedDraw):
        return None
    return Candidate(draw.reply.text, draw.reply.text, candidate.origin, draw.key.name(), scores=candidate.scores)


async def _rank(context: Context, candidates: Candidates, settings: Asking) -> Candidates:
    if not candidates.items:
        return candidates
    order = context.order("round 0", len(candidates))
    shown = " ".join(candidates.items[i].text for i in order)
    draw = await context.draw(Ask(request(settings.model, f"rank {shown}"), read=_hexadecimal, reasks=settings.reasks))
    first = draw.value if isinstance(draw, Draw) and isinstance(draw.value, int) else 0
    turn = first % len(candidates)
    return candidates.of((candidates.items[turn:] + candidates.items[:turn])[: settings.keep])


def _hexadecimal(text: str) -> Accepted | Rejected:
    return Accepted(int(text[:6], 16)) if text[0] not in "0123" else Rejected("that was no ranking")


async def _fuse(context: Context, candidates: Candidates, settings: Sampling) -> Candidates:
    shown = " ".join(c.text for c in candidates)
    parents = tuple(c.draw for c in candidates)
    draws = await context.draws([Ask(request(m, f"fuse {shown}")) for m in settings.models])
    return candidates.of([c for d in draws if (c := made(d, parents)) is not None])


def _top(candidates: Candidates, settings: Asking) -> Candidates:
    where = settings.where
    kept = candidates.items if where is None else tuple(c for c in candidates if where(c))
    return candidates.of(kept[: settings.keep])


def _coin(candidates: Candidates, settings: Asking) -> bool:
    return int(digest([c.text for c in candidates]), 16) % settings.keep == 0


def _boom(candidates: Candidates, settings: Asking) -> Candidates:
    raise OpError("it went wrong", help="do something else")


async def _bug(context: Context, candidates: Candidates, settings: Asking) -> Candidates:
    raise KeyError("a bug")


def op(name: str, settings: type, behaviour: Any) -> Op:
    def result(facts: Facts) -> types.Type:
        return facts.input

    return Op(name, "source", settings, result, behaviour, "")


OPS: Mapping[str, Op] = {
    o.name: o
    for o in (
        op("generate", Sampling, Slots(lambda s: s.samples * len(s.models), _generate)),
        op("critique", Asking, Elementwise(_critique)),
        op("revise", Asking, Elementwise(_revise)),
        op("rank", Asking, Whole(_rank)),
        op("fuse", Sampling, Whole(_fuse)),
        op("top", Asking, Pure(_top)),
        op("coin", Asking, Pure(_coin)),
        op("boom", Asking, Pure(_boom)),
        op("bug", Asking, Whole(_bug)),
        op("later", Asking, Unavailable("`later` is not there yet")),
    )
}


# --- a provider -----------------------------------------------------------------------


@dataclass(eq=False)
class Fake:
    """Answers every draw with a text made of its key. `fails` picks keys that fail.

    `latency` gives seconds from a key; the clock is the loop's.
    """

    latency: Callable[[DrawKey], float] = lambda key: 0.0
    fails: Callable[[DrawKey], bool] = lambda key: False
    asked: list[DrawKey] = field(default_factory=list)
    attempts: int = 0
    in_flight: int = 0
    most: int = 0
    closed: int = 0

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        self.attempts += 1
        self.asked += draws
        self.in_flight += len(draws)
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(max(map(self.latency, draws)))
        finally:
            self.in_flight -= len(draws)
        return self.outcome(request, draws)

    def outcome(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        if any(map(self.fails, draws)):
            return Fault("server", "it is down")
        replies = tuple(Reply(digest(k.content, k.twin, k.index, len(request.messages))) for k in draws)
        return Answered(replies, Usage(input_tokens=10, output_tokens=5 * len(draws), cost=7 * len(draws)))

    async def close(self) -> None:
        self.closed += 1

    def connect(self, model: ModelSpec) -> Fake:
        return self


def failing(share: float) -> Callable[[DrawKey], bool]:
    """Fails this share of all draws, chosen by key."""
    return lambda key: int(key.name()[:8], 16) / 16**8 < share


def seconds(key: DrawKey) -> float:
    """A latency of 0.5 to 1.5 s, fixed by the key."""
    return 0.5 + int(key.name()[:8], 16) / 16**8
