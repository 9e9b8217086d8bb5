"""Writes what torch says about one worked problem, for the tests of the numpy engine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from training import checkpoint
from training.model import SHAPES, VERIFIER, Verifier
from ttsc.models.tiny import vocabulary

TEXT = "Compute (17 + 4) * 3 - 5.\n\n17 + 4 = 21\n\n21 * 3 = 63\n\n63 - 5 = 58\n\nThe answer is 58."


def logits(weights: Path, text: str) -> dict[str, list[list[float]]]:
    """Per model, the logits (places, outputs) of a text, rounded to six digits."""
    ids = torch.tensor([[0, *vocabulary.encode(text)]])
    found = {}
    with torch.no_grad():
        for name in (*SHAPES, "verifier"):
            folder = weights / name
            model = checkpoint.generator(folder) if name in SHAPES else _verifier(folder)
            out = model(ids) if name in SHAPES else model(ids)[..., None]
            found[name] = [[round(x, 6) for x in row] for row in out[0].tolist()]
    return found


def _verifier(folder: Path) -> Verifier:
    model = Verifier(VERIFIER)
    model.load_state_dict({name: t.float() for name, t in load_file(folder / "model.safetensors").items()})
    return model


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.write_text(json.dumps({"text": TEXT, "logits": logits(given.weights, TEXT)}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
