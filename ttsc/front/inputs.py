"""Inputs: from the command line's texts and a data file's lines to typed values, or one clear error.

Nothing is coerced: a number is not a text. Lists become tuples, records read-only mappings.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ttsc.compiler.evaluate import LARGEST_NUMBER
from ttsc.front.errors import DataError, UsageError
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.values.types import Boolean, Choice, ListOf, Media, Number, Record, Tests, Text, Type, describe

Parameters = Sequence[tuple[str, Type]]

NONE: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Question:
    """One set of inputs to a pipeline; `item` is its id in its data file, "" outside one."""

    inputs: Mapping[str, object]
    item: str = ""


def question(
    values: Mapping[str, object], parameters: Parameters, item: str = "", *, whole: bool = True
) -> Question:
    """The values as a pipeline takes them; raises UsageError where names or types do not fit.

    Every parameter needs a value, unless it is only a part of one (`whole` False).
    """
    types = dict(parameters)
    for name in values:
        if name not in types:
            near = nearest(name, list(types))
            hint = f"did you mean `{near}`?" if near else f"it takes {one_of(list(types))}"
            raise UsageError(f"the pipeline has no parameter `{name}`: {hint}")
    missing = [name for name in types if name not in values]
    if missing and whole:
        first = missing[0]
        raise UsageError(f"no value for {one_of(missing)}: give `{first}` ({describe(types[first])})")
    return Question(MappingProxyType({n: conform(values[n], t, n) for n, t in types.items() if n in values}), item)


def from_texts(texts: Mapping[str, str], parameters: Parameters) -> dict[str, object]:
    """Values written on a command line: texts as they are, everything else as JSON."""
    types = dict(parameters)
    return {name: _read(name, text, types.get(name, Text())) for name, text in texts.items()}


def _read(name: str, text: str, type: Type) -> object:
    if isinstance(type, Text | Choice | Media | Tests):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        kind = describe(type)
        raise UsageError(f"`{name}` is a {kind}, to be written as JSON, and {text!r} is not: {error}") from None


def conform(value: object, type: Type, where: str) -> object:
    """The value, immutable, if it is of the type; raises UsageError naming `where` otherwise."""
    match type, value:
        case Text() | Media(), str():
            return value
        case Number(), int() | float() if not isinstance(value, bool):
            return _number(value, where)
        case Boolean(), bool():
            return value
        case Tests(), _:
            return freeze(value)
        case Choice(options=options), str() if value in options:
            return value
        case ListOf(item=item, limit=limit), list() | tuple():
            if limit is not None and len(value) > limit:
                raise UsageError(f"`{where}` has {len(value)} items, and {describe(type)} has room for {limit}")
            return tuple(conform(v, item, f"{where}[{i}]") for i, v in enumerate(value))
        case Record(fields=fields), Mapping():
            return _record(value, dict(fields), where)
        case _:
            raise UsageError(f"`{where}` must be {_wanted(type)}, and {_shown(value)} is not")


def _number(value: int | float, where: str) -> int | float:
    """The number, whole where it is, `2.0` as 2; raises UsageError for what is not in the range of numbers."""
    if not abs(value) <= LARGEST_NUMBER:
        raise UsageError(f"`{where}` must be a number from -1e40 to 1e40")
    return int(value) if abs(value) < 1e15 and value == int(value) else value


def _record(value: Mapping[str, object], fields: Mapping[str, Type], where: str) -> Mapping[str, object]:
    for name in fields:
        if name not in value:
            raise UsageError(f"`{where}` lacks the field `{name}`")
    return MappingProxyType({n: conform(value[n], t, f"{where}.{n}") for n, t in fields.items()})


def _wanted(type: Type) -> str:
    match type:
        case Choice():
            return f"one of {describe(type)}"
        case Text() | Number() | Boolean() | ListOf() | Record() | Media():
            return f"a value of type {describe(type)}"
        case _:
            return f"{describe(type)} (only another pipeline can pass that)"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else text[:57] + "…"


def freeze(value: object) -> object:
    """Plain data with lists as tuples and objects as read-only mappings."""
    match value:
        case Mapping():
            return MappingProxyType({str(k): freeze(v) for k, v in value.items()})
        case list() | tuple():
            return tuple(freeze(v) for v in value)
        case _:
            return value


# --- data files -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a data file and where it stands, `data.jsonl:3`."""

    fields: Mapping[str, object]
    place: str


def read_lines(path: Path) -> tuple[Line, ...]:
    """Every record of a `.jsonl` or `.jsonl.gz` file, empty lines skipped.

    Raises DataError naming file and line for the first line that is not a JSON object in
    UTF-8, and for a file that cannot be opened.
    """
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    numbered = enumerate(raw.split(b"\n"), start=1)
    lines = tuple(Line(_object(text, f"{path}:{n}"), f"{path}:{n}") for n, text in numbered if text.strip())
    if not lines:
        raise DataError(f"{path}: holds no records")
    return lines


def _object(text: bytes, place: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not a line of JSON in UTF-8: {error}") from None
    if not isinstance(value, dict):
        raise DataError(f"{place}: a JSON object is needed, one per line; this is a {_kind(value)}")
    return value


def _kind(value: object) -> str:
    match value:
        case list():
            return "list"
        case str():
            return "text"
        case None:
            return "null"
        case bool():
            return "boolean"
        case _:
            return "number"


def questions(
    lines: Iterable[Line], parameters: Parameters, renames: Mapping[str, str], fixed: Mapping[str, object] = NONE
) -> tuple[Question, ...]:
    """Each record as inputs: a parameter takes the field of its name, or the one it is renamed to.

    `renames` maps parameters to fields (`{"question": "prompt"}`), `fixed` gives values that
    are the same for all records. The record's `id` becomes the question's `item`. Fields that
    no parameter takes are left alone.
    """
    known = [name for name, _ in parameters]
    for name in renames:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"it takes {one_of(known)}"
            raise UsageError(f"--map {name}=…: the pipeline has no parameter `{name}`: {hint}")
    question(fixed, parameters, whole=False)
    return tuple(_question(line, parameters, renames, fixed) for line in lines)


def _question(
    line: Line, parameters: Parameters, renames: Mapping[str, str], fixed: Mapping[str, object]
) -> Question:
    values = dict(fixed)
    for name, _ in parameters:
        if name in fixed:
            continue
        field = renames.get(name, name)
        if field not in line.fields:
            near = nearest(field, list(line.fields)) or next(iter(line.fields), "FIELD")
            raise DataError(
                f"{line.place}: no field `{field}` for the parameter `{name}`; the record has "
                f"{one_of(list(line.fields))}. To take another field: --map {name}=.{near}"
            )
        values[name] = line.fields[field]
    try:
        return question(values, parameters, str(line.fields.get("id", "")))
    except UsageError as error:
        raise DataError(f"{line.place}: {error}") from None
