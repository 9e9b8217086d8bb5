"""Random programs over the stand-in ops: every kind of node, nested, with and without failures."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.runtime.programs import NUMBER, ONE, TEXT, A, B, Build, call, many
from ttsc.compiler.ir import (
    Block,
    Call,
    Dynamic,
    Each,
    Fold,
    Function,
    Interleave,
    Limits,
    Match,
    Ref,
    Repeat,
    SampleUntil,
)
from ttsc.values import types

Stage = Callable[[Build, Ref, Ref], Ref]
ANY = many(0, 999)
BOOLEAN = types.Boolean()


class Writer:
    """Writes blocks; every draw site gets a number of its own, as the compiler would give it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.sites = 0

    def site(self) -> int:
        self.sites += 1
        return self.sites

    def program(self) -> Block:
        """A pipeline from a text to candidates."""
        build = Build(question=TEXT)
        first = self.generate(build, 0)
        return build.done(self.stages(build, [first], 0, depth=2, count=self.random.randint(2, 6)))

    def stages(self, build: Build, pool: list[Ref], text: Ref, *, depth: int, count: int) -> Ref:
        """Some stages on candidates of the pool; each result joins the pool, the last one is the result."""
        for number in range(count):
            flat: list[Stage] = [self.elementwise, self.elementwise, self.whole, self.pure]
            deep: list[Stage] = [self.each, self.each_list, self.repeat, self.fold, self.match, self.call, self.until]
            piped = self.random.choice(pool)
            if self.random.random() < 0.2:
                join = self.random.choice([self.interleave, self.concat])
                made = join(build, piped, self.random.choice(pool))
            else:
                stage = self.random.choice(flat + (deep if depth else []))
                self.depth = depth - 1
                made = stage(build, piped, text)
            pool.append(made)
            build.rename(made, f"stage {number}")
        return pool[-1]

    def generate(self, build: Build, text: Ref) -> Ref:
        models = self.random.choice([(A,), (A, B), (A, A)])
        kind = many(self.random.choice([0, 0, 0, 1]), 9)
        return build.op("generate", text, type=kind, site=self.site(), models=models, samples=self.random.randint(1, 3))

    def elementwise(self, build: Build, piped: Ref, text: Ref) -> Ref:
        name = self.random.choice(["critique", "revise"])
        if name == "critique" and self.random.random() < 0.5:
            hinted = call(name, site=self.site(), hint=Dynamic(1))
            return build.add(hinted, piped, text, type=ANY)
        return build.op(name, piped, type=ANY, site=self.site())

    def whole(self, build: Build, piped: Ref, text: Ref) -> Ref:
        if self.random.random() < 0.5:
            return build.op("rank", piped, type=ANY, site=self.site(), keep=2, reasks=self.random.randint(0, 2))
        return build.op("fuse", piped, type=ANY, site=self.site(), models=(A, B))

    def pure(self, build: Build, piped: Ref, text: Ref) -> Ref:
        inner = Build(item=ONE, bound=NUMBER)
        length = inner.compute("field", 0, options=("length",), type=NUMBER)
        block = inner.done(inner.compute("binary", length, 1, options=(">=",), type=BOOLEAN))
        bound = build.literal(self.random.choice([0, 32, 33]), NUMBER)
        return build.add(call("top", keep=3, where=Function(block, (1,))), piped, bound, type=ANY)

    def interleave(self, build: Build, left: Ref, right: Ref) -> Ref:
        return build.add(Interleave(), left, right, type=ANY)

    def concat(self, build: Build, left: Ref, right: Ref) -> Ref:
        return build.compute("concat", left, right, type=ANY)

    def coin(self, build: Build, piped: Ref, sides: int = 2) -> Ref:
        return build.op("coin", piped, type=BOOLEAN, keep=sides)

    def body(self, carried: types.Type) -> Build:
        return Build(carried=carried, text=TEXT)

    def each(self, build: Build, piped: Ref, text: Ref) -> Ref:
        inner, depth = self.body(ONE), self.depth
        choice = self.random.random()
        if choice < 0.2:
            block = inner.done(inner.compute("text", 0, options=("it is ", ""), type=TEXT))
        elif choice < 0.6:
            last = self.stages(inner, [0], 1, depth=depth, count=self.random.randint(1, 3))
            block = inner.done(inner.op("top", last, type=many(0, 1), keep=1))
        else:
            block = inner.done(self.stages(inner, [0, self.generate(inner, 1)], 1, depth=depth, count=2))
        return build.add(Each(block, "candidates"), piped, text, type=ANY)

    def each_list(self, build: Build, piped: Ref, text: Ref) -> Ref:
        other = build.compute("text", text, options=("more of ", ""))
        items = build.compute("list", text, other, text, type=types.ListOf(TEXT, 3))
        inner = Build(item=TEXT, drafts=ANY)
        made = self.stages(inner, [self.generate(inner, 0), 1], 0, depth=self.depth, count=2)
        block = inner.done(inner.op("top", made, type=many(0, 1), keep=1))
        return build.add(Each(block, "list"), items, piped, type=ANY)

    def repeat(self, build: Build, piped: Ref, text: Ref) -> Ref:
        inner, depth = self.body(ANY), self.depth
        stop = self.coin(inner, 0, 3) if self.random.random() < 0.5 else None
        last = self.stages(inner, [0], 1, depth=depth, count=self.random.randint(1, 2))
        return build.add(Repeat(inner.done(last), self.random.randint(0, 3), stop), piped, text, type=ANY)

    def fold(self, build: Build, piped: Ref, text: Ref) -> Ref:
        items = build.compute("list", text, text, type=types.ListOf(TEXT, 2))
        inner = Build(item=TEXT, done=ANY)
        both = inner.compute("concat", 1, self.generate(inner, 0), type=ANY)
        return build.add(
            Fold(inner.done(self.stages(inner, [both, 1], 0, depth=self.depth, count=1))), items, piped, type=ANY
        )

    def match(self, build: Build, piped: Ref, text: Ref) -> Ref:
        arms = []
        depth = self.depth
        for label in (True, None):
            inner = self.body(ANY)
            arms.append((label, inner.done(self.stages(inner, [0], 1, depth=depth, count=self.random.randint(1, 2)))))
        return build.add(Match(tuple(arms)), self.coin(build, piped), piped, text, type=ANY)

    def call(self, build: Build, piped: Ref, text: Ref) -> Ref:
        inner = self.body(ANY)
        block = inner.done(self.stages(inner, [0], 1, depth=self.depth, count=2))
        return build.add(Call("other", block, Limits(calls=100)), piped, text, type=ANY)

    def until(self, build: Build, piped: Ref, text: Ref) -> Ref:
        inner = Build(drafts=many(1, 9), other=ANY)
        seen = self.stages(inner, [0, 1], inner.literal("again"), depth=0, count=1)
        block = inner.done(self.coin(inner, seen))
        sampling = call("generate", site=self.site(), models=(A, B), samples=3)
        return build.add(SampleUntil(sampling, self.random.randint(1, 4), block, (1,)), text, piped, type=ANY)
