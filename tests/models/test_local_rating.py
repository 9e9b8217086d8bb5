"""Reward models in this process: what their head says, as `score`, `verify` and `step_search` read it."""

from __future__ import annotations

import asyncio
import json
from importlib.resources import files
from pathlib import Path

import pytest

from tests.models.conformance import answered, keys
from tests.models.local_checkpoints import CHAT, save
from ttsc.models.local.provider import Local
from ttsc.models.tiny.provider import Tiny
from ttsc.values.model import ModelSpec
from ttsc.values.request import Fault, Message, Outcome, Parameters, Request, Task

torch = pytest.importorskip("torch", reason="ttsc[local] is not installed: no torch")
transformers = pytest.importorskip("transformers", reason="ttsc[local] is not installed: no transformers")

from ttsc.models.local.rating import judgement, probability  # noqa: E402

VERIFIER = Path(str(files("ttsc.models.tiny").joinpath("weights"))) / "verifier"
PROBLEM = "Compute (17 + 4) * 3 - 5."
SOLUTION = "17 + 4 = 21\n\n21 * 3 = 63\n\n63 - 5 = 58\n\nThe answer is 58."


def rate(spec: ModelSpec, *shown: str, kind: str = "score", question: str = PROBLEM) -> list[Outcome]:
    """Each answer by itself, all at the same time."""

    async def go() -> list[Outcome]:
        provider: Local | Tiny = Local() if spec.provider == "local" else Tiny()
        requests = [
            Request(spec, (Message("user", "Rate."),), Parameters(9), Task(kind, question, (text,))) for text in shown
        ]
        try:
            return list(await asyncio.gather(*(provider.attempt(r, keys(r, 1)) for r in requests)))
        finally:
            await provider.close()

    return asyncio.run(go())


def local(folder: Path) -> ModelSpec:
    return ModelSpec("rm", f"local/{folder}", options=(("device", "cpu"),))


def scores(outcomes: list[Outcome]) -> list[float]:
    return [json.loads(answered(outcome).replies[0].text)["score"] for outcome in outcomes]


@pytest.mark.parametrize("labels", [1, 2])
def test_a_score_is_what_the_head_says_alone(tmp_path: Path, labels: int) -> None:
    save(tmp_path, "LlamaForSequenceClassification", CHAT, num_labels=labels, pad_token_id=1)
    answers = [f"{'Because. ' * (k % 5)}It is {k}." for k in range(12)]
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path, dtype="float32").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    expected = []
    for answer in answers:
        ids = tokenizer(f"<user>Why?<assistant>{answer}", return_tensors="pt")
        with torch.no_grad():
            (logits,) = model(**ids).logits.double()
        good = torch.sigmoid(logits)[0] if labels == 1 else torch.softmax(logits, 0)[1]
        expected.append(10 * good.item())
    assert scores(rate(local(tmp_path), *answers, question="Why?")) == pytest.approx(expected, abs=1e-4)
    assert len({round(score, 3) for score in expected}) == 12


def test_usage_is_what_was_read(tmp_path: Path) -> None:
    save(tmp_path, "LlamaForSequenceClassification", num_labels=1)
    usage = answered(rate(local(tmp_path), "abc", question="Why?")[0]).usage
    assert (usage.input_tokens, usage.output_tokens) == (len("Why?\n\nabc"), 0)


def test_the_tiny_verifiers_file_scores_steps_as_the_tiny_verifier_does() -> None:
    wrong = SOLUTION.replace("21 * 3 = 63", "21 * 3 = 68").replace("63 - 5 = 58", "68 - 5 = 63").replace("58.", "63.")
    answers = (SOLUTION, wrong, SOLUTION.rpartition("\n\n")[0])
    here, there = rate(local(VERIFIER), *answers), rate(ModelSpec("prm", "tiny/verifier"), *answers)
    assert scores(here) == pytest.approx(scores(there), abs=1e-3)
    assert len(set(scores(here))) == 3
    said = [json.loads(answered(outcome).replies[0].text) for outcome in rate(local(VERIFIER), *answers, kind="verify")]
    assert [verdict["verdict"] == "correct" for verdict in said] == [score >= 5 for score in scores(here)]
    assert said[0]["reason"].count(",") == 3


def test_judgements() -> None:
    assert judgement("score", [0.5]) == '{"reason": "", "score": 5.0}'
    assert judgement("step_search", [0.5, 0.25]) == '{"reason": "after each step: 0.500, 0.250", "score": 2.5}'
    assert judgement("verify", [0.2]) == '{"reason": "", "verdict": "incorrect"}'
    assert judgement("score", []) == '{"reason": "", "score": 0.0}'
    assert probability([3.0]) == pytest.approx(0.952574)
    assert probability([1.0, 4.0]) == pytest.approx(0.952574)
    assert [probability([-10_000.0]), probability([10_000.0])] == [0.0, 1.0]
    assert probability([20.0]) < probability([21.0]) < 1


def test_what_cannot_be_rated_is_said(tmp_path: Path) -> None:
    save(tmp_path, "LlamaForSequenceClassification", num_labels=1)
    assert rate(local(tmp_path), "a", kind="rank") == [
        Fault("bad_request", "model rm: a reward model rates one answer at a time, it cannot rank")
    ]
    assert rate(local(tmp_path), "x" * 400, question="Why?") == [
        Fault("context_length", "model rm: 406 tokens are more than its context of 400")
    ]


def test_a_head_of_many_labels_is_no_reward_model(tmp_path: Path) -> None:
    save(tmp_path, "LlamaForSequenceClassification", num_labels=5)
    assert rate(local(tmp_path), "a") == [
        Fault(
            "not_found",
            f"model rm: {tmp_path} is no reward model that local/… can read: it needs a head `score` of one number or "
            "two labels",
        )
    ]
