"""Random syntax trees: every form of the language, as a file that a person might have written might hold it.

`files()` gives whole files and `expressions()` single expressions. They follow the grammar, not
the types: names need not be bound.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

from ttsc.grammar import tree
from ttsc.grammar.source import Source, Span

T = TypeVar("T")
NOWHERE = Span(Source("", ""), 0, 0)
WORDS = [
    "a", "b2", "_c", "draft", "data", "model", "tests", "pool", "tool", "prompt", "type", "search",
    "pipeline", "import", "benchmark", "calls", "tokens", "log", "on", "for", "by", "as", "with", "subset",
    "within", "depth", "measured", "maximize", "require", "text", "a_rather_long_name_of_something",
]  # fmt: skip
KEYWORDS = ["if", "match", "else", "repeat", "true", "stop", "return", "when"]  # fine where only a name can stand
UNITS = ["$", "ms", "s", "m", "h", "d", "calls", "draws", "requests", "turns", "seconds", "tokens", "input_tokens"]
DEPTH = 3

names = st.sampled_from(WORDS)
any_words = st.sampled_from(WORDS + KEYWORDS)
paths = st.lists(names, min_size=1, max_size=3).map(tuple)
characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters | st.sampled_from('{}"\\\n\t #$|>'), max_size=12)
sizes = st.integers(0, 20_000)
amounts = sizes | st.floats(0, 1e6, allow_nan=False).map(lambda x: round(x, 6))
bounds = st.integers(-100, 1000) | st.floats(-1e9, 1e9, allow_nan=False)
numbers = st.integers(0, 10**12) | st.floats(0, 1e30, allow_nan=False)

slots = st.builds(tree.Slot, paths, st.just(NOWHERE))
prompt_slots = st.builds(tree.Slot, names.map(lambda n: (n,)), st.just(NOWHERE))


def _joined(parts: list[str | tree.Slot]) -> tuple[str | tree.Slot, ...]:
    """Parts as a parser gives them: no empty text, and no two texts side by side."""
    joined: list[str | tree.Slot] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part:
            joined.append(part)
    return tuple(joined)


def _quotable(parts: tuple[str | tree.Slot, ...]) -> bool:
    raw = "".join(p if isinstance(p, str) else "{}" for p in parts)
    return '"""' not in raw and not raw.endswith('"')


text_parts = st.lists(texts | slots, max_size=4).map(_joined)
template_parts = st.lists(texts | prompt_slots, max_size=5).map(_joined).filter(_quotable)


def tuples_of(items: st.SearchStrategy[T], low: int = 0, high: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, min_size=low, max_size=high).map(tuple)


quantities = st.builds(tree.Quantity, amounts, st.sampled_from(UNITS), st.just(NOWHERE))
leaves: st.SearchStrategy[tree.Expression] = st.one_of(
    st.builds(tree.Number, numbers, st.just(NOWHERE)),
    st.builds(tree.Boolean, st.booleans(), st.just(NOWHERE)),
    quantities,
    st.builds(tree.Text, text_parts, st.just(NOWHERE)),
    st.builds(tree.Name, names, st.just(NOWHERE)),
    st.builds(tree.ItemField, any_words, st.just(NOWHERE)),
)
words: st.SearchStrategy[tree.Expression] = st.one_of(
    st.builds(tree.Name, names, st.just(NOWHERE)),
    st.builds(tree.Field, st.builds(tree.Name, names, st.just(NOWHERE)), any_words, st.just(NOWHERE)),
)


@cache
def calls(depth: int) -> st.SearchStrategy[tree.Call]:
    value = expressions(depth - 1)
    positional = st.builds(tree.Argument, st.none(), value, st.none(), st.just(NOWHERE))
    named = st.builds(tree.Argument, any_words, value, st.none() | value, st.just(NOWHERE))
    arguments = tuples_of(positional | named)
    return st.builds(tree.Call, paths, arguments, st.just(NOWHERE), st.just(NOWHERE))


@cache
def blocks(depth: int) -> st.SearchStrategy[tree.Block]:
    value = expressions(depth - 1)
    binding = st.builds(tree.Binding, names, value, st.just(NOWHERE), st.just(NOWHERE))
    stop = st.builds(tree.Stop, st.none() | value, value, st.just(NOWHERE))
    return st.builds(tree.Block, tuples_of(binding | stop), value, st.just(NOWHERE))


@cache
def tunes(depth: int) -> st.SearchStrategy[tree.Tune]:
    value = expressions(depth - 1)
    ranges = st.builds(tree.Range, bounds, bounds, st.booleans(), st.just(NOWHERE))
    options = st.builds(tree.Options, tuples_of(value, 1), st.booleans(), st.just(NOWHERE))
    generated = st.builds(tree.Generated, calls(depth), st.just(NOWHERE))
    return st.one_of(
        st.builds(tree.Tune, ranges | options, value, st.just(NOWHERE)),
        st.builds(tree.Tune, generated, st.none() | value, st.just(NOWHERE)),
    )


