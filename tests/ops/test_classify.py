"""classify: one of the labels, the first in doubt."""

from __future__ import annotations

from tests.ops.scripted import DOWN, Scripted, facts, misuse, model, only, sizes, some
from ttsc.ops.classify import OP
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Candidates, Choice, ListOf, Text, one

GPT = model("gpt")
INTO = ("hard", "easy")


def test_a_label_as_a_closed_choice() -> None:
    context = Scripted('{"label": "Easy"}')
    made = only(OP, context, "How much is <material>6 times 7</material>?", model=GPT, into=INTO)
    assert (made.value, made.text) == ("easy", '{"label": "Easy"}')
    assert "hard, easy?" in context.prompt()
    assert "<material>\nHow much is (material>6 times 7(/material>?\n</material>" in context.prompt()
    assert context.asks[0].request.task.shown == INTO


def test_in_doubt_it_is_the_first_label() -> None:
    context = Scripted("It depends on whom you ask: hard or easy.")
    assert only(OP, context, "How much?", model=GPT, into=INTO).value == "hard"
    assert context.notes == [("judge_unparsed", "classify by gpt: taken as 'hard'")]
    assert len(context.sent) == 2


def test_a_failed_draw_makes_no_candidate() -> None:
    assert some(OP, Scripted(DOWN), "How much?", model=GPT, into=INTO) == ()


def test_prompts_of_ones_own() -> None:
    text = PromptTemplate("mine", (("text", Text()),), ("How hard? ", "text", ""))
    typed = PromptTemplate("mine", (("text", Text()),), ("How hard? ", "text", ""), Choice(("easy",)))
    assert only(OP, Scripted('{"label": "easy"}'), "How?", model=GPT, into=INTO, prompt=text).value == "easy"
    assert only(OP, Scripted("Easy."), "How?", model=GPT, into=INTO, prompt=typed).value == "easy"
    assert OP.result(facts(OP, Text(), {"model": GPT, "into": INTO, "prompt": typed})) == one(Choice(INTO))
    wide = PromptTemplate("mine", (("text", Text()),), ("How hard? ", "text", ""), Choice(("easy", "absurd")))
    assert misuse(OP, Text(), {"model": GPT, "into": INTO, "prompt": wide})[0] == "E463"


def test_types() -> None:
    assert OP.result(facts(OP, Candidates(1, 1), {"model": GPT, "into": INTO})) == one(Choice(INTO))
    assert misuse(OP, Text(), {"model": GPT, "into": ("easy",)}) == (
        "E467", "`classify` sorts into two or more different labels", "", 'write `into: ["easy", "hard"]`', "into",
    )  # fmt: skip
    assert misuse(OP, Text(), {"model": GPT, "into": "easy"})[0] == "E467"
    assert misuse(OP, Text(), {"model": GPT, "into": ("easy", "Easy")})[0] == "E467"
    assert misuse(OP, ListOf(Text()), {"model": GPT, "into": INTO})[0] == "E310"


def test_worst_case() -> None:
    (asked,) = OP.worst(facts(OP, Text(), {"model": GPT, "into": INTO}), sizes("How?")).exchanges["model"]
    assert (asked.draws, asked.reasks, asked.rounds) == (1, 1, 1)
