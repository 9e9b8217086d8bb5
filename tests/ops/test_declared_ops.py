"""Ops that are checked and planned but not run yet: their types, worst cases and misuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ttsc.ops import OPS
from ttsc.ops.facts import Exchange, Facts, Misuse, Sizes, Worst
from ttsc.ops.signature import Unavailable
from ttsc.ops.step_search import Beam, Dvts, Lookahead, Particles
from ttsc.values import types
from ttsc.values.model import ModelSpec
from ttsc.values.types import Candidates, ListOf, Text, Type, one

GPT = ModelSpec("gpt", "openai/gpt-4o", max_tokens=1000)
PRM = ModelSpec("prm", "hosted_vllm/prm", max_tokens=1)
SIZES = Sizes(question=8000, item=4000, critique=0, high=20, prompt=0)
DRAFTS = Candidates(4, 20, answer=True, scores=frozenset({"score"}))
DECLARED = ("consensus", "evolve", "plan", "run_tests", "step_search", "tournament", "write_tests")


def facts(op: str, arrived: Type, **arguments: object) -> Facts:
    defaults = {a.name: a.default for a in OPS[op].arguments}
    return Facts(arrived, {**defaults, **arguments}, {}, frozenset(arguments))


def type_of(op: str, arrived: Type, **arguments: object) -> Type:
    return OPS[op].result(facts(op, arrived, **arguments))


def worst(op: str, arrived: Type, **arguments: object) -> Worst:
    return OPS[op].worst(facts(op, arrived, **arguments), SIZES)


def figures(exchange: Exchange) -> tuple[int, int, int]:
    """Draws, re-asks and rounds."""
    return exchange.draws, exchange.reasks, exchange.rounds


@pytest.mark.parametrize("name", DECLARED)
def test_what_is_missing_is_said(name: str) -> None:
    behaviour = OPS[name].behaviour
    assert isinstance(behaviour, Unavailable)
    assert behaviour.missing


def test_nothing_else_is_missing() -> None:
    assert tuple(n for n, op in OPS.items() if isinstance(op.behaviour, Unavailable)) == DECLARED


def test_run_tests_adds_a_pass_rate_to_each_candidate() -> None:
    wanted = replace(DRAFTS, scores=frozenset({"score", "pass_rate"}))
    assert type_of("run_tests", DRAFTS, tests=None) == wanted
    assert worst("run_tests", DRAFTS, tests=None) == Worst()
    with pytest.raises(Misuse, match="`run_tests` works on candidates, this is text"):
        type_of("run_tests", Text(), tests=None)


def test_write_tests_is_one_draw() -> None:
    assert type_of("write_tests", Text(), model=GPT) == types.Tests()
    (asked,) = worst("write_tests", Text(), model=GPT).exchanges["model"]
    assert figures(asked) == (1, 2, 1)
    assert asked.input_bytes > SIZES.question
    with pytest.raises(Misuse, match="`write_tests` takes one text, this is 4 to 20 candidates"):
        type_of("write_tests", DRAFTS, model=GPT)


def test_plan_counts_planner_join_and_tool_calls_in_every_round() -> None:
    planned = {"planner": GPT, "tools": ("search", "calculate"), "max_tasks": 16}
    assert type_of("plan", Text(), **planned) == one(Text())

    graph = worst("plan", Text(), **planned, join=PRM, replans=2)
    assert [(name, *map(figures, asked)) for name, asked in graph.exchanges.items()] == [
        ("planner", (3, 0, 3)),
        ("join", (3, 0, 3)),
    ]
    assert graph.tool_calls == 48

    alone = worst("plan", Text(), **planned)
    assert [(name, *map(figures, asked)) for name, asked in alone.exchanges.items()] == [
        ("planner", (1, 0, 1), (1, 0, 1))
    ]
    assert alone.tool_calls == 16

    react = worst("plan", Text(), **planned, strategy="react")
    assert [(name, *map(figures, asked)) for name, asked in react.exchanges.items()] == [("planner", (17, 0, 17))]
    assert react.tool_calls == 16


def test_misuse_of_plan() -> None:
    with pytest.raises(Misuse, match="`plan` needs a tool to call"):
        type_of("plan", Text(), planner=GPT, tools=())
    with pytest.raises(Misuse, match="`replans` means something to `strategy: graph` only") as caught:
        type_of("plan", Text(), planner=GPT, tools=("search",), strategy="react", replans=2)
    assert caught.value.argument == "replans"


@pytest.mark.parametrize(
    ("strategy", "finished", "drawn", "rated"),
    [
        (Beam(width=4, expand=3), 4, (480, 0, 40), (480, 0, 40)),
        (Dvts(trees=5, width=4), 5, (800, 0, 40), (800, 0, 40)),
        (Particles(count=16), 16, (640, 0, 40), (640, 0, 40)),
        (Lookahead(width=4, expand=2, steps=2), 4, (960, 0, 120), (320, 0, 40)),
    ],
)
def test_step_search_counts_every_step(
    strategy: object, finished: int, drawn: tuple[int, int, int], rated: tuple[int, int, int]
) -> None:
    given = {"model": GPT, "scorer": PRM, "strategy": strategy, "extract": object()}
    wanted = Candidates(1, finished, Text(), answer=True, scores=frozenset({"score"}))
    assert type_of("step_search", Text(), **given) == wanted
    most = worst("step_search", Text(), **given)
    assert {n: tuple(map(figures, asked)) for n, asked in most.exchanges.items()} == {
        "model": (drawn,),
        "scorer": (rated,),
    }
    assert most.item_bytes == 4000
    assert OPS["step_search"].needs == {"prefix"}


def test_consensus_keeps_one() -> None:
    wanted = Candidates(1, 1, answer=True, scores=frozenset({"score", "consensus"}))
    assert type_of("consensus", DRAFTS, model=GPT) == wanted
    assert [*map(figures, worst("consensus", DRAFTS, model=GPT).exchanges["model"])] == [(1, 2, 1)]
    with pytest.raises(Misuse, match="`consensus` needs a candidate, and there may be none left here"):
        type_of("consensus", DRAFTS.sized(0, 3), model=GPT)


def test_a_tournament_plays_half_as_many_matches_as_there_are_candidates_per_round() -> None:
    wanted = replace(DRAFTS, scores=frozenset({"score", "rating"}))
    assert type_of("tournament", DRAFTS, judge=GPT) == wanted
    (asked,) = worst("tournament", DRAFTS, judge=GPT, rounds=3).exchanges["judge"]
    assert figures(asked) == (30, 1, 3)
    assert asked.input_bytes > SIZES.question + 2 * SIZES.item
    with pytest.raises(Misuse, match="`tournament` has nothing to compare: at most one arrives"):
        type_of("tournament", one(Text()), judge=GPT)


def test_evolve_makes_one_candidate_per_candidate_and_word() -> None:
    assert type_of("evolve", DRAFTS, model=GPT) == Candidates(0, 60)
    assert type_of("evolve", DRAFTS, model=GPT, by=("combine",)) == Candidates(0, 20)
    most = worst("evolve", DRAFTS, model=GPT, by=("combine", "ground"))
    assert [*map(figures, most.exchanges["model"])] == [(40, 0, 1)]
    assert most.item_bytes == 4000
    with pytest.raises(Misuse, match="`by` names a way twice"):
        type_of("evolve", DRAFTS, model=GPT, by=("combine", "combine"))
    with pytest.raises(Misuse, match="`evolve` works on candidates"):
        type_of("evolve", ListOf(Text(), 3), model=GPT)
