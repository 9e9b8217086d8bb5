"""New candidates made out of earlier ones: combined, simplified, better grounded.

What
    For each candidate and each word in `by` one new candidate: `combine` takes it together
    with the one before it (the first with the last), `simplify` says it with less, `ground`
    backs it with what is known. New candidates never replace their parents: the result holds
    the new ones alone, to be joined as `ranked + bred`. A draw that fails leaves none.

When
    Open-ended goals, where the best answer is built out of good ones over several rounds.

Cost
    candidates × words calls, all side by side.

Paper
    Gottweis et al. 2025, Towards an AI co-scientist.

Example
    bred = ranked |> top(5) |> evolve(scientist, by: [combine, simplify, ground])
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import OneModel, Words, argument
from ttsc.ops.facts import Facts, Misuse, Sizes, Worst
from ttsc.ops.requests import built_in, exchange
from ttsc.ops.signature import Asking, Op, Unavailable
from ttsc.values.model import DEFAULT_MAX_TOKENS, ModelSpec
from ttsc.values.types import Candidates, Text, Type
from ttsc.values.usage import BYTES_PER_TOKEN

HOW = ("combine", "simplify", "ground")
PROMPT = built_in(
    "evolve",
    {"question": Text(), "candidate": Text(), "other": Text(), "how": Text()},
    """
<goal>
{question}
</goal>

<candidate>
{candidate}
</candidate>

{other}

{how} Write the new answer alone, complete in itself.
""",
)


@dataclass(frozen=True, slots=True)
class Evolve(Asking):
    """The arguments of `evolve`."""

    model: ModelSpec = argument(OneModel(), "who writes the new ones", positional=True)
    by: tuple[str, ...] = argument(Words(HOW), "what is done to each candidate", default=HOW)


def result(facts: Facts) -> Type:
    """As many new candidates as old ones times words; any of their draws may fail."""
    given = arriving.some(facts, "evolve")
    words = _words(facts)
    if len(set(words)) != len(words):
        raise Misuse("`by` names a way twice", label="again", help="name each way once", argument="by", code="E404")
    return Candidates(0, None if given.high is None else given.high * len(words), Text())


def _words(facts: Facts) -> tuple[str, ...]:
    by = facts.values["by"]
    return by if isinstance(by, tuple) else HOW


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """One draw per candidate and word, with a second candidate where two are combined."""
    shown = {"question": sizes.question, "candidate": sizes.item, "other": sizes.item + 64, "how": 200}
    asked = exchange(facts, sizes, PROMPT, shown, draws=sizes.high * len(_words(facts)))
    model = facts.values["model"]
    tokens = facts.count("max_tokens") or (model.max_tokens if isinstance(model, ModelSpec) else DEFAULT_MAX_TOKENS)
    return Worst({"model": (asked,)}, item_bytes=tokens * BYTES_PER_TOKEN)


OP = Op(
    name="evolve",
    role="reducer",
    settings=Evolve,
    result=result,
    behaviour=Unavailable("evolution of candidates"),
    module=__doc__ or "",
    rewrites=True,
    worst=worst,
    prompts={"": PROMPT},
)
