"""The best candidates by a score, or the first ones as they stand.

What
    Keeps `count` candidates: by the scores of `by`, highest first (`-length`: lowest first),
    later scores break ties of earlier ones, and what is still equal keeps its order. Without
    `by` the order counts as it stands, which is what `rank` and `tournament` leave behind.
    Where fewer arrive, all of them are kept. A candidate without one of the scores, because its
    judge could not be read, stands behind all that have it; where none has it, that is an error.

When
    After `run_tests`, `score`, `verify` or `rank`; `top(1)` makes many candidates one.

Cost
    No calls.

Paper
    Cobbe et al. 2021, Training Verifiers to Solve Math Word Problems.
    Ehrlich et al. 2025, CodeMonkeys: Scaling Test-Time Compute for Software Engineering.

Example
    drafts |> run_tests(tests) |> top(3, by: [pass_rate, -length])
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Count, Metric, MetricUse, argument
from ttsc.ops.facts import Facts, Misuse
from ttsc.ops.signature import Op, Pure
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.types import Type


@dataclass(frozen=True, slots=True)
class Top:
    """The arguments of `top`."""

    count: int = argument(Count(1, 100_000), "how many to keep", positional=True)
    by: tuple[MetricUse, ...] = argument(
        Metric(several=True), "scores that order them, the first one first; as they stand by default", default=()
    )


def result(facts: Facts) -> Type:
    """As many candidates as are kept."""
    given = arriving.candidates(facts, "top")
    by = facts.values["by"]
    for use in by if isinstance(by, tuple) else ():
        arriving.check_score(given, use, "top", "by")
    count = facts.count("count")
    if count is None:
        return given.sized(min(given.low, 1), given.high)
    if given.high is not None and count > given.high:
        raise Misuse(
            f"`top` keeps {count}, and at most {given.high} can arrive",
            label="more than there are",
            help=f"write `top({given.high})` or fewer, or draw more before",
            argument="count",
            code="E454",
        )
    return given.sized(min(count, given.low), count)


def run(drafts: Candidates, settings: Top) -> Candidates:
    """The best of them, best first."""

    for use in settings.by:
        if drafts.items and all(_lacks(c, use) for c in drafts):
            arriving.measure(drafts.items[0], use, "top")  # raises, and says which score

    def place(candidate: Candidate) -> list[tuple[bool, float]]:
        return [_place(candidate, use) for use in settings.by]

    return drafts.of(sorted(drafts, key=place)[: settings.count])


def _lacks(candidate: Candidate, use: MetricUse) -> bool:
    found = candidate.metric(use.name)
    return found is None or math.isnan(found)


def _place(candidate: Candidate, use: MetricUse) -> tuple[bool, float]:
    if _lacks(candidate, use):
        return (True, 0.0)
    value = arriving.measure(candidate, use, "top")
    return (False, -value if use.descending else value)


OP = Op(name="top", role="reducer", settings=Top, result=result, behaviour=Pure(run), module=__doc__ or "")
