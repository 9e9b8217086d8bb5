"""The programs that the language exists for: nothing is said against them, and each has a finite bound."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from ttsc.compiler.compiling import pipelines
from ttsc.front import load
from ttsc.grammar.diagnostic import render
from ttsc.grammar.parser import parse
from ttsc.grammar.reading import read

SHARED = Path(os.environ.get("TTSC_SHARED", Path(__file__).parents[2] / ".." / "shared")).resolve()
CORPUS = SHARED / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: TTSC_SHARED names the folder that holds it")

PROGRAMS = sorted([*CORPUS.glob("*.tts"), *CORPUS.glob("benchmarks/*.tts")])
SKETCHES = sorted(CORPUS.glob("sketches/*.tts"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_nothing_is_said_against_it_and_it_has_a_bound(path: Path) -> None:
    program = load(path)
    assert render(program.check()) == ""
    for name in pipelines(program.loaded):
        bounds = program.using(name).plan().bounds
        assert bounds.depth > 0
        assert 0 < bounds.hard.calls < math.inf
        assert 0 < bounds.hard.requests <= bounds.hard.attempts < math.inf


@pytest.mark.parametrize("path", SKETCHES, ids=lambda p: p.stem)
def test_a_sketch_parses(path: Path) -> None:
    assert parse(read(path, path.name)).declarations
