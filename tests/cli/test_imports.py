"""Starting is cheap: what a command does not need is not imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "examples" / "self_consistency.tts")

ALWAYS_HEAVY = ("litellm", "optuna", "networkx", "aiohttp")
HEAVY = (*ALWAYS_HEAVY, "pydantic", "rich")

SHOW_MODULES = "import sys; {code}; print(*sorted({{m.partition('.')[0] for m in sys.modules}}), file=sys.stderr)"


def imported(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has imported after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW_MODULES.format(code=code)], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stderr.split("\n")[-2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["plan", EXAMPLE]])
def test_these_commands_import_no_provider_and_no_search(arguments: list[str]) -> None:
    assert imported(f"from ttsc.cli.main import invoke; invoke({arguments!r})").isdisjoint(ALWAYS_HEAVY)


def test_the_package_itself_imports_nothing_heavy() -> None:
    assert imported("import ttsc").isdisjoint((*HEAVY, "lark", "click", "asyncio"))


def test_checking_a_file_imports_nothing_heavy() -> None:
    code = f"from ttsc.cli.main import invoke; assert invoke(['check', {EXAMPLE!r}]) == 0"
    assert imported(code).isdisjoint((*HEAVY, "asyncio"))
