"""What an argument of an op accepts, and how a settings class declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from ttsc.values.types import Type


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
