"""Extraction from the texts of recorded outputs agrees with the answers recorded beside them."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ttsc.values.extraction import Extractor, extract, normal_number

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TTSC_SHARED", ROOT.parent / "shared")) / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no recorded data: set TTSC_SHARED to the folder that holds `data/`"
)

#: In order of how often they are right; ties in a vote go to the first.
PANEL = (
    "o1-mini-2024-09-12",
    "claude-3-5-sonnet-20241022",
    "Meta-Llama-3.1-405B-Instruct@hyperbolic",
    "gpt-4o-2024-08-06",
    "Mistral-Large-2",
)


def records(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_final_number_agrees_with_the_record_and_the_panel_votes_as_it_did() -> None:
    found: dict[str, dict[str, str | None]] = defaultdict(dict)
    differ = []
    for record in records("gsm8k.samples"):
        if record["model"] in PANEL:
            number = extract(record["text"], Extractor("final_number"))
            found[record["id"]][record["model"]] = number
            recorded = None if record["pred"] is None else normal_number(str(record["pred"]))
            if number != recorded:
                differ.append((record["model"], record["id"], number, recorded))
    # All three recorded answers are wrong: one was not found behind "The final answer is", two are
    # the first number of a calculation ("5*3 + … = 45") where its result is meant.
    llama = "Meta-Llama-3.1-405B-Instruct@hyperbolic"
    assert differ == [
        (llama, "gsm8k-test-209", "145", None),
        (llama, "gsm8k-test-710", "45", "5"),
        (llama, "gsm8k-test-1048", "9860.78", "20000"),
    ]
    assert sum(map(len, found.values())) == 653 * len(PANEL)

    right = 0
    for question in records("gsm8k.questions"):
        answers = [found[question["id"]][model] for model in PANEL]
        votes = Counter(a for a in answers if a is not None)
        right += max(votes, key=lambda a: votes[a]) == normal_number(question["answer"])
    assert f"{right / len(found):.2%}" == "97.40%"


def test_final_number_over_all_models_with_texts() -> None:
    same, rows = 0, 0
    for record in records("gsm8k.samples"):
        if record["text"] is None or record["model"] == "codex-002-program-of-thoughts":  # programs, to be run
            continue
        number = extract(record["text"], Extractor("final_number"))
        rows += 1
        same += number == (None if record["pred"] is None else normal_number(str(record["pred"])))
    assert same / rows > 0.99, f"{same} of {rows}"


def test_choice_agrees_with_the_record() -> None:
    same, rows, missed, made_up = 0, 0, 0, 0
    for record in records("mmlu_pro.samples"):
        if record["text"] is None:
            continue
        letter = extract(record["text"], Extractor("choice"))
        rows += 1
        same += letter == record["pred"]
        missed += letter is None and record["pred"] is not None
        made_up += letter is not None and record["pred"] is None
    # What is missed is a lone capital somewhere in the text, which the record takes for an answer.
    assert same / rows > 0.975, f"{same} of {rows}; {missed} missed, {made_up} found where the record has none"
