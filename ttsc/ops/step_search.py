"""Search over the steps of a solution, guided by a process reward model.

What
    Extends unfinished solutions step by step (`step_end` ends a step) and spends on those
    that `scorer` rates highest. A solution, all its steps together, has at most `max_tokens`
    tokens. Finished solutions come out best first.

    `beam`: keeps `width` solutions, extends each `expand` times. `dvts`: `trees` independent
    searches that each keep the best of `width` extensions, for more diversity. `particles`:
    `count` solutions, resampled in proportion to their scores. `lookahead`: a beam that
    rates each extension after `steps` further greedy steps.

When
    Long derivations with a reward model that can rate unfinished ones. The model must be
    able to continue a text that was begun for it.

Cost
    Draws of the model, as many of the scorer: beam `width · expand · max_steps`, dvts
    `trees · width · max_steps`, particles `count · max_steps`. Lookahead has
    `width · expand · max_steps · (steps + 1)` draws and `width · expand · max_steps` ratings.

Scores
    `score`, what the scorer gives the finished solution.

Paper
    Snell et al. 2024, Scaling LLM Test-Time Compute Optimally (beam and lookahead).
    Beeching et al. 2024, Scaling Test-Time Compute with Open Models (DVTS).
    Puri et al. 2025, Inference-Time Scaling of LLMs using Particle-Based Monte Carlo Methods.

Example
    problem
      |> step_search(small, scorer: prm, extract: boxed, strategy: beam(width: 4, expand: 4))
      |> vote(weight: score)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from ttsc.ops.accepts import Count, Extractor, OneModel, Strategy, Texts, argument
from ttsc.ops.checks import most, text_in
from ttsc.ops.facts import Exchange, Facts, Sizes, Worst
from ttsc.ops.requests import built_in, exchange
from ttsc.ops.signature import Asking, Op, Unavailable
from ttsc.values.extraction import Extractor as Extraction
from ttsc.values.model import DEFAULT_MAX_TOKENS, ModelSpec
from ttsc.values.types import Candidates, Text, Type
from ttsc.values.usage import BYTES_PER_TOKEN

PROMPT = built_in("step_search", {"question": Text()}, "{question}")
MANY = Count(1, 1024)


@dataclass(frozen=True, slots=True)
class Beam:
    """Keeps the best solutions at every step."""

    width: int = argument(MANY, "solutions that are kept")
    expand: int = argument(MANY, "extensions of each")


@dataclass(frozen=True, slots=True)
class Dvts:
    """Diverse verifier tree search: independent greedy searches."""

    trees: int = argument(MANY, "independent searches")
    width: int = argument(MANY, "extensions of which the best is kept")


@dataclass(frozen=True, slots=True)
class Particles:
    """Particle filtering: solutions are copied and dropped by chance, in proportion to their scores."""

    count: int = argument(MANY, "solutions")


@dataclass(frozen=True, slots=True)
class Lookahead:
    """A beam that looks some steps further before it rates."""

    width: int = argument(MANY, "solutions that are kept")
    expand: int = argument(MANY, "extensions of each", default=4)
    steps: int = argument(Count(1, 16), "greedy steps before the rating", default=1)


Strategies = Beam | Dvts | Particles | Lookahead


@dataclass(frozen=True, slots=True)
class StepSearch(Asking):
    """The arguments of `step_search`."""

    model: ModelSpec = argument(OneModel(), "who writes the steps", positional=True)
    scorer: ModelSpec = argument(OneModel(), "the process reward model that rates what is there so far")
    strategy: Strategies = argument(
        Strategy({"beam": Beam, "dvts": Dvts, "particles": Particles, "lookahead": Lookahead}), "how it is searched"
    )
    step_end: str = argument(Texts(), "text that ends a step", default="\n\n")
    max_steps: int = argument(Count(1, 1000), "steps of a solution at most", default=40)
    extract: Extraction | None = argument(Extractor(), "how the answer is found in a solution", default=None)


def result(facts: Facts) -> Type:
    """As many solutions as the strategy ends with."""
    text_in(facts, "step_search")
    answer = facts.values["extract"] is not None
    return Candidates(1, _finished(facts.values["strategy"]), Text(), answer=answer, scores=frozenset({"score"}))


def _finished(strategy: object) -> int:
    """How many solutions come out at most."""
    match strategy:
        case Beam(width=width) | Lookahead(width=width):
            return width
        case Dvts(trees=trees):
            return trees
        case Particles(count=count):
            return count
        case _:
            raise AssertionError(f"no strategy: {strategy!r}")


def _per_step(strategy: Strategies) -> tuple[int, int]:
    """How many extensions a step makes at most, and how many draws are made for each, one after the other."""
    match strategy:
        case Beam(width=width, expand=expand):
            return width * expand, 1
        case Dvts(trees=trees, width=width):
            return trees * width, 1
        case Particles(count=count):
            return count, 1
        case Lookahead(width=width, expand=expand, steps=steps):
            return width * expand, steps + 1
        case _:
            assert_never(strategy)


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """Every step taken, every extension drawn and rated."""
    strategy, model = facts.values["strategy"], facts.values["model"]
    assert isinstance(strategy, Strategies)
    tokens = facts.count("max_tokens") or (model.max_tokens if isinstance(model, ModelSpec) else DEFAULT_MAX_TOKENS)
    written, steps = tokens * BYTES_PER_TOKEN, most(facts, StepSearch, "max_steps")
    wide, deep = _per_step(strategy)
    asked = exchange(facts, sizes, PROMPT, {"question": sizes.question}, draws=0)
    drawn = Exchange(wide * deep * steps, asked.input_bytes + written, asked.messages + 1, rounds=steps * deep)
    rated = Exchange(wide * steps, sizes.question + written, rounds=steps)
    return Worst({"model": (drawn,), "scorer": (rated,)}, item_bytes=written)


OP = Op(
    name="step_search",
    role="source",
    settings=StepSearch,
    result=result,
    behaviour=Unavailable("models that continue a text, and process reward models"),
    module=__doc__ or "",
    worst=worst,
    prompts={"": PROMPT},
    needs=frozenset({"prefix"}),
)
