"""Pure functions of the language: one name each, evaluated alike when compiling and when running."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from ttsc.values.candidate import Candidate, Candidates, Extraction, distinct
from ttsc.values.digest import digest
from ttsc.values.extraction import Extractor, extract
from ttsc.values.prompt import PromptTemplate, as_text

Values = Sequence[object]


#: No number is larger: none is infinite, and a loop of products stays bounded in digits.
LARGEST_NUMBER = 1e40


class EvaluationError(Exception):
    """A pure function met values it cannot work on, such as a division by zero."""


def evaluate(function: str, options: tuple[object, ...], inputs: Values) -> object:
    """The value of a pure function; raises EvaluationError where there is none."""
    return _FUNCTIONS[function](options, inputs)


def _text(options: tuple[object, ...], inputs: Values) -> str:
    """`options` are the fixed parts, one more than the inputs that stand between them."""
    pieces = [str(options[0])]
    for part, value in zip(options[1:], inputs, strict=True):
        pieces += [as_text(value), str(part)]
    return "".join(pieces)


def _record(options: tuple[object, ...], inputs: Values) -> Mapping[str, object]:
    """`options` name the inputs in order; None spreads a record."""
    made: dict[str, object] = {}
    for name, value in zip(options, inputs, strict=True):
        if name is None:
            spread = plain_value(value)
            assert isinstance(spread, Mapping)
            made.update(spread)
        else:
            made[str(name)] = value
    return MappingProxyType(made)


def field_of(value: object, name: str) -> object:
    """A field of a record, of a candidate's value, or of the candidate itself."""
    if isinstance(value, Candidates) and len(value) == 1:
        return field_of(value.items[0], name)
    if isinstance(value, Mapping):
        return value[name]
    if isinstance(value, Candidate):
        return _candidate_field(value, name)
    raise EvaluationError(f"a {type(value).__name__} has no field `{name}`")


def _candidate_field(candidate: Candidate, name: str) -> object:
    if isinstance(candidate.value, Mapping) and name in candidate.value:
        return candidate.value[name]
    match name:
        case "text":
            return candidate.text
        case "answer":
            return "" if candidate.answer is None else candidate.answer
        case "critique":
            return candidate.critique
        case "model":
            return candidate.model
        case "truncated":
            return candidate.truncated
    score = candidate.metric(name)
    if score is None:
        raise EvaluationError(f"a candidate has no score `{name}`: no stage before this one gave it one")
    return score


def _project(options: tuple[object, ...], inputs: Values) -> tuple[object, ...]:
    return tuple(field_of(item, str(options[0])) for item in items_of(inputs[0]))


def items_of(value: object) -> tuple[object, ...]:
    """The items of a list or of candidates; of one candidate whose value is a list, that list's."""
    if isinstance(value, Candidates):
        if len(value) == 1 and isinstance(value.items[0].value, list | tuple):
            return tuple(value.items[0].value)
        return value.items
    if isinstance(value, list | tuple):
        return tuple(value)
    raise EvaluationError(f"a {type(value).__name__} has no items")


def plain_value(value: object) -> object:
    """The value of a single candidate; anything else as it is."""
    if isinstance(value, Candidates) and len(value) == 1:
        return value.items[0].value
    return value.value if isinstance(value, Candidate) else value


def _concat(left: object, right: object) -> object:
    if isinstance(left, Candidates) and isinstance(right, Candidates):
        return Candidates(distinct(left.items + right.items), left.question or right.question)
    return items_of(left) + items_of(right)


def _numbers(inputs: Values) -> tuple[float, float]:
    left, right = (plain_value(v) for v in inputs)
    if isinstance(left, int | float) and isinstance(right, int | float):
        _in_range(max(abs(left), abs(right)))
        return left, right
    raise EvaluationError(f"arithmetic on {left!r} and {right!r}")


def _divide(left: float, right: float) -> float:
    if right == 0:
        raise EvaluationError("a division by zero")
    exact = left / right
    return int(exact) if abs(exact) < 1e15 and exact == int(exact) else exact


_ARITHMETIC: Mapping[str, Callable[[float, float], object]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _binary(options: tuple[object, ...], inputs: Values) -> object:
    match options[0]:
        case "and":
            return bool(inputs[0]) and bool(inputs[1])
        case "or":
            return bool(inputs[0]) or bool(inputs[1])
        case "==":
            return plain_value(inputs[0]) == plain_value(inputs[1])
        case "!=":
            return plain_value(inputs[0]) != plain_value(inputs[1])
        case operator:
            return _in_range(_ARITHMETIC[str(operator)](*_numbers(inputs)))


def _in_range(result: object) -> object:
    if isinstance(result, int | float) and not abs(result) <= LARGEST_NUMBER:
        raise EvaluationError("a number larger than 1e40")
    return result


def _fill(options: tuple[object, ...], inputs: Values) -> object:
    template = options[0]
    assert isinstance(template, PromptTemplate)
    return template.fill({name: value for (name, _), value in zip(template.parameters, inputs, strict=True)})


def _negate(_: tuple[object, ...], inputs: Values) -> object:
    value = plain_value(inputs[0])
    if not isinstance(value, int | float):
        raise EvaluationError(f"a minus sign before {value!r}")
    return -value


def _candidate(options: tuple[object, ...], inputs: Values) -> Candidates:
    """What a pipeline answered in place of a model, as a candidate for the input it was given.

    `options` are how the answer is found, and where in the program the pipeline stands.
    """
    how, place = options
    text = as_text(inputs[0])
    answer = extract(text, how) if isinstance(how, Extractor) else None
    found: Extraction = "none" if how is None else "failed" if answer is None else "found"
    origin = digest(place, text)[:12]
    return Candidates((Candidate(text, text, origin, answer=answer, extraction=found),), as_text(inputs[1]))


_FUNCTIONS: Mapping[str, Callable[[tuple[object, ...], Values], object]] = {
    "text": _text,
    "list": lambda _, inputs: tuple(inputs),
    "record": _record,
    "field": lambda options, inputs: field_of(inputs[0], str(options[0])),
    "project": _project,
    "binary": _binary,
    "not": lambda _, inputs: not inputs[0],
    "negate": _negate,
    "fill": _fill,
    "value": lambda _, inputs: plain_value(inputs[0]),
    "values": lambda _, inputs: tuple(plain_value(v) for v in items_of(inputs[0])),
    "candidate": _candidate,
    "concat": lambda _, inputs: _concat(inputs[0], inputs[1]),
}
