"""The mean of a score over candidates, as a number.

What
    The arithmetic mean of `of`. With `of: score else 0` the value stands in for candidates
    without the score, and for the case that no candidate is there.

When
    To judge how hard a question is from a few pilot drafts, before money is spent on it.

Cost
    No calls.

Paper
    Snell et al. 2024, Scaling LLM Test-Time Compute Optimally (predicted difficulty).

Example
    pilot = problem |> generate(small, samples: 4) |> score(prm)
    return if mean(pilot, of: score) > 0.8 { pilot |> top(1, by: score) } else { … }
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ttsc.ops.accepts import MetricUse, argument
from ttsc.ops.best import OF, measured, values
from ttsc.ops.facts import Facts
from ttsc.ops.signature import Op, OpError, Pure
from ttsc.values.candidate import Candidates
from ttsc.values.types import Type


@dataclass(frozen=True, slots=True)
class Mean:
    """The arguments of `mean`."""

    of: MetricUse = argument(OF, "score that is averaged, `NAME else VALUE` where some lack it")


def result(facts: Facts) -> Type:
    """A number."""
    return measured(facts, "mean")


def run(drafts: Candidates, settings: Mean) -> float:
    """The mean of the scores."""
    found = values(drafts, settings.of, "mean")
    if not found:
        raise OpError("`mean` has no candidate to look at", help=f"write `mean(of: {settings.of.name} else 0)`")
    return math.fsum(found) / len(found)


OP = Op(name="mean", role="reducer", settings=Mean, result=result, behaviour=Pure(run), module=__doc__ or "")
