"""Rules to declarations and types: the other half of `expressions.py`."""

from __future__ import annotations

from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.grammar.expressions import ExpressionRules, Parts
from ttsc.grammar.lexer import Token
from ttsc.grammar.literals import cut_template
from ttsc.grammar.source import Span

Settings = tuple[tree.Setting, ...]
Parameters = tuple[tree.Parameter, ...]


class DeclarationRules(ExpressionRules):
    """Makes every node of one source."""

    def file(self, parts: Parts, _: Span) -> tuple[tree.Declaration, ...]:
        return tuple(parts)

    # --- declarations -----------------------------------------------------------------------

    def import_(self, parts: Parts, span: Span) -> tree.Import:
        path, name = parts
        return tree.Import(self.plain(path), self.new_name(name), span, self.span(path))

    def model(self, parts: Parts, span: Span) -> tree.Model:
        name, target, settings = parts
        return tree.Model(self.new_name(name), self.plain(target), settings or (), span, self.span(name))

    def prompt(self, parts: Parts, span: Span) -> tree.Prompt:
        head, parameters, result, template = parts
        name, name_span = self.declared(head)
        quoted = cut_template(self.source, template.start + 3, template.end - 3, self.problems)
        return tree.Prompt(name, parameters, result, tree.Template(quoted, self.span(template)), span, name_span)

    def record(self, parts: Parts, span: Span) -> tree.TypeDeclaration:
        name, type = parts
        return tree.TypeDeclaration(self.word(name), type, span, self.span(name))

    def tool(self, parts: Parts, span: Span) -> tree.Tool:
        head, parameters, result, language, target, settings = parts
        name, name_span = self.declared(head)
        language_name, path = self.word(language), self.plain(target)
        return tree.Tool(name, parameters, result, language_name, path, settings or (), span, name_span)

    def pipeline(self, parts: Parts, span: Span) -> tree.Pipeline:
        head, parameters, result, limits, body = parts
        name, name_span = self.declared(head)
        within = [limit for limit in limits if isinstance(limit, tree.Within)]
        depth = [limit for limit in limits if isinstance(limit, tree.Depth)]
        repeated: list[tree.Within | tree.Depth] = [*within[1:], *depth[1:]]
        for again in repeated:
            word = "within" if isinstance(again, tree.Within) else "depth"
            self.problems.append(Diagnostic("E141", f"`{word}` is said twice", again.span, "the second one"))
        for parameter in parameters:
            self.new_name(Token("NAME", parameter.span.start, parameter.span.start + len(parameter.name)))
        first_within, first_depth = next(iter(within), None), next(iter(depth), None)
        return tree.Pipeline(name, parameters, result, first_within, first_depth, body, span, name_span)

    def benchmark(self, parts: Parts, span: Span) -> tree.Benchmark:
        name, settings = parts
        return tree.Benchmark(self.new_name(name), settings, span, self.span(name))

    def search(self, parts: Parts, span: Span) -> tree.Search:
        name, pipeline, (benchmark, renames), clauses = parts
        return tree.Search(self.new_name(name), pipeline, benchmark, renames, clauses, span, self.span(name))

    def declared(self, head: Token) -> tuple[str, Span]:
        """The name in `name(` of a declaration, and where it stands."""
        path = self.callee(head)
        span = Span(self.source, head.start, head.end - 1)
        if len(path) > 1:
            help = f"write `{path[-1]}`; other files reach it by the name of their import"
            self.problems.append(Diagnostic("E143", "a declared name has no dots", span, help=help))
        return path[-1], span

    # --- their parts ------------------------------------------------------------------------

    def settings(self, parts: Parts, _: Span) -> Settings:
        return tuple(parts)

    def setting(self, parts: Parts, span: Span) -> tree.Setting:
        return tree.Setting(self.word(parts[0]), parts[1], span)

    def limits(self, parts: Parts, _: Span) -> tuple[tree.Within | tree.Depth, ...]:
        return tuple(parts)

    def within(self, parts: Parts, span: Span) -> tree.Within:
        return tree.Within(tuple(parts[:-1]), parts[-1], span)

    def depth(self, parts: Parts, span: Span) -> tree.Depth:
        return tree.Depth(self.whole(parts[0]), parts[1], span)

    def over(self, parts: Parts, _: Span) -> tuple[tree.Path, tuple[tree.Argument, ...]]:
        return parts[0], ()

    def over_renamed(self, parts: Parts, _: Span) -> tuple[tree.Path, tuple[tree.Argument, ...]]:
        return self.callee(parts[0]), parts[1]

    def clauses(self, parts: Parts, _: Span) -> tuple[tree.Objective | tree.Require | tree.Setting, ...]:
        return tuple(parts)

    def objective(self, parts: Parts, span: Span) -> tree.Objective:
        maximize = self.word(parts[0]) == "maximize"
        return tree.Objective("maximize" if maximize else "minimize", self.word(parts[1]), span)

    def require(self, parts: Parts, span: Span) -> tree.Require:
        return tree.Require(parts[1], parts[0] is not None, span)

    # --- types ------------------------------------------------------------------------------

    def choice_type(self, parts: Parts, span: Span) -> tree.ChoiceType:
        return tree.ChoiceType(tuple(self.plain(option) for option in parts), span)

    def named_type(self, parts: Parts, span: Span) -> tree.NamedType:
        return tree.NamedType(parts[0], span)

    def list_type(self, parts: Parts, span: Span) -> tree.ListType:
        item, limit = parts
        return tree.ListType(item, None if limit is None else self.whole(limit), span)

    def record_type(self, parts: Parts, span: Span) -> tree.RecordType:
        return tree.RecordType(parts[0], span)

    def pipeline_type(self, parts: Parts, span: Span) -> tree.PipelineType:
        return tree.PipelineType(parts[0], parts[1], span)

    def types(self, parts: Parts, _: Span) -> tuple[tree.TypeExpr, ...]:
        return tuple(parts)

    def parameters(self, parts: Parts, _: Span) -> Parameters:
        return tuple(parts)

    def parameter(self, parts: Parts, span: Span) -> tree.Parameter:
        return tree.Parameter(self.word(parts[0]), parts[1], span)

    def path(self, parts: Parts, _: Span) -> tree.Path:
        return tuple(self.word(part) for part in parts)
