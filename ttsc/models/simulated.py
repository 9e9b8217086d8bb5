"""The provider behind `sim/NAME`: a made-up model whose every word is fixed by the draw's key.

The profile is the name's (`sim/strong`, `sim/medium`, `sim/weak`, `sim/best`, or any other) with
the options of the declaration over it. See `ttsc.models.simulation` for when it is right.
"""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

from ttsc.models.figures import Profile, Unfit, profile_of
from ttsc.models.quiz import GoldFile, Quiz, invented
from ttsc.models.records import BadRecord
from ttsc.models.simulated_replies import CHARACTERS_PER_TOKEN, Speaker
from ttsc.models.simulation import normal
from ttsc.values.model import ModelSpec
from ttsc.values.request import Answered, DrawKey, Fault, Outcome, Reply, Request
from ttsc.values.usage import Usage


class Simulated:
    """Every simulated model of a run. Keeps nothing but what it has read: profiles and gold answers."""

    def __init__(self) -> None:
        self._profiles: dict[ModelSpec, Profile] = {}
        self._gold: dict[str, GoldFile] = {}

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        """One reply per draw, the same for the same key, profile and length of conversation.

        A token is four characters, by definition. A file of gold answers is read on first use.
        """
        try:
            profile = self._profile(request.model)
            quiz = self._quiz(profile, request)
        except (Unfit, BadRecord) as error:
            return Fault("bad_request", f"model {request.model.name}: {error}")
        names = [f"{draw.name()}/{len(request.messages)}/{profile.name}" for draw in draws]
        replies = tuple(_cut(Speaker(profile, quiz, request, name).reply(), request) for name in names)
        latency_s = profile.latency_s * max(math.exp(0.5 * normal("latency", name)) for name in names)
        if profile.pace > 0:
            await asyncio.sleep(profile.pace * latency_s)
        return Answered(replies, _usage(request, replies), latency_s)

    async def close(self) -> None:
        """Nothing is open."""

    def _profile(self, spec: ModelSpec) -> Profile:
        if spec not in self._profiles:
            self._profiles[spec] = profile_of(spec)
        return self._profiles[spec]

    def _quiz(self, profile: Profile, request: Request) -> Quiz:
        question = request.task.question or next((m.content for m in request.messages if m.role == "user"), "")
        if not profile.data:
            return invented(question)
        if profile.data not in self._gold:
            self._gold[profile.data] = GoldFile(Path(profile.data))
        return self._gold[profile.data].quiz(question, request.task.item)


def _cut(text: str, request: Request) -> Reply:
    """A reply cut at the first stop text, then at the limit of tokens."""
    places = [place for stop in request.parameters.stop if (place := text.find(stop)) >= 0]
    said = text[: min(places)] if places else text
    room = request.parameters.max_tokens * CHARACTERS_PER_TOKEN
    return Reply(said) if len(said) <= room else Reply(said[:room], "length")


def _usage(request: Request, replies: tuple[Reply, ...]) -> Usage:
    sent = sum(_tokens(message.content) for message in request.messages)
    said = sum(_tokens(reply.text) for reply in replies)
    price = request.model.price
    return Usage(0, 1, sent, said, cost=None if price is None else price.of(sent, said))


def _tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)
