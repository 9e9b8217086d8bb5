"""rank: judges see labels in shuffled order, broken orders are repaired, nonsense moves nobody."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.ops.scripted import DOWN, Say, Scripted, drafts, facts, misuse, model, play, sizes, some
from ttsc.ops.facts import Worst
from ttsc.ops.judging import label
from ttsc.ops.rank import OP
from ttsc.values.candidate import Candidate
from ttsc.values.prompt import PromptTemplate
from ttsc.values.request import Request
from ttsc.values.types import Candidates, ListOf, Number, Text

GPT = model("gpt")
FOUR = drafts("one", "two", "three", "four")


def order(*labels: str) -> str:
    """A judge's reply."""
    return json.dumps({"order": labels})


def by_length(request: Request, index: int) -> Say:
    """A judge that likes long candidates, and after them those that stand first."""
    shown = request.task.shown
    best = sorted(range(len(shown)), key=lambda place: -len(shown[place]))
    return order(*(label(place) for place in best))


def texts(made: tuple[Candidate, ...]) -> list[str]:
    """What they say."""
    return [c.text for c in made]


def test_the_best_first_with_their_scores() -> None:
    made = some(OP, Scripted(order("C", "D", "A", "B")), FOUR, model=GPT)
    assert [(c.text, c.scores["rank"]) for c in made] == [("three", 1.0), ("four", 0.75), ("one", 0.5), ("two", 0.25)]
    assert texts(some(OP, Scripted(order("C", "D", "A", "B")), FOUR, model=GPT, keep=2)) == ["three", "four"]


def test_labels_go_back_to_candidates_whatever_the_order_shown() -> None:
    for seed in range(20):
        context = Scripted(by_length, seed=seed)
        made = some(OP, context, drafts("a", "bb", "cccc", "ddd"), model=GPT, votes=2)
        assert texts(made) == ["cccc", "ddd", "bb", "a"]
    assert len({a.request.task.shown for a in context.asks}) == 2


def test_each_vote_is_a_draw_of_its_own_and_the_mean_place_counts() -> None:
    context = Scripted((order("A", "B", "C", "D"), order("B", "A", "C", "D"), order("B", "C", "A", "D")))
    made = some(OP, context, FOUR, model=GPT, votes=3)
    assert texts(made) == ["two", "one", "three", "four"]
    assert [c.scores["rank"] for c in made] == pytest.approx([1 - 1 / 12, 1 - 3 / 12, 1 - 5 / 12, 1 - 9 / 12])
    assert ([a.index for a in context.asks], context.rounds) == ([0, 1, 2], 1)


def test_ties_keep_the_order_in_which_they_came() -> None:
    made = some(OP, Scripted((order("A", "B", "C", "D"), order("D", "C", "B", "A"))), FOUR, model=GPT, votes=2)
    assert texts(made) == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("reply", "repaired"),
    [
        (order("C"), ["three", "one", "two", "four"]),
        (order("D", "D", "B", "D"), ["four", "two", "one", "three"]),
        (order("Z", "B", "Y"), ["two", "one", "three", "four"]),
        (order("D", "C", "B", "A", "E"), ["four", "three", "two", "one"]),
    ],
)
def test_broken_orders_are_repaired(reply: str, repaired: list[str]) -> None:
    assert texts(some(OP, Scripted(reply), FOUR, model=GPT)) == repaired


def test_left_out_candidates_follow_as_they_came_and_not_as_they_were_shown() -> None:
    for seed in range(10):
        context = Scripted(order("A"), seed=seed)
        best, *rest = texts(some(OP, context, FOUR, model=GPT))
        assert best == context.asks[0].request.task.shown[0]
        assert rest == [c.text for c in FOUR if c.text != best]


def test_nonsense_moves_nobody_and_says_so() -> None:
    context = Scripted("They all have their merits.")
    made = some(OP, context, FOUR, model=GPT, keep=3)
    assert [(c.text, c.scores["rank"]) for c in made] == [("one", 0.5), ("two", 0.5), ("three", 0.5)]
    assert context.notes == [("judge_unparsed", "rank by gpt")]
    assert len(context.sent) == 2


