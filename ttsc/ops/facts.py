"""What the compiler tells an op about one use of it, and what the op says back: a type, or a worst case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ttsc.values.types import Type


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
