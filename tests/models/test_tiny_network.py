"""The numpy network says what torch says, and the cache changes nothing."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from ttsc.models.tiny import sizes, vocabulary
from ttsc.models.tiny.network import Network, Past

WEIGHTS = Path(str(files("ttsc.models.tiny").joinpath("weights")))
MODELS = ("s", "m", "l", "verifier")
#: What torch says, written by `python -m training.golden`.
GOLDEN = json.loads(Path(__file__).with_name("tiny_logits.json").read_text())


@pytest.mark.parametrize("model", MODELS)
def test_logits_are_those_of_torch(model: str) -> None:
    ids = np.array([[0, *vocabulary.encode(GOLDEN["text"])]])
    logits, _, _ = Network(WEIGHTS / model).read(ids)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits[0], GOLDEN["logits"][model], atol=2e-4)


@pytest.mark.parametrize("model", ("s", "m", "l"))
def test_writing_on_with_a_cache_is_reading_it_all(model: str) -> None:
    network = Network(WEIGHTS / model)
    whole = np.random.default_rng(1).integers(1, vocabulary.size(), (3, 100))
    expected, _, _ = network.read(whole)
    begun = np.array([1, 60, 7])
    cache = network.cache()
    for past in network.pasts([whole[row, :length].tolist() for row, length in enumerate(begun)]):
        cache.add(past)
    rows = np.arange(3)
    for places in (begun + step for step in range(40)):
        logits = network.step(whole[rows, places], cache)
        np.testing.assert_allclose(logits, expected[rows, places], atol=2e-4)
    assert cache.lengths.tolist() == (begun + 40).tolist()


def test_a_row_that_goes_leaves_the_others_as_they_were() -> None:
    network = Network(WEIGHTS / "s")
    texts = [[0, 5, 6], [0, 7], [0, 8, 9, 10, 11]]
    cache = network.cache()
    for past in network.pasts(texts):
        cache.add(past)
    cache.remove(0)
    assert cache.lengths.tolist() == [5, 2]
    logits = network.step(np.array([3, 4]), cache)
    for row, text in enumerate(([0, 8, 9, 10, 11, 3], [0, 7, 4])):
        np.testing.assert_allclose(logits[row], network.read(np.array([text]))[0][0, -1], atol=2e-4)


def test_texts_read_together_are_read_as_if_alone() -> None:
    network = Network(WEIGHTS / "s")
    short, long = [0, 1, 2], [0, *range(1, 20)]
    together, alone = network.pasts([short, long])[0], network.pasts([short])[0]
    assert _size(together) == _size(alone)
    for one, other in zip((*together.keys, *together.values), (*alone.keys, *alone.values), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def _size(past: Past) -> list[tuple[int, ...]]:
    return [layer.shape for layer in past.keys]


@pytest.mark.parametrize("model", MODELS)
def test_what_is_paid_for_is_what_is_computed(model: str) -> None:
    network = Network(WEIGHTS / model)
    matrices = [m for layer in network.layers for m in (layer.qkv, layer.out, layer.gate_up, layer.down)]
    assert sizes.WEIGHTS[model] == sum(m.size for m in (*matrices, network.output))


def test_all_that_is_shipped_is_at_most_12_megabytes() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()) <= 12_000_000


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"config\.json"):
        Network(tmp_path)
