"""What declarations mean: written types as types, model blocks as specs, prompts as templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ttsc.compiler.loading import Module
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, nearest, one_of
from ttsc.grammar.source import Span
from ttsc.values import types
from ttsc.values.prompt import PromptTemplate

BASIC: Mapping[str, types.Type] = {
    "text": types.Text(),
    "number": types.Number(),
    "boolean": types.Boolean(),
    "tests": types.Tests(),
    "model": types.Model(),
    "candidates": types.Candidates(0, None),
    "image": types.Media("image"),
    "audio": types.Media("audio"),
    "video": types.Media("video"),
}

Report = Callable[[Diagnostic], None]


def meaning(written: tree.TypeExpr, module: Module, report: Report, above: tuple[str, ...] = ()) -> types.Type:
    """The type that a written type means; Unknown after reporting what is wrong with it."""
    match written:
        case tree.NamedType():
            return _named(written, module, report, above)
        case tree.ListType(item=item, limit=limit):
            return types.ListOf(meaning(item, module, report, above), limit)
        case tree.ChoiceType(options=options):
            _distinct(written, options, report)
            return types.Choice(options)
        case tree.RecordType(fields=fields):
            _unique(fields, "field", report)
            made = tuple((f.name, meaning(f.type, module, report, above)) for f in fields)
            return types.Record(made, above[-1] if above else "")
        case tree.PipelineType(parameters=parameters, result=result):
            takes = tuple(meaning(p, module, report, above) for p in parameters)
            return types.Pipeline(takes, meaning(result, module, report, above))


def _named(written: tree.NamedType, module: Module, report: Report, above: tuple[str, ...]) -> types.Type:
    name = written.path[-1]
    if len(written.path) == 1 and name in BASIC:
        return BASIC[name]
    home: Module | None = module
    for step in written.path[:-1]:
        home = home.imports.get(step) if home else None
    found = home.types.get(name) if home else None
    if home is None or found is None:
        known = [*BASIC, *module.types]
        near = nearest(name, known)
        help = f"write `{near}`" if near else f"the types here are {one_of(known)}; declare others with `type`"
        report(Diagnostic("E205", f"there is no type `{'.'.join(written.path)}`", written.span, "unknown", help))
        return types.Unknown()
    if name in above:
        report(
            Diagnostic(
                "E206",
                f"the type `{name}` contains itself",
                written.span,
                "here again",
                "values are finite: write a list of ids (`[text; 8]`) in place of the nested type",
            )
        )
        return types.Unknown()
    return meaning(found.type, home, report, (*above, name))


def _distinct(written: tree.ChoiceType, options: tuple[str, ...], report: Report) -> None:
    for place, option in enumerate(options):
        if option in options[:place]:
            report(Diagnostic("E207", f'the choice "{option}" stands twice', written.span, "", "leave one of them out"))


def _unique(parameters: tuple[tree.Parameter, ...], what: str, report: Report) -> None:
    seen: dict[str, tree.Parameter] = {}
    for parameter in parameters:
        if parameter.name in seen:
            report(
                Diagnostic(
                    "E204",
                    f"the {what} `{parameter.name}` stands twice",
                    parameter.span,
                    "again",
                    "give one of them another name",
                )
            )
        seen[parameter.name] = parameter


def parameters_of(
    parameters: tuple[tree.Parameter, ...], module: Module, report: Report
) -> tuple[tuple[str, types.Type], ...]:
    """Names and types of the parameters of a pipeline, prompt or tool."""
    _unique(parameters, "parameter", report)
    return tuple((p.name, meaning(p.type, module, report)) for p in parameters)


def template(prompt: tree.Prompt, module: Module, report: Report) -> PromptTemplate:
    """A declared prompt as a template; slots without a parameter are reported."""
    parameters = parameters_of(prompt.parameters, module, report)
    known = [name for name, _ in parameters]
    parts: list[str] = [""]
    for part in prompt.template.parts:
        if isinstance(part, str):
            parts[-1] += part
            continue
        name = ".".join(part.path)
        if name not in known:
            near = nearest(name, known)
            help = (
                f"write {{{near}}}"
                if near
                else f"add `{name}: text` to the parameters, or write {{{{{name}}}}} for braces"
            )
            report(
                Diagnostic(
                    "E208", f"the prompt has no parameter `{name}`", part.span, "placeholder without a parameter", help
                )
            )
        parts += [name, ""]
    return PromptTemplate(prompt.name, parameters, tuple(parts), meaning(prompt.result, module, report))


def quoted(declaration: Span, start: int) -> Span:
    """The first text in quotes in a declaration from `start` on, or the declaration."""
    found = re.compile(r'"(?:[^"\\\n]|\\.)*"').search(declaration.source.text, start, declaration.end)
    return Span(declaration.source, *found.span()) if found else declaration


def unused_parameters(prompt: tree.Prompt) -> tuple[tree.Parameter, ...]:
    """The parameters that no slot of the prompt uses."""
    used = {part.path[0] for part in prompt.template.parts if isinstance(part, tree.Slot)}
    return tuple(p for p in prompt.parameters if p.name not in used)
