"""The types of the language: what a binding, a parameter or a stage's result can be.

Types are plain frozen values compared by content. `assignable` is the only notion of
subtyping; cardinality (`Candidates.low..high`) is part of the type, because "one
candidate" and "up to eight" are different things to write.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Metrics = frozenset[str]

#: Numbers every candidate carries, whatever stages it went through.
INTRINSIC_METRICS: Metrics = frozenset({"length", "cost", "tokens"})


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or a float; the language does not tell them apart."""


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class Tests:
    """A set of executable tests, opaque to the language."""


@dataclass(frozen=True, slots=True)
class Media:
    """An opaque value such as `image`, passed along and never looked into."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A closed choice between literal texts, in declared order."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of at most `limit` items; `None` is a list whose length nobody bounds.

    `least` is how many it has for certain; it is a fact about a value, not part of the type.
    """

    item: Type
    limit: int | None = None
    least: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields in declared order. `name` is for messages only and never compared."""

    fields: tuple[tuple[str, Type], ...]
    name: str = field(default="", compare=False)

    def get(self, name: str) -> Type | None:
        """The type of a field, or None where the record has no such field."""
        return dict(self.fields).get(name)


@dataclass(frozen=True, slots=True)
class Candidates:
    """`low..high` candidates with values of type `item`; `high` None is unbounded.

    `answer` is set once an extraction has given each candidate an answer; `scores` are the
    named scores that every one of them carries; `critique` is the type of the attached
    critique, None before any.
    """

    low: int
    high: int | None
    item: Type = field(default_factory=Text)
    answer: bool = False
    scores: Metrics = frozenset()
    critique: Type | None = None

    def sized(self, low: int, high: int | None) -> Candidates:
        """The same candidates with another interval of sizes."""
        return replace(self, low=low, high=high)


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt with its placeholders filled; asking it of a model gives a `result`.

    `template` is the digest of the template it was filled from, "" where that is not known.
    """

    result: Type
    template: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Model:
    """A model, known to be one of `names` (declared names, for bounds and messages)."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline taken as a value."""

    parameters: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool taken as a value."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The type of something already reported as wrong: fits everywhere, says nothing."""


Type = (
    Text
    | Number
    | Boolean
    | Tests
    | Media
    | Choice
    | ListOf
    | Record
    | Candidates
    | Filled
    | Model
    | Pipeline
    | Tool
    | Unknown
)


def one(item: Type) -> Candidates:
    """Exactly one candidate with a value of type `item`."""
    return Candidates(1, 1, item)


def assignable(given: Type, wanted: Type) -> bool:
    """Whether a value of type `given` may stand where `wanted` is expected.

    Two conversions are implied: one candidate gives its value, and candidates give the list
    of their values. Cardinality is checked: up to eight candidates are not a text.
    """
    match given, wanted:
        case (Unknown(), _) | (_, Unknown()):
            return True
        case Candidates(), Candidates():
            return assignable(given.item, wanted.item) and _fits(given, wanted)
        case Candidates(low=low, high=high), ListOf(item=item, limit=limit):
            if (low, high) == (1, 1) and isinstance(given.item, ListOf):
                return assignable(given.item, wanted)
            return assignable(given.item, item) and _within(high, limit)
        case Candidates(low=1, high=1), _:
            return assignable(given.item, wanted)
        case Candidates(), _:
            return False
        case Choice(options=options), Choice(options=allowed):
            return set(options) <= set(allowed)
        case Choice(), Text():
            return True
        case ListOf(), ListOf():
            return assignable(given.item, wanted.item) and _within(given.limit, wanted.limit)
        case Record(), Record():
            have = dict(given.fields)
            return all(n in have and assignable(have[n], t) for n, t in wanted.fields)
        case Model(), Model():
            return True
        case Tool(), Tool():
            return True
        case Pipeline(), Pipeline():
            return len(given.parameters) == len(wanted.parameters) and assignable(
                given.result, wanted.result
            )
        case _:
            return given == wanted


def join(left: Type, right: Type) -> Type | None:
    """The smallest type that both fit, or None where there is none."""
    match left, right:
        case Unknown(), other:
            return other
        case other, Unknown():
            return other
        case Candidates(), Candidates():
            item = join(left.item, right.item)
            if item is None:
                return None
            return Candidates(
                low=min(left.low, right.low),
                high=None if left.high is None or right.high is None else max(left.high, right.high),
                item=item,
                answer=left.answer and right.answer,
                scores=left.scores & right.scores,
                critique=left.critique if left.critique == right.critique else None,
            )
        case Choice(options=a), Choice(options=b):
            return Choice(a + tuple(o for o in b if o not in a))
        case (Choice() | Text()), (Choice() | Text()):
            return Text()
        case Model(names=a), Model(names=b):
            return Model(a + tuple(n for n in b if n not in a))
        case (Model() as model, Pipeline()) | (Pipeline(), Model() as model):
            return model  # a pipeline may stand where a model may
        case ListOf(), ListOf():
            item = join(left.item, right.item)
            limits = (left.limit, right.limit)
            limit = None if None in limits else max(left.limit or 0, right.limit or 0)
            return None if item is None else ListOf(item, limit, min(left.least, right.least))
        case Record(), Record() if [n for n, _ in left.fields] == [n for n, _ in right.fields]:
            joined = [(n, join(a, b)) for (n, a), (_, b) in zip(left.fields, right.fields, strict=True)]
            fields = tuple((n, t) for n, t in joined if t is not None)
            return Record(fields, left.name) if len(fields) == len(joined) else None
        case _ if assignable(left, right):
            return right
        case _ if assignable(right, left):
            return left
        case _:
            return None


def describe(given: Type) -> str:
    """The type as a person would write or say it: `[text; 8]`, `1 to 8 candidates`."""
    match given:
        case Choice(options=options):
            return " | ".join(f'"{o}"' for o in options)
        case ListOf(item=item, limit=limit):
            return f"[{describe(item)}]" if limit is None else f"[{describe(item)}; {limit}]"
        case Record(fields=fields, name=name):
            return name or "{ " + ", ".join(f"{n}: {describe(t)}" for n, t in fields) + " }"
        case Candidates():
            return _count(given) + ("" if given.item == Text() else f" of {describe(given.item)}")
        case Filled(result=result):
            return f"a filled prompt for {describe(result)}"
        case Pipeline(parameters=parameters, result=result):
            return f"pipeline({', '.join(map(describe, parameters))}) -> {describe(result)}"
        case Media(name=name):
            return name
        case Unknown():
            return "something unknown"
        case _:
            return type(given).__name__.lower()


def _count(given: Candidates) -> str:
    if given.high == 1:
        return "one candidate" if given.low == 1 else "0 or 1 candidates"
    if given.high is None:
        return "any number of candidates"
    return f"{given.low} to {given.high} candidates" if given.low != given.high else f"{given.high} candidates"


def _fits(given: Candidates, wanted: Candidates) -> bool:
    return given.low >= wanted.low and _within(given.high, wanted.high)


def _within(given: int | None, wanted: int | None) -> bool:
    return wanted is None or (given is not None and given <= wanted)
