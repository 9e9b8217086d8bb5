"""The page about the language is a test: its blocks are programs that do what their comments say.

```tts             a program
```tts continue    more of the program above it
```tts parts.tts   a file that the blocks below it import

A comment at the end of a line says what happens there, and nothing else may happen anywhere:
`# error: E313 up to 8` (the code, and words of the message), `# warning: W603`, and on the line of
a pipeline `# calls: 16`, its bound. What has no error is in the one style, plans, and runs on
simulated models within its bound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import ttsc
from tests.samples import inputs_of
from ttsc.compiler.plan import Plan
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.grammar.formatter import format_file
from ttsc.grammar.parser import parse
from ttsc.grammar.source import Source

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
FENCE = re.compile(r"^```tts(?: (?P<info>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"# (?:error|warning): (?P<code>[EW]\d{3})(?: (?P<words>.+))?$")
PIPELINE = re.compile(r"^pipeline (?P<name>\w+)\(.*?(?:# calls: (?P<calls>[\d,]+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block of the page: its text, what stands before it in its program, and the files beside it."""

    line: int
    text: str
    before: str
    files: dict[str, str]

    def program(self, folder: Path) -> ttsc.Program:
        """The program so far, loaded. Raises Problems."""
        for name, text in {**self.files, "page.tts": self.before + self.text}.items():
            (folder / name).write_text(text, "utf-8")
        return ttsc.load(folder / "page.tts")

    def found(self, folder: Path) -> tuple[Diagnostic, ...]:
        """All that is wrong with it."""
        try:
            return self.program(folder).check()
        except ttsc.Problems as problems:
            return tuple(problems.diagnostics)


def blocks() -> list[Block]:
    """The programs of the page in order."""
    found: list[Block] = []
    files: dict[str, str] = {}
    before = ""
    page = PAGE.read_text("utf-8")
    for fence in FENCE.finditer(page):
        info, text = fence["info"] or "", fence["text"]
        if info.endswith(".tts"):
            files[info] = text
            continue
        before = before if info == "continue" else ""
        found.append(Block(page.count("\n", 0, fence.start()) + 1, text, before, dict(files)))
        before += text + "\n"
    return found


each_block = pytest.mark.parametrize("block", blocks(), ids=lambda b: f"line {b.line}")


@each_block
def test_what_a_block_says_of_its_lines_is_what_is_found(block: Block, tmp_path: Path) -> None:
    first = block.before.count("\n") + 1
    lines = enumerate(block.text.splitlines(), first)
    expected = [(number, said["code"], said["words"] or "") for number, line in lines if (said := SAID.search(line))]
    found = [(d.span.line, d.code, f"{d.title} {d.label} {d.help}") for d in block.found(tmp_path)]
    assert [(line, code) for line, code, _ in found] == [(line, code) for line, code, _ in expected]
    for (_, _, message), (_, _, words) in zip(found, expected, strict=True):
        assert words in message


@each_block
def test_a_block_is_in_the_one_style(block: Block) -> None:
    if "# error: E1" not in block.text:
        assert format_file(parse(Source("page.tts", block.text))) == block.text


@each_block
def test_the_pipelines_of_a_block_run_within_their_bounds(block: Block, tmp_path: Path) -> None:
    if "# error:" in block.text:
        return
    program = block.program(tmp_path).using(sim=True)
    for declared in PIPELINE.finditer(block.text):
        chosen = program.using(declared["name"])
        inputs = inputs_of(chosen)
        if inputs is None:
            continue
        plan = chosen.plan(inputs)
        if declared["calls"]:
            assert plan.bounds.hard.calls == int(declared["calls"].replace(",", ""))
        _runs(chosen, plan, inputs)


def _runs(chosen: ttsc.Program, plan: Plan, inputs: dict[str, object]) -> None:
    if plan.not_available:
        return
    run = chosen.run(**inputs)
    assert run.answer is not None
    assert run.calls <= plan.bounds.hard.calls


def test_the_page_has_programs() -> None:
    assert len(blocks()) > 20
