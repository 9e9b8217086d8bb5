"""A training run at reduced size, where torch is installed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from ttsc.models.tiny.network import Network

torch = pytest.importorskip("torch", reason="torch, which only training needs, is not installed")


def run(monkeypatch: pytest.MonkeyPatch, module: str, *arguments: str) -> None:
    from training import train, verifier

    monkeypatch.setattr(sys, "argv", [module, *arguments])
    {"train": train.main, "verifier": verifier.main}[module]()


def test_a_short_run_is_repeatable_and_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(monkeypatch, "train", str(tmp_path / name), "--size", "s", "--steps", "4", "--batch", "16")
    one, two = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert all(np.array_equal(one[name], two[name]) for name in one)
    logits, _, _ = Network(tmp_path / "one").read(np.array([[0, 3, 4]]))
    assert logits.shape == (1, 3, 21)


def test_the_loss_falls() -> None:
    from training.model import SHAPES, Generator
    from training.train import Recipe, train

    torch.manual_seed(0)
    losses = [loss for _, loss in train(Generator(SHAPES["s"]), Recipe(steps=25, batch=32), "cpu")]
    assert losses[-1] < 0.85 * losses[0]


def test_a_grown_model_says_almost_what_the_smaller_one_says() -> None:
    from training.model import SHAPES, Generator, grow

    torch.manual_seed(0)
    ids = torch.randint(0, 21, (4, 30))
    small = Generator(SHAPES["s"])
    for parameter in small.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    large = Generator(SHAPES["m"])
    grow(small, large)
    with torch.no_grad():
        said, says = small(ids).log_softmax(-1), large(ids).log_softmax(-1)
    assert (said.exp() * (said - says)).sum(-1).mean() < 0.05


def test_the_verifier_is_trained_on_samples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for size in ("s", "m", "l"):
        run(monkeypatch, "train", str(tmp_path / size), "--size", size, "--steps", "1", "--batch", "4")
    counts = (
        "--spotting-steps",
        "2",
        "--steps",
        "2",
        "--batch",
        "4",
        "--problems",
        "4",
        "--samples",
        "1",
        "--dev-problems",
        "3",
    )
    run(monkeypatch, "verifier", str(tmp_path), *counts)
    odds, _, _ = Network(tmp_path / "verifier").read(np.array([[0, 3, 4]]))
    assert odds.shape == (1, 3, 1)
