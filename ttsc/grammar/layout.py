"""Expressions over several lines, where one is not enough: one way to break each form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ttsc.grammar import tree
from ttsc.grammar.flat import (
    ANY,
    OPERAND,
    SUM,
    VALUE,
    WIDTH,
    Flat,
    atom,
    chained_if,
    operands,
    strength,
)
from ttsc.grammar.literals import write_text
from ttsc.grammar.places import closing, name_widths, result_place
from ttsc.grammar.source import Span
from ttsc.grammar.writer import INDENT, Writer

Loop = tree.Each | tree.Repeat | tree.Fold | tree.Until
T = TypeVar("T", bound="tree.Argument | tree.Expression | tree.FieldValue | tree.Spread | tree.Parameter")


class Layout:
    """Writes expressions. `indent` is that of the line a form begins on; `tail` is what must fit behind it."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.flat = Flat(writer)

    def fits(self, text: str | None, tail: int = 0) -> bool:
        return text is not None and self.writer.column + len(text) + tail <= WIDTH

    def put(self, text: str) -> None:
        self.writer.put(text)

    # --- expressions --------------------------------------------------------------------------

    def expression(self, node: tree.Expression, indent: int, level: int = ANY, tail: int = 0) -> None:
        text = self.flat.expression(node, level)
        if text is not None and (self.fits(text, tail) or atom(node) is not None):
            self.put(text)
        elif strength(node) < level:
            self.put("(")
            self._broken(node, indent, tail + 1)
            self.put(")")
        else:
            self._broken(node, indent, tail)

    def _broken(self, node: tree.Expression, indent: int, tail: int) -> None:
        match node:
            case tree.Field():
                self.expression(node.value, indent, VALUE, tail + len(node.name) + 1)
                self.put(f".{node.name}")
            case tree.List():
                self.bracketed("[", node.items, "]", indent, node.span, self._item)
            case tree.RecordLiteral():
                self.bracketed("{", node.entries, "}", indent, node.span, self._entry)
            case tree.Call():
                self.bracketed(f"{'.'.join(node.callee)}(", node.arguments, ")", indent, node.span, self.argument)
            case tree.Binary():
                self._binary(node, indent, tail)
            case tree.Unary():
                self.put("-" if node.operator == "-" else "not ")
                self.expression(node.operand, indent, strength(node), tail)
            case tree.Pipe():
                self._pipe(node, indent, tail)
            case tree.Maybe():
                self.put("maybe ")
                self.expression(node.stage, indent, tail=tail)
            case tree.Tune():
                self._tune(node, indent, tail)
            case tree.If():
                self._if(node, indent)
            case tree.Match():
                self._match(node, indent)
            case tree.Each() | tree.Repeat() | tree.Fold() | tree.Until():
                self._loop(node, indent)
            case _:
                self.put(atom(node) or "")

    def bracketed(
        self,
        opening: str,
        items: Sequence[T],
        end: str,
        indent: int,
        span: Span,
        write: Callable[[T, int], None],
    ) -> None:
        """Each item on a line of its own between brackets; `span` ends with the closing one."""
        self.put(opening)
        for place, item in enumerate(items):
            self.writer.newline(indent + INDENT, item.span)
            write(item, indent + INDENT)
            if place < len(items) - 1:
                self.put(",")
        self.writer.newline(indent, closing(span), inner=indent + INDENT)
        self.put(end)

    def _item(self, node: tree.Expression, indent: int) -> None:
        self.expression(node, indent, tail=1)

    def _entry(self, entry: tree.FieldValue | tree.Spread, indent: int) -> None:
        self.put("..." if isinstance(entry, tree.Spread) else f"{entry.name} = ")
        self.expression(entry.value, indent, tail=1)

    def argument(self, argument: tree.Argument, indent: int) -> None:
        if argument.name:
            self.put(f"{argument.name}: ")
        self.expression(argument.value, indent, tail=1)
        if argument.otherwise is not None:
            self.put(" else ")
            self.expression(argument.otherwise, indent, tail=1)

    def _binary(self, node: tree.Binary, indent: int, tail: int) -> None:
        """Operands of equal strength stand below each other, each behind its operator."""
        left, right = operands(node)
        first: tree.Expression = node
        rest: list[tree.Binary] = []
        while isinstance(first, tree.Binary) and strength(first) == strength(node) and (not rest or left < right):
            rest.append(first)
            first = first.left
        self.expression(first, indent, left)
        for step in reversed(rest):
            self.writer.newline(indent + INDENT, step.right.span)
            self.put(f"{step.operator} ")
            self.expression(step.right, indent + INDENT, right, tail)

    def _pipe(self, node: tree.Pipe, indent: int, tail: int) -> None:
        head: tree.Expression = node
        steps: list[tree.Pipe] = []
        while isinstance(head, tree.Pipe):
            steps.append(head)
            head = head.value
        steps.reverse()
        before = self._before_last(node, steps)
        if before is not None:
            self.put(f"{before} |> ")
            self.expression(steps[-1].stage, indent, tail=tail)
            return
        self.expression(head, indent, OPERAND)
        for step in steps:
            self.writer.newline(indent + INDENT, step.stage.span)
            self.put("|> ")
            self.expression(step.stage, indent + INDENT, tail=tail)

    def _before_last(self, node: tree.Pipe, steps: list[tree.Pipe]) -> str | None:
        """What stands before the last stage, if that alone is to be broken: a loop, or a single stage."""
        last = node.stage.stage if isinstance(node.stage, tree.Maybe) else node.stage
        if self.flat.divided(node) or not (isinstance(last, Loop) or len(steps) == 1):
            return None
        text = self.flat.expression(node.value, ANY if len(steps) > 1 else OPERAND)
        opening = self._opening(last)
        return text if text is not None and opening is not None and self.fits(text, len(opening) + 4) else None

    def _opening(self, stage: tree.Expression) -> str | None:
        """What a stage puts on its first line when it is broken, or None where that is unknown."""
        match stage:
            case tree.Each():
                return f"each as {stage.name} {{"
            case tree.Repeat():
                return f"repeat {self.flat.expression(stage.count, SUM) or ''} as {stage.name} {{"
            case tree.Fold():
                initial = self.flat.expression(stage.initial) or ""
                return f"fold as {stage.name} with {stage.accumulator} = {initial} {{"
            case tree.Until():
                call = self.flat.expression(stage.call)
                return call and f"{call} until as {stage.name} {{"
            case tree.Call():
                return f"{'.'.join(stage.callee)}("
            case _:
                return None

    def _tune(self, node: tree.Tune, indent: int, tail: int) -> None:
        self.put("tune ")
        domain = self.flat.domain(node.domain)
        if isinstance(node.domain, tree.Options) and not self.fits(domain):
            opening = "subset [" if node.domain.subset else "["
            self.bracketed(opening, node.domain.items, "]", indent, node.domain.span, self._item)
        elif isinstance(node.domain, tree.Generated):
            self.expression(node.domain.call, indent)
        else:
            self.put(domain or "")
        default = node.default
        if default is None:
            return
        if not self.fits(self.flat.default(default), tail + 3) and atom(default) is None:
            indent += INDENT
            self.writer.newline(indent, default.span)
            self.put("= ")
        else:
            self.put(" = ")
        if isinstance(default, tree.Unary) and default.operator == "-":
            self.put("-")
            default = default.operand
        self.expression(default, indent, VALUE, tail)

    # --- blocks -------------------------------------------------------------------------------

    def _loop(self, node: Loop, indent: int) -> None:
        match node:
            case tree.Each():
                self.put(f"each as {node.name} ")
            case tree.Repeat():
                self.put("repeat ")
                self.expression(node.count, indent, SUM)
                self.put(f" as {node.name} ")
            case tree.Fold():
                self.put(f"fold as {node.name} with {node.accumulator} = ")
                self.expression(node.initial, indent)
                self.put(" ")
            case tree.Until():
                self.expression(node.call, indent)
                self.put(f" until as {node.name} ")
        self.block(node.condition if isinstance(node, tree.Until) else node.body, indent)

    def _if(self, node: tree.If, indent: int) -> None:
        following: tree.If | None = node
        while following is not None:
            node = following
            self.put("if ")
            self.expression(node.condition, indent, tail=2)
            self.put(" ")
            self.block(node.then, indent, tail=7)
            self.put(" else ")
            following = chained_if(node)
        self.block(node.otherwise, indent)

    def _match(self, node: tree.Match, indent: int) -> None:
        self.put("match ")
        self.expression(node.subject, indent, tail=2)
        self.put(" {")
        labels = ["else" if arm.label is None else write_text((arm.label,)) for arm in node.arms]
        width = max(map(len, labels), default=0)
        for place, (label, arm) in enumerate(zip(labels, node.arms, strict=True)):
            self.writer.newline(indent + INDENT, arm.span, keep=True, first=place == 0)
            self.put(f"{label:<{width}} => ")
            if arm.body.statements:
                self.block(arm.body, indent + INDENT)
            else:
                self.expression(arm.body.result, indent + INDENT)
        self.writer.newline(indent, closing(node.span), inner=indent + INDENT, keep=True, first=not labels, last=True)
        self.put("}")

    def block(self, block: tree.Block, indent: int, tail: int = 0) -> None:
        """A block on the line if it fits, else one statement a line, their `=` below each other."""
        text = self.flat.block(block)
        if text is not None and self.fits(text, tail):
            self.put(text)
            return
        self.put("{")
        inner = indent + INDENT
        widths = name_widths(block.statements)
        for place, statement in enumerate(block.statements):
            self.writer.newline(inner, statement.span, keep=True, first=place == 0)
            self._statement(statement, widths[place], inner)
        self.writer.newline(inner, result_place(block), keep=True, first=not block.statements)
        if block.statements:
            self.put("return ")
        self.expression(block.result, inner)
        self.writer.newline(indent, closing(block.span), inner=inner, keep=True, last=True)
        self.put("}")

    def _statement(self, statement: tree.Binding | tree.Stop, width: int, indent: int) -> None:
        if isinstance(statement, tree.Binding):
            self.put(f"{statement.name:<{width}} = ")
            self.expression(statement.value, indent)
            return
        self.put("stop ")
        if statement.value is not None:
            self.expression(statement.value, indent, tail=6)
            self.put(" ")
        self.put("when ")
        self.expression(statement.condition, indent)
