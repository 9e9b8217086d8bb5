"""Bounds of what is sent: no prompt is longer than its plan says, whatever it is put together from."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.laws.running import compiled
from ttsc.front import load
from ttsc.runtime.executor import run
from ttsc.values.request import Answered, DrawKey, Reply, Request
from ttsc.values.usage import Usage

MODEL = 'model m = "sim/m" { max_tokens = 1 }\n'
LONG = "a_field_with_a_name_that_is_longer_than_its_value"


class Bytewise:
    """A model whose every byte is a token."""

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Answered:
        sent = sum(len(message.content.encode()) for message in request.messages)
        return Answered(tuple(Reply("x") for _ in draws), Usage(0, 1, sent, len(draws)))

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    "body",
    [
        f'v = {{ {LONG} = q, {LONG}_too = 1 }}\n return "{{v}}"',
        f'v = {{ {LONG} = "x" }}\n l = [v, v, v, v, v, v, v, v]\n return "{{l}}{{q}}"',
        'v = { a = q }\n w = { ...v, b = [q, q, "x"], c = v }\n return "{w}{w.b}{w.c.a}"',
        "l = [" + "q, " * 200 + 'q]\n return "{l}"',
        'l = range(2_000)\n return "{l}{q}"',
        'return q |> repeat 10 as y { "{y}{y}" }',
        'return ["x", "y", "z"] |> fold as x with acc = q { "{acc}{acc}{x}" }',
        's = { a = q, n = 0 }\n r = s |> repeat 8 as z { { ...z, a = "{z.a}!", n = z.n + 1 } }\n return "{r}"',
    ],
)
def test_no_text_is_longer_than_its_bound(body: str, tmp_path: Path) -> None:
    path = tmp_path / "program.tts"
    path.write_text(
        f"{MODEL}pipeline made(q: text) -> text {{\n {body}\n}}\n"
        "pipeline main(q: text) -> text { made(q) |> ask(m) }\n",
        "utf-8",
    )
    for question in ("", "x", "\x01" * 500, 'é\n"\\' * 500, "q" * 2_000):
        plan = load(path).plan({"q": question})
        record = asyncio.run(run(plan.block, [{"q": question}], connect=lambda spec: Bytewise()))
        assert record.usage.input_tokens <= plan.bounds.hard.input_tokens, question[:10]


def test_a_loop_that_carries_a_record_grows_as_its_fields_do() -> None:
    text = MODEL + (
        "type state = { notes: text, round: number }\n"
        "pipeline answer(q: text) -> text {\n"
        "  start = { notes = q, round = 0 }\n"
        '  end = start |> repeat 64 as s { { ...s, notes = "{s.notes}!", round = s.round + 1 } }\n'
        "  return end.notes |> ask(m)\n"
        "}\n"
    )
    assert compiled(text).bounds.hard.input_tokens == 8_000 + 64 + 3 * 16 + 64


def test_a_text_that_is_taken_as_it_comes_is_asked_for_once() -> None:
    prompts = 'prompt free(q: text) -> text = """{q}"""\nprompt count(q: text) -> number = """{q}"""\n'
    free = compiled(MODEL + prompts + "pipeline answer(q: text) -> text { free(q) |> ask(m) }").bounds
    assert (free.hard.calls, free.hard.requests, free.depth) == (1, 1, 1)
    typed = compiled(MODEL + prompts + "pipeline answer(q: text) -> number { count(q) |> ask(m) }").bounds
    assert (typed.hard.calls, typed.hard.requests, typed.depth) == (1, 3, 3)
