"""How a served model behaves: latency, length, faults, text.

Everything random is a pure function of (seed, model, key, occurrence): `key` names the logical
request, `occurrence` counts how often it was seen. Ten samples of one prompt are ten draws, and a
second run of the whole experiment sees the same ones.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import Any

_TWO64 = float(1 << 64)
_WORDS = (
    "alpha", "bravo", "carbon", "delta", "ember", "fable", "garnet", "harbor", "indigo", "juniper", "kernel", "lumen",
    "marble", "nectar", "onyx", "prairie", "quartz", "river", "summit", "timber", "umber", "velvet", "willow", "zephyr",
)  # fmt: skip


def uniforms(*parts: object, n: int = 4) -> list[float]:
    """`n` (at most 8) reproducible numbers in (0, 1) for a tuple of parts."""
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8 * n).digest()
    return [(int.from_bytes(digest[i : i + 8], "little") + 0.5) / _TWO64 for i in range(0, 8 * n, 8)]


def normal(u1: float, u2: float) -> float:
    """A standard normal number from two uniform ones."""
    return math.sqrt(-2.0 * math.log(u1)) * math.cos(2.0 * math.pi * u2)


@dataclass(frozen=True)
class Faults:
    """The probability, per attempt, of each way of failing (disjoint, sum at most 1)."""

    rate_limited: float = 0.0  # 429 with Retry-After
    quota: float = 0.0  # 429 insufficient_quota
    auth: float = 0.0  # 401
    auth_as_400: float = 0.0  # 400 whose body says that the key is invalid
    permission: float = 0.0  # 403
    context_length: float = 0.0  # 400 context_length_exceeded
    content_filter: float = 0.0  # 400 content_filter
    bad_request: float = 0.0  # 400
    server_error: float = 0.0  # 500
    unavailable: float = 0.0  # 503
    redirect: float = 0.0  # 307 to another origin
    hang: float = 0.0  # never answers; the client has to time out
    stall: float = 0.0  # sends the head and the first bytes, then nothing more
    reset: float = 0.0  # connection dropped instead of an answer
    truncated: float = 0.0  # Content-Length promises more than is sent, then close
    not_json: float = 0.0  # 200 with an HTML page
    empty_choices: float = 0.0  # 200 with "choices": []
    null_content: float = 0.0  # 200 with "content": null
    missing_choice: float = 0.0  # 200 with one choice fewer than asked for
    extra_choice: float = 0.0  # 200 with one choice more than asked for
    filtered: float = 0.0  # 200 with finish_reason "content_filter"
    refusal: float = 0.0  # 200 with a refusal instead of content
    error_in_200: float = 0.0  # 200 with an error object of code 502
    no_usage: float = 0.0  # 200 without usage

    def pick(self, u: float) -> str | None:
        """The fault at a place in 0..1."""
        for each in fields(self):
            probability: float = getattr(self, each.name)
            if u < probability:
                return each.name
            u -= probability
        return None


@dataclass(frozen=True)
class Rule:
    """A canned answer for requests whose body matches `match`.

    `reply` may use `{model}`, `{key}`, `{occurrence}`, `{choice}` and `{text}` (the usual
    pseudo-text). `tool_calls` are dictionaries of `name` and `arguments`.
    """

    match: str
    reply: str = "{text}"
    tool_calls: tuple[dict[str, Any], ...] = ()
    finish_reason: str | None = None

    def hits(self, body: str) -> bool:
        """Whether the rule is for this body."""
        return re.search(self.match, body, re.DOTALL) is not None


@dataclass(frozen=True)
class ModelProfile:
    """One served model. Latency is lognormal(median, sigma), times the tail, plus a part per token."""

    median_s: float = 0.0
    sigma: float = 0.0
    tail_prob: float = 0.0
    tail_factor: float = 1.0
    min_s: float = 0.0
    max_s: float = 600.0
    per_token_s: float = 0.0
    tokens_out: float = 24.0
    tokens_sigma: float = 0.0
    rpm: float | None = None
    tpm: float | None = None
    burst_s: float = 1.0  # what a bucket holds, in seconds of refill (at least one request)
    slots: int | None = None  # requests served at once; the rest wait inside the server
    faults: Faults = field(default_factory=Faults)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> ModelProfile:
        """A profile from JSON."""
        return ModelProfile(**{**data, "faults": Faults(**data.get("faults", {}))})

    def length(self, seed: int, model: str, key: str, occurrence: int, choice: int) -> int:
        """Tokens of one choice."""
        if self.tokens_sigma <= 0.0:
            return max(1, round(self.tokens_out))
        u1, u2 = uniforms(seed, "len", model, key, occurrence, choice, n=2)
        return max(1, round(self.tokens_out * math.exp(self.tokens_sigma * normal(u1, u2))))

    def latency(self, seed: int, model: str, key: str, occurrence: int, n: int = 1) -> float:
        """Seconds of service; choices are written side by side, so the slowest counts."""
        if self.median_s <= 0.0 and self.per_token_s <= 0.0:
            return self.min_s
        worst = 0.0
        for choice in range(n):
            u1, u2, u3, _ = uniforms(seed, "lat", model, key, occurrence, choice)
            time_s = self.median_s * math.exp(self.sigma * normal(u1, u2))
            if u3 < self.tail_prob:
                time_s *= self.tail_factor
            worst = max(worst, time_s + self.per_token_s * self.length(seed, model, key, occurrence, choice))
        return min(max(worst, self.min_s), self.max_s)

    def fault(self, seed: int, model: str, key: str, occurrence: int) -> str | None:
        """How this attempt fails, None where it does not."""
        if self.faults == NO_FAULTS:
            return None
        return self.faults.pick(uniforms(seed, "fault", model, key, occurrence, n=1)[0])


NO_FAULTS = Faults()


def pseudo_text(n_tokens: int, *parts: object) -> str:
    """About `n_tokens` reproducible words, different for different parts."""
    words = [_WORDS[b % len(_WORDS)] for b in blake2b("\x1f".join(map(str, parts)).encode(), digest_size=32).digest()]
    whole, rest = divmod(n_tokens, len(words))
    return " ".join(words * whole + words[:rest])


def count_tokens(chars: int) -> int:
    """Crude but stable: four characters to the token."""
    return max(1, (chars + 3) // 4)


def prompt_chars(messages: Iterable[dict[str, Any]]) -> int:
    """The characters of a conversation."""
    total = 0
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            total += len(content)
        elif isinstance(content, list):
            total += sum(len(part.get("text", "")) for part in content if isinstance(part, dict))
    return total
