"""What judges are shown and how they are read: candidates as data, one reader per shape of reply.

A reader accepts what is clear however it is wrapped, and rejects what could be read two ways:
a judge is asked again rather than misread, and nothing unclear is ever a pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ttsc.ops.facts import Sizes
from ttsc.values.candidate import Candidate
from ttsc.values.extraction import spoken
from ttsc.values.prompt import as_text
from ttsc.values.request import Accepted, Rejected
from ttsc.values.schema import json_values, read_json, rejected
from ttsc.values.types import Number

#: How often a judge whose reply cannot be read is asked again.
REASKS = 1

#: Bytes of the tags and blank lines around one block at most.
FRAME_BYTES = 64

# --- what judges are shown ------------------------------------------------------------

_TAG = re.compile(r"<(?=\s{0,8}/?\s{0,8}(?:candidate|critique|material|report)\b)", re.IGNORECASE)


def label(place: int) -> str:
    """The name of the candidate shown at a place: A, B, …, Z, AA, AB, …"""
    name = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def block(tag: str, text: str, name: str = "") -> str:
    """A text as delimited data; tags of ours inside it lose their bracket, so that it cannot end early."""
    opening = f'<{tag} id="{name}">' if name else f"<{tag}>"
    return f"{opening}\n{_TAG.sub('(', text)}\n</{tag}>"


def said(value: object) -> str:
    """A candidate or value as judges see it: without its reasoning, unless there is nothing else."""
    text = as_text(value)
    return spoken(text).strip() or text.strip()


def listing(candidates: Sequence[Candidate], order: Sequence[int]) -> str:
    """The candidates in an order, labelled, each followed by its critique."""
    blocks = []
    for place, index in enumerate(order):
        found = candidates[index]
        blocks.append(block("candidate", said(found), label(place)))
        if found.critique is not None:
            blocks.append(block("critique", said(found.critique), label(place)))
    return "\n\n".join(blocks)


def listing_bytes(sizes: Sizes) -> int:
    """Bytes of a listing at most."""
    critique = sizes.critique + FRAME_BYTES if sizes.critique else 0
    return sizes.high * (sizes.item + FRAME_BYTES + critique)


# --- verdicts -------------------------------------------------------------------------

PASSES = frozenset({"correct", "pass", "passed", "right", "true", "yes"})
FAILS = frozenset({"fail", "failed", "false", "incorrect", "no", "not correct", "wrong"})

_WORDS = "|".join(sorted(PASSES | FAILS, key=len, reverse=True))
_BRACKETED = re.compile(rf"\[\s{{0,3}}({_WORDS})\s{{0,3}}\]", re.IGNORECASE)
_LABELLED = re.compile(r"\W{0,8}(?:final |my ){0,2}(?:verdict|judge?ment|conclusion)\W{0,8}(.*)", re.IGNORECASE)
_QUOTES = " \t*_`\"'.!"


def read_verdict(text: str) -> Accepted | Rejected:
    """`(passed, reason)` out of a verdict: a field `verdict`, `[Correct]`, `Verdict: wrong`, a lone word.

    A pass stands alone on its line; prose about passing is no verdict.
    """
    reply = spoken(text).strip()
    verdicts = [v for value in json_values(reply) if (v := _stated(value)) is not None]
    if verdicts:
        stated, reason = verdicts[-1]
        passed = _truth(stated)
        if passed is None:
            return rejected("its `verdict` must say correct or incorrect")
        return Accepted((passed, reason))
    edges = _edges(reply)
    marks = {mark for line in reply.split("\n") if (mark := _marked(line, lone=line in edges)) != ""}
    if len(marks) == 1 and isinstance(mark := marks.pop(), bool):
        return Accepted((mark, reply))
    return rejected("it gives no clear verdict, correct or incorrect")


def _edges(reply: str) -> list[str]:
    """The first and the last line: where a word alone is an answer and not a remark."""
    lines = [line for line in reply.split("\n") if line.strip()]
    return [*lines[:1], *lines[-1:]]


def _stated(value: object) -> tuple[object, str] | None:
    """What a JSON value states as its verdict, and the reason; None where it states none."""
    if isinstance(value, bool | str):
        return value, ""
    if isinstance(value, Mapping):
        for name in ("verdict", "correct", "passed"):
            if name in value:
                return value[name], as_text(value.get("reason", ""))
    return None


def _truth(stated: object) -> bool | None:
    if isinstance(stated, bool):
        return stated
    word = stated.strip(_QUOTES + "[]").casefold() if isinstance(stated, str) else ""
    return True if word in PASSES else False if word in FAILS else None


def _marked(line: str, *, lone: bool) -> bool | str | None:
    """The verdict that a line gives; None where it gives an unclear one, "" where it gives none."""
    if labelled := _LABELLED.fullmatch(line):
        return _truth(labelled[1]) if labelled[1].strip(_QUOTES) else ""
    found = _BRACKETED.search(line)
    passed = _truth(line)
    if found is None:
        return passed if lone and passed is not None else ""
    if passed is not None:
        return passed
    # "not [Correct]" and "[Correct] if it were not for …" must not pass.
    return False if _truth(found[1]) is False and line.lstrip().startswith("[") else None


# --- scores ---------------------------------------------------------------------------

_TENTHS = re.compile(r"(\d{1,2}(?:\.\d{1,6})?)(?:\s{0,3}(?:/|out of)\s{0,3}10)?", re.IGNORECASE)
_RATED = re.compile(r"(?:[^{\"]*[^\w{\"])?(?:score|rating)(?:\s(?:is|of))?[^\w-]{0,6}(\d.*)", re.IGNORECASE)


def read_score(text: str) -> Accepted | Rejected:
    """A rating from 0 to 10 as a number from 0 to 1: a field `score`, `Score: 8/10`, `[[8]]`, a lone number."""
    reply = spoken(text).strip()
    stated = [found for value in json_values(reply) if (found := _rating(value)) is not None]
    if stated:
        rated = _tenths(stated[-1])
        return rejected("its `score` must be a number from 0 to 10") if rated is None else Accepted(rated)
    rows = [m[1] for line in reply.split("\n") if (m := _RATED.fullmatch(line))]
    found = {_tenths(row) for row in rows} or {_tenths(line) for line in _edges(reply)} - {None}
    if len(found) == 1 and (only := found.pop()) is not None:
        return Accepted(only)
    return rejected("it gives no clear score from 0 to 10")


def _rating(value: object) -> object:
    """What a JSON value states as its score; None where it states none. A `[1]` is a reference."""
    match value:
        case {"score": stated} | {"rating": stated} | [[stated]]:
            return stated
        case int() | float() | str():
            return value
        case _:
            return None


def _tenths(stated: object) -> float | None:
    if isinstance(stated, str):
        written = _TENTHS.fullmatch(stated.strip(_QUOTES))
        stated = float(written[1]) if written else None
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return None
    return stated / 10 if 0 <= stated <= 10 else None


# --- orders ---------------------------------------------------------------------------

_ITEM = re.compile(r"\W{0,6}(?:(?:candidate|response|answer|option)\W{0,3})?([a-z]{1,3}|\d{1,4})\W{0,6}", re.IGNORECASE)


def read_order(text: str, count: int) -> Accepted | Rejected:
    """The places shown, best first, out of labels (`{"order": ["B", "A"]}`, `B > A`) or numbers from 1.

    Repeated places count once; places left out are for the caller to add. At least one is named.
    """
    reply = spoken(text).strip()
    values = list(json_values(reply))
    chains = [line for line in reply.split("\n") if ">" in line]
    if named := [order for value in values if (order := _ordered(value))]:
        places = _places(named[-1], count)
    elif chains:
        places = _places(_links(chains[-1]), count)
    elif lists := [value for value in values if isinstance(value, list)]:
        places = _places([as_text(v) for v in lists[-1]], count)
    else:
        places = _places(reply.split(","), count)
    if not places:
        return rejected(f"it must put the labels {label(0)} to {label(count - 1)} in order, best first")
    return Accepted(places)


def _ordered(value: object) -> Sequence[str]:
    """The labels in the field `order` of a JSON object, or in its only field."""
    match value:
        case {"order": stated} | {"ranking": stated}:
            pass
        case dict() if len(value) == 1:
            (stated,) = value.values()
        case _:
            return ()
    if isinstance(stated, str):
        return _links(stated) if ">" in stated else stated.split(",")
    return [as_text(v) for v in stated] if isinstance(stated, list) else ()


def _links(chain: str) -> list[str]:
    """The links of `B > A = C`, without what stands before a colon."""
    return re.split(r"[>=,]", chain.rpartition(":")[2])


def _places(named: Sequence[str], count: int) -> tuple[int, ...]:
    """Places by label or number, () where one is neither: a list half understood is not understood."""
    labels = {label(place): place for place in range(count)}
    found: list[int] = []
    for name in named:
        item = _ITEM.fullmatch(name)
        if item is None:
            return ()
        word = item[1].upper()
        if word.isdecimal():
            if not 1 <= int(word) <= count:
                return ()
            found.append(int(word) - 1)
        elif word in labels:
            found.append(labels[word])
    return tuple(dict.fromkeys(found))


# --- sameness -------------------------------------------------------------------------


def read_same(text: str) -> Accepted | Rejected:
    """1.0 or 0.0 out of `{"same": true}`, or of a lone `true`, `yes`, `same`, `no`, `different`."""
    reply = spoken(text).strip()
    stated: object = reply
    for value in json_values(reply):
        stated = value.get("same") if isinstance(value, Mapping) else value
    if isinstance(stated, bool):
        return Accepted(float(stated))
    word = stated.strip(_QUOTES).casefold() if isinstance(stated, str) else ""
    if word in ("same", "different", "true", "false", "yes", "no"):
        return Accepted(float(word in ("same", "true", "yes")))
    return rejected("its `same` must be true or false")


def read_sureness(text: str) -> Accepted | Rejected:
    """A number from 0 to 1, for prompts that ask how likely two are the same."""
    match read_json(text, Number()):
        case Accepted(value=int() | float() as sure) if 0 <= sure <= 1:
            return Accepted(float(sure))
        case Accepted():
            return rejected("it must be a number from 0 to 1")
        case Rejected() as unread:
            return unread
