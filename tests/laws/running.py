"""Programs as text, run three ways: after the passes, before them, and by the reference interpreter."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.reference.interpreter import interpret
from ttsc.compiler import check, declared_models, load
from ttsc.compiler.compiling import compile_pipeline
from ttsc.compiler.ir import Block, OpCall, Site
from ttsc.compiler.plan import Plan
from ttsc.compiler.problems import Problems
from ttsc.compiler.rewrite import blocks_of
from ttsc.front.models import resolve
from ttsc.models.catalog import connect
from ttsc.models.protocol import Provider
from ttsc.runtime.executor import run
from ttsc.runtime.record import DrawFinished, QuestionAnswered
from ttsc.values import types
from ttsc.values.candidate import Candidates
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import plain
from ttsc.values.request import Answered, DrawKey, Request
from ttsc.values.request import Outcome as Attempted
from ttsc.values.usage import Usage


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answers of a run, and for every draw what was sent, to whom, which sample, and its key."""

    answers: tuple[object, ...]
    draws: Mapping[str, tuple[str, str, int]]
    usage: Usage = field(default_factory=Usage, compare=False)


def compiled(text: str, pipeline: str = "answer", holes: Mapping[str, object] | None = None) -> Plan:
    """The plan of a program given as text; raises Problems where it is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.tts"
        path.write_text(text, encoding="utf-8")
        plan = compiled_file(path, pipeline, holes, simulated=False)
    assert plan is not None
    return plan


def compiled_file(
    path: Path, pipeline: str, holes: Mapping[str, object] | None = None, *, simulated: bool = True
) -> Plan | None:
    """The plan of a pipeline of a file; None where a bound depends on an input."""
    loaded = load(path)
    models = resolve(declared_models(loaded), {}, simulated)
    found = check(loaded, {name: spec.capabilities for name, spec in models.items()})
    assert not [d for d in found if d.severity == "error"], [d.title for d in found]
    try:
        return compile_pipeline(loaded, pipeline, models=models, holes=holes or {})
    except Problems as problems:
        if {d.code for d in problems.diagnostics} == {"E506"}:
            return None
        raise


def _records(block: Block, questions: Sequence[str | Mapping[str, object]]) -> list[Mapping[str, object]]:
    name = block.parameters[0].name
    return [{name: q} if isinstance(q, str) else q for q in questions]


class Signed:
    """A simulated model whose texts begin with the name of their draw, so that no two say the same by chance.

    The name of a draw goes back to another where two drafts are word for word the same
    (docs/design/003): with signed texts, an unchanged request is one about the same draft.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Attempted:
        outcome = await self._provider.attempt(request, draws)
        written = request.task.kind in ("generate", "revise", "fuse", "critique") and not request.task.schema
        if isinstance(outcome, Answered) and written:
            signed = (replace(r, text=f"[{k.name()}] {r.text}") for r, k in zip(outcome.replies, draws, strict=True))
            return replace(outcome, replies=tuple(signed))
        return outcome

    async def close(self) -> None:
        await self._provider.close()


def ran(
    block: Block, questions: Sequence[str | Mapping[str, object]], epoch: int = 0, *, signed: bool = False
) -> Outcome:
    """A run by the scheduler."""

    def connected(spec: ModelSpec) -> Provider:
        return Signed(connect(spec)) if signed else connect(spec)

    record = asyncio.run(run(block, _records(block, questions), connect=connected, epoch=epoch))
    answers = {e.place.question: e.value for e in record.events if isinstance(e, QuestionAnswered)}
    keys = [e.key for e in record.events if isinstance(e, DrawFinished)]
    draws = {key.name(): (key.content, key.twin, key.index) for key in keys}
    return Outcome(tuple(answers.get(i) for i in range(len(questions))), draws, record.usage)


def interpreted(block: Block, questions: Sequence[str | Mapping[str, object]], epoch: int = 0) -> Outcome:
    """A run by the reference interpreter."""
    values, keys = asyncio.run(interpret(block, _records(block, questions), connect, epoch))
    draws = {key.name(): (key.content, key.twin, key.index) for key in keys}
    single = isinstance(kind := block.type_of(block.result), types.Candidates) and kind.high == 1
    answers = tuple(plain(v.items[0] if single and isinstance(v, Candidates) and v.items else v) for v in values)
    return Outcome(answers, draws)


def sites(block: Block) -> dict[tuple[int, int, str], set[Site | None]]:
    """The sites of a block by where they stand in the source (a pipeline called twice has two at one place)."""
    found: dict[tuple[int, int, str], set[Site | None]] = {}
    for node in block.nodes:
        match node.operation:
            case OpCall() as call:
                found.setdefault((node.span.start, node.span.end, call.op), set()).add(call.site)
        for inner in blocks_of(node.operation):
            for place, made in sites(inner).items():
                found.setdefault(place, set()).update(made)
    return found


def same_names(left: Outcome, right: Outcome) -> bool:
    """Whether draws that both runs made at one site with one request have the same keys in both.

    One run may make a request more often than the other (equal drafts, of which one was left
    out); then the keys of the one are among those of the other.
    """
    ours, theirs = _by_request(left), _by_request(right)
    return all(ours[r] <= theirs[r] or theirs[r] <= ours[r] for r in ours.keys() & theirs.keys())


def _by_request(outcome: Outcome) -> dict[tuple[str, int, str], set[str]]:
    found: dict[tuple[str, int, str], set[str]] = {}
    for key, (content, twin, index) in outcome.draws.items():
        found.setdefault((content, index, twin.partition("/")[0]), set()).add(key)
    return found


def within_bounds(plan: Plan, outcome: Outcome) -> bool:
    """Whether a run on one question stayed within what its plan says it costs at worst."""
    used, worst = outcome.usage, plan.bounds.hard
    return (
        used.calls <= worst.calls
        and used.requests <= worst.requests
        and used.input_tokens <= worst.input_tokens
        and used.output_tokens <= worst.output_tokens
        and (used.cost is None or worst.cost is None or used.cost <= worst.cost)
    )
