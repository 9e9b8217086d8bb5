"""Every example checks clean, is formatted, plans, draws, and runs on simulated models within its bound.

So does the corpus of programs that the language was designed for, where it is present.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

import ttsc
from tests.samples import inputs_of
from ttsc.compiler.compiling import pipelines
from ttsc.compiler.drawing import picture_of, to_dot, to_mermaid, to_svg
from ttsc.compiler.ir import Block, OpCall, SampleUntil
from ttsc.compiler.plan import Plan
from ttsc.compiler.rewrite import blocks_of
from ttsc.front.errors import NotAvailable
from ttsc.grammar.formatter import format_file
from ttsc.grammar.parser import parse
from ttsc.grammar.reading import read
from ttsc.grammar.source import Source
from ttsc.ops import OPS
from ttsc.ops.signature import Unavailable

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
CORPUS = Path(os.environ.get("TTSC_SHARED", ROOT.parent / "shared")) / "corpus"

#: What keeps a pipeline from being run yet, by file and pipeline.
NOT_YET = {
    ("co_scientist", "hypotheses"): {"`tournament`", "`evolve`"},
    ("code_with_tests", "solve"): {"`write_tests`", "`run_tests`"},
    ("divide_and_conquer", "solve"): {"`consensus`"},
    ("llm_compiler", "answer"): {"`plan`"},
    ("llm_compiler", "taller"): {"the tool `search`"},
    ("plan_search", "solve"): {"`run_tests`"},
    ("spend_until_sure", "solve"): {"`run_tests`"},
    ("step_search", "solve"): {"`step_search`"},
}

MISSING = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus is not there: set TTSC_SHARED to the folder that holds `corpus/`"
)


@dataclass(frozen=True)
class Case:
    """One pipeline of one file."""

    path: Path
    pipeline: str

    @property
    def program(self) -> ttsc.Program:
        """The program, on simulated models."""
        return ttsc.load(self.path).using(self.pipeline, sim=True)

    @property
    def not_yet(self) -> set[str]:
        """What of it cannot be run."""
        return NOT_YET.get((self.path.stem, self.pipeline), set())


def files(folder: Path) -> list[Path]:
    """The programs of a folder and of those below it."""
    return sorted(p for p in folder.rglob("*.tts") if "sketches" not in p.parts)


def cases(folder: Path) -> list[Case]:
    """Every pipeline in a folder; of a file with a `main` that one, since it uses the others."""
    found = []
    for path in files(folder):
        names = list(pipelines(ttsc.load(path).loaded))
        found += [Case(path, name) for name in (["main"] if "main" in names else names)]
    return found


def label(value: object) -> str:
    """A short name of a case."""
    match value:
        case Case(path=path, pipeline=pipeline):
            return f"{path.stem}-{pipeline}"
        case Path():
            return f"{value.parent.name}-{value.stem}"
        case _:
            return str(value)


each_file = pytest.mark.parametrize("path", [*files(EXAMPLES), *files(CORPUS)], ids=label)
each_pipeline = pytest.mark.parametrize("case", [*cases(EXAMPLES), *cases(CORPUS)], ids=label)


@each_file
def test_a_file_checks_clean(path: Path) -> None:
    assert [d.code for d in ttsc.load(path).check()] == []


@pytest.mark.parametrize("path", files(EXAMPLES), ids=label)
def test_an_example_is_formatted_and_says_first_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    assert format_file(parse(read(path, path.name))) == text
    first = text.splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith((".", "?"))


@each_pipeline
def test_a_pipeline_plans_and_draws(case: Case) -> None:
    plan = ttsc.load(case.path).using(case.pipeline).plan()
    hard, typical = plan.bounds.hard, plan.bounds.typical
    for name in ("calls", "requests", "attempts", "input_tokens", "output_tokens"):
        assert 0 < getattr(typical, name) <= getattr(hard, name) < 10**9
    assert math.isfinite(plan.bounds.depth)
    assert plan.bounds.depth >= 1
    picture = picture_of(plan.block, plan.pipeline)
    assert to_mermaid(picture).startswith("flowchart ")
    assert to_dot(picture).startswith("digraph ")
    assert ElementTree.fromstring(to_svg(picture)).tag == "{http://www.w3.org/2000/svg}svg"


@each_pipeline
def test_a_pipeline_answers_within_its_bound_or_says_what_is_not_there_yet(case: Case) -> None:
    program = case.program
    inputs = inputs_of(program)
    assert inputs is not None
    if case.not_yet:
        with pytest.raises(NotAvailable) as caught:
            program.run(**inputs)
        titles = set(re.findall(r"^error\[E491\]: (.+)$", str(caught.value), re.MULTILINE))
        assert titles == {f"{what} checks and plans, but cannot be run yet" for what in case.not_yet}
        return
    hard = program.plan(inputs).bounds.hard
    run = program.run(**inputs)
    assert run.answer
    assert run.simulated
    used = run.usage
    assert (used.calls <= hard.calls, used.requests <= hard.attempts) == (True, True)
    assert (used.input_tokens <= hard.input_tokens, used.output_tokens <= hard.output_tokens) == (True, True)
    assert used.cost is not None
    assert hard.cost is not None
    assert used.cost <= hard.cost


def ops_in(plan: Plan) -> set[str]:
    """The ops of a plan, before any pass."""
    found: set[str] = set()

    def visit(block: Block) -> None:
        for node in block.nodes:
            match node.operation:
                case OpCall(op=op) | SampleUntil(call=OpCall(op=op)):
                    found.add(op)
            for inner in blocks_of(node.operation):
                visit(inner)

    visit(plan.plain)
    return found


def test_every_op_has_an_example() -> None:
    shown = set().union(*(ops_in(case.program.plan()) for case in cases(EXAMPLES)))
    assert shown == set(OPS)


def test_what_cannot_run_yet_is_told_by_the_ops() -> None:
    missing = {name for name, op in OPS.items() if isinstance(op.behaviour, Unavailable)}
    said = {what.strip("`") for names in NOT_YET.values() for what in names if not what.startswith("the tool")}
    assert said == missing


@MISSING
def test_every_program_of_the_corpus_is_an_example() -> None:
    relative = {p.relative_to(CORPUS) for p in files(CORPUS)}
    assert relative <= {p.relative_to(EXAMPLES) for p in files(EXAMPLES)}
    for path in relative:
        ours, theirs = ((folder / path).read_text("utf-8").splitlines()[0] for folder in (EXAMPLES, CORPUS))
        assert ours == theirs


@MISSING
@pytest.mark.parametrize("path", sorted((CORPUS / "sketches").glob("*.tts")), ids=label)
def test_every_sketch_parses_and_formats_to_itself(path: Path) -> None:
    tree = parse(read(path, path.name))
    formatted = format_file(tree)
    again = parse(Source(path.name, formatted))
    assert again == tree
    assert format_file(again) == formatted
