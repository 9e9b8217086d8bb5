"""What is sent to a model, what comes back, and the key that names a draw for ever.

A *draw* is one sample, re-asks included. A *request* is one exchange with a provider and
may carry several draws. An *attempt* is one try of a request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ttsc.values.digest import digest
from ttsc.values.model import ModelSpec
from ttsc.values.usage import Usage

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sampling parameters that are sent; None is not sent at all."""

    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    schema: str | None = None  # JSON schema of the structured output, canonical text
    extra: tuple[tuple[str, str | int | float | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Everything one exchange says to a model.

    `task` tells simulated and scripted models what is asked of them (the op's name and its
    structured facts, such as labels of candidates); it is never sent and never hashed.
    """

    model: ModelSpec
    messages: tuple[Message, ...]
    parameters: Parameters
    task: Task = field(default_factory=lambda: Task("generate"), compare=False)

    def content(self) -> str:
        """The digest of everything sent: messages, model and parameters."""
        return digest(self.model.identity, self.messages, self.parameters)


@dataclass(frozen=True, slots=True)
class Task:
    """What an op asks of a model, for models that are not language models.

    `kind` is the op's name; `question` the input being answered; `shown` the candidate texts
    in the order in which the prompt shows them; `item` the id of the data record; `schema` the
    JSON schema of the reply that is wanted, "" where it is any text.
    """

    kind: str
    question: str = ""
    shown: tuple[str, ...] = ()
    item: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class DrawKey:
    """The name of a draw: the same wherever and whenever the same sample is asked for.

    `twin` tells apart draws of equal requests that a program means to be different; see
    docs/design/002-draw-keys.md. How many samples were asked for is not part of it.
    """

    epoch: int
    content: str
    twin: str
    index: int

    def name(self) -> str:
        """The key as one short text."""
        return digest(self.epoch, self.content, self.twin, self.index)

    def origin(self) -> str:
        """Twelve digits that name what was drawn, the same in every epoch."""
        return digest(self.content, self.twin, self.index)[:12]


FinishReason = Literal["stop", "length", "content_filter", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One choice of a provider's answer."""

    text: str
    finish: FinishReason = "stop"


FaultKind = Literal[
    "auth", "permission", "not_found", "bad_request", "context_length", "content_filter",
    "refusal", "rate_limit", "quota", "overloaded", "server", "timeout_connect",
    "timeout_first_byte", "timeout_total", "reset", "truncated", "malformed", "empty", "wrong_n",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """An attempt that succeeded: one reply per draw asked for, in order, and what it used."""

    replies: tuple[Reply, ...]
    usage: Usage
    latency_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """An attempt that failed, in the closed taxonomy of faults."""

    kind: FaultKind
    message: str
    retry_after_s: float | None = None


Outcome = Answered | Fault


@dataclass(frozen=True, slots=True)
class Accepted:
    """A reply that says what was asked for, as a value."""

    value: object


@dataclass(frozen=True, slots=True)
class Rejected:
    """A reply that does not; `complaint` is what the model is told when it is asked again."""

    complaint: str


#: Reads a reply; a rejected one is asked again a bounded number of times.
Reader = Callable[[str], Accepted | Rejected]


@dataclass(frozen=True, slots=True)
class Draw:
    """A finished draw: the reply that counts, what was read from it, and all it used.

    `value` is what the reader accepted, the text itself without a reader, and None where no
    reply was accepted (`parsed` is then False).
    """

    key: DrawKey
    request: Request
    reply: Reply
    value: object
    parsed: bool
    usage: Usage


@dataclass(frozen=True, slots=True)
class FailedDraw:
    """A draw that gave nothing; the run goes on without it."""

    key: DrawKey
    request: Request
    fault: Fault
    usage: Usage
