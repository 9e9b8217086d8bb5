"""How many samples may be written at once: so many that their keys and values stay within the bound.

A *place* is room for the keys and values of one token, in every layer. Rows that are written
together lie in one block, all as long as the longest, so it is the block that is bounded: rows
times places. A row is counted at the length that it may reach, so one that was let in never has
to leave for want of memory.
"""

from __future__ import annotations

import os
from collections import Counter

GIB = 2**30

#: Blocks grow by so many rows and places, so that they are not laid out anew for every one.
ROW_STEP, PLACE_STEP = 8, 64
#: Tokens of prompts that are read together at most, unless one prompt alone is longer.
READING = 2048
#: Bytes that choosing a token takes per word of the vocabulary: logits and shares of up to 64 bits.
CHOOSING_BYTES = 64
#: How much of the memory that is left the keys and values get; the rest is for what a layer computes.
SHARE_OF_GPU = 0.8
SHARE_OF_RAM = 0.25
UNKNOWN_RAM = 8 * GIB


class Admission:
    """Lets rows in while their block fits into `places`, at most `most_rows` at a time."""

    def __init__(self, places: int, most_rows: int) -> None:
        self.places = places
        self.most_rows = most_rows
        #: Tokens of prompts to read at a time, kept free for them.
        self.reading = min(READING, places // 4)
        self._needs: Counter[int] = Counter()

    @property
    def rows(self) -> int:
        """How many rows are in."""
        return self._needs.total()

    def least(self, need: int) -> int:
        """The places without which a row of `need` places never gets in."""
        return self._block(1, need)

    def room(self, need: int, wanted: int) -> int:
        """How many of `wanted` more rows of `need` places fit now."""
        longest, rows = max(need, max(self._needs, default=0)), self.rows
        return next((more for more in range(wanted, 0, -1) if self._fits(rows + more, longest)), 0)

    def admit(self, need: int, count: int) -> None:
        """Counts rows in."""
        self._needs[need] += count

    def release(self, need: int) -> None:
        """Counts a row out."""
        self._needs[need] -= 1
        if not self._needs[need]:
            del self._needs[need]

    def _fits(self, rows: int, longest: int) -> bool:
        return rows <= self.most_rows and self._block(rows, longest) <= self.places

    def _block(self, rows: int, longest: int) -> int:
        """The places of a block, and beside it of prompts that are being read."""
        columns = padded(longest, PLACE_STEP)
        return block_rows(rows, self.most_rows) * columns + max(columns, self.reading)


def padded(count: int, step: int) -> int:
    """The next multiple of `step`."""
    return -(-count // step) * step


def block_rows(rows: int, most_rows: int) -> int:
    """The rows of a block that holds so many: a power of two, then multiples of ROW_STEP.

    >>> [block_rows(rows, 20) for rows in (1, 3, 8, 9, 18)]
    [1, 4, 8, 16, 20]
    """
    power = 1 << max(0, rows - 1).bit_length()
    return min(padded(rows, min(ROW_STEP, power)), most_rows)


def places_within(bound: int, place_bytes: int, layers: int) -> int:
    """How many places `bound` bytes are; while a block is laid out anew, one layer is there twice."""
    return int(bound * layers / (layers + 1)) // place_bytes


def gpu_bound(free: int, most_rows: int, words: int) -> int:
    """Bytes for keys and values where `free` bytes are left on a GPU once the weights are there."""
    return max(0, int(SHARE_OF_GPU * (free - most_rows * words * CHOOSING_BYTES)))


def ram_bound() -> int:
    """Bytes for keys and values on a CPU: a quarter of the machine's memory."""
    if not hasattr(os, "sysconf"):  # Windows
        return int(SHARE_OF_RAM * UNKNOWN_RAM)
    return int(SHARE_OF_RAM * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def gib(count: float) -> str:
    """Bytes as people read them."""
    return f"{count / GIB:.3g} GiB"
