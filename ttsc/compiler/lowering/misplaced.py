"""What is said about arguments that are unknown, given twice, too many or missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ttsc.grammar import tree
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.grammar.source import Span
from ttsc.ops.accepts import Argument, Models, OneModel

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


def name_span(written: tree.Argument | tree.Setting) -> Span:
    """Where the name of an argument or of a setting stands; the whole of an argument without one."""
    size = len(written.name) if written.name else written.span.end - written.span.start
    return Span(written.span.source, written.span.start, written.span.start + size)


def misplaced(
    lowering: Lowering,
    called: str,
    written: tree.Argument,
    name: str | None,
    names: Sequence[str],
    positional: int | None = None,
    word: str = "argument",
) -> None:
    """Reports an argument that has no place.

    `positional` is how many may stand without a name, None where all may.
    """
    many = len(names) if positional is None else positional
    if name is None:
        unnamed = " without a name" if positional is not None else ""
        title = f"`{called}` takes {many} {word}{'s' if many != 1 else ''}{unnamed}"
        help = "leave it out" if len(names) == many else f"name it: {one_of(names[many:])}"
        lowering.error("E404", title, written.span, "one too many", help)
    elif name in names:
        lowering.error("E404", f"`{name}` is given twice", written.span, "again", "leave one out")
    else:
        near = nearest(name, names)
        help = f"write `{near}:`" if near else f"it takes {one_of(names)}" if names else "it takes none"
        lowering.error("E404", f"`{called}` has no {word} `{name}`", name_span(written), "unknown", help)


def missing(lowering: Lowering, called: str, span: Span, lacking: Sequence[Argument], given: bool) -> None:
    """Reports arguments of an op, or of one of its strategies, that are needed and not written."""
    models = [n for n, d in lowering.module.declared.items() if isinstance(d, tree.Model)]
    shown = [_written(argument, models) for argument in lacking]
    names = " and ".join(f"`{a.name}`" for a in lacking)
    rest = ", …" if given else ""
    lowering.error("E403", f"`{called}` needs {names}", span, "missing", f"write `{called}({', '.join(shown)}{rest})`")


def _written(argument: Argument, models: Sequence[str]) -> str:
    """An argument as it could be written, with a declared model where a model is needed."""
    asks = isinstance(argument.accepts, OneModel | Models)
    value = models[0] if asks and models else argument.name if argument.positional else "…"
    return value if argument.positional else f"{argument.name}: {value}"
