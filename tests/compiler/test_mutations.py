"""Programs with tokens left out, doubled or swapped: the compiler says what is wrong, and never breaks.

`TTSC_MUTATIONS=3000` makes more of them.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.compiler.error_cases import ERRORS
from ttsc.compiler import Problems, check, declared_models, load
from ttsc.compiler.compiling import compile_pipeline, pipelines
from ttsc.grammar.diagnostic import Diagnostic, render
from ttsc.values.model import Capabilities

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TTSC_SHARED", ROOT / ".." / "shared")).resolve()
TOKEN = re.compile(r'"""[\s\S]*?"""|"[^"\n]*"|[A-Za-z_]\w*|[0-9][\w.]*|\|>|->|=>|==|<=|>=|\.\.|[^\s\w]')
ABLE = Capabilities(n=True, prefix=True, logprobs=True, schema=True, tools=True)
MUTANTS = int(os.environ.get("TTSC_MUTATIONS", "150"))


def programs() -> list[str]:
    """What is mutated: the corpus where it is there, the examples, and programs of this room."""
    corpus = SHARED / "corpus"
    paths = [*corpus.glob("*.tts"), *corpus.glob("sketches/*.tts"), *(ROOT / "examples").glob("**/*.tts")]
    doubtful = [p for p in ERRORS.glob("*.tts") if "error[E1" not in p.with_suffix(".txt").read_text("utf-8")]
    return [p.read_text("utf-8") for p in sorted([*paths, *doubtful]) if p.stem != "too_many_nodes"]


def kind(token: str) -> str:
    """Tokens of one kind may stand in the same places, so that many mutants still parse."""
    return "name" if token[0].isalpha() else "number" if token[0].isdigit() else token[:3]


def mutated(text: str, random_: random.Random, words: dict[str, list[str]]) -> str:
    """A program with one to three tokens left out, doubled, or in place of others."""
    for _ in range(random_.randint(1, 3)):
        places = [m.span() for m in TOKEN.finditer(text)]
        if len(places) < 2:
            return text
        (a, b), (c, d) = sorted(random_.sample(places, 2))
        like = [p for p in places if kind(text[slice(*p)]) == kind(text[a:b]) and p[0] > a] or [(c, d)]
        match random_.randrange(8):
            case 0:
                text = text[:a] + text[b:]
            case 1:
                text = text[:b] + " " + text[a:b] + text[b:]
            case 2:
                text = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
            case 3 | 4:
                c, d = random_.choice(like)
                text = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
            case _:
                text = text[:a] + random_.choice(words[kind(text[a:b])]) + text[b:]
    return text


def mutants(count: int) -> Iterator[tuple[int, str]]:
    sources = programs()
    found = sorted({m.group() for text in sources for m in TOKEN.finditer(text)})
    words = {k: list(same) for k, same in groupby(sorted(found, key=kind), kind)}
    for seed in range(count):
        random_ = random.Random(seed)
        yield seed, mutated(random_.choice(sources), random_, words)


def compiled(path: Path) -> tuple[Diagnostic, ...]:
    """What is said about a program; one without errors is planned as well."""
    try:
        loaded = load(path)
        models = declared_models(loaded)
        found = check(loaded, dict.fromkeys(models, ABLE))
        if not any(d.severity == "error" for d in found):
            for name in pipelines(loaded):
                compile_pipeline(loaded, name, models=models)
    except Problems as problems:
        return problems.diagnostics
    return found


def test_a_mutated_program_is_compiled_or_told_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "mutant.tts"
    for seed, text in mutants(MUTANTS):
        path.write_text(text, "utf-8")
        try:
            found = compiled(path)
            assert all(d.title and 0 <= d.span.start <= d.span.end <= len(d.span.source.text) for d in found)
            render(found)
        except BaseException:
            print(f"mutant {seed} breaks the compiler:\n{text}")
            raise
