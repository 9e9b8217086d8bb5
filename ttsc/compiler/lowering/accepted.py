"""What is known of an argument once it is understood, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from ttsc.compiler.ir import Block
from ttsc.compiler.lowering.scope import Typed, Wire
from ttsc.grammar.source import Span
from ttsc.ops.accepts import Argument
from ttsc.ops.facts import UNSETTLED
from ttsc.ops.signature import Op
from ttsc.values import types
from ttsc.values.model import ModelSpec


@dataclass(frozen=True, slots=True)
class Accepted:
    """An argument understood: a constant, a value of the program, or a function of the item.

    `domain` holds the models that a hole could have put here; `hole` whether one stands here;
    `span` where it is written.
    """

    constant: object = UNSETTLED
    dynamic: Typed | None = None
    function: tuple[Block, tuple[Wire, ...]] | None = None
    domain: tuple[object, ...] = ()
    hole: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def type(self) -> types.Type:
        """The type of a computed argument."""
        return self.dynamic.type if self.dynamic else types.Unknown()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an argument stands: the op, the argument's declaration, and the item it may look at."""

    op: Op
    argument: Argument
    item: types.Type

    @property
    def label(self) -> str:
        """How a hole that stands here is called."""
        return f"{self.op.name}.{self.argument.name}"


Result = Accepted | None  # None: reported


def models_in(value: object) -> tuple[ModelSpec, ...]:
    """The models in a constant argument: one, several, or none."""
    if isinstance(value, ModelSpec):
        return (value,)
    return tuple(v for v in value if isinstance(v, ModelSpec)) if isinstance(value, tuple) else ()
