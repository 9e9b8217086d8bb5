"""Declarations, comments, and the file that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ttsc.grammar.source import Source, Span
from ttsc.grammar.tree.expressions import Argument, Block, Expression, Quantity, Slot
from ttsc.grammar.tree.written_types import Parameter, Path, TypeExpr, placed


@dataclass(frozen=True, slots=True)
class Setting:
    """`name = value` in the braces of a declaration."""

    name: str
    value: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Import:
    """`import "path" as name`."""

    path: str
    name: str
    span: Span = placed()
    path_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Model:
    """`model name = "target" { settings }`."""

    name: str
    target: str
    settings: tuple[Setting, ...]
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Template:
    """The raw text between `\"\"\"`, cut at its slots; `{{` and `}}` already single braces."""

    parts: tuple[str | Slot, ...]
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Prompt:
    name: str
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    template: Template
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class TypeDeclaration:
    name: str
    type: TypeExpr
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Tool:
    """`tool name(…) -> type = python "module:function" { settings }`."""

    name: str
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    language: str
    target: str
    settings: tuple[Setting, ...]
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Within:
    """`within $0.05, 40 calls else fallback`."""

    amounts: tuple[Quantity, ...]
    otherwise: Expression | None
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Depth:
    """`depth 3 else otherwise`."""

    limit: int
    otherwise: Expression
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Pipeline:
    name: str
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    within: Within | None
    depth: Depth | None
    body: Block
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Benchmark:
    name: str
    settings: tuple[Setting, ...]
    span: Span = placed()
    name_span: Span = placed()


@dataclass(frozen=True, slots=True)
class Objective:
    """`maximize metric` or `minimize metric`."""

    direction: Literal["maximize", "minimize"]
    metric: str
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Require:
    """`require condition`, over the static worst case, or `require measured condition`."""

    condition: Expression
    measured: bool
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class Search:
    """`search name for pipeline on benchmark(renames) { … }`."""

    name: str
    pipeline: Path
    benchmark: Path
    renames: tuple[Argument, ...]
    clauses: tuple[Objective | Require | Setting, ...]
    span: Span = placed()
    name_span: Span = placed()


Declaration = Import | Model | Prompt | TypeDeclaration | Tool | Pipeline | Benchmark | Search


@dataclass(frozen=True, slots=True)
class Comment:
    """`# …` with the text after the sign; the formatter puts it back where it stood."""

    text: str
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class File:
    """A whole file. Comments are kept beside the declarations, in order."""

    source: Source = field(compare=False, repr=False)
    declarations: tuple[Declaration, ...] = ()
    comments: tuple[Comment, ...] = ()
