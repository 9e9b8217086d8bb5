"""Which work may start, given what has finished: events in, actions out.

The first of two pure layers (the other is `dispatch`): no clock, no asyncio, no I/O. It runs
a block for every question of a batch at once. An event is one of the methods; each returns
the actions that follow from it. The same events in another order give the same values and
ask for the same draws; only the order of actions differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ttsc.compiler.ir import (
    Block,
    Call,
    Compute,
    Each,
    Fold,
    Interleave,
    Literal,
    Match,
    OpCall,
    Repeat,
    SampleUntil,
    ToolCall,
)
from ttsc.ops.signature import Op
from ttsc.runtime import opcalls, structures
from ttsc.runtime.failure import Failure
from ttsc.runtime.frames import Action, Activation, Faults, Frame, Question
from ttsc.runtime.keys import below, question_component
from ttsc.runtime.layout import Step
from ttsc.runtime.machine import Machine
from ttsc.runtime.streams import Cell
from ttsc.values.types import Type


class Schedule:
    """A run of one block on a batch of questions.

    Nodes start as soon as what they need is there; a question ends when its result is there
    and nothing else of it is left to do, or with its first failure.
    """

    def __init__(self, block: Block, ops: Mapping[str, Op]) -> None:
        self._block = block
        self._machine = Machine(ops, open_node)
        self._equal: Counter[str] = Counter()
        self._begun = 0

    @property
    def result(self) -> Type:
        """The type of an answer."""
        return self._block.type_of(self._block.result)

    def begin(self, inputs: Mapping[str, object]) -> list[Action]:
        """The next question arrives, with a value for every parameter of the block."""
        values = [inputs[p.name] for p in self._block.parameters]
        component = question_component(values)
        before = self._equal[component]
        self._equal[component] += 1
        scope = below("", f"{component}#{before}" if before else component)
        question = Question(self._begun)
        self._begun += 1

        def opened() -> None:
            frame = self._machine.open(question, self._block, map(Cell, values), scope=scope)
            question.result = frame.cells[self._block.result]

        self._machine.push(question, opened)
        return self._machine.drain()

    def finished(self, activation: Activation, value: object, faults: Faults = ()) -> list[Action]:
        """An activation is done: with a value, or with None where it could not make its candidate.

        `faults` are those of its draws that failed. One that was cancelled is ignored.
        """
        self._machine.finish(activation, value, faults)
        return self._machine.drain()

    def failed(self, activation: Activation, failure: Failure) -> list[Action]:
        """An activation cannot go on: its question fails. One that was cancelled is ignored."""
        question = activation.frame.question
        if question.running.pop(activation.number, None) is not None:
            self._machine.fail(question, failure)
        return self._machine.drain()


def open_node(machine: Machine, frame: Frame, step: Step) -> Cell:
    """Where a node's value will appear, with everything set up that leads there."""
    match step.node.operation:
        case Compute():
            return opcalls.on_the_spot(machine, frame, step)
        case OpCall():
            return opcalls.op_call(machine, frame, step)
        case Call():
            return structures.call(machine, frame, step)
        case Each():
            return structures.each(machine, frame, step)
        case Match():
            return structures.match(machine, frame, step)
        case Repeat():
            return structures.repeat(machine, frame, step)
        case Fold():
            return structures.fold(machine, frame, step)
        case SampleUntil():
            return opcalls.sample_until(machine, frame, step)
        case Interleave():
            return structures.interleave(machine, frame, step)
        case ToolCall():
            return structures.tool_call(machine, frame, step)
        case Literal(value=value):
            return Cell(value)
