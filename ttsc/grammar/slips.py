"""The slips that people make, each recognised by one rule, which says what to write instead."""

from __future__ import annotations

from ttsc.grammar.diagnostic import Diagnostic, nearest
from ttsc.grammar.expressions import RESERVED
from ttsc.grammar.place import Place
from ttsc.grammar.source import Span
from ttsc.grammar.tables import END

STAGES = frozenset({"each", "repeat", "fold", "maybe"})
BEGINNINGS = frozenset({"NUMBER", "TEXT", "NAME", "CALL", "MONEY", "COUNT", "LSQB", "LBRACE"})  # of a value


# --- calls and pipes --------------------------------------------------------------------------


def loose_parenthesis(place: Place) -> Diagnostic | None:
    """`rank (judge)`, or a line `(b)` below another."""
    offset = 0 if place.text() == "(" else 1
    name = place.text(offset - 1)
    if place.text(offset) != "(" or place.kind(offset - 1) != "NAME" or name in RESERVED or place.touches(offset):
        return None
    if offset and "CALL" not in place.expected:
        return None
    title, label = "the parenthesis of a call touches its name", "does not touch"
    return Diagnostic("E134", title, place.span(offset), label, f"write `{name}(…)`")


def stage_without_pipe(place: Place) -> Diagnostic | None:
    """`{ each as x { … } }`: a stage with nothing before it."""
    word = place.text(-1)
    if word not in STAGES or place.text() == "=" or place.kind(-1) != "NAME" or "|>" not in place.expected:
        return None
    return Diagnostic(
        "E131", f"`{word}` follows a `|>`", place.span(-1), "nothing to work on", f"write `x |> {_stage(word)}`"
    )


def forgotten_pipe(place: Place) -> Diagnostic | None:
    """A stage that follows an expression directly; at the margin of a block it is a result without `return`."""
    offset = 0
    if place.kind(-1) == "NAME" and place.expected == {"="} and "return" in place.expected_before:
        offset = -1  # `x = a  vote |> …`: the name was taken for the next binding
    elif not place.after_value() or not (place.kind() == "CALL" or place.kind() == "NAME"):
        return None
    word = place.text(offset)
    if word in RESERVED - STAGES - {"tune"} or place.kind(offset) == END:
        return None
    returns = "return" in (place.expected_before if offset else place.expected)
    if returns and _at_margin(place, offset):
        return _no_return(place, offset)
    title, help = "a `|>` is missing", f"write `|> {_stage(word)}`"
    if "," in place.expected and not offset:
        title, help = "a `,` or a `|>` is missing", f"write `, {_stage(word)}` or `|> {_stage(word)}`"
    return Diagnostic("E131", title, place.span(offset), "follows a value directly", help)


def _stage(word: str) -> str:
    shown = {"each": "each as x { … }", "repeat": "repeat 3 as x { … }", "fold": "fold as x with acc = … { … }"}
    return shown.get(word, f"{word} …" if word in {"maybe", "tune"} else f"{word}…)" if word.endswith("(") else word)


def _at_margin(place: Place, offset: int) -> bool:
    """Whether the token starts a line no deeper than the statement before it."""
    column = place.indent(offset)
    for back in range(offset - 1, -place.index - 1, -1):
        if column is None or place.text(back) == "{":
            return column is not None
        statement = place.indent(back)
        if statement is not None and (place.text(back + 1) == "=" or place.text(back) == "stop"):
            return column <= statement
    return True


def missing_return(place: Place) -> Diagnostic | None:
    """A block with bindings that ends, or goes on, without `return`."""
    return _no_return(place, 0) if "return" in place.expected and place.kind() not in {"EQUAL", "LABEL"} else None


def _no_return(place: Place, offset: int) -> Diagnostic:
    title, word = "this block has no `return`", place.text(offset)
    if word == "}" or place.kind(offset) == END:
        help = "write `return …` with the result after the bindings"
        return Diagnostic("E132", title, place.span(offset), "ends without a result", help)
    label = "the result of a block with bindings is marked"
    return Diagnostic(
        "E132", title, place.span(offset), label, f"write `return {word}{'…)' if word.endswith('(') else ''}`"
    )


def unwrapped_sum(place: Place) -> Diagnostic | None:
    """`a + b |> f`."""
    if place.text() != "|>" or not place.after_value():
        return None
    help = "write `(a + b) |> …` or `a + (b |> …)`"
    return Diagnostic("E136", "what stands before `|>` is put in parentheses", place.span(), "pipes an operation", help)


def method(place: Place) -> Diagnostic | None:
    """`(a + b).rank(judge)`."""
    if place.kind() != "CALL" or place.text(-1) != ".":
        return None
    return Diagnostic(
        "E131", "a stage follows a `|>`, not a dot", place.span(), help=f"write `|> {_stage(place.text())}`"
    )


def chained_comparison(place: Place) -> Diagnostic | None:
    """`a < b < c`."""
    if place.kind() != "COMPARE" or "COMPARE" in place.expected or "and" not in place.expected:
        return None
    return Diagnostic("E136", "comparisons do not chain", place.span(), help="write `a < b and b < c`")


# --- words and signs --------------------------------------------------------------------------


