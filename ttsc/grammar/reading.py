"""A file to a source: the only place where a program's text comes from the disk.

At most `MAX_BYTES` and one byte more are read, whatever the file claims to be.
"""

from __future__ import annotations

from pathlib import Path

from ttsc.grammar.diagnostic import Diagnostic
from ttsc.grammar.parser import SyntaxProblems
from ttsc.grammar.source import Source, Span

MAX_BYTES = 1_000_000
BOM = "\ufeff"


def read(path: Path, shown_as: str) -> Source:
    """The text of a file, line ends as `\\n`, named `shown_as` in messages.

    Raises SyntaxProblems with one error for a file that cannot be opened, is empty, binary,
    larger than 1 MB or not UTF-8. A byte order mark is skipped.
    """
    try:
        if path.exists() and not path.is_file():
            raise _unreadable(shown_as, "E100", "not a file", "name a `.tts` file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            shown_as, "E100", error.strerror or "unreadable", "check its name and its permissions"
        ) from None
    if len(data) > MAX_BYTES:
        raise _unreadable(shown_as, "E103", "larger than 1 MB", "split it, and import the parts")
    if b"\0" in data:
        raise _unreadable(shown_as, "E102", "binary, not text", f"byte {data.index(0)} is zero; name a `.tts` file")
    text = _decoded(data, shown_as).removeprefix(BOM).replace("\r\n", "\n")
    if not text.strip():
        raise _unreadable(shown_as, "E104", "empty", "a program begins with a `pipeline`")
    return Source(shown_as, text)


def _decoded(data: bytes, shown_as: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(BOM).replace("\r\n", "\n")
        source = Source(shown_as, before + data[error.start :].decode("utf-8", "replace"))
        span = Span(source, len(before), len(before) + 1)
        title = f"{shown_as} is not UTF-8"
        label = f"byte {error.start}, 0x{data[error.start]:02X}, on line {span.line}"
        raise SyntaxProblems([Diagnostic("E101", title, span, label, "save the file as UTF-8")]) from None


def _unreadable(shown_as: str, code: str, reason: str, help: str) -> SyntaxProblems:
    source = Source(shown_as, "")
    return SyntaxProblems([Diagnostic(code, f"{shown_as} cannot be read: {reason}", Span(source, 0, 0), help=help)])
