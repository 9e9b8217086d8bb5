"""Settings for one use of an op, and how draws are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.runtime.programs import NUMBER, ONE, OPS, TEXT, A, Asking, B, Build, call
from ttsc.compiler.ir import Dynamic, Function, Match
from ttsc.runtime.keys import Claims, KeyClash, permutation, question_component, short, twin
from ttsc.runtime.settings import build, evaluate_block, told_apart
from ttsc.runtime.streams import numbered
from ttsc.values import types
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.request import DrawKey


def test_constants_computed_values_and_functions() -> None:
    inner = Build(item=ONE, bound=NUMBER)
    score = inner.compute("field", 0, options=("critique",), type=NUMBER)
    block = inner.done(inner.compute("binary", score, 1, options=(">",), type=types.Boolean()))
    made = build(OPS["top"], call("top", keep=3, hint=Dynamic(1), where=Function(block, (2,))), ["in", "hint", 5], OPS)
    assert isinstance(made, Asking)
    assert (made.keep, made.hint, made.model) == (3, "hint", A)
    assert made.where is not None
    candidate = Candidate("x", "x", "o", critique=6)
    assert [made.where(candidate), made.where(replace(candidate, critique=5))] == [True, False]


def test_equal_models_in_a_list_are_numbered() -> None:
    other_name = replace(A, name="again")
    assert told_apart((A, B, other_name, A)) == (A, B, replace(other_name, copy=1), replace(A, copy=2))
    assert told_apart(A) == A
    assert told_apart(("a", "a")) == ("a", "a")


def test_an_expression_evaluates_only_what_it_needs() -> None:
    arm = Build(x=NUMBER)
    fine = arm.done(arm.compute("binary", 0, 0, options=("+",), type=NUMBER))
    broken = arm.done(arm.compute("field", 0, options=("nothing",), type=NUMBER))
    b = Build(x=NUMBER, which=TEXT)
    chosen = b.add(Match((("fine", fine), (None, broken))), 1, 0, type=NUMBER)
    assert evaluate_block(b.done(chosen), (4, "fine"), OPS) == 8


def test_a_twin_names_ordinal_copy_and_scope() -> None:
    assert twin({"sim/a": 2}, "sim/a", 0, "/q/0") == "2/q/0"
    assert twin({"sim/a": 2}, "sim/a", 3, "/q") == "2.3/q"
    assert twin({}, "sim/b", 0, "/q") == "0/q"


def test_components_come_from_content() -> None:
    candidate = Candidate("x", "x", "abcdefabcdef")
    assert short(candidate) == short(Candidates((candidate,))) == "abcdefabcdef"
    assert short({"a": 1}) == short({"a": 1}) != short({"a": 2})
    assert question_component(["x", 1]) != question_component([1, "x"])
    assert numbered(["a", "b", "a"]) == ["a", "b", "a#1"]


def test_a_permutation_is_fixed_by_what_it_is_made_from() -> None:
    base = permutation(0, "rank", "/q", "round 1", 20)
    assert sorted(base) == list(range(20))
    assert base == permutation(0, "rank", "/q", "round 1", 20)
    others = {
        permutation(1, "rank", "/q", "round 1", 20),
        permutation(0, "vote", "/q", "round 1", 20),
        permutation(0, "rank", "/p", "round 1", 20),
        permutation(0, "rank", "/q", "round 2", 20),
    }
    assert len(others) == 4 and base not in others


def test_a_draw_asked_for_from_two_places_is_a_bug_that_names_both() -> None:
    claims, key = Claims(), DrawKey(0, "content", "0/q", 0)
    claims.claim(key, "here")
    claims.claim(replace(key, index=1), "there")
    with pytest.raises(KeyClash, match="asked for by here and by there"):
        claims.claim(replace(key), "there")
