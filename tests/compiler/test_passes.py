"""Every pass alone, before and after, on small programs; and what holds after all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import assert_golden
from tests.laws.running import compiled
from ttsc.compiler.ir import Block, Node
from ttsc.compiler.listing import listing
from ttsc.compiler.passes import PASSES, optimise
from ttsc.compiler.verify import BrokenBlock, verify

CASES = Path(__file__).parent / "passes"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.tts")), ids=lambda p: p.stem)
def test_a_pass_makes_this_of_that(case: Path) -> None:
    (changed,) = (p for p in PASSES if case.stem.startswith(p.__name__))
    before = compiled(case.read_text(encoding="utf-8")).plain
    after = changed(before)
    verify(after, changed.__name__)
    assert_golden(case.with_suffix(".txt"), f"before\n{listing(before)}\nafter\n{listing(after)}")


@pytest.mark.parametrize("changed", PASSES, ids=lambda p: p.__name__)
def test_every_pass_has_a_case(changed: object) -> None:
    name = getattr(changed, "__name__", "")
    assert [c for c in CASES.glob("*.tts") if c.stem.startswith(name)]


@pytest.mark.parametrize("case", sorted(CASES.glob("*.tts")), ids=lambda p: p.stem)
def test_optimising_twice_changes_nothing_more(case: Path) -> None:
    once = optimise(compiled(case.read_text(encoding="utf-8")).plain)
    assert optimise(once) == once


def test_a_pass_that_breaks_a_block_is_named() -> None:
    block = compiled((CASES / "inline.tts").read_text(encoding="utf-8")).plain

    def careless(given: Block) -> Block:
        first: Node = given.nodes[0]
        return Block(given.parameters, (Node(first.operation, (99,), first.type, first.span), *given.nodes[1:]), 1)

    with pytest.raises(BrokenBlock, match="after careless: uses a value that is not there yet"):
        optimise(block, (careless,))
