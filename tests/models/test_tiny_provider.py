"""The tiny models as a provider: what they answer, what they refuse, what it costs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.models.conformance import Conformance, answered, keys, request_to
from ttsc.models.tiny.provider import Tiny
from ttsc.models.tiny.sizes import price
from ttsc.values.model import ModelSpec
from ttsc.values.request import Fault, Message, Outcome, Parameters, Request, Task

PROBLEM = "Compute (17 + 4) * 3 - 5."
SOLUTION = "17 + 4 = 21\n\n21 * 3 = 63\n\n63 - 5 = 58\n\nThe answer is 58."
SMALL = ModelSpec("small", "tiny/s", price=price("s"))
VERIFIER = ModelSpec("prm", "tiny/verifier", price=price("verifier"))


def ask(request: Request, count: int = 1) -> Outcome:
    async def go() -> Outcome:
        provider = Tiny()
        try:
            return await provider.attempt(request, keys(request, count))
        finally:
            await provider.close()

    return asyncio.run(go())


class TestConformance(Conformance):
    question = PROBLEM

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[tuple[Tiny, ModelSpec]]:
        provider = Tiny()
        yield provider, SMALL
        await provider.close()

    @asynccontextmanager
    async def broken(self) -> AsyncIterator[tuple[Tiny, ModelSpec]]:
        yield Tiny(), replace(SMALL, target="tiny/xxl")


def test_more_samples_than_rows_are_the_first_ones_and_more() -> None:
    request = request_to(SMALL, PROBLEM)
    many, few = answered(ask(request, 300)), answered(ask(request, 2))
    assert len(many.replies) == 300
    assert many.replies[:2] == few.replies
    assert many.usage.input_tokens == few.usage.input_tokens == 14


def test_a_begun_solution_is_continued() -> None:
    messages = (Message("user", PROBLEM), Message("assistant", SOLUTION.removesuffix("The answer is 58.")))
    request = Request(SMALL, messages, Parameters(40, 0.0))
    assert answered(ask(request)).replies[0].text.startswith("The answer is ")


def test_asked_again_it_gives_another_sample() -> None:
    complaint = (Message("assistant", "no"), Message("user", "There is no number in it; try again."))
    request = request_to(SMALL, "Compute 98 * 47 - 311.")
    again = replace(request, messages=request.messages + complaint)
    key = keys(request, 1)

    async def go() -> tuple[Outcome, Outcome]:
        provider = Tiny()
        try:
            return await provider.attempt(request, key), await provider.attempt(again, key)
        finally:
            await provider.close()

    first, second = asyncio.run(go())
    assert answered(first).replies != answered(second).replies


def rated(kind: str, shown: tuple[str, ...]) -> Outcome:
    return ask(Request(VERIFIER, (Message("user", "Rate."),), Parameters(100), Task(kind, PROBLEM, shown)))


def test_the_verifier_answers_score_and_verify() -> None:
    scored = answered(rated("score", (SOLUTION,)))
    said = json.loads(scored.replies[0].text)
    told, _, steps = said["reason"].partition(": ")
    assert (told, len(steps.split(", "))) == ("still right after each step", 4)
    assert said["score"] == pytest.approx(10 * float(steps.split(", ")[-1]), abs=0.01)
    assert (scored.usage.input_tokens, scored.usage.output_tokens) == (43, 0)
    assert scored.usage.cost == -(-43 * 2 * 1_054_880 // 1000)
    verdict = json.loads(answered(rated("verify", (SOLUTION,))).replies[0].text)
    assert verdict == {"reason": said["reason"], "verdict": "correct" if said["score"] >= 5 else "incorrect"}
    begun = json.loads(answered(rated("step_search", ("17 + 4 = 21\n\n",))).replies[0].text)
    assert begun["reason"] == f"{told}: {steps.split(', ')[0]}"
    nonsense = json.loads(answered(rated("score", ("I do not know.",))).replies[0].text)
    assert nonsense["score"] == 0


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (
            request_to(SMALL, "What is love?"),
            Fault(
                "bad_request",
                "model small: the tiny models cannot read 'W' at character 1 (in 'What is lo'): they know arithmetic "
                "written like 'Compute (17 + 4) * 3 - 5.' and nothing else",
            ),
        ),
        (
            request_to(replace(SMALL, target="tiny/xl"), PROBLEM),
            Fault("not_found", "there is no tiny/xl; there are s, m, l, verifier"),
        ),
        (
            request_to(SMALL, "Compute 1" + " + 1" * 130 + "."),
            Fault("context_length", "265 tokens are more than tiny/s can read (256)"),
        ),
        (
            request_to(SMALL, PROBLEM, schema="{}"),
            Fault("bad_request", "tiny/s takes a problem alone, no system message and no schema"),
        ),
        (
            request_to(VERIFIER, PROBLEM, kind="rank", shown=("a", "b")),
            Fault("bad_request", "tiny/verifier rates solutions, it cannot rank"),
        ),
        (
            request_to(VERIFIER, PROBLEM, kind="score", shown=("1" * 300,)),
            Fault("context_length", "315 tokens are more than tiny/verifier can read (256)"),
        ),
    ],
)
def test_what_it_cannot_do_is_said(request_: Request, fault: Fault) -> None:
    assert ask(request_) == fault


def test_a_cancelled_attempt_ends_and_the_next_one_works() -> None:
    async def go() -> str:
        provider = Tiny()
        slow = request_to(SMALL, PROBLEM)
        task = asyncio.create_task(provider.attempt(slow, keys(slow, 100)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        quick = request_to(SMALL, "Compute 3 + 4.", temperature=0.0)
        outcome = answered(await provider.attempt(quick, keys(quick, 1)))
        await provider.close()
        return outcome.replies[0].text

    assert asyncio.run(go()) == "3 + 4 = 7\n\nThe answer is 7."
