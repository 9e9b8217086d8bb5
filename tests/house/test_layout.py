"""The house keeps its shape: links, sizes, and nothing that only this machine has."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINKS = ("grammar", "compiler", "ops", "search")
SKIPPED = {"__pycache__", "build", "dist", *LINKS}

#: Folders of one person's or one machine's own, such as a home directory.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|work|private|mnt)/[\w.]")


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the project, leaving out environments, caches and the links."""
    for entry in sorted(folder.iterdir()):
        hidden = entry.name.startswith(".") and entry.name not in (".ci", ".gitignore")
        if hidden or (entry.name in SKIPPED and folder == ROOT) or entry.name == "__pycache__":
            continue
        if entry.is_dir():
            yield from files(entry)
        else:
            yield entry


PACKAGE = [p for p in files(ROOT / "ttsc") if p.suffix == ".py"]
PYTHON = [p for p in files() if p.suffix == ".py"]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("name", LINKS)
def test_a_top_level_room_is_a_relative_link_into_the_package(name: str) -> None:
    link = ROOT / name
    assert link.is_symlink()
    assert link.readlink() == Path("ttsc") / name
    assert (link / "__init__.py").is_file()


def test_nothing_imports_through_the_links() -> None:
    through = []
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            through += [f"{shown(path)}: {n}" for n in names if n.split(".")[0] in LINKS]
    assert through == []


def test_packaging_and_tools_do_not_name_the_links() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    tool = settings["tool"]
    assert tool["hatch"]["build"]["targets"]["wheel"]["packages"] == ["ttsc"]
    folders = [
        *tool["hatch"]["build"]["targets"]["sdist"]["only-include"],
        *tool["mypy"]["files"],
        *tool["pytest"]["ini_options"]["testpaths"],
    ]
    assert not set(folders) & set(LINKS)


def test_no_file_of_the_package_is_longer_than_300_lines() -> None:
    lengths = {shown(p): len(p.read_text("utf-8").splitlines()) for p in PACKAGE}
    assert {name: n for name, n in lengths.items() if n > 300} == {}


def test_no_function_of_the_package_is_longer_than_50_lines() -> None:
    long = {}
    for path in PACKAGE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 50:
                    long[f"{shown(path)}:{node.name}"] = lines
    assert long == {}


def test_every_module_of_the_package_says_what_it_is_for() -> None:
    silent = [shown(p) for p in PACKAGE if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert silent == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = []
    for path in files():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{shown(path)}:{n}: {line.strip()}" for n, line in enumerate(lines, 1) if MACHINE_PATH.search(line)]
    assert found == []
