"""`ttsc plan`: what a pipeline costs at worst, stage by stage, before anything is spent."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ttsc.cli.options import choices, hole_values, pairs
from ttsc.cli.terminal import say, show
from ttsc.compiler.bounds import Row
from ttsc.compiler.lowering.walk import Hole
from ttsc.compiler.op_bounds import BYTES_PER_DRAWN_TOKEN
from ttsc.compiler.plan import TYPICAL_INPUT_BYTES, TYPICAL_OUTPUT_TOKENS, Bounds, Plan
from ttsc.compiler.spend import Spend
from ttsc.front import load
from ttsc.front.inputs import from_texts
from ttsc.grammar.diagnostic import render
from ttsc.values import money
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import plain
from ttsc.values.types import describe

COLUMNS = ("stage", "line", "calls", "requests", "attempts", "input tokens", "output tokens", "cost", "depth")


@click.command()
@choices
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of a table.")
def command(
    file: str, pipeline: str | None, inputs: tuple[str, ...], models: tuple[str, ...], sim: bool,
    holes: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Show what PIPELINE of FILE costs at worst: calls, tokens, dollars, depth.

    The bound is hard: no run costs more. It is for the inputs given, or for an assumed 8 kB.
    Calls are draws and tool calls; requests count every re-ask as if it were needed. Attempts are
    requests as long as failed ones are not sent again, which this version does not do.
    """
    program = load(Path(file)).using(
        pipeline, models=pairs("--model", models), sim=sim, holes=hole_values(holes)
    )
    given = from_texts(pairs("--input", inputs), program.parameters())
    plan = program.plan(given or None)
    if as_json:
        show(json.dumps(as_data(plan), ensure_ascii=False, indent=2))
    else:
        show(table(plan))
    if plan.warnings:
        say("\n" + render(plan.warnings))
    return 0


def table(plan: Plan) -> str:
    """The plan for a person."""
    takes = ", ".join(f"{n}: {describe(t)}" for n, t in plan.parameters)
    lines = [f"{plan.pipeline}({takes}) -> {describe(plan.result)}", ""]
    lines += [_model(m) for m in plan.models]
    lines += [_hole(h) for h in plan.holes]
    lines += ["", *_rows(plan.bounds), "", *_remarks(plan)]
    return "\n".join(lines)


def _model(model: ModelSpec) -> str:
    price = model.price
    if price is None:
        cost = "price unknown"
    elif price.input == price.output == price.call == 0:
        cost = "free"
    else:
        cost = f"{money.show(price.input)} in, {money.show(price.output)} out per million tokens"
    return f"model {model.name} = {model.target}  ({cost}; at most {model.max_tokens:,} tokens a draw)"


def _hole(hole: Hole) -> str:
    points = "any number of values" if hole.points is None else f"{hole.points:,} values"
    return f"hole  {hole.name} = {_short(hole.value)}  (out of {hole.domain}: {points})"


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False, default=str)


def _rows(bounds: Bounds) -> list[str]:
    cells = [list(COLUMNS)]
    cells += [_cells(_stage(r), str(r.span.line), r.spend, str(r.depth)) for r in bounds.rows]
    total = len(cells)
    cells.append(_cells("at worst", "", bounds.hard, str(bounds.depth)))
    cells.append(_cells("typically", "", bounds.typical, ""))
    widths = [max(len(row[i]) for row in cells) for i in range(len(COLUMNS))]
    made = [_aligned(row, widths) for row in cells]
    rule = "-" * max(map(len, made))
    return [made[0], rule, *made[1:total], rule, *made[total:]]


def _aligned(row: list[str], widths: list[int]) -> str:
    first, *rest = (c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
    return "  ".join((first, *rest)).rstrip()


def _stage(row: Row) -> str:
    name = f"{row.name} = {row.title}" if row.name and row.name != row.title else row.title
    return " > ".join((*row.path, name))


def _cells(name: str, line: str, spend: Spend, depth: str) -> list[str]:
    counts = (spend.calls, spend.requests, spend.attempts, spend.input_tokens, spend.output_tokens)
    return [name, line, *(f"{n:,}" for n in counts), money.show(spend.cost), depth]


def _remarks(plan: Plan) -> list[str]:
    bounds = plan.bounds
    assumed = " (assumed; give --input to know)" if bounds.assumed else ""
    made = [
        f"For an input of {bounds.input_bytes:,} bytes{assumed}. At worst every byte sent is a token, and text that a "
        f"model wrote counts {BYTES_PER_DRAWN_TOKEN} bytes a token when it is sent on.",
        f"Typically: inputs of {TYPICAL_INPUT_BYTES:,} bytes, draws of {TYPICAL_OUTPUT_TOKENS} tokens, no re-ask.",
    ]
    if plan.simulated:
        names = ", ".join(m.name for m in plan.models if m.simulated)
        made.append(f"SIMULATED: {names}. Simulated models have made-up prices.")
    points = 1
    for hole in plan.holes:
        points = 0 if hole.points is None else points * hole.points
    if plan.holes:
        made.append(f"The holes can be filled in {f'{points:,}' if points else 'endless'} ways.")
    return made


def as_data(plan: Plan) -> dict[str, object]:
    """The plan as JSON data; costs in dollars, None where a price is unknown."""
    bounds = plan.bounds
    return {
        "pipeline": plan.pipeline,
        "parameters": {n: describe(t) for n, t in plan.parameters},
        "result": describe(plan.result),
        "models": {m.name: _model_data(m) for m in plan.models},
        "holes": {h.name: _hole_data(h) for h in plan.holes},
        "worst": {**_spend(bounds.hard), "depth": bounds.depth},
        "typical": _spend(bounds.typical),
        "input_bytes": bounds.input_bytes,
        "input_assumed": bounds.assumed,
        "simulated": plan.simulated,
        "stages": [_stage_data(r) for r in bounds.rows],
    }


def _model_data(model: ModelSpec) -> dict[str, object]:
    return {"target": model.target, "max_tokens": model.max_tokens, "simulated": model.simulated}


def _hole_data(hole: Hole) -> dict[str, object]:
    return {"value": plain(hole.value), "default": plain(hole.default), "domain": hole.domain, "points": hole.points}


def _stage_data(row: Row) -> dict[str, object]:
    source, (start, end) = row.span.source, (row.span.start, row.span.end)
    line, column = source.position(start)
    end_line, end_column = source.position(end)
    return {
        "name": row.name, "op": row.title, "within": list(row.path), "path": source.path, "line": line,
        "column": column, "end_line": end_line, "end_column": end_column, **_spend(row.spend), "depth": row.depth,
    }  # fmt: skip


def _spend(spend: Spend) -> dict[str, object]:
    return {
        "calls": spend.calls, "requests": spend.requests, "attempts": spend.attempts,
        "input_tokens": spend.input_tokens, "output_tokens": spend.output_tokens,
        "cost_usd": None if spend.cost is None else spend.cost / money.NANO,
    }  # fmt: skip
