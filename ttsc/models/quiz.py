"""The truth about a question, and its wrong answers in order of popularity.

The truth is the gold answer where a file of questions gives one, else a number made up from the
question's text. Wrong answers look like the truth: other numbers, letters, options.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ttsc.models import records
from ttsc.models.simulation import uniform
from ttsc.values.extraction import Extractor, answer_key, extract

LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class Quiz:
    """A question, its truth as text, and, for a closed choice, all its `options`."""

    question: str
    truth: str
    options: tuple[str, ...] = ()

    def wrong(self, rank: int) -> str:
        """The wrong answer of a popularity rank (0 the most popular), never equal to the truth."""
        if others := [o for o in self.options if o != self.truth]:
            others.sort(key=lambda option: uniform("popular", self.question, option))
            return others[rank % len(others)]
        number = as_number(self.truth)
        if number is None:
            return f"not {self.truth} but another one ({rank + 1})"
        side = 1 if uniform("side", self.question) < 0.5 else -1
        return f"{number + (rank + 1) * (side if rank % 2 else -side):f}"

    def holds(self, said: str | None) -> bool | None:
        """Whether an answer is the truth; None where there is no answer."""
        return None if said is None else answer_key(said) == answer_key(self.truth)

    def found_in(self, text: str) -> str | None:
        """The answer that a reply gives, by the rule that fits the truth; None where it gives none."""
        boxed = extract(text, Extractor("boxed"))
        if boxed is not None:
            return boxed
        if as_number(self.truth) is not None:
            return extract(text, Extractor("final_number"))
        if self.truth in LETTERS:
            return extract(text, Extractor("choice"))
        return extract(text, Extractor("whole"))


def invented(question: str) -> Quiz:
    """A question whose truth nobody knows: a number from 100 to 999 fixed by its text."""
    return Quiz(question, str(100 + int(900 * uniform("truth", question))))


def known(question: str, record: dict[str, object]) -> Quiz:
    """A question with the gold answer of its record; invented where the record has none."""
    gold = record.get("answer")
    if gold is None or isinstance(gold, list | dict):
        return invented(question)
    truth = gold if isinstance(gold, str) else json.dumps(gold)
    if truth in LETTERS:
        options = record.get("options")
        count = len(options) if isinstance(options, list) else len(LETTERS)
        return Quiz(question, truth, tuple(LETTERS[:count]))
    if truth.lower() in ("yes", "no"):
        return Quiz(question, truth, (truth, "no" if truth.lower() == "yes" else "yes"))
    return Quiz(question, truth)


def among(question: str, options: Sequence[str]) -> Quiz:
    """A closed choice whose truth nobody knows: one option fixed by the question's text."""
    return Quiz(question, min(options, key=lambda option: uniform("truth", question, option)), tuple(options))


def as_number(text: str) -> Decimal | None:
    """A text that is one finite number, and no other."""
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


class GoldFile:
    """The gold answers of one file of questions, by question text and by id."""

    def __init__(self, path: Path) -> None:
        """Reads the file; raises `BadRecord`."""
        self._records: dict[str, dict[str, object]] = {}
        for record in records.read(path):
            question = records.text(record, "question", path)
            self._records[question.strip()] = record
            if isinstance(item := record.get("id"), str):
                self._records.setdefault(item, record)

    def quiz(self, question: str, item: str) -> Quiz:
        """The quiz of a question, found by its record's id or by its text; invented otherwise."""
        record = (self._records.get(item) if item else None) or self._records.get(question.strip())
        return invented(question) if record is None else known(question, record)
