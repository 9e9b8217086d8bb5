"""Generated problems: repeatable, kept apart, and their solutions right."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from training.problems import (
    LARGEST,
    LEVELS,
    correct_steps,
    distinct,
    parse,
    problem,
    problems,
    split_of,
    steps,
    value,
    written,
)
from ttsc.values.extraction import final_number

QUESTION = "Compute (17 + 4) * 3 - 5."
STEPS = ("17 + 4 = 21", "21 * 3 = 63", "63 - 5 = 58", "The answer is 58.")


def test_a_problem_is_its_text_steps_and_answer() -> None:
    found = problem(Random("example"), 3)
    assert found.question == f"Compute {written(parse(found.question))}."
    assert found.solution == "\n\n".join(steps(parse(found.question)))
    assert steps(parse(QUESTION)) == STEPS


@pytest.mark.parametrize("level", LEVELS)
def test_solutions_are_right_and_within_bounds(level: int) -> None:
    for found in islice(problems("train", 0, level), 200):
        tree = parse(found.question)
        assert value(tree) == found.answer == int(final_number(found.solution) or -1)
        assert found.question == f"Compute {written(tree)}."
        assert level + 1 <= len(found.steps) <= level + 2
        assert correct_steps(found.question, found.steps) == (len(found.steps), 0)
        assert all(0 <= int(step.split(" = ")[1]) <= LARGEST for step in found.steps[:-1])


def test_the_seed_is_all_that_matters() -> None:
    first, again = (list(islice(problems("train", 5), 50)) for _ in range(2))
    assert first == again
    assert first != list(islice(problems("train", 6), 50))


def test_the_parts_are_apart_and_large_enough() -> None:
    for level in LEVELS:
        parts = [{p.question for p in distinct(split, 0, level, 200)} for split in ("dev", "test")]
        seen = {p.question for p in islice(problems("train", 0, level), 3000)}
        assert not parts[0] & parts[1]
        assert not seen & (parts[0] | parts[1])
        assert {split_of(q) for q in parts[1]} == {"test"}


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (STEPS, (4, 0)),
        (("17 + 4 = 22", *STEPS[1:]), (0, 10)),
        ((STEPS[0], "21 * 3 = 36", "36 - 5 = 31", "The answer is 31."), (1, 9)),
        ((*STEPS[:3], "The answer is 57."), (3, 15)),
        ((STEPS[0], "21 + 3 = 24"), (1, 3)),
        (("The answer is 58.",), (1, 0)),
        (("17 + 4 = 21 ",), (0, 11)),
        ((*STEPS[:3], "58 + 0 = 58"), (3, 0)),
        ((), (0, 0)),
    ],
)
def test_steps_are_right_up_to_the_first_wrong_one(given: tuple[str, ...], right: tuple[int, int]) -> None:
    assert correct_steps(QUESTION, given) == right


def test_any_order_of_operations_is_right() -> None:
    assert correct_steps("Compute 2 * 3 + 4 * 5.", ("4 * 5 = 20", "2 * 3 = 6", "6 + 20 = 26", "The answer is 26.")) == (
        4,
        0,
    )
