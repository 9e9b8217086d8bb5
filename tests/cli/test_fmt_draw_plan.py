"""`ttsc fmt`, `ttsc draw`, `ttsc plan`: reading and writing text, spending nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import VOTE, Ttsc

UNTIDY = VOTE.replace("samples: 4, extract", "samples:4,extract")


def test_formatting_writes_the_file(ttsc: Ttsc, vote: str) -> None:
    Path(vote).write_text(UNTIDY, "utf-8")
    said = ttsc("fmt", vote)
    assert (said.code, said.out, said.err) == (0, "formatted vote.tts\n", "1 file changed, 0 left as they were\n")
    assert Path(vote).read_text("utf-8") == VOTE
    assert ttsc("fmt", vote).err == "0 files changed, 1 left as they were\n"


def test_checking_the_format_changes_nothing(ttsc: Ttsc, vote: str) -> None:
    Path(vote).write_text(UNTIDY, "utf-8")
    said = ttsc("fmt", "--check", vote)
    assert (said.code, said.out) == (1, "would format vote.tts\n")
    assert Path(vote).read_text("utf-8") == UNTIDY


def test_a_broken_file_is_left_as_it_is_and_the_next_one_done(ttsc: Ttsc, vote: str) -> None:
    Path("broken.tts").write_text("pipeline {", "utf-8")
    Path(vote).write_text(UNTIDY, "utf-8")
    said = ttsc("fmt", "broken.tts", vote)
    assert (said.code, said.out) == (1, "formatted vote.tts\n")
    assert "broken.tts:1:10" in said.err
    assert Path("broken.tts").read_text("utf-8") == "pipeline {"


@pytest.mark.parametrize(
    ("arguments", "beginning"),
    [([], "flowchart"), (["--format", "dot"], "digraph"), (["--format", "svg"], "<svg")],
)
def test_drawing_prints_a_picture(ttsc: Ttsc, vote: str, arguments: list[str], beginning: str) -> None:
    said = ttsc("draw", vote, *arguments)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(beginning)
    assert "generate" in said.out


def test_the_ending_of_the_output_chooses_the_format(ttsc: Ttsc, vote: str) -> None:
    assert ttsc("draw", vote, "-o", "vote.svg").out == ""
    assert Path("vote.svg").read_text("utf-8").startswith("<svg")


def test_a_plan_is_a_table(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("plan", vote, "--input", "question=What is 6 * 7?")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "answer(question: text) -> text",
        "",
        "model small = ollama/qwen2.5:7b  (free; at most 4,096 tokens a draw)",
        "",
        "stage              line  calls  requests  attempts  input tokens  output tokens  cost  depth",
        "--------------------------------------------------------------------------------------------",
        "drafts = generate     5      4         4         4           504         16,384    $0      1",
        "--------------------------------------------------------------------------------------------",
        "at worst                     4         4         4           504         16,384    $0      1",
        "typically                    4         4         4           128          1,600    $0",
        "",
        "For an input of 14 bytes. At worst every byte sent is a token, and text that a model wrote counts "
        "4 bytes a token when it is sent on.",
        "Typically: inputs of 1,000 bytes, draws of 400 tokens, no re-ask.",
    ]


def test_a_plan_with_another_model_has_its_price(ttsc: Ttsc, vote: str) -> None:
    made = json.loads(ttsc("plan", vote, "--model", "small=openai/gpt-4o-mini", "--json").out)
    assert made["models"]["small"]["target"] == "openai/gpt-4o-mini"
    assert made["worst"]["cost_usd"] > 0
    assert (made["worst"]["calls"], made["worst"]["depth"], made["input_assumed"]) == (4, 1, True)
    (stage,) = made["stages"]
    assert (stage["name"], stage["op"], stage["line"], stage["calls"]) == ("drafts", "generate", 5, 4)


def test_an_unknown_price_stays_unknown(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("plan", vote, "--model", "small=nobody/knows", "--json")
    assert json.loads(said.out)["worst"]["cost_usd"] is None


def test_a_simulated_plan_says_so(ttsc: Ttsc, vote: str) -> None:
    assert "SIMULATED: small. Simulated models have made-up prices." in ttsc("plan", vote, "--sim").out


def test_a_wrong_program_has_no_plan(ttsc: Ttsc, vote: str) -> None:
    Path(vote).write_text(VOTE.replace("return drafts |> vote", "return drafts"), "utf-8")
    said = ttsc("plan", vote)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error[E313]: ")
