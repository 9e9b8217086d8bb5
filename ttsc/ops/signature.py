"""What an op is: its arguments, its type, its worst case, and its behaviour, in one place.

An op is one file in this room with a module docstring (its documentation page), a frozen
settings class whose fields are its arguments, and `OP = Op(…)`. The compiler reads all but
the behaviour; the runtime runs the behaviour with a `Context`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal

from ttsc.ops.context import Context
from ttsc.values.candidate import Candidate
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Type

# --- what an argument accepts ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number known when compiling (a literal, a hole, a number parameter)."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in `low..high`, known when compiling or computed by the program."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OneModel:
    """A model, or a pipeline from text to text in its place."""


@dataclass(frozen=True, slots=True)
class Models:
    """One model or a list of models (or pipelines in their place)."""


@dataclass(frozen=True, slots=True)
class Word:
    """One bare word out of `options`."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A bare word or a list of bare words out of `options`."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extractor:
    """A bare word naming how an answer is found in a text, or `json(.field)`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A score by its bare name, `-name` for smallest first, a list to break ties.

    With `otherwise` the argument takes `name else VALUE` for candidates without the score.
    """

    several: bool = False
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class MetricUse:
    """A `Metric` argument as an op receives it: which score, which end first, and what stands in."""

    name: str
    descending: bool = True
    otherwise: float | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """The name of a prompt that replaces the built-in one called `replaces`."""

    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the program of a type."""

    type: Type


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value of the program."""


@dataclass(frozen=True, slots=True)
class ItemFunction:
    """An expression over the item at hand (`.pass_rate == 1.0`) with a result of a type."""

    result: Type


@dataclass(frozen=True, slots=True)
class Scorer:
    """A model that scores, or an expression over the item at hand that is a number."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """`name(arguments)` out of named strategies, each with a settings class of its own."""

    options: Mapping[str, type]


@dataclass(frozen=True, slots=True)
class Tools:
    """A list of tools."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of text literals known when compiling."""


@dataclass(frozen=True, slots=True)
class Switch:
    """`true` or `false`, known when compiling."""


Accepts = (
    Count | Amount | OneModel | Models | Word | Words | Extractor | Metric | Prompt | Value
    | Anything | ItemFunction | Scorer | Strategy | Tools | Texts | Switch
)  # fmt: skip


def argument(accepts: Accepts, doc: str, *, default: object = MISSING, positional: bool = False) -> Any:
    """A field of a settings class: what it accepts, its default, and its line in the reference."""
    return field(
        default=default,
        kw_only=not positional,
        metadata={"accepts": accepts, "doc": doc, "positional": positional},
    )


def arguments(settings: type) -> tuple[Argument, ...]:
    """The arguments of a settings class, positional ones first, in declared order."""
    found = [Argument.of(f) for f in fields(settings)]
    return tuple(sorted(found, key=lambda a: not a.positional))


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an op, as the checker and the reference see it."""

    name: str
    accepts: Accepts
    doc: str
    positional: bool
    required: bool
    default: object

    @staticmethod
    def of(field: Field[Any]) -> Argument:
        """The argument that a field of a settings class declares."""
        required = field.default is MISSING
        meta = field.metadata
        default = None if required else field.default
        return Argument(field.name, meta["accepts"], meta["doc"], meta["positional"], required, default)


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


# --- types and worst cases ------------------------------------------------------------


class Unsettled:
    """The value of an argument that is only known when the program runs."""


UNSETTLED = Unsettled()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one use of an op when compiling.

    `input` is the type of what is piped in, `input_value` its value where that is a constant.
    `values` holds every argument by name, defaults
    included: constants as they will be at run time, `UNSETTLED` for what the program computes.
    `types` holds the types of the computed ones, `given` the names written in the source.
    """

    input: Type
    values: Mapping[str, object]
    types: Mapping[str, Type]
    given: frozenset[str]
    input_value: object = UNSETTLED

    def count(self, name: str) -> int | None:
        """A whole-number argument, None where it is not known yet."""
        value = self.values[name]
        return value if isinstance(value, int) else None

    def models(self, name: str) -> int:
        """How many models an argument names."""
        value = self.values[name]
        return len(value) if isinstance(value, tuple) else 1


class Misuse(Exception):
    """Raised by a type rule: this use of the op is wrong. Becomes a diagnostic at the argument."""

    def __init__(self, title: str, *, code: str, label: str = "", help: str = "", argument: str = "") -> None:
        super().__init__(title)
        self.title, self.label, self.help, self.argument, self.code = title, label, help, argument, code


class OpError(Exception):
    """Raised by a behaviour: with these values it cannot go on. Fails the question, not the run."""

    def __init__(self, title: str, *, help: str = "") -> None:
        super().__init__(title)
        self.title, self.help = title, help


@dataclass(frozen=True, slots=True)
class Sizes:
    """Worst-case sizes of one use of an op, in bytes of UTF-8.

    `question` is the input being answered, `item` one candidate (or the whole input of a
    source), `critique` what may be attached to it, `high` how many candidates may arrive,
    `prompt` the prompt's own words (the built-in one or its replacement), `arguments` each
    computed argument by name.
    """

    question: int
    item: int
    critique: int
    high: int
    prompt: int
    arguments: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A group of like draws in an op's worst case.

    `draws` of them, each sending at most `input_bytes` in `messages` messages and asked again
    at most `reasks` times; `rounds` is how many of them wait for one another.
    """

    draws: int
    input_bytes: int
    messages: int = 2
    reasks: int = 0
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class Worst:
    """An op's worst case: for each model argument by name, what is asked of *each* model in it.

    `item_bytes` is the largest value it hands on per candidate where that is not a drawn text
    (None: as large as a drawn text or its input, whichever the op's type says).
    """

    exchanges: Mapping[str, tuple[Exchange, ...]] = field(default_factory=dict)
    item_bytes: int | None = None
    tool_calls: int = 0


# --- behaviours -----------------------------------------------------------------------


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
