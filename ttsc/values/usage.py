"""What calls used up. Usage adds; an unknown cost makes every sum that contains it unknown."""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.values.money import Cost, add

#: Bytes that a token is taken for where nobody counted the tokens of a text.
BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, nano-dollars and exchanges of one or more draws.

    `reasoning_tokens` are part of `output_tokens`, `cached_tokens` of `input_tokens`.
    `calls` counts draws and tool calls, `requests` exchanges with a provider. `estimated` says
    that some of the tokens were not reported but guessed, at four characters to the token.
    """

    calls: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    cost: Cost = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.cached_tokens + other.cached_tokens,
            add(self.cost, other.cost),
            self.estimated or other.estimated,
        )
