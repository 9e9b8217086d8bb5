"""Nodes as one line, and the binding strength that says where parentheses are needed.

A node that does not fit a line, holds a comment, or was broken by its author has no flat form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import assert_never

from ttsc.grammar import tree
from ttsc.grammar.literals import write_text
from ttsc.grammar.source import Span
from ttsc.grammar.writer import Writer, broken_before

WIDTH = 100  # of lines with expressions
ANY, COMPARISON, SUM, SIGN, OPERAND, VALUE = 0, 4, 5, 7, 8, 9
STRENGTH: dict[str, int] = {"or": 1, "and": 2, "not": 3, "+": SUM, "-": SUM, "*": 6, "/": 6}
DIGITS = re.compile(r"\$?([0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?)")


def strength(node: tree.Expression) -> int:
    """How tightly a form binds: it stands without parentheses where at least this is asked for."""
    match node:
        case tree.Pipe():
            return ANY
        case tree.Binary():
            return STRENGTH.get(node.operator, COMPARISON)
        case tree.Unary():
            return SIGN if node.operator == "-" else STRENGTH["not"]
        case tree.Tune() | tree.If() | tree.Match() | tree.Until():
            return OPERAND
        case _:
            return VALUE


def operands(node: tree.Binary) -> tuple[int, int]:
    """The strengths asked of the left and the right operand."""
    own = strength(node)
    return (own + 1 if own == COMPARISON else own), own + 1


class Flat:
    """One-line forms. Each node is formed once, and given up on as soon as it is too wide."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._known: dict[int, str | None] = {}

    def expression(self, node: tree.Expression, level: int = ANY) -> str | None:
        """The node on one line, in parentheses if it binds less tightly than `level`; None if it has none."""
        key = id(node)
        if key not in self._known:
            text = atom(node)
            if text is None and not self.divided(node):
                text = self._compound(node)
                text = text if text is not None and len(text) <= WIDTH else None
            self._known[key] = text
        text = self._known[key]
        return f"({text})" if text is not None and strength(node) < level else text

    def divided(self, node: tree.Expression) -> bool:
        """Whether a comment stands before the last line that the broken form begins, or its author broke it.

        A comment behind that is written behind the whole, so that it divides nothing.
        """
        match node:
            case tree.Call() | tree.List() | tree.RecordLiteral():
                return self._writer.has_comment(node.span)
            case tree.Binary():
                return self.comment_before(node, node.right)
            case tree.Pipe():
                return piped_on_new_line(node) or self.comment_before(node, node.stage)
            case _:
                return False

    def comment_before(self, node: tree.Expression, part: tree.Expression) -> bool:
        """Whether a comment stands in a node before the last of its parts."""
        return self._writer.has_comment(Span(node.span.source, node.span.start, part.span.start))

    def _compound(self, node: tree.Expression) -> str | None:
        match node:
            case tree.Field():
                return joined("", self.expression(node.value, VALUE), f".{node.name}")
            case tree.List():
                return wrapped("[", map(self.expression, node.items), "]")
            case tree.RecordLiteral():
                return wrapped("{ ", map(self.entry, node.entries), " }") if node.entries else "{}"
            case tree.Call():
                return wrapped(f"{'.'.join(node.callee)}(", map(self.argument, node.arguments), ")")
            case tree.Binary():
                left, right = operands(node)
                shown = (self.expression(node.left, left), self.expression(node.right, right))
                return joined(shown[0], f" {node.operator} ", shown[1])
            case tree.Unary():
                sign = "-" if node.operator == "-" else "not "
                return joined(sign, self.expression(node.operand, strength(node)))
            case tree.Pipe():
                head = self.expression(node.value, ANY if isinstance(node.value, tree.Pipe) else OPERAND)
                return joined(head, " |> ", self.expression(node.stage))
            case tree.Maybe():
                return joined("maybe ", self.expression(node.stage))
            case tree.Tune():
                return self._tune(node)
            case tree.If():
                return joined("if ", self.expression(node.condition), " ", self.block(node.then), self._otherwise(node))
            case tree.Match():
                return None
            case tree.Each() | tree.Repeat() | tree.Fold() | tree.Until():
                return self._loop(node)
            case _:
                return None

    def _loop(self, node: tree.Each | tree.Repeat | tree.Fold | tree.Until) -> str | None:
        match node:
            case tree.Each():
                return joined(f"each as {node.name} ", self.block(node.body))
            case tree.Repeat():
                return joined("repeat ", self.expression(node.count, SUM), f" as {node.name} ", self.block(node.body))
            case tree.Fold():
                head = f"fold as {node.name} with {node.accumulator} = "
                return joined(head, self.expression(node.initial), " ", self.block(node.body))
            case tree.Until():
                return joined(self.expression(node.call), f" until as {node.name} ", self.block(node.condition))
        assert_never(node)

    def _otherwise(self, node: tree.If) -> str | None:
        chained = chained_if(node)
        return joined(" else ", self.expression(chained) if chained else self.block(node.otherwise))

    def _tune(self, node: tree.Tune) -> str | None:
        head = joined("tune ", self.domain(node.domain))
        return head if node.default is None else joined(head, " = ", self.default(node.default))

    def domain(self, domain: tree.Domain) -> str | None:
        match domain:
            case tree.Range():
                return f"{domain.low!r}..{domain.high!r}{' log' if domain.log else ''}"
            case tree.Options():
                if self._writer.has_comment(domain.span):
                    return None
                return wrapped("subset [" if domain.subset else "[", map(self.expression, domain.items), "]")
            case tree.Generated():
                return self.expression(domain.call)
        assert_never(domain)

    def default(self, node: tree.Expression) -> str | None:
        """A default may be a negative number without parentheses."""
        if isinstance(node, tree.Unary) and node.operator == "-":
            return joined("-", self.expression(node.operand, VALUE))
        return self.expression(node, VALUE)

    def block(self, block: tree.Block) -> str | None:
        if block.statements or self._writer.has_comment(block.span) or opened_on_new_line(block):
            return None
        return joined("{ ", self.expression(block.result), " }")

    def argument(self, argument: tree.Argument) -> str | None:
        name = f"{argument.name}: " if argument.name else ""
        if argument.otherwise is None:
            return joined(name, self.expression(argument.value))
        return joined(name, self.expression(argument.value), " else ", self.expression(argument.otherwise))

    def entry(self, entry: tree.FieldValue | tree.Spread | tree.Setting) -> str | None:
        name = "..." if isinstance(entry, tree.Spread) else f"{entry.name} = "
        return joined(name, self.expression(entry.value))

    def clause(self, clause: tree.Objective | tree.Require | tree.Setting) -> str | None:
        match clause:
            case tree.Objective():
                return f"{clause.direction} {clause.metric}"
            case tree.Require():
                return joined(f"require {'measured ' if clause.measured else ''}", self.expression(clause.condition))
            case tree.Setting():
                return self.entry(clause)
        assert_never(clause)


