"""The vote of five recorded models on real questions gets the accuracy that is known for it.

The recorded labels' rule: a prediction is correct where its normal form is that of the gold
answer. It makes every label of these models, which is asserted here before it is used.

    ttsc run examples/recorded/vote_of_five.tts --inputs $DATA/gsm8k.questions.jsonl.gz --data $DATA --out out
"""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ttsc.cli.main import invoke
from ttsc.front.folder import Kept, kept
from ttsc.values.extraction import normal_number

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TTSC_SHARED", ROOT.parent / "shared")) / "data"
EXAMPLE = ROOT / "examples" / "recorded" / "vote_of_five.tts"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no recorded data: set TTSC_SHARED to the folder that holds `data/`"
)

LLAMA = "Meta-Llama-3.1-405B-Instruct@hyperbolic"

#: What each model gets right alone, of 653: by its recorded labels, and by what we extract.
ALONE = {
    "o1-mini-2024-09-12": (636, 636),
    "claude-3-5-sonnet-20241022": (633, 633),
    LLAMA: (632, 634),
    "gpt-4o-2024-08-06": (632, 632),
    "Mistral-Large-2": (630, 630),
}

#: Every answer that we read another way than the record did: ours, and the record's.
READ_ANOTHER_WAY = {
    # "The final answer is: $145" is prose; the record read only the JSON that was asked for, and there is none.
    (LLAMA, "gsm8k-test-209"): ("145", None),
    # The record took the first number of "5*3 + 4*2.5 + … = 50; 50 * 0.1 = 5; 50 - 5 = 45", we its result.
    (LLAMA, "gsm8k-test-710"): ("45", "5"),
    # Likewise "20000 * (1 - 0.21)^3 = … = 9860.78"; gold is 7400, so that both are wrong.
    (LLAMA, "gsm8k-test-1048"): ("9860.78", "20000"),
}


@dataclass(frozen=True)
class Recorded:
    """What the record says of the five: gold answers, predictions and labels by model and question."""

    gold: Mapping[str, str]
    predicted: Mapping[tuple[str, str], str | None]
    correct: Mapping[tuple[str, str], bool]


def rows(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def normal(number: object) -> str | None:
    return None if number is None else normal_number(str(number))


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    five = [r for r in rows("gsm8k.samples") if r["model"] in ALONE]
    return Recorded(
        {r["id"]: normal_number(r["answer"]) for r in rows("gsm8k.questions")},
        {(r["model"], r["id"]): normal(r["pred"]) for r in five},
        {(r["model"], r["id"]): r["correct"] for r in five},
    )


def run_into(folder: Path) -> Kept:
    arguments = ["run", EXAMPLE, "--inputs", DATA / "gsm8k.questions.jsonl.gz", "--data", DATA, "--out", folder]
    assert invoke([*map(str, arguments), "--quiet"]) == 0
    return kept(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return run_into(tmp_path_factory.mktemp("vote") / "first")


def drafted(made: Kept) -> dict[tuple[str, str], str | None]:
    """What was extracted from each draft, by recorded model and question."""
    found: dict[tuple[str, str], str | None] = {}
    for number, answer in enumerate(made.answers):
        (settled,) = made.binding(number, "drafts")
        assert isinstance(settled.value, dict)
        for model, candidate in zip(ALONE, settled.value["candidates"], strict=True):
            found[model, answer.item] = normal(candidate.get("answer"))
    return found


def test_the_rule_of_scoring_makes_every_recorded_label(recorded: Recorded) -> None:
    assert len(recorded.correct) == 653 * 5
    ruled = {key: number == recorded.gold[key[1]] for key, number in recorded.predicted.items()}
    assert ruled == recorded.correct


def test_the_vote_gets_what_it_is_known_to_get(made: Kept, recorded: Recorded) -> None:
    right = sum(normal(a.extracted) == recorded.gold[a.item] for a in made.answers)
    assert len(made.answers) == 653
    assert abs(right / 653 - 0.9740) <= 0.005
    assert f"{right / 653:.2%}" == "97.40%"


def test_every_answer_read_another_way_is_explained(made: Kept, recorded: Recorded) -> None:
    ours = drafted(made)
    differing = {key: (ours[key], recorded.predicted[key]) for key in ours if ours[key] != recorded.predicted[key]}
    assert differing == READ_ANOTHER_WAY


def test_the_vote_is_the_plurality_of_what_was_drafted_and_of_what_was_recorded(
    made: Kept, recorded: Recorded
) -> None:
    for votes in (drafted(made), recorded.predicted):
        expected = []
        for answer in made.answers:
            counted = Counter(n for model in ALONE if (n := votes[model, answer.item]) is not None)
            expected.append(max(counted, key=lambda number: counted[number]))  # the first of equals
        assert [normal(a.extracted) for a in made.answers] == expected


def test_each_model_alone(made: Kept, recorded: Recorded) -> None:
    ours = drafted(made)
    alone = {
        model: (
            sum(recorded.correct[model, item] for item in recorded.gold),
            sum(ours[model, item] == gold for item, gold in recorded.gold.items()),
        )
        for model in ALONE
    }
    assert alone == ALONE


def test_the_same_run_twice_gives_the_same_bytes(made: Kept, tmp_path: Path) -> None:
    again = run_into(tmp_path / "again")
    assert (again.path / "answers.jsonl").read_bytes() == (made.path / "answers.jsonl").read_bytes()
