"""Every op holds to what all ops hold to, and every op that asks models has uses to show it with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ops.conformance import ON_EVERY_OP, ON_EVERY_USE, USES, Use, asks_models
from ttsc.ops import OPS
from ttsc.ops.signature import Op


@pytest.mark.parametrize("check", ON_EVERY_OP, ids=lambda check: check.__name__)
@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_op(op: Op, check: Callable[[Op], None]) -> None:
    check(op)


@pytest.mark.parametrize("check", ON_EVERY_USE, ids=lambda check: check.__name__)
@pytest.mark.parametrize("use", USES, ids=str)
def test_every_use(use: Use, check: Callable[[Op, Use], None]) -> None:
    check(OPS[use.op], use)


def test_every_op_that_asks_models_has_a_use() -> None:
    assert {use.op for use in USES} == {name for name, op in OPS.items() if asks_models(op)}
