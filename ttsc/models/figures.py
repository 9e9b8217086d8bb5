"""What simulated models are made of: fitted figures, and a profile for every name.

`simulation.json` is written by `scripts/fit_simulation.py` from recorded outputs of real models:
figures only. A *world* is what was fitted to one data set (`like = "gsm8k"` chooses it). What was
not fitted is set here and says so.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from ttsc.values.model import ModelSpec
from ttsc.values.money import Price, dollars

DEFAULT_WORLD = "mmlu_pro"

#: Where the named profiles stand among the recorded models, 0 the weakest and 1 the strongest.
STANDINGS = {"weak": 0.1, "medium": 0.5, "strong": 0.9, "best": 1.0}


class Unfit(Exception):
    """An option of a simulated model that cannot be; the message names it and its range."""


@dataclass(frozen=True, slots=True)
class World:
    """What was fitted to one data set.

    `accuracies` are the recorded models' at 0, 10, …, 100 % of their ranking; `loadings` say how
    much of the weakest and of the strongest model's trouble is the question's shared difficulty;
    a question has `wrong_answers` wrong ones whose popularity falls as `rank ** -exponent`.
    `noise` is the share of variance that is redrawn for each sample at temperature 1, `change` the
    rate, per unit of temperature, at which a sample leaves the model's favourite wrong answer.
    """

    name: str
    accuracies: tuple[float, ...]
    loadings: tuple[float, float]
    wrong_answers: int
    exponent: float
    noise: float
    change: float

    def skill(self, standing: float) -> float:
        """The accuracy of the model at a standing of 0..1 among the recorded ones."""
        place = standing * (len(self.accuracies) - 1)
        low = min(int(place), len(self.accuracies) - 2)
        return self.accuracies[low] + (place - low) * (self.accuracies[low + 1] - self.accuracies[low])

    def standing(self, skill: float) -> float:
        """Where a model of this accuracy would stand, 0..1."""
        above = bisect_left(self.accuracies, skill)
        if above in (0, len(self.accuracies)):
            return float(above > 0)
        low, high = self.accuracies[above - 1], self.accuracies[above]
        return (above - 1 + (skill - low) / (high - low)) / (len(self.accuracies) - 1)

    def loading(self, skill: float) -> float:
        """The weight of the shared difficulty for a model of this accuracy, in standard deviations."""
        weakest, strongest = self.loadings
        return weakest + (strongest - weakest) * self.standing(skill)


@dataclass(frozen=True, slots=True)
class Profile:
    """One simulated model. `skill` is its expected accuracy, `judge_tpr` and `judge_fpr` how often
    it passes a right and a wrong answer; `output_tokens` the median length of a free reply,
    `latency_s` the median seconds of a call, `pace` the share of them really waited for, and
    `nonsense` the share of its short judgements that say nothing.
    """

    name: str
    world: World
    skill: float
    judge_tpr: float
    judge_fpr: float
    output_tokens: float
    latency_s: float
    pace: float
    nonsense: float
    data: str


@cache
def world(name: str) -> World:
    """A fitted world; raises `Unfit` with the names there are."""
    figures = recorded()["worlds"]
    if name not in figures:
        raise Unfit(f"like = {name!r} is not one of {', '.join(sorted(figures))}")
    fitted, sampling = figures[name]["fitted"], recorded()["sampling"]["fitted"]
    return World(
        name, tuple(fitted["accuracies"]), (fitted["loadings"][0], fitted["loadings"][1]), fitted["wrong_answers"],
        fitted["exponent"], sampling["noise"], sampling["change"],
    )  # fmt: skip


@cache
def recorded() -> dict[str, Any]:
    """All of `simulation.json`: what was fitted, what was recorded, and where it comes from."""
    loaded: dict[str, Any] = json.loads(files("ttsc.models").joinpath("simulation.json").read_text(encoding="utf-8"))
    return loaded


def standing_of(name: str) -> float:
    """Where a name stands among the recorded models, 0..1: as `STANDINGS` says, else by its hash."""
    if name in STANDINGS:
        return STANDINGS[name]
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little") / 2**32


def list_price(name: str) -> Price:
    """What a simulated model charges: made up, from $0.05 / $0.20 for the weakest to $5 / $20."""
    factor = 100.0 ** standing_of(name)
    return Price(dollars(0.05 * factor), dollars(0.20 * factor))


def profile_of(spec: ModelSpec) -> Profile:
    """The profile that a simulated model's name and options mean; raises `Unfit`.

    The judging rates, lengths and latencies are not fitted to anything: they grow with standing.
    """
    options = dict(spec.options)
    assert spec.located or not spec.data, "a run locates data files before it asks"
    like = world(str(options.get("like", DEFAULT_WORLD)))
    standing = standing_of(spec.model)
    return Profile(
        name=spec.model,
        world=like,
        skill=_share(options, "skill", like.skill(standing)),
        judge_tpr=_share(options, "judge_tpr", 0.65 + 0.3 * standing),
        judge_fpr=_share(options, "judge_fpr", 0.45 - 0.3 * standing),
        output_tokens=_amount(options, "output_tokens", 150.0, 1.0),
        latency_s=_amount(options, "latency_s", 0.5 + 1.5 * standing, 0.0),
        pace=_amount(options, "pace", 0.0, 0.0),
        nonsense=_share(options, "nonsense", 0.0),
        data=spec.located,
    )


def _share(options: dict[str, str | int | float | bool], name: str, default: float) -> float:
    value = options.get(name, default)
    if isinstance(value, str) or not 0.0 <= value <= 1.0:
        raise Unfit(f"{name} = {value!r} is not a number from 0 to 1")
    return float(value)


def _amount(options: dict[str, str | int | float | bool], name: str, default: float, least: float) -> float:
    value = options.get(name, default)
    if isinstance(value, str) or not least <= value < 1e9:
        raise Unfit(f"{name} = {value!r} is not a number of at least {least:g}")
    return float(value)
