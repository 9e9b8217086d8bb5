"""From tree to graph: names, types, constants and holes, in one walk that reports all it finds.

`Lowering` holds what the walk shares (diagnostics, holes, sites, the call stack). How each
form is lowered stands beside it: expressions, stages, arguments, control, tuning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ttsc.compiler.declarations import meaning, parameters_of, template
from ttsc.compiler.ir import Block, Site
from ttsc.compiler.loading import Loaded, Module
from ttsc.compiler.lowering import blocks, calls, expressions, stages, tuning
from ttsc.compiler.lowering.scope import Bound, Scope, Typed
from ttsc.compiler.one_armed import one_armed
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic
from ttsc.grammar.source import Span
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Type, Unknown

#: Nodes a program may have once every pipeline call is expanded, about: what is walked is counted.
MAX_NODES = 10_000
#: Expressions walked for one pipeline; loops walk their bodies until their type settles.
MAX_WALKED = 4 * MAX_NODES
#: Bodies of pipelines that may stand inside one another.
MAX_NESTED = 40


@dataclass(frozen=True, slots=True)
class Hole:
    """One place the search may fill: its name, what may stand there, and what stands there now.

    `domain` is shown to people; `points` is how many values it has, None for a continuous range.
    """

    name: str
    domain: str
    default: object
    value: object
    points: int | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """One pipeline being expanded; `closed` once its `depth … else` is, `bounded` if it has a `depth`."""

    name: str
    closed: bool = False
    bounded: bool = False


class TooLarge(Exception):
    """The expanded program has more than MAX_NODES nodes, or more than MAX_NESTED levels."""


class Lowering:
    """One walk over the pipelines of a program, with one choice for every hole."""

    def __init__(self, loaded: Loaded, models: Mapping[str, ModelSpec], holes: Mapping[str, object]) -> None:
        self.loaded = loaded
        self.models = models
        self.set_holes = holes
        self.diagnostics: list[Diagnostic] = []
        self.holes: dict[str, Hole] = {}
        self.stack: tuple[Frame, ...] = ()
        self.module: Module = loaded.root
        self.size = 0
        self.open_counts: list[Span] = []  # bounds that depend on an input of the root pipeline
        self._sites: dict[tuple[str, str], int] = {}
        self._prompts: dict[int, PromptTemplate] = {}

    # --- what is wrong ---------------------------------------------------------------

    def report(self, diagnostic: Diagnostic) -> None:
        """Notes a diagnostic once, however often its place is visited."""
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)

    def error(self, code: str, title: str, span: Span, label: str = "", help: str = "") -> None:
        """Reports a diagnostic."""
        self.report(Diagnostic(code, title, span, label, help))

    def unknown(self, scope: Scope, span: Span) -> Typed:
        """A stand-in for something already reported, so that the walk can go on."""
        return scope.literal(None, Unknown(), span)

    # --- forms -----------------------------------------------------------------------

    def expression(self, scope: Scope, node: tree.Expression, label: str = "") -> Typed:
        """The value of an expression; `label` names a hole that stands in it."""
        self._grow()
        return expressions.lower(self, scope, node, label)

    def stage(self, scope: Scope, piped: Typed, node: tree.Expression, span: Span) -> Typed:
        """The result of a stage fed with `piped`."""
        self._grow()
        return stages.lower(self, scope, piped, node, span)

    def block(self, scope: Scope, block: tree.Block) -> Typed:
        """The result of a block whose names live in `scope`, which is its own."""
        return blocks.lower_block(self, scope, block)

    def tune(self, scope: Scope, node: tree.Tune, label: str) -> Typed:
        """The value that fills a hole."""
        return tuning.lower(self, scope, node, label)

    def _grow(self) -> None:
        self.size += 1
        if self.size > MAX_WALKED:
            raise TooLarge(f"more than {MAX_NODES:,} nodes")

    # --- holes and sites -------------------------------------------------------------

    def hole(self, name: str, domain: str, default: object, points: int | None, span: Span) -> tuple[str, object]:
        """The full name of a hole and the value set for it, or its default.

        A hole met again (a pipeline called twice) is the same hole; another one of the same
        name gets a number.
        """
        full, number = name, 1
        while full in self.holes and self.holes[full].span != span:
            number += 1
            full = f"{name}#{number}"
        value = self.set_holes.get(full, default)
        self.holes[full] = Hole(full, domain, default, value, points, span)
        return full, value

    def site(self, prompt: str, identities: Sequence[str]) -> Site:
        """A new place where draws are made: numbered among the earlier ones that could ask alike."""
        ordinals: dict[str, int] = {}
        for identity in identities:
            if identity not in ordinals:
                ordinals[identity] = self._sites.get((prompt, identity), 0)
                self._sites[prompt, identity] = ordinals[identity] + 1
        return Site(tuple(sorted(ordinals.items())))

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """A walk made only to learn types: counts no site, declares no hole, reports nothing."""
        kept = list(self.diagnostics), dict(self.holes), dict(self._sites), list(self.open_counts)
        try:
            yield
        finally:
            self.diagnostics, self.holes, self._sites, self.open_counts = kept

    # --- declarations ----------------------------------------------------------------

    def model(self, module: Module, name: str) -> ModelSpec:
        """The spec of a declared model, after replacements."""
        return self.models[module.prefix + name]

    def prompt(self, module: Module, declared: tree.Prompt) -> PromptTemplate:
        """The template of a declared prompt (what is wrong with it is reported by the check)."""
        if id(declared) not in self._prompts:
            self._prompts[id(declared)] = template(declared, module, lambda _: None)
        return self._prompts[id(declared)]

    def meaning(self, written: tree.TypeExpr, module: Module) -> Type:
        """The type a written type means (what is wrong with it is reported by the check)."""
        return meaning(written, module, lambda _: None)

    def parameters(self, declared: tree.Pipeline | tree.Tool, module: Module) -> tuple[tuple[str, Type], ...]:
        """The parameters of a pipeline or tool."""
        return parameters_of(declared.parameters, module, lambda _: None)

    @contextmanager
    def inside(self, module: Module, frame: Frame) -> Iterator[None]:
        """Names mean what they mean in `module` while a pipeline of it is expanded."""
        if len(self.stack) > MAX_NESTED:
            raise TooLarge(f"more than {MAX_NESTED} levels")
        kept = self.module, self.stack
        self.module, self.stack = module, (*self.stack, frame)
        try:
            yield
        finally:
            self.module, self.stack = kept

    # --- the root --------------------------------------------------------------------

    def pipeline(self, module: Module, declared: tree.Pipeline, inputs: Mapping[str, object]) -> Block:
        """The block of a pipeline as the root of a run; `inputs` are the values known already.

        Numbers among them are constants (they may be bounds); everything else stays a parameter.
        """
        scope, self.size = self.entry(module, declared, inputs), 0
        try:
            with self.inside(module, Frame(module.prefix + declared.name, bounded=declared.depth is not None)):
                result = blocks.lower_block(self, scope, declared.body, declared.parameters)
                calls.fits_result(self, module, declared, result)
        except (TooLarge, RecursionError) as error:
            self.too_large(declared, error)
            scope = Scope()
            result = self.unknown(scope, declared.span)
        block = scope.finish(result)
        for doubt in one_armed(block):
            self.report(doubt)
        return block

    def otherwise(self, module: Module, declared: tree.Pipeline, part: tree.Within | tree.Depth) -> frozenset[Span]:
        """Checks what a `within` or `depth` of a pipeline falls back to; gives the parameters used there."""
        if part.otherwise is None:
            return frozenset()
        scope, self.size = self.entry(module, declared, {}), 0
        try:
            with self.inside(module, Frame(module.prefix + declared.name, isinstance(part, tree.Depth))):
                calls.fits_result(self, module, declared, self.expression(scope, part.otherwise))
        except (TooLarge, RecursionError) as error:
            self.too_large(declared, error)
        return frozenset(bound.span for bound in scope.names.values() if bound.used)

    def too_large(self, declared: tree.Pipeline, error: TooLarge | RecursionError) -> None:
        """Reports a pipeline whose calls expand too far."""
        size = str(error) if isinstance(error, TooLarge) else "too many levels"
        title = f"`{declared.name}` has {size} once its calls are expanded"
        help = "lower a `depth`, or call fewer pipelines from within it"
        self.error("E505", title, declared.name_span, "too large", help)

    def entry(self, module: Module, declared: tree.Pipeline, inputs: Mapping[str, object]) -> Scope:
        """A scope with the parameters of a pipeline, those with a known number as constants."""
        scope = Scope()
        for (name, type), written in zip(self.parameters(declared, module), declared.parameters, strict=True):
            value = scope.parameter(name, type, written.span)
            given = inputs.get(name)
            if isinstance(given, int | float) and not isinstance(given, bool):
                value = scope.literal(given, type, written.span)
            scope.names[name] = Bound(value, written.span)
        return scope
