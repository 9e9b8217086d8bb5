"""The front door: what it promises a notebook."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import ttsc
from ttsc.front.inputs import Question
from ttsc.front.running import Unanswered

PROGRAM = """\
model a = "sim/strong"
model b = "openai/gpt-4o-mini" { temperature = 0.5 }

pipeline main(question: text) -> text {
  drafts = question |> generate(a, samples: tune 1..8 = 3, extract: final_number)
  return drafts |> vote
}

pipeline sized(question: text, n: number) -> text {
  question |> generate(b, samples: n, extract: final_number) |> vote
}
"""


@pytest.fixture
def program(tmp_path: Path) -> ttsc.Program:
    path = tmp_path / "two.tts"
    path.write_text(PROGRAM, "utf-8")
    return ttsc.load(path)


def test_the_package_has_no_other_names() -> None:
    assert [name for name in ttsc.__all__ if not hasattr(ttsc, name)] == []
    with pytest.raises(AttributeError, match="module 'ttsc' has no attribute 'laod'"):
        _ = ttsc.laod


def test_choices_add_up_and_leave_the_program_as_it_was(program: ttsc.Program) -> None:
    chosen = program.using("sized", models={"a": "sim/x"}, holes={"k": 1}).using(models={"b": "sim/y"}, seed=2)
    assert (chosen.pipeline, dict(chosen.models), dict(chosen.holes), chosen.seed) == (
        "sized", {"a": "sim/x", "b": "sim/y"}, {"k": 1}, 2,
    )  # fmt: skip
    assert (program.pipeline, dict(program.models), program.seed) == (None, {}, 0)


def test_a_hole_changes_the_plan(program: ttsc.Program) -> None:
    assert program.check() == ()
    assert program.plan().bounds.hard.calls == 3
    assert program.using(holes={"samples": 8}).plan().bounds.hard.calls == 8


def test_a_run_has_its_answer_and_what_it_cost(program: ttsc.Program) -> None:
    run = program.run(question="What is 6 * 7?")
    assert isinstance(run.answer, str)
    assert (run.calls, run.simulated, run.failed, run.seed) == (3, True, 0, 0)
    assert run.cost_usd is not None
    assert run.cost_usd > 0


def test_the_same_run_gives_the_same_answers_and_another_seed_others(program: ttsc.Program) -> None:
    records = [{"question": f"What is {n} * 7?"} for n in range(8)]
    first, again, other = (program.using(seed=s).run_batch(records) for s in (1, 1, 2))
    assert first.answers == again.answers
    assert first.answers != other.answers


def test_a_number_that_is_a_bound_is_taken_from_the_inputs(program: ttsc.Program) -> None:
    run = program.using("sized", sim=True).run(question="What is 6 * 7?", n=5)
    assert run.calls == 5


def test_records_that_disagree_about_a_bound_are_refused(program: ttsc.Program) -> None:
    records = [{"question": "?", "n": n} for n in (1, 2)]
    with pytest.raises(ttsc.UsageError, match="the records disagree about `n`"):
        program.using("sized", sim=True).run_batch(records)


def test_the_id_of_a_record_comes_back_with_its_answer(program: ttsc.Program) -> None:
    run = program.run_batch([Question({"question": "?"}, "q7")])
    assert [a.item for a in run.answers] == ["q7"]


def test_nothing_to_run_is_said(program: ttsc.Program) -> None:
    with pytest.raises(ttsc.UsageError, match="there is nothing to run"):
        program.run_batch([])


def test_only_models_that_are_used_need_keys(program: ttsc.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert program.run(question="?").failed == 0
    with pytest.raises(ttsc.UsageError, match=r"model b .* OPENAI_API_KEY"):
        program.using("sized").run(question="?", n=1)


def test_inside_an_event_loop_it_is_awaited(program: ttsc.Program) -> None:
    async def notebook() -> ttsc.Run:
        with pytest.raises(ttsc.UsageError, match=r"await program\.arun"):
            program.run(question="?")
        return await program.arun(question="?")

    assert asyncio.run(notebook()).calls == 3


def test_the_answer_of_a_failed_question_says_why(tmp_path: Path) -> None:
    path = tmp_path / "failing.tts"
    path.write_text(
        'model r = "replay/nobody" { data = "some.jsonl" }\n'
        "pipeline main(question: text) -> text { question |> generate(r, samples: 2) |> top(1) }\n", "utf-8",
    )  # fmt: skip
    path.with_name("some.jsonl").write_text('{"id": "q", "model": "somebody"}\n', "utf-8")
    run = ttsc.load(path).run(question="?")
    assert run.failed == 1
    with pytest.raises(Unanswered, match=r"failing\.tts:2:"):
        _ = run.answer
