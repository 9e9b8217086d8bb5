"""The candidate whose answer most candidates share.

What
    Plurality over the extracted answers: numbers are equal when their normal forms are,
    other answers when their texts are. The result is the first candidate with the winning
    answer. Ties go to the answer that came up first. A candidate whose extraction failed has
    no vote; where all failed, the first candidate is the result, with no votes.

When
    Answers are short and can be compared: numbers, choices, boxed results. For prose use
    `rank` or `fuse`.

Cost
    No calls. With `weight: verified else 1` a candidate counts as much as its score says.

Scores
    `votes`, how many candidates share the winning answer; `agreement`, their share of all
    candidates, failed extractions included.

Paper
    Wang et al. 2022, Self-Consistency Improves Chain of Thought Reasoning in Language Models.
    Li et al. 2022, Making Large Language Models Better Reasoners with Step-Aware Verifier.

Example
    question |> generate(small, samples: 16, extract: final_number) |> vote
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ttsc.ops import arriving
from ttsc.ops.accepts import Metric, MetricUse, Word, argument
from ttsc.ops.facts import Facts, Misuse
from ttsc.ops.signature import Op, Pure
from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.extraction import answer_key, spoken
from ttsc.values.prompt import as_text
from ttsc.values.types import Candidates as CandidatesType
from ttsc.values.types import Type

BY = Word(("answer", "whole"))


@dataclass(frozen=True, slots=True)
class Vote:
    """The arguments of `vote`."""

    weight: MetricUse | None = argument(
        Metric(otherwise=True), "score that a vote counts by, `NAME else VALUE` where some lack it", default=None
    )
    by: str = argument(BY, "what is compared: the extracted answer, or the whole text", default="answer")


def result(facts: Facts) -> Type:
    """One candidate, with its votes."""
    given = arriving.some(facts, "vote")
    check_comparable(given, facts.values["by"], "vote")
    weight = facts.values["weight"]
    if isinstance(weight, MetricUse):
        if not weight.descending:
            raise Misuse(
                "a vote counts by more, not by less",
                label="smallest first has no meaning here",
                help=f"write `weight: {weight.name}`",
                argument="weight",
                code="E458",
            )
        arriving.check_score(given, weight, "vote", "weight")
    return CandidatesType(1, 1, given.item, given.answer, given.scores | {"votes", "agreement"}, given.critique)


def check_comparable(given: CandidatesType, by: object, op: str) -> None:
    """Raises a misuse where candidates have no answer to compare and their texts are not asked for."""
    if by == "answer" and not given.answer:
        raise Misuse(
            f"`{op}` compares answers, and nothing has extracted any",
            label="the candidates have no `answer`",
            help=f"extract one where they are drawn, `generate(…, extract: final_number)`, or write `{op}(by: whole)`",
            code="E452",
        )


def ballots(candidates: Sequence[Candidate], by: str) -> dict[str, list[Candidate]]:
    """Candidates by what they answer, in the order in which answers come up; those without one left out."""
    found: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        answer = spoken(as_text(candidate.value)) if by == "whole" else candidate.answer
        if answer is not None:
            found.setdefault(answer_key(answer), []).append(candidate)
    return found


def run(drafts: Candidates, settings: Vote) -> Candidates:
    """The first candidate with the winning answer; the first of all where nobody has one."""
    found = ballots(drafts.items, settings.by)
    if not found:
        return drafts.of((drafts.items[0].scored("votes", 0.0).scored("agreement", 0.0),))
    winners = max(found.values(), key=lambda group: _weight(group, settings.weight))
    elected = winners[0].scored("votes", float(len(winners)))
    return drafts.of((elected.scored("agreement", len(winners) / len(drafts)),))


def _weight(group: Sequence[Candidate], weight: MetricUse | None) -> float:
    if weight is None:
        return len(group)
    return math.fsum(arriving.measure(candidate, weight, "vote") for candidate in group)


OP = Op(name="vote", role="reducer", settings=Vote, result=result, behaviour=Pure(run), module=__doc__ or "")
