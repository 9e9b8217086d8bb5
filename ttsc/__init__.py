"""A small declarative language for inference-time (test-time scaling) systems, and its compiler.

    >>> import ttsc
    >>> program = ttsc.load("examples/self_consistency.tts").using(sim=True)
    >>> program.check()
    ()

Names are looked up when they are first used: importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttsc.front import DataError, Problems, Program, Run, TtscError, Unanswered, UsageError, load

__all__ = ["DataError", "Problems", "Program", "Run", "TtscError", "Unanswered", "UsageError", "load"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'ttsc' has no attribute {name!r}")
    from ttsc import front

    return getattr(front, name)
