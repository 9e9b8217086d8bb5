"""The form of a value in a record: plain data, with candidates and all that is known of them.

A text that a draw holds is not repeated: `draw` names it. The value stands there only where it
is something else than the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from ttsc.values.candidate import Candidate, Candidates, Verdict
from ttsc.values.prompt import plain
from ttsc.values.usage import Usage


def shown(value: object) -> object:
    """A value as JSON data, candidates with their provenance."""
    match value:
        case Candidates(items=items, question=question):
            return {"question": question, "candidates": [_candidate(c) for c in items]}
        case Candidate():
            return _candidate(value)
        case Mapping():
            return {str(k): shown(v) for k, v in value.items()}
        case list() | tuple():
            return [shown(v) for v in value]
        case _:
            return plain(value)


def _candidate(candidate: Candidate) -> dict[str, object]:
    made: dict[str, object] = {"origin": candidate.origin, "model": candidate.model, "sample": candidate.sample_index}
    if candidate.draw:
        made["draw"] = candidate.draw
    else:
        made["text"] = candidate.text
    if candidate.value != candidate.text:
        made["value"] = plain(candidate.value)
    if candidate.extraction != "none":
        made["extraction"] = candidate.extraction
        made["answer"] = plain(candidate.answer)
    if candidate.scores:
        made["scores"] = dict(sorted(candidate.scores.items()))
    if candidate.critique is not None:
        made["critique"] = plain(candidate.critique)
    if candidate.verdicts:
        made["verdicts"] = [_verdict(v) for v in candidate.verdicts]
    if candidate.parents:
        made["parents"] = list(candidate.parents)
    if candidate.truncated:
        made["truncated"] = True
    if candidate.usage != Usage():
        made["usage"] = plain(candidate.usage)
    return made


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {"judge": verdict.judge, "passed": verdict.passed, "reason": verdict.reason}
