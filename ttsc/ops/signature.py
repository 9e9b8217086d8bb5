"""What an op is: its arguments, its type, its worst case, and its behaviour, in one place.

An op is one file in this room with a module docstring (its documentation page), a frozen
settings class whose fields are its arguments, and `OP = Op(…)`. The compiler reads all but
the behaviour; the runtime runs the behaviour with a `Context`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ttsc.ops.accepts import Amount, Argument, Count, Models, OneModel, Prompt, Scorer, Texts, argument, arguments
from ttsc.ops.context import Context
from ttsc.ops.facts import Facts, Misuse, Sizes, Worst
from ttsc.values.candidate import Candidate
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The arguments of every op that asks a model."""

    prompt: PromptTemplate | None = argument(Prompt(), "prompt that replaces the built-in one", default=None)
    system: str | None = argument(Texts(), "system message put before the prompt", default=None)
    max_tokens: int | None = argument(
        Count(1, 1_000_000), "output tokens of one draw at most; the model's own by default", default=None
    )
    temperature: float | None = argument(
        Amount(0.0, 2.0), "sampling temperature; the model's own by default", default=None
    )


class OpError(Exception):
    """Raised by a behaviour: with these values it cannot go on. Fails the question, not the run."""

    def __init__(self, title: str, *, help: str = "") -> None:
        super().__init__(title)
        self.title, self.help = title, help


@dataclass(frozen=True, slots=True)
class Elementwise:
    """Works on each candidate alone, as soon as that one is there. None drops the candidate."""

    run: Callable[[Context, Candidate, Any], Awaitable[Candidate | None]]


@dataclass(frozen=True, slots=True)
class Slots:
    """Makes a fixed number of candidates side by side, each in its slot. None leaves it empty."""

    count: Callable[[Any], int]
    run: Callable[[Context, object, int, Any], Awaitable[Candidate | None]]


@dataclass(frozen=True, slots=True)
class Whole:
    """Needs everything that is piped in, and asks models."""

    run: Callable[[Context, Any, Any], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Pure:
    """Needs everything that is piped in, asks nobody, and always gives the same."""

    run: Callable[[Any, Any], object]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Declared so that programs check and plan; running it says that it is not there yet."""

    missing: str


Behaviour = Elementwise | Slots | Whole | Pure | Unavailable
Role = Literal["source", "elementwise", "reducer"]


@dataclass(frozen=True, slots=True)
class Op:
    """One technique.

    `input` lists what may be piped in, for messages ("candidates", "text"). `result` is its
    type rule: it gives the type of the result or raises `Misuse`. `worst` is its worst case.
    `warn` gives what is odd about a use but not wrong (codes W61x), for uses with a type.
    `prompts` are its built-in prompts by name; the one called "" is what `prompt:` replaces.
    `module` is the module's docstring, the op's page in the reference.
    """

    name: str
    role: Role
    settings: type
    result: Callable[[Facts], Type]
    behaviour: Behaviour
    module: str
    worst: Callable[[Facts, Sizes], Worst] = lambda facts, sizes: Worst()
    prompts: Mapping[str, PromptTemplate] = field(default_factory=dict)
    rewrites: bool = False  # whether candidates come out with newly drawn text in place of theirs
    needs: frozenset[str] = frozenset()  # capabilities its models must have: "prefix", "logprobs"
    warn: Callable[[Facts], Sequence[Misuse]] = lambda facts: ()

    @property
    def pure(self) -> bool:
        """Whether equal uses may be merged and unused ones dropped."""
        return isinstance(self.behaviour, Pure)

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """Its arguments, positional ones first."""
        return arguments(self.settings)

    @property
    def model_arguments(self) -> tuple[str, ...]:
        """The names of the arguments that take models."""
        return tuple(a.name for a in self.arguments if isinstance(a.accepts, OneModel | Models | Scorer))


def as_models(value: ModelSpec | Sequence[ModelSpec]) -> tuple[ModelSpec, ...]:
    """A `Models` argument as a tuple."""
    return (value,) if isinstance(value, ModelSpec) else tuple(value)
