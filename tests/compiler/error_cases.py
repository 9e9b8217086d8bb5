"""The golden suite of messages: a program with a fault beside exactly what is said about it.

A case is `errors/NAME.tts` with `NAME.txt`, or a folder of files whose `main.tts` is checked. A
first line `# plan {…}` plans a pipeline with these choices in place of checking the file; a file
`LINKS` in a folder names links to make (`link -> target`). Files that no editor would save are
made here.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from ttsc.compiler import Problems
from ttsc.front import load
from ttsc.grammar.diagnostic import render

ERRORS = Path(__file__).parent / "errors"

MADE = {
    "file_empty": b"\n",
    "file_binary": b"\x7fELF\0\0",
    "file_not_utf8": b'model small = "sim/caf\xe9"\n',
    "file_too_large": b"#" * 1_000_001,
    "file_of_too_many_words": b"[ " * 200_001,
    "file_missing": None,
}

PLAN = re.compile(r"# plan (\{.*\})\n")


@dataclass(frozen=True, slots=True)
class Case:
    """One program with a fault. `content` is what a made file holds, None for one that is not there."""

    name: str
    source: Path
    content: bytes | None = field(default=None, repr=False)

    @property
    def golden(self) -> Path:
        """The file with the expected text."""
        return self.source / "main.txt" if self.source.is_dir() else ERRORS / f"{self.name}.txt"

    def laid_out(self, folder: Path) -> Path:
        """The file to check, in a project folder of its own."""
        project = folder / "project"
        if self.source.is_dir():
            shutil.copytree(self.source, project, ignore=shutil.ignore_patterns("*.txt", "LINKS"))
            for line in self._links():
                link, target = line.split(" -> ")
                (project / link).symlink_to(target)
            return project / "main.tts"
        project.mkdir()
        path = project / f"{self.name}.tts"
        if self.name not in MADE:
            shutil.copy(self.source, path)
        elif self.content is not None:
            path.write_bytes(self.content)
        return path

    def _links(self) -> list[str]:
        links = self.source / "LINKS"
        return links.read_text("utf-8").splitlines() if links.is_file() else []


def cases() -> list[Case]:
    """Every case by name."""
    files = [Case(p.stem, p) for p in ERRORS.glob("*.tts")]
    folders = [Case(p.name, p) for p in ERRORS.iterdir() if p.is_dir()]
    made = [Case(name, ERRORS / f"{name}.tts", content) for name, content in MADE.items()]
    return sorted([*files, *folders, *made], key=lambda c: c.name)


def said(path: Path) -> str:
    """What is said about a file whose name alone is shown, because it stands in the working folder."""
    try:
        program = load(path)
        text = path.read_text("utf-8")
        plan = PLAN.match(text)
        if plan is None:
            return render(program.check())
        asked = json.loads(plan[1])
        chosen = program.using(asked.get("pipeline"), holes=asked.get("holes"), until=asked.get("until"))
        return render(chosen.plan().not_available)
    except Problems as problems:
        return str(problems)
