"""Sizes of records: in a text a record is JSON, so names, marks and escapes count as well."""

from __future__ import annotations

from collections.abc import Sequence

from ttsc.compiler.op_bounds import Assumptions, Measure
from ttsc.values import types
from ttsc.values.types import Type

#: Bytes that a byte of text may take inside JSON: a control character is written `\u0001`.
ESCAPED = 6
#: Bytes of the quotes, colon, comma and space that may stand around a name, a value or an item.
MARKS = 4


def record(kind: Type, names: Sequence[object], given: Sequence[Measure], assumptions: Assumptions) -> Measure:
    """A record of a type out of the values of its fields; None among the names spreads a record."""
    assert isinstance(kind, types.Record)
    fields: dict[str, Measure] = {}
    for name, value in zip(names, given, strict=True):
        if name is not None:
            fields[str(name)] = value
        elif value.fields:
            fields |= value.fields
        else:
            fields |= {each: Measure(value.total, value.total) for each, _ in kind.fields if each not in fields}
    escaped = ESCAPED if assumptions.typical_output_tokens is None else 1
    kinds = dict(kind.fields)
    size = sum(len(n.encode()) + MARKS + _written(m, kinds.get(n), escaped) for n, m in fields.items()) + MARKS
    return Measure(size, size, fields=tuple(fields.items()))


def field(given: Measure, name: str) -> Measure:
    """One field of a record whose fields are known apart."""
    return dict(given.fields)[name]


def _written(value: Measure, kind: Type | None, escaped: int) -> int:
    """Bytes of a value inside a record. What is JSON already is not escaped again."""
    while isinstance(kind, types.ListOf):
        kind = kind.item
    plain = isinstance(kind, types.Record | types.Number | types.Boolean)
    return value.total * (1 if plain else escaped) + MARKS * (1 + value.count)
