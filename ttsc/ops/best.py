"""The highest value of a score among candidates, as a number.

What
    The highest `of` (of `-length` the lowest length). With `of: pass_rate else 0` the value
    stands in for candidates without the score, and for the case that no candidate is there.

When
    In conditions: to stop sampling once a draft passes, or to choose a branch. To get the
    candidate itself, use `top(1, by: …)`.

Cost
    No calls.

Example
    problem |> generate(coder, samples: 64, extract: code, at_once: 8)
      until as drafts { best(drafts |> run_tests(tests), of: pass_rate) == 1.0 }
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Metric, MetricUse, argument
from ttsc.ops.facts import Facts, Misuse
from ttsc.ops.signature import Op, OpError, Pure
from ttsc.values.candidate import Candidates
from ttsc.values.types import Number, Type

OF = Metric(otherwise=True)


@dataclass(frozen=True, slots=True)
class Best:
    """The arguments of `best`."""

    of: MetricUse = argument(OF, "score that is looked at, `NAME else VALUE` where some lack it")


def result(facts: Facts) -> Type:
    """A number."""
    return measured(facts, "best")


def measured(facts: Facts, op: str) -> Type:
    """The type of a number over the scores of all candidates."""
    given, use = arriving.candidates(facts, op), facts.values["of"]
    if not isinstance(use, MetricUse):
        return Number()
    arriving.check_score(given, use, op, "of")
    if given.low == 0 and use.otherwise is None:
        raise Misuse(
            f"`{op}` needs a candidate, and there may be none left here",
            label="none may be left",
            help=f"say what it is then: `{op}(of: {use.name} else 0)`",
            argument="of",
            code="E453",
        )
    return Number()


def values(drafts: Candidates, use: MetricUse, op: str) -> list[float]:
    """The score of every candidate; of none, what stands in for it."""
    found = [arriving.measure(candidate, use, op) for candidate in drafts]
    if found or use.otherwise is None:
        return found
    return [use.otherwise]


def run(drafts: Candidates, settings: Best) -> float:
    """The highest value, or the lowest of a score with a minus."""
    found = values(drafts, settings.of, "best")
    if not found:
        raise OpError("`best` has no candidate to look at", help=f"write `best(of: {settings.of.name} else 0)`")
    return max(found) if settings.of.descending else min(found)


OP = Op(name="best", role="reducer", settings=Best, result=result, behaviour=Pure(run), module=__doc__ or "")
