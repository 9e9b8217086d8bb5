"""Types as they are written, and the parameters that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ttsc.grammar.source import Span

Path = tuple[str, ...]  # a dotted name, `math.hard`


def placed() -> Span:
    """The field that every node ends with: its place, which says nothing about what it means."""
    return field(compare=False, repr=False)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class NamedType:
    path: Path
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class ListType:
    item: TypeExpr
    limit: int | None
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class ChoiceType:
    options: tuple[str, ...]
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class RecordType:
    fields: tuple[Parameter, ...]
    span: Span = placed()


@dataclass(frozen=True, slots=True)
class PipelineType:
    parameters: tuple[TypeExpr, ...]
    result: TypeExpr
    span: Span = placed()


TypeExpr = NamedType | ListType | ChoiceType | RecordType | PipelineType


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name: type`, of a pipeline, prompt, tool or record."""

    name: str
    type: TypeExpr
    span: Span = placed()
