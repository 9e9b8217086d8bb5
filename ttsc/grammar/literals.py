"""What stands between quotes: escapes and slots, read and written.

Texts know `\\n \\t \\" \\\\ \\{ \\}` and slots with dotted paths; templates are raw and their slots are
plain names. In both, `{{` and `}}` are the braces themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ttsc.grammar.diagnostic import MAX_REPORTED, Diagnostic
from ttsc.grammar.source import Source, Span
from ttsc.grammar.tree import Slot

ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "{": "{", "}": "}"}
WRITTEN = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\", "{": "{{", "}": "}}"}
TEXT = re.compile(
    r"(?P<plain>[^\\{}]+)|(?P<escape>\\.)|(?P<double>\{\{|\}\})|(?P<slot>\{[^{}]*\})|(?P<lone>.)", re.DOTALL
)
TEMPLATE = re.compile(r"(?P<plain>[^{}]+)|(?P<double>\{\{|\}\})|(?P<slot>\{[^{}]*\})|(?P<lone>.)", re.DOTALL)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")

Parts = tuple[str | Slot, ...]


def cut_text(source: Source, start: int, end: int, problems: list[Diagnostic]) -> Parts:
    """The parts of the text between the quotes at `start..end`, escapes resolved."""
    return _joined(_pieces(TEXT, PATH, source, start, end, problems))


def cut_template(source: Source, start: int, end: int, problems: list[Diagnostic]) -> Parts:
    """The parts of the raw text between triple quotes at `start..end`."""
    return _joined(_pieces(TEMPLATE, NAME, source, start, end, problems))


def write_text(parts: Sequence[str | Slot]) -> str:
    """A text literal that reads back as these parts."""
    return (
        '"' + "".join(_slot(p) if isinstance(p, Slot) else "".join(WRITTEN.get(c, c) for c in p) for p in parts) + '"'
    )


def write_template(parts: Sequence[str | Slot]) -> str:
    """A template that reads back as these parts."""
    shown = (_slot(p) if isinstance(p, Slot) else p.replace("{", "{{").replace("}", "}}") for p in parts)
    return '"""' + "".join(shown) + '"""'


def _slot(slot: Slot) -> str:
    return "{" + ".".join(slot.path) + "}"


def _pieces(
    pattern: re.Pattern[str], name: re.Pattern[str], source: Source, start: int, end: int, problems: list[Diagnostic]
) -> Iterator[str | Slot]:
    for match in pattern.finditer(source.text, start, end):
        if len(problems) >= MAX_REPORTED:
            return
        found, kind = match.group(), match.lastgroup
        span = Span(source, match.start(), match.end())
        if kind == "plain":
            yield found
        elif kind == "double":
            yield found[0]
        elif kind == "escape" and found[1] in ESCAPES:
            yield ESCAPES[found[1]]
        elif kind == "escape":
            problems.append(_unknown_escape(found, span))
        elif kind == "slot" and name.fullmatch(found[1:-1]):
            yield Slot(tuple(found[1:-1].split(".")), span)
        else:
            problems.append(_stray(found, span, dotted=name is PATH))


def _joined(pieces: Iterator[str | Slot]) -> Parts:
    """Neighbouring texts as one."""
    parts: list[str | Slot] = []
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
            continue
        if run:
            parts.append("".join(run))
            run = []
        parts.append(piece)
    return (*parts, "".join(run)) if run else tuple(parts)


def _unknown_escape(found: str, span: Span) -> Diagnostic:
    help = 'write `\\\\` for a backslash; the escapes are `\\n`, `\\t`, `\\"`, `\\\\`, `\\{` and `\\}`'
    return Diagnostic("E113", f"`{found}` is not an escape", span, help=help)


def _stray(found: str, span: Span, *, dotted: bool) -> Diagnostic:
    inside = found[1:-1]
    if found == "{}":
        return Diagnostic(
            "E114", "an empty slot", span, "no name", "write `{name}`, or `{{` and `}}` for literal braces"
        )
    if len(found) == 1:
        return Diagnostic("E114", f"a lone `{found}`", span, help=f"write {found * 2} for a literal brace")
    if not dotted and PATH.fullmatch(inside):
        help = f"add a parameter for it and write the value where `{inside.split('.')[0]}` is filled in"
        return Diagnostic("E114", "a slot of a prompt takes a name only", span, "no fields here", help)
    label = "not a name or a dotted name" if dotted else "not a name"
    help = "bind it to a name above, and fill in the name; or write {{ for a literal brace"
    return Diagnostic("E114", "only a name can be filled in", span, label, help)
