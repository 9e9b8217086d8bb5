"""Teaches the verifier to spot wrong digits, before it learns to say when a solution went wrong.

In right solutions of the training part, digits are exchanged for what a trained generator might
have said in their place, and now and then for any other; every digit is labelled by whether it
is still the right one. A sample goes wrong once, so it teaches one such comparison; here every
digit does (Clark et al. 2020, ELECTRA).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from training.model import Generator, Verifier
from training.problems import problems
from training.train import IGNORED, Recipe, batches, optimizers, prepare

UNLABELLED = -1.0
TEMPERATURE = 1.5  # of the generator, so that it errs in easy sums too
ANY_DIGIT = 0.04  # the share of digits that are exchanged for any digit
DIGITS = range(1, 11)  # their token ids


def exchanged(generator: Generator, ids: Tensor, nexts: Tensor) -> tuple[Tensor, Tensor]:
    """Ids with digits of the solutions exchanged, and a label for each of these digits."""
    with torch.no_grad():
        shares = (generator(ids).float() / TEMPERATURE).softmax(dim=-1)[..., DIGITS.start : DIGITS.stop]
    guessed = torch.multinomial(shares.flatten(0, 1), 1).view(ids.shape) + DIGITS.start
    guessed = torch.where(
        torch.rand(ids.shape) < ANY_DIGIT, torch.randint(DIGITS.start, DIGITS.stop, ids.shape), guessed
    )
    solved = (nexts != IGNORED) & (nexts >= DIGITS.start) & (nexts < DIGITS.stop)
    changed, labels = ids.clone(), torch.full(ids.shape, UNLABELLED)
    here = solved[:, :-1]
    changed[:, 1:] = torch.where(here, guessed[:, :-1], ids[:, 1:])
    labels[:, 1:] = torch.where(here, (guessed == nexts)[:, :-1].float(), UNLABELLED)
    return changed, labels


def learn_to_spot(model: Verifier, generator: Generator, recipe: Recipe) -> list[float]:
    """Trains the model in place, on the CPU or where it is; the loss of every step."""
    found = batches(problems("train", recipe.seed), recipe)
    both = optimizers(model, recipe)
    losses = []
    for step in range(recipe.steps):
        prepare(both, step / recipe.steps, step, recipe)
        parts = [exchanged(generator, ids, nexts) for ids, nexts in next(found)]
        count = sum(int((labels != UNLABELLED).sum()) for _, labels in parts)
        total = 0.0
        for ids, labels in parts:
            device = model.score.weight.device
            with torch.autocast(device.type, dtype=torch.bfloat16):
                odds = model(ids.to(device))
            known = labels != UNLABELLED
            loss = functional.binary_cross_entropy_with_logits(
                odds[known.to(device)].float(), labels[known].to(device), reduction="sum"
            )
            (loss / count).backward()
            total += loss.item()
        for optimizer in both:
            optimizer.step()
        losses.append(total / count)
        if step % 20 == 0:
            wrong = sum(int((labels == 0).sum()) for _, labels in parts)
            print(f"spotting, step {step}: loss {losses[-1]:.4f}, {wrong / count:.1%} exchanged", flush=True)
    return losses
