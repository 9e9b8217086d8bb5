"""The schedule as tables of events and actions: no clock, no loop, nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.runtime.instant import play
from tests.runtime.programs import NUMBER, ONE, OPS, TEXT, Build, call, many
from ttsc.compiler.ir import Block, Call, Dynamic, Each, Fold, Interleave, Limits, Match, Repeat, SampleUntil, ToolCall
from ttsc.runtime import keys
from ttsc.runtime.failure import Failure
from ttsc.runtime.frames import Action, Activation, Answered, Cancel, Failed, Settled, Start
from ttsc.runtime.schedule import Schedule
from ttsc.values import types
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.request import Fault

BOOLEAN = types.Boolean()


def draft(name: str) -> Candidate:
    return Candidate(name, name, f"origin-{name}")


class Table:
    """A run as a person would write it down: `say` finishes one activation and gives what follows."""

    def __init__(self, block: Block, *inputs: Mapping[str, object]) -> None:
        self.schedule = Schedule(block, OPS)
        self.running: dict[str, Activation] = {}
        self.scopes: dict[str, str] = {}
        self.log = [self.seen(self.schedule.begin(given)) for given in inputs or [{"q": "Q"}]]

    def seen(self, actions: Sequence[Action]) -> list[str]:
        return [self._line(a) for a in actions]

    def _line(self, action: Action) -> str:
        match action:
            case Start(activation=activation):
                name = self._name(activation)
                self.running[name] = activation
                self.scopes[name] = activation.scope.split("/", 2)[2] if activation.scope.count("/") > 1 else ""
                return f"start {name}"
            case Cancel(activation=activation):
                return f"cancel {self._name(activation)}"
            case Answered(question=question, value=value):
                return f"answer {question}: {_short(value)}"
            case Failed(question=question, failure=failure):
                return f"fail {question}: {failure.title}"
            case Settled(name=name, value=value):
                return f"{name} = {_short(value)}"

    def _name(self, activation: Activation) -> str:
        assert activation.step.op is not None
        place = ".".join(map(str, activation.path))
        return f"{activation.question}:{activation.step.op.name}@{place}[{activation.slot}]"

    def say(self, name: str, value: object, *faults: Fault) -> list[str]:
        return self.seen(self.schedule.finished(self.running[name], value, faults))


def _short(value: object) -> str:
    return " ".join(c.text for c in value) if isinstance(value, Candidates) else str(value)


def drafts(*names: str) -> Candidates:
    return Candidates(tuple(map(draft, names)), "Q")


# --- elements -------------------------------------------------------------------------


def test_critique_of_a_draft_starts_when_that_draft_is_there() -> None:
    b = Build(q=TEXT)
    made = b.op("generate", 0, type=many(1, 3), samples=3, name="drafts")
    seen = b.op("critique", made, type=many(1, 3), name="seen")
    t = Table(b.done(b.op("fuse", seen, type=ONE)))
    assert t.log == [["start 0:generate@1[0]", "start 0:generate@1[1]", "start 0:generate@1[2]"]]
    assert t.say("0:generate@1[1]", draft("b")) == ["start 0:critique@2[1]"]
    assert t.say("0:generate@1[0]", draft("a")) == ["start 0:critique@2[0]"]
    assert t.say("0:critique@2[0]", draft("a!")) == []
    assert t.say("0:generate@1[2]", None) == ["drafts = a b"]  # an empty slot is no candidate, and is not critiqued
    assert t.say("0:critique@2[1]", draft("b!")) == ["seen = a! b!", "start 0:fuse@3[0]"]
    assert t.running["0:fuse@3[0]"].input == drafts("a!", "b!")
    assert t.say("0:fuse@3[0]", drafts("c")) == ["answer 0: c"]


def test_an_element_waits_for_the_other_inputs_of_its_op() -> None:
    b = Build(q=TEXT)
    made = b.op("generate", 0, type=many(1, 2), samples=2)
    hint = b.op("fuse", 0, type=TEXT)
    t = Table(b.done(b.add(call("critique", hint=Dynamic(1)), made, hint, type=many(1, 2))))
    assert t.say("0:generate@1[0]", draft("a")) == []
    assert t.say("0:fuse@2[0]", "look closely") == ["start 0:critique@3[0]"]
    assert t.running["0:critique@3[0]"].settings.hint == "look closely"  # type: ignore[attr-defined]
    assert t.say("0:generate@1[1]", draft("b")) == ["start 0:critique@3[1]"]


def test_each_over_candidates_is_no_barrier_either() -> None:
    inner = Build(d=ONE)
    body = inner.done(inner.op("rank", inner.op("revise", 0, type=ONE), type=ONE))
    b = Build(q=TEXT)
    made = b.op("generate", 0, type=many(1, 2), samples=2)
    fixed = b.add(Each(body, "candidates"), made, type=many(1, 2))
    t = Table(b.done(b.op("critique", fixed, type=many(1, 2))))
    assert t.say("0:generate@1[1]", draft("b")) == ["start 0:revise@2.1.1[0]"]
    assert t.say("0:revise@2.1.1[0]", draft("b2")) == ["start 0:rank@2.1.2[0]"]
    assert t.say("0:rank@2.1.2[0]", drafts("b3")) == ["start 0:critique@3[1]"]
    assert t.scopes["0:rank@2.1.2[0]"] == "origin-b"
    derived = keys.derived("origin-b", "origin-b3")  # as the element's, whatever else gives an `origin-b3`
    assert t.scopes["0:critique@3[1]"] == derived


def test_an_element_does_not_wait_for_what_its_result_does_not_need() -> None:
    inner = Build(d=ONE, hint=TEXT)
    body = inner.done(inner.op("revise", 0, type=ONE))
    b = Build(q=TEXT)
    made = b.op("generate", 0, type=many(1, 1))
    fixed = b.add(Each(body, "candidates"), made, b.op("fuse", 0, type=TEXT), type=many(1, 1))
    t = Table(b.done(b.op("critique", fixed, type=many(1, 1))))
    assert t.say("0:generate@1[0]", draft("a")) == ["start 0:revise@3.0.2[0]"]
    assert t.say("0:revise@3.0.2[0]", draft("a1")) == ["start 0:critique@4[0]"]
    assert t.say("0:critique@4[0]", draft("a2")) == []  # a question ends when all of it has ended
    assert t.say("0:fuse@2[0]", "too late") == ["answer 0: a2"]


def test_interleaved_candidates_come_sample_by_sample_and_one_by_one() -> None:
    b = Build(q=TEXT)
    left = b.op("generate", 0, type=many(1, 2), samples=2)
    right = b.op("generate", 0, type=many(1, 2), samples=1, site=1)
    both = b.add(Interleave(apart=True), left, right, type=many(1, 4))
    t = Table(b.done(b.op("revise", both, type=many(1, 4))))
    assert t.say("0:generate@1[1]", draft("a1")) == ["start 0:revise@4[2]"]
    assert t.say("0:generate@2[0]", draft("b0")) == ["start 0:revise@4[1]"]
    assert t.say("0:generate@1[0]", draft("a0")) == ["start 0:revise@4[0]"]
    assert [t.scopes[f"0:revise@4[{i}]"] for i in range(3)] == ["origin-a0", "origin-b0", "origin-a1"]


def test_interleaving_a_stream_with_itself_keeps_its_elements_apart() -> None:
    b = Build(q=TEXT)
    made = b.op("generate", 0, type=many(1, 1))
    both = b.add(Interleave(), made, made, type=many(1, 2))
    t = Table(b.done(b.op("revise", both, type=many(1, 2))))
    t.say("0:generate@1[0]", draft("a"))
    assert [t.scopes[f"0:revise@3[{i}]"] for i in range(2)] == ["origin-a", "origin-a#1"]


def test_equal_origins_in_a_whole_list_are_numbered() -> None:
    b = Build(q=TEXT)
    made = b.op("rank", 0, type=many(1, 3))
    t = Table(b.done(b.op("revise", made, type=many(1, 3))))
    t.say("0:rank@1[0]", drafts("a", "b", "a"))
    assert [t.scopes[f"0:revise@2[{i}]"] for i in range(3)] == ["origin-a", "origin-b", "origin-a#1"]


# --- failures -------------------------------------------------------------------------


def test_too_few_candidates_fail_the_question_with_the_faults_seen() -> None:
    b = Build(q=TEXT)
    t = Table(b.done(b.op("generate", 0, type=many(2, 3), samples=3)))
    down, gone = Fault("server", "down"), Fault("refusal", "no")
    assert t.say("0:generate@1[0]", None, down) == []
    assert t.say("0:generate@1[1]", draft("a")) == []
    [action] = t.schedule.finished(t.running["0:generate@1[2]"], None, (gone,))
    assert action == Failed(
        0, Failure("1 candidates came out, at least 2 are needed", "generate", "test.tts:1:1", (down, gone))
    )


def test_a_failed_question_is_cancelled_and_the_others_go_on() -> None:
    b = Build(q=TEXT)
    t = Table(b.done(b.op("generate", 0, type=many(1, 2), samples=2)), {"q": "x"}, {"q": "y"})
    failure = Failure("it went wrong", "generate", "test.tts:1:1")
    first = t.running["0:generate@1[0]"]
    assert t.seen(t.schedule.failed(first, failure)) == ["cancel 0:generate@1[1]", "fail 0: it went wrong"]
    assert t.say("0:generate@1[1]", draft("late")) == []
    assert t.seen(t.schedule.failed(t.running["0:generate@1[1]"], failure)) == []
    assert t.say("1:generate@1[0]", draft("a")) == []
    assert t.say("1:generate@1[1]", draft("b")) == ["answer 1: a b"]


def test_an_op_that_cannot_go_on_fails_its_question() -> None:
    b = Build(q=TEXT)
    b2 = Build(q=TEXT)
    nothing = b2.compute("binary", b2.literal(1, NUMBER), b2.literal(0, NUMBER), options=("/",), type=NUMBER)
    assert Table(b.done(b.op("boom", 0, type=TEXT))).log == [["fail 0: it went wrong"]]
    assert Table(b2.done(nothing)).log == [["fail 0: a division by zero"]]


def test_what_stands_beside_a_failure_never_starts() -> None:
    b = Build(q=TEXT)
    broken = b.op("boom", 0, type=TEXT)
    other = b.op("fuse", 0, type=TEXT)
    beside = b.compute("text", 0, options=("<", ">"))
    b.rename(beside, "beside")
    t = Table(b.done(b.compute("list", broken, other, beside)))
    assert t.log == [["fail 0: it went wrong"]]


def test_a_tool_is_refused() -> None:
    b = Build(q=TEXT)
    t = Table(b.done(b.add(ToolCall("search", ("query",)), 0)))
    assert t.log == [["fail 0: the tool `search` cannot be called yet"]]


def test_a_bug_is_no_failure() -> None:
    b = Build(q=TEXT)
    with pytest.raises(KeyError):
        Table(b.done(b.compute("no such function", 0)))


# --- structures -----------------------------------------------------------------------


def test_only_the_arm_that_is_taken_runs() -> None:
    def arm(op: str) -> Block:
        inner = Build(x=TEXT)
        return inner.done(inner.op(op, 0, type=TEXT))

    b = Build(q=TEXT)
    label = b.op("rank", 0, type=TEXT)
    chosen = b.add(Match((("easy", arm("fuse")), (None, arm("bug")))), label, 0)
    block = b.done(chosen)
    easy, hard = Table(block), Table(block)
    assert easy.say("0:rank@1[0]", "easy") == ["start 0:fuse@2.0.1[0]"]
    assert hard.say("0:rank@1[0]", "hard") == ["start 0:bug@2.1.1[0]"]
    assert easy.say("0:fuse@2.0.1[0]", "done") == ["answer 0: done"]


def test_what_nobody_needs_never_runs() -> None:
    b = Build(q=TEXT)
    b.op("fuse", 0, type=TEXT, name="unused")
    assert Table(b.done(b.compute("text", 0, options=("<", ">")))).log == [["answer 0: <Q>"]]


def loop(count: int, *, stop: bool) -> Block:
    inner = Build(x=many(0, 2))
    over = inner.op("coin", 0, type=BOOLEAN, keep=1) if stop else None
    body = inner.done(inner.op("revise", 0, type=many(0, 2)))
    b = Build(q=TEXT)
    made = b.op("generate", 0, type=many(1, 2), samples=2)
    return b.done(b.add(Repeat(body, count, over), made, type=many(0, 2)))


def test_elements_go_through_a_loop_one_by_one() -> None:
    t = Table(loop(2, stop=False))
    assert t.say("0:generate@1[0]", draft("a")) == ["start 0:revise@2.0.1[0]"]
    assert t.say("0:revise@2.0.1[0]", draft("a1")) == ["start 0:revise@2.1.1[0]"]
    assert t.scopes["0:revise@2.1.1[0]"] == "1/origin-a1"
    assert t.say("0:revise@2.1.1[0]", draft("a2")) == []
    assert t.say("0:generate@1[1]", draft("b")) == ["start 0:revise@2.0.1[1]"]
    assert t.say("0:revise@2.0.1[1]", None) == ["answer 0: a2"]


def test_a_loop_stops_with_the_result_of_the_body_that_says_so() -> None:
    t = Table(loop(5, stop=True))
    t.say("0:generate@1[0]", draft("a"))
    assert t.say("0:generate@1[1]", draft("b")) == ["start 0:revise@2.0.2[1]"]
    t.say("0:revise@2.0.2[0]", draft("a1"))
    assert t.say("0:revise@2.0.2[1]", draft("b1")) == ["answer 0: a1 b1"]


def test_a_loop_of_no_iterations_gives_its_input() -> None:
    t = Table(loop(0, stop=False))
    t.say("0:generate@1[0]", draft("a"))
    assert t.say("0:generate@1[1]", draft("b")) == ["answer 0: a b"]


def test_fold_steps_wait_only_for_what_they_take_from_the_step_before() -> None:
    inner = Build(item=TEXT, done=TEXT)
    answer = inner.op("fuse", 0, type=TEXT)
    body = inner.done(inner.compute("text", 1, answer, options=("", " ", "")))
    b = Build(q=TEXT)
    items = b.literal(("x", "y"), types.ListOf(TEXT, 2))
    t = Table(b.done(b.add(Fold(body), items, 0)))
    assert t.log == [["start 0:fuse@2.0.2[0]", "start 0:fuse@2.1.2[0]"]]
    assert (t.scopes["0:fuse@2.0.2[0]"], t.scopes["0:fuse@2.1.2[0]"]) == ("0", "1")
    assert t.say("0:fuse@2.1.2[0]", "second") == []
    assert t.say("0:fuse@2.0.2[0]", "first") == ["answer 0: Q first second"]


def test_sampling_in_waves_looks_at_the_settled_prefix() -> None:
    inner = Build(drafts=many(1, 5), wanted=TEXT)
    count = inner.compute("binary", inner.compute("values", 0), 1, options=("==",), type=BOOLEAN)
    condition = inner.done(count)
    b = Build(q=TEXT)
    wanted = b.literal(("a", "c", "d"), types.ListOf(TEXT, 3))
    until = SampleUntil(call("generate", samples=6), 2, condition, (1,))
    t = Table(b.done(b.add(until, 0, wanted, type=many(1, 6))))
    assert t.log == [["start 0:generate@2[0]", "start 0:generate@2[1]"]]
    assert t.say("0:generate@2[1]", None) == []
    assert t.say("0:generate@2[0]", draft("a")) == ["start 0:generate@2[2]", "start 0:generate@2[3]"]
    assert t.say("0:generate@2[3]", draft("d")) == []
    assert t.say("0:generate@2[2]", draft("c")) == ["answer 0: a c d"]


def test_without_any_draft_the_condition_is_not_asked() -> None:
    inner = Build(drafts=many(1, 5))
    condition = inner.done(inner.op("boom", 0, type=BOOLEAN))
    b = Build(q=TEXT)
    t = Table(b.done(b.add(SampleUntil(call("generate", samples=2), 1, condition), 0, type=many(0, 2))))
    assert t.say("0:generate@1[0]", None) == ["start 0:generate@1[1]"]
    assert t.say("0:generate@1[1]", None) == ["answer 0: "]


def test_a_called_pipeline_is_no_barrier_and_carries_its_limits() -> None:
    inner = Build(x=many(1, 2))
    body = inner.done(inner.op("revise", 0, type=many(1, 2)))
    b = Build(q=TEXT)
    made = b.op("generate", 0, type=many(1, 2), samples=2)
    limits = Limits(calls=7)
    done = b.add(Call("fix", body, limits), made, type=many(1, 2))
    t = Table(b.done(b.op("critique", done, type=many(1, 2))))
    assert t.say("0:generate@1[1]", draft("b")) == ["start 0:revise@2.0.1[1]"]
    assert t.running["0:revise@2.0.1[1]"].frame.limits == (limits,)
    assert t.say("0:revise@2.0.1[1]", draft("b1")) == ["start 0:critique@3[1]"]
    assert t.running["0:critique@3[1]"].frame.limits == ()


def test_each_over_a_list_gives_a_list_in_its_order_and_tells_equal_items_apart() -> None:
    inner = Build(item=TEXT)
    body = inner.done(inner.op("fuse", 0, type=TEXT))
    b = Build(q=TEXT)
    items = b.literal(("x", "y", "x"), types.ListOf(TEXT, 3))
    t = Table(b.done(b.add(Each(body, "list"), items, type=types.ListOf(TEXT, 3))))
    x, y, again = (t.scopes[f"0:fuse@2.{i}.1[0]"] for i in range(3))
    assert len(x) == 12 and x != y and again == f"{x}#1"
    t.say("0:fuse@2.2.1[0]", "3")
    t.say("0:fuse@2.0.1[0]", "1")
    assert t.say("0:fuse@2.1.1[0]", "2") == ["answer 0: ('1', '2', '3')"]


def test_each_over_nothing_gives_nothing() -> None:
    inner = Build(item=TEXT)
    body = inner.done(inner.op("fuse", 0, type=TEXT))
    b = Build(q=TEXT)
    items = b.literal((), types.ListOf(TEXT, 3))
    assert Table(b.done(b.add(Each(body, "list"), items, type=types.ListOf(TEXT, 3)))).log == [["answer 0: ()"]]


def test_equal_questions_of_a_batch_are_told_apart() -> None:
    b = Build(q=TEXT)
    played = play(b.done(b.op("generate", 0, type=many(1, 1))), [{"q": "x"}, {"q": "y"}, {"q": "x"}])
    first, second, third = (a.scope for a in played.started)
    assert third == f"{first}#1" and second != first


def test_the_scope_of_a_question_is_that_of_its_values_whatever_they_are_called() -> None:
    def scope(name: str) -> str:
        b = Build(**{name: TEXT})
        return play(b.done(b.op("generate", 0, type=many(1, 1))), [{name: "x"}]).started[0].scope

    assert scope("question") == scope("problem")


def test_a_result_that_needs_no_work_is_answered_at_once() -> None:
    b = Build(q=TEXT)
    assert Table(b.done(0)).log == [["answer 0: Q"]]
