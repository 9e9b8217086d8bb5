"""The language: text to syntax tree and back, and what is said about a text that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttsc.grammar.diagnostic import Diagnostic, render
from ttsc.grammar.parser import parse
from ttsc.grammar.source import Source

if TYPE_CHECKING:
    from ttsc.grammar.formatter import format_file

__all__ = ["Diagnostic", "Source", "format_file", "parse", "render"]


def __getattr__(name: str) -> object:
    """The formatter is imported when something is formatted: checking a file does without it."""
    if name != "format_file":
        raise AttributeError(f"module 'ttsc.grammar' has no attribute {name!r}")
    from ttsc.grammar.formatter import format_file

    return format_file
