"""Each candidate run against tests, and how many of them it passes.

What
    Runs a candidate's code (its `answer` where one was extracted, else its text) against
    each test in isolation and adds the score `pass_rate`, the share of tests passed. A
    candidate that cannot be run passes none; none is dropped.

When
    Code whose tests are given, or were written by `write_tests`.

Cost
    No calls: one isolated process per candidate and test.

Scores
    `pass_rate`, from 0 to 1.

Paper
    Li et al. 2022, Competition-Level Code Generation with AlphaCode.

Example
    problem |> generate(coder, samples: 8, extract: code) |> run_tests(tests) |> top(1, by: pass_rate)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ttsc.ops import arriving
from ttsc.ops.accepts import Value, argument
from ttsc.ops.facts import Facts
from ttsc.ops.signature import Op, Unavailable
from ttsc.values.types import Tests, Type


@dataclass(frozen=True, slots=True)
class RunTests:
    """The arguments of `run_tests`."""

    tests: object = argument(Value(Tests()), "the tests to run", positional=True)


def result(facts: Facts) -> Type:
    """The candidates, each with its pass rate."""
    given = arriving.candidates(facts, "run_tests")
    return replace(given, scores=given.scores | {"pass_rate"})


OP = Op(
    name="run_tests",
    role="elementwise",
    settings=RunTests,
    result=result,
    behaviour=Unavailable("running code that a model wrote, in isolation"),
    module=__doc__ or "",
)
