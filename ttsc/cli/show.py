"""`ttsc show`: what a kept run did, down to the exact messages of one candidate."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import click

from ttsc.cli.run import in_words
from ttsc.cli.terminal import count, say, show
from ttsc.front.errors import UsageError
from ttsc.front.folder import Exchange, Kept, kept
from ttsc.runtime.record import Answer, BindingSettled

_WHAT = re.compile(r"(?P<name>[\w.]+?)(?:\[(?P<index>\d+)\])?")

#: What is shown of a candidate as it stands in the record, beside its facts.
KNOWN = ("value", "extraction", "critique", "truncated")

Shown = Mapping[str, object]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False))
@click.argument("what", metavar="[NAME[INDEX]]", required=False)
@click.option("--question", metavar="N", default="0", help="Which question of a batch, by place or id. Default: 0.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of prose.")
def command(folder: str, what: str | None, question: str, as_json: bool) -> int:
    """Look into a run that was kept with --out DIR.

    Without a NAME: the questions, their answers, and the bindings there are to look at. With
    `drafts`: its value, or its candidates. With `drafts[3]`: the exact messages, the raw
    reply, what was extracted, and the parents of one candidate.
    """
    run = kept(Path(folder))
    if run.simulated:
        say("SIMULATED: what follows was made up by simulated models.")
    number = run.number(question)
    if what is None:
        show(json.dumps(dict(run.summary), ensure_ascii=False, indent=2) if as_json else overview(run, number))
        return 0
    name, index = _parsed(what)
    found = run.binding(number, name)
    if as_json:
        show(json.dumps([_picked(e, name, index) for e in found], ensure_ascii=False, indent=2))
        return 0
    for event in found:
        if len(found) > 1:
            show(f"== {name} in {event.scope}")
        show(_value(event, name) if index is None else candidate(run, _picked(event, name, index), f"{name}[{index}]"))
    return 0


def _parsed(what: str) -> tuple[str, int | None]:
    match = _WHAT.fullmatch(what)
    if match is None:
        raise click.UsageError(f"{what}: write a binding's name, such as drafts, or one of its candidates, drafts[3]")
    return match["name"], None if match["index"] is None else int(match["index"])


def overview(run: Kept, number: int) -> str:
    """Questions with the first line of their answers, and one question's bindings."""
    lines = [_line(f"{n}" if not a.item else f"{n} ({a.item})", _answer(a)) for n, a in enumerate(run.answers)]
    names = dict.fromkeys(e.name for e in run.bindings(number))
    lines += ["", f"Bindings of question {number}:"]
    lines += [_line(name, _kind(run.binding(number, name))) for name in names] or ["  none"]
    return "\n".join(lines)


def _answer(answer: Answer) -> str:
    return f"failed: {answer.failure.title}" if answer.failure else in_words(answer.value)


def _line(name: str, text: str) -> str:
    first = text.strip().split("\n")[0]
    return f"  {name}: {first if len(first) <= 100 else first[:99] + '…'}"


def _kind(found: tuple[BindingSettled, ...]) -> str:
    several = f", {len(found)} times" if len(found) > 1 else ""
    candidates = _candidates(found[0])
    if candidates is None:
        return in_words(found[0].value) + several
    return count(len(candidates), "candidate") + several


def _candidates(event: BindingSettled) -> list[Shown] | None:
    value = event.value
    found = value.get("candidates") if isinstance(value, Mapping) else None
    return list(found) if isinstance(found, list | tuple) else None


def _value(event: BindingSettled, name: str) -> str:
    candidates = _candidates(event)
    if candidates is None:
        return in_words(event.value)
    return "\n".join(_line(f"{name}[{i}]", _facts(c)) for i, c in enumerate(candidates))


def _facts(candidate: Shown) -> str:
    parts = [f"{candidate['model']}, sample {candidate['sample']}"]
    if "extraction" in candidate:
        found = candidate["extraction"] == "found"
        parts.append(f"answer {in_words(candidate['answer'])}" if found else "no answer found")
    scores = candidate.get("scores")
    if isinstance(scores, Mapping):
        parts += [f"{name} {value:.3g}" for name, value in scores.items()]
    return ", ".join(parts)


def _picked(event: BindingSettled, name: str, index: int | None) -> object:
    if index is None:
        return event.value
    candidates = _candidates(event)
    if candidates is None:
        raise UsageError(f"`{name}` is a single value, not candidates: write `ttsc show DIR {name}`")
    if index >= len(candidates):
        raise UsageError(f"`{name}` has {len(candidates)} candidates, counted from 0; there is no {name}[{index}]")
    return candidates[index]


def candidate(run: Kept, picked: object, name: str) -> str:
    """Everything that is known of one candidate."""
    assert isinstance(picked, Mapping)
    lines = [f"{name}: {_facts(picked)}"]
    lines += [f"{key}: {in_words(picked[key])}" for key in KNOWN if key in picked]
    lines += [_verdict(v) for v in picked.get("verdicts", ())]
    exchanges = run.exchanges(str(picked.get("draw", "")))
    for number, exchange in enumerate(exchanges):
        lines += ["", *_exchange(exchange, number)]
    if not exchanges:
        lines += ["", "no draw made it; its text:", str(picked.get("text", ""))]
    parents = picked.get("parents", ())
    lines += ["", f"parents: {len(parents)}" if parents else "parents: none"]
    lines += [_parent(run, str(parent)) for parent in parents]
    return "\n".join(lines)


def _verdict(verdict: Shown) -> str:
    said = {True: "passed", False: "failed"}.get(verdict["passed"], "no verdict")  # type: ignore[call-overload]
    return f"verdict of {verdict['judge']}: {said}. {verdict['reason']}".rstrip(". ")


def _exchange(exchange: Exchange, number: int) -> list[str]:
    sent = exchange.sent
    again = f", asked again ({number})" if number else ""
    lines = [f"--- sent to {sent.model} ({sent.target}){again}"]
    for message in sent.messages:
        lines += [f"[{message.role}]", message.content]
    if exchange.reply is None:
        return [*lines, f"--- no reply: {exchange.fault}"]
    return [*lines, f"--- replied ({exchange.finish})", exchange.reply]


def _parent(run: Kept, draw: str) -> str:
    exchanges = run.exchanges(draw)
    if not exchanges:
        return _line(draw[:12], "not drawn in this run")
    return _line(f"{draw[:12]} {exchanges[-1].sent.model}", exchanges[-1].reply or exchanges[-1].fault)
