"""The engine: what a sample says does not depend on company, and nothing hangs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from ttsc.models.tiny.engine import Engine, Ticket
from ttsc.models.tiny.network import Network
from ttsc.models.tiny.rating import Raters, Solution
from ttsc.models.tiny.sampling import seed
from ttsc.models.tiny.vocabulary import encode
from ttsc.models.tiny.writing import MOST_ROWS, Samples, Wanted, Writers

WEIGHTS = Path(str(files("ttsc.models.tiny").joinpath("weights")))
PROBLEMS = [f"Compute ({a} + 27) * 3 - {b}." for a in (4, 31, 58) for b in (5, 16, 44)]


def wanted(problem: str = PROBLEMS[0], samples: int = 1, temperature: float = 1.0) -> Wanted:
    seeds = tuple(seed(f"{problem} {k}") for k in range(samples))
    return Wanted((0, *encode(problem + "\n\n")), seeds, 120, temperature)


def finish(writers: Writers) -> None:
    while writers.busy:
        writers.advance([])


@pytest.fixture
def engine() -> Iterator[Engine[Wanted, Samples]]:
    made: Engine[Wanted, Samples] = Engine(lambda: Writers(Network(WEIGHTS / "s")))
    yield made
    made.close()


def test_a_sample_is_the_same_alone_and_in_company(engine: Engine[Wanted, Samples]) -> None:
    alone = [engine.submit(wanted(p)).result()[0] for p in PROBLEMS]
    together = [engine.submit(wanted(p, samples=40)) for p in PROBLEMS]  # more than there are rows
    assert 40 * len(PROBLEMS) > MOST_ROWS
    assert [future.result()[0] for future in together] == alone
    assert len({written.text for written in together[0].result()}) > 1


def test_a_request_joins_while_others_are_being_written() -> None:
    writers = Writers(Network(WEIGHTS / "s"))
    first: Ticket[Wanted, Samples] = Ticket(wanted(PROBLEMS[0], 3), Future())
    late: Ticket[Wanted, Samples] = Ticket(wanted(PROBLEMS[1], 2), Future())
    writers.advance([first])
    for _ in range(5):
        writers.advance([])
    writers.advance([late])
    finish(writers)
    alone: Ticket[Wanted, Samples] = Ticket(wanted(PROBLEMS[1], 2), Future())
    writers.advance([alone])
    finish(writers)
    assert late.future.result() == alone.future.result()


def test_greedy_samples_are_all_the_same(engine: Engine[Wanted, Samples]) -> None:
    samples = engine.submit(wanted("Compute 3 + 4.", samples=5, temperature=0.0)).result()
    assert {written.text for written in samples} == {"3 + 4 = 7\n\nThe answer is 7."}
    assert all(written.ended and written.tokens == 10 for written in samples)


def test_it_ends_at_stop_texts_the_limit_and_the_end_of_the_context(engine: Engine[Wanted, Samples]) -> None:
    task = wanted("Compute 3 + 4.", temperature=0.0)
    (stopped,) = engine.submit(replace(task, stop=("= 9", "\n\n"))).result()
    assert (stopped.text, stopped.ended, stopped.tokens) == ("3 + 4 = 7", True, 6)
    (cut,) = engine.submit(replace(task, max_tokens=4)).result()
    assert (cut.text, cut.ended, cut.tokens) == ("3 + 4 = ", False, 4)
    (full,) = engine.submit(replace(task, prompt=(0,) + (1,) * 250, max_tokens=100)).result()
    assert full.ended or full.tokens == 6


def test_the_rest_of_a_begun_solution_is_what_was_left_of_it(engine: Engine[Wanted, Samples]) -> None:
    begun = wanted("Compute 3 + 4.", temperature=0.0)
    (rest,) = engine.submit(replace(begun, prompt=(*begun.prompt, *encode("3 + 4 = 7\n\n")))).result()
    assert rest.text == "The answer is 7."


def test_what_is_cancelled_is_dropped() -> None:
    writers = Writers(Network(WEIGHTS / "s"))
    kept: Ticket[Wanted, Samples] = Ticket(wanted(PROBLEMS[0], 2), Future())
    dropped: Ticket[Wanted, Samples] = Ticket(wanted(PROBLEMS[1], 30), Future())
    unread: Ticket[Wanted, Samples] = Ticket(wanted(PROBLEMS[2], MOST_ROWS), Future())
    writers.advance([dropped, kept, unread])
    assert dropped.future.cancel()
    assert unread.future.cancel()
    finish(writers)
    assert len(kept.future.result()) == 2


def test_a_bug_in_the_thread_reaches_everyone_who_waits() -> None:
    engine: Engine[Wanted, Samples] = Engine(lambda: Writers(Network(WEIGHTS / "none")))
    future = engine.submit(wanted())
    with pytest.raises(FileNotFoundError):
        future.result(timeout=10)
    with pytest.raises(FileNotFoundError):
        engine.submit(wanted()).result(timeout=10)
    engine.close()


def test_closing_cancels_what_is_open(engine: Engine[Wanted, Samples]) -> None:
    future = engine.submit(wanted(samples=MOST_ROWS))
    engine.close()
    assert future.cancelled() or future.done()


def test_the_verifier_scores_every_step_whatever_stands_beside() -> None:
    raters = Engine(lambda: Raters(Network(WEIGHTS / "verifier")))
    right = Solution("Compute 3 + 4.", ("3 + 4 = 7", "The answer is 7."))
    wrong = Solution("Compute 3 + 4.", ("3 + 4 = 8", "The answer is 8."))
    crowd = [raters.submit(s) for s in [right, wrong] * 40]
    scores = [future.result() for future in crowd]
    assert scores[0] == pytest.approx(raters.submit(right).result(), abs=1e-5)
    assert [len(s) for s in scores] == [2] * 80
    assert all(0 < score < 1 for solution in scores for score in solution)
    assert scores[0] != scores[1]
    assert raters.submit(Solution("Compute 3 + 4.", ())).result() == ()
    odd = Solution("Compute 3 + 4.", ("3 + 4 = 7", "which is odd", "The answer is 7."))
    assert raters.submit(odd).result()[1:] == (0.0, 0.0)
    raters.close()
