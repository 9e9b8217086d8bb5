"""The only effectful part: actions become tasks, and what comes of them becomes events.

Two pure layers decide: `schedule` which op runs, `dispatch` which request leaves. Here is one
task group that holds everything that runs, and one clock, the event loop's. Nothing limits
how much is on its way at once but the models' own `parallel`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack

from ttsc.compiler.evaluate import EvaluationError
from ttsc.compiler.ir import Block
from ttsc.ops import OPS
from ttsc.ops.signature import Elementwise, Op, OpError, Slots, Whole
from ttsc.runtime.activation_context import ActivationContext
from ttsc.runtime.exchanges import Connect, Exchanges
from ttsc.runtime.failure import Failure
from ttsc.runtime.frames import Action, Activation, Answered, Cancel, Failed, Settled, Start
from ttsc.runtime.record import (
    BindingSettled,
    Event,
    Place,
    QuestionAnswered,
    QuestionFailed,
    QuestionStarted,
    RunFinished,
    RunRecord,
    RunStarted,
)
from ttsc.runtime.schedule import Schedule
from ttsc.runtime.shown import shown
from ttsc.values import types
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.prompt import plain

Observe = Callable[[Event], None]


async def run(
    block: Block,
    inputs: Sequence[Mapping[str, object]],
    *,
    connect: Connect,
    epoch: int = 0,
    items: Sequence[str] = (),
    observe: Observe | None = None,
    ops: Mapping[str, Op] = OPS,
) -> RunRecord:
    """The record of running a block on every question, all at once.

    `inputs` has, per question, a value for each parameter of the block by name; `items` the
    ids of their data records. `connect` is called once per model, when it is first needed; its
    connections are closed at the end. `observe` sees every event as it happens. A question
    that fails is an event; only bugs and cancellation raise, and then nothing is left running.
    """
    assert not items or len(items) == len(inputs), "one id per question"
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if observe is not None:
            observe(event)

    clock = asyncio.get_running_loop().time
    began = clock()
    async with AsyncExitStack() as connections:
        try:
            async with asyncio.TaskGroup() as group:
                exchanges = Exchanges(group, connections, connect, clock, emit)
                execution = Execution(Schedule(block, ops), group, exchanges, epoch, items, emit)
                execution.begin(inputs)
        except BaseExceptionGroup as raised:
            if len(raised.exceptions) > 1:
                raise
            raise raised.exceptions[0] from None
    emit(RunFinished(clock() - began, exchanges.most_in_flight))
    return RunRecord(tuple(events))


class Execution:
    """The activations of one run, as tasks of `group`."""

    def __init__(
        self,
        schedule: Schedule,
        group: asyncio.TaskGroup,
        exchanges: Exchanges,
        epoch: int,
        items: Sequence[str],
        emit: Callable[[Event], None],
    ) -> None:
        self._schedule = schedule
        self._group = group
        self._exchanges = exchanges
        self._epoch = epoch
        self._items = items
        self._emit = emit
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def begin(self, inputs: Sequence[Mapping[str, object]]) -> None:
        """Starts every question."""
        self._emit(RunStarted(self._epoch, len(inputs)))
        for number, given in enumerate(inputs):
            self._emit(QuestionStarted(Place(number), self._item(number), plain(given)))
            self._perform(self._schedule.begin(given))

    def _item(self, question: int) -> str:
        return self._items[question] if self._items else ""

    def _perform(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Start(activation=activation):
                    self._tasks[activation.number] = self._group.create_task(self._work(activation))
                case Cancel(activation=activation):
                    self._tasks.pop(activation.number).cancel()
                case Settled(question=question, path=path, scope=scope, name=name, value=value):
                    self._emit(BindingSettled(Place(question, path), name, scope, shown(value)))
                case Answered(question=question, value=value):
                    self._emit(_answer(Place(question), value, self._schedule.result))
                case Failed(question=question, failure=failure):
                    self._emit(QuestionFailed(Place(question), failure))

    async def _work(self, activation: Activation) -> None:
        item = self._item(activation.question)
        context = ActivationContext(self._exchanges, activation, self._epoch, item, self._emit)
        try:
            result = await _behave(context, activation)
        except (OpError, EvaluationError) as error:
            help = error.help if isinstance(error, OpError) else ""
            result = Failure.at(activation.step.node, str(error), tuple(context.faults), help)
        del self._tasks[activation.number]
        if isinstance(result, Failure):
            self._perform(self._schedule.failed(activation, result))
        else:
            self._perform(self._schedule.finished(activation, result, tuple(context.faults)))


def _answer(place: Place, value: object, type: types.Type) -> QuestionAnswered:
    if isinstance(type, types.Candidates) and type.high == 1 and isinstance(value, Candidates) and value.items:
        (only,) = value.items
        return QuestionAnswered(place, plain(only.value), plain(only.answer), only.draw)
    return QuestionAnswered(place, plain(value))


async def _behave(context: ActivationContext, activation: Activation) -> object:
    op = activation.step.op
    assert op is not None
    match op.behaviour:
        case Elementwise(run=behave):
            assert isinstance(activation.input, Candidate)
            return await behave(context, activation.input, activation.settings)
        case Whole(run=behave):
            return await behave(context, activation.input, activation.settings)
        case Slots(run=behave):
            return await behave(context, activation.input, activation.slot, activation.settings)
        case behaviour:
            raise AssertionError(f"a {type(behaviour).__name__} op is not run by the executor")
