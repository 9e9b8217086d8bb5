"""Records: totals from events, the form of values, and the way to the disk and back."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.runtime.programs import OPS, TEXT, A, B, Build, Fake, failing, many, seconds
from tests.runtime.virtual_clock import simulate
from ttsc.compiler.ir import Block
from ttsc.runtime.executor import run
from ttsc.runtime.record import Answer, Place, QuestionAnswered, QuestionStarted, RunRecord, RunStarted
from ttsc.runtime.shown import shown
from ttsc.runtime.store import load, save
from ttsc.values.candidate import Candidate, Candidates, Verdict
from ttsc.values.usage import Usage

INPUTS = [{"question": "x"}, {"question": "y"}, {"question": "x"}, {"question": "über ≤ \udcff"}]


def program() -> Block:
    b = Build(question=TEXT)
    drafts = b.op("generate", 0, type=many(2, 99), models=(A, B), samples=2, name="drafts")
    seen = b.op("critique", drafts, type=many(1, 99), site=1, name="seen")
    return b.done(b.op("rank", seen, type=many(0, 2), keep=2, reasks=2, site=2, name="ranked"))


def recorded(latency: float = 1.0) -> RunRecord:
    fake = Fake(lambda key: latency * seconds(key), failing(0.6))
    return simulate(run(program(), INPUTS, connect=fake.connect, ops=OPS, items=["1", "2", "3", "4"]))


def test_totals_are_sums_over_exchanges() -> None:
    record = recorded()
    answers = record.answers
    assert {a.failure is None for a in answers} == {True, False}  # the sample holds both kinds
    assert [a.item for a in answers] == ["1", "2", "3", "4"]
    assert sum((a.usage for a in answers), Usage()) == record.usage == sum(record.models.values(), Usage())
    assert list(record.models) == ["a", "b"]
    assert record.requests == len(record.exchanges) >= record.calls
    assert record.cost is None and record.usage.output_tokens > 0
    assert record.wall_s is not None and RunRecord(record.events[:-1]).wall_s is None


def test_answers_of_a_run_that_was_cut_off_are_those_that_were_given() -> None:
    events = (
        RunStarted(0, 2),
        QuestionStarted(Place(0), "", {"q": 1}),
        QuestionStarted(Place(1), "", {"q": 2}),
        QuestionAnswered(Place(1), "two"),
    )
    assert RunRecord(events).answers == (Answer("", {"q": 2}, "two"),)


def test_a_saved_record_says_what_the_live_one_says(tmp_path: Path) -> None:
    record = recorded()
    save(record, tmp_path / "run")
    loaded = load(tmp_path / "run")
    assert loaded.events == record.ordered() == loaded.ordered()
    assert loaded.answers == record.answers
    assert len(loaded.events) == len(record.events)


def test_the_same_run_saves_the_same_bytes_up_to_what_a_clock_measured(tmp_path: Path) -> None:
    save(recorded(), tmp_path / "one")
    save(recorded(latency=7.0), tmp_path / "two")
    one, two = ((tmp_path / name / "answers.jsonl").read_bytes() for name in ("one", "two"))
    assert one == two
    first, second = ((tmp_path / name / "record.jsonl").read_text().splitlines() for name in ("one", "two"))
    measured = [n for n, (left, right) in enumerate(zip(first, second, strict=True)) if left != right]
    assert measured == list(range(measured[0], len(first)))
    assert {json.loads(first[n])["kind"] for n in measured} == {"timed", "run_finished"}


def test_answers_are_one_line_each(tmp_path: Path) -> None:
    record = recorded()
    save(record, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [line["inputs"] for line in lines] == [{"question": i["question"]} for i in INPUTS]
    for line, answer in zip(lines, record.answers, strict=True):
        if answer.failure is None:
            assert line == {
                "question": line["question"],
                "item": answer.item,
                "inputs": answer.inputs,
                "answer": answer.value,
            }
        else:
            assert line["error"]["title"] == answer.failure.title


def test_files_are_for_their_owner_only_and_replaced_whole(tmp_path: Path) -> None:
    record = recorded()
    save(record, tmp_path)
    before = (tmp_path / "record.jsonl").read_bytes()
    for name in ("answers.jsonl", "record.jsonl"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    broken = RunRecord((*record.events[:-1], QuestionStarted(Place(9), "", object())))
    with pytest.raises(ValueError, match="serialize"):
        save(broken, tmp_path)
    assert (tmp_path / "record.jsonl").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answers.jsonl", "record.jsonl"]


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "record.jsonl").write_text('{"kind":"run_started","epoch":"never"}\n')
    with pytest.raises(ValueError, match="epoch"):
        load(tmp_path)


def test_a_candidate_is_shown_with_what_is_known_of_it() -> None:
    plain = Candidate("text", "text", "0rigin", "draw-name", model="a", sample_index=3)
    assert shown(Candidates((plain,), "why?")) == {
        "question": "why?",
        "candidates": [{"origin": "0rigin", "model": "a", "sample": 3, "draw": "draw-name"}],
    }
    rich = replace(
        plain, value={"steps": (1, 2)}, draw="", answer="42", extraction="found", truncated=True,
        scores=MappingProxyType({"b": 2.0, "a": 1.0}), critique={"fault": "none"},
        verdicts=(Verdict("judge", None, "unsure"),), parents=("p",), usage=Usage(calls=1),
    )  # fmt: skip
    assert shown([rich, 7, {"x": plain}]) == [
        {
            "origin": "0rigin", "model": "a", "sample": 3, "text": "text", "value": {"steps": [1, 2]},
            "extraction": "found", "answer": "42", "scores": {"a": 1.0, "b": 2.0}, "critique": {"fault": "none"},
            "verdicts": [{"judge": "judge", "passed": None, "reason": "unsure"}], "parents": ["p"], "truncated": True,
            "usage": {
                "calls": 1, "requests": 0, "input_tokens": 0, "output_tokens": 0, "reasoning_tokens": 0,
                "cached_tokens": 0, "cost": 0, "estimated": False,
            },
        },
        7,
        {"x": {"origin": "0rigin", "model": "a", "sample": 3, "draw": "draw-name"}},
    ]  # fmt: skip
