"""Pipelines and tools as values, and what a declared name is worth in an expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttsc.compiler.loading import Module
from ttsc.compiler.lowering.scope import Scope, Typed
from ttsc.grammar import tree
from ttsc.grammar.source import Span
from ttsc.values import types

if TYPE_CHECKING:
    from ttsc.compiler.lowering.walk import Lowering


@dataclass(frozen=True, slots=True)
class PipelineValue:
    """A declared pipeline as a value."""

    module: Module = field(repr=False, compare=False)
    declared: tree.Pipeline = field(repr=False)

    @property
    def name(self) -> str:
        """Its name as the root file would write it."""
        return self.module.prefix + self.declared.name


@dataclass(frozen=True, slots=True)
class ToolValue:
    """A declared tool as a value."""

    name: str
    declared: tree.Tool = field(repr=False)


def declared_value(lowering: Lowering, scope: Scope, path: tree.Path, span: Span) -> Typed | None:
    """A model, pipeline or tool by its name, as a constant; None where nothing is declared so."""
    found = lowering.module.find(path)
    if found is None:
        return None
    module, declared = found
    match declared:
        case tree.Model():
            spec = lowering.model(module, declared.name)
            return scope.literal(spec, types.Model((module.prefix + declared.name,)), span, (spec,))
        case tree.Pipeline():
            takes = tuple(t for _, t in lowering.parameters(declared, module))
            made = types.Pipeline(takes, lowering.meaning(declared.result, module))
            return scope.literal(PipelineValue(module, declared), made, span)
        case tree.Tool():
            return scope.literal(ToolValue(declared.name, declared), types.Tool(declared.name), span)
        case tree.Prompt():
            lowering.error(
                "E312",
                f"`{declared.name}` is a prompt and is called with its parameters",
                span,
                "not called",
                f"write `{declared.name}({', '.join(p.name for p in declared.parameters)})`",
            )
        case _:
            help = "a `search` names it; pipelines use models, prompts, tools and other pipelines"
            lowering.error("E312", f"`{declared.name}` is no value", span, f"a {type(declared).__name__.lower()}", help)
    return lowering.unknown(scope, span)