def test_failed_judges_leave_no_score() -> None:
    context = Scripted(DOWN)
    assert some(OP, context, FOUR, model=GPT, keep=3) == FOUR.items[:3]
    assert context.notes == [("judge_failed", "rank by gpt: the provider is overloaded")]


def test_votes_that_can_be_read_decide() -> None:
    context = Scripted((DOWN, "hm", "hm", order("D")))
    assert texts(some(OP, context, FOUR, model=GPT, votes=3))[0] == "four"
    assert [kind for kind, _ in context.notes] == ["judge_failed", "judge_unparsed"]


def test_one_alone_is_passed_on_without_a_draw() -> None:
    context = Scripted(())
    assert [(c.text, dict(c.scores)) for c in some(OP, context, drafts("one"), model=GPT, votes=3)] == [
        ("one", {"rank": 1})
    ]
    assert some(OP, context, drafts(), model=GPT) == ()


def test_lists_are_ranked_by_the_question_given() -> None:
    context = Scripted(order("B", "A"))
    made = play(OP, context, ({"file": "a.py"}, {"file": "b.py"}), model=GPT, question="Where is the bug?", keep=1)
    assert made == ({"file": "b.py"},)
    assert "Question:\nWhere is the bug?" in context.prompt()
    assert '<candidate id="A">\n{"file": "a.py"}\n</candidate>' in context.prompt()


def test_critiques_are_shown_with_their_candidates() -> None:
    shown = drafts("one", "two").of([replace(c, critique=f"{c.text} is fine") for c in drafts("one", "two")])
    context = Scripted(order("A", "B"), seed=1)
    some(OP, context, shown, model=GPT)
    for place, text in enumerate(context.asks[0].request.task.shown):
        name = label(place)
        data = f'<candidate id="{name}">\n{text}\n</candidate>\n\n<critique id="{name}">\n{text} is fine\n</critique>'
        assert data in context.prompt()


def test_types() -> None:
    given = Candidates(2, 5, answer=True)
    ranked = Candidates(2, 5, answer=True, scores=frozenset({"rank"}))
    assert OP.result(facts(OP, given, {"model": GPT})) == ranked
    assert OP.result(facts(OP, given, {"model": GPT, "keep": 3})) == ranked.sized(2, 3)
    assert OP.result(facts(OP, given, {"model": GPT, "keep": 1})) == ranked.sized(1, 1)
    assert OP.result(facts(OP, ListOf(Text(), 9), {"model": GPT, "keep": 4})) == ListOf(Text(), 4)
    assert OP.result(facts(OP, Candidates(1, None), {"model": GPT, "keep": 4})) == Candidates(
        1, 4, scores=frozenset({"rank"})
    )


def test_misuse() -> None:
    given = Candidates(1, 5)
    assert misuse(OP, given, {"model": GPT, "keep": 8}) == (
        "E461", "`keep: 8`, but at most 5 arrive", "more than 5",
        "write `keep: 5` or less, or draw more samples before it", "keep",
    )  # fmt: skip
    assert misuse(OP, given.sized(1, 1), {"model": GPT}) == (
        "E460", "`rank` has nothing to compare: at most one arrives", "",
        "draw more samples before it, or leave `rank` out", "",
    )  # fmt: skip
    typed = PromptTemplate("mine", (), ("Rank.",), Number())
    assert misuse(OP, given, {"model": GPT, "prompt": typed})[0] == "E463"
    assert misuse(OP, Text(), {"model": GPT})[0] == "E310"


def test_a_hole_that_asks_for_more_than_can_arrive_is_cut() -> None:
    tuned = replace(facts(OP, Candidates(1, 5), {"model": GPT, "keep": 8}), given=frozenset({"model"}))
    assert OP.result(tuned) == Candidates(1, 5, scores=frozenset({"rank"}))


def test_worst_case() -> None:
    (asked,) = OP.worst(facts(OP, Candidates(1, 4), {"model": GPT, "votes": 3}), sizes(FOUR)).exchanges["model"]
    assert (asked.draws, asked.reasks, asked.rounds) == (3, 1, 1)
    assert OP.worst(facts(OP, Candidates(1, 1), {"model": GPT}), sizes(drafts("one"))) == Worst()
