"""A program as a person holds it: load it, say what to use, then check, plan or run it.

Everything here is also what the command line does; nothing is done twice. What only planning
or running needs is imported when something is planned or run, so that checking stays quick.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ttsc.compiler import Loaded, check, declared_models
from ttsc.compiler import load as load_file
from ttsc.compiler.declarations import parameters_of
from ttsc.front.errors import UsageError
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.models.catalog import facts
from ttsc.values.model import ModelSpec
from ttsc.values.types import Type

if TYPE_CHECKING:
    from ttsc.compiler.plan import Plan
    from ttsc.front.inputs import Question
    from ttsc.front.running import Run, Watch


def load(path: str | Path) -> Program:
    """The program of a `.tts` file and what it imports.

    Raises `Problems` where a file cannot be read, parsed or imported, and OSError never.
    """
    return Program(load_file(Path(path)))


@dataclass(frozen=True, slots=True)
class Program:
    """A loaded program and what it is to be planned and run with; `using` changes that.

    `pipeline` None is the only one, or the one called `main`. `models` maps declared names to
    other targets; with `sim` every other model is simulated. `holes` fills holes by name,
    `seed` chooses the set of samples, `until` ends a run with that binding. `data` is the folder
    in which a run looks for data files first.

    >>> program = load("examples/self_consistency.tts").using(sim=True, seed=7)
    >>> program.plan().bounds.hard.calls
    16
    """

    loaded: Loaded = field(repr=False)
    pipeline: str | None = None
    models: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sim: bool = False
    holes: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    seed: int = 0
    until: str | None = None
    data: Path | None = None

    def using(
        self,
        pipeline: str | None = None,
        *,
        models: Mapping[str, str] | None = None,
        sim: bool | None = None,
        holes: Mapping[str, object] | None = None,
        seed: int | None = None,
        until: str | None = None,
        data: str | Path | None = None,
    ) -> Program:
        """The same program with other choices; what is not given stays. Models and holes add up."""
        return replace(
            self,
            pipeline=self.pipeline if pipeline is None else pipeline,
            models=MappingProxyType({**self.models, **(models or {})}),
            sim=self.sim if sim is None else sim,
            holes=MappingProxyType({**self.holes, **(holes or {})}),
            seed=self.seed if seed is None else seed,
            until=self.until if until is None else until,
            data=self.data if data is None else Path(data),
        )

    def check(self) -> tuple[Diagnostic, ...]:
        """Every error and warning, in source order; empty where all is well."""
        declared = declared_models(self.loaded)
        return check(self.loaded, {name: facts(spec.target).capabilities for name, spec in declared.items()})

    def parameters(self) -> tuple[tuple[str, Type], ...]:
        """Names and types of what the pipeline takes. Raises `Problems` where it has none of the name."""
        from ttsc.compiler.compiling import choose

        return parameters_of(choose(self.loaded, self.pipeline).parameters, self.loaded.root, lambda _: None)

    def resolved(self) -> dict[str, ModelSpec]:
        """Every declared model as it would be used. Raises `UsageError` for a wrong replacement."""
        from ttsc.front.models import resolve

        return resolve(declared_models(self.loaded), self.models, self.sim)

    def plan(self, inputs: Mapping[str, object] | None = None) -> Plan:
        """What would run, and what it costs at worst, for these inputs or for an assumed size.

        Raises `Problems` where the program is wrong, `UsageError` where a choice is.
        """
        from ttsc.front.inputs import question

        known = question(inputs, self.parameters(), whole=False).inputs if inputs else None
        return self._compiled(self.resolved(), known)

    def _compiled(self, models: Mapping[str, ModelSpec], inputs: Mapping[str, object] | None) -> Plan:
        from ttsc.compiler.compiling import compile_pipeline

        return compile_pipeline(
            self.loaded, self.pipeline, models=models, holes=self.holes, inputs=inputs, until=self.until
        )  # fmt: skip

    def run(self, /, **inputs: object) -> Run:
        """Runs the pipeline on one set of inputs and waits for it.

        A question that fails is an `Answer` with a failure, not an exception. Raises
        `Problems` and `UsageError` before anything is asked of a model. Where an event loop
        runs already, as in a notebook, write `await program.arun(…)`.
        """
        return self.run_batch([inputs])

    async def arun(self, /, **inputs: object) -> Run:
        """`run`, for use inside an event loop."""
        return await self.arun_batch([inputs])

    def run_batch(self, records: Sequence[Mapping[str, object] | Question], watch: Watch | None = None) -> Run:
        """Runs the pipeline on every record at once and waits for all of them."""
        return _wait(lambda: self.arun_batch(records, watch))

    async def arun_batch(self, records: Sequence[Mapping[str, object] | Question], watch: Watch | None = None) -> Run:
        """`run_batch`, for use inside an event loop. `watch` sees every event as it happens."""
        from ttsc.front.data_files import data_files
        from ttsc.front.inputs import Question, question
        from ttsc.front.running import run_questions

        files = data_files(self.loaded, self.data, os.environ)
        compile = partial(self._compiled, files.located(self.resolved()))
        parameters = self.parameters()
        asked = [r if isinstance(r, Question) else question(r, parameters) for r in records]
        return await run_questions(compile, asked, self.seed, files, watch)


def _wait(made: Callable[[], Coroutine[object, object, Run]]) -> Run:
    import asyncio  # 60 ms, and checking does not need it

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(made())
    raise UsageError("an event loop runs here already, as in a notebook: write `await program.arun(…)`")
