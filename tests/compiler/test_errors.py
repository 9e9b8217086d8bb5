"""Messages are prose: every program in `errors/` gets exactly the text that stands beside it."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tests.compiler.error_cases import ERRORS, Case, cases, said
from tests.golden import assert_golden

ROOT = Path(__file__).parents[2]
CODE = re.compile(r'"([EW]\d{3})"')
SAID = re.compile(r"^(?:error|warning)\[([EW]\d{3})\]", re.MULTILINE)

#: Codes that no case can show, each with the reason.
WITHOUT_CASE: dict[str, str] = {}


@pytest.mark.parametrize("case", cases(), ids=lambda c: c.name)
def test_a_program_with_a_fault_is_told_exactly_this(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = case.laid_out(tmp_path)
    monkeypatch.chdir(path.parent)
    text = said(path)
    assert text, "nothing is said about this program"
    assert_golden(case.golden, text + "\n")


def test_every_code_has_a_case() -> None:
    sources = [p for p in (ROOT / "ttsc").rglob("*.py") if p.is_file()]
    used = {code for source in sources for code in CODE.findall(source.read_text("utf-8"))}
    shown = {code for golden in ERRORS.rglob("*.txt") for code in SAID.findall(golden.read_text("utf-8"))}
    assert used - shown - set(WITHOUT_CASE) == set(), "add a program that shows these codes to tests/compiler/errors"
    assert shown - used == set(), "these codes are shown, but no code reports them"


def test_the_reference_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_from_file_location("error_reference", ROOT / "scripts" / "error_reference.py")
    assert spec is not None
    assert spec.loader is not None
    script = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "error_reference", script)  # its dataclasses look themselves up there
    spec.loader.exec_module(script)
    assert_golden(ROOT / "docs" / "errors.md", script.reference())


def test_no_golden_text_is_left_of_a_case_that_is_gone() -> None:
    assert set(ERRORS.rglob("*.txt")) == {case.golden for case in cases()}
