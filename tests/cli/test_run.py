"""`ttsc run` and `ttsc show`: everything wrong is said before the first call, and everything done can be looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ttsc

ROBE = "A robe takes 2 bolts of blue fiber and half that much white fiber. How many bolts in total?"


def test_a_simulated_answer_says_that_it_is_simulated(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("run", vote, "--sim", "--input", f"question={ROBE}")
    assert said.code == 0
    assert said.out.strip()
    assert said.err.startswith("SIMULATED: the replies of small (sim/small) were made up by a simulation")
    assert "4 calls" in said.err
    assert "simulated prices" in said.err


def test_json_is_one_object(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("run", vote, "--sim", "--input", f"question={ROBE}", "--seed", "3", "--json")
    made = json.loads(said.out)
    (answer,) = made["answers"]
    assert (said.code, said.err, answer["inputs"]) == (0, "", {"question": ROBE})
    assert (made["calls"], made["simulated"], made["seed"], made["failed"]) == (4, True, 3, 0)
    assert made["models"] == {"small": "sim/small"}
    assert set(made) == {
        "answers", "calls", "usage", "cost_usd", "wall_s", "simulated", "seed", "pipeline", "models", "failed", "lost",
    }  # fmt: skip


def test_a_batch_answers_in_the_order_of_its_file(ttsc: Ttsc, vote: str) -> None:
    records = [{"id": f"q{i}", "prompt": f"What is {i} + 1?"} for i in range(5)]
    Path("data.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    arguments = ("run", vote, "--sim", "--inputs", "data.jsonl", "--map", "question=.prompt", "--limit", "3")
    said, again = ttsc(*arguments), ttsc(*arguments)
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [(line["item"], line["inputs"]["question"]) for line in lines] == [
        ("q0", "What is 0 + 1?"), ("q1", "What is 1 + 1?"), ("q2", "What is 2 + 1?"),
    ]  # fmt: skip
    assert said.out == again.out


NO_KEY = (
    "ttsc: model small (openai/gpt-4o-mini) needs its key in the environment variable OPENAI_API_KEY, "
    "which is not set\n      nothing was sent; add --sim to try it on simulated models\n"
)
ASKED = ["--sim", "--input", "question=?"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sim"], "ttsc: no value for `question`: give `question` (text)\n"),
        (["--sim", "--input", "qestion=?"], "ttsc: the pipeline has no parameter `qestion`: did you mean"),
        (["--sim", "--inputs", "data.jsonl"], "ttsc: data.jsonl:2: not a line of JSON in UTF-8: "),
        (["--sim", "--input", "question"], "Usage: "),
        (["--model", "smal=sim/x", *ASKED], "ttsc: the file declares no model `smal`: did you mean `small`?\n"),
        (["--model", "small=openai/gpt-4o-mini", "--input", "question=?"], NO_KEY),
        (["--model", "small=tiny/x", "--input", "question=?"], "ttsc: model small: "),
        ([*ASKED, "--limit", "3"], "Usage: "),
        (["nosuch", *ASKED], "error[E233]"),
        ([*ASKED, "--set", "keep=3"], "error[E234]"),
        ([*ASKED, "--until", "drfats"], "error[E235]"),
    ],
)
def test_what_is_asked_wrongly_is_said_before_anything_runs(
    ttsc: Ttsc, vote: str, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    Path("data.jsonl").write_text('{"question": "?"}\n{"question": \n', "utf-8")
    said = ttsc("run", vote, *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)


def test_until_shows_a_binding_and_pays_for_no_more(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("run", vote, "--sim", "--until", "drafts", "--input", f"question={ROBE}", "--json")
    (answer,) = json.loads(said.out)["answers"]
    assert len(answer["answer"]) == 4


def test_a_kept_run_can_be_looked_into(ttsc: Ttsc, vote: str) -> None:
    assert ttsc("run", vote, "--sim", "--input", f"question={ROBE}", "--out", "out").code == 0
    assert {p.name for p in Path("out").iterdir()} == {"answers.jsonl", "record.jsonl", "run.json"}
    overview, drafts, one = ttsc("show", "out"), ttsc("show", "out", "drafts"), ttsc("show", "out", "drafts[3]")
    assert "  drafts: 4 candidates\n" in overview.out
    assert len(drafts.out.splitlines()) == 4
    assert one.out.startswith("drafts[3]: small, sample 3, ")
    assert f"--- sent to small (sim/small)\n[user]\n{ROBE}" in one.out
    assert "--- replied (stop)\n" in one.out
    assert one.out.endswith("parents: none\n")
    assert one.err == "SIMULATED: what follows was made up by simulated models.\n"


def test_a_kept_run_is_not_written_over(ttsc: Ttsc, vote: str) -> None:
    arguments = ("run", vote, "--sim", "--input", f"question={ROBE}", "--out", "out")
    ttsc(*arguments)
    before = Path("out/record.jsonl").read_bytes()
    said = ttsc(*arguments)
    assert (said.code, said.out, said.err) == (2, "", "ttsc: out holds a run already: name another folder\n")
    assert Path("out/record.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["drfats"], "ttsc: question 0 bound no `drfats`: did you mean `drafts`?\n"),
        (["drafts[4]"], "ttsc: `drafts` has 4 candidates, counted from 0; there is no drafts[4]\n"),
        (["drafts", "--question", "7"], "ttsc: the run has no question `7`: it has questions 0 to 0\n"),
        (["drafts[x]"], "Usage: "),
    ],
)
def test_what_is_not_in_a_run_is_said(ttsc: Ttsc, vote: str, arguments: list[str], message: str) -> None:
    ttsc("run", vote, "--sim", "--input", f"question={ROBE}", "--out", "out")
    said = ttsc("show", "out", *arguments)
    assert (said.code, said.out) == (2, "")
    assert message in said.err


def test_a_folder_without_a_run_says_so(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("show", ".")
    assert (said.code, said.err) == (2, "ttsc: .: holds no run: No such file or directory: record.jsonl\n")
