"""Arithmetic problems with their worked solutions; the same seed always gives the same problems.

Level L has L operations or one more, and larger numbers the higher it is. Whether a problem is for
training, development or test is decided by the hash of its text, so no text is ever in two parts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from os.path import commonprefix
from pathlib import Path
from random import Random
from typing import Literal

Split = Literal["train", "dev", "test"]
LEVELS = (1, 2, 3, 4, 5)
LARGEST = 9999
_OPERATIONS = {"+": 1, "-": 1, "*": 2}  # and how tightly each binds
#: By level: the largest number written in a problem, and the largest smaller factor of a product.
_SIZES = {1: (20, 9), 2: (50, 9), 3: (99, 12), 4: (300, 20), 5: (600, 60)}


@dataclass(frozen=True, slots=True)
class Node:
    """An operation on two numbers or operations."""

    sign: str
    left: Tree
    right: Tree


Tree = int | Node


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem, the steps of its solution, the last of which states the answer, and its level."""

    question: str
    steps: tuple[str, ...]
    answer: int
    level: int

    @property
    def solution(self) -> str:
        """The steps as one text, a blank line between them."""
        return "\n\n".join(self.steps)


def value(tree: Tree) -> int:
    """What a tree comes to.

    >>> value(Node("-", Node("*", 3, 4), 2))
    10
    """
    if isinstance(tree, int):
        return tree
    left, right = value(tree.left), value(tree.right)
    return left + right if tree.sign == "+" else left - right if tree.sign == "-" else left * right


def written(tree: Tree) -> str:
    """A tree as text, with the parentheses it needs.

    >>> written(Node("*", Node("+", 1, 2), 3))
    '(1 + 2) * 3'
    """
    if isinstance(tree, int):
        return str(tree)
    binds = _OPERATIONS[tree.sign]
    left, right = written(tree.left), written(tree.right)
    if isinstance(tree.left, Node) and _OPERATIONS[tree.left.sign] < binds:
        left = f"({left})"
    if isinstance(tree.right, Node) and _OPERATIONS[tree.right.sign] <= binds:
        right = f"({right})"
    return f"{left} {tree.sign} {right}"


def steps(tree: Tree) -> tuple[str, ...]:
    """The worked solution: each operation once its parts are numbers, from the left, then the answer."""
    lines: list[str] = []

    def work(node: Tree) -> int:
        if isinstance(node, int):
            return node
        left, right = work(node.left), work(node.right)
        lines.append(f"{left} {node.sign} {right} = {(result := value(Node(node.sign, left, right)))}")
        return result

    answer = work(tree)
    return (*lines, f"The answer is {answer}.")


def correct_steps(question: str, given: Sequence[str]) -> tuple[int, int]:
    """How many steps stand before the first wrong one, and how many characters of that one may still be right.

    A step is right if it does one operation of what is left of the problem, rightly, in
    whatever order. The answer is right if it is the value of the problem.
    """
    tree = parse(question)
    answer = f"The answer is {value(tree)}."
    for count, step in enumerate(given):
        allowed = {**dict(_next(tree)), answer: tree}
        if step not in allowed:
            return count, max(len(commonprefix([step, right])) for right in allowed)  # noqa: RUF071 - no paths
        tree = allowed[step]
    return len(given), 0


def _next(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Every right next step, and what is left of the problem after it."""
    if isinstance(tree, int):
        return
    if isinstance(tree.left, int) and isinstance(tree.right, int):
        yield f"{tree.left} {tree.sign} {tree.right} = {value(tree)}", value(tree)
    for step, left in _next(tree.left):
        yield step, Node(tree.sign, left, tree.right)
    for step, right in _next(tree.right):
        yield step, Node(tree.sign, tree.left, right)


def parse(question: str) -> Tree:
    """The tree of a question that `written` wrote."""
    words = question.removeprefix("Compute ").removesuffix(".").replace("(", "( ").replace(")", " )").split()
    words.reverse()

    def product() -> Tree:
        tree = atom()
        while words and words[-1] == "*":
            words.pop()
            tree = Node("*", tree, atom())
        return tree

    def total() -> Tree:
        tree = product()
        while words and words[-1] in "+-":
            tree = Node(words.pop(), tree, product())
        return tree

    def atom() -> Tree:
        word = words.pop()
        if word != "(":
            return int(word)
        tree = total()
        words.pop()
        return tree

    return total()


def problem(random: Random, level: int) -> Problem:
    """A problem of a level, of whatever split. All its numbers are between 0 and LARGEST."""
    while True:
        tree = _grow(random, level + random.randrange(2), *_SIZES[level])
        if tree is not None:
            return Problem(f"Compute {written(tree)}.", steps(tree), value(tree), level)


def _grow(random: Random, operations: int, largest: int, factor: int) -> Tree | None:
    """A tree with so many operations; None where one of its values came out too small or too large."""
    if operations == 0:
        return random.randint(2, largest)
    sign = random.choice("+-*")
    on_right = random.randrange(operations) if random.random() < 0.3 else 0
    left = _grow(random, operations - 1 - on_right, largest, factor)
    if left is None:
        return None
    if sign == "*" and on_right == 0:  # a factor that fits, or products would hardly ever be kept
        right: Tree | None = random.randint(2, max(2, min(factor, LARGEST // max(1, value(left)))))
    else:
        right = _grow(random, on_right, largest, factor)
    if right is None:
        return None
    if sign == "*" and min(value(left), value(right)) > factor:
        return None
    tree = Node(sign, left, right)
    return tree if 0 <= value(tree) <= LARGEST else None


def split_of(question: str) -> Split:
    """The part a problem belongs to: 1 in 20 for development, 1 in 20 for test, the rest for training."""
    place = blake2b(question.encode(), digest_size=8).digest()[0] % 20
    return "dev" if place == 0 else "test" if place == 1 else "train"


def problems(split: Split, seed: int, level: int | None = None) -> Iterator[Problem]:
    """Endless problems of a split, of one level or evenly mixed; equal ones may come again."""
    random = Random(f"{split} {seed} {level}")  # noqa: S311 - problems, not secrets
    while True:
        found = problem(random, level or random.choice(LEVELS))
        if split_of(found.question) == split:
            yield found


def distinct(split: Split, seed: int, level: int, count: int) -> list[Problem]:
    """`count` different problems of a split and level; of level 1 there are some thousand for a test."""
    found: dict[str, Problem] = {}
    stream = problems(split, seed, level)
    while len(found) < count:
        each = next(stream)
        found.setdefault(each.question, each)
    return list(found.values())


def main() -> None:
    """Writes problems of every level as JSON lines: id, level, question, answer."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("split", choices=["train", "dev", "test"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--per-level", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with given.out.open("w", encoding="utf-8") as out:
        for level in LEVELS:
            for place, each in enumerate(distinct(given.split, given.seed, level, given.per_level)):
                row = {"id": f"{given.split}-{level}-{place:03}", "level": level}
                out.write(json.dumps({**row, "question": each.question, "answer": str(each.answer)}) + "\n")


if __name__ == "__main__":
    main()
