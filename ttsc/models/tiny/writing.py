"""Writes samples: everything in flight goes through the network together, one token a step.

The samples of a request share the reading of its prompt; what nobody waits for any more is dropped.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from ttsc.models.tiny.engine import Ticket, resolve
from ttsc.models.tiny.network import Network
from ttsc.models.tiny.sampling import choose, uniforms
from ttsc.models.tiny.vocabulary import decode

#: Rows that are computed together at most; more wait. Bounds the memory of the cache.
MOST_ROWS = 128


@dataclass(frozen=True, slots=True)
class Wanted:
    """Samples of one prompt (token ids), one per seed (MOST_ROWS at most), each of `max_tokens` at most."""

    prompt: tuple[int, ...]
    seeds: tuple[int, ...]
    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A sample: its text up to the stop text, its tokens, and whether it ended by itself."""

    text: str
    tokens: int
    ended: bool


Samples = tuple[Written, ...]


@dataclass(slots=True)
class _Row:
    ticket: Ticket[Wanted, Samples]
    place: int
    token: int  # the last one, which the network has not taken in yet
    ids: list[int] = field(default_factory=list)


class Writers:
    """Every sample that is being written with one network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._cache = network.cache()
        self._rows: list[_Row] = []
        self._waiting: deque[Ticket[Wanted, Samples]] = deque()
        self._done: dict[Ticket[Wanted, Samples], dict[int, Written]] = {}

    @property
    def busy(self) -> bool:
        """Whether a sample is unfinished."""
        return bool(self._rows or self._waiting)

    def advance(self, arrived: list[Ticket[Wanted, Samples]]) -> None:
        """Takes in what there is room for, and writes one token of every sample."""
        self._waiting.extend(arrived)
        self._drop_cancelled()
        self._admit()
        if self._rows:
            self._step()

    def _drop_cancelled(self) -> None:
        for row in range(len(self._rows) - 1, -1, -1):
            if self._rows[row].ticket.future.cancelled():
                self._done.pop(self._rows[row].ticket, None)
                self._remove(row)

    def _admit(self) -> None:
        """Reads waiting prompts, in order, as many as there are rows for."""
        taken: list[Ticket[Wanted, Samples]] = []
        rows = len(self._rows)
        while self._waiting:
            ticket = self._waiting[0]
            count = len(ticket.task.seeds)
            if rows + count > MOST_ROWS:
                break
            self._waiting.popleft()
            if not ticket.future.cancelled():
                taken.append(ticket)
                rows += count
        if not taken:
            return
        pasts = self._network.pasts([list(ticket.task.prompt[:-1]) for ticket in taken])
        for ticket, past in zip(taken, pasts, strict=True):
            self._done[ticket] = {}
            for place in range(len(ticket.task.seeds)):
                self._cache.add(past)
                self._rows.append(_Row(ticket, place, ticket.task.prompt[-1]))

    def _step(self) -> None:
        tasks = [row.ticket.task for row in self._rows]
        logits = self._network.step(np.array([row.token for row in self._rows]), self._cache)
        seeds = np.array([t.seeds[r.place] for t, r in zip(tasks, self._rows, strict=True)], np.uint64)
        chances = uniforms(seeds, np.array([len(row.ids) for row in self._rows]))
        temperatures, top_ps = (np.array(v) for v in zip(*((t.temperature, t.top_p) for t in tasks), strict=True))
        tokens = choose(logits, temperatures, top_ps, chances).tolist()
        for place in range(len(tokens) - 1, -1, -1):
            row = self._rows[place]
            row.token = tokens[place]
            row.ids.append(row.token)
            written = self._finished(row, int(self._cache.lengths[place]))
            if written is not None:
                self._remove(place)
                self._settle(row, written)

    def _finished(self, row: _Row, length: int) -> Written | None:
        """What a row has written, if that was its end."""
        task = row.ticket.task
        if row.token == 0:
            return Written(decode(row.ids), len(row.ids), ended=True)
        text = decode(row.ids) if task.stop else ""
        places = [place for stop in task.stop if (place := text.find(stop)) >= 0]
        if places:
            return Written(text[: min(places)], len(row.ids), ended=True)
        if len(row.ids) >= task.max_tokens or length >= self._network.context:
            return Written(decode(row.ids), len(row.ids), ended=False)
        return None

    def _settle(self, row: _Row, written: Written) -> None:
        done = self._done[row.ticket]
        done[row.place] = written
        if len(done) == len(row.ticket.task.seeds):
            del self._done[row.ticket]
            resolve(row.ticket.future, tuple(done[place] for place in range(len(done))))

    def _remove(self, row: int) -> None:
        self._cache.remove(row)
        last = self._rows.pop()
        if row < len(self._rows):
            self._rows[row] = last
