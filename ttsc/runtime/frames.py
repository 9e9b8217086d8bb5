"""What a schedule is made of: questions, frames of running blocks, activations, and actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ttsc.compiler.ir import Limits
from ttsc.runtime.failure import Failure
from ttsc.runtime.layout import Step
from ttsc.runtime.streams import Cell
from ttsc.values.request import Fault

Path = tuple[int, ...]
Faults = tuple[Fault, ...]


@dataclass(slots=True, eq=False)
class Question:
    """One question of the batch. `busy` counts what is queued or running for it."""

    index: int
    result: Cell = field(default_factory=Cell)
    busy: int = 0
    over: bool = False
    running: dict[int, Activation] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Frame:
    """A block being run: its cells by ref, and where it stands.

    `scope` goes into draw keys. `path` says which node, and which run of it, opened the frame.
    `limits` are the lexical budgets around it, outermost first.
    """

    question: Question
    cells: list[Cell]
    scope: str
    path: Path
    limits: tuple[Limits, ...]


@dataclass(slots=True, eq=False)
class Activation:
    """One piece of work for the executor: an op on everything it needs, or on one slot.

    `input` is what the behaviour takes (a candidate, or the whole value), `about` the input
    that is being answered, `slot` the candidate's place (0 for the whole).
    """

    number: int
    frame: Frame
    step: Step
    input: object
    settings: object
    scope: str
    slot: int
    about: str
    deliver: Callable[[object, Faults], None]

    @property
    def question(self) -> int:
        """The number of its question in the batch."""
        return self.frame.question.index

    @property
    def path(self) -> Path:
        """The place of its node among all nodes and their runs."""
        return (*self.frame.path, self.step.ref)


@dataclass(frozen=True, slots=True)
class Start:
    """Run this now."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop this; its result is no longer wanted."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class Answered:
    """A question has its answer, and nothing of it is running."""

    question: int
    value: object


@dataclass(frozen=True, slots=True)
class Failed:
    """A question has none; what was running of it is being cancelled."""

    question: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class Settled:
    """A named binding has its value."""

    question: int
    path: Path
    scope: str
    name: str
    value: object


Action = Start | Cancel | Answered | Failed | Settled
