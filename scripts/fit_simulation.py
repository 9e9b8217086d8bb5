"""Fits the simulated models to recorded outputs of real ones; writes `ttsc/models/simulation.json`.

    TTSC_SHARED=../shared python scripts/fit_simulation.py

The formula stands in `ttsc/models/simulation.py`. What is fitted, per data set with one sample per
model: the models' accuracies; one loading on the shared difficulty for strong and one for weak
models (from how often two of the five strongest, and two of the five weakest, are both wrong); the
exponent of the popularity of wrong answers (from how often two wrong models agree). From data with
many samples of one model: how much of a reply is redrawn per sample. That all five strongest are
wrong together is not fitted: it is the test of the fit. Figures only, no text, leave the data.
"""

from __future__ import annotations

import gzip
import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "ttsc" / "models" / "simulation.json"
SETS = {"gsm8k": 20, "math_l5": 40, "crux_o": 20, "mmlu_pro": 9}  # wrong answers per question
SAMPLED = {  # temperature of the sets with many samples of one model
    ("cruxeval_multi", "codellama-7b@0.2/input"): 0.2,
    ("cruxeval_multi", "codellama-7b@0.2/output"): 0.2,
    ("game24", "gpt-4@0.7/io"): 0.7,
    ("game24", "gpt-4@0.7/cot"): 0.7,
    ("humaneval", "codegen-16b-mono@0.8"): 0.8,
}
NO_ANSWERS = {"humaneval"}  # programs: two wrong ones are never compared
NORMAL = NormalDist()
GRID = [x / 10 for x in range(-60, 61)]
WEIGHTS = [NORMAL.pdf(x) / 10 for x in GRID]

Marks = dict[str, dict[str, tuple[bool, str | None]]]


def data_folder() -> Path:
    """Where the recorded data is."""
    return Path(os.environ.get("TTSC_SHARED", ROOT.parent / "shared")) / "data"


