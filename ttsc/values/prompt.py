"""Prompt templates: typed text, filled in one pass, never scanned again, no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass

from ttsc.values.candidate import Candidate, Candidates
from ttsc.values.digest import digest
from ttsc.values.request import Message, Role
from ttsc.values.types import Text, Type

ROLES: tuple[Role, ...] = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A template cut at its slots: texts at even places, parameter names at odd ones.

    `result` other than text asks for structured output. A line `@system`, `@user` or
    `@assistant` in the template itself (never in a filled value) starts a new message.
    """

    name: str
    parameters: tuple[tuple[str, Type], ...]
    parts: tuple[str, ...]
    result: Type = field(default_factory=Text)

    @property
    def content(self) -> str:
        """The digest of the text, whatever the template is called."""
        return digest(self.parts)

    def fill(self, values: Mapping[str, object]) -> Filled:
        """The template with every slot replaced by its value as text."""
        messages: list[tuple[Role, list[str]]] = [("user", [])]
        for place, part in enumerate(self.parts):
            if place % 2:
                messages[-1][1].append(as_text(values[part]))
            else:
                _append(messages, part)
        filled = tuple(Message(role, text) for role, texts in messages if (text := "".join(texts).strip()))
        return Filled(filled or (Message("user", ""),), self.result, self.name, self.content)


@dataclass(frozen=True, slots=True)
class Filled:
    """Messages ready to be sent, and the type of what is asked for."""

    messages: tuple[Message, ...]
    result: Type
    name: str = ""
    template: str = ""

    @property
    def text(self) -> str:
        """What it asks, as one text."""
        return "\n\n".join(m.content for m in self.messages if m.role == "user")


def _append(messages: list[tuple[Role, list[str]]], text: str) -> None:
    for number, line in enumerate(text.split("\n")):
        role = next((r for r in ROLES if line.strip() == f"@{r}"), None)
        if role is not None:
            messages.append((role, []))
        else:
            messages[-1][1].append(("\n" if number else "") + line)


def as_text(value: object) -> str:
    """A value as it stands in a prompt or a text: lists as blocks, records as JSON."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:.15g}" if isinstance(value, float) else str(value)  # 0.1 + 0.2 is 0.3
        case Candidate():
            return as_text(value.value)
        case Candidates():
            return "\n\n".join(as_text(c) for c in value)
        case list() | tuple():
            return "\n\n".join(as_text(v) for v in value)
        case Filled():
            return value.text
        case None:
            return ""
        case _:
            return json.dumps(plain(value), ensure_ascii=False)


def plain(value: object) -> object:
    """A value as plain JSON data; candidates become their values."""
    match value:
        case Candidate():
            return plain(value.value)
        case Candidates():
            return [plain(c) for c in value]
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
        case Filled():
            return value.text
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        case _:
            return value
