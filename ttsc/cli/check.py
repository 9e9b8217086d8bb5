"""`ttsc check`: says what is wrong with files, and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ttsc.cli.options import FILE
from ttsc.cli.terminal import count, say, show
from ttsc.compiler.problems import Problems
from ttsc.front import load
from ttsc.grammar.diagnostic import Diagnostic, render


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILES...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of prose.")
def command(files: tuple[str, ...], as_json: bool) -> int:
    """Say what is wrong with FILES, and what to write instead.

    Errors make the exit code 1; warnings do not. Nothing is run, and nothing but the files
    and what they import is read.
    """
    found = [d for file in files for d in diagnostics(Path(file))]
    if as_json:
        show(json.dumps({"diagnostics": [plain(d) for d in found]}, ensure_ascii=False, indent=2))
    elif found:
        show(render(found))
    errors = sum(d.severity == "error" for d in found)
    if not as_json:
        say(summary(len(files), errors, len(found) - errors))
    return 1 if errors else 0


def diagnostics(path: Path) -> tuple[Diagnostic, ...]:
    """Everything there is to say about a file."""
    try:
        return load(path).check()
    except Problems as problems:
        return problems.diagnostics


def plain(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as JSON data; lines and columns count from 1, the end is excluded."""
    source, span = diagnostic.span.source, diagnostic.span
    line, column = source.position(span.start)
    end_line, end_column = source.position(max(span.start, span.end))
    return {
        "code": diagnostic.code, "severity": diagnostic.severity, "title": diagnostic.title,
        "path": source.path, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        "label": diagnostic.label, "help": diagnostic.help,
    }  # fmt: skip


def summary(files: int, errors: int, warnings: int) -> str:
    """`2 files: 1 error, no warnings`."""
    return f"{count(files, 'file')}: {count(errors, 'error', 'no')}, {count(warnings, 'warning', 'no')}"
