"""Rates answers with the head of a reward model: of the whole answer, or of each step of it.

A head of one number gives the probability that its sigmoid is, a head of two that of the second
label. Answers come one after another in the texts' order of length, several at a time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ttsc.models.local.checkpoint import Kind
from ttsc.models.local.memory import READING
from ttsc.models.local.network import Network
from ttsc.models.local.tokens import BREAK, Tokens, Unsayable
from ttsc.models.local.work import Done, Job, Result
from ttsc.models.tiny.engine import Ticket, resolve
from ttsc.values.request import Fault, Reply, Request

#: What asks for a rating of one candidate.
RATED = ("score", "verify", "step_search")


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """An answer to rate: its tokens, and the places at which the head is asked."""

    ticket: Ticket[Job, Result]
    ids: list[int]
    places: list[int]


class Raters:
    """Every answer that is being rated with one network."""

    def __init__(self, network: Network, tokens: Tokens, kind: Kind) -> None:
        self._network = network
        self._tokens = tokens
        self._kind = kind
        self._waiting: list[_Text] = []

    @property
    def busy(self) -> bool:
        """Whether an answer waits."""
        return bool(self._waiting)

    def advance(self, arrived: list[Ticket[Job, Result]]) -> None:
        """Rates some answers, those of like length together."""
        for ticket in arrived:
            text = self._understood(ticket)
            if isinstance(text, Fault):
                resolve(ticket.future, text)
            else:
                self._waiting.append(text)
        self._waiting = [text for text in self._waiting if not text.ticket.future.cancelled()]
        self._waiting.sort(key=lambda text: len(text.ids))
        count = _together([len(text.ids) for text in self._waiting])
        now, self._waiting = self._waiting[:count], self._waiting[count:]
        if now:
            labels = self._network.rate([text.ids for text in now], [text.places for text in now])
            for text, found in zip(now, labels, strict=True):
                _settle(text, [probability(numbers) for numbers in found])

    def _understood(self, ticket: Ticket[Job, Result]) -> _Text | Fault:
        """The answer that a request shows, in tokens, or why it cannot be rated."""
        request, context = ticket.task.request, self._network.context
        name, task = f"model {request.model.name}", request.task
        if task.kind not in RATED or len(task.shown) != 1:
            return Fault("bad_request", f"{name}: a reward model rates one answer at a time, it cannot {task.kind}")
        try:
            ids, places = self._encoded(request)
        except Unsayable as error:
            return Fault("bad_request", f"{name}: {error}")
        if context is not None and len(ids) > context:
            return Fault("context_length", f"{name}: {len(ids)} tokens are more than its context of {context}")
        return _Text(ticket, ids, places)

    def _encoded(self, request: Request) -> tuple[list[int], list[int]]:
        question, answer = request.task.question.strip(), request.task.shown[0].strip()
        if self._kind == "step_rater":
            return self._tokens.steps(question, [step for step in answer.split(BREAK) if step.strip()])
        ids = self._tokens.exchange(question, answer)
        return ids, [len(ids) - 1]


def probability(numbers: Sequence[float]) -> float:
    """What a head of one number or two labels says, as a probability.

    >>> probability([0.0])
    0.5
    """
    odds = numbers[0] if len(numbers) == 1 else numbers[1] - numbers[0]
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


def judgement(kind: str, scores: Sequence[float]) -> str:
    """What `score`, `step_search` (tenths) or `verify` asks for, as JSON; the last score counts, none is 0."""
    good = scores[-1] if scores else 0.0
    reason = "" if len(scores) < 2 else "after each step: " + ", ".join(f"{score:.3f}" for score in scores)
    if kind == "verify":
        return json.dumps({"reason": reason, "verdict": "correct" if good >= 0.5 else "incorrect"})
    return json.dumps({"reason": reason, "score": 10 * good})


def _together(lengths: Sequence[int]) -> int:
    """How many of the first texts, shortest first, are READING tokens at most when padded; one always."""
    return max((n for n, length in enumerate(lengths, 1) if n == 1 or n * length <= READING), default=0)


def _settle(text: _Text, scores: Sequence[float]) -> None:
    job = text.ticket.task
    reply = Reply(judgement(job.request.task.kind, scores))
    resolve(text.ticket.future, Done((reply,) * len(job.seeds), len(text.ids), 0))
