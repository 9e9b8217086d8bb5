"""score: a judge's rating on its scale, or a computed number; never a made-up one."""

from __future__ import annotations

import pytest

from tests.ops.scripted import DOWN, Scripted, drafts, facts, misuse, model, only, sizes, some
from ttsc.ops.score import OP
from ttsc.ops.signature import OpError
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Candidates, Model, Number, Record, Text, Type

GPT = model("gpt")
ONE = drafts("It is 42.")


def returning(result: Type) -> PromptTemplate:
    """A replacement that returns a type."""
    return PromptTemplate("mine", (("candidate", Text()),), ("Rate ", "candidate", ""), result)


def test_a_rating_from_0_to_10_becomes_a_score_from_0_to_1() -> None:
    made = some(OP, Scripted(('{"score": 7}', "Score: 10/10")), drafts("a", "b"), scorer=GPT)
    assert [dict(c.scores) for c in made] == [{"score": 0.7}, {"score": 1.0}]


def test_a_number_that_a_prompt_returns_is_used_as_it_is() -> None:
    rated = only(OP, Scripted("42"), ONE, scorer=GPT, prompt=returning(Number()))
    assert rated.scores == {"score": 42.0}
    record = Record((("reason", Text()), ("score", Number())))
    rated = only(OP, Scripted('{"reason": "", "score": 7}'), ONE, scorer=GPT, prompt=returning(record))
    assert rated.scores == {"score": 7.0}
    assert only(OP, Scripted('{"score": 7}'), ONE, scorer=GPT, prompt=returning(Text())).scores == {"score": 0.7}


def test_without_a_rating_there_is_no_score() -> None:
    context = Scripted(("hm", "hm", DOWN))
    two = drafts("a", "b")
    assert some(OP, context, two, scorer=GPT) == two.items
    assert context.notes == [
        ("judge_unparsed", "score by gpt"),
        ("judge_failed", "score by gpt: the provider is overloaded"),
    ]
    assert some(OP, Scripted("NaN"), ONE, scorer=GPT, prompt=returning(Number())) == ONE.items


def test_an_expression_asks_nobody() -> None:
    context = Scripted(())
    made = some(OP, context, drafts("a", "bcd"), scorer=lambda item: len(item.text))
    assert [dict(c.scores) for c in made] == [{"score": 1.0}, {"score": 3.0}]
    assert context.asks == []


@pytest.mark.parametrize("computed", [float("nan"), float("inf"), None, "high", True])
def test_an_expression_without_a_number_fails_the_question(computed: object) -> None:
    with pytest.raises(OpError, match=r"`score` computed .* for a candidate, which is no number"):
        some(OP, Scripted(()), ONE, scorer=lambda item: computed)


def test_types() -> None:
    given = Candidates(2, 5)
    scored = Candidates(2, 5, scores=frozenset({"score"}))
    assert OP.result(facts(OP, given, {"scorer": GPT, "prompt": returning(Number())})) == scored
    assert OP.result(facts(OP, given, computed={"scorer": Number()})) == scored
    assert OP.result(facts(OP, given, {"temperature": 0.0}, {"scorer": Model(("gpt", "qwen"))})) == scored
    assert misuse(OP, given, {"temperature": 0.0}, {"scorer": Number()}) == (
        "E466", "nobody is asked here, so `temperature:` means nothing", "",
        "leave `temperature:` out, or name a model as the scorer", "temperature",
    )  # fmt: skip
    assert misuse(OP, given, {"scorer": GPT, "prompt": returning(Candidates(1, 1))})[0] == "E463"


def test_worst_case() -> None:
    (asked,) = OP.worst(facts(OP, Candidates(1, 2), {"scorer": GPT}), sizes(drafts("a", "b"))).exchanges["scorer"]
    assert (asked.draws, asked.reasks, asked.rounds) == (2, 1, 1)
