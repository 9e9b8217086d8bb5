"""Samples of a trained model, written by the engine that is shipped, without its thread."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from threadpoolctl import threadpool_limits

from training.problems import Problem
from ttsc.models.tiny import vocabulary
from ttsc.models.tiny.engine import Ticket
from ttsc.models.tiny.network import Network
from ttsc.models.tiny.rating import Raters, Scores, Solution
from ttsc.models.tiny.sampling import seed
from ttsc.models.tiny.writing import Samples, Wanted, Writers

LONGEST = 160  # tokens of a solution at most; a right one has fewer than 100


def write(folder: Path, problems: Sequence[Problem], count: int, temperature: float, name: str) -> list[Samples]:
    """`count` samples of each problem; `name` goes into their seeds."""
    threadpool_limits(1, user_api="blas")  # as the provider does
    writers = Writers(Network(folder))
    tickets: list[Ticket[Wanted, Samples]] = []
    for problem in problems:
        prompt = (0, *vocabulary.encode(problem.question + vocabulary.BREAK))
        seeds = tuple(seed(f"{name} {problem.question} {place}") for place in range(count))
        tickets.append(Ticket(Wanted(prompt, seeds, LONGEST, temperature), Future()))
    writers.advance(tickets)
    while writers.busy:
        writers.advance([])
    return [ticket.future.result() for ticket in tickets]


def rate(folder: Path, solutions: Sequence[tuple[str, str]]) -> list[Scores]:
    """The verifier's score of every step of solutions, each a question and a text."""
    threadpool_limits(1, user_api="blas")
    raters = Raters(Network(folder))
    tickets: list[Ticket[Solution, Scores]] = []
    for question, text in solutions:
        tickets.append(Ticket(Solution(question, steps_of(text)), Future()))
    raters.advance(tickets)
    while raters.busy:
        raters.advance([])
    return [ticket.future.result() for ticket in tickets]


def steps_of(text: str) -> tuple[str, ...]:
    """The steps of a solution's text."""
    return tuple(step for step in text.split(vocabulary.BREAK) if step)
