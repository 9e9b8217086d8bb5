"""Tests for a problem, written by a model before any solution is seen.

What
    One draw that writes `count` tests for the problem that is piped in. A reply without
    tests that can be read is asked for again.

When
    Code without tests of its own. Written tests are wrong now and then, so prefer the best
    pass rate over passing them all.

Cost
    1 call, and at most 2 re-asks.

Paper
    Chen et al. 2022, CodeT: Code Generation with Generated Tests.

Example
    tests = problem |> write_tests(coder, count: 5)
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops.accepts import Count, OneModel, argument
from ttsc.ops.checks import text_in
from ttsc.ops.facts import Exchange, Facts, Sizes, Worst
from ttsc.ops.requests import built_in, exchange
from ttsc.ops.signature import Asking, Op, Unavailable
from ttsc.values.model import ModelSpec
from ttsc.values.types import ListOf, Number, Tests, Text, Type

REASKS = 2
PROMPT = built_in(
    "write_tests",
    {"question": Text(), "count": Number()},
    """
Write {count} tests for a solution of the problem below, as Python assert statements, one per test.
Test what the problem states, edge cases included, and nothing that it leaves open.

<problem>
{question}
</problem>
""",
    ListOf(Text(), 100),
)


@dataclass(frozen=True, slots=True)
class WriteTests(Asking):
    """The arguments of `write_tests`."""

    model: ModelSpec = argument(OneModel(), "who writes them", positional=True)
    count: int = argument(Count(1, 100), "how many tests to ask for", default=5)


def result(facts: Facts) -> Type:
    """Tests."""
    text_in(facts, "write_tests")
    return Tests()


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """One draw that shows the problem."""
    shown = {"question": sizes.question, "count": 3}
    asked: Exchange = exchange(facts, sizes, PROMPT, shown, draws=1, reasks=REASKS)
    return Worst({"model": (asked,)})


OP = Op(
    name="write_tests",
    role="source",
    settings=WriteTests,
    result=result,
    behaviour=Unavailable("tests as values, which only `run_tests` can use"),
    module=__doc__ or "",
    worst=worst,
    prompts={"": PROMPT},
)
