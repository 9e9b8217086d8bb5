"""What the engine of a local model is given and gives back."""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.values.request import Fault, Reply, Request


@dataclass(frozen=True, slots=True)
class Job:
    """A request and the seeds of its draws, one each."""

    request: Request
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """One reply per seed, in order; tokens that were read, once, and written, all together."""

    replies: tuple[Reply, ...]
    read: int
    written: int


Result = Done | Fault
