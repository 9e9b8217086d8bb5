"""Trains one size of the tiny models; given its seed, threads and software, it gives the same weights.

Every batch is new problems from the training part, all levels evenly, the loss on the solution
only. A size can start from the next smaller one (`--grow-from`). See README.md beside this.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from training import checkpoint
from training.model import SHAPES, Generator, grow
from training.problems import Problem, problems
from ttsc.models.tiny import vocabulary

IGNORED = -100


@dataclass(frozen=True, slots=True)
class Recipe:
    """Sizes and rates of one training run. `micro` batches of like length make up one batch."""

    steps: int
    batch: int = 256
    micro: int = 4
    matrix_rate: float = 0.01
    other_rate: float = 0.004
    rate: float = 1.0  # a factor on both
    warm_up: int = 20
    cool_down: float = 0.4  # the last part of the steps, in which the rates fall to zero
    seed: int = 0
    seconds: float | None = None  # stands for `steps` where it is given; then a run is not repeatable


def example(problem: Problem) -> tuple[list[int], int]:
    """The token ids of a problem and its solution, and where the solution begins."""
    question = [0, *vocabulary.encode(problem.question + vocabulary.BREAK)]
    return [*question, *vocabulary.encode(problem.solution), 0], len(question)


def batches(found: Iterator[Problem], recipe: Recipe) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Endless batches, each as micro-batches of (ids, next ids) padded to their own longest."""
    while True:
        rows = sorted((example(p) for p in islice(found, recipe.batch)), key=lambda row: len(row[0]))
        size = -(-len(rows) // recipe.micro)
        yield [padded(rows[i : i + size]) for i in range(0, len(rows), size)]


def padded(rows: list[tuple[list[int], int]]) -> tuple[Tensor, Tensor]:
    """Ids and next ids, (rows, longest); next ids outside the solutions are IGNORED."""
    longest = max(len(ids) for ids, _ in rows) - 1
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    nexts = torch.full((len(rows), longest), IGNORED)
    for row, (tokens, start) in enumerate(rows):
        ids[row, : len(tokens) - 1] = torch.tensor(tokens[:-1])
        nexts[row, start - 1 : len(tokens) - 1] = torch.tensor(tokens[start:])
    return ids, nexts


def optimizers(model: nn.Module, recipe: Recipe) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon for the matrices inside the layers (Jordan et al. 2024), AdamW for all the rest."""
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and ".layers." in name]
    others = [p for name, p in named if not (p.ndim == 2 and ".layers." in name)]
    return (
        torch.optim.Muon(matrices, lr=recipe.matrix_rate, weight_decay=0.01),
        torch.optim.AdamW(others, lr=recipe.other_rate, betas=(0.9, 0.95), weight_decay=0.0),
    )


def prepare(both: tuple[torch.optim.Optimizer, torch.optim.Optimizer], done: float, step: int, recipe: Recipe) -> None:
    """Clears the gradients and sets the learning rates for when `done` (0 to 1) of the run is over."""
    factor = recipe.rate * min(1.0, (step + 1) / recipe.warm_up, max(0.0, (1 - done) / recipe.cool_down))
    for optimizer, base in zip(both, (recipe.matrix_rate, recipe.other_rate), strict=True):
        optimizer.zero_grad()
        for group in optimizer.param_groups:
            group["lr"] = base * factor


def train(model: Generator, recipe: Recipe, device: str) -> Iterable[tuple[int, float]]:
    """Trains the model in place; yields (step, loss) after every step."""
    found = batches(problems("train", recipe.seed), recipe)
    both = optimizers(model, recipe)
    began = time.monotonic()
    for step in range(recipe.steps):
        passed = time.monotonic() - began
        done = passed / recipe.seconds if recipe.seconds else step / recipe.steps
        if done >= 1:
            return
        prepare(both, done, step, recipe)
        loss = accumulate(model, next(found), device)
        for optimizer in both:
            optimizer.step()
        yield step, loss


def accumulate(model: Generator, batch: list[tuple[Tensor, Tensor]], device: str) -> float:
    """Adds up the gradients of a batch; the mean loss per solution token."""
    count = sum(int((nexts != IGNORED).sum()) for _, nexts in batch)
    total = 0.0
    for ids, nexts in batch:
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = model(ids.to(device))
        loss = functional.cross_entropy(
            logits.float().flatten(0, 1), nexts.to(device).flatten(), ignore_index=IGNORED, reduction="sum"
        )
        (loss / count).backward()
        total += loss.item()
    return total / count


def main() -> None:
    """Trains a size and writes its folder: weights, configuration, tokenizer, training record."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=sorted(SHAPES), required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seconds", type=float, help="stop after this long instead (not repeatable)")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1.0, help="a factor on the learning rates")
    parser.add_argument("--cool-down", type=float, default=0.4, help="part of the run in which they fall")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--grow-from", type=Path, help="folder of a smaller size to start from")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Generator(SHAPES[given.size])
    if given.grow_from:
        grow(checkpoint.generator(given.grow_from), model)
    recipe = Recipe(
        given.steps, given.batch, rate=given.rate, cool_down=given.cool_down, seed=given.seed, seconds=given.seconds
    )
    began, losses = time.monotonic(), []
    for step, loss in train(model.to(device), recipe, device):
        losses.append(loss)
        if step % 20 == 0:
            print(f"step {step}: loss {loss:.4f}, {time.monotonic() - began:.0f} s", flush=True)
    record = {
        "size": given.size,
        "steps": len(losses),
        "batch": given.batch,
        "rate": given.rate,
        "cool_down": given.cool_down,
        "seed": given.seed,
        "grown_from": given.grow_from.name if given.grow_from else None,
        "seconds": round(time.monotonic() - began),
        "device": torch.cuda.get_device_name() if device == "cuda" else f"CPU, {given.threads} thread(s)",
        "torch": torch.__version__,
        "final_loss": round(sum(losses[-20:]) / len(losses[-20:]), 4),
    }
    checkpoint.write(given.out, model, SHAPES[given.size], record)


if __name__ == "__main__":
    main()
