"""The grammar has no conflicts, and its tables are kept, replaced and done without as they should be."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from lark import Lark, logger

from ttsc.grammar.declarations import DeclarationRules
from ttsc.grammar.tables import GRAMMAR, tables


def test_the_grammar_is_one_page_without_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    text = GRAMMAR.read_text("utf-8")
    assert len(text.splitlines()) <= 120
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.DEBUG, logger=logger.name):
            Lark(text, parser="lalr", start="file", maybe_placeholders=True, debug=True)
    finally:
        logger.removeHandler(caplog.handler)
    assert [record.message for record in caplog.records if "onflict" in record.message] == []


def test_every_rule_has_a_method_and_every_method_a_rule() -> None:
    rules = {rule["build"] for rule in tables()["rules"] if rule["build"]}
    others = {"word", "span", "new_name", "plain", "amount", "whole", "callee", "declared"}
    methods = {name for name in dir(DeclarationRules) if not name.startswith("_")}
    assert methods - others == rules


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"format": 0}', b"null"])
def test_damaged_tables_are_made_again(tmp_path: Path, damage: bytes) -> None:
    kept = tmp_path / "tts.json"
    kept.write_bytes(damage)
    made = tables(kept)
    assert made["grammar"] == GRAMMAR.read_text("utf-8")
    assert tables(kept) == {**made, "patterns": [list(pattern) for pattern in made["patterns"]]}


def test_tables_of_another_grammar_are_made_again(tmp_path: Path) -> None:
    kept = tmp_path / "tts.json"
    tables(kept)
    kept.write_text(kept.read_text("utf-8").replace("// The language", "// Another language"), "utf-8")
    assert tables(kept)["grammar"] == GRAMMAR.read_text("utf-8")
    assert "Another" not in kept.read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert tables(tmp_path / "file" / "tts.json")["start"] >= 0
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nothing_unfinished_is_left_beside_the_tables(tmp_path: Path) -> None:
    tables(tmp_path / "new" / "tts.json")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["tts.json"]


def test_reading_a_program_imports_nothing_heavy() -> None:
    """Lark included: once the tables are kept, it is not needed."""
    tables()
    program = (
        "import sys; from ttsc.grammar import Source, format_file, parse;"
        "print(format_file(parse(Source('a', 'model m = \"x\"'))), end='');"
        "print(*sorted({'lark', 'pydantic', 'rich', 'asyncio', 'typing_extensions'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == 'model m = "x"\n\n'
