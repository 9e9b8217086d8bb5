"""Vocabulary and sampling: pure functions of their arguments."""

from __future__ import annotations

import numpy as np
import pytest

from ttsc.models.tiny import vocabulary
from ttsc.models.tiny.sampling import choose, seed, uniforms
from ttsc.models.tiny.sizes import operations, price
from ttsc.values.money import Price


def test_a_worked_problem_goes_there_and_back() -> None:
    text = "Compute (17 + 4) * 3 - 5.\n\n17 + 4 = 21\n\nThe answer is 58."
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == text
    assert (len(ids), vocabulary.size()) == (25, 21)
    assert vocabulary.decode([*ids, 0]) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Compute 3 + 4 please.",
            "the tiny models cannot read ' ' at character 14 (in 'pute 3 + 4 please.'): "
            "they know arithmetic written like 'Compute (17 + 4) * 3 - 5.' and nothing else",
        ),
        (
            "Äpfel",
            "the tiny models cannot read 'Ä' at character 1 (in 'Äpfel'): "
            "they know arithmetic written like 'Compute (17 + 4) * 3 - 5.' and nothing else",
        ),
    ],
)
def test_what_it_cannot_read_is_named(text: str, message: str) -> None:
    with pytest.raises(vocabulary.UnknownText) as caught:
        vocabulary.encode(text)
    assert str(caught.value) == message


def test_chances_depend_on_the_seed_and_the_place_alone() -> None:
    seeds = np.array([seed("a"), seed("b"), seed("a")], np.uint64)
    first = uniforms(seeds, np.array([0, 0, 1]))
    assert first.tolist() == [uniforms(seeds[i : i + 1], np.array([p]))[0] for i, p in enumerate((0, 0, 1))]
    assert len(set(first.tolist())) == 3
    many = uniforms(np.full(10_000, seed("c"), np.uint64), np.arange(10_000))
    assert 0 <= many.min() < 0.01
    assert 0.99 < many.max() < 1
    assert abs(many.mean() - 0.5) < 0.01


def test_tokens_are_chosen_by_their_shares() -> None:
    logits = np.log(np.array([[0.1, 0.6, 0.3]], np.float32)).repeat(5, axis=0)
    chances = np.array([0.0, 0.59, 0.61, 0.89, 0.91])
    warm, open_ = np.ones(5), np.ones(5)
    assert choose(logits, warm, open_, chances).tolist() == [1, 1, 2, 2, 0]
    assert choose(logits, warm * 0, open_, chances).tolist() == [1] * 5
    assert choose(logits, warm, open_ * 0.7, chances).tolist() == [1, 1, 1, 2, 2]
    assert choose(logits, warm, open_ * 0.5, chances).tolist() == [1] * 5
    assert choose(logits, warm * 0.01, open_, chances).tolist() == [1] * 5


def test_a_nano_dollar_is_a_thousand_operations() -> None:
    assert price("s") == Price(446_400_000, 446_400_000)
    assert operations("s", 1_000_000) == 446_400_000_000
    assert price("xxl") is None
