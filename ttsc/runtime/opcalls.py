"""How ops run: each behaviour has its own rule for when it may start.

Elementwise ops start on each candidate as soon as that one is there; sources fill a fixed
number of slots at once, or in waves; everything else waits for its complete input. Whatever
asks nobody is done on the spot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ttsc.compiler.evaluate import EvaluationError, evaluate
from ttsc.compiler.ir import Compute, SampleUntil
from ttsc.ops.signature import Elementwise, OpError, Pure, Slots, Unavailable, Whole
from ttsc.runtime.failure import Failure
from ttsc.runtime.frames import Faults, Frame
from ttsc.runtime.keys import below
from ttsc.runtime.layout import Step
from ttsc.runtime.machine import Machine
from ttsc.runtime.settings import build
from ttsc.runtime.streams import PENDING, Cell, Stream, stream_of
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.prompt import as_text


def inputs_of(frame: Frame, step: Step) -> list[Cell]:
    """The cells a node reads, in the order of its inputs."""
    return [frame.cells[ref] for ref in step.node.inputs]


def about(value: object) -> str:
    """The input that is being answered, as text, seen from a value on the way."""
    return value.question if isinstance(value, Candidates) else as_text(value)


# --- on the spot ----------------------------------------------------------------------


def on_the_spot(machine: Machine, frame: Frame, step: Step) -> Cell:
    """A pure function of the language or a pure op: done at once where all it needs is there."""
    inputs, cell = inputs_of(frame, step), Cell()
    for needed in inputs:
        if needed.value is PENDING:
            machine.when(frame.question, inputs, partial(_do, machine, frame, step, inputs, cell))
            return cell
    _do(machine, frame, step, inputs, cell)
    return cell


def _do(machine: Machine, frame: Frame, step: Step, inputs: list[Cell], cell: Cell) -> None:
    values = [c.value for c in inputs]
    operation = step.node.operation
    try:
        if isinstance(operation, Compute):
            value = evaluate(operation.function, operation.options, values)
        else:
            assert step.op is not None and isinstance(step.op.behaviour, Pure)
            value = step.op.behaviour.run(values[0], _settings(machine, step, values))
    except (OpError, EvaluationError) as error:
        machine.fail(frame.question, Failure.at(step.node, str(error), help=getattr(error, "help", "")))
    else:
        machine.deliver(frame, step, cell, value)


# --- ops that ask models --------------------------------------------------------------


def op_call(machine: Machine, frame: Frame, step: Step) -> Cell:
    """An op, by its behaviour."""
    assert step.op is not None
    match step.op.behaviour:
        case Pure():
            return on_the_spot(machine, frame, step)
        case Elementwise():
            return _elementwise(machine, frame, step)
        case Slots() as behaviour:
            return _sampling(machine, frame, step, behaviour)
        case Whole():
            return _whole(machine, frame, step)
        case Unavailable(missing=missing):  # said before anything is spent on what leads to it
            machine.fail(frame.question, Failure.at(step.node, missing))
            return Cell()


def _settings(machine: Machine, step: Step, values: list[object]) -> object:
    if step.settings is not None:
        return step.settings
    assert step.op is not None and step.call is not None
    return build(step.op, step.call, values, machine.ops)


def _whole(machine: Machine, frame: Frame, step: Step) -> Cell:
    inputs, cell = inputs_of(frame, step), Cell()

    def run() -> None:
        values = [c.value for c in inputs]
        machine.start(
            frame, step, values[0], _settings(machine, step, values),
            lambda value, faults: machine.deliver(frame, step, cell, value, faults),
            about=about(values[0]), scope=frame.scope,
        )  # fmt: skip

    machine.when(frame.question, inputs, run)
    return cell


def filled(machine: Machine, frame: Frame, step: Step, stream: Stream, cell: Cell) -> list[Faults]:
    """Makes a stream a node's value, settled once complete; what is put into the list counts as its faults."""
    faults: list[Faults] = []

    def complete() -> None:
        seen = tuple(fault for some in faults for fault in some)
        machine.deliver(frame, step, cell, stream.candidates(), seen)

    stream.complete = complete
    machine.open_stream(frame.question, cell, stream)
    if not stream.slots:
        complete()
    return faults


