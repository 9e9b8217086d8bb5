"""The provider behind `local/PATH_OR_NAME`: checkpoints that run in this process.

A checkpoint is loaded when it is first asked, in a thread of its own that does all its work. Models
of the same checkpoint and settings share it. Nothing is ever downloaded.
"""

from __future__ import annotations

import asyncio

from ttsc.models.catalog import Unusable
from ttsc.models.local.settings import Settings, settings_of
from ttsc.models.local.work import Job, Result
from ttsc.models.tiny.engine import Crew, Engine
from ttsc.models.tiny.sampling import seed
from ttsc.values.request import Answered, DrawKey, Fault, Outcome, Request
from ttsc.values.usage import Usage


class Local:
    """Every local model of a run."""

    def __init__(self) -> None:
        self._engines: dict[tuple[str, Settings], Engine[Job, Result]] = {}
        self._refused: dict[tuple[str, Settings], str] = {}

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        """One sample per draw, or the rating of a reward model.

        Equal keys give equal samples, as far as the logits do not depend on what is computed beside
        them (docs/local.md says how far). `not_found` where the checkpoint cannot be run,
        `context_length` where the prompt leaves no room, `overloaded` where memory ran out.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        turns = len(request.messages)
        job = Job(request, tuple(seed(f"{draw.name()}/{turns}") for draw in draws))
        try:
            settings = settings_of(request.model)
        except Unusable as error:
            return Fault("bad_request", str(error))
        outcome = await self._worked((request.model.model, settings), job)
        if isinstance(outcome, Fault):
            return outcome
        price = request.model.price
        cost = None if price is None else price.of(outcome.read, outcome.written)
        return Answered(outcome.replies, Usage(0, 1, outcome.read, outcome.written, cost=cost), loop.time() - began)

    async def close(self) -> None:
        """Ends the threads and lets go of the weights."""
        closing = list(self._engines.values())
        self._engines = {}
        for engine in closing:
            await asyncio.to_thread(engine.close)

    async def _worked(self, where: tuple[str, Settings], job: Job) -> Result:
        if where in self._refused:
            return Fault("not_found", self._refused[where])
        if where not in self._engines:
            self._engines[where] = Engine(lambda: _crew(*where))
        try:
            return await asyncio.wrap_future(self._engines[where].submit(job))
        except Unusable as error:
            self._refused[where] = f"model {job.request.model.name}: {error}"
            return Fault("not_found", self._refused[where])


def _crew(name: str, settings: Settings) -> Crew[Job, Result]:
    try:
        from ttsc.models.local.loading import crew
    except ModuleNotFoundError as error:
        raise Unusable(f"local/{name} needs {error.name}: pip install 'ttsc[local]'") from error
    return crew(name, settings)
