"""From an op's settings to requests, from their worst case to bytes, from draws to candidates.

Every op that asks a model does it through here, so that all mean the same by `prompt`,
`system`, `max_tokens` and `temperature`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ttsc.ops.context import Context
from ttsc.ops.facts import UNSETTLED, Exchange, Facts, Sizes
from ttsc.ops.signature import Asking
from ttsc.values.candidate import Candidate
from ttsc.values.extraction import Extractor, extract
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import ROLES, Filled, PromptTemplate, as_text
from ttsc.values.request import Accepted, Draw, FailedDraw, Message, Parameters, Reader, Rejected, Request, Task
from ttsc.values.schema import instruction, read_json, reply_schema
from ttsc.values.types import Text, Type

#: Messages that a filled prompt piped in may have at most; what it holds is not known here.
MESSAGES = 8

#: Messages that an op may add to a prompt's own: the system message, and the form asked for.
OUR_MESSAGES = 2

# --- prompts --------------------------------------------------------------------------


def built_in(name: str, parameters: Mapping[str, Type], text: str, result: Type | None = None) -> PromptTemplate:
    """A built-in prompt: its text cut at `{name}`, with the parameters that it publishes."""
    parts = tuple(re.split(r"\{(\w+)\}", text.strip("\n")))
    return PromptTemplate(name, tuple(parameters.items()), parts, result or Text())


def chosen(builtin: PromptTemplate, replacement: object) -> PromptTemplate:
    """The prompt in force. A replacement that returns text is answered in the built-in form."""
    if not isinstance(replacement, PromptTemplate):
        return builtin
    return replacement if replacement.result != Text() else replace(replacement, result=builtin.result)


def piped(value: object) -> Filled:
    """What is piped into a source, as a prompt: a filled one, or a text as it is."""
    return value if isinstance(value, Filled) else Filled((Message("user", as_text(value)),), Text())


# --- requests -------------------------------------------------------------------------


def request(
    context: Context, model: ModelSpec, settings: Asking, filled: Filled, kind: str, shown: tuple[str, ...] = ()
) -> Request:
    """A filled prompt as a request for its result; `kind` and `shown` are for `Task`."""
    messages, schema = filled.messages, ""
    if filled.result != Text():
        schema = reply_schema(filled.result)
        messages = _asking_for(messages, instruction(filled.result, enforced=model.capabilities.schema))
    if settings.system is not None:
        messages = _led_by(messages, settings.system)
    parameters = Parameters(
        max_tokens=settings.max_tokens or model.max_tokens,
        temperature=model.temperature if settings.temperature is None else settings.temperature,
        top_p=model.top_p,
        schema=schema if schema and model.capabilities.schema else None,
    )
    return Request(model, messages, parameters, Task(kind, context.question, shown, context.item, schema))


def _asking_for(messages: tuple[Message, ...], sentence: str) -> tuple[Message, ...]:
    last = messages[-1]
    if last.role != "user":
        return (*messages, Message("user", sentence))
    return (*messages[:-1], Message("user", f"{last.content}\n\n{sentence}"))


def _led_by(messages: tuple[Message, ...], system: str) -> tuple[Message, ...]:
    """One system message in front; a prompt's own is joined to it, as some providers take only one."""
    if messages[0].role == "system":
        return (Message("system", f"{system}\n\n{messages[0].content}"), *messages[1:])
    return (Message("system", system), *messages)


# --- worst cases ----------------------------------------------------------------------


def exchange(
    facts: Facts,
    sizes: Sizes,
    builtin: PromptTemplate,
    values: Mapping[str, int],
    *,
    draws: int,
    reasks: int = 0,
    rounds: int = 1,
) -> Exchange:
    """The worst case of `draws` requests with the prompt in force.

    `values` are the bytes of what its parameters are filled with, each counted as often as
    the prompt uses it.
    """
    prompt = chosen(builtin, facts.values.get("prompt"))
    words = max(sizes.prompt, sum(_bytes(part) for part in prompt.parts[::2]))
    slots = sum(values[name] for name in prompt.parts[1::2])
    fixed = words + slots + form_bytes(prompt.result) + system_bytes(facts, sizes)
    return Exchange(draws, fixed, _messages(prompt) + OUR_MESSAGES, reasks, rounds)


def form_bytes(result: Type) -> int:
    """Bytes spent at most on asking for a result: the sentence, and the schema where it is sent."""
    if result == Text():
        return 0
    told = max(_bytes(instruction(result, enforced=enforced)) for enforced in (True, False))
    return told + _bytes(reply_schema(result)) + 2


def system_bytes(facts: Facts, sizes: Sizes) -> int:
    """Bytes of the `system` argument at most."""
    system = facts.values.get("system")
    if system is UNSETTLED:
        return sizes.arguments.get("system", 0) + 2
    return _bytes(system) + 2 if isinstance(system, str) else 0


def _messages(prompt: PromptTemplate) -> int:
    marks = {f"@{role}" for role in ROLES}
    return 1 + sum(line.strip() in marks for part in prompt.parts[::2] for line in part.split("\n"))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


# --- draws ----------------------------------------------------------------------------


def reader(result: Type) -> Reader | None:
    """How a reply to a prompt is read; None for text, which is taken as it is."""
    if result == Text():
        return None

    def read(text: str) -> Accepted | Rejected:
        return read_json(text, result)

    return read


def candidate(
    context: Context,
    draw: Draw | FailedDraw,
    index: int,
    extractor: Extractor | None,
    *,
    origin: str = "",
    parents: tuple[str, ...] = (),
) -> Candidate | None:
    """The candidate that a draw made; None where it failed or its reply could not be read."""
    if isinstance(draw, FailedDraw):
        return None
    if not draw.parsed:
        context.note("reply_unparsed", f"{draw.request.model.name}: no reply in the form asked for")
        return None
    answer = None if extractor is None else extract(draw.reply.text, extractor)
    if extractor is not None and answer is None:
        context.note("extraction_failed", f"{draw.request.model.name}: no {extractor.name} in the reply")
    return Candidate(
        value=draw.value,
        text=draw.reply.text,
        origin=origin or draw.key.origin(),
        draw=draw.key.name(),
        answer=answer,
        extraction="none" if extractor is None else "failed" if answer is None else "found",
        extractor=extractor,
        truncated=draw.reply.finish == "length",
        parents=parents,
        model=draw.request.model.name,
        sample_index=index,
        usage=draw.usage,
    )
