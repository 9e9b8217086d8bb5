"""The command line as the tests call it: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ttsc.cli.main import invoke

ROOT = Path(__file__).parents[2]

VOTE = """\
# Sample many, take the most common answer.
model small = "ollama/qwen2.5:7b" { temperature = 0.8  price = free }

pipeline answer(question: text) -> text {
  drafts = question |> generate(small, samples: 4, extract: final_number)
  return drafts |> vote
}
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Ttsc = Callable[..., Said]


@pytest.fixture
def ttsc(capsys: pytest.CaptureFixture[str]) -> Ttsc:
    """Runs one command line in this process."""

    def run(*arguments: str | Path) -> Said:
        code = invoke([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture
def vote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A program in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("vote.tts").write_text(VOTE, "utf-8")
    return "vote.tts"
