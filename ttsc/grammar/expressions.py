"""Rules to expressions: one method for each rule of the grammar that makes one.

The parts of a rule are typed by the grammar (`tts.lark`), which mypy cannot see: this file and
`declarations.py` are the boundary where they become nodes.
"""

from __future__ import annotations

from typing import Any

from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.grammar.lexer import Token
from ttsc.grammar.literals import cut_text
from ttsc.grammar.source import Source, Span

Parts = list[Any]
RESERVED = frozenset(
    {
        "and", "each", "else", "false", "fold", "if", "match", "maybe", "not", "or", "repeat",
        "return", "stop", "true", "tune", "until", "when",
    }
)  # fmt: skip
MAX_DIGITS = 40


class ExpressionRules:
    """Makes the nodes of one source; what is wrong with a single word goes to `problems`."""

    def __init__(self, source: Source, problems: list[Diagnostic]) -> None:
        self.source = source
        self.problems = problems

    # --- words ------------------------------------------------------------------------------

    def word(self, token: Token) -> str:
        return self.source.text[token.start : token.end]

    def span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def new_name(self, token: Token) -> str:
        """A name that is given here, or stands for a value: not a word of the language."""
        name = self.word(token)
        if name in RESERVED:
            title = f"`{name}` is a word of the language and cannot be a name"
            self.problems.append(Diagnostic("E135", title, self.span(token), help=f"choose another, `{name}_`"))
        return name

    def plain(self, token: Token) -> str:
        """A text in which nothing is filled in."""
        parts = cut_text(self.source, token.start + 1, token.end - 1, self.problems)
        slots = [p for p in parts if isinstance(p, tree.Slot)]
        if slots:
            help = "write {{ and }} for literal braces"
            self.problems.append(Diagnostic("E142", "nothing can be filled in here", slots[0].span, "a slot", help))
        return "".join(p for p in parts if isinstance(p, str))

    def amount(self, text: str, span: Span) -> int | float:
        """The number of a literal."""
        digits = text.replace("_", "")
        value = int(digits) if digits.isdigit() and len(digits) <= MAX_DIGITS else float(digits)
        if abs(value) > 10.0**MAX_DIGITS:
            self.problems.append(Diagnostic("E115", "this number is too large", span, "more than 1e40"))
        return value

    def whole(self, token: Token) -> int:
        value = self.amount(self.word(token), self.span(token))
        if not isinstance(value, int):
            self.problems.append(Diagnostic("E115", "a whole number stands here", self.span(token), "not whole"))
        return int(min(value, 10**MAX_DIGITS))

    # --- values -----------------------------------------------------------------------------

    def number(self, parts: Parts, span: Span) -> tree.Number:
        return tree.Number(self.amount(self.word(parts[0]), span), span)

    def boolean(self, parts: Parts, span: Span) -> tree.Boolean:
        return tree.Boolean(self.word(parts[0]) == "true", span)

    def money(self, parts: Parts, span: Span) -> tree.Quantity:
        return tree.Quantity(self.amount(self.word(parts[0])[1:], span), "$", span)

    def count(self, parts: Parts, span: Span) -> tree.Quantity:
        word = self.word(parts[0])
        digits = word.rstrip("abcdefghijklmnopqrstuvwxyz_").rstrip()
        return tree.Quantity(self.amount(digits, span), word[len(digits) :].lstrip(), span)

    def count_of(self, parts: Parts, span: Span) -> tree.Quantity:
        return tree.Quantity(self.amount(self.word(parts[0]), span), self.word(parts[1]), span)

    def text(self, parts: Parts, span: Span) -> tree.Text:
        token: Token = parts[0]
        return tree.Text(cut_text(self.source, token.start + 1, token.end - 1, self.problems), span)

    def name(self, parts: Parts, span: Span) -> tree.Name:
        return tree.Name(self.new_name(parts[0]), span)

    def item_field(self, parts: Parts, span: Span) -> tree.ItemField:
        return tree.ItemField(self.word(parts[0]), span)

    def field(self, parts: Parts, span: Span) -> tree.Field:
        return tree.Field(parts[0], self.word(parts[1]), span)

    def listed(self, parts: Parts, span: Span) -> tree.List:
        return tree.List(tuple(parts), span)

    def record_literal(self, parts: Parts, span: Span) -> tree.RecordLiteral:
        return tree.RecordLiteral(tuple(parts), span)

    def field_value(self, parts: Parts, span: Span) -> tree.FieldValue:
        return tree.FieldValue(self.word(parts[0]), parts[1], span)

    def spread(self, parts: Parts, span: Span) -> tree.Spread:
        return tree.Spread(parts[0], span)

    # --- calls and operators ----------------------------------------------------------------

    def call(self, parts: Parts, span: Span) -> tree.Call:
        token, arguments = parts
        return tree.Call(self.callee(token), arguments, span, Span(self.source, token.start, token.end - 1))

    def callee(self, token: Token) -> tree.Path:
        return tuple(self.word(token)[:-1].split("."))

    def arguments(self, parts: Parts, _: Span) -> tuple[tree.Argument, ...]:
        return tuple(parts)

    def positional(self, parts: Parts, span: Span) -> tree.Argument:
        return tree.Argument(None, parts[0], None, span)

    def named(self, parts: Parts, span: Span) -> tree.Argument:
        return tree.Argument(self.word(parts[0]), parts[1], parts[2], span)

    def binary(self, parts: Parts, span: Span) -> tree.Binary:
        operator: tree.BinaryOperator = self.word(parts[1])  # type: ignore[assignment]
        return tree.Binary(operator, parts[0], parts[2], span)

    def inverse(self, parts: Parts, span: Span) -> tree.Unary:
        return tree.Unary("not", parts[0], span)

    def negative(self, parts: Parts, span: Span) -> tree.Unary:
        return tree.Unary("-", parts[0], span)

    # --- stages -----------------------------------------------------------------------------

    def pipe(self, parts: Parts, span: Span) -> tree.Pipe:
        return tree.Pipe(parts[0], parts[1], span)

    def maybe(self, parts: Parts, span: Span) -> tree.Maybe:
        return tree.Maybe(parts[0], span)

    def each(self, parts: Parts, span: Span) -> tree.Each:
        name, body = parts
        return tree.Each(self.new_name(name), body, span, self.span(name))

    def repeat(self, parts: Parts, span: Span) -> tree.Repeat:
        count, name, body = parts
        return tree.Repeat(count, self.new_name(name), body, span, self.span(name))

    def fold(self, parts: Parts, span: Span) -> tree.Fold:
        name, accumulator, initial, body = parts
        return tree.Fold(self.new_name(name), self.new_name(accumulator), initial, body, span, self.span(name))

    def until(self, parts: Parts, span: Span) -> tree.Until:
        call, name, condition = parts
        return tree.Until(call, self.new_name(name), condition, span, self.span(name))

    # --- holes ------------------------------------------------------------------------------

    def tune(self, parts: Parts, span: Span) -> tree.Tune:
        return tree.Tune(parts[0], parts[1], span)

    def range(self, parts: Parts, span: Span) -> tree.Range:
        low, high, log = parts
        return tree.Range(low, high, log is not None, span)

    def bound(self, parts: Parts, span: Span) -> int | float:
        return self.amount(self.word(parts[0]), span)

    def negative_bound(self, parts: Parts, span: Span) -> int | float:
        return -self.bound(parts, span)

    def options(self, parts: Parts, span: Span) -> tree.Options:
        return tree.Options(tuple(parts[1:]), parts[0] is not None, span)

    def generated(self, parts: Parts, span: Span) -> tree.Generated:
        return tree.Generated(parts[0], span)

    # --- branches and blocks ----------------------------------------------------------------

    def match(self, parts: Parts, span: Span) -> tree.Match:
        return tree.Match(parts[0], tuple(parts[1:]), span)

    def arm(self, parts: Parts, span: Span) -> tree.Arm:
        return tree.Arm(self.plain(parts[0]), parts[1], span)

    def otherwise_arm(self, parts: Parts, span: Span) -> tree.Arm:
        return tree.Arm(None, parts[0], span)

    def if_(self, parts: Parts, span: Span) -> tree.If:
        return tree.If(parts[0], parts[1], parts[2], span)

    def alone(self, parts: Parts, span: Span) -> tree.Block:
        return tree.Block((), parts[0], span)

    def block(self, parts: Parts, span: Span) -> tree.Block:
        return tree.Block(tuple(parts[:-1]), parts[-1], span)

    def binding(self, parts: Parts, span: Span) -> tree.Binding:
        return tree.Binding(self.new_name(parts[0]), parts[1], span, self.span(parts[0]))

    def stop(self, parts: Parts, span: Span) -> tree.Stop:
        return tree.Stop(parts[0], parts[1], span)
