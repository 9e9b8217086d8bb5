"""The front door: a program from Python, as short as it can be said. The command line goes through it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttsc.compiler.problems import Problems
from ttsc.front.errors import DataError, TtscError, UsageError
from ttsc.front.program import Program, load

if TYPE_CHECKING:
    from ttsc.front.running import Run, Unanswered

__all__ = ["DataError", "Problems", "Program", "Run", "TtscError", "Unanswered", "UsageError", "load"]


def __getattr__(name: str) -> object:
    """What only a run needs is imported when it is asked for."""
    if name not in ("Run", "Unanswered"):
        raise AttributeError(f"module 'ttsc.front' has no attribute {name!r}")
    from ttsc.front import running

    return getattr(running, name)
