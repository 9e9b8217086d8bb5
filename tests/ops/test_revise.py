"""revise: a new text with an old origin; what was known of the old text is gone."""

from __future__ import annotations

from tests.ops.scripted import DOWN, Scripted, drafts, facts, misuse, model, only, sizes, some
from ttsc.ops.revise import OP, REPORT_BYTES
from ttsc.values.candidate import Verdict
from ttsc.values.extraction import Extractor
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Candidates, Number, Text

GPT = model("gpt")
KNOWN = drafts(
    "It is 41.",
    answer="41", extraction="found", extractor=Extractor("final_number"), critique="Off by one.", sample_index=3,
    scores={"score": 0.1, "merged": 4.0}, verdicts=(Verdict("gpt", False),), report="1 of 2 tests failed", model="qwen",
)  # fmt: skip


def test_the_revision_keeps_the_origin_and_loses_what_belonged_to_the_old_text() -> None:
    made = only(OP, Scripted("It is 42."), KNOWN, model=GPT)
    old = KNOWN.items[0]
    assert (made.text, made.value, made.answer, made.extraction) == ("It is 42.", "It is 42.", "42", "found")
    assert (made.origin, made.parents, made.sample_index, made.model) == (old.origin, (old.draw,), 3, "gpt")
    assert made.draw not in ("", old.draw)
    assert (made.critique, made.verdicts, made.report, dict(made.scores)) == (None, (), "", {"merged": 4.0})


def test_what_is_known_against_it_is_shown() -> None:
    context = Scripted()
    only(OP, context, KNOWN, model=GPT)
    for shown in (
        "<candidate>\nIt is 41.\n</candidate>",
        "<critique>\nOff by one.\n</critique>",
        "<report>\n1 of 2 tests failed\n</report>",
    ):
        assert shown in context.prompt()
    bare = Scripted()
    only(OP, bare, drafts("It is 41."), model=GPT)
    assert "<critique>" not in bare.prompt()
    assert "<report>" not in bare.prompt()


def test_a_long_report_is_cut_to_its_end_and_stays_below_the_worst_case() -> None:
    long = drafts("It is 41.", report="ü" * 5_000 + "the last line")
    context = Scripted()
    only(OP, context, long, model=GPT)
    shown = context.prompt().partition("<report>\n")[2].partition("\n</report>")[0]
    assert shown.endswith("the last line")
    assert len(shown.encode()) <= REPORT_BYTES
    (asked,) = OP.worst(facts(OP, Candidates(1, 1), {"model": GPT}), sizes(long)).exchanges["model"]
    assert len(context.prompt().encode()) <= asked.input_bytes


def test_a_revision_that_fails_drops_out() -> None:
    made = some(OP, Scripted(("a", DOWN, "c")), drafts("x", "y", "z"), model=GPT)
    assert [(c.text, c.origin) for c in made] == [("a", "o0"), ("c", "o2")]


def test_a_typed_revision() -> None:
    mine = PromptTemplate("mine", (("candidate", Text()),), ("Better than ", "candidate", "?"), Number())
    context = Scripted(("no", "43"))
    assert only(OP, context, drafts("41"), model=GPT, prompt=mine).value == 43
    assert some(OP, Scripted("no"), drafts("41"), model=GPT, prompt=mine) == ()


def test_types() -> None:
    given = Candidates(4, 5, answer=True, scores=frozenset({"score"}), critique=Text())
    assert OP.result(facts(OP, given, {"model": GPT})) == Candidates(1, 5, answer=True)
    assert OP.result(facts(OP, given.sized(1, 1), {"model": GPT})) == Candidates(1, 1, answer=True)
    merged = Candidates(4, 5, scores=frozenset({"merged", "score"}))
    assert OP.result(facts(OP, merged, {"model": GPT})) == Candidates(1, 5, scores=frozenset({"merged"}))
    assert OP.result(facts(OP, given.sized(0, 3), {"model": GPT})) == Candidates(0, 3, answer=True)
    merged = Candidates(1, 5, scores=frozenset({"merged"}))
    assert OP.result(facts(OP, merged, {"model": GPT})) == merged
    assert misuse(OP, Text(), {"model": GPT})[0] == "E310"
