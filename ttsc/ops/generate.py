"""Draws answers from one or more models.

What
    Sends what is piped in, a text or a filled prompt, to every model `samples` times and gives
    the answers as candidates, in sample-major order: a0, b0, a1, b1, … A draw that fails drops
    out; fewer than `at_least` left fail the question. `extract` finds the answer in each; one
    without an answer stays, and says so.

When
    At the start of every system: repeated sampling is what ranking, voting and fusing live on.
    More samples raise the chance that a right answer is among them, not that it is chosen.

Cost
    models × samples draws, all side by side, or in waves of `at_once`.

Paper
    Brown et al. 2024, Large Language Monkeys: Scaling Inference Compute with Repeated Sampling.
    Chen et al. 2021, Evaluating Large Language Models Trained on Code.

Example
    question
      |> generate([gpt, qwen], samples: 4, extract: final_number)
      |> vote
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops.accepts import Count, Extractor, Models, argument
from ttsc.ops.checks import drawn_type, least, most, one_text
from ttsc.ops.context import Ask, Context
from ttsc.ops.facts import Exchange, Facts, Misuse, Sizes, Worst
from ttsc.ops.requests import MESSAGES, OUR_MESSAGES, built_in, candidate, exchange, piped, request, system_bytes
from ttsc.ops.signature import Asking, Op, Slots, as_models
from ttsc.values.candidate import Candidate
from ttsc.values.extraction import Extractor as Extraction
from ttsc.values.model import ModelSpec
from ttsc.values.types import Candidates, Filled, Text, Type, assignable, describe

PROMPT = built_in("generate", {"question": Text()}, "{question}")


@dataclass(frozen=True, slots=True)
class Generate(Asking):
    """The arguments of `generate`."""

    models: ModelSpec | tuple[ModelSpec, ...] = argument(Models(), "the models that answer", positional=True)
    samples: int = argument(Count(1, 100_000), "draws from each model", default=1)
    at_least: int = argument(Count(0, 100_000), "candidates that must come of it", default=1)
    extract: Extraction | None = argument(Extractor(), "how the answer is found in each", default=None)
    at_once: int | None = argument(Count(1, 100_000), "draws in one wave; all by default", default=None)


def result(facts: Facts) -> Type:
    """As many candidates as models × samples, with an answer each where one is extracted."""
    _check_input(facts)
    samples = facts.count("samples")
    high = None if samples is None else samples * facts.models("models")
    return Candidates(least(facts, high), high, Text(), answer=facts.values["extract"] is not None)


def _check_input(facts: Facts) -> None:
    ask = "`ask(model)` reads the reply as the type that a prompt returns"
    if isinstance(facts.input, Filled):
        if facts.input.result != Text():
            raise Misuse(
                f"`generate` draws text, this prompt returns {describe(facts.input.result)}",
                label="a typed prompt", help=ask, code="E464",
            )  # fmt: skip
        if facts.values["prompt"] is not None:
            raise Misuse(
                "a filled prompt is piped in, so there is no question for another one",
                help="leave `prompt:` out, or pipe the question in", argument="prompt", code="E465",
            )  # fmt: skip
    elif not assignable(facts.input, Text()):
        raise Misuse(
            f"`generate` answers one text, this is {describe(facts.input)}",
            label=describe(facts.input), help=one_text(facts.input, "answers"), code="E310",
        )  # fmt: skip
    if drawn_type(facts, "generate") != Text():
        raise Misuse(
            "`generate` draws text, and this prompt returns something else", help=ask, argument="prompt", code="E464"
        )


def warn(facts: Facts) -> tuple[Misuse, ...]:
    """Equal draws: several samples at temperature 0."""
    if (facts.count("samples") or 1) < 2:
        return ()
    models = facts.values["models"]
    given = facts.values["temperature"]
    drawn = models if isinstance(models, tuple) else (models,)
    cold = [m for m in drawn if isinstance(m, ModelSpec) and (m.temperature if given is None else given) == 0]
    return tuple(
        Misuse(
            f"{facts.count('samples')} samples of `{model.name}` at temperature 0 are nearly all the same",
            label="paid for again and again",
            help="set a temperature above 0, or draw one sample",
            argument="samples",
            code="W611",
        )
        for model in cold
    )


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """`samples` draws from each model, in waves of `at_once`."""
    draws = most(facts, Generate, "samples")
    waves = -(-draws * facts.models("models") // (facts.count("at_once") or draws * facts.models("models")))
    if facts.values["prompt"] is not None:
        sent = exchange(facts, sizes, PROMPT, {"question": sizes.item}, draws=draws, rounds=waves)
    else:
        messages = MESSAGES if isinstance(facts.input, Filled) else 1
        sent = Exchange(draws, sizes.item + system_bytes(facts, sizes), messages + OUR_MESSAGES, rounds=waves)
    return Worst({"models": (sent,)})


def count(settings: Generate) -> int:
    """How many slots there are."""
    return len(as_models(settings.models)) * settings.samples


async def run(context: Context, value: object, slot: int, settings: Generate) -> Candidate | None:
    """The candidate in a slot: of model `slot % models`, sample `slot // models`."""
    models = as_models(settings.models)
    sample, place = divmod(slot, len(models))
    prompt = piped(value) if settings.prompt is None else settings.prompt.fill({"question": value})
    sent = request(context, models[place], settings, prompt, "generate")
    return candidate(context, await context.draw(Ask(sent, sample)), sample, settings.extract)


OP = Op(
    name="generate",
    role="source",
    settings=Generate,
    result=result,
    behaviour=Slots(count, run),
    module=__doc__ or "",
    worst=worst,
    prompts={"": PROMPT},
    warn=warn,
)
