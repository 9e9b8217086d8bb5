"""The provider behind `tiny/s`, `tiny/m`, `tiny/l` and `tiny/verifier`: real models in this process.

They are no chat models. Who writes reads the first user message, which has to be the problem
alone, and continues the last message if that is the assistant's. What stands between, such as a
complaint about an earlier reply, only makes it another sample. The verifier reads the question
and the candidate of `score`, `verify` and `step_search`, not the prompt round them.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from threadpoolctl import threadpool_limits

from ttsc.models.catalog import Unusable
from ttsc.models.tiny import vocabulary
from ttsc.models.tiny.engine import Engine
from ttsc.models.tiny.network import Network
from ttsc.models.tiny.rating import Raters, Scores, Solution
from ttsc.models.tiny.sampling import seed
from ttsc.models.tiny.sizes import WEIGHTS
from ttsc.models.tiny.writing import MOST_ROWS, Samples, Wanted, Writers
from ttsc.values.model import ModelSpec
from ttsc.values.request import Answered, DrawKey, Fault, Outcome, Reply, Request
from ttsc.values.usage import Usage

CONTEXT = 256  # tokens of a problem and its solution together
VERIFIER = "verifier"


def preflight(spec: ModelSpec) -> None:
    """Raises `Unusable` for a tiny model that there is not."""
    if spec.model not in WEIGHTS:
        raise Unusable(f"model {spec.name}: there is no {spec.target}; there are {', '.join(WEIGHTS)}")


class Tiny:
    """Every tiny model of a run, each with a thread of its own while it works."""

    def __init__(self, weights: Path | None = None) -> None:
        """`weights` is a folder with a folder for each model; None means those of the package."""
        self._weights = weights or Path(str(files("ttsc.models.tiny").joinpath("weights")))
        self._writers: dict[str, Engine[Wanted, Samples]] = {}
        self._raters: Engine[Solution, Scores] | None = None
        self._one_core: threadpool_limits | None = None

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        """The samples of a problem, or the verifier's judgement as JSON. Equal keys, equal samples.

        `not_found` for a model there is not, `context_length` where the text is too long, and
        `bad_request` for what these models cannot read.
        """
        if request.model.model not in WEIGHTS:
            return Fault("not_found", f"there is no {request.model.target}; there are {', '.join(WEIGHTS)}")
        if self._one_core is None:
            # Matrices this small gain nothing from a second core, and on a busy machine the
            # library's threads wait for each other: 400 tokens a second instead of 30,000.
            self._one_core = threadpool_limits(1, user_api="blas")
        began = asyncio.get_running_loop().time()
        try:
            rates = request.model.model == VERIFIER
            outcome = await (self._rate(request, draws) if rates else self._write(request, draws))
        except vocabulary.UnknownText as error:
            return Fault("bad_request", f"model {request.model.name}: {error}")
        if isinstance(outcome, Fault):
            return outcome
        replies, read, written = outcome
        price = request.model.price
        usage = Usage(0, 1, read, written, cost=None if price is None else price.of(read, written))
        return Answered(replies, usage, asyncio.get_running_loop().time() - began)

    async def close(self) -> None:
        """Ends the threads."""
        closing = [engine.close for engine in self._writers.values()]
        if self._raters is not None:
            closing.append(self._raters.close)
        self._writers, self._raters = {}, None
        for close in closing:
            await asyncio.to_thread(close)
        if self._one_core is not None:
            self._one_core.restore_original_limits()
            self._one_core = None

    async def _write(self, request: Request, draws: tuple[DrawKey, ...]) -> _Worked | Fault:
        prompt = _prompt(request)
        if isinstance(prompt, Fault):
            return prompt
        sent = request.parameters
        turns = len(request.messages)
        seeds = tuple(seed(f"{draw.name()}/{turns}") for draw in draws)
        wanted = Wanted(
            prompt=prompt,
            seeds=seeds,
            max_tokens=sent.max_tokens,
            temperature=1.0 if sent.temperature is None else sent.temperature,
            top_p=1.0 if sent.top_p is None else sent.top_p,
            stop=sent.stop,
        )
        parts = [replace(wanted, seeds=seeds[i : i + MOST_ROWS]) for i in range(0, len(seeds), MOST_ROWS)]
        futures = [asyncio.wrap_future(self._writer(request.model.model).submit(part)) for part in parts]
        samples = [written for part in await asyncio.gather(*futures) for written in part]
        replies = tuple(Reply(w.text, "stop" if w.ended else "length") for w in samples)
        return replies, len(prompt), sum(w.tokens for w in samples)

    async def _rate(self, request: Request, draws: tuple[DrawKey, ...]) -> _Worked | Fault:
        task = request.task
        if task.kind not in ("score", "verify", "step_search") or len(task.shown) != 1:
            return Fault("bad_request", f"{request.model.target} rates solutions, it cannot {task.kind}")
        steps = tuple(step for step in task.shown[0].strip().split(vocabulary.BREAK) if step)
        solution = Solution(task.question.strip(), steps)
        read = len(solution.tokens()[0])
        if read > CONTEXT:
            return _too_long(request, read)
        if self._raters is None:
            self._raters = Engine(lambda: Raters(Network(self._weights / VERIFIER)))
        scores = await asyncio.wrap_future(self._raters.submit(solution))
        return (Reply(_judgement(task.kind, scores)),) * len(draws), read, 0

    def _writer(self, model: str) -> Engine[Wanted, Samples]:
        if model not in self._writers:
            self._writers[model] = Engine(lambda: Writers(Network(self._weights / model)))
        return self._writers[model]


_Worked = tuple[tuple[Reply, ...], int, int]  # replies, tokens read, tokens written


def _prompt(request: Request) -> tuple[int, ...] | Fault:
    """The token ids of the problem and of what was begun of its solution; raises UnknownText."""
    messages = request.messages
    if request.parameters.schema is not None or any(m.role == "system" for m in messages):
        return Fault("bad_request", f"{request.model.target} takes a problem alone, no system message and no schema")
    problem = next((m.content.strip() for m in messages if m.role == "user"), "")
    begun = messages[-1].content if messages[-1].role == "assistant" else ""
    ids = (0, *vocabulary.encode(problem + vocabulary.BREAK + begun))
    return _too_long(request, len(ids)) if len(ids) >= CONTEXT else ids


def _too_long(request: Request, tokens: int) -> Fault:
    return Fault("context_length", f"{tokens} tokens are more than {request.model.target} can read ({CONTEXT})")


def _judgement(kind: str, scores: Scores) -> str:
    """The probability that all steps are right, as `score` (tenths) or `verify` asks for it."""
    right = scores[-1] if scores else 0.0
    reason = "still right after each step: " + ", ".join(f"{score:.3f}" for score in scores)
    if kind == "verify":
        return json.dumps({"reason": reason, "verdict": "correct" if right >= 0.5 else "incorrect"})
    return json.dumps({"reason": reason, "score": round(10 * right, 4)})
