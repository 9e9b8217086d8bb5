"""The list of ops: an op is one file in this room, and one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from ttsc.ops.signature import Op

#: The modules that hold an op each, by the name that the language calls it.
NAMES = (
    "agreement",
    "answering",
    "ask",
    "best",
    "classify",
    "combinations",
    "consensus",
    "critique",
    "dedup",
    "evolve",
    "filter",
    "flatten",
    "fuse",
    "generate",
    "last",
    "mean",
    "otherwise",
    "plan",
    "range",
    "rank",
    "revise",
    "run_tests",
    "score",
    "size",
    "step_search",
    "take",
    "top",
    "tournament",
    "verify",
    "vote",
    "write_tests",
)


class Ops(Mapping[str, Op]):
    """Ops by name, each imported when it is first looked up: a file is checked with the few it uses."""

    def __getitem__(self, name: str) -> Op:
        if name not in NAMES:
            raise KeyError(name)
        op = import_module(f"ttsc.ops.{name}").OP
        assert isinstance(op, Op)
        return op

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


OPS: Mapping[str, Op] = Ops()
