"""ask: one value of the prompt's type, asked again while it does not fit."""

from __future__ import annotations

import json

from tests.ops.scripted import DOWN, Scripted, facts, misuse, model, only, sizes, some
from ttsc.ops.ask import OP
from ttsc.ops.facts import Exchange, Worst
from ttsc.ops.requests import MESSAGES
from ttsc.values.extraction import Extractor
from ttsc.values.prompt import Filled, PromptTemplate
from ttsc.values.request import Message
from ttsc.values.schema import instruction, reply_schema
from ttsc.values.types import Candidates, Choice, ListOf, Number, Record, Text
from ttsc.values.types import Filled as FilledType
from ttsc.values.types import Tests as Suite

GPT = model("gpt")
LEVEL = Choice(("easy", "medium", "hard"))
STEPS = ListOf(Record((("task", Text()), ("difficulty", Number())), "step"), 2)


def filled(result: object) -> Filled:
    """A prompt that returns a type."""
    return Filled((Message("user", "Split it."),), result)  # type: ignore[arg-type]


def test_a_value_of_the_prompts_type() -> None:
    reply = json.dumps([{"task": "add", "difficulty": 0.5}])
    made = only(OP, Scripted(reply), filled(STEPS), model=GPT)
    assert made.value == ({"task": "add", "difficulty": 0.5},)
    assert made.text == reply


def test_a_text_is_answered_with_a_text() -> None:
    made = only(OP, Scripted("It is 42."), "How much?", model=GPT, extract=Extractor("final_number"))
    assert (made.value, made.answer) == ("It is 42.", "42")


def test_a_reply_that_does_not_fit_is_asked_again_with_the_complaint() -> None:
    context = Scripted(("well", "it depends", "hard"))
    assert only(OP, context, filled(LEVEL), model=GPT).value == "hard"
    told = [m.content for m in context.sent[2].messages]
    complaint = (
        'That reply cannot be used: the value must be one of "easy", "medium", "hard". '
        "Reply again in the form asked for, with nothing else."
    )
    first = "Split it.\n\n" + instruction(LEVEL, enforced=False)
    assert told == [first, "well", complaint, "it depends", complaint]
    assert len(context.asks) == 1


def test_after_the_last_reask_there_is_no_candidate() -> None:
    context = Scripted("it depends")
    assert some(OP, context, filled(LEVEL), model=GPT, reasks=1) == ()
    assert len(context.sent) == 2
    assert context.notes == [("reply_unparsed", "gpt: no reply in the form asked for")]
    failed = Scripted(DOWN)
    assert some(OP, failed, filled(LEVEL), model=GPT) == ()
    assert (len(failed.sent), failed.notes) == (1, [])


def test_a_value_that_is_not_valid_is_asked_again() -> None:
    context = Scripted(("3", "7", "9"))
    made = only(OP, context, filled(Number()), model=GPT, valid=lambda value: isinstance(value, int) and value > 5)
    assert made.value == 7
    assert "it does not meet the conditions" in context.sent[1].messages[-1].content
    plain = Scripted(("a", "b"))
    assert only(OP, plain, "Which?", model=GPT, valid=lambda value: value == "b").value == "b"


def test_types() -> None:
    assert OP.result(facts(OP, FilledType(STEPS), {"model": GPT})) == Candidates(1, 1, STEPS)
    assert OP.result(facts(OP, Text(), {"model": GPT, "extract": Extractor("code")})) == Candidates(1, 1, answer=True)
    mine = PromptTemplate("rate", (("question", Text()),), ("", "question", ""), Number())
    assert OP.result(facts(OP, Text(), {"model": GPT, "prompt": mine})) == Candidates(1, 1, Number())


def test_misuse() -> None:
    assert misuse(OP, ListOf(Text(), 4), {"model": GPT}) == (
        "E310", "`ask` takes a filled prompt or one text, this is [text; 4]", "[text; 4]",
        "`each as x { … }` asks the items of a list one by one", "",
    )  # fmt: skip
    assert misuse(OP, FilledType(Suite()), {"model": GPT}) == (
        "E463", "no model can answer with tests", "",
        "a prompt returns text, numbers, choices, or records and lists of these", "",
    )  # fmt: skip
    mine = PromptTemplate("rate", (("question", Text()),), ("", "question", ""), Number())
    assert misuse(OP, FilledType(Text()), {"model": GPT, "prompt": mine})[0] == "E465"


def test_worst_case() -> None:
    form = len(instruction(LEVEL, enforced=False)) + len(reply_schema(LEVEL)) + 2
    assert OP.worst(facts(OP, FilledType(LEVEL), {"model": GPT, "reasks": 5}), sizes("12345")) == Worst(
        {"model": (Exchange(1, 5 + form, MESSAGES + 2, 5),)}
    )
    assert OP.worst(facts(OP, Text(), {"model": GPT}), sizes("12345")) == Worst({"model": (Exchange(1, 5, 3, 0),)})
