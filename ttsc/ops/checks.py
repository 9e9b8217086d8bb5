"""Checks that type rules share: what is piped in, how much of it, and what a prompt returns."""

from __future__ import annotations

from collections.abc import Callable

from ttsc.ops.accepts import Count, arguments
from ttsc.ops.facts import Facts, Misuse
from ttsc.values.prompt import PromptTemplate
from ttsc.values.schema import answerable
from ttsc.values.types import Candidates, Filled, ListOf, Text, Type, Unknown, assignable, describe


def candidates_in(facts: Facts, op: str) -> Candidates:
    """The candidates that are piped in; Misuse for anything else."""
    match facts.input:
        case Candidates() as given:
            return given
        case Unknown():
            return Candidates(1, None, Unknown())
        case Filled():
            help = "ask it of a model first: `|> generate(model)`"
        case _:
            help = "`generate(model)` makes candidates of a question, `answering(question)` of finished answers"
    raise Misuse(
        f"`{op}` works on candidates, this is {describe(facts.input)}",
        label=describe(facts.input), help=help, code="E310",
    )  # fmt: skip


def text_in(facts: Facts, op: str) -> None:
    """Nothing where one text is piped in; Misuse for anything else."""
    if not assignable(facts.input, Text()):
        raise Misuse(
            f"`{op}` takes one text, this is {describe(facts.input)}",
            label=describe(facts.input), help=one_text(facts.input, "takes"), code="E310",
        )  # fmt: skip


def one_text(given: Type, does: str) -> str:
    """What to write where one text is needed; `does` is what the op does with each of several."""
    match given:
        case Candidates(low=low, high=high) if (low, high) != (1, 1):
            return f"`each as x {{ … }}` {does} one by one; `vote`, `fuse(model)` and `top(1)` leave one"
        case Candidates(item=ListOf()) | ListOf():
            return f"`each as x {{ … }}` {does} the items of a list one by one"
        case _:
            return 'fill it into a text: `"{value}"`'


def several_in(high: int | None, op: str) -> None:
    """Nothing where more than one can arrive; Misuse where there is nothing to compare."""
    if high is not None and high < 2:
        raise Misuse(
            f"`{op}` has nothing to compare: at most one arrives",
            help=f"draw more samples before it, or leave `{op}` out",
            code="E460",
        )


def kept(facts: Facts, high: int | None) -> int | None:
    """How many `keep` lets through of at most `high`; Misuse where it asks for more.

    A hole is no mistake: its domain is cut to what can arrive.
    """
    keep = facts.count("keep")
    if "keep" in facts.given and keep is not None and high is not None and keep > high:
        raise Misuse(
            f"`keep: {keep}`, but at most {high} arrive",
            label=f"more than {high}",
            help=f"write `keep: {high}` or less, or draw more samples before it",
            argument="keep",
            code="E461",
        )
    if keep is None:
        return high
    return keep if high is None else min(keep, high)


def least(facts: Facts, high: int | None) -> int:
    """The `at_least` of a sampling op; Misuse where it is more than can come of it."""
    wanted = facts.count("at_least") or 0
    if "at_least" in facts.given and high is not None and wanted > high:
        raise Misuse(
            f"`at_least: {wanted}`, but at most {high} can come",
            label=f"more than {high}",
            help="draw more samples or ask for fewer",
            argument="at_least",
            code="E462",
        )
    return wanted if high is None else min(wanted, high)


def most(facts: Facts, settings: type, name: str) -> int:
    """The largest value of a whole-number argument: its own, else what the argument may be at most."""
    value = facts.count(name)
    if value is not None:
        return value
    declared = next(a.accepts for a in arguments(settings) if a.name == name)
    assert isinstance(declared, Count), f"`{name}` is no count"
    return declared.high


def prompt_returns(facts: Facts, op: str, fits: Callable[[Type], bool], wanted: str) -> None:
    """Nothing where the replacement prompt, if any, returns what the op can read; Misuse else."""
    prompt = facts.values.get("prompt")
    if isinstance(prompt, PromptTemplate) and not fits(prompt.result):
        raise Misuse(
            f"`{op}` cannot read what `{prompt.name}` returns: {describe(prompt.result)}",
            label=f"returns {describe(prompt.result)}",
            help=f"a prompt for `{op}` returns {wanted}",
            argument="prompt",
            code="E463",
        )


def drawn_type(facts: Facts, op: str) -> Type:
    """The type of what a drawing op's prompt returns: text, or what its replacement declares."""
    prompt = facts.values.get("prompt")
    prompt_returns(facts, op, answerable, "text, numbers, choices, or records and lists of these")
    return prompt.result if isinstance(prompt, PromptTemplate) else Text()
