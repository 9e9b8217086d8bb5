"""fuse: new candidates out of all that came, each model with an order of its own."""

from __future__ import annotations

from tests.ops.scripted import DOWN, Scripted, drafts, facts, misuse, model, only, sizes, some
from ttsc.ops.fuse import OP
from ttsc.values.extraction import Extractor
from ttsc.values.types import Candidates, Text

GPT, QWEN = model("gpt"), model("qwen")
NUMBER = Extractor("final_number")
THREE = drafts("It is 41.", "It is 42.", "It is 43.", extractor=NUMBER, answer="4", extraction="found")


def test_a_fused_candidate_is_new_and_names_all_its_parents() -> None:
    made = only(OP, Scripted("So it is 42."), THREE, models=GPT)
    assert (made.text, made.answer, made.extraction) == ("So it is 42.", "42", "found")
    assert made.parents == ("d0", "d1", "d2")
    assert made.origin not in {c.origin for c in THREE}
    assert (made.scores, made.verdicts, made.critique) == ({}, (), None)


def test_an_extractor_of_its_own_comes_first() -> None:
    made = only(OP, Scripted(r"So \boxed{x} and 42."), THREE, models=GPT, extract=Extractor("boxed"))
    assert (made.answer, made.extractor) == ("x", Extractor("boxed"))
    plain = only(OP, Scripted("So it is 42."), drafts("a", "b"), models=GPT)
    assert (plain.answer, plain.extraction) == (None, "none")


def test_slots_are_in_sample_major_order_with_an_order_each() -> None:
    context = Scripted(seed=0)
    made = some(OP, context, THREE, models=(GPT, QWEN), samples=3)
    assert [(c.model, c.sample_index) for c in made] == [(m, s) for s in range(3) for m in ("gpt", "qwen")]
    assert len({a.request.task.shown for a in context.asks}) > 1
    assert {frozenset(a.request.task.shown) for a in context.asks} == {frozenset(c.text for c in THREE)}


def test_another_model_or_sample_changes_nobodys_order() -> None:
    few, many = Scripted(seed=0), Scripted(seed=0)
    some(OP, few, THREE, models=QWEN, samples=2)
    some(OP, many, THREE, models=(GPT, QWEN), samples=3)
    assert [a.request for a in few.asks] == [a.request for a in many.asks if a.request.model == QWEN][:2]


def test_a_failed_draw_drops_out() -> None:
    assert [c.text for c in some(OP, Scripted((DOWN, "b")), THREE, models=GPT, samples=2)] == ["b"]


def test_types() -> None:
    given = Candidates(2, 5, answer=True, scores=frozenset({"score"}), critique=Text())
    assert OP.result(facts(OP, given, {"models": GPT})) == Candidates(1, 1, answer=True)
    assert OP.result(facts(OP, given, {"models": (GPT, QWEN), "samples": 2})) == Candidates(1, 4, answer=True)
    assert OP.result(facts(OP, Candidates(1, 2), {"models": (GPT, QWEN), "at_least": 2})) == Candidates(2, 2)
    assert OP.result(facts(OP, Candidates(1, 2), {"models": GPT, "extract": NUMBER})) == Candidates(1, 1, answer=True)


def test_misuse() -> None:
    assert misuse(OP, Text(), {"models": GPT})[0] == "E310"
    code, title, *_ = misuse(OP, Candidates(0, 4), {"models": GPT})
    assert (code, title) == ("E453", "`fuse` needs a candidate, and there may be none left here")
    assert misuse(OP, Candidates(1, 4), {"models": GPT, "at_least": 2})[0] == "E462"


def test_worst_case() -> None:
    bounds = OP.worst(facts(OP, Candidates(1, 3), {"models": (GPT, QWEN), "samples": 2}), sizes(THREE)).exchanges
    assert [(e.draws, e.reasks, e.rounds) for e in bounds["models"]] == [(2, 0, 1)]
