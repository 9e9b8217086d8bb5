"""Recorded outputs: looked up by model, item and sample, and nothing else."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.models.conformance import QUESTION, Conformance, answered, keys, request_to
from ttsc.models.replay import Replay
from ttsc.values.model import ModelSpec
from ttsc.values.money import Price
from ttsc.values.request import Fault, Message, Outcome, Request

DATA = Path(os.environ.get("TTSC_SHARED", Path(__file__).parents[3] / "shared")) / "data"
NAME = "gpt-4@0.7/io"


def recording(folder: Path) -> ModelSpec:
    samples = [
        {"id": "q-1", "model": NAME, "sample_index": k, "text": f"sample {k}", "correct": k == 1} for k in range(3)
    ]
    samples.append({"id": "q-2", "model": NAME, "sample_index": 0, "text": None, "pred": "B", "correct": True})
    samples.append({"id": "q-3", "model": NAME, "sample_index": 0, "text": "paid", "cost_usd": 0.25})
    samples.append({"id": "q-1", "model": "other", "sample_index": 0, "text": "else"})
    questions = [{"id": "q-1", "question": f"{QUESTION}\n"}, {"id": "q-2", "question": "two"}]
    questions.append({"id": "q-3", "question": "three"})
    for kind, rows in (("samples", samples), ("questions", questions)):
        (folder / f"set.{kind}.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return ModelSpec("r", f"replay/{NAME}", located=str(folder / "set.samples.jsonl.gz"))


def outcome(request: Request, count: int = 1) -> Outcome:
    return asyncio.run(Replay().attempt(request, keys(request, count)))


class TestConformance(Conformance):
    reports = False

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.spec = recording(tmp_path)

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[tuple[Replay, ModelSpec]]:
        yield Replay(), self.spec

    @asynccontextmanager
    async def broken(self) -> AsyncIterator[tuple[Replay, ModelSpec]]:
        yield Replay(), dataclasses.replace(self.spec, located="")


def test_samples_are_looked_up_by_question_text_or_item(tmp_path: Path) -> None:
    spec = recording(tmp_path)
    assert [reply.text for reply in answered(outcome(request_to(spec), 3)).replies] == [
        "sample 0",
        "sample 1",
        "sample 2",
    ]
    by_item = request_to(spec, "asked without the file of questions", kind="ask", item="q-1")
    assert answered(outcome(by_item)).replies[0].text == "sample 0"


def test_a_recorded_cost_is_the_cost(tmp_path: Path) -> None:
    spec = recording(tmp_path)
    request = request_to(dataclasses.replace(spec, price=Price(1, 1)), "three")
    assert answered(outcome(request)).usage.cost == 250_000_000


def test_only_the_unmodified_question_is_replayed(tmp_path: Path) -> None:
    spec = recording(tmp_path)
    start = f"model r (replay/{NAME}) replays recorded outputs, and this"
    end = "; only generate or ask with the unmodified question can be replayed"
    bare = request_to(spec)
    wrapped = dataclasses.replace(bare, messages=(Message("user", f"Solve: {QUESTION}"),))
    with_system = dataclasses.replace(bare, messages=(Message("system", "Be brief."), *bare.messages))
    with_item = dataclasses.replace(wrapped, task=dataclasses.replace(bare.task, item="q-1"))
    assert [outcome(r) for r in (wrapped, with_system, with_item, request_to(spec, kind="verify"))] == [
        Fault("bad_request", f"{start} generate request is not one of its recorded questions{end}"),
        Fault("bad_request", f"{start} generate request is not the question alone{end}"),
        Fault("bad_request", f"{start} generate request is not one of its recorded questions{end}"),
        Fault("bad_request", f"{start} verify request is not the question alone{end}"),
    ]


def test_what_was_not_recorded_is_said(tmp_path: Path) -> None:
    spec = recording(tmp_path)
    unknown = dataclasses.replace(spec, target="replay/gpt-5")
    assert outcome(request_to(spec), 4) == Fault("not_found", f"sample 3 of {NAME} on q-1 is not recorded; 3 of it are")
    assert outcome(request_to(unknown)) == Fault("not_found", f"gpt-5 is not recorded; recorded are {NAME}, other")
    assert outcome(request_to(spec, "two")) == Fault(
        "empty", f"sample 0 of {NAME} on q-2 is recorded with its prediction and label only, without a text"
    )


@pytest.mark.parametrize(
    "content, message",
    [
        (
            b'{"id": "a", "model": "m"}\n\n{"id"',
            "{path}:3: not JSON: Expecting ':' delimiter: line 1 column 6 (char 5)",
        ),
        (b'{"id": "a"}', '{path}: a record has no text `model`: {{"id": "a"}}'),
        (b"[1]", "{path}:1: not a JSON object"),
        (None, "{path}: there is no such file"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "x.samples.jsonl"
    if content is not None:
        path.write_bytes(content)
    spec = ModelSpec("r", "replay/m", located=str(path))
    assert outcome(request_to(spec)) == Fault("bad_request", f"model r: {message.format(path=path)}")


def test_a_cut_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.samples.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "a", "model": "m"}\n')[:-6])
    fault = outcome(request_to(ModelSpec("r", "replay/m", located=str(path))))
    assert isinstance(fault, Fault)
    assert fault.message.startswith(f"model r: {path}:")


@pytest.mark.skipif(not DATA.is_dir(), reason=f"recorded data is not there: {DATA} (set TTSC_SHARED)")
def test_a_real_recording_is_replayed() -> None:
    spec = ModelSpec("r", f"replay/{NAME}", located=str(DATA / "game24.samples.jsonl.gz"))
    request = request_to(spec, "4 5 6 10")
    together = answered(outcome(request, 100))
    assert len(together.replies) == 100
    assert len({reply.text for reply in together.replies}) > 10
