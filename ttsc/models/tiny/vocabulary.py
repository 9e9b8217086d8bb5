"""The tiny models' vocabulary: digits and the few fixed phrases of a worked arithmetic problem.

A text that is not made of these pieces has no token ids; it is refused, never approximated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Starts every sequence and ends every solution; token 0. It has no text.
END = "<|end|>"
#: Stands between the problem and its solution, and between the steps of a solution.
BREAK = "\n\n"
#: Every piece of text, in the order of the token ids after END.
PIECES = (*"0123456789", "(", ")", ".", " + ", " - ", " * ", " = ", BREAK, "Compute ", "The answer is ")
EXAMPLE = "Compute (17 + 4) * 3 - 5."

_IDS = {piece: place for place, piece in enumerate((END, *PIECES))}
_PIECE = re.compile("|".join(re.escape(piece) for piece in sorted(PIECES, key=len, reverse=True)))


class UnknownText(ValueError):
    """A text with something in it that no piece of the vocabulary covers."""


def encode(text: str) -> list[int]:
    """The token ids of a text; raises UnknownText at the first character that has none.

    >>> decode(encode("3 + 4 = 7"))
    '3 + 4 = 7'
    """
    ids: list[int] = []
    place = 0
    while place < len(text):
        found = _PIECE.match(text, place)
        if found is None:
            raise UnknownText(_complaint(text, place))
        ids.append(_IDS[found.group()])
        place = found.end()
    return ids


def decode(ids: Sequence[int]) -> str:
    """The text of token ids; END has none."""
    return "".join(PIECES[i - 1] for i in ids if i)


def size() -> int:
    """How many tokens there are, END included."""
    return len(_IDS)


def pattern() -> str:
    """The regular expression that cuts a text into its pieces, longest first."""
    return _PIECE.pattern


def ids() -> dict[str, int]:
    """Every token and its id."""
    return dict(_IDS)


def _complaint(text: str, place: int) -> str:
    around = text[max(0, place - 10) : place + 10]
    return (
        f"the tiny models cannot read {text[place]!r} at character {place + 1} (in {around!r}): "
        f"they know arithmetic written like {EXAMPLE!r} and nothing else"
    )