def _elementwise(machine: Machine, frame: Frame, step: Step) -> Cell:
    inputs, cell, question = inputs_of(frame, step), Cell(), frame.question

    def run() -> None:
        source = stream_of(inputs[0])
        stream = Stream.empty(len(source.slots), source.about)
        faults = filled(machine, frame, step, stream, cell)
        settings = _settings(machine, step, [c.value for c in inputs])

        def arrived(slot: int) -> None:
            candidate = source.slots[slot]
            if isinstance(candidate, Candidate):
                machine.start(
                    frame, step, candidate, settings, partial(finished, slot),
                    about=source.about, scope=below(frame.scope, candidate.origin), slot=slot,
                )  # fmt: skip
            else:
                machine.fill(question, stream, slot, None)

        def finished(slot: int, value: object, seen: Faults) -> None:
            faults.append(seen)
            machine.fill(question, stream, slot, value)

        machine.listen(question, source, arrived)

    machine.when(question, inputs[1:], run, opened=inputs[:1])
    return cell


# --- sources --------------------------------------------------------------------------


def _sampling(machine: Machine, frame: Frame, step: Step, behaviour: Slots) -> Cell:
    inputs, cell = inputs_of(frame, step), Cell()

    def run() -> None:
        waves = _sampled(machine, frame, step, behaviour, [c.value for c in inputs], cell)
        waves.start(len(waves.stream.slots))

    machine.when(frame.question, inputs, run)
    return cell


def sample_until(machine: Machine, frame: Frame, step: Step) -> Cell:
    """A sampling op in waves, stopped by a condition on all that the waves so far gave."""
    operation, op = step.node.operation, step.op
    assert isinstance(operation, SampleUntil) and op is not None and isinstance(op.behaviour, Slots)
    behaviour, question = op.behaviour, frame.question
    inputs, cell = inputs_of(frame, step), Cell()

    def run() -> None:
        waves = _sampled(machine, frame, step, behaviour, [c.value for c in inputs], cell)

        def looked_at() -> None:
            if waves.started == len(waves.stream.slots):
                return
            drafts = waves.stream.candidates()
            if not drafts.items:  # a condition is about drafts; without any it does not hold
                waves.start(operation.at_once)
                return
            captures = [inputs[i] for i in operation.captures]
            look = machine.child(
                frame,
                step,
                operation.condition,
                (Cell(drafts), *captures),
                number=waves.started,
                component=waves.started,
            )
            verdict = look.cells[operation.condition.result]

            def decided() -> None:
                if verdict.value:
                    waves.stop()
                else:
                    waves.start(operation.at_once)

            machine.when(question, (verdict,), decided)

        waves.settled = looked_at
        waves.start(operation.at_once)

    machine.when(question, inputs, run)
    return cell


def _sampled(machine: Machine, frame: Frame, step: Step, behaviour: Slots, values: list[object], cell: Cell) -> _Waves:
    settings = _settings(machine, step, values)
    stream = Stream.empty(behaviour.count(settings), about(values[0]))
    faults = filled(machine, frame, step, stream, cell)
    return _Waves(machine, frame, step, values[0], settings, stream, faults)


@dataclass(slots=True, eq=False)
class _Waves:
    """The slots of one sampling stage: how many have begun, and how many of those are missing."""

    machine: Machine
    frame: Frame
    step: Step
    input: object
    settings: object
    stream: Stream
    faults: list[Faults]
    started: int = 0
    missing: int = 0
    settled: Callable[[], None] | None = None

    def start(self, count: int) -> None:
        """Begins the next `count` slots, or as many as there are."""
        first, self.started = self.started, min(self.started + count, len(self.stream.slots))
        self.missing = self.started - first
        for slot in range(first, self.started):
            self.machine.start(
                self.frame, self.step, self.input, self.settings, partial(self._finished, slot),
                about=self.stream.about, scope=self.frame.scope, slot=slot,
            )  # fmt: skip

    def stop(self) -> None:
        """Leaves the slots that have not begun empty."""
        for slot in range(self.started, len(self.stream.slots)):
            self.machine.fill(self.frame.question, self.stream, slot, None)

    def _finished(self, slot: int, value: object, faults: Faults) -> None:
        self.faults.append(faults)
        self.machine.fill(self.frame.question, self.stream, slot, value)
        self.missing -= 1
        if not self.missing and self.settled is not None:
            self.settled()
