"""The laws of the whole way from source to draws, on random programs."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws.programs import programs
from tests.laws.running import compiled, interpreted, ran, same_names, sites, within_bounds
from ttsc.grammar import Source, format_file, parse

QUESTIONS = ("What is 17 * 3?", "How many primes are below 30?", "What is 17 * 3?")

law = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@law
@given(programs())
def test_formatting_keeps_the_tree_and_is_done_after_once(text: str) -> None:
    tree = parse(Source("p.tts", text))
    formatted = format_file(tree)
    again = parse(Source("p.tts", formatted))
    assert again == tree
    assert format_file(again) == formatted


@law
@given(programs(), st.integers(0, 3))
def test_passes_and_scheduler_change_neither_answers_nor_draws(text: str, epoch: int) -> None:
    plan = compiled(text)
    naive = interpreted(plan.plain, QUESTIONS, epoch)
    assert ran(plan.plain, QUESTIONS, epoch) == naive
    assert ran(plan.block, QUESTIONS, epoch) == naive


@law
@given(programs())
def test_no_run_costs_more_than_its_plan_says(text: str) -> None:
    plan = compiled(text)
    outcome = ran(plan.block, QUESTIONS[1:2])
    assert within_bounds(plan, outcome), (outcome.usage, plan.bounds.hard)


@law
@given(programs())
def test_names_and_layout_are_in_no_key(text: str) -> None:
    renamed = re.sub(r"\bv(\d+)\b", r"binding_\1", text)
    formatted = format_file(parse(Source("p.tts", renamed)))
    assert ran(compiled(formatted).block, QUESTIONS) == ran(compiled(text).block, QUESTIONS)


@law
@given(programs(), st.data())
def test_leaving_a_stage_out_renumbers_no_other_draw(text: str, data: st.DataObject) -> None:
    whole = compiled(text)
    stages = [hole.name for hole in whole.holes if hole.name.startswith("maybe.")]
    if not stages:
        return
    left_out = data.draw(st.sampled_from(stages))
    shorter = compiled(text, holes={left_out: False})
    with_it, without = (ran(p.block, QUESTIONS[:2], signed=True) for p in (whole, shorter))
    assert same_names(with_it, without), left_out
    before, after = sites(whole.plain), sites(shorter.plain)
    assert {place: before[place] for place in after} == after, f"leaving out {left_out} renumbered a site"


@pytest.mark.parametrize("models", ["a", "[a, b]", "[c, a, b]"])
@pytest.mark.parametrize("pair", [(4, 16), (1, 2), (3, 5)])
def test_fewer_samples_are_the_first_of_more(models: str, pair: tuple[int, int]) -> None:
    head = 'model a = "sim/x"\nmodel b = "sim/y"\nmodel c = "sim/z"\n'
    body = "pipeline answer(question: text) -> candidates {{ question |> generate({}, samples: {}) }}"
    few, many = (ran(compiled(head + body.format(models, n)).block, QUESTIONS[:2]) for n in pair)
    for some, all in zip(few.answers, many.answers, strict=True):
        assert isinstance(all, list)
        first = some if isinstance(some, list) else [some]  # one candidate answers with its value
        assert first == all[: len(first)]
    assert few.draws.keys() < many.draws.keys()


def test_equal_sites_draw_differently() -> None:
    text = """model a = "sim/x"
pipeline answer(question: text) -> candidates {
  one = question |> generate(a, samples: 2)
  two = question |> generate(a, samples: 2)
  return one + two
}
"""
    outcome = ran(compiled(text).block, QUESTIONS[:1])
    assert len(outcome.draws) == 4
    assert sorted({twin[0] for _, twin, _ in outcome.draws.values()}) == ["0", "1"]
