"""The moving parts of a schedule: cells, waits, one queue of things to do, and actions out.

Pure and without recursion: whatever becomes possible is put at the end of the queue, and
`drain` works it off. Each node costs a constant number of steps. How a kind of node uses these
parts stands in `opcalls` and `structures`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from ttsc.compiler.ir import Block, Limits, Ref
from ttsc.ops.signature import Op
from ttsc.runtime.failure import Failure, label
from ttsc.runtime.frames import (
    Action,
    Activation,
    Answered,
    Cancel,
    Failed,
    Faults,
    Frame,
    Path,
    Question,
    Settled,
    Start,
)
from ttsc.runtime.keys import below
from ttsc.runtime.layout import Layout, Step, lay_out
from ttsc.runtime.streams import PENDING, Cell, Stream, Wait
from ttsc.values import types
from ttsc.values.candidate import Candidates, distinct

OpenNode = Callable[["Machine", Frame, Step], Cell]


class Machine:
    """The state of a run between two events. `open_node` says how each kind of node begins."""

    def __init__(self, ops: Mapping[str, Op], open_node: OpenNode) -> None:
        self.ops = ops
        self._open_node = open_node
        self._layouts: dict[tuple[int, Ref | None], Layout] = {}
        self._queue: deque[tuple[Question, Callable[[], None]]] = deque()
        self._actions: list[Action] = []
        self._started = 0

    # --- frames ----------------------------------------------------------------------

    def open(
        self,
        question: Question,
        block: Block,
        arguments: Iterable[Cell],
        *,
        scope: str,
        path: Path = (),
        limits: tuple[Limits, ...] = (),
        stop: Ref | None = None,
    ) -> Frame:
        """A new frame for a block. Its arguments may still be missing: nodes wait for what they need."""
        layout = self._layout(block, stop)
        frame = Frame(question, list(arguments), scope, path, limits)
        assert len(frame.cells) == len(block.parameters), "a block is opened with all its arguments"
        for step in layout.steps:
            if step is None:
                frame.cells.append(NEVER)
                continue
            cell = step.constant or self._open_node(self, frame, step)
            frame.cells.append(cell)
            if step.node.name:
                self.when(question, (cell,), partial(self._report, frame, step, cell))
        return frame

    def child(
        self,
        frame: Frame,
        step: Step,
        block: Block,
        arguments: Iterable[Cell],
        *,
        number: int = 0,
        component: str | int | None = None,
        stop: Ref | None = None,
    ) -> Frame:
        """A frame inside another: the `number`-th that a node opens, with its own part of the scope."""
        scope = frame.scope if component is None else below(frame.scope, component)
        path = (*frame.path, step.ref, number)
        return self.open(frame.question, block, arguments, scope=scope, path=path, limits=frame.limits, stop=stop)

    def _layout(self, block: Block, stop: Ref | None) -> Layout:
        layout = self._layouts.get((id(block), stop))
        if layout is None:  # a layout holds its block, so the id stays taken
            layout = self._layouts[id(block), stop] = lay_out(block, self.ops, stop)
        return layout

    def _report(self, frame: Frame, step: Step, cell: Cell) -> None:
        path = (*frame.path, step.ref)
        self._actions.append(Settled(frame.question.index, path, frame.scope, step.node.name, cell.value))

    # --- cells -----------------------------------------------------------------------

    def when(
        self, question: Question, settled: Iterable[Cell], act: Callable[[], None], opened: Iterable[Cell] = ()
    ) -> None:
        """Does `act` once these cells are settled and those are at least opened."""
        wait = Wait(act)
        for cell in settled:
            if cell.value is PENDING:
                if cell.waiting is None:
                    cell.waiting = []
                cell.waiting.append(wait)
                wait.pending += 1
        for cell in opened:
            if cell.value is PENDING and cell.stream is None:
                if cell.opening is None:
                    cell.opening = []
                cell.opening.append(wait)
                wait.pending += 1
        if not wait.pending:
            self.push(question, act)

    def push(self, question: Question, act: Callable[[], None]) -> None:
        """Puts something to do at the end of the queue."""
        question.busy += 1
        self._queue.append((question, act))

    def _release(self, question: Question, waits: Sequence[Wait]) -> None:
        for wait in waits:
            wait.pending -= 1
            if not wait.pending:
                self.push(question, wait.act)

    def settle(self, question: Question, cell: Cell, value: object) -> None:
        """Gives a cell its value."""
        assert cell.value is PENDING, "a cell is settled once"
        cell.value = value
        for waits in (cell.opening, cell.waiting):
            if waits is not None:
                self._release(question, waits)
        cell.opening = cell.waiting = None

    def open_stream(self, question: Question, cell: Cell, stream: Stream) -> None:
        """Lets those who work slot by slot see the stream before the cell is settled."""
        cell.stream = stream
        if cell.opening is not None:
            self._release(question, cell.opening)
            cell.opening = None

    def forward(self, question: Question, source: Cell, target: Cell) -> None:
        """Makes `target` become whatever `source` becomes, as soon as it does."""
        if source.settled:
            target.stream = target.stream or source.stream
            self.settle(question, target, source.value)
        elif source.stream is not None:
            self.open_stream(question, target, source.stream)
            self.when(question, (source,), lambda: self.settle(question, target, source.value))
        else:
            self.when(question, (), lambda: self.forward(question, source, target), opened=(source,))

    def deliver(self, frame: Frame, step: Step, cell: Cell, value: object, faults: Faults = ()) -> None:
        """Settles a node's cell with its result, or fails the question where candidates are missing.

        Candidates leave a node with origins that differ, whatever the node does.
        """
        wanted = step.node.type
        if isinstance(value, Candidates) and isinstance(wanted, types.Candidates) and len(value) < wanted.low:
            title = f"{len(value)} candidates came out, at least {wanted.low} are needed"
            if label(step.node) == "ask" and not faults:
                title = "no reply could be read in the form asked for, or met its conditions"
            self.fail(frame.question, Failure.at(step.node, title, faults))
        elif isinstance(value, Candidates):
            self.settle(frame.question, cell, value.of(distinct(value.items)))
        else:
            self.settle(frame.question, cell, value)

    # --- streams ---------------------------------------------------------------------

    def listen(self, question: Question, stream: Stream, listener: Callable[[int], None]) -> None:
        """Calls `listener` with the number of every slot once it is filled."""
        for slot, value in enumerate(stream.slots):
            if value is not PENDING:
                self.push(question, partial(listener, slot))
        if stream.missing:
            stream.listeners.append(listener)

    def fill(self, question: Question, stream: Stream, slot: int, value: object) -> None:
        """Fills a slot; None leaves it empty for ever."""
        assert stream.slots[slot] is PENDING, "a slot is filled once"
        stream.slots[slot] = value
        stream.missing -= 1
        for listener in stream.listeners:
            self.push(question, partial(listener, slot))
        if not stream.missing:
            stream.listeners = []
            assert stream.complete is not None
            stream.complete()

    # --- work ------------------------------------------------------------------------

    def start(
        self,
        frame: Frame,
        step: Step,
        input: object,
        settings: object,
        deliver: Callable[[object, Faults], None],
        *,
        about: str,
        scope: str,
        slot: int = 0,
    ) -> None:
        """Asks the executor to run an op; `deliver` takes its result and the faults of its draws."""
        question = frame.question
        if question.over:  # a node of the same frame has just failed it
            return
        self._started += 1
        activation = Activation(self._started, frame, step, input, settings, scope, slot, about, deliver)
        question.running[activation.number] = activation
        question.busy += 1
        self._actions.append(Start(activation))

    def finish(self, activation: Activation, value: object, faults: Faults) -> None:
        """Takes the result of an activation; one that was cancelled says nothing any more."""
        question = activation.frame.question
        if question.running.pop(activation.number, None) is not None:
            self._queue.append((question, partial(activation.deliver, value, faults)))  # stays busy

    def fail(self, question: Question, failure: Failure) -> None:
        """Ends a question without an answer and cancels all that runs for it."""
        if not question.over:
            question.over = True
            self._actions += [Cancel(a) for a in question.running.values()]
            question.running.clear()
            self._actions.append(Failed(question.index, failure))

    def drain(self) -> list[Action]:
        """Does everything that can be done now; the actions that follow from it, in order."""
        queue = self._queue
        while queue:
            question, act = queue.popleft()
            question.busy -= 1
            if question.over:
                continue
            act()
            if not question.busy and not question.over:
                self._conclude(question)
        actions, self._actions = self._actions, []
        return actions

    def _conclude(self, question: Question) -> None:
        assert question.result.settled, f"question {question.index} has nothing left to do and no result"
        question.over = True
        self._actions.append(Answered(question.index, question.result.value))


#: Stands for a node that nobody needs.
NEVER = Cell()
