"""Trains the step verifier: after each step, the probability that everything so far is right.

Its data are samples, at temperature 1, of the three trained models on problems of the training
part. A step is labelled 1 if it and all before it are right (`problems.correct_steps`), which for
the last step includes the answer. It starts from the trunk of a trained generator.
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
from training.model import SHAPES, Verifier
from training.problems import Problem, Split, correct_steps, problems
from training.train import Recipe, optimizers, prepare
from ttsc.models.tiny.rating import Solution

UNLABELLED = -1.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """A solution's token ids, the places where its steps end, and how many steps are right."""

    ids: tuple[int, ...]
    ends: tuple[int, ...]
    right: int


def labelled(question: str, text: str) -> Labelled:
    """A sample with its labels."""
    steps = samples.steps_of(text)
    ids, ends = Solution(question, steps).tokens()
    return Labelled(tuple(ids), tuple(ends), correct_steps(question, steps))


def gather(folders: Sequence[Path], split: Split, count: int, per_problem: int, seed: int) -> list[Labelled]:
    """Labelled samples of every model on `count` problems of all levels."""
    found: list[Problem] = list(islice(problems(split, seed), count))
    return [
        labelled(problem.question, written.text)
        for folder in folders
        for problem, several in zip(
            found, samples.write(folder, found, per_problem, 1.0, f"{split} {seed}"), strict=True
        )
        for written in several
    ]


def padded(rows: Sequence[Labelled]) -> tuple[Tensor, Tensor]:
    """Ids and labels, (rows, longest); places where no step ends are UNLABELLED."""
    longest = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    labels = torch.full((len(rows), longest), UNLABELLED)
    for place, row in enumerate(rows):
        ids[place, : len(row.ids)] = torch.tensor(row.ids)
        for step, end in enumerate(row.ends):
            labels[place, end] = float(step < row.right)
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
    """Adds up the gradients of a batch, `size` rows at a time; the mean loss per step of a solution."""
    count = sum(len(row.ends) for row in rows)
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
    """The probability that a right step scores higher than a wrong one; None where one kind is missing."""
    scored: list[tuple[float, bool]] = []
    with torch.no_grad():
        for start in range(0, len(data), 64):
            ids, labels = padded(data[start : start + 64])
            known = labels != UNLABELLED
            scored += zip(model(ids)[known].tolist(), (labels[known] > 0).tolist(), strict=True)
    scored.sort()
    ranks = sum(place for place, (_, right) in enumerate(scored, 1) if right)
    right = sum(label for _, label in scored)
    pairs = right * (len(scored) - right)
    return round((ranks - right * (right + 1) / 2) / pairs, 4) if pairs else None


def main() -> None:
    """Samples, labels, trains, and writes the verifier's folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("weights", type=Path, help="folder with s, m and l; the verifier is written beside them")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--problems", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--dev-problems", type=int, default=200)
    parser.add_argument("--size", choices=sorted(SHAPES), default="m", help="the generator it starts from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    began = time.monotonic()
    folders = [given.weights / size for size in SHAPES]
    data = gather(folders, "train", given.problems, given.samples, given.seed)
    held_out = gather(folders, "dev", given.dev_problems, given.samples, given.seed)
    print(f"{len(data)} solutions, {sum(r.right == len(r.ends) for r in data)} right, {time.monotonic() - began:.0f} s")
    model = Verifier(SHAPES[given.size])
    model.model.load_state_dict(checkpoint.generator(given.weights / given.size).model.state_dict())
    recipe = Recipe(given.steps, given.batch, matrix_rate=0.005, other_rate=0.002, seed=given.seed)
    losses = train(model.to(device), data, recipe, device)
    record = {
        "size": given.size,
        "solutions": len(data),
        "steps": given.steps,
        "batch": given.batch,
        "seed": given.seed,
        "seconds": round(time.monotonic() - began),
        "device": torch.cuda.get_device_name() if device == "cuda" else f"CPU, {given.threads} thread(s)",
        "torch": torch.__version__,
        "final_loss": round(sum(losses[-20:]) / len(losses[-20:]), 4),
        "auc_of_steps_on_dev": area(model.to("cpu").float(), held_out),
    }
    checkpoint.write(given.weights / "verifier", model, SHAPES[given.size], record)
    print(record)


if __name__ == "__main__":
    main()
