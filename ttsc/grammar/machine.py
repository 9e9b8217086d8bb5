"""The LALR(1) parser: a stack of states, a stack of values, and the tables that lark made.

It never recurses, so that the depth of a program costs memory only. A word that is a keyword
somewhere is the keyword exactly where it can be shifted, and a name elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ttsc.grammar.lexer import Token
from ttsc.grammar.source import Source, Span
from ttsc.grammar.tables import Tables

# The parts of a node are whatever the rules below it made: the grammar, not Python, types them.
Build = Callable[[list[Any], Span], Any]
WORDS = frozenset({"NAME", "CALL"})
MAX_STACK = 1000  # 64 brackets need less than 700; it bounds the work of a look ahead


class Unexpected(Exception):
    """A token that does not fit."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class TooDeep(Exception):
    """More was opened, before the token `index`, than a program may leave open."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Machine:
    """Runs the tables over tokens."""

    def __init__(self, tables: Tables) -> None:
        self.states = tables["states"]
        self.words = tables["words"]
        self.start = tables["start"]
        self.rules = [(r["origin"], r["length"], r["picks"], r["build"]) for r in tables["rules"]]
        self.written = {name: text for text, name in (tables["literals"] | tables["words"]).items()}

    def run(self, source: Source, tokens: Sequence[Token], makes: object) -> Any:
        """What the grammar's first rule makes of the tokens; `makes` has a method for every rule.

        Raises Unexpected and TooDeep.
        """
        table, rules, text = self.states, self.rules, source.text
        builds: list[Build | None] = [getattr(makes, build) if build else None for _, _, _, build in rules]
        states = [self.start]
        values: list[Any] = []
        starts: list[int] = []
        ends: list[int] = []
        for index, token in enumerate(tokens):
            kind, begin, end = token
            if kind in WORDS:
                kind = self._word(states, kind, text[begin:end], tokens[index + 1].kind)
            while (action := table[states[-1]].get(kind)) is not None and action < 0:
                origin, length, picks, kind_of = rules[-1 - action]
                if length == 1 and kind_of is None:
                    states[-1] = table[states[-2]][origin]
                    continue
                at = len(values) - length
                start, stop = (starts[at], ends[-1]) if length else (begin, begin)
                parts = _parts(values, at, picks)
                del values[at:], starts[at:], ends[at:], states[at + 1 :]
                build = builds[-1 - action]
                value = build(parts, Span(source, start, stop)) if build else parts if kind_of == "" else parts[0]
                values.append(value)
                starts.append(start)
                ends.append(stop)
                states.append(table[states[-1]][origin])
            if action is None:
                raise Unexpected(index)
            if len(states) > MAX_STACK:
                raise TooDeep(index)
            states.append(action)
            values.append(token)
            starts.append(begin)
            ends.append(end)
        return values[0]

    def stack(self, source: Source, tokens: Sequence[Token], count: int) -> list[int]:
        """The states after the first tokens, which fit, with nothing reduced that the last of them did not ask for."""
        states = [self.start]
        for index in range(count):
            found, begin, end = tokens[index]
            if found in WORDS:
                found = self._word(states, found, source.text[begin:end], tokens[index + 1].kind)
            while (action := self.states[states[-1]][found]) < 0:
                self._reduce(states, action)
            states.append(action)
        return states

    def fits(self, states: Sequence[int], terminal: str) -> bool:
        """Whether a terminal can come next. Exact: it tries the reductions on a copy."""
        tried = list(states)
        while (action := self.states[tried[-1]].get(terminal)) is not None:
            if action >= 0:
                return True
            self._reduce(tried, action)
        return False

    def _word(self, states: Sequence[int], kind: str, text: str, following: str) -> str:
        keyword = self.words.get(text)
        if keyword is None or (following == "EQUAL" and self.fits(states, kind)):  # `stop = …` names something
            return kind
        return keyword if self.fits(states, keyword) else kind

    def _reduce(self, states: list[int], action: int) -> None:
        origin, length, _, _ = self.rules[-1 - action]
        if length:
            del states[-length:]
        states.append(self.states[states[-1]][origin])


def _parts(values: list[Any], at: int, picks: Sequence[int | None]) -> list[Any]:
    """The values a rule hands on; lists are taken over, so that a long one grows in linear time."""
    parts: list[Any] = []
    for pick in picks:
        if pick is None:
            parts.append(None)
        elif pick >= 0:
            parts.append(values[at + pick])
        elif parts:
            parts += values[at - 1 - pick]
        else:
            parts = values[at - 1 - pick]
    return parts
