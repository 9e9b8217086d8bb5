"""generate: which sample of which model stands in which slot, and how many come of it."""

from __future__ import annotations

from tests.ops.scripted import DOWN, Say, Scripted, facts, misuse, model, sizes, some
from ttsc.ops.accepts import Count
from ttsc.ops.facts import Exchange, Worst
from ttsc.ops.generate import OP, Generate, count
from ttsc.values.extraction import Extractor
from ttsc.values.prompt import Filled, PromptTemplate
from ttsc.values.request import Message, Request
from ttsc.values.types import Candidates, ListOf, Number, Text, Type
from ttsc.values.types import Filled as FilledType

GPT, QWEN = model("gpt"), model("qwen")
TEXT = Text()
TWICE = PromptTemplate("twice", (("question", Text()),), ("", "question", " ", "question", ""))


def named(request: Request, index: int) -> Say:
    """A reply that says who gave it."""
    return f"{request.model.name}{index}"


def test_slots_are_in_sample_major_order() -> None:
    made = some(OP, Scripted(named), "How?", models=(GPT, QWEN), samples=3)
    assert [c.text for c in made] == ["gpt0", "qwen0", "gpt1", "qwen1", "gpt2", "qwen2"]
    assert [(c.model, c.sample_index) for c in made][:3] == [("gpt", 0), ("qwen", 0), ("gpt", 1)]
    assert count(Generate((GPT, QWEN), samples=3)) == 6


def test_fewer_samples_are_a_prefix_of_more() -> None:
    few, many = Scripted(named), Scripted(named)
    assert some(OP, few, "How?", models=GPT, samples=2) == some(OP, many, "How?", models=GPT, samples=5)[:2]


def test_a_failed_draw_drops_out_and_the_others_stay() -> None:
    made = some(OP, Scripted(("a", DOWN, "c")), "How?", models=GPT, samples=3)
    assert [(c.text, c.sample_index) for c in made] == [("a", 0), ("c", 2)]


def test_a_filled_prompt_is_sent_with_its_messages() -> None:
    context = Scripted()
    messages = (Message("system", "Be brief."), Message("user", "How?"))
    some(OP, context, Filled(messages, Text()), models=GPT)
    assert context.asks[0].request.messages == messages


def test_a_prompt_of_ones_own_shows_the_question() -> None:
    context = Scripted()
    some(OP, context, "How?", models=GPT, prompt=TWICE)
    assert context.asks[0].request.messages == (Message("user", "How? How?"),)


def result(written: dict[str, object], input: Type = TEXT, **computed: Type) -> Type:
    """The type of a use."""
    return OP.result(facts(OP, input, {"models": GPT} | written, computed))


def test_types() -> None:
    assert result({}) == Candidates(1, 1)
    assert result({"models": (GPT, QWEN), "samples": 3}) == Candidates(1, 6)
    assert result({"samples": 8, "at_least": 2, "extract": Extractor("boxed")}) == Candidates(2, 8, answer=True)
    assert result({}, samples=Number()) == Candidates(1, None)
    assert result({}, FilledType(Text())) == Candidates(1, 1)
    assert result({}, Candidates(1, 1)) == Candidates(1, 1)


def test_misuse() -> None:
    assert misuse(OP, ListOf(Text(), 4), {"models": GPT}) == (
        "E310", "`generate` answers one text, this is [text; 4]", "[text; 4]",
        "`each as x { … }` answers the items of a list one by one", "",
    )  # fmt: skip
    assert misuse(OP, FilledType(Number()), {"models": GPT}) == (
        "E464", "`generate` draws text, this prompt returns number", "a typed prompt",
        "`ask(model)` reads the reply as the type that a prompt returns", "",
    )  # fmt: skip
    assert misuse(OP, Text(), {"models": GPT, "samples": 2, "at_least": 3}) == (
        "E462", "`at_least: 3`, but at most 2 can come", "more than 2",
        "draw more samples or ask for fewer", "at_least",
    )  # fmt: skip
    assert misuse(OP, FilledType(Text()), {"models": GPT, "prompt": TWICE})[0] == "E465"
    typed = PromptTemplate("rate", (("question", Text()),), ("", "question", ""), Number())
    assert misuse(OP, Text(), {"models": GPT, "prompt": typed})[0] == "E464"


def warnings(written: dict[str, object]) -> list[tuple[str, str, str]]:
    """The code, title and argument of each warning."""
    return [(w.code, w.title, w.argument) for w in OP.warn(facts(OP, Text(), written))]


def test_samples_at_temperature_zero_are_doubted() -> None:
    cold = model("cold", temperature=0)
    doubt = [("W611", "4 samples of `cold` at temperature 0 are nearly all the same", "samples")]
    assert warnings({"models": (GPT, cold), "samples": 4}) == doubt
    assert warnings({"models": cold, "samples": 1}) == []
    assert warnings({"models": cold, "samples": 4, "temperature": 0.5}) == []
    assert warnings({"models": model("hot", temperature=1.0), "samples": 4, "temperature": 0.0}) == [
        ("W611", "4 samples of `hot` at temperature 0 are nearly all the same", "samples")
    ]


def test_worst_case() -> None:
    def worst(written: dict[str, object], **computed: Type) -> Worst:
        return OP.worst(facts(OP, Text(), {"models": (GPT, QWEN)} | written, computed), sizes("12345"))

    assert worst({"samples": 6}) == Worst({"models": (Exchange(6, 5, 3),)})
    assert worst({"samples": 6, "at_once": 5, "system": "abc"}) == Worst({"models": (Exchange(6, 10, 3, rounds=3),)})
    assert worst({"samples": 6, "prompt": TWICE}) == Worst({"models": (Exchange(6, 11, 3),)})
    samples = next(a.accepts for a in OP.arguments if a.name == "samples")
    assert isinstance(samples, Count)
    assert worst({}, samples=Number()).exchanges["models"][0].draws == samples.high
