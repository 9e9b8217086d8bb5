"""Asks one model one thing and reads the reply as the type that the prompt returns.

What
    Gives one candidate whose value has the prompt's type: a text, a number, a choice, a record,
    a list. The model is told the form, by a schema where its provider enforces one. A reply
    that does not fit, or for which `valid` does not hold, is asked again with the complaint, at
    most `reasks` times; after that the question fails.

When
    For every step that a program goes on to look into: plans, routes, ratings, lists of ideas.
    `generate` draws texts, and several of them.

Cost
    1 draw, which takes up to 1 + reasks requests one after the other.

Paper
    Willard and Louf 2023, Efficient Guided Generation for Large Language Models.

Example
    split(problem)
      |> ask(gpt)
      |> each as step { work(problem, step) |> ask(gpt) }
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ttsc.ops.accepts import Count, Extractor, ItemFunction, OneModel, argument
from ttsc.ops.checks import drawn_type, most, one_text
from ttsc.ops.context import Ask as Draw
from ttsc.ops.context import Context
from ttsc.ops.facts import Exchange, Facts, Misuse, Sizes, Worst
from ttsc.ops.requests import (
    MESSAGES,
    OUR_MESSAGES,
    built_in,
    candidate,
    exchange,
    form_bytes,
    piped,
    reader,
    request,
    system_bytes,
)
from ttsc.ops.signature import Asking, Op, Slots
from ttsc.values.candidate import Candidate
from ttsc.values.extraction import Extractor as Extraction
from ttsc.values.model import ModelSpec
from ttsc.values.request import Accepted, Reader, Rejected
from ttsc.values.schema import answerable, rejected
from ttsc.values.types import Boolean, Candidates, Filled, Text, Type, assignable, describe

PROMPT = built_in("ask", {"question": Text()}, "{question}")


@dataclass(frozen=True, slots=True)
class Ask(Asking):
    """The arguments of `ask`."""

    model: ModelSpec = argument(OneModel(), "the model that is asked", positional=True)
    extract: Extraction | None = argument(Extractor(), "how the answer is found in the reply", default=None)
    reasks: int = argument(Count(0, 10), "how often a reply that does not fit is asked again", default=2)
    valid: Callable[[object], object] | None = argument(
        ItemFunction(Boolean()), "what must hold of the value; else it is asked again", default=None
    )


def result(facts: Facts) -> Type:
    """One candidate of the type that the prompt returns."""
    returned = drawn_type(facts, "ask")
    match facts.input:
        case Filled(result=kind) if facts.values["prompt"] is None:
            returned = kind
        case Filled():
            raise Misuse(
                "a filled prompt is piped in, so there is no question for another one",
                help="leave `prompt:` out, or pipe the question in", argument="prompt", code="E465",
            )  # fmt: skip
        case given if not assignable(given, Text()):
            raise Misuse(
                f"`ask` takes a filled prompt or one text, this is {describe(given)}",
                label=describe(given), help=one_text(given, "asks"), code="E310",
            )  # fmt: skip
    if not answerable(returned):
        raise Misuse(
            f"no model can answer with {describe(returned)}",
            help="a prompt returns text, numbers, choices, or records and lists of these", code="E463",
        )  # fmt: skip
    return Candidates(1, 1, returned, answer=facts.values["extract"] is not None)


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """One draw and its re-asks."""
    reasks = 0 if _taken_as_it_comes(facts) else most(facts, Ask, "reasks")
    if facts.values["prompt"] is not None:
        return Worst({"model": (exchange(facts, sizes, PROMPT, {"question": sizes.item}, draws=1, reasks=reasks),)})
    form = form_bytes(facts.input.result) if isinstance(facts.input, Filled) else 0
    messages = MESSAGES if isinstance(facts.input, Filled) else 1
    sent = Exchange(1, sizes.item + form + system_bytes(facts, sizes), messages + OUR_MESSAGES, reasks)
    return Worst({"model": (sent,)})


def _taken_as_it_comes(facts: Facts) -> bool:
    """Whether any reply will do: a text on which no condition is set."""
    returned = facts.input.result if isinstance(facts.input, Filled) else drawn_type(facts, "ask")
    return returned == Text() and facts.values["valid"] is None


async def run(context: Context, value: object, _: int, settings: Ask) -> Candidate | None:
    """The one candidate; None where no reply could be read or was valid."""
    prompt = piped(value) if settings.prompt is None else settings.prompt.fill({"question": value})
    sent = request(context, settings.model, settings, prompt, "ask")
    read = _valid(reader(prompt.result), settings.valid)
    drawn = await context.draw(Draw(sent, 0, read, settings.reasks))
    return candidate(context, drawn, 0, settings.extract)


def _valid(read: Reader | None, valid: Callable[[object], object] | None) -> Reader | None:
    """A reader that also rejects values for which `valid` does not hold."""
    if valid is None:
        return read

    def checked(text: str) -> Accepted | Rejected:
        found = Accepted(text) if read is None else read(text)
        if isinstance(found, Accepted) and not valid(found.value):
            return rejected("it does not meet the conditions that were set for it")
        return found

    return checked


OP = Op(
    name="ask",
    role="source",
    settings=Ask,
    result=result,
    behaviour=Slots(lambda settings: 1, run),
    module=__doc__ or "",
    worst=worst,
    prompts={"": PROMPT},
)
