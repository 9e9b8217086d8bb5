"""Syntax tree to text: one style, from which the same tree is read again, with its comments.

What fits a line stands on one, unless its author broke it: chains of `|>`, blocks and the braces
of declarations stay broken. Empty lines of the author stay, at most one at a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ttsc.grammar import tree
from ttsc.grammar.flat import WIDTH, joined, parameters_text, type_text, wrapped
from ttsc.grammar.layout import Layout
from ttsc.grammar.literals import write_template, write_text
from ttsc.grammar.places import Clause, closing, name_widths
from ttsc.grammar.source import Span
from ttsc.grammar.writer import INDENT, Writer, blank_before, broken_before

LINE = 110  # columns of a declaration on one line


def format_file(file: tree.File) -> str:
    """The file as text. Formatting what it gives changes nothing, and parsing it gives an equal tree.

    >>> from ttsc.grammar.parser import parse
    >>> from ttsc.grammar.source import Source
    >>> format_file(parse(Source("a.tts", 'model  m="sim/a"{seed=1} # cheap')))
    'model m = "sim/a" { seed = 1 }  # cheap\\n'
    """
    writer = Writer(file.comments)
    form = _Declarations(writer)
    lines = form.one_liners(file.declarations)
    for place, (declaration, line) in enumerate(zip(file.declarations, lines, strict=True)):
        before = file.declarations[place - 1] if place else None
        apart = before is not None and _apart(before, declaration, lines[place - 1] or "", line or "")
        writer.newline(0, declaration.span, keep=True, first=before is None, apart=apart)
        if line is None:
            form.declaration(declaration)
        else:
            writer.put(line)
    return writer.finish()


def _apart(before: tree.Declaration, after: tree.Declaration, line_before: str, line: str) -> bool:
    """Whether an empty line stands between two declarations, even if the author left none."""
    if type(before) is not type(after):
        return True
    return not isinstance(after, tree.Prompt) and not (line_before and line)


class _Declarations:
    """Writes declarations."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.layout = Layout(writer)

    # --- on one line --------------------------------------------------------------------------

    def one_liners(self, declarations: Sequence[tree.Declaration]) -> list[str | None]:
        """The line of each declaration that fits one; neighbours of a kind stand in columns."""
        cells = [self._cells(declaration) for declaration in declarations]
        lines: list[str | None] = [None if row is None else " ".join(filter(None, row)) for row in cells]
        lines = [line if line is not None and len(line) <= LINE else None for line in lines]
        start = 0
        for end in range(1, len(lines) + 1):
            if (
                end < len(lines)
                and lines[end]
                and lines[end - 1]
                and _together(declarations[end - 1], declarations[end])
            ):
                continue
            rows = [row for row in cells[start:end] if row is not None and lines[start]]
            lines[start:end] = _columns(rows) or lines[start:end]
            start = end
        return lines

    def _cells(self, declaration: tree.Declaration) -> tuple[str, str, str] | None:
        """Name, target and settings of a declaration that may stand on one line."""
        match declaration:
            case tree.Import():
                return f"import {write_text((declaration.path,))} as {declaration.name}", "", ""
            case tree.Model():
                settings = self._settings(declaration.settings, declaration.span)
                target = f"= {write_text((declaration.target,))}"
                return None if settings is None else (f"model {declaration.name}", target, settings)
            case tree.Tool():
                settings = self._settings(declaration.settings, self._behind_head(declaration))
                target = f"= {declaration.language} {write_text((declaration.target,))}"
                head = self._head("tool", declaration)
                return None if settings is None or head is None else (head, target, settings)
            case tree.TypeDeclaration():
                if self.writer.has_comment(declaration.type.span):
                    return None
                return f"type {declaration.name} = {type_text(declaration.type)}", "", ""
            case tree.Benchmark() | tree.Search():
                line = joined(self._title(declaration), " ", self._braces(_clauses(declaration), declaration.span))
                return None if line is None else (line, "", "")
            case tree.Pipeline():
                return self._pipeline_cells(declaration)
            case tree.Prompt():
                return None
        assert_never(declaration)

    def _pipeline_cells(self, declaration: tree.Pipeline) -> tuple[str, str, str] | None:
        head, limits = self._head("pipeline", declaration), self._limits(declaration)
        block = self.layout.flat.block(declaration.body)
        line = joined(head, limits, " ", block)
        return None if line is None or len(line) > WIDTH else (line, "", "")

    def _settings(self, settings: Sequence[tree.Setting], span: Span) -> str | None:
        return self._braces(settings, span) if settings else ""

    def _braces(self, clauses: Sequence[Clause], span: Span) -> str | None:
        if self.writer.has_comment(span) or (clauses and broken_before(clauses[0].span)):
            return None
        shown = [self.layout.flat.clause(clause) for clause in clauses]
        return joined("{ ", "  ".join(s for s in shown if s), " }" if None not in shown else None) if shown else "{}"

    def _head(self, kind: str, declaration: tree.Prompt | tree.Tool | tree.Pipeline) -> str | None:
        """`kind name(parameters) -> type`, if no comment stands in it."""
        if self.writer.has_comment(_parameters_span(declaration)):
            return None
        parameters, result = parameters_text(declaration.parameters), type_text(declaration.result)
        return f"{kind} {declaration.name}({parameters}) -> {result}"

    def _behind_head(self, declaration: tree.Tool) -> Span:
        return Span(declaration.span.source, declaration.result.span.start, declaration.span.end)

    def _limits(self, declaration: tree.Pipeline) -> str | None:
        """` within … depth …`."""
        flat, within, depth = self.layout.flat, declaration.within, declaration.depth
        shown: str | None = ""
        if within is not None:
            shown = self._amounts(within)
            shown = joined(shown, " else ", flat.expression(within.otherwise)) if within.otherwise else shown
        return joined(shown, f" depth {depth.limit} else ", flat.expression(depth.otherwise)) if depth else shown

    def _amounts(self, within: tree.Within) -> str:
        return " within " + ", ".join(filter(None, map(self.layout.flat.expression, within.amounts)))

    def _title(self, declaration: tree.Benchmark | tree.Search) -> str | None:
        if isinstance(declaration, tree.Benchmark) or not declaration.renames:
            return _named(declaration)
        if self.writer.has_comment(_renames_span(declaration)):
            return None
        return wrapped(f"{_named(declaration)}(", map(self.layout.flat.argument, declaration.renames), ")")

    # --- over several lines -------------------------------------------------------------------

    def declaration(self, declaration: tree.Declaration) -> None:
        match declaration:
            case tree.Import():
                self._put(f"import {write_text((declaration.path,))} as {declaration.name}")
            case tree.Model():
                self._put(f"model {declaration.name} = {write_text((declaration.target,))}")
                self._broken_settings(declaration)
            case tree.Tool():
                self._signature("tool", declaration, 0)
                self._put(f" = {declaration.language} {write_text((declaration.target,))}")
                self._broken_settings(declaration)
            case tree.TypeDeclaration():
                self._type(declaration)
            case tree.Benchmark() | tree.Search():
                self._broken_title(declaration)
                self._broken_braces(_clauses(declaration), declaration.span)
            case tree.Prompt():
                self._signature("prompt", declaration, 6)
                self._put(f" = {write_template(declaration.template.parts)}")
            case tree.Pipeline():
                self._pipeline(declaration)
            case _:
                assert_never(declaration)

    def _put(self, text: str) -> None:
        self.writer.put(text)

    def _broken_settings(self, declaration: tree.Model | tree.Tool) -> None:
        if declaration.settings:
            self._put(" ")
            self._broken_braces(declaration.settings, declaration.span)

    def _broken_braces(self, clauses: Sequence[Clause], span: Span) -> None:
        self._put("{")
        widths = name_widths(clauses)
        for place, clause in enumerate(clauses):
            self.writer.newline(INDENT, clause.span, keep=True, first=place == 0)
            if isinstance(clause, tree.Setting):
                self._put(f"{clause.name:<{widths[place]}} = ")
                self.layout.expression(clause.value, INDENT)
            elif isinstance(clause, tree.Require):
                self._put(f"require {'measured ' if clause.measured else ''}")
                self.layout.expression(clause.condition, INDENT)
            else:
                self._put(f"{clause.direction} {clause.metric}")
        self.writer.newline(0, closing(span), inner=INDENT, keep=True, first=not clauses, last=True)
        self._put("}")

    def _broken_title(self, declaration: tree.Benchmark | tree.Search) -> None:
        title = self._title(declaration)
        if title is not None:
            self._put(f"{title} ")
        elif isinstance(declaration, tree.Search):
            opening, span = f"{_named(declaration)}(", _renames_span(declaration)
            self.layout.bracketed(opening, declaration.renames, ") ", 0, span, self.layout.argument)

    def _signature(self, kind: str, declaration: tree.Prompt | tree.Tool | tree.Pipeline, tail: int) -> None:
        head = self._head(kind, declaration)
        if head is not None and (self.layout.fits(head, tail) or not declaration.parameters):
            self._put(head)
            return
        self._put(f"{kind} {declaration.name}")
        self.layout.bracketed("(", declaration.parameters, ")", 0, _parameters_span(declaration), self._field)
        self._put(f" -> {type_text(declaration.result)}")

    def _field(self, field: tree.Parameter, _: int) -> None:
        self._put(f"{field.name}: {type_text(field.type)}")

    def _type(self, declaration: tree.TypeDeclaration) -> None:
        self._put(f"type {declaration.name} = ")
        if isinstance(declaration.type, tree.RecordType):
            self.layout.bracketed("{", declaration.type.fields, "}", 0, declaration.type.span, self._field)
        else:
            self._put(type_text(declaration.type))

    def _pipeline(self, declaration: tree.Pipeline) -> None:
        within, depth = declaration.within, declaration.depth
        amounts = self._amounts(within) if within else ""
        self._signature("pipeline", declaration, len(amounts) + 2)
        self._put(amounts)
        if within is not None and within.otherwise is not None:
            self._put(" else ")
            self.layout.expression(within.otherwise, 0, tail=2)
        if depth is not None:
            self._put(f" depth {depth.limit} else ")
            self.layout.expression(depth.otherwise, 0, tail=2)
        self._put(" ")
        self.layout.block(declaration.body, 0)


