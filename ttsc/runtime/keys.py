"""What names a draw: content, sample number, and a twin that says where it was asked for.

A twin is the ordinal of the site and a scope path. The path has one component for every
question, element, iteration and fold step around the draw, and nothing that depends on time,
on how many samples were asked for, or on names. docs/design/002-draw-keys.md says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.digest import digest
from ttsc.values.prompt import plain
from ttsc.values.request import DrawKey

SHORT = 12  # hexadecimal digits: one collision among 200,000 values in 10,000 runs


def short(value: object) -> str:
    """A value's component of a scope path: a candidate's origin, anything else's digest."""
    match value:
        case Candidate(origin=origin) | Candidates(items=(Candidate(origin=origin),)):
            return origin
        case _:
            return digest(plain(value))[:SHORT]


def question_component(values: Sequence[object]) -> str:
    """The component of a question: its inputs in the order of the parameters, whatever they are called."""
    return digest([plain(v) for v in values])[:SHORT]


def below(scope: str, component: str | int) -> str:
    """The scope one level further in.

    >>> below("/a1b2", 3)
    '/a1b2/3'
    """
    return f"{scope}/{component}"


def derived(name: str, origin: str) -> str:
    """The origin of what was made inside an element called `name`: other elements' differ, whatever is in them."""
    return digest(name, origin)[:SHORT]


def twin(ordinals: Mapping[str, int], identity: str, copy: int, scope: str) -> str:
    """The twin of a draw: `ORDINAL[.COPY]/SCOPE…`."""
    ordinal = ordinals.get(identity, 0)
    return f"{ordinal}.{copy}{scope}" if copy else f"{ordinal}{scope}"


def permutation(epoch: int, op: str, scope: str, label: str, count: int) -> tuple[int, ...]:
    """An order of `range(count)` that looks random and is the same for ever."""
    seed = f"{epoch}\n{op}\n{scope}\n{label}\n".encode("utf-8", "surrogatepass")
    return tuple(sorted(range(count), key=lambda i: blake2b(seed + str(i).encode(), digest_size=8).digest()))


class KeyClash(AssertionError):
    """One draw was asked for from two places: a bug in how places are told apart."""


class Claims:
    """Which place asked for which draw in this run."""

    def __init__(self) -> None:
        self._places: dict[DrawKey, object] = {}

    def claim(self, key: DrawKey, place: object) -> None:
        """Notes that `place` asks for `key`; raises KeyClash where another one did."""
        other = self._places.setdefault(key, place)
        if other is not place:
            raise KeyClash(f"draw {key.name()} ({key.twin}, {key.index}) is asked for by {other} and by {place}")
