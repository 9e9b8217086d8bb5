"""How structured nodes run: each opens frames for its blocks as soon as their number is known.

Arguments are handed over as cells, so an inner node starts as soon as what *it* needs is
there. A loop, an arm or a call is no barrier, and its result streams through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ttsc.compiler.evaluate import items_of
from ttsc.compiler.ir import Call, Each, Fold, Interleave, Match, Repeat, ToolCall
from ttsc.runtime.failure import Failure
from ttsc.runtime.frames import Frame
from ttsc.runtime.keys import derived, short
from ttsc.runtime.layout import Step
from ttsc.runtime.machine import Machine
from ttsc.runtime.opcalls import filled, inputs_of
from ttsc.runtime.settings import chosen
from ttsc.runtime.streams import Cell, Stream, numbered, stream_of
from ttsc.values import types
from ttsc.values.candidate import Candidate, Candidates, distinct
from ttsc.values.prompt import as_text


def call(machine: Machine, frame: Frame, step: Step) -> Cell:
    """A pipeline called: its result is the node's. Its limits are noted for whoever enforces them."""
    operation = step.node.operation
    assert isinstance(operation, Call)
    limits = frame.limits if operation.limits is None else (*frame.limits, operation.limits)
    inner = machine.open(
        frame.question, operation.body, inputs_of(frame, step),
        scope=frame.scope, path=(*frame.path, step.ref, 0), limits=limits,
    )  # fmt: skip
    return inner.cells[operation.body.result]


def tool_call(machine: Machine, frame: Frame, step: Step) -> Cell:
    """A tool called by the program: refused until tools can be run."""
    operation = step.node.operation
    assert isinstance(operation, ToolCall)
    machine.fail(frame.question, Failure.at(step.node, f"the tool `{operation.tool}` cannot be called yet"))
    return Cell()


def match(machine: Machine, frame: Frame, step: Step) -> Cell:
    """Only the arm that is taken is opened."""
    operation = step.node.operation
    assert isinstance(operation, Match)
    label, *captures = inputs_of(frame, step)
    cell = Cell()

    def run() -> None:
        taken = chosen(operation.arms, label.value)
        arm = operation.arms[taken][1]
        inner = machine.child(frame, step, arm, captures, number=taken)
        machine.forward(frame.question, inner.cells[arm.result], cell)

    machine.when(frame.question, (label,), run)
    return cell


def repeat(machine: Machine, frame: Frame, step: Step) -> Cell:
    """The next iteration opens as soon as something of the carried value is there and nothing stops it."""
    operation = step.node.operation
    assert isinstance(operation, Repeat)
    first, *captures = inputs_of(frame, step)
    if not operation.count:
        return first
    cell, question, body = Cell(), frame.question, operation.body

    def iterate(number: int, carried: Cell) -> None:
        inner = machine.child(
            frame, step, body, (carried, *captures), number=number, component=number, stop=operation.stop
        )
        result = inner.cells[body.result]
        stop = () if operation.stop is None else (inner.cells[operation.stop],)

        def decide() -> None:
            if number + 1 == operation.count or any(s.value for s in stop):
                machine.forward(question, result, cell)
            else:
                machine.when(question, (), partial(iterate, number + 1, result), opened=(result,))

        machine.when(question, stop, decide)

    iterate(0, first)
    return cell


def fold(machine: Machine, frame: Frame, step: Step) -> Cell:
    """All steps are open at once; what a step does with the accumulator waits for the one before."""
    operation = step.node.operation
    assert isinstance(operation, Fold)
    over, first, *captures = inputs_of(frame, step)
    cell, body = Cell(), operation.body

    def run() -> None:
        accumulated = first
        for number, item in enumerate(items_of(over.value)):
            arguments = (Cell(_item(item, over.value)), accumulated, *captures)
            inner = machine.child(frame, step, body, arguments, number=number, component=number)
            accumulated = inner.cells[body.result]
        machine.forward(frame.question, accumulated, cell)

    machine.when(frame.question, (over,), run)
    return cell


def _item(item: object, source: object) -> object:
    """An item as a program sees it: a candidate is candidates, also a single one."""
    if not isinstance(item, Candidate):
        return item
    return Candidates((item,), source.question if isinstance(source, Candidates) else "")


def interleave(machine: Machine, frame: Frame, step: Step) -> Cell:
    """Slots of several streams in sample-major order, each as soon as it is there where none can be in two."""
    operation = step.node.operation
    assert isinstance(operation, Interleave)
    inputs, cell, question = inputs_of(frame, step), Cell(), frame.question
    if not operation.apart:
        machine.when(question, inputs, lambda: machine.deliver(frame, step, cell, _interleaved(inputs)))
        return cell

    def run() -> None:
        sources = [stream_of(c) for c in inputs]
        target = {place: slot for slot, place in enumerate(_sample_major([len(s.slots) for s in sources]))}
        stream = Stream.empty(len(target), next((s.about for s in sources if s.about), ""))
        filled(machine, frame, step, stream, cell)

        def arrived(number: int, slot: int) -> None:
            machine.fill(question, stream, target[slot, number], sources[number].slots[slot])

        for number, source in enumerate(sources):
            machine.listen(question, source, partial(arrived, number))

    machine.when(question, (), run, opened=inputs)
    return cell


