"""What arrives, or something else where nothing does.

What
    Candidates, or a list, where there is at least one; else the fallback. A value as the
    fallback of candidates becomes one candidate. Scores and answers that only one of the two
    sides has are not known of the result. The fallback is computed in any case.

When
    After `filter` or another stage that may leave nothing, before an op that needs something.

Cost
    No calls of its own; what the fallback asks is asked also where it is not needed.

Example
    fixes |> filter(.pass_rate == 1.0) |> otherwise(fixes) |> top(1)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Anything, argument
from ttsc.ops.facts import UNSETTLED, Facts, Misuse, Sizes, Worst
from ttsc.ops.signature import Op, Pure
from ttsc.values.candidate import Candidates as Arrived
from ttsc.values.prompt import as_text
from ttsc.values.types import (
    Boolean,
    Candidates,
    ListOf,
    Number,
    Record,
    Text,
    Type,
    Unknown,
    assignable,
    describe,
    join,
)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """The arguments of `otherwise`."""

    fallback: object = argument(Anything(), "what to use where nothing arrives", positional=True)


def result(facts: Facts) -> Type:
    """What both sides are, and at least as many as the fallback."""
    given, other = arriving.listing(facts, "otherwise"), fallback_type(facts)
    if isinstance(given, Candidates):
        other = _as_candidates(other, given.item)
    joined = join(given, other)
    if joined is None or not isinstance(joined, Candidates | ListOf | Unknown):
        raise Misuse(
            f"`otherwise` falls back to {describe(other)}, and {describe(given)} may arrive",
            label="another kind of thing",
            help="fall back to the same kind: candidates for candidates, a list for a list",
            argument="fallback",
            code="E456",
        )
    if isinstance(joined, Unknown) or isinstance(other, Unknown):
        return joined
    assert isinstance(other, Candidates | ListOf)
    least = arriving.interval(given)[0] or min(1, arriving.interval(other)[0])
    return arriving.resized(joined, least, arriving.interval(joined)[1])


def _as_candidates(given: Type, item: Type) -> Type:
    """A value of the candidates' type as one candidate, a list of such values as candidates."""
    match given:
        case Candidates() | Unknown():
            return given
        case ListOf() if assignable(given.item, item):
            return Candidates(given.least, given.limit, item)
        case _ if assignable(given, item):
            return Candidates(1, 1, item)
        case _:
            return given


def fallback_type(facts: Facts) -> Type:
    """The type of the fallback, also where it is a constant."""
    value = facts.values["fallback"]
    return facts.types.get("fallback", Unknown()) if value is UNSETTLED else constant_type(value)


def constant_type(value: object) -> Type:
    """The type of a constant of the language."""
    match value:
        case bool():
            return Boolean()
        case int() | float():
            return Number()
        case str():
            return Text()
        case list() | tuple():
            return ListOf(_common([constant_type(v) for v in value]), len(value), len(value))
        case Mapping():
            return Record(tuple((str(name), constant_type(part)) for name, part in value.items()))
        case _:
            return Unknown()


def _common(kinds: Sequence[Type]) -> Type:
    """The smallest type that all fit; unknown where there is none."""
    common: Type = Unknown()
    for kind in kinds:
        common = join(common, kind) or Unknown()
    return common


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """No draws; the result is as large as the larger side."""
    return Worst(item_bytes=max(sizes.item, sizes.arguments.get("fallback", 0), _written(facts)))


def _written(facts: Facts) -> int:
    value = facts.values["fallback"]
    return 0 if value is UNSETTLED else len(as_text(value).encode("utf-8", "replace"))


def run(arrived: object, settings: Otherwise) -> object:
    """What arrived, or the fallback as the same kind of thing."""
    seen, fallback = arriving.listed(arrived), settings.fallback
    if len(seen):
        return seen
    if not isinstance(seen, Arrived):
        return tuple(arriving.value_of(item) for item in arriving.listed(fallback))
    if isinstance(fallback, Arrived):
        return fallback
    spare = fallback if isinstance(fallback, list | tuple) else (fallback,)
    return seen.of([arriving.as_candidate(value) for value in spare])


OP = Op(
    name="otherwise",
    role="reducer",
    settings=Otherwise,
    result=result,
    behaviour=Pure(run),
    module=__doc__ or "",
    worst=worst,
)
