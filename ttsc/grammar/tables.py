"""The tables of the parser: lark makes them from `tts.lark`, and they are kept beside the code.

Lark is imported only to make the tables (about 0.15 s). They are then plain data, kept as JSON in
`__pycache__` as Python keeps its own compiled files: beside the module, replaced when the grammar
has changed or the file is damaged, and not written where the folder is read-only. No environment
variable or home folder is looked at. A wheel brings them along (`hatch_build.py`).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

GRAMMAR = Path(__file__).with_name("tts.lark")
SHIPPED = Path(__file__).with_name("tts.json")
KEPT = Path(__file__).with_name("__pycache__") / "tts.json"
FORMAT = 1  # changes whenever `make` writes something else for the same grammar
END = "$END"


class RuleData(TypedDict):
    """A rule `origin: …` of `length` symbols and the values it hands on.

    `picks` are places in its expansion, -1 - place where the value there is a list to be spliced
    in, None for an optional part that is absent. `build` names what makes a node of them; None
    passes the one value on, and an empty name makes a list.
    """

    origin: str
    length: int
    picks: list[int | None]
    build: str | None


class Tables(TypedDict):
    """Everything the lexer and the parser need to know about the grammar.

    `patterns` are tried in order and before the `literals`, longest first; `words` are literals
    that look like a name or a call. A row of `states` says for a symbol: shift to a state
    (0 and up), or reduce by rule -1 - n.
    """

    format: int
    grammar: str
    patterns: list[tuple[str, str]]
    ignored: list[str]
    literals: dict[str, str]
    words: dict[str, str]
    rules: list[RuleData]
    states: list[dict[str, int]]
    start: int


@dataclass(frozen=True, slots=True)
class _Terminal:
    name: str
    pattern: str
    literal: bool
    priority: int


def tables(kept: Path = KEPT) -> Tables:
    """The tables of the grammar: those kept, or new ones, which are then kept."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    found = _load(kept, grammar) or _load(SHIPPED, grammar)
    if found is None:
        found = make(grammar)
        _keep(found, kept)
    return found


def make(grammar: str) -> Tables:
    """The tables of a grammar, made by lark. Raises lark's GrammarError where it is not LALR(1)."""
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    parser = Lark(grammar, parser="lalr", start="file", maybe_placeholders=True)
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    lexer, table = data["parser"]["lexer_conf"], data["parser"]["parser"]
    terminals = _terminals(lexer, memo)
    names = [t for t in terminals if not t.literal]
    plain = {t.pattern: t.name for t in terminals if t.literal}
    words = {text: name for text, name in plain.items() if any(re.fullmatch(n.pattern, text) for n in names)}
    states, rules = _numbered(table, memo)
    end = table["end_states"]["file"]
    states[end][END] = end  # lark stops there; shifting the end is the same said in the tables
    return Tables(
        format=FORMAT,
        grammar=grammar,
        patterns=[(t.name, t.pattern) for t in names],
        ignored=lexer["ignore"],
        literals={text: plain[text] for text in sorted(plain, key=len, reverse=True) if text not in words},
        words=words,
        rules=rules,
        states=states,
        start=table["start_states"]["file"],
    )


def _terminals(lexer: Any, memo: Any) -> list[_Terminal]:
    """The terminals in lark's own order of precedence."""
    found = [memo[entry["@"]] for entry in lexer["terminals"]]
    terminals = [
        _Terminal(t["name"], t["pattern"]["value"], t["pattern"]["__type__"] == "PatternStr", t["priority"])
        for t in found
    ]
    return sorted(terminals, key=lambda t: (-t.priority, -len(t.pattern), t.name))


def _numbered(table: Any, memo: Any) -> tuple[list[dict[str, int]], list[RuleData]]:
    """States and rules as lists. Lark's actions are (0, state) for a shift, (1, rule) for a reduction."""
    rules: list[RuleData] = []
    numbers: dict[int, int] = {}
    states = []
    for number in range(len(table["states"])):
        row = {}
        for symbol, (reduces, target) in table["states"][number].items():
            if reduces and target["@"] not in numbers:
                numbers[target["@"]] = len(rules)
                rules.append(_rule(memo[target["@"]]))
            row[str(table["tokens"][symbol])] = -1 - numbers[target["@"]] if reduces else target
        states.append(row)
    return states, rules


def _rule(rule: Any) -> RuleData:
    origin, expansion, options = str(rule["origin"]["name"]), rule["expansion"], rule["options"]
    picks: list[int | None] = []
    place = 0
    for absent in options["empty_indices"] or [False] * len(expansion):
        if absent:
            picks.append(None)
            continue
        symbol = expansion[place]
        if symbol["__type__"] == "NonTerminal":
            picks.append(-1 - place if symbol["name"].startswith("_") else place)
        elif not symbol["filter_out"]:
            picks.append(place)
        place += 1
    build: str | None = str(rule["alias"] or origin)
    if options["expand1"] and not rule["alias"]:
        assert len(picks) == 1, f"`?{origin}` needs a name for an alternative of several values"
        build = None
    elif origin.startswith("_"):
        build = ""
    return RuleData(origin=origin, length=len(expansion), picks=picks, build=build)


def _load(kept: Path, grammar: str) -> Tables | None:
    try:
        found: Tables = json.loads(kept.read_bytes())
        return found if (found["format"], found["grammar"]) == (FORMAT, grammar) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or damaged: it is made anew


def _keep(made: Tables, kept: Path) -> None:
    unfinished = kept.with_name(f"{kept.name}.{os.getpid()}")
    try:
        kept.parent.mkdir(exist_ok=True)
        unfinished.write_text(json.dumps(made, separators=(",", ":")), encoding="utf-8")
        unfinished.replace(kept)
    except OSError:
        return  # a read-only folder: the tables are made again next time
