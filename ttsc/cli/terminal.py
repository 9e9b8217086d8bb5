"""What is printed, and where: results on stdout, everything about them on stderr.

Text that a model wrote never reaches a terminal with its control characters.
"""

from __future__ import annotations

import re
import sys
from typing import TextIO

#: Escape sequences (CSI, OSC and two-byte ones), then any other control character but tab and newline.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\Z)|\x1b.?|[\x00-\x08\x0b-\x1f\x7f-\x9f]", re.DOTALL
)


def tame(text: str) -> str:
    """The text without anything that a terminal would obey.

    >>> tame("18\\x1b]0;owned\\x07 \\x1b[31mred\\x1b[0m")
    '18 red'
    """
    return _ESCAPES.sub("", text)


def show(text: str) -> None:
    """Prints a result; tamed where stdout is a terminal, byte for byte where it is not."""
    _print(text, sys.stdout)


def say(text: str) -> None:
    """Prints a remark about a result, to stderr."""
    _print(text, sys.stderr)


def _print(text: str, stream: TextIO) -> None:
    printable = text.encode(stream.encoding, "replace").decode(stream.encoding)
    print(tame(printable) if stream.isatty() else printable, file=stream, flush=True)


def count(number: int, what: str, none: str = "0") -> str:
    """`1 error`, `2 errors`, `0 errors`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}" if number else f"{none} {what}s"
