"""Requests say what the settings say, candidates keep what their draw knew."""

from __future__ import annotations

import asyncio

from tests.ops.scripted import DOWN, QUESTION, Scripted, facts, model, sizes
from ttsc.ops.ask import OP as ASK
from ttsc.ops.context import Ask
from ttsc.ops.generate import Generate
from ttsc.ops.requests import built_in, candidate, chosen, exchange, piped, request
from ttsc.values.candidate import Candidate
from ttsc.values.extraction import Extractor
from ttsc.values.model import Capabilities
from ttsc.values.prompt import Filled, PromptTemplate
from ttsc.values.request import DrawKey, Message, Parameters, Reply, Task
from ttsc.values.schema import reply_schema
from ttsc.values.types import Choice, Number, Record, Text
from ttsc.values.usage import Usage

LEVEL = Choice(("easy", "hard"))
GPT = model("gpt", temperature=0.7, top_p=0.9)
USER = Message("user", "How hard?")


def test_a_text_is_sent_as_it_is() -> None:
    sent = request(Scripted(item="q1"), GPT, Generate(GPT), piped("  How hard? \n"), "generate")
    assert sent.messages == (Message("user", "  How hard? \n"),)
    assert sent.parameters == Parameters(max_tokens=100, temperature=0.7, top_p=0.9)
    assert sent.task == Task("generate", QUESTION, (), "q1")


def test_settings_override_the_model() -> None:
    settings = Generate(GPT, system="Be brief.", max_tokens=7, temperature=0.0)
    sent = request(Scripted(), GPT, settings, piped("How hard?"), "generate")
    assert sent.messages == (Message("system", "Be brief."), USER)
    assert sent.parameters == Parameters(max_tokens=7, temperature=0.0, top_p=0.9)


def test_a_prompt_has_one_system_message() -> None:
    own = Filled((Message("system", "Be fair."), USER), Text())
    sent = request(Scripted(), GPT, Generate(GPT, system="Be brief."), own, "generate")
    assert sent.messages == (Message("system", "Be brief.\n\nBe fair."), USER)


def test_a_typed_prompt_asks_for_its_form() -> None:
    sent = request(Scripted(), GPT, Generate(GPT), Filled((USER,), LEVEL), "ask")
    form = 'Reply with exactly one of these and nothing else: "easy", "hard"'
    assert sent.messages == (Message("user", f"How hard?\n\n{form}"),)
    assert sent.parameters.schema is None
    assert sent.task.schema == reply_schema(LEVEL)


def test_a_schema_is_sent_where_the_provider_enforces_it() -> None:
    able = model("gpt", capabilities=Capabilities(schema=True))
    sent = request(Scripted(), able, Generate(able), Filled((USER,), LEVEL), "ask")
    assert sent.messages == (Message("user", "How hard?\n\nReply in JSON."),)
    assert sent.parameters.schema == sent.task.schema == reply_schema(LEVEL)


def test_the_form_follows_a_prompt_that_ends_with_the_assistant() -> None:
    shot = (USER, Message("assistant", "easy"))
    sent = request(Scripted(), GPT, Generate(GPT), Filled(shot, Number()), "ask")
    assert sent.messages == (*shot, Message("user", "Reply with one number and nothing else."))


def test_a_replacement_that_returns_text_is_answered_in_the_built_in_form() -> None:
    record = Record((("score", Number()),))
    builtin = built_in("score", {"question": Text()}, "\nRate: {question}\n", record)
    assert builtin == PromptTemplate("score", (("question", Text()),), ("Rate: ", "question", ""), record)
    plain = PromptTemplate("mine", (), ("Rate!",))
    typed = PromptTemplate("mine", (), ("Rate!",), Number())
    assert chosen(builtin, None) is builtin
    assert chosen(builtin, plain) == PromptTemplate("mine", (), ("Rate!",), record)
    assert chosen(builtin, typed) is typed


def test_the_worst_case_counts_a_value_as_often_as_the_prompt_shows_it() -> None:
    parts = ("Ü", "question", "-", "question", "")
    mine = PromptTemplate("mine", (("question", Text()),), parts)
    known = facts(ASK, Text(), {"model": GPT, "prompt": mine, "system": "ab"})
    builtin = built_in("ask", {"question": Text()}, "{question}")
    found = exchange(known, sizes("x"), builtin, {"question": 10}, draws=2, reasks=1, rounds=2)
    assert (found.draws, found.input_bytes, found.messages, found.reasks, found.rounds) == (2, 3 + 20 + 4, 3, 1, 2)


def drawn(context: Scripted, extractor: Extractor | None) -> Candidate | None:
    """The candidate of sample 3 of a text."""
    sent = request(context, GPT, Generate(GPT), piped("How hard?"), "generate")
    return candidate(context, asyncio.run(context.draw(Ask(sent, 3))), 3, extractor)


def test_a_candidate_keeps_what_its_draw_knew() -> None:
    context = Scripted("It is 42.")
    found = drawn(context, Extractor("final_number"))
    key = DrawKey(0, context.sent[0].content(), "0", 3)
    assert found == Candidate(
        value="It is 42.",
        text="It is 42.",
        origin=key.origin(),
        draw=key.name(),
        answer="42",
        extraction="found",
        extractor=Extractor("final_number"),
        model="gpt",
        sample_index=3,
        usage=Usage(calls=1, requests=1, input_tokens=10, output_tokens=5),
    )
    assert context.notes == []


def test_the_origin_of_a_candidate_is_the_same_in_every_epoch() -> None:
    assert DrawKey(0, "c", "0", 1).origin() == DrawKey(7, "c", "0", 1).origin()
    assert len({DrawKey(0, c, t, i).origin() for c in "ab" for t in "01" for i in (0, 1)}) == 8
    assert len(DrawKey(0, "c", "0", 1).origin()) == 12


def test_a_failed_extraction_and_a_cut_reply_are_outcomes_of_their_own() -> None:
    context = Scripted(Reply("I do not know", "length"))
    found = drawn(context, Extractor("final_number"))
    assert found is not None
    assert (found.answer, found.extraction, found.truncated) == (None, "failed", True)
    assert context.notes == [("extraction_failed", "gpt: no final_number in the reply")]


def test_a_failed_draw_makes_no_candidate() -> None:
    assert drawn(Scripted(DOWN), None) is None
