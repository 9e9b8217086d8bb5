"""What is said while a run goes on."""

from __future__ import annotations

import pytest

from tests.laws.running import compiled
from ttsc.cli.progress import Kept, Lines, Tally
from ttsc.runtime.failure import Failure
from ttsc.runtime.record import ExchangeFinished, Place, QuestionAnswered, QuestionFailed, QuestionStarted
from ttsc.values.usage import Usage

PLAN = compiled('model a = "sim/x"\npipeline answer(question: text) -> text {\n  question |> generate(a)\n}\n')


def _exchange(question: int, calls: int) -> ExchangeFinished:
    usage = Usage(calls=calls, requests=1, cost=1_500_000)
    return ExchangeFinished(Place(question), "content", "a", (), (), usage)


def test_a_tally_counts_what_is_done_and_what_is_on_its_way() -> None:
    tally = Tally()
    tally.begun(PLAN, 4)
    tally.departed(3)
    tally.saw(_exchange(0, 1))
    assert tally.line() == "0/4 questions · 1 calls done, 3 in flight · $0.0015"
    assert tally.share == 0.25
    tally.saw(QuestionAnswered(Place(0), "42"))
    tally.saw(QuestionFailed(Place(1), Failure("no candidate", "generate", "p.tts:3:15")))
    assert tally.line() == "2/4 questions (1 failed) · 1 calls done, 3 in flight · $0.0015"
    assert tally.share == 0.5


def test_a_question_that_took_fewer_calls_than_it_might_counts_whole() -> None:
    tally = Tally(questions=2, each=10)
    tally.saw(_exchange(0, 3))
    assert tally.share == 0.15
    tally.saw(QuestionAnswered(Place(0), "42"))
    assert tally.share == 0.5


def test_plain_lines_come_by_tenths(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.begun(PLAN, 20)
    for question in range(20):
        lines.saw(QuestionAnswered(Place(question), "42"))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 10
    assert said[0] == "2/20 questions · 0 calls done, 0 in flight · $0"


def test_a_run_that_is_stopped_is_kept_as_far_as_it_came() -> None:
    kept = Kept(Tally())
    assert kept.run(seed=0) is None
    kept.begun(PLAN, 2)
    for event in (QuestionStarted(Place(0), "", {}), _exchange(0, 1), QuestionAnswered(Place(0), "42")):
        kept.saw(event)
    run = kept.run(seed=0)
    assert run is not None
    assert ([a.value for a in run.answers], run.calls, kept.questions) == (["42"], 1, 2)
