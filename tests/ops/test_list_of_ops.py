"""The list of ops is whole and cheap, and their reference is what their files say."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from ttsc.ops import NAMES, OPS

ROOT = Path(__file__).parents[2]


def script() -> ModuleType:
    spec = spec_from_file_location("op_reference", ROOT / "scripts" / "op_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_with_an_op_is_in_the_list_under_its_name() -> None:
    files = {p.stem for p in (ROOT / "ttsc" / "ops").glob("*.py") if "\nOP = Op(" in p.read_text("utf-8")}
    assert sorted(files) == list(NAMES)
    assert {name: op.name for name, op in OPS.items()} == {name: name for name in NAMES}
    assert "utils" not in OPS


def test_importing_the_list_imports_no_op_and_nothing_heavy() -> None:
    code = "import sys, ttsc.ops; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    imported = found.stdout.split()
    assert [m for m in imported if m.startswith("ttsc.ops.")] == [
        "ttsc.ops.accepts",
        "ttsc.ops.context",
        "ttsc.ops.facts",
        "ttsc.ops.signature",
    ]
    assert not {m.split(".")[0] for m in imported} & {"pydantic", "litellm", "networkx", "aiohttp", "rich", "optuna"}


@pytest.mark.parametrize("name", NAMES)
def test_an_op_is_documented_with_what_when_cost_and_an_example(name: str) -> None:
    op = OPS[name]
    found = script().sections(op.module)
    assert list(found)[:3] == ["What", "When", "Cost"]
    assert list(found)[-1] == "Example"
    assert all(found.values())
    assert op.module.splitlines()[0].endswith(".")
    assert name in found["Example"]
    assert all(argument.doc for argument in op.arguments)


def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "ops.md").read_text("utf-8") == script().reference(), "run scripts/op_reference.py"
