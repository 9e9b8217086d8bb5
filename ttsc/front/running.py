"""A run from questions to a `Run`: everything that can be found wrong is found before the first call."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ttsc.compiler.plan import Plan
from ttsc.compiler.problems import Problems
from ttsc.front.data_files import DataFiles
from ttsc.front.errors import NotAvailable, UsageError
from ttsc.front.inputs import Question
from ttsc.front.models import missing_keys
from ttsc.grammar.diagnostic import render
from ttsc.models.catalog import Connections, Unusable, adapter
from ttsc.models.protocol import Provider
from ttsc.runtime.executor import run
from ttsc.runtime.record import Answer, DrawFailed, Event, Noted, RunRecord
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import plain
from ttsc.values.request import DrawKey, Outcome, Request
from ttsc.values.usage import Usage

Compile = Callable[[Mapping[str, object] | None], Plan]

#: The diagnostic that says that a bound depends on an input.
OPEN_BOUND = "E506"


class Watch(Protocol):
    """Sees a run as it happens; called on the event loop, so it must be quick."""

    def begun(self, plan: Plan, questions: int) -> None:
        """Everything is in order and the first call is about to leave."""

    def departed(self, draws: int) -> None:
        """A request with this many draws is on its way."""

    def saw(self, event: Event) -> None:
        """Something happened."""


class Unanswered(Exception):
    """The one answer of a run was asked for, and its question failed; says why."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its answers, what they cost, and the record of how they came about."""

    plan: Plan = field(repr=False)
    record: RunRecord = field(repr=False)
    seed: int

    @property
    def answers(self) -> tuple[Answer, ...]:
        """One per question, in the order they were given: a value as plain data, or a failure."""
        return self.record.answers

    @property
    def answer(self) -> object:
        """The value of the only question. Raises `Unanswered` where it failed, ValueError for a batch."""
        (only,) = self.answers
        if only.failure is not None:
            raise Unanswered(f"{only.failure.place}: {only.failure.title}")
        return only.value

    @property
    def calls(self) -> int:
        """Draws that were made, re-asks included in the draw they belong to."""
        return self.usage.calls

    @property
    def usage(self) -> Usage:
        """Calls, requests, tokens and nano-dollars, all questions together."""
        return self.record.usage

    @property
    def cost_usd(self) -> float | None:
        """What it cost in dollars; None where a price is not known."""
        cost = self.usage.cost
        return None if cost is None else cost / 1e9

    @property
    def wall_s(self) -> float:
        """Seconds from the first question's start to the last one's end."""
        return self.record.wall_s or 0.0

    @property
    def simulated(self) -> bool:
        """Whether any of its models was a simulation, so that its answers mean nothing."""
        return self.plan.simulated

    @property
    def lost(self) -> Mapping[str, int]:
        """Draws that gave nothing, by kind of fault, and judges that could not be read, most frequent first."""
        found: Counter[str] = Counter()
        for event in self.record.events:
            if isinstance(event, DrawFailed):
                found[event.fault.kind] += 1
            elif isinstance(event, Noted) and event.note == "judge_unparsed":
                found[event.note] += 1
        return dict(found.most_common())

    @property
    def failed(self) -> int:
        """How many questions have no answer."""
        return sum(a.failure is not None for a in self.answers)

    def plain(self) -> dict[str, object]:
        """The run as JSON data. All but `wall_s` is the same whenever the same run is made again."""
        usage = self.usage
        return {
            "answers": [plain_answer(a) for a in self.answers],
            "calls": usage.calls,
            "usage": {name: value for name, value in _fields(usage).items() if name not in ("calls", "cost")},
            "cost_usd": self.cost_usd,
            "wall_s": round(self.wall_s, 3),
            "simulated": self.simulated,
            "seed": self.seed,
            "pipeline": self.plan.pipeline,
            "models": {m.name: m.target for m in self.plan.models},
            "failed": self.failed,
            "lost": dict(self.lost),
        }


def _fields(usage: Usage) -> Mapping[str, object]:
    data = plain(usage)
    assert isinstance(data, Mapping)
    return data


def plain_answer(answer: Answer) -> dict[str, object]:
    """One answer as JSON data: `item` where it has one, `inputs`, and `answer` or `error`."""
    made: dict[str, object] = {"item": answer.item} if answer.item else {}
    made["inputs"] = answer.inputs
    if answer.failure is None:
        found = {} if answer.extracted is None else {"extracted": answer.extracted}
        return {**made, "answer": answer.value, **found}
    failure = answer.failure
    faults = [{"kind": f.kind, "message": f.message} for f in failure.faults]
    return {**made, "error": {"title": failure.title, "at": failure.place, "in": failure.node, "faults": faults}}


async def run_questions(
    compile: Compile, questions: Sequence[Question], seed: int, files: DataFiles, watch: Watch | None
) -> Run:
    """The run of all questions at once. Raises `Problems` or a `TtscError` before anything is spent."""
    plan = _plan(compile, questions)
    if plan.not_available:
        raise NotAvailable(render(plan.not_available))
    _usable(plan.models)
    files.require(plan.models)
    if watch is not None:
        watch.begun(plan, len(questions))
    record = await run(
        plan.block,
        [q.inputs for q in questions],
        connect=_connector(Connections(), watch),
        epoch=seed,
        items=[q.item for q in questions],
        observe=watch.saw if watch is not None else None,
    )
    return Run(plan, record, seed)


def _plan(compile: Compile, questions: Sequence[Question]) -> Plan:
    """One plan for all of them. Numbers on which all agree are known when compiling."""
    if not questions:
        raise UsageError("there is nothing to run: no questions were given")
    numbers, disputed = _numbers(questions)
    try:
        return compile(numbers or None)
    except Problems as problems:
        if disputed and any(d.code == OPEN_BOUND for d in problems.diagnostics):
            raise UsageError(
                f"the records disagree about {', '.join(f'`{n}`' for n in disputed)}, and a bound of the program "
                "depends on it: run the records of each value apart"
            ) from problems
        raise


def _numbers(questions: Sequence[Question]) -> tuple[dict[str, object], list[str]]:
    """The number inputs that are the same in all questions, and the names of those that differ."""
    first = questions[0].inputs
    names = [n for n, v in first.items() if isinstance(v, int | float) and not isinstance(v, bool)]
    same = {n: first[n] for n in names if all(q.inputs[n] == first[n] for q in questions)}
    return same, [n for n in names if n not in same]


def _usable(models: Sequence[ModelSpec]) -> None:
    try:
        for spec in models:
            adapter(spec)
    except Unusable as error:
        raise UsageError(str(error)) from None
    missing = missing_keys(models, os.environ)
    if missing:
        raise UsageError("\n      ".join((*missing, "nothing was sent; add --sim to try it on simulated models")))


def _connector(connections: Connections, watch: Watch | None) -> Callable[[ModelSpec], Provider]:
    if watch is None:
        return connections.of
    return lambda spec: _Watched(connections.of(spec), watch)


@dataclass(frozen=True, slots=True)
class _Watched:
    """A provider that tells the watch what leaves."""

    provider: Provider
    watch: Watch

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        self.watch.departed(len(draws))
        return await self.provider.attempt(request, draws)

    async def close(self) -> None:
        await self.provider.close()
