"""Which token comes next: a function of the logits, the draw's own seed and the token's place alone."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Seeds = NDArray[np.uint64]


def seed(name: str) -> int:
    """A 64-bit seed out of a draw's name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def uniforms(seeds: Seeds, places: NDArray[np.int64]) -> Numbers:
    """One number in [0, 1) for each seed and place (SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = seeds + (places.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = z ^ (z >> np.uint64(31))
    fractions: Numbers = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return fractions


def choose(logits: NDArray[np.float32], temperatures: Numbers, top_ps: Numbers, chances: Numbers) -> NDArray[np.int64]:
    """A token for each row of logits (rows, tokens); temperature 0 takes the likeliest.

    `top_ps` keeps the likeliest tokens that together have at least that probability.
    """
    likeliest = np.argmax(logits, axis=1)
    scaled = logits.astype(np.float64) / np.where(temperatures > 0, temperatures, 1.0)[:, None]
    order = np.argsort(-scaled, axis=1, kind="stable")
    raised = np.exp(np.take_along_axis(scaled, order, axis=1) - scaled.max(axis=1, keepdims=True))
    shares = raised / raised.sum(axis=1, keepdims=True)
    shares[np.cumsum(shares, axis=1) - shares >= top_ps[:, None]] = 0.0
    reached = np.cumsum(shares, axis=1)
    places = (reached <= (chances * reached[:, -1])[:, None]).sum(axis=1)
    sampled = np.take_along_axis(order, places[:, None], axis=1)[:, 0]
    return np.where(temperatures > 0, sampled, likeliest)
