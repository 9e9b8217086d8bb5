"""`ttsc run`: the answer, and what it cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ttsc.cli.options import FILE, choices, hole_values, pairs
from ttsc.cli.terminal import count, say, show
from ttsc.front import Program, load
from ttsc.front.inputs import Question, from_texts, question, questions, read_lines
from ttsc.front.running import Run, plain_answer
from ttsc.runtime.record import Answer
from ttsc.values import money
from ttsc.values.prompt import as_text

if TYPE_CHECKING:
    from ttsc.cli.progress import Kept


@click.command()
@choices
@click.option("--inputs", "data", type=FILE, metavar="DATA",
              help="Run every record of a .jsonl or .jsonl.gz file; fields go to parameters by name.")
@click.option("--map", "renames", metavar="NAME=.FIELD", multiple=True,
              help="Take a parameter from another field, such as question=.prompt.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Run the first N records only.")
@click.option("--seed", type=int, default=0, metavar="N", help="Another number, another set of samples.")
@click.option("--until", metavar="NAME", help="Stop after a binding (or op) and show what it gives.")
@click.option("--data", "data_folder", type=click.Path(exists=True, file_okay=False), metavar="DIR",
              help="Look here first for the data files of replay/… and sim/… models. Default: TTSC_DATA.")
@click.option("--out", type=click.Path(file_okay=False), metavar="DIR",
              help="Keep answers and record in a new folder; `ttsc show DIR` looks into it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of prose.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    file: str, pipeline: str | None, inputs: tuple[str, ...], models: tuple[str, ...], sim: bool,
    holes: tuple[str, ...], data: str | None, renames: tuple[str, ...], limit: int | None, seed: int,
    until: str | None, data_folder: str | None, out: str | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Run PIPELINE of FILE and print the answer and what it cost.

    Everything that can be found wrong is found before the first call. A question that fails
    does not stop the others; the exit code is 3 if any did.
    """
    from ttsc.cli.progress import Kept, watching
    from ttsc.front.folder import keep, new_folder

    program = load(Path(file)).using(
        pipeline, models=pairs("--model", models), sim=sim, holes=hole_values(holes), seed=seed, until=until,
        data=data_folder,
    )  # fmt: skip
    asked = _questions(program, pairs("--input", inputs), data, pairs("--map", renames), limit)
    folder = new_folder(Path(out)) if out is not None else None
    with watching(quiet or as_json) as shown:
        watch = Kept(shown)
        try:
            made = program.run_batch(asked, watch)
        except KeyboardInterrupt:
            return _stopped(watch, seed, folder)
    if folder is not None:
        keep(made, folder)
    _print(made, as_json=as_json, batch=data is not None)
    return 3 if made.failed else 0


def _questions(
    program: Program, inputs: dict[str, str], data: str | None, renames: dict[str, str], limit: int | None
) -> tuple[Question, ...]:
    parameters = program.parameters()
    given = from_texts(inputs, parameters)
    if data is None:
        for option, value in (("--map", renames), ("--limit", limit)):
            if value:
                raise click.UsageError(f"{option} goes with --inputs DATA")
        return (question(given, parameters),)
    fields = {name: field.removeprefix(".") for name, field in renames.items()}
    return questions(read_lines(Path(data)), parameters, fields, given)[:limit]


def _stopped(watch: Kept, seed: int, folder: Path | None) -> int:
    """Keeps what a run had when it was stopped by hand, and says so."""
    from ttsc.front.folder import keep

    run = watch.run(seed)
    if run is None:
        raise KeyboardInterrupt
    done = f"stopped after {count(len(run.answers), 'question')} of {watch.questions}: {spent(run)}"
    if folder is None:
        say(f"ttsc: {done}; nothing was kept, since there was no --out")
    else:
        keep(run, folder)
        say(f"ttsc: {done}; all of it is in {folder}")
    return 130


def _print(run: Run, *, as_json: bool, batch: bool) -> None:
    if as_json:
        show(json.dumps(run.plain(), ensure_ascii=False, indent=2))
        return
    if run.simulated:
        names = ", ".join(f"{m.name} ({m.target})" for m in run.plan.models if m.simulated)
        say(f"SIMULATED: the replies of {names} were made up by a simulation; the answers mean nothing.")
    for number, answer in enumerate(run.answers):
        if answer.failure is not None:
            say(_failed(answer, number, batch))
        elif batch:
            show(json.dumps(plain_answer(answer), ensure_ascii=False))
        else:
            show(in_words(answer.value))
            if answer.extracted is not None:
                show(f"\nanswer: {in_words(answer.extracted)}")
    say(spent(run))


def _failed(answer: Answer, number: int, batch: bool) -> str:
    failure = answer.failure
    assert failure is not None
    which = f"question {answer.item or number} " if batch else ""
    lines = [f"failed: {which}at {failure.place}, in {failure.node}: {failure.title}"]
    lines += [f"  {fault.kind}: {fault.message}" for fault in failure.faults[:3]]
    lines += [f"  and {len(failure.faults) - 3} more"] if len(failure.faults) > 3 else []
    return "\n".join([*lines, f"  {failure.help}"] if failure.help else lines)


def in_words(value: object) -> str:
    """A value for a person: a text as it is, items of a list under their numbers, records as JSON."""
    if isinstance(value, list | tuple):
        return "\n".join(f"[{i}] {in_words(v)}" for i, v in enumerate(value))
    return as_text(value)


def spent(run: Run) -> str:
    """`16 calls in 1 request · 1,200 tokens in, 5,012 out · $0.0123 · 3.2 s`."""
    usage = run.usage
    cost = "cost unknown" if usage.cost is None else money.show(usage.cost)
    parts = [
        f"{count(usage.calls, 'call')} in {count(usage.requests, 'request')}",
        f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out",
        cost + (" (simulated prices)" if run.simulated else ""),
        f"{run.wall_s:.1f} s",
    ]
    if run.lost:
        parts.append("lost: " + ", ".join(f"{kind} ×{times}" for kind, times in run.lost.items()))
    if run.failed:
        parts.insert(0, f"{run.failed} of {len(run.answers)} questions failed")
    return " · ".join(parts)
