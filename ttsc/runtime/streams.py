"""Where values appear: a cell is settled once, a stream slot by slot.

A stream has a fixed number of slots, each pending, filled, or empty (None). Whoever works on
single candidates listens to the slots; everybody else waits until the cell is settled.

The candidates of a stream have origins that differ, whatever fills its slots; an origin is the
part of a draw key that tells a candidate from its neighbours, so it never depends on the order
in which slots are filled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from ttsc.values.candidate import Candidate, Candidates


class Mark(Enum):
    """Stands where a value is still missing."""

    PENDING = "pending"


PENDING: Final = Mark.PENDING


@dataclass(slots=True, eq=False)
class Wait:
    """Something to do as soon as `pending` cells are there."""

    act: Callable[[], None]
    pending: int = 0


@dataclass(slots=True, eq=False)
class Cell:
    """One value of the program: missing, filling up as a stream, or settled.

    `opening` waits for the stream or the value, `waiting` for the value; None is nobody, which
    most cells stay.
    """

    value: object = PENDING
    stream: Stream | None = None
    opening: list[Wait] | None = None
    waiting: list[Wait] | None = None

    @property
    def settled(self) -> bool:
        """Whether the value is there."""
        return self.value is not PENDING


@dataclass(slots=True, eq=False)
class Stream:
    """Values that appear one by one in fixed places.

    `about` is the input they answer. `complete` is called once nothing is missing.
    """

    slots: list[object | Literal[Mark.PENDING]]
    about: str
    missing: int
    complete: Callable[[], None] | None = None
    listeners: list[Callable[[int], None]] = field(default_factory=list)

    @staticmethod
    def empty(count: int, about: str) -> Stream:
        """A stream of `count` pending slots."""
        return Stream([PENDING] * count, about, count)

    @staticmethod
    def whole(value: Candidates) -> Stream:
        """Candidates that are all there already."""
        return Stream(list(value.items), value.question, 0)

    def candidates(self) -> Candidates:
        """The candidates in the slots, in order."""
        return Candidates(tuple(s for s in self.slots if isinstance(s, Candidate)), self.about)


def stream_of(cell: Cell) -> Stream:
    """The stream of an opened cell, made from its value where it never was one."""
    if cell.stream is None:
        assert isinstance(cell.value, Candidates), f"candidates are streamed, not a {type(cell.value).__name__}"
        cell.stream = Stream.whole(cell.value)
    return cell.stream


def numbered(names: Sequence[str]) -> list[str]:
    """The names, made distinct: the k-th repetition of one gets `#k`.

    >>> numbered(["a", "b", "a", "a"])
    ['a', 'b', 'a#1', 'a#2']
    """
    seen: dict[str, int] = {}
    made = []
    for name in names:
        count = seen[name] = seen.get(name, -1) + 1
        made.append(f"{name}#{count}" if count else name)
    return made
