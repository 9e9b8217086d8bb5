"""One list out of a list of lists, or out of candidates that are lists.

What
    Joins the lists in their order. Candidates that are lists give one list of their items;
    a list of several candidates each gives all of those candidates, linked to their input
    where it is the same for all (else say it with `answering`).

When
    After `each` with a body that gives several things.

Cost
    No calls. Limits multiply: 10 lists of at most 8 items are at most 80 items.

Example
    combinations(first, up_to: 2) |> each as pair { observe(problem, given: pair) |> ask(thinker) } |> flatten
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ttsc.ops.facts import Facts, Misuse
from ttsc.ops.signature import Op, Pure
from ttsc.values.candidate import Candidate, distinct
from ttsc.values.candidate import Candidates as Arrived
from ttsc.values.types import Candidates, ListOf, Type, Unknown, describe


@dataclass(frozen=True, slots=True)
class Flatten:
    """`flatten` has no arguments."""


def result(facts: Facts) -> Type:
    """A list of the items, or all the candidates."""
    match facts.input:
        case Candidates(low=1, high=1, item=ListOf(item=ListOf() as inner) as outer):
            return _joined(inner, outer.least, outer.limit)
        case Candidates(item=ListOf(item=ListOf())) as given:
            raise Misuse(
                "`flatten` cannot tell the candidates from the lists of lists that they are",
                label=describe(given),
                help="join each candidate's own lists first: `|> each as x { x |> flatten } |> flatten`",
                code="E310",
            )
        case Candidates(low=low, high=high, item=ListOf() as inner):
            return _joined(inner, low, high)
        case ListOf(item=ListOf() as inner, least=low, limit=high):
            return _joined(inner, low, high)
        case ListOf(item=Candidates(item=ListOf() as inner) as each, least=low, limit=high):
            return _joined(inner, low * each.low, _product(high, each.high))
        case ListOf(item=Candidates() as each, least=low, limit=high):
            return each.sized(low * each.low, _product(high, each.high))
        case Unknown():
            return Unknown()
        case other:
            raise Misuse(
                f"`flatten` joins lists, this is {describe(other)}",
                label="no lists inside",
                help="leave it out: nothing is nested here",
                code="E310",
            )


def _joined(inner: ListOf, low: int, high: int | None) -> ListOf:
    return ListOf(inner.item, _product(high, inner.limit), low * inner.least)


def _product(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left * right


def run(arrived: object, _settings: Flatten) -> object:
    """The items of all lists, or all candidates."""
    parts = _parts(arrived)
    found = [item for part in parts for item in _inside(part)]
    drafts = tuple(f for f in found if isinstance(f, Candidate))
    if drafts or not any(map(_is_list, parts)):  # of nothing at all: no candidates, which is an empty list too
        questions = {part.question for part in parts if isinstance(part, Arrived)}
        return Arrived(distinct(drafts), questions.pop() if len(questions) == 1 else "")
    return tuple(found)


def _parts(arrived: object) -> tuple[object, ...]:
    """What is joined: the lists in the list that the only candidate is, else what arrived."""
    assert isinstance(arrived, list | tuple | Arrived), f"lists or candidates, not a {type(arrived).__name__}"
    if isinstance(arrived, Arrived) and len(arrived) == 1:
        value = arrived.items[0].value
        if isinstance(value, list | tuple) and value and all(isinstance(v, list | tuple) for v in value):
            return tuple(value)
    return tuple(arrived)


def _is_list(part: object) -> bool:
    match part:
        case list() | tuple() | Candidate():
            return True
        case Arrived(items=items):
            return any(isinstance(c.value, list | tuple) for c in items)
        case _:
            return False


def _inside(part: object) -> Iterator[object]:
    """The items of one part: of a list, of the list that a candidate is, or the candidates themselves."""
    match part:
        case (list() | tuple() as items) | Candidate(value=list() | tuple() as items):
            yield from items
        case Arrived():
            for candidate in part:
                yield from candidate.value if isinstance(candidate.value, list | tuple) else (candidate,)
        case _:
            raise AssertionError(f"`flatten` got a {type(part).__name__} among its lists")


OP = Op(name="flatten", role="reducer", settings=Flatten, result=result, behaviour=Pure(run), module=__doc__ or "")
