"""What arrives at an op: the checks and readings of piped-in values that several ops share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from ttsc.ops.accepts import MetricUse
from ttsc.ops.facts import Facts, Misuse
from ttsc.ops.signature import OpError
from ttsc.values.candidate import Candidate
from ttsc.values.candidate import Candidates as Arrived
from ttsc.values.digest import digest
from ttsc.values.prompt import as_text, plain
from ttsc.values.types import INTRINSIC_METRICS, Candidates, ListOf, Unknown, describe

#: The stage that gives a score, for messages.
GIVEN_BY = {
    "merged": "dedup",
    "pass_rate": "run_tests(tests)",
    "rating": "tournament(judge)",
    "rank": "rank(judge)",
    "score": "score(model)",
    "verified": "verify(model)",
}


def candidates(facts: Facts, op: str) -> Candidates:
    """The candidates piped into an op; anything else is a misuse."""
    match facts.input:
        case Candidates() as given:
            return given
        case Unknown():
            return Candidates(1, None, Unknown())
        case given:
            raise Misuse(
                f"`{op}` works on candidates, this is {describe(given)}",
                label=describe(given),
                help="`generate(model)` makes candidates of a question, `answering(question)` of finished answers",
                code="E310",
            )


def some(facts: Facts, op: str) -> Candidates:
    """The candidates piped into an op that needs at least one."""
    given = candidates(facts, op)
    if given.low >= 1:
        return given
    raise Misuse(
        f"`{op}` needs a candidate, and there may be none left here",
        label=describe(given),
        help=f"say what to use then: `|> otherwise(fallback) |> {op}`",
        code="E453",
    )


def listing(facts: Facts, op: str) -> ListOf | Candidates:
    """A list, or candidates, piped into an op; one candidate that is a list is seen as that list."""
    match facts.input:
        case ListOf() as given:
            return given
        case Candidates(low=1, high=1, item=ListOf() as given):
            return given
        case Candidates(item=ListOf()) as given:
            raise Misuse(
                f"`{op}` cannot tell the candidates from the lists that they are",
                label=describe(given),
                help=f"join the lists first: `|> flatten |> {op}`",
                code="E310",
            )
        case Candidates() as given:
            return given
        case Unknown():
            return ListOf(Unknown())
        case other:
            raise Misuse(
                f"`{op}` works on a list or on candidates, this is {describe(other)}",
                label=describe(other),
                help="`generate(model)` makes candidates of a question, `[a, b]` is a list",
                code="E310",
            )


def interval(given: ListOf | Candidates) -> tuple[int, int | None]:
    """How many there are at least and at most; None is no bound."""
    return (given.least, given.limit) if isinstance(given, ListOf) else (given.low, given.high)


def resized(given: ListOf | Candidates, low: int, high: int | None) -> ListOf | Candidates:
    """The same kind of thing with another interval of sizes."""
    return ListOf(given.item, high, low) if isinstance(given, ListOf) else given.sized(low, high)


def least_of(*limits: int | None) -> int | None:
    """The smallest limit, where None is no limit."""
    return min((n for n in limits if n is not None), default=None)


def check_score(given: Candidates, use: MetricUse, op: str, argument: str) -> None:
    """Raises a misuse unless candidates are known to have a score, or something stands in for it."""
    known = sorted(given.scores | INTRINSIC_METRICS)
    near = next(iter(get_close_matches(use.name, [*known, *GIVEN_BY], n=1)), "")
    if use.name in known or (use.otherwise is not None and (use.name in GIVEN_BY or not near)):
        return
    if use.name in GIVEN_BY:
        help = f"`|> {GIVEN_BY[use.name]}` gives it: put it before `{op}`"
    elif near:
        help = f"write `{near}`"
    else:
        help = f"the scores here are {', '.join(f'`{n}`' for n in known)}"
    raise Misuse(
        f"the candidates have no score `{use.name}` here",
        label="no such score",
        help=help,
        argument=argument,
        code="E451",
    )


# --- at run time ----------------------------------------------------------------------


def listed(arrived: object) -> Arrived | tuple[object, ...]:
    """Candidates or the items of a list; of one candidate that is a list, the items of that list."""
    if isinstance(arrived, Arrived):
        alone = arrived.items[0].value if len(arrived) == 1 else None
        return tuple(alone) if isinstance(alone, list | tuple) else arrived
    assert isinstance(arrived, list | tuple), f"a list or candidates, not a {type(arrived).__name__}"
    return tuple(arrived)


def kept(arrived: object, places: Callable[[Sequence[object]], Iterable[int]]) -> Arrived | tuple[object, ...]:
    """What stands at some places of a list or of candidates, as the same kind of thing."""
    seen = listed(arrived)
    if isinstance(seen, Arrived):
        return seen.of([seen.items[i] for i in places(seen.items)])
    return tuple(seen[i] for i in places(seen))


def value_of(item: object) -> object:
    """The value of a candidate, anything else as it is."""
    return item.value if isinstance(item, Candidate) else item


def as_candidate(item: object) -> Candidate:
    """A value that no model drew as a candidate, whose origin is what it says."""
    if isinstance(item, Candidate):
        return item
    return Candidate(value=item, text=as_text(item), origin=digest(plain(item))[:12])


def measure(candidate: Candidate, use: MetricUse, op: str) -> float:
    """A score of a candidate, or what stands in for it; raises OpError where there is neither."""
    found = candidate.metric(use.name)
    if found is not None and not math.isnan(found):
        return found
    if use.otherwise is not None:
        return use.otherwise
    help = "its model declares no price" if use.name == "cost" else "filter such candidates out before"
    raise OpError(f"`{op}` needs the score `{use.name}` of every candidate, and one has none", help=help)
