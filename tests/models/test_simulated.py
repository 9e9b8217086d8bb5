"""Simulated models: what they say for each kind of task, and that a key fixes every word."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import fmean
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.models.conformance import QUESTION, Conformance, answered, keys, request_to
from ttsc.models.quiz import invented
from ttsc.models.simulated import Simulated
from ttsc.models.simulated_replies import FAILS, NONSENSE, PASSES, label
from ttsc.values.extraction import Extractor, extract
from ttsc.values.model import ModelSpec
from ttsc.values.request import Fault, Message, Request

TRUTH = invented(QUESTION).truth
RIGHT = f"(someone) It comes to \\boxed{{{TRUTH}}}.\nAnswer: {TRUTH}"
WRONG = "(someone) It comes to \\boxed{1}.\nAnswer: 1"


def sim(name: str = "medium", **options: str | float) -> ModelSpec:
    return ModelSpec("m", f"sim/{name}", options=tuple(options.items()))


def replies(request: Request, count: int, epoch: int = 0) -> list[str]:
    outcome = answered(asyncio.run(Simulated().attempt(request, keys(request, count, epoch))))
    return [reply.text for reply in outcome.replies]


def judged(spec: ModelSpec, kind: str, shown: Sequence[str], count: int = 400) -> list[Any]:
    return [json.loads(text) for text in replies(request_to(spec, kind=kind, shown=tuple(shown)), count)]


class TestConformance(Conformance):
    @asynccontextmanager
    async def reach(self) -> AsyncIterator[tuple[Simulated, ModelSpec]]:
        yield Simulated(), sim()

    @asynccontextmanager
    async def broken(self) -> AsyncIterator[tuple[Simulated, ModelSpec]]:
        yield Simulated(), sim(skill=2)


def test_one_reply_word_for_word() -> None:
    assert replies(request_to(sim("medium", output_tokens=20)), 1) == [
        "(simulated medium) Name the unknown and\n\nWork through the relation\n\nCheck the intermediate\n\n"
        "Keep the units in view\n\nSo it comes to \\boxed{481}.\nAnswer: 481"
    ]


def test_another_epoch_or_twin_is_another_draw() -> None:
    request = request_to(sim())
    assert replies(request, 3) != replies(request, 3, epoch=1)
    twin = asyncio.run(Simulated().attempt(request, keys(request, 3, twin="1")))
    assert [reply.text for reply in answered(twin).replies] != replies(request, 3)


@pytest.mark.parametrize("how", ["final_number", "boxed"])
def test_every_extractor_finds_the_answer(how: str) -> None:
    for text in replies(request_to(sim("best", skill=1)), 20):
        assert extract(text, Extractor(how)) == TRUTH


@pytest.mark.parametrize("skill", [0.0, 0.3, 0.8, 1.0])
def test_accuracy_over_questions_is_the_skill(skill: float) -> None:
    right = []
    for number in range(1500):
        question = f"Question {number}?"
        text = replies(request_to(sim(skill=skill), question), 1)[0]
        right.append(extract(text, Extractor("final_number")) == invented(question).truth)
    assert abs(fmean(right) - skill) <= 4 * (skill * (1 - skill) / 1500) ** 0.5


def test_gold_answers_come_from_the_file_by_question_and_by_id(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl.gz"
    rows: list[dict[str, Any]] = [
        {"id": "a", "question": "Which letter?", "answer": "C", "options": ["x", "y", "z"]},
        {"id": "b", "question": "How many?", "answer": 12.5},
        {"id": "c", "question": "Is it?", "answer": "yes"},
        {"id": "d", "question": "Who?", "answer": "Ada Lovelace"},
    ]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    always, never = (dataclasses.replace(sim(skill=skill), located=str(path)) for skill in (1, 0))
    for row in rows:
        gold, question = str(row["answer"]), str(row["question"])
        by_text = replies(request_to(always, question), 1)[0]
        by_id = replies(request_to(always, "Think hard.", item=str(row["id"])), 1)[0]
        assert by_text.endswith(f"\nAnswer: {gold}")
        assert by_id.endswith(f"\nAnswer: {gold}")
        wrong = {text.rpartition("Answer: ")[2] for text in replies(request_to(never, question), 40)}
        assert gold not in wrong
        if gold == "C":
            assert wrong <= {"A", "B"}


def test_a_broken_file_of_gold_answers_is_a_fault_that_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "q"}\nnot json\n')
    request = request_to(dataclasses.replace(sim(), located=str(path)))
    outcome = asyncio.run(Simulated().attempt(request, keys(request, 1)))
    assert isinstance(outcome, Fault)
    assert outcome.kind == "bad_request"
    assert outcome.message.startswith(f"model m: {path}:2: not JSON: ")


@pytest.mark.parametrize(
    "options, message",
    [
        ({"skill": 2}, "model m: skill = 2 is not a number from 0 to 1"),
        ({"judge_tpr": "high"}, "model m: judge_tpr = 'high' is not a number from 0 to 1"),
        ({"output_tokens": 0}, "model m: output_tokens = 0 is not a number of at least 1"),
        ({"like": "gsm9k"}, "model m: like = 'gsm9k' is not one of crux_o, gsm8k, math_l5, mmlu_pro"),
    ],
)
def test_an_option_that_cannot_be_is_a_fault(options: dict[str, Any], message: str) -> None:
    request = request_to(sim(**options))
    assert asyncio.run(Simulated().attempt(request, keys(request, 1))) == Fault("bad_request", message)


@pytest.mark.parametrize("text, rate", [(RIGHT, 0.9), (WRONG, 0.2)])
def test_a_verifier_passes_at_its_rates_over_answers(text: str, rate: float) -> None:
    verifier = sim("strong", judge_tpr=0.9, judge_fpr=0.2)
    passed = []
    for number in range(600):
        question = f"Question {number}?"
        shown = text.replace(TRUTH, invented(question).truth)
        said = replies(request_to(verifier, question, kind="verify", shown=(shown,)), 1)[0]
        passed.append(json.loads(said)["verdict"] == "correct")
    assert abs(fmean(passed) - rate) < 0.06


def test_scores_are_higher_for_right_answers() -> None:
    judge = sim("strong", judge_tpr=0.95, judge_fpr=0.05)
    right = fmean(reply["score"] for reply in judged(judge, "score", [RIGHT]))
    wrong = fmean(reply["score"] for reply in judged(judge, "score", [WRONG]))
    assert right > wrong + 2
    assert all(0 <= reply["score"] <= 10 for reply in judged(judge, "score", [WRONG]))


def test_a_ranking_is_a_permutation_of_labels_with_right_answers_first_most_of_the_time() -> None:
    shown = [WRONG, WRONG.replace("1", "2"), RIGHT]
    orders = [reply["order"] for reply in judged(sim(judge_tpr=0.99, judge_fpr=0.01), "rank", shown)]
    assert all(sorted(order) == ["A", "B", "C"] for order in orders)
    assert fmean(order[0] == "C" for order in orders) > 0.9


def test_labels_go_on_after_z() -> None:
    assert [label(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_duplicates_are_judged_by_their_answers() -> None:
    judge = sim("best", judge_tpr=1, judge_fpr=0)
    assert judged(judge, "dedup", [RIGHT, f"Answer: {TRUTH}"], 3) == [{"same": True}] * 3
    assert judged(judge, "dedup", [RIGHT, WRONG], 3) == [{"same": False}] * 3


def test_a_classification_is_one_of_the_labels_shown() -> None:
    picked = {reply["label"] for reply in judged(sim(), "classify", ["easy", "medium", "hard"])}
    assert picked <= {"easy", "medium", "hard"}
    assert len(picked) > 1


def test_nonsense_is_what_judges_say_at_the_given_rate_and_a_second_question_is_another_chance() -> None:
    request = request_to(sim(nonsense=0.5), kind="verify", shown=(RIGHT,))
    first = replies(request, 400)
    assert 0.4 < fmean(text == NONSENSE for text in first) < 0.6
    again = (*request.messages, Message("assistant", NONSENSE), Message("user", "JSON, please."))
    outcome = Simulated().attempt(dataclasses.replace(request, messages=again), keys(request, 400))
    second = [reply.text for reply in answered(asyncio.run(outcome)).replies]
    assert 0.3 < fmean(b == NONSENSE for a, b in zip(first, second, strict=True) if a == NONSENSE) < 0.7


def test_critiques_say_what_they_think_of_each_candidate() -> None:
    judge = sim(judge_tpr=1, judge_fpr=0)
    assert replies(request_to(judge, kind="critique", shown=(RIGHT,)), 1)[0].startswith(
        f"(simulated critique) {PASSES}"
    )
    both = replies(request_to(judge, kind="critique", shown=(RIGHT, WRONG)), 1)[0].split("\n\n")
    assert both[0].startswith(f"Candidate A: (simulated critique) {PASSES}")
    assert both[1].startswith(f"Candidate B: (simulated critique) {FAILS}")


def right_share(spec: ModelSpec, kind: str, shown: Sequence[str], right: str, wrong: str) -> float:
    """How often a reply over many questions is right; `right` and `wrong` stand for their texts."""
    hits = []
    for number in range(400):
        question = f"Question {number}?"
        truth = invented(question).truth
        texts = tuple({right: f"Answer: {truth}", wrong: "Answer: 1"}.get(text, text) for text in shown)
        text = replies(request_to(spec, question, kind=kind, shown=texts), 1)[0]
        hits.append(extract(text, Extractor("final_number")) == truth)
    return fmean(hits)


def test_a_revision_helps_wrong_drafts_as_skill_allows_and_seldom_hurts_right_ones() -> None:
    share = {
        (skill, *shown): right_share(sim(skill=skill), "revise", shown, "R", "W")
        for skill in (0.3, 0.9)
        for shown in (("W", FAILS), ("W", PASSES), ("R", PASSES))
    }
    assert share[0.9, "W", FAILS] > share[0.3, "W", FAILS] + 0.3
    assert share[0.9, "W", FAILS] > 0.6
    assert share[0.9, "W", PASSES] < 0.1
    assert share[0.3, "R", PASSES] > 0.9


def test_a_fusion_is_right_the_more_often_the_more_of_its_drafts_are() -> None:
    fuser = sim(skill=0.5, judge_tpr=0.7, judge_fpr=0.3)
    shares = [right_share(fuser, "fuse", ["R"] * k + ["W"] * (5 - k), "R", "W") for k in (0, 1, 3, 5)]
    assert shares == sorted(shares)
    assert shares[0] < 0.2
    assert shares[-1] > 0.85


SCHEMAS: list[dict[str, Any]] = [
    {"enum": ["easy", "medium", "hard"]},
    {"type": "string", "enum": ["a", "b"]},
    {"type": "number"},
    {"type": "integer", "minimum": 1, "maximum": 5},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    {"type": "array", "items": {"type": "integer"}, "minItems": 6, "maxItems": 8},
    {
        "type": "object",
        "properties": {
            "task": {"type": "string"},
            "difficulty": {"type": "number", "minimum": 0, "maximum": 1},
            "parts": {"type": "array", "maxItems": 3, "items": {"$ref": "#/$defs/part"}},
            "kind": {"anyOf": [{"const": "fixed"}, {"type": "null"}]},
        },
        "required": ["task", "difficulty", "parts", "kind"],
        "additionalProperties": False,
        "$defs": {"part": {"type": "object", "properties": {"easy": {"type": "boolean"}}, "required": ["easy"]}},
    },
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_structured_output_obeys_its_schema(schema: dict[str, Any]) -> None:
    texts = replies(request_to(sim(), schema=json.dumps(schema)), 50)
    for text in texts:
        jsonschema.validate(json.loads(text), schema)


def test_a_judges_fields_are_found_in_a_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "verdict": {"enum": ["correct", "incorrect"]}},
    }
    judge = sim(judge_tpr=1, judge_fpr=0)
    request = request_to(judge, kind="verify", shown=(WRONG,), schema=json.dumps(schema))
    assert [json.loads(text)["verdict"] for text in replies(request, 5)] == ["incorrect"] * 5
    bounded = {"type": "object", "properties": {"score": {"type": "integer", "minimum": 1, "maximum": 3}}}
    request = request_to(judge, kind="score", shown=(RIGHT,), schema=json.dumps(bounded))
    assert {json.loads(text)["score"] for text in replies(request, 20)} <= {1, 2, 3}


def test_the_answer_of_a_question_is_in_a_record_that_asks_for_it() -> None:
    schema = json.dumps({"type": "object", "properties": {"answer": {"type": "number"}}, "required": ["answer"]})
    assert [json.loads(t) for t in replies(request_to(sim(skill=1), schema=schema), 3)] == [{"answer": int(TRUTH)}] * 3


def test_steps_are_said_one_at_a_time_and_continued() -> None:
    request = request_to(sim(skill=1, output_tokens=40), stop=("\n\n",))
    said = ""
    for _ in range(8):
        messages = (request.messages[0], Message("assistant", said)) if said else request.messages
        step = replies(dataclasses.replace(request, messages=messages), 1)[0]
        said = f"{said}\n\n{step}" if said else step
        if "Answer:" in step:
            break
    assert 3 <= said.count("\n\n") + 1 <= 5
    assert extract(said, Extractor("final_number")) == TRUTH


def test_a_reply_that_is_too_long_is_cut_and_says_so() -> None:
    request = request_to(sim(output_tokens=400), max_tokens=50)
    outcome = answered(asyncio.run(Simulated().attempt(request, keys(request, 2))))
    assert [(len(reply.text), reply.finish) for reply in outcome.replies] == [(200, "length")] * 2
    assert outcome.usage.output_tokens == 100


def test_latency_is_told_and_only_waited_for_at_its_pace() -> None:
    async def go(latency_s: float, pace: float) -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        request = request_to(sim(latency_s=latency_s, pace=pace))
        before = loop.time()
        outcome = answered(await Simulated().attempt(request, keys(request, 1)))
        return outcome.latency_s, loop.time() - before

    told, waited = asyncio.run(go(0.005, 1.0))
    assert waited >= told * 0.9
    told, waited = asyncio.run(go(100.0, 0.0))
    assert told > 10 > waited
