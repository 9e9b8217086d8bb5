"""Pages keep their word: examples run, commands are the ones CI runs, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def blocks(text: str, language: str) -> list[str]:
    """The fenced code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_python_of_a_page_runs_from_top_to_bottom(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for block in blocks((ROOT / page).read_text("utf-8"), "python"):
        exec(compile(block, page, "exec"), names)


def test_the_readme_has_two_commands_for_a_fresh_machine() -> None:
    section = README.split("\n## Two commands\n")[1].split("\n## ")[0]
    first, second = blocks(section, "sh")
    assert "ttsc run examples/self_consistency.tts --sim" in first
    assert ".venv/bin/pytest" in second
    assert first.count("\n") == second.count("\n") == 1


def test_ci_finds_the_readmes_test_command() -> None:
    marker = "'.[dev]'"
    assert f'grep -F "{marker}"' in (ROOT / ".ci" / "run").read_text("utf-8")
    assert len([line for line in README.splitlines() if marker in line]) == 1


def test_the_program_in_the_readme_is_the_example_itself() -> None:
    example = (ROOT / "examples" / "self_consistency.tts").read_text("utf-8")
    program = next(b for b in blocks(README, "") if b.startswith("model small"))
    assert program in example


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    dead = [target for target in LINK.findall(page.read_text("utf-8")) if not (page.parent / target).exists()]
    assert dead == []
