"""What techniques pass along: candidates, each with everything that is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from ttsc.values.extraction import Extractor
from ttsc.values.usage import Usage

Extraction = Literal["none", "found", "failed"]

NO_SCORES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judgement of one candidate: pass, fail, or no verdict (`passed` is None)."""

    judge: str
    passed: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One attempt at an answer, with its provenance.

    `value` is what the program sees: the text, or the typed value a prompt returns. `text` is
    the raw reply. `answer` is what extraction found (`extraction` says whether it was tried
    and found, `extractor` how it is found again in a revision). `scores` are named numbers.
    `origin` names where this candidate comes from and survives critique, revision and scoring;
    no two candidates of a set have the same. `draw` names the draw that made this text. `parents` are the draws of the
    candidates it was made from. `report` says what running its tests showed, "" before any ran.
    """

    value: object
    text: str
    origin: str
    draw: str = ""
    answer: object = None
    extraction: Extraction = "none"
    extractor: Extractor | None = None
    truncated: bool = False
    scores: Mapping[str, float] = field(default_factory=lambda: NO_SCORES)
    critique: object = None
    verdicts: tuple[Verdict, ...] = ()
    report: str = ""
    parents: tuple[str, ...] = ()
    model: str = ""
    sample_index: int = 0
    usage: Usage = field(default_factory=Usage)

    def scored(self, name: str, score: float) -> Candidate:
        """The candidate with one more named score."""
        return replace(self, scores=MappingProxyType({**self.scores, name: score}))

    def metric(self, name: str) -> float | None:
        """A score, or one of the numbers every candidate has; None where there is none."""
        match name:
            case "length":
                return float(len(self.text))
            case "cost":
                return None if self.usage.cost is None else self.usage.cost / 1e9
            case "tokens":
                return float(self.usage.output_tokens)
            case "merged":
                return self.scores.get(name, 1.0)
            case _:
                return self.scores.get(name)


@dataclass(frozen=True, slots=True)
class Candidates:
    """An ordered list of candidates, each of its own origin, and the input they answer."""

    items: tuple[Candidate, ...]
    question: str = ""

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def of(self, items: tuple[Candidate, ...] | list[Candidate]) -> Candidates:
        """Other candidates that answer the same input."""
        return Candidates(tuple(items), self.question)


def distinct(items: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates with origins that differ: what repeats an earlier one's is told apart by `#1`, `#2`, …

    For whoever puts candidates of several sets together.
    """
    given = tuple(items)
    seen: set[str] = set()
    made: list[Candidate] = []
    if len({item.origin for item in given}) == len(given):
        return given
    for item in given:
        origin, copies = item.origin, 0
        while origin in seen:
            copies += 1
            origin = f"{item.origin}#{copies}"
        seen.add(origin)
        made.append(item if not copies else replace(item, origin=origin))
    return tuple(made)
