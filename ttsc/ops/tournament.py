"""Candidates in order of a rating won in pairwise matches.

What
    In each of `rounds` rounds the candidates are paired, each pair is shown to the judge
    side by side, in an order fixed by the run's seed, and a rating is computed from the
    results: `elo` updates after each round, `bradley_terry` fits all results at once, `swiss`
    counts wins and pairs candidates of equal score. A match without a readable verdict is a
    draw. The result is in order of the rating, best first.

When
    Candidates too long or too many for one listwise prompt (`rank`).

Cost
    `rounds · ⌊candidates / 2⌋` calls, and at most 1 re-ask each; rounds wait for one another.

Scores
    `rating`: Elo points from 1200, a Bradley-Terry strength, or the number of wins.

Paper
    Gottweis et al. 2025, Towards an AI co-scientist.

Example
    pool |> tournament(judge, rounds: 3, rating: elo) |> top(5)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ttsc.ops import arriving
from ttsc.ops.accepts import Count, OneModel, Word, argument
from ttsc.ops.checks import most, several_in
from ttsc.ops.facts import Facts, Sizes, Worst
from ttsc.ops.requests import built_in, exchange
from ttsc.ops.signature import Asking, Op, Unavailable
from ttsc.values.model import ModelSpec
from ttsc.values.types import Choice, Text, Type

REASKS = 1
PROMPT = built_in(
    "tournament",
    {"question": Text(), "left": Text(), "right": Text()},
    """
Which of two answers is better? Judge what they say, not how long they are or which comes first.

<question>
{question}
</question>

<candidate id="A">
{left}
</candidate>

<candidate id="B">
{right}
</candidate>
""",
    Choice(("A", "B")),
)


@dataclass(frozen=True, slots=True)
class Tournament(Asking):
    """The arguments of `tournament`."""

    judge: ModelSpec = argument(OneModel(), "who compares", positional=True)
    rounds: int = argument(Count(1, 1000), "matches of each candidate at most", default=3)
    rating: str = argument(Word(("elo", "bradley_terry", "swiss")), "how results become a rating", default="elo")


def result(facts: Facts) -> Type:
    """The same candidates, rated."""
    given = arriving.some(facts, "tournament")
    several_in(given.high, "tournament")
    return replace(given, scores=given.scores | {"rating"})


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """Every match of every round."""
    rounds = most(facts, Tournament, "rounds")
    shown = {"question": sizes.question, "left": sizes.item, "right": sizes.item}
    matches = rounds * (sizes.high // 2)
    return Worst({"judge": (exchange(facts, sizes, PROMPT, shown, draws=matches, reasks=REASKS, rounds=rounds),)})


OP = Op(
    name="tournament",
    role="reducer",
    settings=Tournament,
    result=result,
    behaviour=Unavailable("pairwise matches"),
    module=__doc__ or "",
    worst=worst,
    prompts={"": PROMPT},
)
