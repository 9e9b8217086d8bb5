"""verify: the share of checks passed; nothing unread or failed is ever a pass."""

from __future__ import annotations

from tests.ops.scripted import DOWN, Scripted, drafts, facts, misuse, model, only, sizes, some
from ttsc.ops.verify import OP
from ttsc.values.candidate import Verdict
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Boolean, Candidates, Choice, Number, Record, Text, Type

GPT = model("gpt")
YES = '{"reason": "redone", "verdict": "correct"}'
NO = '{"reason": "off by one", "verdict": "incorrect"}'
ONE = drafts("It is 42.")


def test_the_score_is_the_share_of_passes() -> None:
    context = Scripted((YES, NO, YES, YES))
    made = only(OP, context, ONE, model=GPT, votes=4)
    assert made.scores == {"verified": 0.75}
    assert made.verdicts[:2] == (Verdict("gpt", True, "redone"), Verdict("gpt", False, "off by one"))
    assert [a.index for a in context.asks] == [0, 1, 2, 3]
    assert len({a.request.content() for a in context.asks}) == 1
    assert context.rounds == 1


def test_a_check_that_cannot_be_read_counts_as_no_pass() -> None:
    context = Scripted((YES, "It seems fine.", "It is correct, I think."))
    made = only(OP, context, ONE, model=GPT, votes=2)
    assert made.scores == {"verified": 0.5}
    assert made.verdicts == (Verdict("gpt", True, "redone"), Verdict("gpt", None))
    assert context.notes == [("judge_unparsed", "verify by gpt")]


def test_only_nonsense_is_not_verified_rather_than_unscored() -> None:
    assert only(OP, Scripted("[Failed] to form an opinion?"), ONE, model=GPT).scores == {"verified": 0.0}
    assert only(OP, Scripted("who knows"), ONE, model=GPT).scores == {"verified": 0.0}


def test_a_check_that_failed_does_not_count() -> None:
    context = Scripted((YES, DOWN))
    assert only(OP, context, ONE, model=GPT, votes=2).scores == {"verified": 1.0}
    assert context.notes == [("judge_failed", "verify by gpt: the provider is overloaded")]
    assert some(OP, Scripted(DOWN), ONE, model=GPT, votes=2) == ONE.items


def test_verdicts_add_up_over_judges() -> None:
    once = drafts("It is 42.", verdicts=(Verdict("qwen", False),), scores={"score": 0.5})
    made = only(OP, Scripted(YES), once, model=GPT)
    assert [v.judge for v in made.verdicts] == ["qwen", "gpt"]
    assert made.scores == {"score": 0.5, "verified": 1.0}


def returning(result: Type) -> PromptTemplate:
    """A replacement that returns a type."""
    return PromptTemplate("mine", (("candidate", Text()),), ("Right? ", "candidate", ""), result)


def test_replies_to_prompts_of_ones_own() -> None:
    for result, reply in (
        (Boolean(), "true"),
        (Choice(("pass", "fail")), "pass"),
        (Record((("verdict", Choice(("correct", "wrong"))), ("why", Text()))), '{"verdict": "correct", "why": ""}'),
        (Text(), YES),
    ):
        made = only(OP, Scripted(reply), ONE, model=GPT, prompt=returning(result))
        assert made.scores == {"verified": 1.0}


def test_types() -> None:
    given = Candidates(2, 5, answer=True)
    assert OP.result(facts(OP, given, {"model": GPT, "votes": 3})) == Candidates(
        2, 5, answer=True, scores=frozenset({"verified"})
    )
    for result in (Number(), Choice(("good", "bad")), Choice(("correct", "right")), Record((("why", Text()),))):
        assert misuse(OP, given, {"model": GPT, "prompt": returning(result)})[0] == "E463"
    assert misuse(OP, Text(), {"model": GPT})[0] == "E310"


def test_worst_case() -> None:
    (asked,) = OP.worst(
        facts(OP, Candidates(1, 3), {"model": GPT, "votes": 4}), sizes(drafts("a", "b", "c"))
    ).exchanges["model"]
    assert (asked.draws, asked.reasks, asked.rounds) == (12, 1, 1)
