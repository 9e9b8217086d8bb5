"""A context whose models say what a test tells them, and everything around an op that a run has."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ttsc.ops.context import Ask
from ttsc.ops.facts import UNSETTLED, Facts, Misuse, Sizes
from ttsc.ops.signature import Elementwise, Op, Pure, Slots, Unavailable, Whole
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.model import ModelSpec
from ttsc.values.money import FREE
from ttsc.values.prompt import as_text
from ttsc.values.request import Accepted, Draw, DrawKey, FailedDraw, Fault, Message, Rejected, Reply, Request
from ttsc.values.types import Type
from ttsc.values.usage import Usage

Say = str | Reply | Fault
Script = Callable[[Request, int], Say] | Sequence[Say] | Say

DOWN = Fault("overloaded", "the provider is overloaded")
QUESTION = "How much is 6 times 7?"


def model(name: str = "gpt", **settings: object) -> ModelSpec:
    """A model that needs no price and no network."""
    return replace(ModelSpec(name, f"openai/{name}", price=FREE, max_tokens=100), **settings)  # type: ignore[arg-type]


def drafts(*texts: str, question: str = QUESTION, **known: object) -> Candidates:
    """Candidates with these texts, each from a draw of its own."""
    made = [Candidate(text, text, origin=f"o{i}", draw=f"d{i}", sample_index=i) for i, text in enumerate(texts)]
    return Candidates(tuple(replace(c, **known) for c in made), question)  # type: ignore[arg-type]


@dataclass
class Scripted:
    """The `Context` of one activation. A script is one reply, a list of them, or a function of the
    request and the sample's number. Re-asks ask the script again. Orders are as they came
    without a seed.
    """

    script: Script = "42"
    question: str = QUESTION
    item: str = ""
    seed: int | None = None
    asks: list[Ask] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    rounds: int = 0

    async def draw(self, ask: Ask) -> Draw | FailedDraw:
        """One draw."""
        return (await self.draws((ask,)))[0]

    async def draws(self, asks: Sequence[Ask]) -> tuple[Draw | FailedDraw, ...]:
        """Draws side by side: one round."""
        assert asks, "nobody is asked to draw nothing"
        self.rounds += 1
        return tuple(self._drawn(ask) for ask in asks)

    def _drawn(self, ask: Ask) -> Draw | FailedDraw:
        self.asks.append(ask)
        request = ask.request
        key = DrawKey(0, request.content(), str(request.model.copy), ask.index)
        usage = Usage()
        for attempt in range(1 + ask.reasks):
            self.sent.append(request)
            said = self._said(request, ask.index)
            usage += Usage(calls=attempt == 0, requests=1, input_tokens=10, output_tokens=5)
            if isinstance(said, Fault):
                return FailedDraw(key, ask.request, said, usage)
            reply = said if isinstance(said, Reply) else Reply(said)
            read = Accepted(reply.text) if ask.read is None else ask.read(reply.text)
            if isinstance(read, Accepted):
                return Draw(key, ask.request, reply, read.value, True, usage)
            assert isinstance(read, Rejected)
            more = (Message("assistant", reply.text), Message("user", read.complaint))
            request = replace(request, messages=request.messages + more)
        return Draw(key, ask.request, reply, None, False, usage)

    def _said(self, request: Request, index: int) -> Say:
        if callable(self.script):
            return self.script(request, index)
        if isinstance(self.script, str | Reply | Fault):
            return self.script
        place = len(self.sent) - 1
        assert place < len(self.script), f"the script has no reply {place + 1} to {request.messages[-1].content!r}"
        return self.script[place]

    def order(self, label: str, count: int) -> tuple[int, ...]:
        """As it came, or shuffled by the seed and the label."""
        places = list(range(count))
        if self.seed is not None:
            random.Random(f"{self.seed} {label} {count}").shuffle(places)
        return tuple(places)

    def note(self, kind: str, detail: str) -> None:
        """Kept for the test."""
        self.notes.append((kind, detail))

    def prompt(self, place: int = 0) -> str:
        """All that the request of a draw says, for reading."""
        return "\n\n".join(m.content for m in self.asks[place].request.messages)


def play(op: Op, context: Scripted, value: object, **settings: object) -> object:
    """What an op makes of a value, as the runtime runs it: None drops out."""
    made = op.settings(**settings)
    match op.behaviour:
        case Elementwise(run=each):
            assert isinstance(value, Candidates)
            found = [asyncio.run(_awaited(each(context, item, made))) for item in value]
            return value.of([c for c in found if isinstance(c, Candidate)])
        case Slots(count=count, run=fill):
            slots = [asyncio.run(_awaited(fill(context, value, slot, made))) for slot in range(count(made))]
            question = value.question if isinstance(value, Candidates) else as_text(value)
            return Candidates(tuple(c for c in slots if isinstance(c, Candidate)), question)
        case Whole(run=whole):
            return asyncio.run(_awaited(whole(context, value, made)))
        case Pure(run=pure):
            return pure(value, made)
        case Unavailable(missing=missing):
            raise AssertionError(f"{op.name} needs {missing}")


async def _awaited(work: object) -> object:
    return await work  # type: ignore[misc]


def some(op: Op, context: Scripted, value: object, **settings: object) -> tuple[Candidate, ...]:
    """The candidates that an op makes."""
    made = play(op, context, value, **settings)
    assert isinstance(made, Candidates)
    return made.items


def only(op: Op, context: Scripted, value: object, **settings: object) -> Candidate:
    """The one candidate that an op makes."""
    (made,) = some(op, context, value, **settings)
    return made


def facts(
    op: Op, input: Type, written: Mapping[str, object] | None = None, computed: Mapping[str, Type] | None = None
) -> Facts:
    """What the compiler knows of a use: constants as written, and the types of what is computed."""
    constants, types = dict(written or {}), dict(computed or {})
    values = {a.name: a.default for a in op.arguments if not a.required} | constants | dict.fromkeys(types, UNSETTLED)
    return Facts(input, values, types, frozenset(constants) | frozenset(types))


def misuse(
    op: Op, input: Type, written: Mapping[str, object] | None = None, computed: Mapping[str, Type] | None = None
) -> tuple[str, str, str, str, str]:
    """How the type rule refuses a use: code, title, label, help, and the argument it points at."""
    try:
        given = op.result(facts(op, input, written, computed))
    except Misuse as found:
        return found.code, found.title, found.label, found.help, found.argument
    raise AssertionError(f"no misuse: {given}")


def sizes(value: object, question: str = QUESTION) -> Sizes:
    """The sizes of what is really piped in."""
    items = list(value) if isinstance(value, Candidates | tuple | list) else [value]
    critiques = [as_text(c.critique) for c in items if isinstance(c, Candidate)]
    return Sizes(
        question=_bytes(question),
        item=max((_bytes(as_text(item)) for item in items), default=0),
        critique=max(map(_bytes, critiques), default=0),
        high=len(items),
        prompt=0,
    )


def _bytes(text: str) -> int:
    return len(text.encode())
