"""Finished answers as candidates, linked to the question that they answer.

What
    A text, or another value, becomes one candidate; a list as many candidates as it has
    items; candidates stay what they are and are linked to the question. A candidate made
    here has no answer and no scores; its provenance is what it says.

When
    Answers come from a pipeline, a tool or a record, and ops that work on candidates follow.

Cost
    No calls.

Example
    tries.patch |> answering(issue) |> run_tests(tests) |> top(1, by: pass_rate)
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Value, argument
from ttsc.ops.facts import Facts, Misuse
from ttsc.ops.signature import Op, Pure
from ttsc.values.candidate import Candidate, distinct
from ttsc.values.candidate import Candidates as Arrived
from ttsc.values.types import Candidates, Filled, ListOf, Model, Pipeline, Text, Tool, Type, Unknown, describe, one


@dataclass(frozen=True, slots=True)
class Answering:
    """The arguments of `answering`."""

    question: str = argument(Value(Text()), "the input that they answer", positional=True)


def result(facts: Facts) -> Type:
    """As many candidates as there are answers."""
    match facts.input:
        case Candidates(low=1, high=1, item=ListOf() as given):
            return _many(given)
        case Candidates() | Unknown():
            return facts.input
        case ListOf() as given:
            return _many(given)
        case Model() | Pipeline() | Tool() | Filled():
            raise Misuse(
                f"`answering` makes candidates of answers, this is {describe(facts.input)}",
                label="no answer",
                help="pipe a text, a list, or candidates into it; a filled prompt is asked of a model first",
                code="E310",
            )
        case given:
            return one(given)


def _many(given: ListOf) -> Candidates:
    item = given.item
    if isinstance(item, Candidates):
        if (item.low, item.high) != (1, 1):
            raise Misuse(
                "`answering` takes answers side by side, not lists of candidates",
                label=describe(given),
                help="join them first: `|> flatten |> answering(question)`",
                code="E310",
            )
        return item.sized(given.least, given.limit)
    return Candidates(given.least, given.limit, item)


def run(arrived: object, settings: Answering) -> Arrived:
    """The candidates."""
    found = arriving.listed(arrived) if isinstance(arrived, Arrived | list | tuple) else (arrived,)
    return Arrived(distinct(_candidate(item) for item in found), settings.question)


def _candidate(item: object) -> Candidate:
    return item.items[0] if isinstance(item, Arrived) else arriving.as_candidate(item)


OP = Op(name="answering", role="reducer", settings=Answering, result=result, behaviour=Pure(run), module=__doc__ or "")
