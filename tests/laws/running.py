"""Programs as text, run three ways: after the passes, before them, and by the reference interpreter."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.reference.interpreter import interpret
from ttsc.compiler import check, declared_models, load
from ttsc.compiler.compiling import compile_pipeline
from ttsc.compiler.ir import Block
from ttsc.compiler.plan import Plan
from ttsc.front.models import resolve
from ttsc.models.catalog import connect
from ttsc.runtime.executor import run
from ttsc.runtime.record import DrawFinished, QuestionAnswered
from ttsc.values.prompt import plain


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answers of a run, and for every draw what was sent, to whom, which sample, and its key."""

    answers: tuple[object, ...]
    draws: Mapping[str, tuple[str, str, int]]


def compiled(
    text: str, pipeline: str = "answer", holes: Mapping[str, object] | None = None, sim: bool = False
) -> Plan:
    """The plan of a program given as text; raises Problems where it is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.tts"
        path.write_text(text, encoding="utf-8")
        loaded = load(path)
    models = resolve(declared_models(loaded), {}, sim)
    found = check(loaded, {name: spec.capabilities for name, spec in models.items()})
    assert not [d for d in found if d.severity == "error"], [d.title for d in found]
    return compile_pipeline(loaded, pipeline, models=models, holes=holes or {})


def ran(block: Block, questions: Sequence[str], epoch: int = 0) -> Outcome:
    """A run by the scheduler."""
    name = block.parameters[0].name
    record = asyncio.run(run(block, [{name: q} for q in questions], connect=connect, epoch=epoch))
    answers = {e.place.question: e.value for e in record.events if isinstance(e, QuestionAnswered)}
    draws = {e.key.name(): (e.key.content, e.key.twin, e.key.index) for e in record.events if isinstance(e, DrawFinished)}
    return Outcome(tuple(answers.get(i) for i in range(len(questions))), draws)


def interpreted(block: Block, questions: Sequence[str], epoch: int = 0) -> Outcome:
    """A run by the reference interpreter."""
    name = block.parameters[0].name
    values, keys = asyncio.run(interpret(block, [{name: q} for q in questions], connect, epoch))
    draws = {key.name(): (key.content, key.twin, key.index) for key in keys}
    return Outcome(tuple(plain(v) for v in values), draws)
