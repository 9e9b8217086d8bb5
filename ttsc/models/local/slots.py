"""Keys and values of rows of unequal length, in a block that is theirs to grow and shrink.

Every row ends in the same column, so that one more token of each is one more column; what stands
before a shorter row is masked out. Rows come and go between two steps without the others moving,
but for one that fills a hole. transformers sees an ordinary growing cache.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

from ttsc.models.local.memory import PLACE_STEP, block_rows, padded


@dataclass(frozen=True, slots=True)
class Past:
    """Keys and values of one text: per layer (1, heads, places, head size)."""

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    length: int


class _Layer(DynamicLayer):  # type: ignore[misc]
    """One layer's block, of which the cache's `keys` and `values` are the part in use."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        """Has a block like `keys` and `values` (1, heads, places, head size), but without rows."""
        super().__init__()
        self.lazy_initialization(keys, values)
        self.all_keys, self.all_values = keys.new_zeros(_shape(keys, 0, 0)), values.new_zeros(_shape(values, 0, 0))

    def lay_out(self, rows: int, columns: int, taken: int, start: int, end: int, width: int) -> None:
        """A block of that size, with columns `start` to `end` of its first `taken` rows at the end of `width`."""
        for name in ("all_keys", "all_values"):
            old = getattr(self, name)
            new = old.new_zeros(_shape(old, rows, columns))
            new[:taken, :, width - (end - start) : width] = old[:taken, :, start:end]
            setattr(self, name, new)
        self.look(taken, width - (end - start), width)  # lets go of the old block

    def look(self, rows: int, start: int, end: int) -> None:
        """Shows those rows and columns as what is cached."""
        self._window = (rows, start, end)
        self.keys, self.values = self.all_keys[:rows, :, start:end], self.all_values[:rows, :, start:end]

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """One more column."""
        rows, start, end = self._window
        self.all_keys[:rows, :, end : end + 1] = key_states
        self.all_values[:rows, :, end : end + 1] = value_states
        self.look(rows, start, end + 1)
        return self.keys, self.values


class Slots:
    """The rows that are being written."""

    def __init__(self, like: Past, most_rows: int) -> None:
        """`like` is the past of any text: its layers, heads, sizes, kind of number and device."""
        self.lengths: list[int] = []  # tokens that are cached, per row
        self._like = like
        self._most_rows = most_rows
        self._rows = self._columns = self._end = 0
        self._layers: list[_Layer] = []

    def add(self, past: Past, copies: int) -> None:
        """That many more rows, at the end, with `past` behind them."""
        taken = len(self.lengths)
        if taken + copies > self._rows or past.length > self._end or not self._layers:
            self._lay_out(taken + copies, max(past.length, max(self.lengths, default=0)))
        rows, columns = slice(taken, taken + copies), slice(self._end - past.length, self._end)
        for layer, keys, values in zip(self._layers, past.keys, past.values, strict=True):
            layer.all_keys[rows, :, columns] = keys
            layer.all_values[rows, :, columns] = values
        self.lengths += [past.length] * copies

    def remove(self, gone: set[int]) -> list[int]:
        """Drops rows; the last ones fill the holes. The old numbers of those that are left, in their new order."""
        left = len(self.lengths) - len(gone)
        holes = sorted(row for row in gone if row < left)
        movers = [row for row in range(left, len(self.lengths)) if row not in gone]
        for layer in self._layers if holes else ():
            layer.all_keys[holes] = layer.all_keys[movers]
            layer.all_values[holes] = layer.all_values[movers]
        order = list(range(left))
        for hole, mover in zip(holes, movers, strict=True):
            order[hole] = mover
        self.lengths = [self.lengths[row] for row in order]
        if not left:
            self._layers, self._rows, self._columns, self._end = [], 0, 0, 0
        return order

    def open(self) -> Cache:
        """The cache that a step of one token in every row reads and fills; `advanced` once it is done."""
        if self._end == self._columns:
            self._lay_out(len(self.lengths), max(self.lengths))
        for layer in self._layers:
            layer.look(len(self.lengths), self._start, self._end)
        return Cache(layers=self._layers)

    def seen(self, lengths: Tensor) -> Tensor:
        """For every row, which columns of an open cache it may look at, its own new one included."""
        width = self._end - self._start
        return torch.arange(width + 1, device=lengths.device) >= width - lengths[:, None]

    def advanced(self) -> None:
        """Every row is a token longer."""
        self._end += 1
        self.lengths = [length + 1 for length in self.lengths]

    @property
    def _start(self) -> int:
        return self._end - max(self.lengths, default=0)

    def _lay_out(self, rows: int, width: int) -> None:
        """A block for so many rows of which the longest has `width` places; all end there."""
        taken, start, end = len(self.lengths), self._start, self._end
        if not self._layers:
            self._layers = [_Layer(k, v) for k, v in zip(self._like.keys, self._like.values, strict=True)]
        self._rows, self._columns = block_rows(rows, self._most_rows), padded(width + 1, PLACE_STEP)
        for layer in self._layers:
            layer.lay_out(self._rows, self._columns, taken, start, end, width)
        self._end = width


def _shape(states: Tensor, rows: int, columns: int) -> tuple[int, int, int, int]:
    return rows, states.shape[1], columns, states.shape[3]
