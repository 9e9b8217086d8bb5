"""The laws of draw keys on programs that people wrote: the examples, and the corpus where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.laws.renaming import renamed
from tests.laws.running import compiled_file, interpreted, ran, same_names, sites, within_bounds
from ttsc.compiler import load
from ttsc.compiler.compiling import pipelines
from ttsc.compiler.plan import Plan
from ttsc.grammar import Source, format_file, parse

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("TTSC_SHARED", ROOT.parent / "shared"))
FILES = [*sorted((ROOT / "examples").glob("*.tts")), *sorted((SHARED / "corpus").glob("*.tts"))]


@pytest.fixture(params=FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def program(request: pytest.FixtureRequest) -> Path:
    """One written program."""
    path: Path = request.param
    return path


def _plans(path: Path) -> dict[str, Plan]:
    """The plans of a file's pipelines that take texts and can be run now, on simulated models."""
    found = {}
    for name in pipelines(load(path)):
        plan = compiled_file(path, name)
        if plan is not None and not plan.not_available:
            found[name] = plan
    return found


def test_layout_and_names_are_in_no_key(program: Path, tmp_path: Path) -> None:
    tree = parse(Source(program.name, program.read_text(encoding="utf-8")))
    other = tmp_path / program.name
    other.write_text(format_file(renamed(tree)), encoding="utf-8")
    imports = program.parent / "benchmarks"
    if imports.is_dir():
        (tmp_path / "benchmarks").mkdir()
        for file in imports.glob("*.tts"):
            (tmp_path / "benchmarks" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    plans, others = _plans(program), _plans(other)
    assert plans.keys() == others.keys()
    for name, plan in plans.items():
        assert ran(plan.block, _inputs(plan)).draws == ran(others[name].block, _inputs(plan)).draws


def test_the_scheduler_does_what_the_program_says(program: Path) -> None:
    for plan in _plans(program).values():
        naive = interpreted(plan.plain, _inputs(plan))
        assert ran(plan.plain, _inputs(plan)) == naive
        assert ran(plan.block, _inputs(plan)) == naive


def test_no_run_costs_more_than_its_plan_says(program: Path) -> None:
    for plan in _plans(program).values():
        outcome = ran(plan.block, _inputs(plan)[:1])
        assert within_bounds(plan, outcome), (outcome.usage, plan.bounds.hard)


def test_leaving_a_stage_out_renames_no_draw_of_an_unchanged_request(program: Path) -> None:
    for name, plan in _plans(program).items():
        whole = ran(plan.block, _inputs(plan), signed=True)
        for hole in plan.holes:
            if hole.name.startswith("maybe."):
                short = compiled_file(program, name, {hole.name: False})
                assert short is not None
                assert same_names(whole, ran(short.block, _inputs(plan), signed=True)), hole.name
                before, after = sites(plan.plain), sites(short.plain)
                assert {place: before[place] for place in after} == after, hole.name


def _inputs(plan: Plan) -> list[dict[str, object]]:
    """Two questions for the parameters of a plan, numbers and lists where it wants them."""
    return [{name: _value(str(type), number) for name, type in plan.parameters} for number in (1, 2)]


def _value(type: str, number: int) -> object:
    match type.partition("(")[0]:
        case "Number":
            return number + 1
        case "ListOf":
            return (f"part {number}", "another part")
        case _:
            return f"What is {number} * 17?"
