"""Ops that ask nobody: what they give, what type they promise, and what they say of misuse."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import combinations as subsets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsc.ops import OPS
from ttsc.ops.accepts import MetricUse
from ttsc.ops.facts import UNSETTLED, Facts, Misuse
from ttsc.ops.signature import OpError, Pure
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.types import Boolean, Filled, ListOf, Number, Record, Text, Type, assignable
from ttsc.values.types import Candidates as Many

DRAFTS = Many(4, 8, answer=True, scores=frozenset({"pass_rate"}))


def run(op: str, arrived: object, /, **arguments: object) -> Any:
    """What an op gives for what arrives and its arguments."""
    behaviour = OPS[op].behaviour
    assert isinstance(behaviour, Pure)
    return behaviour.run(arrived, OPS[op].settings(**arguments))


def type_of(
    op: str, arrived: Type, types: Mapping[str, Type] | None = None, value: object = UNSETTLED, /, **arguments: object
) -> Type:
    """The type that an op promises."""
    defaults = {a.name: a.default for a in OPS[op].arguments}
    return OPS[op].result(Facts(arrived, {**defaults, **arguments}, types or {}, frozenset(arguments), value))


def misuse(
    op: str, arrived: Type, types: Mapping[str, Type] | None = None, value: object = UNSETTLED, /, **arguments: object
) -> tuple[str, str, str, str, str]:
    """Code, title, label, help and argument of the misuse that an op reports."""
    with pytest.raises(Misuse) as caught:
        type_of(op, arrived, types, value, **arguments)
    found = caught.value
    return found.code, found.title, found.label, found.help, found.argument


def draft(text: str, answer: str | None = None, **scores: float) -> Candidate:
    made = Candidate(text, text, origin=text, answer=answer, extraction="failed" if answer is None else "found")
    for name, score in scores.items():
        made = made.scored(name, score)
    return made


def drafts(*items: Candidate) -> Candidates:
    return Candidates(items, "the question")


def texts(found: Candidates) -> list[str]:
    return [c.text for c in found]


# --- vote and agreement ---------------------------------------------------------------


def test_vote_takes_the_first_candidate_with_the_commonest_answer() -> None:
    given = drafts(draft("a", "7"), draft("b", "18"), draft("c", "$18.00"), draft("d", None))
    winner = draft("b", "18").scored("votes", 2.0).scored("agreement", 0.5)
    assert run("vote", given) == given.of([winner])
    assert run("agreement", given) == 0.5


def test_ties_go_to_the_answer_that_came_up_first() -> None:
    assert texts(run("vote", drafts(draft("a", "1"), draft("b", "2"), draft("c", "2"), draft("d", "1")))) == ["a"]


def test_failed_extractions_do_not_vote_but_count_as_candidates() -> None:
    given = drafts(draft("a", None), draft("b", None), draft("c", "1"))
    assert texts(run("vote", given)) == ["c"]
    assert run("agreement", given) == pytest.approx(1 / 3)


def test_where_all_extractions_failed_the_first_is_taken_without_votes() -> None:
    given = drafts(draft("a", None), draft("b", None))
    assert run("vote", given) == given.of([draft("a", None).scored("votes", 0.0).scored("agreement", 0.0)])
    assert run("agreement", given) == 0.0
    assert run("agreement", drafts()) == 0.0


def test_a_vote_by_the_whole_leaves_reasoning_out() -> None:
    given = drafts(draft("<think>1</think>yes"), draft("no"), draft("<think>2</think> yes"))
    assert texts(run("vote", given, by="whole")) == ["<think>1</think>yes"]
    assert run("agreement", given, by="whole") == pytest.approx(2 / 3)


def test_a_weighted_vote_counts_scores_and_what_stands_in_for_them() -> None:
    given = drafts(draft("a", "1", score=0.9), draft("b", "2", score=0.5), draft("c", "2", score=0.5))
    assert texts(run("vote", given, weight=MetricUse("score"))) == ["b"]
    mixed = drafts(draft("a", "1", verified=0.4), draft("b", "2"), draft("c", "1", verified=0.5))
    assert texts(run("vote", mixed, weight=MetricUse("verified", otherwise=1.0))) == ["b"]
    assert texts(run("vote", mixed, weight=MetricUse("merged"))) == ["a"]
    with pytest.raises(OpError, match="`vote` needs the score `verified` of every candidate, and one has none"):
        run("vote", mixed, weight=MetricUse("verified"))


def test_the_weight_of_many_small_scores_does_not_depend_on_their_order() -> None:
    tenths = [draft(f"a{i}", "1", score=0.1) for i in range(10)]
    whole = draft("b", "2", score=1.0)
    assert texts(run("vote", drafts(whole, *tenths), weight=MetricUse("score"))) == ["b"]
    assert texts(run("vote", drafts(*tenths, whole), weight=MetricUse("score"))) == ["a0"]


def test_types_of_vote_and_agreement() -> None:
    voted = Many(1, 1, answer=True, scores=frozenset({"pass_rate", "votes", "agreement"}))
    assert type_of("vote", DRAFTS) == voted
    assert type_of("vote", DRAFTS, weight=MetricUse("pass_rate")) == voted
    assert type_of("vote", DRAFTS, weight=MetricUse("verified", otherwise=1.0)) == voted
    assert type_of("vote", Many(1, 1), by="whole") == Many(1, 1, scores=frozenset({"votes", "agreement"}))
    assert type_of("agreement", DRAFTS.sized(0, None)) == Number()


def test_misuse_of_vote() -> None:
    assert misuse("vote", Many(0, 8, answer=True)) == (
        "E453",
        "`vote` needs a candidate, and there may be none left here",
        "0 to 8 candidates",
        "say what to use then: `|> otherwise(fallback) |> vote`",
        "",
    )
    assert misuse("vote", Many(8, 8)) == (
        "E452",
        "`vote` compares answers, and nothing has extracted any",
        "the candidates have no `answer`",
        "extract one where they are drawn, `generate(…, extract: final_number)`, or write `vote(by: whole)`",
        "",
    )
    assert misuse("vote", Text())[:3] == ("E310", "`vote` works on candidates, this is text", "text")
    assert misuse("agreement", Many(8, 8))[0] == "E452"
    assert misuse("vote", DRAFTS, weight=MetricUse("pass_rate", descending=False)) == (
        "E458",
        "a vote counts by more, not by less",
        "smallest first has no meaning here",
        "write `weight: pass_rate`",
        "weight",
    )


@pytest.mark.parametrize(
    ("use", "help"),
    [
        (MetricUse("verified"), "`|> verify(model)` gives it: put it before `vote`"),
        (MetricUse("verifed", otherwise=1.0), "write `verified`"),
        (MetricUse("pas_rate"), "write `pass_rate`"),
        (MetricUse("xyzzy"), "the scores here are `cost`, `length`, `pass_rate`, `tokens`"),
    ],
)
def test_misuse_of_a_score_names_the_nearest_or_what_gives_it(use: MetricUse, help: str) -> None:
    title = f"the candidates have no score `{use.name}` here"
    assert misuse("vote", DRAFTS, weight=use) == ("E451", title, "no such score", help, "weight")


# --- top, best and mean ---------------------------------------------------------------

RATED = drafts(
    draft("aaa", pass_rate=0.5), draft("b", pass_rate=1.0), draft("cc", pass_rate=1.0), draft("d", pass_rate=0.5)
)


def test_top_orders_by_scores_and_breaks_ties_by_order() -> None:
    rate, short = MetricUse("pass_rate"), MetricUse("length", descending=False)
    assert texts(run("top", RATED, count=3)) == ["aaa", "b", "cc"]
    assert texts(run("top", RATED, count=3, by=(rate,))) == ["b", "cc", "aaa"]
    assert texts(run("top", RATED, count=4, by=(rate, short))) == ["b", "cc", "d", "aaa"]
    assert texts(run("top", RATED, count=9, by=(short,))) == ["b", "d", "cc", "aaa"]
    assert run("top", RATED, count=1) == RATED.of([RATED.items[0]])
    with pytest.raises(OpError, match="score `cost2`"):
        run("top", RATED, count=1, by=(MetricUse("cost2"),))


def test_top_puts_candidates_without_the_score_last() -> None:
    unread = RATED.of([draft("unread"), *RATED.items])
    assert texts(run("top", unread, count=5, by=(MetricUse("pass_rate"),)))[-1] == "unread"
    assert texts(run("top", unread, count=5, by=(MetricUse("pass_rate", descending=False),)))[-1] == "unread"


def test_types_of_top() -> None:
    rate = (MetricUse("pass_rate"),)
    assert type_of("top", DRAFTS, count=3, by=rate) == DRAFTS.sized(3, 3)
    assert type_of("top", DRAFTS, count=6) == DRAFTS.sized(4, 6)
    assert type_of("top", Many(0, 3), count=1) == Many(0, 1)
    assert type_of("top", Many(2, None), count=5) == Many(2, 5)
    assert type_of("top", DRAFTS, count=UNSETTLED) == DRAFTS.sized(1, 8)


def test_misuse_of_top() -> None:
    assert misuse("top", DRAFTS, count=9) == (
        "E454",
        "`top` keeps 9, and at most 8 can arrive",
        "more than there are",
        "write `top(8)` or fewer, or draw more before",
        "count",
    )
    assert misuse("top", DRAFTS, count=1, by=(MetricUse("pass_rate"), MetricUse("score")))[3:] == (
        "`|> score(model)` gives it: put it before `top`",
        "by",
    )


def test_best_and_mean_of_a_score() -> None:
    rate = MetricUse("pass_rate")
    assert run("best", RATED, of=rate) == 1.0
    assert run("best", RATED, of=MetricUse("length", descending=False)) == 1.0
    assert run("mean", RATED, of=rate) == 0.75
    unrated = drafts(draft("a", pass_rate=0.5), draft("b"))
    assert run("best", unrated, of=MetricUse("pass_rate", otherwise=0.7)) == 0.7
    assert run("mean", unrated, of=MetricUse("pass_rate", otherwise=0.0)) == 0.25
    for op in ("best", "mean"):
        assert run(op, drafts(), of=MetricUse("pass_rate", otherwise=0.0)) == 0.0
        with pytest.raises(OpError, match=f"`{op}` has no candidate to look at"):
            run(op, drafts(), of=rate)
        with pytest.raises(OpError, match=f"`{op}` needs the score `pass_rate`"):
            run(op, unrated, of=rate)
        with pytest.raises(OpError, match=f"`{op}` needs the score `pass_rate`"):
            run(op, drafts(draft("a", pass_rate=float("nan"))), of=rate)


def test_types_of_best_and_mean() -> None:
    for op in ("best", "mean"):
        assert type_of(op, DRAFTS, of=MetricUse("pass_rate")) == Number()
        assert type_of(op, Many(0, 8), of=MetricUse("score", otherwise=0.0)) == Number()
        assert misuse(op, DRAFTS.sized(0, 8), of=MetricUse("pass_rate")) == (
            "E453",
            f"`{op}` needs a candidate, and there may be none left here",
            "none may be left",
            f"say what it is then: `{op}(of: pass_rate else 0)`",
            "of",
        )
        assert misuse(op, DRAFTS, of=MetricUse("score"))[0] == "E451"


# --- lists and candidates alike -------------------------------------------------------

PART = Record((("needs", ListOf(Text(), 6)),), "part")


def test_filter_keeps_candidates_or_items() -> None:
    assert texts(run("filter", RATED, condition=lambda c: c.scores["pass_rate"] == 1.0)) == ["b", "cc"]
    assert run("filter", (3, 1, 2), condition=lambda n: n > 1) == (3, 2)
    assert run("filter", RATED, condition=lambda c: False) == RATED.of([])
    assert type_of("filter", DRAFTS, condition=UNSETTLED) == DRAFTS.sized(0, 8)
    kept = type_of("filter", ListOf(PART, 6, 2), condition=UNSETTLED)
    assert isinstance(kept, ListOf)
    assert (kept, kept.least) == (ListOf(PART, 6), 0)


def test_one_candidate_that_is_a_list_is_seen_as_that_list() -> None:
    asked = drafts(Candidate((1, 2, 3), "[1, 2, 3]", "x"))
    assert run("filter", asked, condition=lambda n: n > 1) == (2, 3)
    assert run("last", asked, count=2) == (2, 3)
    assert run("take", asked, count=2) == (1, 2)
    assert run("size", asked) == 3
    assert run("combinations", asked, up_to=1) == ((), (1,), (2,), (3,))
    one = Many(1, 1, ListOf(Number(), 3))
    assert type_of("last", one, count=2) == ListOf(Number(), 2)
    assert misuse("size", Many(0, 3, ListOf(Number(), 3))) == (
        "E310",
        "`size` cannot tell the candidates from the lists that they are",
        "0 to 3 candidates of [number; 3]",
        "join the lists first: `|> flatten |> size`",
        "",
    )
    assert misuse("size", Text()) == (
        "E310",
        "`size` works on a list or on candidates, this is text",
        "text",
        "`generate(model)` makes candidates of a question, `[a, b]` is a list",
        "",
    )


def test_last_take_and_size() -> None:
    assert texts(run("last", RATED, count=2)) == ["cc", "d"]
    assert run("last", (1, 2), count=5) == (1, 2)
    assert texts(run("take", RATED, count=1)) == ["aaa"]
    assert run("size", RATED) == 4
    assert run("size", ()) == 0
    last = type_of("last", DRAFTS, count=6)
    assert (last, type_of("last", DRAFTS, count=UNSETTLED)) == (DRAFTS.sized(4, 6), DRAFTS.sized(1, 8))
    taken = type_of("take", ListOf(Text(), 9, 3), count=5)
    assert isinstance(taken, ListOf)
    assert (taken, taken.least) == (ListOf(Text(), 5), 3)
    assert type_of("size", DRAFTS) == Number()


def test_take_by_tokens_stops_at_the_first_that_does_not_fit() -> None:
    assert run("take", ("aaaa", "bbbbb", "c"), tokens=3) == ("aaaa", "bbbbb")
    assert run("take", ("aaaa", "bbbbb", "c"), tokens=2) == ("aaaa",)
    assert run("take", ("aaaaa", "b"), tokens=1) == ()
    assert run("take", ("äää", "b"), tokens=2) == ("äää",)  # six bytes
    assert run("take", ("a", "b", "c"), tokens=9, count=2) == ("a", "b")
    assert type_of("take", DRAFTS, tokens=100) == DRAFTS.sized(0, 8)
    assert type_of("take", DRAFTS, tokens=100, count=2) == DRAFTS.sized(0, 2)
    assert misuse("take", DRAFTS) == (
        "E403",
        "`take` needs to know how much",
        "no limit",
        "write `take(10)` or `take(tokens: 8_000)`",
        "",
    )


def test_range() -> None:
    assert run("range", 3) == (0, 1, 2)
    made = type_of("range", Number(), {}, 10)
    assert isinstance(made, ListOf)
    assert (made, made.least) == (ListOf(Number(), 10), 10)
    assert type_of("range", Number()) == ListOf(Number(), None)
    assert misuse("range", Number(), {}, 2.5) == (
        "E408", "`range` takes a whole number from 0 to 100,000", "2.5", "write `range(10)`", "",
    )  # fmt: skip
    assert misuse("range", Text()) == (
        "E310", "`range` counts up to a number, this is text", "not a number", "write `range(10)`", "",
    )  # fmt: skip
    with pytest.raises(OpError, match="`range` takes a whole number from 0 to 100,000, not -1"):
        run("range", -1)


# --- combinations ---------------------------------------------------------------------


def test_combinations_are_all_subsets_small_ones_first() -> None:
    assert run("combinations", ("a", "b", "c"), up_to=2) == (
        (), ("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c"),
    )  # fmt: skip
    assert run("combinations", ("a", "b"), up_to=3, empty=False) == (("a",), ("b",), ("a", "b"))
    assert run("combinations", (), up_to=2) == ((),)
    assert run("combinations", RATED, up_to=1, empty=False) == (("aaa",), ("b",), ("cc",), ("d",))


def test_combinations_that_are_kept_share_out_sizes_and_places() -> None:
    kept = run("combinations", tuple(range(10)), up_to=2, keep=16)
    assert [len(k) for k in kept] == [0] + [1] * 7 + [2] * 8
    assert {i for k in kept for i in k} == set(range(10))
    assert run("combinations", tuple(range(10)), up_to=2, keep=1) == ((0, 1),)


@given(st.integers(0, 9), st.integers(1, 4), st.integers(1, 60), st.booleans())
def test_combinations_are_distinct_subsets_in_order_within_their_bound(
    n: int, up_to: int, keep: int, empty: bool
) -> None:
    every = [s for size in range(0 if empty else 1, up_to + 1) for s in subsets(range(n), size)]
    kept = run("combinations", tuple(range(n)), up_to=up_to, keep=keep, empty=empty)
    assert len(kept) == min(keep, len(every))
    assert [every.index(k) for k in kept] == sorted({every.index(k) for k in kept})
    promised = type_of("combinations", ListOf(Number(), n, n), up_to=up_to, keep=keep, empty=empty)
    assert isinstance(promised, ListOf)
    assert promised.limit == promised.least == len(kept)


def test_types_of_combinations() -> None:
    pairs = type_of("combinations", Many(1, 1, ListOf(Text(), 10)), up_to=2)
    assert isinstance(pairs, ListOf)
    assert (pairs, pairs.least) == (ListOf(ListOf(Text(), 2), 56), 1)
    assert type_of("combinations", ListOf(Text(), 550), up_to=2, keep=64) == ListOf(ListOf(Text(), 2), 64)
    assert type_of("combinations", ListOf(Text()), up_to=2, keep=64) == ListOf(ListOf(Text(), 2), 64)
    assert type_of("combinations", Many(2, 3), up_to=9, empty=False) == ListOf(ListOf(Text(), 3), 7)
    assert type_of("combinations", ListOf(Text(), 3), up_to=UNSETTLED) == ListOf(ListOf(Text(), 3), None)
    assert misuse("combinations", ListOf(Text()), up_to=2) == (
        "E503",
        "`combinations` of a list without a bound has none itself",
        "any number of items",
        "write how many to keep, `keep: 64`, or bound the list, `[text; 10]`",
        "",
    )
    assert misuse("combinations", ListOf(Text(), 100), up_to=3) == (
        "E455",
        "`combinations` of up to 100 items makes 166,751 subsets",
        "more than 10,000",
        "write how many to keep: `keep: 64`",
        "up_to",
    )


# --- flatten --------------------------------------------------------------------------


def test_flatten_joins_lists_and_candidates() -> None:
    assert run("flatten", ((1, 2), (), (3,))) == (1, 2, 3)
    lists = drafts(Candidate((1, 2), "", "x"), Candidate((3,), "", "y"))
    assert run("flatten", lists) == (1, 2, 3)
    assert run("flatten", lists.of(lists.items[:1])) == (1, 2)
    assert run("flatten", drafts(Candidate(((1,), (2, 3)), "", "x"))) == (1, 2, 3)
    panels = (drafts(draft("a"), draft("b")), drafts(), drafts(draft("c")))
    assert run("flatten", panels) == drafts(draft("a"), draft("b"), draft("c"))
    other = Candidates((draft("d"),), "another question")
    assert run("flatten", (*panels, other)) == Candidates((draft("a"), draft("b"), draft("c"), draft("d")), "")
    assert run("flatten", (lists, lists)) == (1, 2, 3, 1, 2, 3)


def test_flatten_of_nothing_is_nothing_of_either_kind() -> None:
    assert run("flatten", ()) == Candidates(())
    assert run("flatten", (drafts(), drafts())) == drafts()
    assert run("flatten", ((), ())) == ()


def test_types_of_flatten() -> None:
    assert type_of("flatten", ListOf(ListOf(Text(), 4), 3)) == ListOf(Text(), 12)
    assert type_of("flatten", Many(1, 56, ListOf(Text(), 10))) == ListOf(Text(), 560)
    assert type_of("flatten", Many(1, 1, ListOf(ListOf(Text(), 4), 3))) == ListOf(Text(), 12)
    assert type_of("flatten", ListOf(Many(2, 4, answer=True), 3, 2)) == Many(4, 12, answer=True)
    assert type_of("flatten", ListOf(Many(1, 2, ListOf(Text(), 5)), 3)) == ListOf(Text(), 30)
    assert type_of("flatten", ListOf(ListOf(Text()), 3)) == ListOf(Text(), None)
    assert misuse("flatten", DRAFTS) == (
        "E310",
        "`flatten` joins lists, this is 4 to 8 candidates",
        "no lists inside",
        "leave it out: nothing is nested here",
        "",
    )
    assert misuse("flatten", Many(1, 3, ListOf(ListOf(Text(), 4), 3)))[3] == (
        "join each candidate's own lists first: `|> each as x { x |> flatten } |> flatten`"
    )


# --- otherwise and answering ----------------------------------------------------------


def test_otherwise_is_what_arrives_or_the_fallback() -> None:
    spare = drafts(draft("s"))
    assert run("otherwise", RATED, fallback=spare) == RATED
    assert run("otherwise", drafts(), fallback=spare) == spare
    assert run("otherwise", (1,), fallback=(2,)) == (1,)
    assert run("otherwise", (), fallback=(2,)) == (2,)
    assert run("otherwise", (), fallback=drafts(draft("s"))) == ("s",)
    made = run("otherwise", drafts(), fallback="none of them")
    assert [(c.value, c.text, c.answer) for c in made] == [("none of them", "none of them", None)]
    assert made.question == "the question"
    assert texts(run("otherwise", drafts(), fallback=("a", "b"))) == ["a", "b"]


def test_types_of_otherwise() -> None:
    scored = Many(0, 3, answer=True, scores=frozenset({"pass_rate", "score"}))
    fixes = Many(2, 8, scores=frozenset({"score"}))
    assert type_of("otherwise", scored, {"fallback": fixes}, fallback=UNSETTLED) == Many(
        1, 8, scores=frozenset({"score"})
    )
    assert type_of("otherwise", Many(2, 3), {"fallback": Many(0, 1)}, fallback=UNSETTLED) == Many(2, 3)
    assert type_of("otherwise", Many(0, 3), {"fallback": Many(0, 1)}, fallback=UNSETTLED) == Many(0, 3)
    assert type_of("otherwise", Many(0, 3), fallback="none") == Many(1, 3)
    assert type_of("otherwise", Many(0, 3), fallback=("a", "b")) == Many(1, 3)
    found = type_of("otherwise", ListOf(Number(), 3), fallback=(1, 2))
    assert isinstance(found, ListOf)
    assert (found, found.least) == (ListOf(Number(), 3), 1)
    assert misuse("otherwise", Many(0, 3), fallback=5) == (
        "E456",
        "`otherwise` falls back to number, and 0 to 3 candidates may arrive",
        "another kind of thing",
        "fall back to the same kind: candidates for candidates, a list for a list",
        "fallback",
    )
    assert misuse("otherwise", ListOf(Number(), 3), fallback=("a",))[0] == "E456"
    assert misuse("otherwise", Text(), fallback="a")[0] == "E310"


def test_answering_makes_candidates_that_keep_what_they_are() -> None:
    made = run("answering", ("a", "b", "a"), question="which?")
    assert made.question == "which?"
    assert texts(made) == ["a", "b", "a"]
    first, other, again = (c.origin for c in made)
    assert again == f"{first}#1"  # the same text, and yet another candidate
    assert first != other
    assert run("answering", RATED, question="q") == Candidates(RATED.items, "q")
    assert run("answering", {"k": 1}, question="q").items[0].text == '{"k": 1}'
    assert texts(run("answering", (drafts(draft("a")), drafts(draft("b"))), question="q")) == ["a", "b"]


def test_types_of_answering() -> None:
    assert type_of("answering", Text(), question="q") == Many(1, 1)
    assert type_of("answering", ListOf(Text(), 3, 2), question="q") == Many(2, 3)
    assert type_of("answering", Many(1, 1, ListOf(Text(), 3)), question="q") == Many(0, 3)
    assert type_of("answering", DRAFTS, question="q") == DRAFTS
    assert type_of("answering", ListOf(Many(1, 1, answer=True), 2, 2), question="q") == Many(2, 2, answer=True)
    assert misuse("answering", Filled(Text()), question="q")[1] == (
        "`answering` makes candidates of answers, this is a filled prompt for text"
    )
    assert misuse("answering", ListOf(Many(2, 2), 3), question="q")[3] == (
        "join them first: `|> flatten |> answering(question)`"
    )


# --- laws -----------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["1", "2", "3", None]), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_vote_with_a_clear_winner_does_not_depend_on_order(answers: list[str | None], shuffle: random.Random) -> None:
    given = [draft(f"{i}", a) for i, a in enumerate(answers)]
    counts = sorted((answers.count(a) for a in {"1", "2", "3"}), reverse=True)
    if counts[0] == counts[1]:
        return
    mixed = list(given)
    shuffle.shuffle(mixed)
    one, other = run("vote", drafts(*given)).items[0], run("vote", drafts(*mixed)).items[0]
    assert (one.answer, one.scores) == (other.answer, other.scores)


@given(st.lists(st.tuples(st.sampled_from(["1", "2", None]), st.floats(0, 1)), max_size=8), st.integers(1, 10))
def test_results_fit_the_types_promised(rows: list[tuple[str | None, float]], count: int) -> None:
    given = drafts(*(draft(f"{i}", answer, score=score) for i, (answer, score) in enumerate(rows)))
    arrived = Many(len(rows), len(rows), answer=True, scores=frozenset({"score"}))
    uses: list[tuple[str, dict[str, object]]] = [
        ("last", {"count": count}),
        ("take", {"count": count}),
        ("filter", {"condition": lambda c: c.answer == "1"}),
        ("otherwise", {"fallback": "none"}),
        ("answering", {"question": "q"}),
    ]
    if rows:
        uses.append(("vote", {"weight": MetricUse("score")}))
    if count <= len(rows):
        uses.append(("top", {"count": count, "by": (MetricUse("score"),)}))
    for op, arguments in uses:
        promised = type_of(op, arrived, **arguments)
        made = run(op, given, **arguments)
        assert assignable(Many(len(made), len(made), answer=True, scores=promised.scores), promised), op  # type: ignore[union-attr]


def test_predicates_of_filter_are_boolean() -> None:
    assert OPS["filter"].arguments[0].accepts.result == Boolean()  # type: ignore[union-attr]