def _sample_major(counts: Sequence[int]) -> list[tuple[int, int]]:
    """The places (slot, stream) of streams of these lengths, first slots first."""
    return [(i, n) for i in range(max(counts, default=0)) for n, count in enumerate(counts) if i < count]


def _interleaved(inputs: Sequence[Cell]) -> Candidates:
    values = [c.value for c in inputs if isinstance(c.value, Candidates)]
    places = _sample_major([len(v) for v in values])
    about = next((v.question for v in values if v.question), "")
    return Candidates(distinct(values[n].items[i] for i, n in places), about)


# --- each -----------------------------------------------------------------------------


def each(machine: Machine, frame: Frame, step: Step) -> Cell:
    """A frame for every item: of a list once it is there, of candidates one by one."""
    operation = step.node.operation
    assert isinstance(operation, Each)
    over, cell = inputs_of(frame, step)[0], Cell()
    if operation.over == "list":
        machine.when(frame.question, (over,), lambda: _each_item(machine, frame, step, over, cell))
    else:
        run = partial(_each_candidate, machine, frame, step, over, cell)
        machine.when(frame.question, (), run, opened=(over,))
    return cell


def _each_item(machine: Machine, frame: Frame, step: Step, over: Cell, cell: Cell) -> None:
    items = items_of(over.value)
    stream = Stream.empty(len(items), _about(over.value))
    _collect(machine, frame, step, stream, cell)
    for slot, (item, name) in enumerate(zip(items, numbered([short(i) for i in items]), strict=True)):
        _element(machine, frame, step, stream, slot, _item(item, over.value), name)


def _about(value: object) -> str:
    return value.question if isinstance(value, Candidates) else ""


def _each_candidate(machine: Machine, frame: Frame, step: Step, over: Cell, cell: Cell) -> None:
    source = stream_of(over)
    stream = Stream.empty(len(source.slots), source.about)
    _collect(machine, frame, step, stream, cell)

    def arrived(slot: int) -> None:
        candidate = source.slots[slot]
        if isinstance(candidate, Candidate):
            item = Candidates((candidate,), source.about)
            _element(machine, frame, step, stream, slot, item, candidate.origin)
        else:
            machine.fill(frame.question, stream, slot, None)

    machine.listen(frame.question, source, arrived)


def _element(
    machine: Machine, frame: Frame, step: Step, stream: Stream, slot: int, item: object, name: str
) -> None:
    """The frame of one item; `name` tells it from the others."""
    operation = step.node.operation
    assert isinstance(operation, Each)
    captures = inputs_of(frame, step)[1:]
    inner = machine.child(frame, step, operation.body, (Cell(item), *captures), number=slot, component=name)
    result = inner.cells[operation.body.result]
    streamed = _streams(step)

    def finished() -> None:
        value = _slot_value(result.value, item, name) if streamed else result.value
        machine.fill(frame.question, stream, slot, value)

    machine.when(frame.question, (result,), finished)


def _streams(step: Step) -> bool:
    """Whether every element gives at most one candidate, so that others may see it at once."""
    operation = step.node.operation
    assert isinstance(operation, Each)
    inner = operation.body.type_of(operation.body.result)
    single = not isinstance(inner, types.Candidates) or inner.high == 1
    return single and isinstance(step.node.type, types.Candidates)


def _slot_value(value: object, item: object, name: str) -> object:
    """What an element gave as a candidate: its only one, or the item's candidate with a new value."""
    match value, item:
        case Candidates(items=()), _:
            return None
        case Candidates(items=(only,)), _:
            return only if only.origin == name else replace(only, origin=derived(name, only.origin))
        case _, Candidates(items=(candidate,)):
            return replace(candidate, value=value, text=as_text(value))
        case _:
            raise AssertionError("an element of candidates gives a candidate or a value")


def _collect(machine: Machine, frame: Frame, step: Step, stream: Stream, cell: Cell) -> None:
    """Where the elements' results go: into a stream, or into a list or candidates once all are there."""
    if _streams(step):
        filled(machine, frame, step, stream, cell)
        return

    def complete() -> None:
        machine.deliver(frame, step, cell, _joined(step, stream))

    stream.complete = complete
    if not stream.slots:
        complete()


def _joined(step: Step, stream: Stream) -> object:
    operation = step.node.operation
    assert isinstance(operation, Each)
    there = [s for s in stream.slots if s is not None] if operation.over == "candidates" else stream.slots
    if isinstance(step.node.type, types.Candidates):
        return Candidates(distinct(c for s in there if isinstance(s, Candidates) for c in s), stream.about)
    return tuple(there)
