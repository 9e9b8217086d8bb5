"""Code in a model's reply: fenced blocks, and whether a text is Python at all. Parsed, never run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent>[ \t]*)```(?P<language>[\w+#.-]*)[^`]*$")
PYTHON = ("python", "py", "python3")


@dataclass(frozen=True, slots=True)
class Fenced:
    """A fenced block; `closed` is False where the text ended first."""

    language: str
    content: str
    closed: bool


def code(text: str) -> str | None:
    """The last fenced block, Python before other languages, else the text if it is Python.

    A block that is never closed counts where it is the only one and parses.
    """
    blocks = [b for b in fenced(text) if b.content.strip()]
    if not blocks:
        return text.strip("\n") if is_python(text) else None
    closed = [b for b in blocks if b.closed]
    if not closed:
        return blocks[-1].content if is_python(blocks[-1].content) else None
    python = [b for b in closed if b.language in PYTHON]
    return (python or closed)[-1].content


def fenced(text: str) -> Iterator[Fenced]:
    """The blocks between lines of three backticks, without the indent of their fence."""
    language, indent = "", ""
    inside: list[str] | None = None
    for line in text.split("\n"):
        if inside is None:
            if fence := _FENCE.match(line.rstrip()):
                inside, language, indent = [], fence["language"].lower(), fence["indent"]
        elif line.rstrip().endswith("```"):
            inside.append(line.rstrip()[:-3].removeprefix(indent))
            yield Fenced(language, "\n".join(inside).strip("\n").rstrip(), True)
            inside = None
        else:
            inside.append(line.removeprefix(indent))
    if inside is not None:
        yield Fenced(language, "\n".join(inside).strip("\n").rstrip(), False)


def is_python(text: str) -> bool:
    """Whether a text is Python code: it parses (also as the body of a function) and does something.

    A lone word or number parses too, but says nothing that could be run.
    """
    for program in (text, "def _():\n" + text):
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(program)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        body = [n for n in ast.walk(tree) if isinstance(n, ast.stmt)][program is not text :]
        return any(not isinstance(n, ast.Expr) or isinstance(n.value, ast.Call) for n in body)
    return False
