"""critique: what a critic says is attached to its candidate, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

from tests.ops.scripted import DOWN, QUESTION, Scripted, drafts, facts, misuse, model, only, sizes, some
from ttsc.ops.critique import OP, PROMPT
from ttsc.ops.judging import FRAME_BYTES
from ttsc.values.prompt import PromptTemplate
from ttsc.values.request import Fault
from ttsc.values.types import Candidates, Choice, Record, Text
from ttsc.values.types import Tests as Suite

GPT = model("gpt")
JUDGEMENT = Record((("verdict", Choice(("correct", "wrong"))), ("advice", Text())))
BY_STEP = PromptTemplate(
    "by_step", (("question", Text()), ("candidate", Text())), ("Judge. ", "question", "\n", "candidate", ""), JUDGEMENT
)
TWO = drafts("It is 42.", "It is 41.", answer="42")


def test_each_candidate_is_shown_alone_with_the_question() -> None:
    context = Scripted(("Right.", "<think>hm</think>\nOff by one."))
    made = some(OP, context, TWO, model=GPT)
    assert made == (replace(TWO.items[0], critique="Right."), replace(TWO.items[1], critique="Off by one."))
    for place, text in enumerate(("It is 42.", "It is 41.")):
        assert f"Question:\n{QUESTION}\n\n<candidate>\n{text}\n</candidate>" in context.prompt(place)
        assert context.asks[place].request.task.shown == (text,)


def test_a_typed_critique_has_fields() -> None:
    context = Scripted(('{"verdict": "wrong"}', '{"verdict": "Wrong", "advice": "Add one."}'))
    made = only(OP, context, drafts("It is 41."), model=GPT, prompt=BY_STEP)
    assert made.critique == {"verdict": "wrong", "advice": "Add one."}
    assert context.prompt().startswith(f"Judge. {QUESTION}\n<candidate>\nIt is 41.\n</candidate>")


def test_without_a_critique_the_candidate_goes_on_as_it_came() -> None:
    context = Scripted(("nonsense", "nonsense", Fault("refusal", "it would rather not")))
    assert some(OP, context, TWO, model=GPT, prompt=BY_STEP) == TWO.items
    assert context.notes == [
        ("judge_unparsed", "critique by gpt"),
        ("judge_failed", "critique by gpt: it would rather not"),
    ]
    assert some(OP, Scripted(DOWN), TWO, model=GPT) == TWO.items


def test_types() -> None:
    given = Candidates(2, 5, answer=True, scores=frozenset({"score"}))
    assert OP.result(facts(OP, given, {"model": GPT})) == replace(given, critique=Text())
    assert OP.result(facts(OP, given, {"model": GPT, "prompt": BY_STEP})) == replace(given, critique=JUDGEMENT)
    assert misuse(OP, Text(), {"model": GPT}) == (
        "E310", "`critique` works on candidates, this is text", "text",
        "`generate(model)` makes candidates of a question, `answering(question)` of finished answers", "",
    )  # fmt: skip
    mine = PromptTemplate("mine", (), ("Judge.",), Suite())
    assert misuse(OP, given, {"model": GPT, "prompt": mine}) == (
        "E463", "`critique` cannot read what `mine` returns: tests", "returns tests",
        "a prompt for `critique` returns text, numbers, choices, or records and lists of these", "prompt",
    )  # fmt: skip


def test_worst_case() -> None:
    known = sizes(TWO)
    (asked,) = OP.worst(facts(OP, Candidates(1, 2), {"model": GPT}), known).exchanges["model"]
    words = sum(len(part.encode()) for part in PROMPT.parts[::2])
    assert (asked.draws, asked.reasks, asked.rounds) == (2, 0, 1)
    assert asked.input_bytes == words + known.question + known.item + FRAME_BYTES
    (typed,) = OP.worst(facts(OP, Candidates(1, 2), {"model": GPT, "prompt": BY_STEP}), known).exchanges["model"]
    assert typed.reasks == 1
