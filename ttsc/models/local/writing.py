"""Writes samples: all that is in flight goes through the network together, one token a step.

The samples of a request share the reading of its prompt. Requests wait, in the order in which they
came, until there is memory for them, and join between two steps; what nobody waits for any more is
dropped. Which token a sample takes next depends on its own seed and on the logits of its own row.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import torch

from ttsc.models.local.memory import Admission, gib
from ttsc.models.local.network import Network
from ttsc.models.local.sampling import choose
from ttsc.models.local.slots import Past
from ttsc.models.local.tokens import Tokens, Unsayable
from ttsc.models.local.work import Done, Job, Result
from ttsc.models.tiny.engine import Ticket, resolve
from ttsc.values.request import Fault, Reply


@dataclass(slots=True, eq=False)
class _Task:
    """A request on its way: what is still to be let in, and what is done."""

    ticket: Ticket[Job, Result]
    prompt: list[int]
    most: int  # tokens of a reply
    waiting: int  # samples that are not let in yet
    past: Past | None = None  # kept while some of its samples wait
    replies: dict[int, tuple[Reply, int]] = field(default_factory=dict)

    @property
    def need(self) -> int:
        """Places that a row may come to take."""
        return len(self.prompt) + self.most


@dataclass(slots=True)
class _Row:
    task: _Task
    place: int
    token: int  # the last one, which the network has not taken in yet
    ids: list[int] = field(default_factory=list)


class Writers:
    """Every sample that is being written with one network."""

    def __init__(self, network: Network, tokens: Tokens, admission: Admission) -> None:
        self._network = network
        self._tokens = tokens
        self._admission = admission
        self._slots = network.slots(admission.most_rows)
        self._rows: list[_Row] = []
        self._waiting: deque[_Task] = deque()

    @property
    def busy(self) -> bool:
        """Whether a sample is unfinished."""
        return bool(self._rows or self._waiting)

    def advance(self, arrived: list[Ticket[Job, Result]]) -> None:
        """Reads some waiting prompts, as far as there is room, and writes one token of every sample."""
        for ticket in arrived:
            task = self._understood(ticket)
            if isinstance(task, Fault):
                resolve(ticket.future, task)
            else:
                self._waiting.append(task)
        self._drop_cancelled()
        try:
            self._admit()
            if self._rows:
                self._step()
        except torch.OutOfMemoryError as error:
            self._give_up(str(error).partition(". ")[0])

    # --- letting in ------------------------------------------------------------------

    def _understood(self, ticket: Ticket[Job, Result]) -> _Task | Fault:
        """A request with its prompt in tokens, or why it cannot be answered."""
        request = ticket.task.request
        name = f"model {request.model.name}"
        try:
            prompt = self._tokens.prompt(request.messages)
        except Unsayable as error:
            return Fault("bad_request", f"{name}: {error}")
        if not prompt:
            return Fault("bad_request", f"{name}: the prompt is empty")
        most, context = request.parameters.max_tokens, self._network.context
        if context is not None:
            if len(prompt) >= context:
                return Fault("context_length", f"{name}: {len(prompt)} tokens fill its context of {context}")
            most = min(most, context - len(prompt))
        task = _Task(ticket, prompt, most, len(ticket.task.seeds))
        if self._admission.least(task.need) <= self._admission.places:
            return task
        return Fault("bad_request", f"{name}: {self._too_much(task)}")

    def _too_much(self, task: _Task) -> str:
        size = self._network.place_bytes
        return (
            f"a prompt of {len(task.prompt)} tokens and a reply of up to {task.most} need "
            f"{gib(self._admission.least(task.need) * size)} for keys and values, and there are "
            f"{gib(self._admission.places * size)}; lower `max_tokens`, or raise `cache_gib` where there is memory"
        )

    def _drop_cancelled(self) -> None:
        self._waiting = deque(task for task in self._waiting if not task.ticket.future.cancelled())
        self._remove({place for place, row in enumerate(self._rows) if row.task.ticket.future.cancelled()})

    def _admit(self) -> None:
        """Lets in the first that wait, as many as there is memory for and as can be read at one go."""
        taken: list[tuple[_Task, int]] = []
        longest = 0
        while self._waiting:
            task = self._waiting[0]
            longest = max(longest, len(task.prompt))
            count = self._admission.room(task.need, task.waiting)
            if not count or (taken and longest * (len(taken) + 1) > self._admission.reading):
                break
            self._admission.admit(task.need, count)
            taken.append((task, count))
            if task.past is not None or count < task.waiting:
                break  # what was kept of it and another batch of prompts are not in memory together
            self._waiting.popleft()
        if taken:
            self._join(taken)

    def _join(self, taken: list[tuple[_Task, int]]) -> None:
        kept = [task.past for task, _ in taken if task.past is not None]
        prompts = [task.prompt for task, _ in taken]
        # The last token of a prompt is not kept: the first step takes it in.
        pasts = kept or self._network.read(prompts, [len(prompt) - 1 for prompt in prompts])
        for (task, count), past in zip(taken, pasts, strict=True):
            self._slots.add(past, count)
            first = len(task.ticket.task.seeds) - task.waiting
            self._rows += [_Row(task, first + k, task.prompt[-1]) for k in range(count)]
            task.waiting -= count
            task.past = past if task.waiting else None
        if self._waiting and not self._waiting[0].waiting:
            self._waiting.popleft()

    def _give_up(self, why: str) -> None:
        """Memory ran out all the same, perhaps to another program: what is being written fails, what waits goes on."""
        rows, cut = len(self._rows), {row.task for row in self._rows}
        self._slots = self._network.slots(self._admission.most_rows)
        for row in self._rows:
            self._admission.release(row.task.need)
        self._rows = []
        self._waiting = deque(task for task in self._waiting if task not in cut)
        fault = Fault("overloaded", f"{why} with {rows} samples being written; lower `cache_gib` or `max_batch`")
        for task in cut:
            resolve(task.ticket.future, fault)

    # --- writing ---------------------------------------------------------------------

    def _step(self) -> None:
        logits = self._network.step([row.token for row in self._rows], self._slots)
        jobs = [row.task.ticket.task for row in self._rows]
        seeds = [job.seeds[row.place] for job, row in zip(jobs, self._rows, strict=True)]
        settings = [job.request.parameters for job in jobs]
        temperatures = [1.0 if p.temperature is None else p.temperature for p in settings]
        top_ps = [1.0 if p.top_p is None else p.top_p for p in settings]
        tokens = choose(logits, temperatures, top_ps, seeds, [len(row.ids) for row in self._rows])
        gone = set()
        for place, token in enumerate(tokens):
            row = self._rows[place]
            row.token = token
            row.ids.append(token)
            reply = self._finished(row)
            if reply is not None:
                gone.add(place)
                self._settle(row, reply)
        self._remove(gone)

    def _finished(self, row: _Row) -> Reply | None:
        """The reply that a row is, if that was its end."""
        before, ids = row.task.prompt, row.ids
        if row.token in self._tokens.ends:
            return Reply(self._tokens.text(before, ids[:-1]))
        stops = row.task.ticket.task.request.parameters.stop
        if stops:
            # A token is a byte at least, so what ends now began so many tokens ago at most.
            end = self._tokens.ending(ids[-(max(len(stop.encode()) for stop in stops) + 1) :])
            text = self._tokens.text(before, ids) if any(stop in end for stop in stops) else ""
            places = [place for stop in stops if (place := text.find(stop)) >= 0]
            if places:
                return Reply(text[: min(places)])
        return Reply(self._tokens.text(before, ids), "length") if len(ids) >= row.task.most else None

    def _settle(self, row: _Row, reply: Reply) -> None:
        task = row.task
        task.replies[row.place] = (reply, len(row.ids))
        if len(task.replies) == len(task.ticket.task.seeds):
            replies = [task.replies[place] for place in range(len(task.replies))]
            done = Done(tuple(reply for reply, _ in replies), len(task.prompt), sum(count for _, count in replies))
            resolve(task.ticket.future, done)

    def _remove(self, gone: set[int]) -> None:
        if gone:
            for place in gone:
                self._admission.release(self._rows[place].task.need)
            self._rows = [self._rows[place] for place in self._slots.remove(gone)]
