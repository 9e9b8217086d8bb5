"""How much candidates agree: the share of the most common answer, from 0 to 1.

What
    The number of candidates with the most common answer, over the number of all candidates.
    A failed extraction agrees with nobody and counts in the denominator, so that a model
    that rambles is not taken for one that is sure. Of no candidates the agreement is 0.

When
    To stop sampling once it is enough, or to choose between a vote and something dearer.

Cost
    No calls.

Paper
    Aggarwal et al. 2023, Let's Sample Step by Step: Adaptive-Consistency for Efficient Reasoning.

Example
    question |> generate(m, samples: 40, extract: final_number, at_once: 5)
      until as drafts { agreement(drafts) >= 0.9 }
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import argument
from ttsc.ops.facts import Facts
from ttsc.ops.signature import Op, Pure
from ttsc.ops.vote import BY, ballots, check_comparable
from ttsc.values.candidate import Candidates
from ttsc.values.types import Number, Type


@dataclass(frozen=True, slots=True)
class Agreement:
    """The arguments of `agreement`."""

    by: str = argument(BY, "what is compared: the extracted answer, or the whole text", default="answer")


def result(facts: Facts) -> Type:
    """A number from 0 to 1."""
    check_comparable(arriving.candidates(facts, "agreement"), facts.values["by"], "agreement")
    return Number()


def run(drafts: Candidates, settings: Agreement) -> float:
    """The share of the most common answer."""
    votes = max(map(len, ballots(drafts.items, settings.by).values()), default=0)
    return votes / len(drafts) if votes else 0.0


OP = Op(name="agreement", role="reducer", settings=Agreement, result=result, behaviour=Pure(run), module=__doc__ or "")