@cache
def stages(depth: int) -> st.SearchStrategy[tree.Expression]:
    """What may follow a `|>`."""
    block, value = blocks(depth), expressions(depth - 1)
    plain: st.SearchStrategy[tree.Expression] = st.one_of(
        words,
        calls(depth),
        tunes(depth),
        st.builds(tree.Until, calls(depth), names, block, st.just(NOWHERE), st.just(NOWHERE)),
        st.builds(tree.Each, names, block, st.just(NOWHERE), st.just(NOWHERE)),
        st.builds(tree.Repeat, value, names, block, st.just(NOWHERE), st.just(NOWHERE)),
        st.builds(tree.Fold, names, names, value, block, st.just(NOWHERE), st.just(NOWHERE)),
    )
    return plain | st.builds(tree.Maybe, plain, st.just(NOWHERE))


@cache
def expressions(depth: int = DEPTH) -> st.SearchStrategy[tree.Expression]:
    """Any expression, at most `depth` forms deep."""
    if depth <= 0:
        return leaves
    return st.deferred(lambda: _compound(depth))


@cache
def _compound(depth: int) -> st.SearchStrategy[tree.Expression]:
    value, block = expressions(depth - 1), blocks(depth)
    operators = st.sampled_from(["or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"])
    entry = st.builds(tree.FieldValue, any_words, value, st.just(NOWHERE))
    spread = st.builds(tree.Spread, value, st.just(NOWHERE))
    arm = st.builds(tree.Arm, st.none() | texts, block, st.just(NOWHERE))
    return st.one_of(
        leaves,
        st.builds(tree.Field, value, any_words, st.just(NOWHERE)),
        st.builds(tree.List, tuples_of(value), st.just(NOWHERE)),
        st.builds(tree.RecordLiteral, tuples_of(entry | spread), st.just(NOWHERE)),
        calls(depth),
        st.builds(tree.Binary, operators, value, value, st.just(NOWHERE)),
        st.builds(tree.Unary, st.sampled_from(["not", "-"]), value, st.just(NOWHERE)),
        st.builds(tree.Pipe, value, stages(depth), st.just(NOWHERE)),
        st.builds(tree.Until, calls(depth), names, block, st.just(NOWHERE), st.just(NOWHERE)),
        st.builds(tree.Match, value, tuples_of(arm), st.just(NOWHERE)),
        st.builds(tree.If, value, block, block, st.just(NOWHERE)),
        tunes(depth),
    )


@cache
def types(depth: int = 2) -> st.SearchStrategy[tree.TypeExpr]:
    plain: st.SearchStrategy[tree.TypeExpr] = st.one_of(
        st.builds(tree.NamedType, paths, st.just(NOWHERE)),
        st.builds(tree.ChoiceType, tuples_of(texts, 1), st.just(NOWHERE)),
    )
    if depth == 0:
        return plain
    inner = types(depth - 1)
    return st.one_of(
        plain,
        st.builds(tree.ListType, inner, st.none() | sizes, st.just(NOWHERE)),
        st.builds(tree.RecordType, parameters(any_words, inner), st.just(NOWHERE)),
        st.builds(tree.PipelineType, tuples_of(inner), inner, st.just(NOWHERE)),
    )


def parameters(
    called: st.SearchStrategy[str], of: st.SearchStrategy[tree.TypeExpr]
) -> st.SearchStrategy[tuple[tree.Parameter, ...]]:
    return tuples_of(st.builds(tree.Parameter, called, of, st.just(NOWHERE)))


@cache
def declarations() -> st.SearchStrategy[tree.Declaration]:
    """Any declaration."""
    at, value, type = st.just(NOWHERE), expressions(), types()
    settings = tuples_of(st.builds(tree.Setting, any_words, value, at))
    within = st.builds(tree.Within, tuples_of(quantities, 1), st.none() | value, at)
    depth = st.builds(tree.Depth, sizes, value, at)
    clause = st.one_of(
        st.builds(tree.Objective, st.sampled_from(["maximize", "minimize"]), names, at),
        st.builds(tree.Require, value, st.booleans(), at),
        st.builds(tree.Setting, st.sampled_from(["budget", "trials", "tokens"]), value, at),
    )
    renames = tuples_of(st.builds(tree.Argument, any_words, value, st.none(), at))
    fields, arguments, template = parameters(any_words, type), parameters(names, type), template_parts
    return st.one_of(
        st.builds(tree.Import, texts, names, at, at),
        st.builds(tree.Model, names, texts, settings, at, at),
        st.builds(tree.Prompt, names, fields, type, st.builds(tree.Template, template, at), at, at),
        st.builds(tree.TypeDeclaration, names, type, at, at),
        st.builds(tree.Tool, names, fields, type, names, texts, settings, at, at),
        st.builds(tree.Pipeline, names, arguments, type, st.none() | within, st.none() | depth, blocks(DEPTH), at, at),
        st.builds(tree.Benchmark, names, settings, at, at),
        st.builds(tree.Search, names, paths, paths, renames, tuples_of(clause), at, at),
    )


def files(high: int = 4) -> st.SearchStrategy[tree.File]:
    """Whole files, without comments."""
    return st.builds(tree.File, st.just(NOWHERE.source), tuples_of(declarations(), 0, high))
