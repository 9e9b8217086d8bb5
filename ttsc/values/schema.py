"""Structured output: what a model is told of a type, and how its reply is read as one.

Reading is tolerant of how a value is wrapped (reasoning, fences, prose) and strict about what
it is: nothing is guessed, and a reply that does not fit is a complaint to ask again with.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ttsc.values.extraction import spoken
from ttsc.values.number import normal_number
from ttsc.values.request import Accepted, Rejected
from ttsc.values.types import Boolean, Choice, ListOf, Number, Record, Text, Type, Unknown

#: Bytes of UTF-8 that the complaint about a reply never exceeds.
COMPLAINT_BYTES = 400

#: The field that holds a value which is not a record: providers want an object outermost.
WRAPPER = "answer"

# --- what a model is told -------------------------------------------------------------


def answerable(wanted: Type) -> bool:
    """Whether a model can answer with a value of this type."""
    match wanted:
        case Text() | Number() | Boolean() | Choice():
            return True
        case ListOf(item=item):
            return answerable(item)
        case Record(fields=fields):
            return all(answerable(kind) for _, kind in fields)
        case _:
            return False


def json_schema(wanted: Type) -> dict[str, object]:
    """The JSON schema of a type; TypeError for one that no model can answer with."""
    match wanted:
        case Text():
            return {"type": "string"}
        case Number():
            return {"type": "number"}
        case Boolean():
            return {"type": "boolean"}
        case Choice(options=options):
            return {"type": "string", "enum": list(options)}
        case ListOf(item=item, limit=limit):
            most = {} if limit is None else {"maxItems": limit}
            return {"type": "array", "items": json_schema(item), **most}
        case Record(fields=fields):
            return {
                "type": "object",
                "properties": {name: json_schema(kind) for name, kind in fields},
                "required": [name for name, _ in fields],
                "additionalProperties": False,
            }
        case _:
            raise TypeError(f"no JSON schema for a {type(wanted).__name__}")


def reply_schema(wanted: Type) -> str:
    """The schema of a whole reply as canonical text; what is no record stands in a field."""
    whole = wanted if isinstance(wanted, Record) else Record(((WRAPPER, wanted),))
    return json.dumps(json_schema(whole), ensure_ascii=False, separators=(",", ":"))


def form(wanted: Type) -> str:
    """The type as a model is shown it: JSON with its types in place of values."""
    match wanted:
        case Text():
            return '"text"'
        case Choice(options=options):
            return " | ".join(json.dumps(o, ensure_ascii=False) for o in options)
        case Boolean():
            return "true | false"
        case ListOf(item=item, limit=limit):
            most = "" if limit is None else f" (at most {limit} items)"
            return f"[{form(item)}, …]{most}"
        case Record(fields=fields):
            return "{" + ", ".join(f'"{name}": {form(kind)}' for name, kind in fields) + "}"
        case _:
            return "number"


def instruction(wanted: Type, *, enforced: bool) -> str:
    """The sentence that asks for a reply of this type; short where the provider enforces it."""
    if enforced:
        return "Reply in JSON."
    match wanted:
        case Choice(options=options):
            known = ", ".join(json.dumps(o, ensure_ascii=False) for o in options)
            return f"Reply with exactly one of these and nothing else: {known}"
        case Number():
            return "Reply with one number and nothing else."
        case Boolean():
            return "Reply with true or false and nothing else."
        case _:
            return f"Reply with JSON of this form and nothing else:\n{form(wanted)}"


# --- how a reply is read --------------------------------------------------------------


class _Unfit(ValueError):
    """A value is not of the type; the message says where and why."""


def rejected(why: str) -> Rejected:
    """The complaint about a reply, at most COMPLAINT_BYTES long."""
    short = why.encode("utf-8", "replace")[: COMPLAINT_BYTES - 100].decode("utf-8", "ignore")
    return Rejected(f"That reply cannot be used: {short}. Reply again in the form asked for, with nothing else.")


def read_json(text: str, wanted: Type) -> Accepted | Rejected:
    """A reply as a value of a type: the last JSON value in it that fits, or a plain answer.

    Records become read-only mappings, lists tuples. Numbers may be written as texts, choices
    in another case; a number, choice or boolean may stand alone without JSON.
    """
    said = spoken(text).strip()
    if isinstance(wanted, Text):
        return Accepted(said)
    why = "there is no JSON in it"
    for value in reversed(list(json_values(said))):
        try:
            return Accepted(_unwrapped(value, wanted))
        except _Unfit as unfit:
            why = str(unfit)
    if isinstance(wanted, Number | Choice | Boolean):
        return _read_plain(said, wanted)
    return rejected(why)


_OPENING = re.compile(r"[{\[]")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_MOST_WORK = 1_000_000  # characters of failed attempts at one reply; hostile nesting costs the square of its length


def json_values(said: str) -> Iterator[object]:
    """The outermost JSON values in a text, in order: the whole text, or its objects and lists.

    Backslashes that JSON does not know, as LaTeX has them, stand for themselves.
    """
    decoder = json.JSONDecoder(strict=False)
    text = _BAD_ESCAPE.sub(r"\\\\", said)
    try:
        yield decoder.decode(text)
    except (ValueError, RecursionError):
        yield from _embedded(text, decoder)


def _embedded(text: str, decoder: json.JSONDecoder) -> Iterator[object]:
    place, work = 0, 0
    while work < _MOST_WORK and (start := _OPENING.search(text, place)):
        try:
            value, place = decoder.raw_decode(text, start.start())
        except json.JSONDecodeError as broken:
            work += broken.pos - start.start()
            place = start.end()
        except ValueError:  # a number of thousands of digits
            place = start.end()
        except RecursionError:
            return
        else:
            yield value


def _unwrapped(value: object, wanted: Type) -> object:
    """The value as the type, also out of an object around it."""
    try:
        return _fit(value, wanted, "")
    except _Unfit:
        if not isinstance(value, Mapping):
            raise
        if not isinstance(wanted, Record) and WRAPPER in value:
            return _fit(value[WRAPPER], wanted, "")
        if len(value) == 1:
            return _fit(next(iter(value.values())), wanted, "")
        raise


def _fit(value: object, wanted: Type, place: str) -> object:
    match wanted:
        case Text():
            return _fit_text(value, place)
        case Number():
            return _fit_number(value, place)
        case Boolean():
            return _fit_boolean(value, place)
        case Choice(options=options):
            return _fit_choice(value, options, place)
        case ListOf(item=item, limit=limit):
            return _fit_list(value, item, limit, place)
        case Record(fields=fields):
            return _fit_record(value, fields, place)
        case Unknown():
            return value
        case _:
            raise TypeError(f"no reply is read as a {type(wanted).__name__}")


def _at(place: str) -> str:
    return f"`{place}`" if place else "the value"


def _fit_text(value: object, place: str) -> str:
    if isinstance(value, bool | None) or not isinstance(value, str | int | float):
        raise _Unfit(f"{_at(place)} must be a text")
    # A lone surrogate is legal JSON but no text that could be stored or sent.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _fit_number(value: object, place: str) -> int | float:
    unfit = _Unfit(f"{_at(place)} must be a number")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise unfit
    try:
        number = _written(value) if isinstance(value, str) else value
        finite = math.isfinite(number)
    except (ValueError, OverflowError):
        raise unfit from None
    if not finite:
        raise unfit
    return number


def _written(number: str) -> int | float:
    """A number written as text; "8/10" and "80%" are none, they may mean 8 or 0.8."""
    if any(mark in number for mark in "/%"):
        raise ValueError(number)
    value = float(normal_number(number))
    return int(value) if value.is_integer() else value


def _fit_boolean(value: object, place: str) -> bool:
    if isinstance(value, bool):
        return value
    said = value.strip().casefold() if isinstance(value, str) else ""
    if said in ("true", "yes", "false", "no"):
        return said in ("true", "yes")
    raise _Unfit(f"{_at(place)} must be true or false")


def _fit_choice(value: object, options: tuple[str, ...], place: str) -> str:
    said = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if said in options:
        return said
    like = [o for o in options if o.strip().casefold() == said.strip().casefold()]
    if len(like) == 1:
        return like[0]
    raise _Unfit(f"{_at(place)} must be one of {', '.join(json.dumps(o, ensure_ascii=False) for o in options)}")


def _fit_list(value: object, item: Type, limit: int | None, place: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise _Unfit(f"{_at(place)} must be a list")
    if limit is not None and len(value) > limit:
        raise _Unfit(f"{_at(place)} has {len(value)} items, at most {limit} are allowed")
    return tuple(_fit(v, item, f"{place}[{i}]") for i, v in enumerate(value))


def _fit_record(value: object, fields: tuple[tuple[str, Type], ...], place: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _Unfit(f"{_at(place)} must be an object")
    named = {str(k).casefold(): v for k, v in value.items()} | dict(value)
    made: dict[str, object] = {}
    for name, kind in fields:
        key = name if name in named else name.casefold()
        path = f"{place}.{name}" if place else name
        if key not in named:
            raise _Unfit(f"the field `{path}` is missing")
        made[name] = _fit(named[key], kind, path)
    return MappingProxyType(made)


_LABEL = re.compile(
    r"\W{0,4}(?:the |my |final ){0,2}(?:answer|result|label|rating|score|category)\s{0,2}(?:is\b|:|=)", re.IGNORECASE
)


def _read_plain(said: str, wanted: Type) -> Accepted | Rejected:
    """A value that stands alone: as the whole reply, or on its first or last line."""
    lines = [line for line in said.split("\n") if line.strip() and not line.strip().startswith("```")]
    found: list[object] = []
    why = "it is empty"
    for line in dict.fromkeys([*lines[:1], *lines[-1:]]):
        bare = _LABEL.sub("", line, count=1).strip(" \t*_`\"'()[]").rstrip(".!*_`\"'")
        try:
            found.append(_fit(bare, wanted, ""))
        except _Unfit as unfit:
            why = str(unfit)
    if not found:
        return rejected(why)
    return Accepted(found[-1]) if found[0] == found[-1] else rejected("it gives two different answers")
