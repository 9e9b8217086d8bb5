"""One pipeline of a program, with models and holes chosen, as a plan."""

from __future__ import annotations

from collections.abc import Mapping

from ttsc.compiler.available import not_available
from ttsc.compiler.check import check_declarations
from ttsc.compiler.declarations import parameters_of
from ttsc.compiler.ir import Block
from ttsc.compiler.loading import Loaded
from ttsc.compiler.lowering.limits import limits_of
from ttsc.compiler.lowering.walk import Lowering
from ttsc.compiler.naming import name_stages
from ttsc.compiler.passes import optimise
from ttsc.compiler.plan import Plan, bounds_of
from ttsc.compiler.problems import Problems
from ttsc.compiler.until import stop_after
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, nearest, one_of
from ttsc.grammar.source import Span
from ttsc.values import types
from ttsc.values.model import ModelSpec
from ttsc.values.types import describe


def pipelines(loaded: Loaded) -> Mapping[str, tree.Pipeline]:
    """The pipelines of the root file by name."""
    return {n: d for n, d in loaded.root.declared.items() if isinstance(d, tree.Pipeline)}


def choose(loaded: Loaded, name: str | None) -> tree.Pipeline:
    """The pipeline meant: the named one, the only one, or `main`. Raises Problems."""
    known = pipelines(loaded)
    if name is not None and name in known:
        return known[name]
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name is None and "main" in known:
        return known["main"]
    start = Span(loaded.root.file.source, 0, 0)
    if not known:
        raise Problems(
            [
                Diagnostic(
                    "E231",
                    "this file declares no pipeline",
                    start,
                    "",
                    "add `pipeline answer(question: text) -> text { … }`",
                )
            ]
        )
    if name is None:
        raise Problems(
            [Diagnostic("E232", "this file has several pipelines", start, "", f"say which: {one_of(tuple(known))}")]
        )
    near = nearest(name, tuple(known))
    help = f"did you mean `{near}`?" if near else f"its pipelines are {one_of(tuple(known))}"
    raise Problems([Diagnostic("E233", f"this file has no pipeline `{name}`", start, "", help)])


def compile_pipeline(
    loaded: Loaded,
    pipeline: str | None = None,
    *,
    models: Mapping[str, ModelSpec],
    holes: Mapping[str, object] | None = None,
    inputs: Mapping[str, object] | None = None,
    until: str | None = None,
) -> Plan:
    """The plan of a pipeline. `models` gives every declared model its spec, by qualified name.

    Known `inputs` tighten the bounds, and numbers among them may be bounds themselves. With
    `until` the run ends with that binding. Raises Problems where the program is wrong, a hole
    does not exist, or a bound depends on an input that is not given.
    """
    declared = choose(loaded, pipeline)
    _takes_data(loaded, declared)
    names = _hole_names(loaded, declared, models, inputs or {}, holes or {})
    lowering = Lowering(loaded, models, names)
    check_declarations(lowering)
    plain = lowering.pipeline(loaded.root, declared, inputs or {})
    errors = [d for d in lowering.diagnostics if d.severity == "error"]
    for span in dict.fromkeys(lowering.open_counts):
        name = span.source.text[span.start : span.end]
        given = f"`--input {name if name.isidentifier() else 'NAME'}=4`"
        errors.append(
            Diagnostic("E506", "this bound depends on an input", span, "not known yet", f"give the input: {given}")
        )
    if errors:
        raise Problems(errors)
    if until is not None:
        plain = stop_after(name_stages(plain), until, declared)
    block = name_stages(optimise(plain))
    used = _models_of(block, models)
    warnings = tuple(d for d in lowering.diagnostics if d.severity == "warning")
    bounds = bounds_of(block, models, inputs)
    found = tuple(lowering.holes.values())
    return Plan(
        pipeline=declared.name,
        block=block,
        plain=plain,
        bounds=bounds,
        result=lowering.meaning(declared.result, loaded.root) if until is None else block.type_of(block.result),
        limits=limits_of(declared),
        holes=found,
        models=used,
        warnings=warnings,
        not_available=not_available(block),
    )


def _takes_data(loaded: Loaded, declared: tree.Pipeline) -> None:
    """Raises Problems for a pipeline that only another one can call."""
    parameters = parameters_of(declared.parameters, loaded.root, lambda _: None)
    for (name, type), written in zip(parameters, declared.parameters, strict=True):
        if isinstance(type, types.Pipeline | types.Model):
            title = f"`{declared.name}` cannot be run by itself: its input `{name}` is no data"
            help = f"call it from another pipeline: `{declared.name}({', '.join(n for n, _ in parameters)})`"
            raise Problems([Diagnostic("E236", title, written.span, f"takes {describe(type)}", help)])


def _hole_names(
    loaded: Loaded,
    declared: tree.Pipeline,
    models: Mapping[str, ModelSpec],
    inputs: Mapping[str, object],
    given: Mapping[str, object],
) -> Mapping[str, object]:
    """The holes to set by their full names; the last part of a name is enough where it is unique."""
    if not given:
        return {}
    probe = Lowering(loaded, models, {})
    probe.pipeline(loaded.root, declared, inputs)
    found: dict[str, object] = {}
    for name, value in given.items():
        meant = [h for h in probe.holes if h == name] or [h for h in probe.holes if _last_part(h) == name]
        if len(meant) != 1:
            near = nearest(name, tuple(probe.holes))
            known = one_of(tuple(probe.holes)) if probe.holes else "none"
            title = f"`{name}` may be {one_of(meant)}" if meant else f"there is no hole `{name}`"
            help = "write the whole name" if meant else f"did you mean `{near}`?" if near else f"its holes are {known}"
            raise Problems([Diagnostic("E234", title, declared.name_span, "", help)])
        found[meant[0]] = value
    return found


def _last_part(hole: str) -> str:
    """`samples` of `generate.samples` and of `generate.samples#2`, so that the short name is not unique there."""
    return hole.rpartition(".")[2].partition("#")[0]


def _models_of(block: Block, models: Mapping[str, ModelSpec]) -> tuple[ModelSpec, ...]:
    """The models that the block may ask, in declared order."""
    from ttsc.compiler.ir import Literal, OpCall, SampleUntil, Static
    from ttsc.compiler.lowering.accepted import models_in
    from ttsc.compiler.rewrite import blocks_of

    found: set[ModelSpec] = set()

    def visit(inner: Block) -> None:
        for node in inner.nodes:
            match node.operation:
                case OpCall(settings=settings) | SampleUntil(call=OpCall(settings=settings)):
                    found.update(m for _, s in settings if isinstance(s, Static) for m in models_in(s.value))
                case Literal(value=value):
                    found.update(models_in(value))
            for body in blocks_of(node.operation):
                visit(body)

    visit(block)
    return tuple(m for m in models.values() if m in found)
