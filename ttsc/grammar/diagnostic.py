"""What is said about a file: one shape for every error and warning, and the words it is printed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from ttsc.grammar.source import Span

SHOWN = 160  # characters of a long line
MAX_REPORTED = 20  # errors of one file's syntax

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, or doubtful, at one place.

    `title` says what happened; `label` stands under the marked source; `help` is what to
    write instead. `code` is stable (`E` error, `W` warning) and documented.
    """

    code: str
    title: str
    span: Span
    label: str = ""
    help: str = ""

    @property
    def severity(self) -> Severity:
        return "error" if self.code.startswith("E") else "warning"


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """All of them as text, in source order, one blank line between two."""
    ordered = sorted(diagnostics, key=lambda d: (d.span.source.path, d.span.start, d.span.end, d.code))
    return "\n\n".join(render_one(d) for d in ordered)


def render_one(diagnostic: Diagnostic) -> str:
    """One diagnostic: headline, place, source line with the span underlined, and the help."""
    source, start = diagnostic.span.source, diagnostic.span.start
    number, place = source.position(start)
    line, column, width = _window(source.line(number), place, diagnostic.span.end - start)
    gutter = " " * len(str(number))
    rows = [
        f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.title}",
        f"{gutter}--> {source.path}:{number}:{place}",
        f"{gutter} |",
        f"{number} | {line}".rstrip(),
        f"{gutter} | {' ' * (column - 1)}{'^' * width} {diagnostic.label}".rstrip(),
    ]
    if diagnostic.help:
        rows.append(f"{gutter} = help: {diagnostic.help}")
    return "\n".join(rows)


def _window(line: str, column: int, width: int) -> tuple[str, int, int]:
    """The part of a line that is shown, with the column and width of what is marked in it.

    A long line is cut around the mark; what a terminal would obey, not print, is shown as a space
    or a replacement character.
    """
    first = max(0, column - 1 - SHOWN // 3) if len(line) > SHOWN else 0
    shown = line[first : first + SHOWN]
    shown = "".join(c if c.isprintable() else " " if c == "\t" else "\ufffd" for c in shown)
    shown = ("…" if first else "") + shown + ("…" if first + SHOWN < len(line) else "")
    column += (1 if first else 0) - first
    return shown, column, max(1, min(width, len(shown) - column + 1))


def nearest(name: str, known: Sequence[str]) -> str:
    """The known name that looks most like a misspelt one, or an empty text."""
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.6)), "")


def one_of(names: Sequence[str], limit: int = 12) -> str:
    """Names for a message: `a`, `b` or `c`; long lists are cut."""
    shown = [f"`{n}`" for n in names[:limit]]
    if len(names) > limit:
        return ", ".join(shown) + f" and {len(names) - limit} more"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1] if shown else "nothing"
