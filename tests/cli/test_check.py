"""`ttsc check`: prose or JSON on stdout, a summary on stderr, and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import VOTE, Ttsc

WRONG = VOTE.replace("|> vote", "|> voet")


def test_a_good_file_says_so(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("check", vote)
    assert (said.code, said.out, said.err) == (0, "", "1 file: no errors, no warnings\n")


def test_a_wrong_file_is_explained(ttsc: Ttsc, vote: str) -> None:
    Path(vote).write_text(WRONG, "utf-8")
    said = ttsc("check", vote)
    assert said.code == 1
    assert "vote.tts:6:20" in said.out
    assert "`vote`" in said.out
    assert said.err == "1 file: 1 error, no warnings\n"


def test_json_gives_places_to_an_editor(ttsc: Ttsc, vote: str) -> None:
    Path(vote).write_text(WRONG, "utf-8")
    said = ttsc("check", vote, "--json")
    (diagnostic,) = json.loads(said.out)["diagnostics"]
    assert (said.code, said.err) == (1, "")
    place = {k: diagnostic[k] for k in ("path", "line", "column", "end_line", "end_column", "severity")}
    assert place == {
        "path": "vote.tts", "line": 6, "column": 20, "end_line": 6, "end_column": 24, "severity": "error",
    }  # fmt: skip


def test_a_file_that_is_not_there_is_a_usage_error(ttsc: Ttsc, vote: str) -> None:
    said = ttsc("check", "vtoe.tts")
    assert (said.code, said.out) == (2, "")
    assert "vtoe.tts" in said.err


def test_all_files_are_checked_even_if_the_first_is_broken(ttsc: Ttsc, vote: str) -> None:
    Path("broken.tts").write_text("pipeline {", "utf-8")
    said = ttsc("check", "broken.tts", vote)
    assert said.code == 1
    assert said.err == "2 files: 1 error, no warnings\n"