def reserved_name(place: Place) -> Diagnostic | None:
    """`pipeline repeat(…)`."""
    word = place.text()
    if word not in RESERVED or not place.expected & {"NAME", "CALL"}:
        return None
    title = f"`{word}` is a word of the language and cannot be a name"
    return Diagnostic("E135", title, place.span(), help=f"choose another, `{word}_`")


def tune_without_default(place: Place) -> Diagnostic | None:
    """`tune 1..10`."""
    if "=" not in place.expected or not place.expected <= {"=", "log"}:
        return None
    start = _tune(place)
    if start is None:
        return None
    first, last = place.tokens[start], place.tokens[place.index - 1]
    shown = place.source.text[first.start : last.end]
    options = shown.find("[")
    default = place.text(start + 1 - place.index) if options < 0 else shown[options + 1 : -1].split(",")[0].strip()
    short = shown if len(shown) <= 60 and "\n" not in shown else shown[: options + 1] + "…]"
    if options >= 0 and (len(default) > 40 or "(" in default):
        default = "…"
    help = f"write `{short} = {f'[{default}]' if ' subset' in shown[:12] else default}`"
    span = Span(place.source, first.start, last.end)
    return Diagnostic("E133", "this `tune` has no default", span, "used when nothing is searched", help)


def _tune(place: Place) -> int | None:
    """The index of the `tune` whose domain ends before the token."""
    depth, at = 0, place.index - 1
    while at >= 0:
        text = place.text(at - place.index)
        depth += (place.kind(at - place.index) in {"RSQB", "RPAR", "RBRACE"}) - (text[-1] in "[({")
        if depth == 0 and text == "tune":
            return at
        if depth == 0 and place.kind(at - place.index) not in {"LSQB", "NUMBER", "MINUS", "NAME"} and text != "..":
            return None
        at -= 1
    return None


def if_without_else(place: Place) -> Diagnostic | None:
    if place.expected != {"else"}:
        return None
    if place.text(-1) == "}":
        title, help = "this `if` has no `else`", "write `else { … }`: an `if` is a value either way"
    else:
        title, help = "this `depth` has no `else`", "write `depth 3 else …` for the call that would nest deeper"
    return Diagnostic("E138", title, place.span(), "`else` is expected here", help)


def unit(place: Place) -> Diagnostic | None:
    """`5sec`."""
    offset = 0 if place.kind(-1) == "NUMBER" else -1  # it may have been taken for the next setting
    if place.kind(offset) != "NAME" or place.kind(offset - 1) != "NUMBER" or not place.touches(offset):
        return None
    help = "durations are `5ms`, `5s`, `5m`, `5h` or `5d`; counts stand apart, `40 calls`"
    span = place.span(offset - 1).to(place.span(offset))
    return Diagnostic("E139", f"`{place.text(offset)}` is not a unit", span, help=help)


def equals_sign(place: Place) -> Diagnostic | None:
    """`samples = 5` in a call, `if a = b`."""
    if place.text() != "=" or not place.after_value():
        return None
    if place.kind(-1) == "NAME" and {",", ")"} <= place.expected:
        return Diagnostic("E137", "an argument is named with `:`", place.span(), help=f"write `{place.text(-1)}: …`")
    return Diagnostic("E137", "`=` gives a name", place.span(), help="write `==` to compare")


def colon(place: Place) -> Diagnostic | None:
    """`{ a: 1 }`."""
    if place.kind() != "LABEL" or "NAME" not in place.expected:
        return None
    title = "a value is given with `=`"
    return Diagnostic("E137", title, place.span(), help=f"write `{place.text()} = …`")


def missing_comma(place: Place) -> Diagnostic | None:
    """`{ a: text b: text }`, `{ a = 1 b = 2 }`."""
    fields = place.kind() == "LABEL" or (place.kind() == "NAME" and place.text(1) == "=")
    if not fields or "," not in place.expected:
        return None
    return Diagnostic("E145", "a `,` is missing", place.span(), help=f"write `, {place.text()}`")


def stray_comma(place: Place) -> Diagnostic | None:
    """`{ temperature = 0.7, max_tokens = 5 }` of a model."""
    if place.text() != "," or not place.after_value() or not place.expected & {"NAME", "TEXT", "else", "}"}:
        return None
    help = "settings, bindings and the arms of a `match` follow one another without commas"
    return Diagnostic("E145", "no `,` stands here", place.span(), help=help)


def untyped(place: Place) -> Diagnostic | None:
    """`pipeline p(question)`."""
    if place.kind() != "NAME" or "LABEL" not in place.expected or "NAME" in place.expected:
        return None
    word = place.text()
    return Diagnostic("E146", f"`{word}` has no type", place.span(), help=f"write `{word}: text`")


def misspelt(place: Place) -> Diagnostic | None:
    """`maximise accuracy`, `retrun x`: a word taken for a name because it is written wrongly."""
    if place.expected != {"="} or place.kind(-1) != "NAME" or place.kind() not in BEGINNINGS:
        return None
    word = place.text(-1)
    near = nearest(word, sorted(w for w in place.expected_before if w.isalpha() and w.islower()))
    if not near or abs(len(near) - len(word)) > 1:
        return None
    return Diagnostic("E130", f"`{word}` does not fit here", place.span(-1), help=f"did you mean `{near}`?")