def main() -> None:
    """Fits everything and writes the file."""
    worlds = {name: fit_world(name, wrong) for name, wrong in SETS.items()}
    result = {
        "formula": "ttsc/models/simulation.py",
        "source": "one recorded reply per model and question (ZeroEval, MMLU-Pro); several per model and question "
        "(CRUXEval, Tree of Thoughts' Game of 24, CodeT's HumanEval); development halves",
        "worlds": worlds,
        "sampling": fit_sampling(),
    }
    TARGET.write_text(json.dumps(result, indent=1) + "\n")
    for name, w in worlds.items():
        print(name, w["fitted"]["loadings"], w["fitted"]["exponent"], w["recorded"])
    print(result["sampling"])


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The records of a data set."""
    with gzip.open(data_folder() / f"{name}.samples.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def complete_marks(name: str) -> tuple[Marks, list[str]]:
    """Right or wrong and the prediction by model and question: models with 99 % of the questions
    or more, strongest first, and the questions that all of them have."""
    marks: Marks = defaultdict(dict)
    for row in rows(name):
        if row["correct"] is not None:
            pred = row.get("pred")
            marks[row["model"]][row["id"]] = (bool(row["correct"]), None if pred is None else str(pred).strip())
    count = len({question for answers in marks.values() for question in answers})
    full = {model: answers for model, answers in marks.items() if len(answers) >= 0.99 * count}
    questions = sorted(set.intersection(*(set(answers) for answers in full.values())))
    ranked = sorted(full, key=lambda m: (-sum(full[m][q][0] for q in questions), m))
    return {m: full[m] for m in ranked}, questions


def all_wrong(marks: Marks, models: Sequence[str]) -> tuple[float, float]:
    """How often models are all wrong, recorded and if they were independent, on what they share."""
    shared = set.intersection(*(set(marks[m]) for m in models))
    together = fmean(not any(marks[m][q][0] for m in models) for q in shared)
    return together, math.prod(fmean(not marks[m][q][0] for q in shared) for m in models)


def same_wrong(marks: Marks, questions: Sequence[str]) -> float:
    """How often two models that are both wrong give the same wrong answer."""
    pairs = same = 0
    for q in questions:
        votes = Counter(p for right, p in (marks[m][q] for m in marks) if not right and p is not None)
        wrong = votes.total()
        pairs += wrong * (wrong - 1) // 2
        same += sum(v * (v - 1) // 2 for v in votes.values())
    return same / pairs


def fit_world(name: str, wrong_answers: int) -> dict[str, Any]:
    """The fitted and the recorded figures of one data set."""
    marks, questions = complete_marks(name)
    models = list(marks)
    accuracy = {m: fmean(marks[m][q][0] for q in questions) for m in models}
    five, last = models[:5], models[-5:]
    agreement = same_wrong(marks, questions)
    together, independent = all_wrong(marks, five)
    rising = sorted(accuracy.values())
    places = [k * (len(rising) - 1) / 10 for k in range(11)]
    deciles = [rising[int(p)] + (p % 1) * (rising[min(int(p) + 1, len(rising) - 1)] - rising[int(p)]) for p in places]
    loadings = [math.sqrt(fit_correlation(marks, group, questions, accuracy)) for group in (last, five)]
    return {
        "fitted": {
            "accuracies": [round(a, 4) for a in deciles],
            "loadings": [round(x, 4) for x in loadings],
            "wrong_answers": wrong_answers,
            "exponent": round(fit_exponent(wrong_answers, agreement), 4),
        },
        "recorded": {
            "models": len(models),
            "questions": len(questions),
            "five_best": [round(accuracy[m], 4) for m in five],
            "five_best_all_wrong": round(together, 4),
            "five_best_all_wrong_if_independent": round(independent, 4),
            "same_wrong_answer": round(agreement, 4),
            "correlation": round(mean_correlation(marks, questions), 4),
        },
    }


def mean_correlation(marks: Marks, questions: Sequence[str]) -> float:
    """The mean correlation of being right, over pairs of models."""
    columns = [[float(marks[m][q][0]) for q in questions] for m in marks]
    centred = [[x - fmean(c) for x in c] for c in columns]
    scaled = [[x / math.hypot(*c) for x in c] for c in centred]
    return fmean(sum(map(float.__mul__, a, b)) for a, b in combinations(scaled, 2))


def fit_correlation(marks: Marks, group: Sequence[str], questions: Sequence[str], accuracy: dict[str, float]) -> float:
    """The shared variance under which pairs of a group are both wrong as often as recorded."""
    pairs = list(combinations(group, 2))
    seen = fmean(fmean(not marks[a][q][0] and not marks[b][q][0] for q in questions) for a, b in pairs)
    return solve(lambda rho: fmean(both_wrong(accuracy[a], accuracy[b], rho) for a, b in pairs), seen)


def both_wrong(left: float, right: float, rho: float) -> float:
    """The share of questions that two models of these accuracies both get wrong."""
    cuts = [NORMAL.inv_cdf(min(max(a, 1e-4), 1 - 1e-4)) for a in (left, right)]
    pull, rest = math.sqrt(rho), math.sqrt(1 - rho)
    shares = (math.prod(NORMAL.cdf((pull * g - c) / rest) for c in cuts) for g in GRID)
    return sum(map(float.__mul__, WEIGHTS, shares))


def fit_exponent(count: int, agreement: float) -> float:
    """The exponent at which two wrong answers of `count` are the same as often as recorded."""
    return solve(lambda s: agreement_of(count, s), agreement, low=0.0, high=8.0)


def agreement_of(count: int, exponent: float) -> float:
    """How often two draws of `count` answers with popularity `rank ** -exponent` are the same."""
    shares = [math.pow(rank, -exponent) for rank in range(1, count + 1)]
    return sum(s * s for s in shares) / math.fsum(shares) ** 2


def fit_sampling() -> dict[str, Any]:
    """How samples of one model vary: least squares through the origin, noise in the temperature's square."""
    seen, noise, change = [], [], []
    for (name, model), temperature in SAMPLED.items():
        groups = defaultdict(list)
        for row in rows(name):
            if row["model"] == model:
                groups[row["id"]].append((bool(row["correct"]), str(row.get("pred"))))
        accuracy = fmean(right for g in groups.values() for right, _ in g)
        failures = [(sum(not right for right, _ in g), len(g)) for g in groups.values()]
        wrong = fmean(k * (k - 1) / (n * (n - 1)) for k, n in failures)
        within = solve(partial(both_wrong, accuracy, accuracy), wrong)
        noise.append((temperature**2, 1 - within))
        figures = {"set": name, "temperature": temperature, "accuracy": round(accuracy, 4), "shared": round(within, 4)}
        if name not in NO_ANSWERS:
            same = same_within(groups)
            change.append((temperature, -math.log(max(same, 1e-3)) / 2))
            figures["same_wrong_answer"] = round(same, 4)
        seen.append(figures)
    fitted = {"noise": round(slope(noise), 4), "change": round(slope(change), 4)}
    return {"fitted": fitted, "recorded": {"groups": seen}}


def same_within(groups: dict[str, list[tuple[bool, str]]]) -> float:
    """How often two wrong samples of one model on one question give the same answer."""
    pairs = same = 0
    for group in groups.values():
        votes = Counter(pred for right, pred in group if not right)
        pairs += votes.total() * (votes.total() - 1)
        same += sum(v * (v - 1) for v in votes.values())
    return same / pairs


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares of y = k x."""
    return sum(x * y for x, y in points) / sum(x * x for x, _ in points)


def solve(rising: Callable[[float], float], target: float, low: float = 0.001, high: float = 0.999) -> float:
    """Where a rising function reaches a value, by bisection."""
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return low


if __name__ == "__main__":
    main()