def joined(*pieces: str | None) -> str | None:
    """All pieces as one, or None if one of them is."""
    shown = [piece for piece in pieces if piece is not None]
    return "".join(shown) if len(shown) == len(pieces) else None


def wrapped(opening: str, items: Iterable[str | None], closing: str) -> str | None:
    """Items between brackets, given up on at the first that has no flat form or is too far right."""
    shown: list[str] = []
    width = 0
    for item in items:
        if item is None or width > WIDTH:
            return None
        shown.append(item)
        width += len(item)
    return opening + ", ".join(shown) + closing


def chained_if(node: tree.If) -> tree.If | None:
    """The `if` of an `else if`."""
    result = node.otherwise.result
    return result if isinstance(result, tree.If) and not node.otherwise.statements else None


def piped_on_new_line(pipe: tree.Pipe) -> bool:
    """Whether the author put a line end at this `|>`."""
    before, after = pipe.value.span, pipe.stage.span
    return before.source is after.source and "\n" in after.source.text[before.end : after.start]


def opened_on_new_line(block: tree.Block) -> bool:
    """Whether the author put a line end behind the `{`."""
    span, result = block.span, block.result.span
    text = span.source.text
    return text[span.start : span.start + 1] == "{" and span.source is result.source and broken_before(result)


def atom(node: tree.Expression) -> str | None:
    """What is one word, however long."""
    match node:
        case tree.Number():
            return number(node.value, node.span)
        case tree.Boolean():
            return "true" if node.value else "false"
        case tree.Quantity():
            return quantity(node)
        case tree.Text():
            return write_text(node.parts)
        case tree.Name():
            return node.id
        case tree.ItemField():
            return f".{node.name}"
        case _:
            return None


def number(value: int | float, span: Span) -> str:
    """A number as its author wrote it, `20_000`, if that is what stands there."""
    found = DIGITS.match(span.source.text, span.start, span.end)
    written = found[1] if found else ""
    plain = written.replace("_", "")
    same = bool(plain) and plain.isdigit() == isinstance(value, int) and float(plain) == value
    return written if same else repr(value)


def quantity(node: tree.Quantity) -> str:
    digits = number(node.value, node.span)
    if "e" in digits.lower():
        digits = format(Decimal(digits), "f")  # amounts have no exponent
    if node.unit == "$":
        return f"${digits}"
    return digits + node.unit if node.unit in {"ms", "s", "m", "h", "d"} else f"{digits} {node.unit}"


def type_text(type: tree.TypeExpr) -> str:
    """A type as written."""
    match type:
        case tree.NamedType():
            return ".".join(type.path)
        case tree.ListType():
            return f"[{type_text(type.item)}{'' if type.limit is None else f'; {type.limit}'}]"
        case tree.ChoiceType():
            return " | ".join(write_text((option,)) for option in type.options)
        case tree.RecordType():
            return "{ " + parameters_text(type.fields) + " }" if type.fields else "{}"
        case tree.PipelineType():
            return f"pipeline({', '.join(map(type_text, type.parameters))}) -> {type_text(type.result)}"
    assert_never(type)


def parameters_text(parameters: Sequence[tree.Parameter]) -> str:
    return ", ".join(f"{p.name}: {type_text(p.type)}" for p in parameters)
