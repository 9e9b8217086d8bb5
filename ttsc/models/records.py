"""Lines of JSON from a local file, plain or gzipped; a broken line is named by file and number."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path


class BadRecord(Exception):
    """A file of records cannot be read; the message names the file and, where there is one, the line."""


def read(path: Path) -> Iterator[dict[str, object]]:
    """The records of a JSON-lines file in order; raises `BadRecord`. Empty lines are skipped."""
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _record(line, path, number)
    except FileNotFoundError as error:
        raise BadRecord(f"{path}: there is no such file") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadRecord(f"{path}:{number + 1}: cannot be read: {error}") from error


def _record(line: str, path: Path, number: int) -> dict[str, object]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise BadRecord(f"{path}:{number}: not JSON: {error}") from error
    if not isinstance(record, dict):
        raise BadRecord(f"{path}:{number}: not a JSON object")
    return record


def text(record: dict[str, object], name: str, path: Path) -> str:
    """A field that has to be a text; raises `BadRecord`."""
    value = record.get(name)
    if not isinstance(value, str):
        raise BadRecord(f"{path}: a record has no text `{name}`: {json.dumps(record)[:120]}")
    return value
