"""The program that behaves most like the others, on inputs that a model makes up.

What
    A model writes `inputs` inputs for the problem, each candidate is run on each of them,
    and the candidate is kept whose outputs most others share. A crash agrees with nobody.
    Ties go to the candidate that stands first.

When
    Code without tests: programs that are right agree in what they do, not in how they read.

Cost
    1 call for the inputs, and at most 2 re-asks; one isolated process per candidate and input.

Scores
    `consensus`, the share of the other candidates' outputs that are the same, from 0 to 1.

Paper
    Chen et al. 2024, Divide-and-Conquer Meets Consensus (FunCoder).

Example
    conquer(task, parts) |> generate(coder, samples: 5, extract: code) |> consensus(inputs: 10, model: coder)
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Count, OneModel, argument
from ttsc.ops.facts import Facts, Sizes, Worst
from ttsc.ops.requests import built_in, exchange
from ttsc.ops.signature import Asking, Op, Unavailable
from ttsc.values.model import ModelSpec
from ttsc.values.types import Candidates, ListOf, Number, Text, Type

REASKS = 2
PROMPT = built_in(
    "consensus",
    {"question": Text(), "candidate": Text(), "count": Number()},
    """
Write {count} calls of the function that this task asks for, one per line, with arguments that
cover usual and unusual cases. Do not say what they return.

<task>
{question}
</task>

One attempt at it, for the names and parameters:

<attempt>
{candidate}
</attempt>
""",
    ListOf(Text(), 1000),
)


@dataclass(frozen=True, slots=True)
class Consensus(Asking):
    """The arguments of `consensus`."""

    model: ModelSpec = argument(OneModel(), "who writes the inputs", positional=True)
    inputs: int = argument(Count(1, 1000), "inputs to run the candidates on", default=10)


def result(facts: Facts) -> Type:
    """One candidate, with how much it agrees."""
    given = arriving.some(facts, "consensus")
    return Candidates(1, 1, given.item, given.answer, given.scores | {"consensus"}, given.critique)


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """One draw that shows the problem and one candidate."""
    shown = {"question": sizes.question, "candidate": sizes.item, "count": 4}
    return Worst({"model": (exchange(facts, sizes, PROMPT, shown, draws=1, reasks=REASKS),)})


OP = Op(
    name="consensus",
    role="reducer",
    settings=Consensus,
    result=result,
    behaviour=Unavailable("running code that a model wrote, in isolation"),
    module=__doc__ or "",
    worst=worst,
    prompts={"": PROMPT},
)
