"""The provider behind `replay/NAME`: what a real model once said, looked up, never adapted.

A record belongs to (model, item, sample index) and to the bare question. So only a request that
is the unmodified question is answered; anything put round it would have changed what the model
said, and is a fault. The index is the draw's, whatever its twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ttsc.models import records
from ttsc.values.model import ModelSpec
from ttsc.values.money import Cost, dollars
from ttsc.values.request import Answered, DrawKey, Fault, Outcome, Reply, Request
from ttsc.values.usage import Usage

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded reply; `text` is None where only its prediction and label were kept."""

    text: str | None
    cost: Cost


@dataclass(frozen=True, slots=True)
class Recording:
    """One file: the ids of its questions by text, and its records by model, item and index."""

    questions: dict[str, str]
    records: dict[str, dict[str, dict[int, Record]]]


class Replay:
    """Every recorded model of a run; each file is read once, when it is first asked."""

    def __init__(self) -> None:
        self._files: dict[str, Recording] = {}

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        """The recorded replies. A sample that was not recorded is `not_found`, a request that is
        not the bare question `bad_request`, a record without its text `empty`.

        Tokens are estimates; the cost is the recorded one, else the declared price of the estimates.
        """
        try:
            recording = self._recording(request.model)
        except records.BadRecord as error:
            return Fault("bad_request", f"model {request.model.name}: {error}")
        item = _item(recording, request)
        if isinstance(item, Fault):
            return item
        samples = recording.records.get(request.model.model, {}).get(item, {})
        replies: list[Record] = []
        for draw in draws:
            record = samples.get(draw.index)
            if record is None or record.text is None:
                return _absent(recording, request.model, item, draw.index, record)
            replies.append(record)
        return Answered(tuple(Reply(r.text or "") for r in replies), _usage(request, replies))

    async def close(self) -> None:
        """Nothing is open."""

    def _recording(self, spec: ModelSpec) -> Recording:
        if not spec.located:
            raise records.BadRecord('`data = "….samples.jsonl.gz"` is missing')
        if spec.located not in self._files:
            self._files[spec.located] = read_recording(Path(spec.located))
        return self._files[spec.located]


def read_recording(path: Path) -> Recording:
    """A file of samples and its sibling file of questions, where there is one; raises `BadRecord`."""
    by_model: dict[str, dict[str, dict[int, Record]]] = {}
    for row in records.read(path):
        model, item = records.text(row, "model", path), records.text(row, "id", path)
        index = row.get("sample_index", 0)
        if not isinstance(index, int):
            raise records.BadRecord(f"{path}: sample_index {index!r} of {model}, {item} is not a whole number")
        text, cost = row.get("text"), row.get("cost_usd")
        paid = dollars(cost) if isinstance(cost, int | float) else None
        by_model.setdefault(model, {}).setdefault(item, {})[index] = Record(
            text if isinstance(text, str) else None, paid
        )
    return Recording(_questions(path), by_model)


def _questions(samples: Path) -> dict[str, str]:
    path = samples.with_name(samples.name.replace(".samples.", ".questions.", 1))
    if path == samples or not path.is_file():
        return {}
    if path.resolve().parent != samples.resolve().parent:
        raise records.BadRecord(f"{path}: is a link that leads out of its folder")
    return {records.text(r, "question", path).strip(): records.text(r, "id", path) for r in records.read(path)}


def _item(recording: Recording, request: Request) -> str | Fault:
    """The id of the record that a request is about."""
    task, messages = request.task, request.messages
    sent = messages[0].content.strip()
    bare = task.kind in ("generate", "ask") and len(messages) == 1 and messages[0].role == "user"
    if bare and sent in recording.questions:
        return recording.questions[sent]
    if bare and task.item and sent == task.question.strip():
        return task.item
    what = "not one of its recorded questions" if bare else "not the question alone"
    return Fault(
        "bad_request",
        f"model {request.model.name} ({request.model.target}) replays recorded outputs, and this {task.kind} request "
        f"is {what}; only generate or ask with the unmodified question can be replayed",
    )


def _absent(recording: Recording, spec: ModelSpec, item: str, index: int, record: Record | None) -> Fault:
    """Why a sample cannot be given."""
    where = f"sample {index} of {spec.model} on {item}"
    if record is not None:
        return Fault("empty", f"{where} is recorded with its prediction and label only, without a text")
    if spec.model not in recording.records:
        names = sorted(recording.records)
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        return Fault("not_found", f"{spec.model} is not recorded; recorded are {shown}")
    count = len(recording.records[spec.model].get(item, {}))
    return Fault("not_found", f"{where} is not recorded; {count} of it {'is' if count == 1 else 'are'}")


def _usage(request: Request, replies: list[Record]) -> Usage:
    sent = _tokens(request.messages[0].content)
    said = sum(_tokens(r.text or "") for r in replies)
    costs = [r.cost for r in replies if r.cost is not None]
    price = request.model.price
    estimate = None if price is None else price.of(sent, said)
    return Usage(0, 1, sent, said, cost=sum(costs) if len(costs) == len(replies) else estimate, estimated=True)


def _tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)
