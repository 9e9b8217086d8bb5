"""Whatever order things finish in: the values and the draws are those of the naive interpreter."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.reference.interpreter import NoAnswer, interpret
from tests.runtime.instant import Choose, play
from tests.runtime.programs import OPS, Fake, failing, seconds
from tests.runtime.random_blocks import Writer
from tests.runtime.virtual_clock import simulate
from ttsc.compiler.ir import Block
from ttsc.runtime.executor import run
from ttsc.runtime.record import BindingSettled, DrawFailed, DrawFinished
from ttsc.runtime.shown import shown

INPUTS = [{"question": "one"}, {"question": "two"}, {"question": "one"}]

ORDERS: dict[str, Choose] = {
    "first come": lambda running: 0,
    "last come": lambda running: -1,
    "shuffled": lambda running: Random(repr(len(running))).randrange(len(running)),
    "deepest last": lambda running: min(range(len(running)), key=lambda i: len(running[i].path)),
}


def reference(block: Block, share: float) -> tuple[list[object], set[object]]:
    fake = Fake(fails=failing(share))
    values, keys = asyncio.run(interpret(block, INPUTS, fake.connect, 0, ops=OPS))
    return [None if isinstance(v, NoAnswer) else v for v in values], set(keys)


@pytest.mark.parametrize("share", [0.0, 0.2])
@pytest.mark.parametrize("seed", range(100))
def test_every_order_gives_what_the_reference_gives(seed: int, share: float) -> None:
    block = Writer(Random(seed)).program()
    values, keys = reference(block, share)
    for choose in ORDERS.values():
        played = play(block, INPUTS, choose, failing(share))
        assert played.values == values
        if None not in values:  # a failed question is cut off wherever it happens to stand
            assert set(played.keys) == keys


@pytest.mark.parametrize("seed", range(40))
def test_the_executor_gives_what_the_reference_gives(seed: int) -> None:
    block = Writer(Random(1000 + seed)).program()
    values, keys = reference(block, 0.0)
    fake = Fake(latency=seconds)
    record = simulate(run(block, INPUTS, connect=fake.connect, ops=OPS))
    assert set(fake.asked) == keys
    assert record.calls == len(keys)
    result = {
        e.place.question: e.value
        for e in record.events
        if isinstance(e, BindingSettled) and e.place.path == (block.result,)
    }
    assert result == {q: shown(v) for q, v in enumerate(values)}
    assert {e.key for e in record.events if isinstance(e, DrawFinished | DrawFailed)} == keys
