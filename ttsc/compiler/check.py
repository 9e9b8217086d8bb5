"""Everything that is wrong or doubtful about a program, found without running anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ttsc.compiler import declarations
from ttsc.compiler.loading import Loaded, Module
from ttsc.compiler.lowering import blocks, limits
from ttsc.compiler.lowering.walk import Lowering
from ttsc.compiler.model_settings import model_spec
from ttsc.compiler.tool_settings import check_tool
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, nearest, one_of
from ttsc.grammar.source import Span
from ttsc.ops import OPS
from ttsc.values.model import Capabilities, ModelSpec

#: What would be meant in place of an op of the same name.
CALLED = tree.Model | tree.Prompt | tree.Tool | tree.Pipeline


def declared_models(loaded: Loaded) -> Mapping[str, ModelSpec]:
    """The models of a program by qualified name, as the files declare them."""
    return {
        module.prefix + name: model_spec(declared, module.prefix + name, lambda _: None)
        for module in loaded.modules
        for name, declared in module.declared.items()
        if isinstance(declared, tree.Model)
    }


def check(loaded: Loaded, capabilities: Mapping[str, Capabilities]) -> tuple[Diagnostic, ...]:
    """Every error and warning, in source order. `capabilities` are those of each declared model."""
    models = {
        n: replace(s, capabilities=capabilities.get(n, s.capabilities)) for n, s in declared_models(loaded).items()
    }
    lowering = Lowering(loaded, models, {})
    lowering.diagnostics += loaded.diagnostics
    check_declarations(lowering)
    for module in loaded.modules:
        for declared in module.declared.values():
            if isinstance(declared, tree.Pipeline):
                _body(lowering, module, declared)
    ordered = sorted(lowering.diagnostics, key=lambda d: (d.span.source.path, d.span.start, d.code))
    return tuple(dict.fromkeys(ordered))


def check_declarations(lowering: Lowering) -> None:
    """Reports all that is wrong with declarations but for the bodies of pipelines."""
    for module in lowering.loaded.modules:
        lowering.module = module
        for declared in (*module.declared.values(), *module.types.values()):
            _declaration(lowering, module, declared)
    lowering.module = lowering.loaded.root


def _declaration(lowering: Lowering, module: Module, declared: tree.Declaration) -> None:
    report = lowering.report
    if isinstance(declared, CALLED) and declared.name in OPS:
        lowering.error(
            "E209", f"`{declared.name}` is the name of an op", declared.name_span, "taken", "give it another name"
        )
    match declared:
        case tree.TypeDeclaration():
            declarations.meaning(declared.type, module, report, (declared.name,))
        case tree.Model():
            model_spec(declared, declared.name, report)
        case tree.Prompt():
            before = len(lowering.diagnostics)
            declarations.template(declared, module, report)
            sound = len(lowering.diagnostics) == before
            for parameter in declarations.unused_parameters(declared) if sound else ():
                lowering.error(
                    "W605",
                    f"the prompt never uses `{parameter.name}`",
                    parameter.span,
                    "unused",
                    f"write {{{parameter.name}}} where it belongs, or leave it out",
                )
        case tree.Tool():
            check_tool(declared, module, report)
        case tree.Pipeline():
            declarations.parameters_of(declared.parameters, module, report)
            declarations.meaning(declared.result, module, report)
            limits.check_limits(lowering, declared)
        case tree.Search():
            _search(lowering, module, declared)


def _body(lowering: Lowering, module: Module, declared: tree.Pipeline) -> None:
    before = len(lowering.diagnostics)
    lowering.pipeline(module, declared, {})
    spared = [lowering.otherwise(module, declared, p) for p in (declared.within, declared.depth) if p is not None]
    found = lowering.diagnostics[before:]
    wrong = any(d.severity == "error" for d in found)  # what seems unused may be needed where the error is
    lowering.diagnostics[before:] = [
        d for d in found if d.code not in blocks.UNUSED or not (wrong or any(d.span in s for s in spared))
    ]


def _search(lowering: Lowering, module: Module, declared: tree.Search) -> None:
    for path, kind, word in (
        (declared.pipeline, tree.Pipeline, "pipeline"),
        (declared.benchmark, tree.Benchmark, "benchmark"),
    ):
        found = module.find(path)
        if found is None or not isinstance(found[1], kind):
            known = [n for n, d in module.declared.items() if isinstance(d, kind)]
            near = nearest(path[-1], known)
            declare = f"declare it: `{word} {path[-1]}{'(…) -> text' if word == 'pipeline' else ''} {{ … }}`"
            help = f"write `{near}`" if near else f"the {word}s are {one_of(known)}" if known else declare
            name = ".".join(path)
            lowering.error("E230", f"there is no {word} `{name}`", _place(declared, name), "unknown", help)


def _place(declared: tree.Search, name: str) -> Span:
    """Where a search names its pipeline or benchmark."""
    source, start = declared.span.source, declared.name_span.end
    found = re.compile(rf"\b{re.escape(name)}\b").search(source.text, start, declared.span.end)
    return Span(source, *found.span()) if found else declared.name_span
