"""Measures the trained models on test problems, by level: one sample, votes of k, the verifier's choice.

All figures come from the same samples. One sample is the mean over them; a vote counts the answers
of the first k, ties to the earlier one; the interval is a bootstrap over problems.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean

from training import samples
from training.model import SHAPES
from training.problems import LEVELS, Problem, distinct
from ttsc.models.tiny.sizes import operations
from ttsc.values.extraction import final_number


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sample: its answer ("" if none), the verifier's last score, the tokens it took."""

    answer: str
    score: float
    tokens: int


Choice = Callable[[Sequence[Attempt]], str]


def vote(attempts: Sequence[Attempt]) -> str:
    """The commonest answer."""
    return _heaviest([(a.answer, 1.0) for a in attempts])


def weighted_vote(attempts: Sequence[Attempt]) -> str:
    """The answer with the largest sum of scores."""
    return _heaviest([(a.answer, a.score) for a in attempts])


def best(attempts: Sequence[Attempt]) -> str:
    """The answer of the attempt with the highest score."""
    return max(attempts, key=lambda a: a.score).answer


def _heaviest(answers: list[tuple[str, float]]) -> str:
    weights: dict[str, float] = {}
    for answer, weight in answers:
        if answer:
            weights[answer] = weights.get(answer, 0.0) + weight
    return max(weights, key=lambda answer: weights[answer], default="")


def attempts(weights: Path, size: str, found: list[Problem], count: int, temperature: float) -> list[list[Attempt]]:
    """Samples of a size, rated."""
    written = samples.write(weights / size, found, count, temperature, "evaluate")
    flat = [(p.question, w.text) for p, several in zip(found, written, strict=True) for w in several]
    scores = iter(samples.rate(weights / "verifier", flat))
    return [
        [
            Attempt(final_number(w.text) or "", scored[-1] if (scored := next(scores)) else 0.0, w.tokens)
            for w in several
        ]
        for several in written
    ]


def figures(found: list[Problem], tried: list[list[Attempt]]) -> dict[str, object]:
    """The share of problems solved in each way, in per cent, with 95 % intervals."""
    count = len(tried[0])
    golds = [str(p.answer) for p in found]
    ways: dict[str, list[float]] = {
        "pass@1": [fmean(a.answer == gold for a in each) for gold, each in zip(golds, tried, strict=True)],
        f"pass@{count}": [float(any(a.answer == gold for a in each)) for gold, each in zip(golds, tried, strict=True)],
    }
    for k in (4, count):
        for name, choose in (("maj", vote), ("weighted", weighted_vote), ("best", best)):
            ways[f"{name}@{k}"] = [float(choose(each[:k]) == gold) for gold, each in zip(golds, tried, strict=True)]
    tokens = fmean(a.tokens for each in tried for a in each)
    return {**{name: _interval(values) for name, values in ways.items()}, "tokens_per_sample": round(tokens, 1)}


def _interval(values: list[float]) -> list[float]:
    random = Random(0)  # noqa: S311 - resampling
    means = sorted(fmean(random.choices(values, k=len(values))) for _ in range(1000))
    return [round(100 * x, 1) for x in (fmean(values), means[25], means[974])]


def main() -> None:
    """Writes all figures as JSON: per size and level, [mean, low, high] in per cent."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sizes", nargs="+", default=list(SHAPES))
    parser.add_argument("--levels", nargs="+", type=int, default=list(LEVELS))
    parser.add_argument("--problems", type=int, default=200, help="of each level")
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.monotonic()
    result: dict[str, object] = {
        "split": "test", "problems_per_level": given.problems, "samples": given.samples,
        "temperature": given.temperature, "seed": given.seed, "unit": "[mean, low, high] in per cent, 95 % bootstrap",
        "operations_per_token": {size: operations(size, 1) for size in (*SHAPES, "verifier")},
    }  # fmt: skip
    for size in given.sizes:
        rows = {}
        for level in given.levels:
            found = distinct("test", given.seed, level, given.problems)
            rows[str(level)] = figures(found, attempts(given.weights, size, found, given.samples, given.temperature))
            print(size, level, rows[str(level)], f"{time.monotonic() - began:.0f} s", flush=True)
        result[size] = rows
    result["seconds"] = round(time.monotonic() - began)
    given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
