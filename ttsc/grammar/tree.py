"""The syntax tree: what a file says, nothing of what it means.

Nodes are frozen and compared without their spans, so that two trees are equal exactly when
two files say the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ttsc.grammar.source import Source, Span

Path = tuple[str, ...]  # a dotted name, `math.hard`


def _span() -> Span:
    return field(compare=False, repr=False)  # type: ignore[no-any-return]


# --- types as written -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedType:
    path: Path
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ListType:
    item: TypeExpr
    limit: int | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ChoiceType:
    options: tuple[str, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class RecordType:
    fields: tuple[Parameter, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class PipelineType:
    parameters: tuple[TypeExpr, ...]
    result: TypeExpr
    span: Span = _span()


TypeExpr = NamedType | ListType | ChoiceType | RecordType | PipelineType


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name: type`, of a pipeline, prompt, tool or record."""

    name: str
    type: TypeExpr
    span: Span = _span()


# --- expressions ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount with a unit: `$0.05` (unit `$`), `5s`, `40 calls`, `128000 input_tokens`."""

    value: int | float
    unit: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Slot:
    """`{name}` or `{a.b}` in a text or a prompt."""

    path: Path
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal, escapes resolved, with the slots to be filled."""

    parts: tuple[str | Slot, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name: a binding, a declaration, an enumerated word, or a stage without arguments."""

    id: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ItemField:
    """`.f` inside an argument: the field of the item at hand."""

    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Field:
    """`a.b`: a field of a value, or a declaration of an imported file."""

    value: Expression
    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class List:
    items: tuple[Expression, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class FieldValue:
    """`k = v` in a record."""

    name: str
    value: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Spread:
    """`...r` in a record."""

    value: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class RecordLiteral:
    entries: tuple[FieldValue | Spread, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Argument:
    """`value`, `name: value`, or `name: value else otherwise`."""

    name: str | None
    value: Expression
    otherwise: Expression | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Call:
    """`name(…)` or `m.name(…)`: an op, a prompt, a pipeline, a tool or a function."""

    callee: Path
    arguments: tuple[Argument, ...]
    span: Span = _span()
    callee_span: Span = _span()


BinaryOperator = Literal["or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Binary:
    operator: BinaryOperator
    left: Expression
    right: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Unary:
    operator: Literal["not", "-"]
    operand: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Pipe:
    """`value |> stage`."""

    value: Expression
    stage: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Maybe:
    """`maybe stage`: a stage the search may leave out."""

    stage: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Each:
    """`each as name { … }`, a stage."""

    name: str
    body: Block
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Repeat:
    """`repeat count as name { … }`, a stage."""

    count: Expression
    name: str
    body: Block
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Fold:
    """`fold as name with accumulator = initial { … }`, a stage."""

    name: str
    accumulator: str
    initial: Expression
    body: Block
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Until:
    """`call until as name { condition }`, a sampling stage that stops early."""

    call: Call
    name: str
    condition: Block
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Arm:
    """`"label" => …`; label None is `else`."""

    label: str | None
    body: Block
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Match:
    subject: Expression
    arms: tuple[Arm, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class If:
    """`if condition { … } else { … }`; an `else if` is a block whose result is another `If`."""

    condition: Expression
    then: Block
    otherwise: Block
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, `low..high log`."""

    low: int | float
    high: int | float
    log: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Options:
    """`[a, b]`: one of them; with `subset` any of them but not none."""

    items: tuple[Expression, ...]
    subset: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Generated:
    """`exemplars(…)`, `wordings(…)`, `quantiles(…)`: a domain the search makes."""

    call: Call
    span: Span = _span()


Domain = Range | Options | Generated


@dataclass(frozen=True, slots=True)
class Tune:
    """`tune domain = default`; only a generated domain may go without a default."""

    domain: Domain
    default: Expression | None
    span: Span = _span()


Expression = (
    Number | Boolean | Quantity | Text | Name | ItemField | Field | List | RecordLiteral | Call
    | Binary | Unary | Pipe | Maybe | Each | Repeat | Fold | Until | Match | If | Tune
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Binding:
    """`name = value` in a block."""

    name: str
    value: Expression
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Stop:
    """`stop value when condition` in the body of a `repeat`; no value is the carried value."""

    value: Expression | None
    condition: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Block:
    """`{ expression }`, or bindings (and a `stop`) followed by `return expression`."""

    statements: tuple[Binding | Stop, ...]
    result: Expression
    span: Span = _span()


# --- declarations ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setting:
    """`name = value` in the braces of a declaration."""

    name: str
    value: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Import:
    """`import "path" as name`."""

    path: str
    name: str
    span: Span = _span()
    path_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Model:
    """`model name = "target" { settings }`."""

    name: str
    target: str
    settings: tuple[Setting, ...]
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Template:
    """The raw text between `\"\"\"`, cut at its slots; `{{` and `}}` already single braces."""

    parts: tuple[str | Slot, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Prompt:
    name: str
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    template: Template
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class TypeDeclaration:
    name: str
    type: TypeExpr
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Tool:
    """`tool name(…) -> type = python "module:function" { settings }`."""

    name: str
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    language: str
    target: str
    settings: tuple[Setting, ...]
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Within:
    """`within $0.05, 40 calls else fallback`."""

    amounts: tuple[Quantity, ...]
    otherwise: Expression | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Depth:
    """`depth 3 else otherwise`."""

    limit: int
    otherwise: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Pipeline:
    name: str
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    within: Within | None
    depth: Depth | None
    body: Block
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Benchmark:
    name: str
    settings: tuple[Setting, ...]
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Objective:
    """`maximize metric` or `minimize metric`."""

    direction: Literal["maximize", "minimize"]
    metric: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Require:
    """`require condition`, over the static worst case, or `require measured condition`."""

    condition: Expression
    measured: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Search:
    """`search name for pipeline on benchmark(renames) { … }`."""

    name: str
    pipeline: Path
    benchmark: Path
    renames: tuple[Argument, ...]
    clauses: tuple[Objective | Require | Setting, ...]
    span: Span = _span()
    name_span: Span = _span()


Declaration = Import | Model | Prompt | TypeDeclaration | Tool | Pipeline | Benchmark | Search


@dataclass(frozen=True, slots=True)
class Comment:
    """`# …` with the text after the sign; the formatter puts it back where it stood."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class File:
    """A whole file. Comments are kept beside the declarations, in order."""

    source: Source = field(compare=False, repr=False)
    declarations: tuple[Declaration, ...] = ()
    comments: tuple[Comment, ...] = ()
