"""Records on disk: a folder with `answers.jsonl` and `record.jsonl`, whole or not at all.

Both are ordered by place, so the same run saved twice gives the same answers byte by byte, and
the same record up to the events that a clock measured, which stand at its end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ttsc.runtime.record import Answer, Event, RunRecord

if TYPE_CHECKING:
    from pydantic import TypeAdapter

ANSWERS = "answers.jsonl"
RECORD = "record.jsonl"


def save(record: RunRecord, directory: Path) -> None:
    """Writes a record into a folder, which is made where it is missing. Only its owner can read it."""
    adapter = _adapter()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    _replace(directory / RECORD, (_line(adapter.dump_python(event, mode="json")) for event in record.ordered()))
    _replace(directory / ANSWERS, (_line(_said(n, answer)) for n, answer in enumerate(record.answers)))


def load(directory: Path) -> RunRecord:
    """The record saved in a folder, ordered by place. Raises OSError or ValueError where there is none."""
    adapter = _adapter()
    with (directory / RECORD).open("rb") as lines:
        return RunRecord(tuple(adapter.validate_python(json.loads(line)) for line in lines))


def _said(number: int, answer: Answer) -> dict[str, object]:
    said: dict[str, object] = {"question": number, "item": answer.item, "inputs": answer.inputs}
    if answer.failure is None:
        said["answer"] = answer.value
        if answer.extracted is not None:
            said["extracted"] = answer.extracted
    else:
        said["error"] = {"title": answer.failure.title, "node": answer.failure.node, "place": answer.failure.place}
    return said


def _line(value: object) -> bytes:
    """A line of JSON; half a character, which no encoding of text can hold, is written as an escape."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def _replace(path: Path, lines: Iterable[bytes]) -> None:
    """Writes a file under another name and moves it into place once it is on the disk."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for line in lines:
                file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@cache
def _adapter() -> TypeAdapter[Event]:
    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[Event, Field(discriminator="kind")])
