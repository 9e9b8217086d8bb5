r"""How an answer is found in a model's reply: one rule each, pure, in time linear in the text.

Reasoning between `<think>` and `</think>` is dropped first, always. An extraction that finds
nothing gives None, which is an outcome of its own and never an empty answer.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from ttsc.values.fenced import code
from ttsc.values.number import NUMBER, canonical, normal_number

__all__ = ["EXTRACTORS", "Extractor", "answer_key", "extract", "normal_number", "spoken"]

#: Their names, as the language writes them.
EXTRACTORS = ("final_number", "boxed", "choice", "code", "json", "whole")

OPENED, CLOSED = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Extractor:
    """One of `EXTRACTORS`; `field` is the dotted path of `json(.field)`, "" elsewhere."""

    name: str
    field: str = ""


def extract(text: str, how: Extractor) -> str | None:
    """The answer that a reply gives, None where none is found.

    >>> extract("9 * 2 = 18, so the answer is **$18** a day.", Extractor("final_number"))
    '18'
    """
    said = spoken(text)
    match how.name:
        case "final_number":
            return final_number(said)
        case "boxed":
            return boxed(said)
        case "choice":
            return choice(said)
        case "code":
            return code(said)
        case "json":
            return json_field(said, how.field)
        case "whole":
            return said.strip() or None
        case _:
            raise ValueError(f"no extractor is called {how.name!r}")


def spoken(text: str) -> str:
    """What a reply says aloud: all but its `<think>` blocks.

    A block that is never closed is reasoning cut short, so the rest is dropped; a closing tag
    that nothing opened ends reasoning that began in the prompt.
    """
    opened, closed = text.find(OPENED), text.find(CLOSED)
    if closed >= 0 and not 0 <= opened < closed:
        text = text[closed + len(CLOSED) :]
    said, place = [], 0
    while (start := text.find(OPENED, place)) >= 0:
        said.append(text[place:start])
        end = text.find(CLOSED, start)
        if end < 0:
            return "".join(said)
        place = end + len(CLOSED)
    return "".join(said) + text[place:]


def answer_key(answer: object) -> str:
    """What two answers share exactly when they are the same answer; votes count these.

    Numbers are compared by their normal form, other texts without the space around them,
    other values as JSON.
    """
    text = answer if isinstance(answer, str) else json.dumps(answer, sort_keys=True, default=str)
    return normal_number(text)


# --- numbers --------------------------------------------------------------------------

#: How many markers, from the end of a text, may be without a number before none is looked at.
LAST_MARKERS = 100

# Windows are bounded so that many markers on one long line cost no more than their number.
_MARKER = re.compile(
    r'"(?:final[_ ]?)?answer"\s*:\s*(?P<json>"(?:[^"\\]|\\.){0,500}"?|[^,}\n]{1,500})'
    r"|\\boxed\s*\{(?=(?P<boxed>[^\n]{0,300}))"
    r"|####(?=(?P<hashes>[^\n]{0,300}))"
    r"|\banswer\b[ *_]{0,4}(?:is|:|=)(?=(?P<said>[ :*_$\[\\]{0,8}(?:\n\s{0,8})?[^\n]{0,300}))",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_TYPESETTING = re.compile(
    r"\\[dt]?frac\s*\{(?P<top>[^{}]{1,60})\}\s*\{(?P<bottom>[^{}]{1,60})\}"
    r"|\{(?P<comma>,)\}|\\(?P<dollar>\$)|\\[,!;]|(?<!\w)\*\*|\*\*(?!\w)"
)


def final_number(text: str) -> str | None:
    r"""The number behind the last marker that has one, else the last number of the text.

    Markers are a JSON field "answer", `\boxed{…}`, `####` and "answer is" (or ":", "=").
    Behind a marker the first number counts, or the one after the last "=" of its sentence.
    A JSON answer that is no number ("None") is a reply without one.
    """
    plain = _TYPESETTING.sub(_typeset, text)
    for marker in reversed(deque(_MARKER.finditer(plain), LAST_MARKERS)):
        number = _told(_announced(marker))
        if number is not None or marker["json"] is not None:
            return number
    numbers = deque(NUMBER.finditer(plain), 1)
    return canonical(numbers[0]) if numbers else None


def _typeset(found: re.Match[str]) -> str:
    """What LaTeX or Markdown around numbers means, as plain text."""
    if found["top"] is not None:
        return f"{found['top']}/{found['bottom']}"
    return found["comma"] or found["dollar"] or ""


def _announced(marker: re.Match[str]) -> str:
    """The text that a marker announces."""
    if marker["json"] is None:
        return marker["boxed"] or marker["hashes"] or marker["said"] or ""
    written = marker["json"]
    try:
        value = json.loads(written, strict=False)
    except ValueError:
        return written
    return value if isinstance(value, str) else written


def _told(announced: str) -> str | None:
    """The number that an announcement gives: after the last "=" of its first sentence, or the first."""
    sentence = _SENTENCE_END.split(announced, maxsplit=1)[0]
    for place in (sentence.rpartition("=")[2], announced):
        if number := NUMBER.search(place):
            return canonical(number)
    return None


# --- boxes and letters ----------------------------------------------------------------

_BRACE = re.compile(r"\\boxed\s{0,4}\{|\\.|[{}]", re.DOTALL)


def boxed(text: str) -> str | None:
    r"""What stands in the last `\boxed{…}` whose braces balance, without the space around it."""
    opened: list[tuple[int, bool]] = []
    start, content = -1, None
    for brace in _BRACE.finditer(text):
        if brace[0].endswith("{") and brace[0] != r"\{":
            opened.append((brace.end(), len(brace[0]) > 1))
        elif brace[0] == "}" and opened:
            began, is_box = opened.pop()
            if is_box and began > start:
                start, content = began, text[began : brace.start()]
    return None if content is None else content.strip() or None


# A bare `A` or `I` before a word is an article or a person, not a choice.
_LETTER = r"(?P<letter>[A-J])(?![A-Za-z'’])(?!(?<=[AI]) [a-z])"
_ANSWER_LETTER = re.compile(
    r"(?i:\banswer\b[\"'*_ ]{0,4}(?:is|:|=|would be|should be|must be)?"
    r"(?:[\s:*_\"'`$(\[{]|\\[a-z]{1,8}|\b(?:option|choice|letter|therefore|approximately|most likely)\b){0,12})"
    + _LETTER
)
_MARKED_LETTER = re.compile(
    r"\((?P<round>[A-J])\)|\*\*\(?(?P<bold>[A-J])(?:\)|\*\*|[.:])|\\boxed\{(?:\\text\{)?\(?(?P<box>[A-J])[)}]"
    r"|(?:\b(?:is|be|called)|:)\s{1,3}(?P<named>[A-J])\. "
)
_LEADING_LETTER = re.compile(r"\W{0,4}(?P<letter>[A-J])(?:[).:]|\W{0,4}$)")


def choice(text: str) -> str | None:
    """A letter from A to J: the first one behind "answer", else the last one that is marked (in
    brackets, bold, a box, or as in "is H. Residents"), else the one that the text begins with.

    The first, as in MMLU-Pro's own rule: a model that runs on after its answer makes up more.
    """
    if answer := _ANSWER_LETTER.search(text):
        return answer["letter"]
    if marked := list(_MARKED_LETTER.finditer(text)):
        return marked[-1][marked[-1].lastgroup or 0]
    leading = _LEADING_LETTER.match(text.strip())
    return None if leading is None else leading["letter"]


# --- JSON -----------------------------------------------------------------------------


def json_field(text: str, path: str) -> str | None:
    """The field at a dotted path of the largest JSON value in the text; "" is the value itself.

    Texts come as they are, other values as JSON; a missing, null or empty field is None.
    """
    value = outermost_json(text)
    for step in filter(None, path.split(".")):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


#: Where a JSON object or list may begin, and how many such places are tried.
_BEGIN = re.compile(r"""\{(?=\s{0,99}["}])|\[(?=\s{0,99}["{\[\]\d\-tfn])""")
ATTEMPTS = 1000


def outermost_json(text: str) -> object:
    """The longest JSON object or list that stands in a text, None where there is none."""
    decoder = json.JSONDecoder(strict=False)
    longest, value, place = 0, None, 0
    for _ in range(ATTEMPTS):
        start = _BEGIN.search(text, place)
        if start is None:
            break
        try:
            found, place = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            place = start.end()
            continue
        if place - start.start() > longest:
            longest, value = place - start.start(), found
    return value
