"""Which token comes next, on the device: a function of the logits, the settings, the draw's seed and the token's place.

Every word of the vocabulary has its own random number (the Gumbel trick): the one whose logit and
number together are largest is taken. So rounding in the logits changes a token at most about
twice as often as it must: with a probability of twice the distance of the two distributions. One
number on the probabilities added up would do so wherever an unlikely word begins or ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

GOLDEN = 0x9E3779B97F4A7C15


def choose(
    logits: Tensor, temperatures: Sequence[float], top_ps: Sequence[float], seeds: Sequence[int], places: Sequence[int]
) -> list[int]:
    """A token for each row of logits (rows, words); temperature 0 takes the likeliest.

    `top_ps` keeps the likeliest words that together have at least that probability. `seeds` are of
    64 bits; `places` are how many tokens each row has written.
    """
    tokens = logits.argmax(dim=-1)
    drawing = [row for row, temperature in enumerate(temperatures) if temperature > 0]
    if drawing:
        scaled = logits[drawing].float() / _column(temperatures, drawing, logits.device)
        if any(top_ps[row] < 1 for row in drawing):
            scaled = _nucleus(scaled, _column(top_ps, drawing, logits.device))
        starts = [_signed(seeds[row] + places[row] * GOLDEN) for row in drawing]
        tokens[drawing] = scaled.add_(_gumbel(torch.tensor(starts, device=logits.device), logits.shape[-1])).argmax(-1)
    listed: list[int] = tokens.tolist()
    return listed


def _nucleus(scaled: Tensor, top_ps: Tensor) -> Tensor:
    """The logits with those outside the likeliest `top_ps` (rows, 1) at minus infinity; the likeliest one stays."""
    ordered, order = scaled.sort(dim=-1, descending=True, stable=True)
    shares = ordered.softmax(dim=-1)
    outside = shares.cumsum(dim=-1) - shares >= top_ps
    outside[:, 0] = False
    return scaled.masked_fill(torch.zeros_like(outside).scatter(-1, order, outside), -torch.inf)


def _gumbel(starts: Tensor, words: int) -> Tensor:
    """A Gumbel number for every row and word, of 53 random bits each."""
    steps = torch.arange(1, words + 1, device=starts.device) * _signed(GOLDEN)
    bits = _mixed(_mixed(starts)[:, None] + steps)
    # As floats small numbers keep all their digits, and it is the smallest that win.
    small = _shifted(bits, 11).float().add_(0.5).mul_(2.0**-53)
    return small.neg_().log1p_().neg_().log_().neg_()


def _mixed(z: Tensor) -> Tensor:
    """The output function of SplitMix64 (Steele et al. 2014); 64-bit integers wrap around."""
    z = (z ^ _shifted(z, 30)) * _signed(0xBF58476D1CE4E5B9)
    z = (z ^ _shifted(z, 27)) * _signed(0x94D049BB133111EB)
    return z ^ _shifted(z, 31)


def _shifted(z: Tensor, count: int) -> Tensor:
    """Bits moved to the right, with zeros coming in; torch has signed integers only."""
    return (z >> count) & ((1 << (64 - count)) - 1)


def _signed(number: int) -> int:
    """The number as a signed one of 64 bits."""
    return (number + 2**63) % 2**64 - 2**63


def _column(values: Sequence[float], rows: Sequence[int], device: torch.device) -> Tensor:
    return torch.tensor([values[row] for row in rows], dtype=torch.float32, device=device)[:, None]
