"""Runs a schedule without a loop or a clock: activations are finished in whatever order a test likes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tests.runtime.programs import OPS, Fake
from ttsc.compiler.ir import Block
from ttsc.ops.signature import Elementwise, Slots, Whole
from ttsc.runtime.activation_context import ActivationContext
from ttsc.runtime.draws import OpenDraw
from ttsc.runtime.exchanges import Exchanges
from ttsc.runtime.frames import Action, Activation, Answered, Cancel, Failed, Settled, Start
from ttsc.runtime.keys import Claims
from ttsc.runtime.schedule import Schedule
from ttsc.values.candidate import Candidate
from ttsc.values.request import Answered as Replied
from ttsc.values.request import Draw, DrawKey, FailedDraw, Request
from ttsc.values.usage import Usage

#: Chooses which of the running activations finishes next.
Choose = Callable[[Sequence[Activation]], int]


@dataclass
class Instant:
    """Stands in for `Exchanges`: every draw is there at once."""

    fails: Callable[[DrawKey], bool]
    claims: Claims = field(default_factory=Claims)
    keys: list[DrawKey] = field(default_factory=list)

    def content(self, request: Request) -> str:
        return request.content()

    async def make(self, draws: Sequence[OpenDraw], *, grouped: bool) -> tuple[Draw | FailedDraw, ...]:
        return tuple(map(self._made, draws))

    def _made(self, draw: OpenDraw) -> Draw | FailedDraw:
        self.claims.claim(draw.key, draw.place)
        self.keys.append(draw.key)
        provider = Fake(fails=self.fails)
        made: Draw | FailedDraw | None = None
        while made is None:
            outcome = provider.outcome(draw.request, (draw.key,))
            made = (
                draw.read(outcome.replies[0], Usage())
                if isinstance(outcome, Replied)
                else draw.failed(outcome, Usage())
            )
        return made


@dataclass
class Played:
    """What a run gave: per question a raw value or a failure, all keys, and what was settled, in order."""

    results: dict[int, Answered | Failed]
    keys: list[DrawKey]
    settled: list[Settled]
    started: list[Activation]

    @property
    def values(self) -> list[object]:
        """The raw values; None for a question that failed."""
        ordered = [self.results[q] for q in sorted(self.results)]
        return [r.value if isinstance(r, Answered) else None for r in ordered]


def play(
    block: Block,
    inputs: Sequence[Mapping[str, object]],
    choose: Choose = lambda running: 0,
    fails: Callable[[DrawKey], bool] = lambda key: False,
) -> Played:
    """Runs a block to its end; `choose` picks the next activation to finish."""
    schedule, draws = Schedule(block, OPS), Instant(fails)
    played = Played({}, draws.keys, [], [])
    running: list[Activation] = []

    def take(actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Start(activation=activation):
                    running.append(activation)
                    played.started.append(activation)
                case Cancel(activation=activation):
                    running.remove(activation)
                case Settled():
                    played.settled.append(action)
                case Answered(question=question) | Failed(question=question):
                    assert question not in played.results, "a question ends once"
                    played.results[question] = action

    for given in inputs:
        take(schedule.begin(given))
    while running:
        activation = running.pop(choose(running))
        context = ActivationContext(cast(Exchanges, draws), activation, 0, "", lambda event: None)
        take(schedule.finished(activation, _result(_work(context, activation)), tuple(context.faults)))
    assert len(played.results) == len(inputs), "every question ends"
    return played


def _work(context: ActivationContext, activation: Activation) -> Coroutine[Any, Any, object]:
    assert activation.step.op is not None
    behaviour = activation.step.op.behaviour
    work: Awaitable[object]
    if isinstance(behaviour, Slots):
        work = behaviour.run(context, activation.input, activation.slot, activation.settings)
    else:
        assert isinstance(behaviour, Elementwise | Whole)
        work = behaviour.run(context, cast(Candidate, activation.input), activation.settings)
    return cast("Coroutine[Any, Any, object]", work)


def _result(work: Coroutine[Any, Any, object]) -> object:
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("an op waits for nothing but its draws")
