"""Conversations as token ids and token ids as text, with the checkpoint's own tokenizer and chat template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from ttsc.values.request import Message

#: Between messages where there is no chat template.
BREAK = "\n\n"
#: Tokens before a text that are decoded with it, so that a blank at its start is not lost.
CONTEXT_TOKENS = 8


class Unsayable(ValueError):
    """A conversation that the model's chat template refuses; the message says why."""


class Tokens:
    """The tokenizer of a checkpoint."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, ends: Iterable[int]) -> None:
        """`ends` are the tokens that end a reply."""
        self._tokenizer = tokenizer
        self.ends = frozenset(ends)

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The token ids of a conversation whose next turn, or the rest of whose last one, is the model's.

        What an assistant began stands as it is, after the opening of the assistant's turn. Without
        a chat template the messages follow each other with a blank line after each. Raises
        `Unsayable`.
        """
        begun = messages[-1].content if messages[-1].role == "assistant" else ""
        asked = messages[:-1] if messages[-1].role == "assistant" else messages
        return self._encoded(asked, begun, opened=True)

    def exchange(self, question: str, answer: str) -> list[int]:
        """The token ids of a question with its whole answer; raises `Unsayable`."""
        if self._tokenizer.chat_template is None:
            return self._encoded((Message("user", question),), answer, opened=False)
        return self._encoded((Message("user", question), Message("assistant", answer)), "", opened=False)

    def steps(self, question: str, steps: Sequence[str]) -> tuple[list[int], list[int]]:
        """The token ids of a question and the steps of its solution, and the place of the last one of each step.

        A step ends with a blank line, as in the training of process reward models that label the
        token that ends a step.
        """
        ids = self._encoded((Message("user", question),), "", opened=True)
        ends = []
        for step in steps:
            ids += self._plain(step + BREAK, special=False)
            ends.append(len(ids) - 1)
        return ids, ends

    def text(self, before: Sequence[int], ids: Sequence[int]) -> str:
        """The text of token ids that follow others."""
        tail = list(before[-CONTEXT_TOKENS:])
        known: str = self._tokenizer.decode(tail, skip_special_tokens=True)
        whole: str = self._tokenizer.decode([*tail, *ids], skip_special_tokens=True)
        return whole[len(known) :]

    def ending(self, ids: Sequence[int]) -> str:
        """The text of the last few ids of a reply, its first blank left to chance."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return text

    def _encoded(self, messages: Sequence[Message], begun: str, *, opened: bool) -> list[int]:
        if self._tokenizer.chat_template is None:
            return self._plain("".join(m.content + BREAK for m in messages) + begun, special=True)
        turns = [{"role": m.role, "content": m.content} for m in messages]
        try:
            text = self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=opened)
        except TemplateError as error:
            raise Unsayable(f"its chat template refuses the conversation: {error}") from error
        return self._plain(text + begun, special=False)

    def _plain(self, text: str, *, special: bool) -> list[int]:
        text = text.encode("utf-8", "replace").decode()  # half of a surrogate pair cannot be said
        ids: list[int] = self._tokenizer(text, add_special_tokens=special)["input_ids"]
        return ids
