"""The executor on a virtual clock: how much is on its way, what is left over, what is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from tests.runtime.programs import (
    A_GROUPED,
    ONE,
    OPS,
    SPAN,
    TEXT,
    A,
    B,
    Build,
    Fake,
    call,
    failing,
    many,
    op,
    request,
    seconds,
)
from tests.runtime.programs import Asking as Settings
from tests.runtime.virtual_clock import simulate
from ttsc.compiler.ir import Block, Each, Node
from ttsc.ops.context import Ask, Context
from ttsc.ops.signature import Op, Whole
from ttsc.runtime.executor import run
from ttsc.runtime.keys import KeyClash
from ttsc.runtime.record import DrawFailed, DrawFinished, Event, ExchangeFinished, Noted, QuestionFailed, RunRecord
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.model import ModelSpec
from ttsc.values.money import FREE
from ttsc.values.request import Answered, DrawKey, Fault, Outcome, Reply, Request
from ttsc.values.usage import Usage

ONE_QUESTION = [{"question": "why?"}]


def panel(first: ModelSpec = A, *, samples: int = 5, low: int = 1, grouped: bool = False) -> Block:
    """`question |> generate([first, b], samples: n) |> rank(keep: 2) |> fuse`."""
    b = Build(question=TEXT)
    drafts = b.op("generate", 0, type=many(low, 99), models=(first, B), samples=samples, grouped=grouped, name="drafts")
    ranked = b.op("rank", drafts, type=many(0, 2), keep=2, site=1, name="ranked")
    return b.done(b.op("fuse", ranked, type=many(0, 1), site=2, name="fused"))


def executed(
    block: Block, fake: Fake, inputs: Sequence[Mapping[str, object]] = ONE_QUESTION, **more: object
) -> RunRecord:
    return simulate(run(block, inputs, connect=fake.connect, ops=OPS, **more))  # type: ignore[arg-type]


# --- how much runs at once ------------------------------------------------------------


def test_a_batch_takes_as_long_as_its_critical_path() -> None:
    fake = Fake(latency=lambda key: 1.0)
    record = executed(panel(), fake, [{"question": f"number {n}"} for n in range(200)])
    assert (record.wall_s, fake.most, record.calls, fake.closed) == (3.0, 2000, 2400, 2)
    assert all(a.failure is None for a in record.answers)


def test_the_critical_path_is_that_of_each_question_by_itself() -> None:
    """With latencies of their own no question waits for another: the slowest one is the batch."""
    inputs = [{"question": f"number {n}"} for n in range(20)]
    fake = Fake(latency=seconds)
    alone = [executed(panel(), Fake(latency=seconds), [given]).wall_s or 0.0 for given in inputs]
    assert executed(panel(), fake, inputs).wall_s == pytest.approx(max(alone))
    assert fake.most == 200


def test_a_model_s_cap_is_kept() -> None:
    fake = Fake(latency=lambda key: 1.0)
    record = executed(panel(replace(A, parallel=2), samples=6), fake)
    assert record.wall_s == 3.0 + 2.0  # six drafts two at a time, then rank and fuse
    assert fake.most == 2 + 6


def test_elementwise_stages_are_no_barrier() -> None:
    b = Build(question=TEXT)
    drafts = b.op("generate", 0, type=many(1, 9), samples=9)
    better = b.op("revise", b.op("critique", drafts, type=many(1, 9), site=1), type=many(1, 9), site=2)
    times: dict[DrawKey, float] = {}

    def slow(key: DrawKey) -> float:
        return times.setdefault(key, float(1 + key.index if key.twin.startswith("0") else 10 - len(times) % 9))

    fake = Fake(latency=slow)
    wall = executed(b.done(better), fake).wall_s
    chains = [t for k, t in times.items() if k.twin.startswith("0")]
    assert wall is not None and wall < max(chains) + 2 * max(times.values())


# --- results do not depend on time ----------------------------------------------------


def test_the_same_run_gives_the_same_record_whatever_the_latencies() -> None:
    def record(latency: Callable[[DrawKey], float]) -> list[Event]:
        inputs = [{"question": "x"}, {"question": "y"}, {"question": "x"}]
        made = executed(panel(low=0), Fake(latency, failing(0.3)), inputs).ordered()
        return [e for e in made if e.kind not in ("timed", "run_finished")]

    assert record(seconds) == record(lambda key: 2.0 - seconds(key)) == record(lambda key: 0.0)


@pytest.mark.parametrize("models", [(A,), (A, B), (A, A)])
def test_four_samples_are_the_first_four_of_sixteen(models: tuple[ModelSpec, ...]) -> None:
    def drafts(samples: int) -> list[object]:
        b = Build(question=TEXT)
        made = b.op("generate", 0, type=many(1, 99), models=models, samples=samples)
        value = executed(b.done(made), Fake()).answers[0].value
        assert isinstance(value, list)
        return value

    few, all = drafts(4), drafts(16)
    assert len(set(all)) == 16 * len(models)
    assert few == all[: 4 * len(models)]


def test_samples_travel_together_where_the_model_can_and_the_results_are_the_same() -> None:
    apart, together = Fake(latency=seconds), Fake(latency=seconds)
    single = executed(panel(A_GROUPED), apart)
    grouped = executed(panel(A_GROUPED, grouped=True), together)
    assert [a.value for a in grouped.answers] == [a.value for a in single.answers]
    assert sorted(map(repr, together.asked)) == sorted(map(repr, apart.asked))
    assert (single.requests, grouped.requests) == (12, 8)  # b cannot, so its five stay five
    assert (single.calls, grouped.calls) == (12, 12)
    assert grouped.usage.output_tokens == single.usage.output_tokens
    [exchange] = [e for e in grouped.exchanges if len(e.draws) > 1]
    finished = {e.key: e.usage for e in grouped.events if isinstance(e, DrawFinished)}
    assert sum((finished[k] for k in exchange.draws), Usage()) == exchange.usage


def test_another_epoch_asks_for_other_draws_of_the_same_origin() -> None:
    first, second = executed(panel(), Fake()), executed(panel(), Fake(), epoch=1)
    assert first.answers[0].value != second.answers[0].value
    keys = [
        {(e.key.content, e.key.twin, e.key.index) for e in r.events if isinstance(e, DrawFinished)}
        for r in (first, second)
    ]
    assert len(keys[0] & keys[1]) == 10


# --- what goes wrong ------------------------------------------------------------------


def test_a_failed_question_stops_what_runs_for_it_and_no_other() -> None:
    """The first draw of `bad` fails at 1 s; its second one would take until 100 s, as that of `good` does."""
    inner = Build(item=TEXT)
    body = inner.done(inner.op("generate", 0, type=many(1, 1)))
    b = Build(question=TEXT)
    items = b.compute("list", 0, b.compute("text", 0, options=("slow ", "")))
    block = b.done(b.add(Each(body, "list"), items, type=many(2, 2)))
    slow: set[str] = set()
    for word in ("slow bad", "slow good"):
        slow.add(request(A, f"answer {word}").content())
    bad = request(A, "answer bad").content()
    fake = Fake(lambda k: 100.0 if k.content in slow else 1.0, lambda k: k.content == bad)
    record = executed(block, fake, [{"question": "bad"}, {"question": "good"}])
    first, second = record.answers
    assert first.failure is not None and first.failure.title == "0 candidates came out, at least 1 are needed"
    assert first.failure.faults == (Fault("server", "it is down"),)
    assert second.failure is None
    assert (record.wall_s, fake.in_flight) == (100.0, 0)
    [cut] = [e for e in record.exchanges if not e.replies and e.fault is None]
    assert cut.place.question == 0 and cut.draws[0].content == request(A, "answer slow bad").content()
    assert first.usage == Usage(calls=2, requests=2, cost=None)  # nobody knows what the two cost


def test_cancelled_work_of_a_free_model_cost_nothing() -> None:
    b = Build(question=TEXT)
    free = replace(A, price=FREE)
    block = b.done(b.op("generate", 0, type=many(1, 1), models=(free,)))
    record = executed(block, Fake(fails=failing(1.0)))
    assert record.usage == Usage(calls=1, requests=1, cost=0)


def test_a_bug_in_an_op_ends_the_run_and_leaves_nothing_running() -> None:
    b = Build(question=TEXT)
    drafts = b.op("generate", 0, type=many(1, 9), samples=3)
    block = b.done(b.compute("list", drafts, b.op("bug", 0, type=ONE)))
    fake = Fake(latency=lambda key: 5.0)
    with pytest.raises(KeyError, match="a bug"):
        executed(block, fake)
    assert fake.in_flight == 0


def test_a_cancelled_run_leaves_nothing_running() -> None:
    fake = Fake(latency=lambda key: 5.0)

    async def work() -> None:
        async with asyncio.timeout(2.0):
            await run(panel(), ONE_QUESTION, connect=fake.connect, ops=OPS)

    with pytest.raises(TimeoutError):
        simulate(work())
    assert (fake.attempts, fake.in_flight, fake.closed) == (10, 0, 2)


def test_an_op_that_is_not_there_fails_the_question_before_anything_is_spent() -> None:
    b = Build(question=TEXT)
    drafts = b.op("generate", 0, type=many(1, 9), samples=9)
    record = executed(b.done(b.op("later", drafts, type=TEXT)), Fake())
    assert record.calls == 0
    [failed] = [e for e in record.events if isinstance(e, QuestionFailed)]
    assert (failed.failure.title, failed.failure.node) == ("`later` is not there yet", "later")


def test_one_key_from_two_places_is_a_bug() -> None:
    """Two sites with the same ordinal and prompt, which the compiler never makes."""
    b = Build(question=TEXT)
    left, right = (b.op("generate", 0, type=many(1, 1)) for _ in range(2))
    with pytest.raises(KeyClash, match=r"path=\(1,\).*path=\(2,\)"):
        executed(b.done(b.compute("concat", left, right, type=many(2, 2))), Fake())


def test_dropped_and_noted_draws_are_in_the_record() -> None:
    b = Build(question=TEXT)
    seen = b.op("critique", b.op("generate", 0, type=many(1, 9), samples=3), type=many(1, 9), site=1)
    fake = Fake(fails=lambda k: k.twin.startswith("1/"))
    record = executed(b.done(seen), fake)
    notes = [(e.note, e.detail, e.place.slot) for e in record.ordered() if isinstance(e, Noted)]
    assert notes == [("judge_failed", "server", slot) for slot in range(3)]
    assert len([e for e in record.events if isinstance(e, DrawFailed)]) == 3


# --- re-asks --------------------------------------------------------------------------


@dataclass
class Script(Fake):
    """Answers with the given texts, one after the other."""

    texts: tuple[str, ...] = ()
    heard: tuple[tuple[str, ...], ...] = ()

    def outcome(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        self.heard += (tuple(m.content for m in request.messages),)
        said = self.texts[self.attempts - 1]
        return Fault("server", "down") if said == "FAULT" else Answered((Reply(said),), Usage(output_tokens=1, cost=3))


def ranked(reasks: int) -> Block:
    b = Build(drafts=many(0, 9))
    return b.done(b.op("rank", 0, type=many(0, 9), keep=9, reasks=reasks))


def rank(*texts: str, reasks: int = 1) -> tuple[Script, RunRecord]:
    script = Script(texts=texts)
    drafts = Candidates(tuple(Candidate(t, t, t) for t in "xyz"))
    return script, executed(ranked(reasks), script, [{"drafts": drafts}])


def test_a_rejected_reply_is_asked_again_as_part_of_the_same_draw() -> None:
    script, record = rank("000000", "f00001")
    assert len(script.heard[0]) == 1
    assert script.heard[1] == (*script.heard[0], "000000", "that was no ranking")
    assert script.asked[0] == script.asked[1]
    assert record.usage == Usage(calls=1, requests=2, output_tokens=2, cost=6)
    assert [e.asked for e in record.exchanges] == [0, 1]
    assert len({e.content for e in record.exchanges}) == 2
    [draw] = [e for e in record.events if isinstance(e, DrawFinished)]
    assert (draw.parsed, draw.usage) == (True, record.usage)
    assert record.answers[0].value == ["y", "z", "x"]


def test_a_reader_that_never_accepts_gives_an_unparsed_draw() -> None:
    script, record = rank("000000", "111111")
    assert script.attempts == 2
    [draw] = [e for e in record.events if isinstance(e, DrawFinished)]
    assert (draw.parsed, record.answers[0].value) == (False, ["x", "y", "z"])


def test_a_fault_while_asking_again_fails_the_draw() -> None:
    _, record = rank("000000", "FAULT", reasks=5)
    [draw] = [e for e in record.events if isinstance(e, DrawFailed)]
    assert (draw.fault.kind, draw.usage) == ("server", Usage(calls=1, requests=2, output_tokens=1, cost=None))


def test_replies_that_are_missing_are_asked_for_one_by_one() -> None:
    @dataclass
    class Short(Fake):
        def outcome(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
            made = super().outcome(request, draws)
            return replace(made, replies=made.replies[:2]) if isinstance(made, Answered) and len(draws) > 2 else made

    b = Build(question=TEXT)
    block = b.done(b.op("generate", 0, type=many(1, 9), models=(A_GROUPED,), samples=4, grouped=True))
    record = executed(block, Short())
    assert len(record.answers[0].value) == 4  # type: ignore[arg-type]
    assert record.answers[0].value == executed(block, Fake()).answers[0].value
    assert (record.calls, record.requests) == (4, 3)  # two came together, two alone
    assert not [e for e in record.events if isinstance(e, DrawFailed)]


# --- contexts and connections ---------------------------------------------------------


def test_an_op_sees_its_question_and_its_item() -> None:
    seen: list[tuple[str, str]] = []

    async def look(context: Context, value: object, settings: Settings) -> object:
        seen.append((context.question, context.item))
        draws = await context.draws([Ask(request(A, "same"), n) for n in range(3)])
        assert [d.key.index for d in draws] == [0, 1, 2]
        return value

    ops: Mapping[str, Op] = {"look": op("look", Settings, Whole(look))}
    block = Build(question=TEXT)
    node = Node(call("look"), (0,), TEXT, SPAN)
    record = simulate(
        run(
            Block(block.parameters, (node,), 1),
            [{"question": "a"}, {"question": "b"}],
            connect=Fake().connect,
            items=["item 1", "item 2"],
            ops=ops,
        )
    )
    assert seen == [("a", "item 1"), ("b", "item 2")]
    assert [a.item for a in record.answers] == ["item 1", "item 2"]


def test_a_connection_is_made_once_per_model_and_closed() -> None:
    made: list[ModelSpec] = []
    fake = Fake()

    def connect(model: ModelSpec) -> Fake:
        made.append(model)
        return fake

    b = Build(question=TEXT)
    block = b.done(b.op("generate", 0, type=many(1, 9), models=(A, A, B), samples=2))
    simulate(run(block, ONE_QUESTION, connect=connect, ops=OPS))
    assert (made, fake.closed) == ([A, B], 2)


def test_events_are_seen_as_they_happen() -> None:
    seen: list[Event] = []
    record = executed(panel(), Fake(), observe=seen.append)
    assert tuple(seen) == record.events
    assert [e.kind for e in seen[:2]] == ["run_started", "question_started"]
    assert seen[-1].kind == "run_finished"
    assert len([e for e in seen if isinstance(e, ExchangeFinished)]) == 12