def _named(declaration: tree.Benchmark | tree.Search) -> str:
    if isinstance(declaration, tree.Benchmark):
        return f"benchmark {declaration.name}"
    return f"search {declaration.name} for {'.'.join(declaration.pipeline)} on {'.'.join(declaration.benchmark)}"


def _clauses(declaration: tree.Benchmark | tree.Search) -> Sequence[Clause]:
    return declaration.settings if isinstance(declaration, tree.Benchmark) else declaration.clauses


def _renames_span(declaration: tree.Search) -> Span:
    """Up to the first clause: a comment there stands with the renames."""
    end = declaration.clauses[0].span.start if declaration.clauses else declaration.span.end
    return Span(declaration.span.source, declaration.span.start, end)


def _parameters_span(declaration: tree.Prompt | tree.Tool | tree.Pipeline) -> Span:
    return Span(declaration.span.source, declaration.name_span.end, declaration.result.span.start)


def _together(one: tree.Declaration, other: tree.Declaration) -> bool:
    """Whether the lines of two declarations stand in columns."""
    return type(one) is type(other) and isinstance(one, tree.Model | tree.Tool) and not blank_before(other.span)


def _columns(rows: Sequence[tuple[str, str, str]]) -> list[str | None] | None:
    """Rows with their cells below each other, or None if that makes a line too long."""
    if len(rows) < 2:
        return None
    targets = [len(target) for _, target, settings in rows if settings]
    widths = max(len(name) for name, _, _ in rows), max(targets, default=0)
    lines = [f"{row[0]:<{widths[0]}} {row[1]:<{widths[1]}} {row[2]}".rstrip() for row in rows]
    return [*lines] if all(len(line) <= LINE for line in lines) else None
