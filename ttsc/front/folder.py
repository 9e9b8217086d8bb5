"""A run kept in a folder: `record.jsonl`, `answers.jsonl`, and `run.json` with what was run and its totals.

A folder that holds a run is never written over: what was paid for is not lost to a typing slip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ttsc.front.errors import DataError, UsageError
from ttsc.front.running import Run
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.runtime import store
from ttsc.runtime.record import Answer, BindingSettled, ExchangeFinished, RequestSent, RunRecord

SUMMARY = "run.json"


def new_folder(path: Path) -> Path:
    """The folder, made now so that a run does not find out at its end. Raises UsageError where a run is kept there."""
    if (path / store.RECORD).exists():
        raise UsageError(f"{path} holds a run already: name another folder")
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DataError(f"{path}: cannot be made: {error.strerror}") from None
    return path


def keep(run: Run, path: Path) -> None:
    """Writes a run into its folder."""
    store.save(run.record, path)
    summary = {name: value for name, value in run.plain().items() if name != "answers"}
    (path / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")


def kept(path: Path) -> Kept:
    """The run of a folder. Raises DataError where there is none or it cannot be read."""
    try:
        record = store.load(path)
        summary = json.loads((path / SUMMARY).read_text("utf-8"))
    except OSError as error:
        raise DataError(f"{path}: holds no run: {error.strerror}: {Path(error.filename).name}") from None
    except ValueError as error:
        raise DataError(f"{path}: the record cannot be read: {error}") from None
    return Kept(path, record, summary)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange as one draw saw it: what was sent, and the reply or the fault."""

    sent: RequestSent
    reply: str | None
    finish: str
    fault: str


@dataclass(frozen=True)
class Kept:
    """A run as read back, with what belongs together found again."""

    path: Path
    record: RunRecord
    summary: Mapping[str, object] = field(repr=False)

    @property
    def simulated(self) -> bool:
        """Whether any of its models was a simulation."""
        return bool(self.summary.get("simulated"))

    def number(self, question: str) -> int:
        """The place of a question in its batch, by place or by the id of its record. Raises UsageError."""
        items = [a.item for a in self.answers]
        if question in items:
            return items.index(question)
        if question.isdecimal() and int(question) < len(items):
            return int(question)
        near = nearest(question, [i for i in items if i])
        hint = f"did you mean `{near}`?" if near else f"it has questions 0 to {len(items) - 1}"
        raise UsageError(f"the run has no question `{question}`: {hint}")

    @property
    def answers(self) -> tuple[Answer, ...]:
        """One per question."""
        return self.record.answers

    def bindings(self, question: int) -> tuple[BindingSettled, ...]:
        """Every value of a named binding of a question; one that is bound in a loop has several."""
        return tuple(
            e for e in self.record.events if isinstance(e, BindingSettled) and e.place.question == question
        )

    def binding(self, question: int, name: str) -> tuple[BindingSettled, ...]:
        """The values of one binding. Raises UsageError for a name that the run did not bind."""
        there = self.bindings(question)
        found = tuple(e for e in there if e.name == name)
        if not found:
            names = list(dict.fromkeys(e.name for e in there))
            near = nearest(name, names)
            hint = f"did you mean `{near}`?" if near else f"it has {one_of(names)}"
            raise UsageError(f"question {question} bound no `{name}`: {hint}")
        return found

    def exchanges(self, draw: str) -> tuple[Exchange, ...]:
        """What was said for a draw, re-asks in order; empty for a draw that this run did not make."""
        return self._exchanges.get(draw, ())

    @cached_property
    def _exchanges(self) -> Mapping[str, tuple[Exchange, ...]]:
        sent = {e.content: e for e in self.record.events if isinstance(e, RequestSent)}
        found: dict[str, list[tuple[int, Exchange]]] = {}
        for event in self.record.exchanges:
            for place, key in enumerate(event.draws):
                found.setdefault(key.name(), []).append((event.asked, _exchange(event, place, sent[event.content])))
        return {name: tuple(e for _, e in sorted(all, key=lambda pair: pair[0])) for name, all in found.items()}


def _exchange(event: ExchangeFinished, place: int, sent: RequestSent) -> Exchange:
    reply = event.replies[place] if place < len(event.replies) else None
    fault = f"{event.fault.kind}: {event.fault.message}" if event.fault else "" if reply else "cancelled"
    return Exchange(sent, reply.text if reply else None, reply.finish if reply else "", fault)
