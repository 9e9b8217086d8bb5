"""Every program of the corpus and of the examples parses, and formats to a text that says the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lark import Lark

from ttsc.grammar import Source, format_file, parse
from ttsc.grammar.tables import GRAMMAR

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("TTSC_SHARED", ROOT.parent / "shared")) / "corpus"
FILES = sorted([*CORPUS.rglob("*.tts"), *(ROOT / "examples").rglob("*.tts")])

pytestmark = pytest.mark.skipif(not FILES, reason="neither a corpus (TTSC_SHARED) nor examples are here")


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_program_survives_formatting(path: Path) -> None:
    file = parse(Source(path.name, path.read_text("utf-8")))
    text = format_file(file)
    again = parse(Source(path.name, text))
    assert again == file
    assert format_file(again) == text


def test_lark_itself_reads_what_the_parser_reads() -> None:
    reader = Lark(GRAMMAR.read_text("utf-8"), parser="lalr", start="file", maybe_placeholders=True)
    for path in FILES:
        reader.parse(path.read_text("utf-8"))
