"""Trains the step verifier: after each step, the probability that everything so far is right.

Its data are samples, at temperature 1, of the three trained models on problems of the training
part, and right ones of them once more, up to a step in which one digit was changed. A token of a
solution is labelled 1 as long as all that was said may still be right (`problems.correct_steps`),
so the end of a step is if the step and all before it are. It starts from the trained m with one layer more.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional

from training import checkpoint, samples
from training.model import SHAPES, VERIFIER, Verifier, grow, pruned
from training.problems import Problem, Split, correct_steps, problems
from training.spotting import UNLABELLED, learn_to_spot
from training.train import Recipe, optimizers, prepare
from ttsc.models.tiny import vocabulary
from ttsc.models.tiny.rating import Solution


@dataclass(frozen=True, slots=True)
class Labelled:
    """A solution's token ids, where it begins, the first place that is wrong, and where its steps end."""

    ids: tuple[int, ...]
    start: int
    wrong: int
    ends: tuple[int, ...]


def labelled(question: str, steps: Sequence[str]) -> Labelled:
    """A solution with its labels."""
    ids, ends = Solution(question, tuple(steps)).tokens()
    right, characters = correct_steps(question, steps[: len(ends)])
    start = len(vocabulary.encode(question + vocabulary.BREAK)) + 1
    wrong = len(ids)
    if right < len(ends):
        begins = ends[right - 1] + 1 if right else start
        tokens = vocabulary.encode(steps[right] + vocabulary.BREAK)
        said = (len(vocabulary.decode(tokens[: count + 1])) for count in range(len(tokens)))
        wrong = begins + sum(length <= characters for length in said)
    return Labelled(tuple(ids), start, wrong, tuple(ends))


def spoiled(random: Random, steps: Sequence[str]) -> tuple[str, ...]:
    """A solution up to a step in which a digit of the result was changed."""
    last = random.randrange(len(steps))
    step = steps[last]
    digits = [place for place in range(step.rindex(" ") + 1, len(step)) if step[place].isdecimal()]
    place = random.choice(digits)
    other = random.choice([digit for digit in "0123456789" if digit != step[place]])
    return (*steps[:last], step[:place] + other + step[place + 1 :])


def gather(folders: Sequence[Path], split: Split, count: int, per_problem: int, seed: int) -> list[Labelled]:
    """Labelled samples of every model on `count` problems of all levels, in an order that shows nothing."""
    found: list[Problem] = list(islice(problems(split, seed), count))
    random = Random(seed)  # noqa: S311 - changes and an order, not secrets
    data: list[Labelled] = []
    for folder in folders:
        written = samples.write(folder, found, per_problem, 1.0, f"{split} {seed}")
        for problem, several in zip(found, written, strict=True):
            for steps in (samples.steps_of(w.text) for w in several):
                data.append(labelled(problem.question, steps))
                if steps and data[-1].wrong == len(data[-1].ids):
                    data.append(labelled(problem.question, spoiled(random, steps)))
    random.shuffle(data)
    return data


def padded(rows: Sequence[Labelled]) -> tuple[Tensor, Tensor]:
    """Ids and labels, (rows, longest); what is not part of a solution is UNLABELLED."""
    longest = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    labels = torch.full((len(rows), longest), UNLABELLED)
    for place, row in enumerate(rows):
        ids[place, : len(row.ids)] = torch.tensor(row.ids)
        labels[place, row.start : row.wrong] = 1.0
        labels[place, row.wrong : len(row.ids)] = 0.0
    return ids, labels


def train(model: Verifier, data: list[Labelled], recipe: Recipe, device: str) -> list[float]:
    """Trains the model in place; the loss of every step."""
    random = Random(recipe.seed)  # noqa: S311 - an order, not a secret
    both = optimizers(model, recipe)
    losses = []
    for step in range(recipe.steps):
        prepare(both, step / recipe.steps, step, recipe)
        rows = sorted(random.sample(data, min(recipe.batch, len(data))), key=lambda row: len(row.ids))
        losses.append(accumulate(model, rows, -(-len(rows) // recipe.micro), device))
        for optimizer in both:
            optimizer.step()
        if step % 20 == 0:
            print(f"step {step}: loss {losses[-1]:.4f}", flush=True)
    return losses


def accumulate(model: Verifier, rows: list[Labelled], size: int, device: str) -> float:
    """Adds up the gradients of a batch, `size` rows at a time; the mean loss per token of a solution."""
    count = sum(len(row.ids) - row.start for row in rows)
    total = 0.0
    for start in range(0, len(rows), size):
        ids, labels = (part.to(device) for part in padded(rows[start : start + size]))
        with torch.autocast(device, dtype=torch.bfloat16):
            odds = model(ids)
        known = labels != UNLABELLED
        loss = functional.binary_cross_entropy_with_logits(odds[known].float(), labels[known], reduction="sum")
        (loss / count).backward()
        total += loss.item()
    return total / count


def area(model: Verifier, data: Sequence[Labelled]) -> float | None:
    """The probability that the end of a right step scores higher than that of a wrong one; None without both."""
    scored: list[tuple[float, bool]] = []
    with torch.no_grad():
        for row in data:
            odds = model(torch.tensor([row.ids]))[0].tolist()
            scored += [(odds[end], end < row.wrong) for end in row.ends]
    scored.sort()
    ranks = sum(place for place, (_, right) in enumerate(scored, 1) if right)
    right = sum(label for _, label in scored)
    pairs = right * (len(scored) - right)
    return round((ranks - right * (right + 1) / 2) / pairs, 4) if pairs else None


def main() -> None:
    """Samples, labels, trains, and writes the verifier's folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("weights", type=Path, help="folder with s, m and l; the verifier is written beside them")
    parser.add_argument("--spotting-steps", type=int, default=500)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--problems", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--dev-problems", type=int, default=200)
    parser.add_argument("--rate", type=float, default=0.3, help="a factor on the learning rates")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    began = time.monotonic()
    folders = [given.weights / size for size in SHAPES]
    model = Verifier(VERIFIER)
    generator = checkpoint.generator(given.weights / "m")
    grow(pruned(generator, VERIFIER.inner), model)
    model.to(device)
    spotting = learn_to_spot(model, generator, Recipe(given.spotting_steps, given.batch, seed=given.seed))
    data = gather(folders, "train", given.problems, given.samples, given.seed)
    held_out = gather(folders, "dev", given.dev_problems, given.samples, given.seed)
    print(f"{len(data)} solutions, {sum(r.wrong == len(r.ids) for r in data)} right, {time.monotonic() - began:.0f} s")
    recipe = Recipe(given.steps, given.batch, rate=given.rate, cool_down=0.9, seed=given.seed)
    losses = train(model, data, recipe, device)
    record = {
        "spotting_steps": given.spotting_steps,
        "spotting_loss": round(sum(spotting[-20:]) / len(spotting[-20:]), 4),
        "solutions": len(data),
        "steps": given.steps,
        "batch": given.batch,
        "rate": given.rate,
        "seed": given.seed,
        "seconds": round(time.monotonic() - began),
        "device": torch.cuda.get_device_name() if device == "cuda" else f"CPU, {given.threads} thread(s)",
        "torch": torch.__version__,
        "final_loss": round(sum(losses[-20:]) / len(losses[-20:]), 4),
        "auc_of_steps_on_dev": area(model.to("cpu").float(), held_out),
    }
    checkpoint.write(given.weights / "verifier", model, VERIFIER, record)
    print(record)


if __name__ == "__main__":
    main()
