"""Expressions, stages and blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ttsc.grammar.source import Span
from ttsc.grammar.tree.written_types import Path, placed


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount with a unit: `$0.05` (unit `$`), `5s`, `40 calls`, `128000 input_tokens`."""

    value: int | float
    unit: str
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Slot:
    """`{name}` or `{a.b}` in a text or a prompt."""

    path: Path
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal, escapes resolved, with the slots to be filled."""

    parts: tuple[str | Slot, ...]
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name: a binding, a declaration, an enumerated word, or a stage without arguments."""

    id: str
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class ItemField:
    """`.f` inside an argument: the field of the item at hand."""

    name: str
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Field:
    """`a.b`: a field of a value, or a declaration of an imported file."""

    value: Expression
    name: str
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class List:
    items: tuple[Expression, ...]
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class FieldValue:
    """`k = v` in a record."""

    name: str
    value: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Spread:
    """`...r` in a record."""

    value: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class RecordLiteral:
    entries: tuple[FieldValue | Spread, ...]
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Argument:
    """`value`, `name: value`, or `name: value else otherwise`."""

    name: str | None
    value: Expression
    otherwise: Expression | None
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Call:
    """`name(…)` or `m.name(…)`: an op, a prompt, a pipeline, a tool or a function."""

    callee: Path
    arguments: tuple[Argument, ...]
    span: Span = placed()
    callee_span: Span = placed()


BinaryOperator = Literal["or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Binary:
    operator: BinaryOperator
    left: Expression
    right: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Unary:
    operator: Literal["not", "-"]
    operand: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Pipe:
    """`value |> stage`."""

    value: Expression
    stage: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Maybe:
    """`maybe stage`: a stage the search may leave out."""

    stage: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Each:
    """`each as name { … }`, a stage."""

    name: str
    body: Block
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Repeat:
    """`repeat count as name { … }`, a stage."""

    count: Expression
    name: str
    body: Block
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Fold:
    """`fold as name with accumulator = initial { … }`, a stage."""

    name: str
    accumulator: str
    initial: Expression
    body: Block
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Until:
    """`call until as name { condition }`, a sampling stage that stops early."""

    call: Call
    name: str
    condition: Block
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Arm:
    """`"label" => …`; label None is `else`."""

    label: str | None
    body: Block
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Match:
    subject: Expression
    arms: tuple[Arm, ...]
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class If:
    """`if condition { … } else { … }`; an `else if` is a block whose result is another `If`."""

    condition: Expression
    then: Block
    otherwise: Block
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, `low..high log`."""

    low: int | float
    high: int | float
    log: bool
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Options:
    """`[a, b]`: one of them; with `subset` any of them but not none."""

    items: tuple[Expression, ...]
    subset: bool
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Generated:
    """`exemplars(…)`, `wordings(…)`, `quantiles(…)`: a domain the search makes."""

    call: Call
    span: Span = placed()


Domain = Range | Options | Generated


@dataclass(frozen=True, slots=True)
class Tune:
    """`tune domain = default`; only a generated domain may go without a default."""

    domain: Domain
    default: Expression | None
    span: Span = placed()


Expression = (
    Number | Boolean | Quantity | Text | Name | ItemField | Field | List | RecordLiteral | Call
    | Binary | Unary | Pipe | Maybe | Each | Repeat | Fold | Until | Match | If | Tune
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Binding:
    """`name = value` in a block."""

    name: str
    value: Expression
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Stop:
    """`stop value when condition` in the body of a `repeat`; no value is the carried value."""

    value: Expression | None
    condition: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Block:
    """`{ expression }`, or bindings (and a `stop`) followed by `return expression`."""

    statements: tuple[Binding | Stop, ...]
    result: Expression
    span: Span = placed()
