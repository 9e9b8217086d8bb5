"""Golden files: the exact text that is expected, kept beside the tests. `make golden` rewrites them."""

from __future__ import annotations

import os
from pathlib import Path


def assert_golden(path: Path, text: str) -> None:
    """The text is what the file says; with UPDATE_GOLDEN set, the file is made to say it."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.is_file(), f"{path.name} is missing: `make golden` writes it"
    assert text == path.read_text("utf-8"), f"{path.name} is out of date: `make golden` rewrites it"
