"""Rates solutions with the verifier: after each step, the probability that all is still right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ttsc.models.tiny.engine import Ticket, resolve
from ttsc.models.tiny.network import Network
from ttsc.models.tiny.vocabulary import BREAK, UnknownText, encode

#: Texts that are rated together at most.
MOST_TEXTS = 32


@dataclass(frozen=True, slots=True)
class Solution:
    """What the verifier reads: a problem and the steps of a solution, finished or not."""

    question: str
    steps: tuple[str, ...]

    def tokens(self) -> tuple[list[int], list[int]]:
        """Token ids, and the place of the break after each step up to the first unreadable one.

        Raises UnknownText where the problem cannot be read.
        """
        ids = [0, *encode(self.question + BREAK)]
        ends = []
        for step in self.steps:
            try:
                ids += encode(step + BREAK)
            except UnknownText:
                break
            ends.append(len(ids) - 1)
        return ids, ends


Scores = tuple[float, ...]


class Raters:
    """Every solution that is being rated with one verifier."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._waiting: list[Ticket[Solution, Scores]] = []

    @property
    def busy(self) -> bool:
        """Whether a solution waits."""
        return bool(self._waiting)

    def advance(self, arrived: list[Ticket[Solution, Scores]]) -> None:
        """Rates some solutions, those of like length together."""
        waiting = [ticket for ticket in (*self._waiting, *arrived) if not ticket.future.cancelled()]
        waiting.sort(key=lambda ticket: len(ticket.task.question) + sum(map(len, ticket.task.steps)))
        now, self._waiting = waiting[:MOST_TEXTS], waiting[MOST_TEXTS:]
        if not now:
            return
        texts = [ticket.task.tokens() for ticket in now]
        ids = np.zeros((len(now), max(len(text) for text, _ in texts)), np.int64)
        for row, (text, _) in enumerate(texts):
            ids[row, : len(text)] = text
        odds = self._network.read(ids)[0][..., 0].astype(np.float64)
        for row, (ticket, (_, ends)) in enumerate(zip(now, texts, strict=True)):
            unread = (0.0,) * (len(ticket.task.steps) - len(ends))  # nobody can say that they are right
            resolve(ticket.future, (*(1 / (1 + np.exp(-odds[row, ends]))).tolist(), *unread))
