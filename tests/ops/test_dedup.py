"""dedup: the first of each kind stays and counts the others, by equality or by a judge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ops.scripted import DOWN, Say, Scripted, drafts, facts, misuse, model, play, sizes, some
from ttsc.ops.dedup import OP
from ttsc.ops.facts import Worst
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.prompt import PromptTemplate
from ttsc.values.request import Request
from ttsc.values.types import Candidates as CandidatesType
from ttsc.values.types import ListOf, Number, Text

GPT = model("gpt")
SURE = PromptTemplate("sure", (("left", Text()), ("right", Text())), ("A: ", "left", "\nB: ", "right", ""), Number())


def answered(*answers: str | None) -> Candidates:
    """Candidates with these extracted answers."""
    made = drafts(*(f"draft {i}" for i in range(len(answers))))
    return made.of([replace(c, answer=a) for c, a in zip(made, answers, strict=True)])


def counted(made: tuple[Candidate, ...]) -> list[tuple[str, float | None]]:
    """What they say, and how many each stands for."""
    return [(c.text, c.metric("merged")) for c in made]


def by_first_letter(request: Request, index: int) -> Say:
    """A judge for whom texts with one first letter are the same."""
    left, right = request.task.shown
    return f'{{"same": {"true" if left[0] == right[0] else "false"}}}'


# --- without a judge ------------------------------------------------------------------


def test_equal_answers_are_the_same_and_no_answer_is_like_no_other() -> None:
    made = some(OP, Scripted(()), answered("42", "7", "42.0", None, " 7", None))
    assert counted(made) == [("draft 0", 2.0), ("draft 1", 2.0), ("draft 3", 1.0), ("draft 5", 1.0)]


def test_merged_counts_add_up_over_rounds() -> None:
    once = Candidates(some(OP, Scripted(()), answered("42", "42", "7")))
    other = replace(answered("42").items[0], text="late")
    twice = some(OP, Scripted(()), Candidates((*once.items, other)))
    assert counted(twice) == [("draft 0", 3.0), ("draft 2", 1.0)]


def test_whole_texts_where_that_is_asked_for() -> None:
    assert counted(some(OP, Scripted(()), drafts("a", "b", "a"), by="whole")) == [("a", 2.0), ("b", 1.0)]


def test_values_of_a_list() -> None:
    values = ({"a": 1}, "x", {"a": 1}, "x", {"a": 2}, True, 1)
    assert play(OP, Scripted(()), values) == ({"a": 1}, "x", {"a": 2}, True, 1)
    assert play(OP, Scripted(()), ()) == ()


# --- with a judge ---------------------------------------------------------------------


def test_each_is_compared_with_those_kept_before_it() -> None:
    context = Scripted(by_first_letter, seed=3)
    made = some(OP, context, drafts("ab", "cd", "ae", "cf", "gh"), judge=GPT)
    assert counted(made) == [("ab", 2.0), ("cd", 2.0), ("gh", 1.0)]
    assert (len(context.asks), context.rounds) == (1 + 2 + 2 + 2, 4)


def test_pairs_are_shown_in_shuffled_order() -> None:
    context = Scripted(by_first_letter, seed=0)
    some(OP, context, drafts(*(f"{c}1" for c in "abcdef")), judge=GPT)
    assert {a.request.task.shown[0] < a.request.task.shown[1] for a in context.asks} == {True, False}


def test_it_joins_the_one_that_the_judge_is_surest_of() -> None:
    context = Scripted(("0.1", "0.6", "0.9", "0.4", "0.5", "0.2"))
    made = some(OP, context, drafts("a", "b", "c", "d"), judge=GPT, prompt=SURE, above=0.5)
    assert counted(made) == [("a", 1.0), ("b", 2.0), ("d", 1.0)]
    assert (
        context.asks[0].request.messages[0].content.startswith("A: <candidate>\na\n</candidate>\nB: <candidate>\nb\n")
    )


def test_ties_go_to_the_first() -> None:
    made = some(OP, Scripted(("0", "0.8", "0.8")), drafts("a", "b", "c"), judge=GPT, prompt=SURE)
    assert counted(made) == [("a", 2.0), ("b", 1.0)]


def test_exactly_as_sure_as_the_threshold_is_not_enough() -> None:
    for above, left in ((0.7, 2), (0.69, 1)):
        assert len(some(OP, Scripted("0.7"), drafts("a", "b"), judge=GPT, prompt=SURE, above=above)) == left


def test_nonsense_and_failures_count_as_different() -> None:
    context = Scripted(("they are alike", "they are alike", DOWN, '{"same": true}'))
    made = some(OP, context, drafts("a", "b", "c"), judge=GPT)
    assert counted(made) == [("a", 1.0), ("b", 2.0)]
    assert context.notes == [
        ("judge_unparsed", "dedup by gpt"),
        ("judge_failed", "dedup by gpt: the provider is overloaded"),
    ]


def test_equal_texts_are_not_asked_about() -> None:
    context = Scripted(by_first_letter)
    made = some(OP, context, drafts("ab", "ac", "b", "ab", "ac", "b"), judge=GPT)
    assert counted(made) == [("ab", 4.0), ("b", 2.0)]
    assert len(context.asks) == 2


def test_unfinished_reasoning_is_compared() -> None:
    context = Scripted('{"same": false}')
    assert len(some(OP, context, drafts("<think>six", "<think>seven"), judge=GPT)) == 2
    assert "<think>six" in context.prompt()


# --- types ----------------------------------------------------------------------------


def test_types() -> None:
    given = CandidatesType(3, 5, answer=True, scores=frozenset({"score"}))
    merged = replace(given, scores=frozenset({"score", "merged"}))
    plain = CandidatesType(3, 5)
    assert OP.result(facts(OP, given)) == merged.sized(1, 5)
    assert OP.result(facts(OP, given.sized(0, 5))) == merged.sized(0, 5)
    for written in ({"by": "whole"}, {"judge": GPT, "prompt": SURE}):
        assert OP.result(facts(OP, plain, written)) == CandidatesType(1, 5, scores=frozenset({"merged"}))
    assert OP.result(facts(OP, ListOf(Text(), 9, 9))) == ListOf(Text(), 9)


@pytest.mark.parametrize(
    ("written", "argument"),
    [({"above": 0.7}, "above"), ({"judge": GPT, "by": "whole"}, "by"), ({"temperature": 0.0}, "temperature")],
)
def test_arguments_without_meaning(written: dict[str, object], argument: str) -> None:
    code, title, _, _, at = misuse(OP, CandidatesType(1, 5, answer=True), written)
    assert (code, at) == ("E466", argument)
    assert title.startswith(f"`{argument}:` means nothing here: ")


def test_misuse() -> None:
    assert misuse(OP, CandidatesType(1, 5)) == (
        "E452", "these candidates have no answers that could be compared", "",
        "extract them (`generate(…, extract: final_number)`), compare the whole texts (`by: whole`) "
        "or let a model compare (`judge: model`)", "",
    )  # fmt: skip
    assert misuse(OP, Text())[0] == "E310"


def test_worst_case() -> None:
    three = sizes(drafts("a", "b", "c"))
    (asked,) = OP.worst(facts(OP, CandidatesType(1, 3), {"judge": GPT}), three).exchanges["judge"]
    assert (asked.draws, asked.reasks, asked.rounds) == (3, 1, 2)
    assert OP.worst(facts(OP, CandidatesType(1, 3, answer=True)), three) == Worst()
    assert OP.worst(facts(OP, CandidatesType(1, 1), {"judge": GPT}), sizes(drafts("a"))) == Worst()
