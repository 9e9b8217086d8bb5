"""Numbers as models write them: found in a text, and brought to one form to be compared."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = r"(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?!\d)|\d+)"
_DECIMAL = rf"(?:{_DIGITS}(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"

#: A number as it stands in a text: signs, currency, thousands, decimals, fractions, `1 1/2`.
NUMBER = re.compile(
    r"(?P<sign>(?<![\w)\]}.])[-\u2212])?(?:[$€£¥]\s?(?P<inner>[-\u2212])?)?"
    r"(?:(?P<whole>\d{1,9}) (?P<part>\d{1,3})/(?P<of>[1-9]\d{0,2})(?![\d/])"
    rf"|(?P<top>{_DECIMAL})\s?/\s?(?P<bottom>{_DECIMAL})(?![\d/])"
    rf"|(?P<plain>{_DECIMAL}))"
)

_LONGEST = 200  # digits; a longer number is compared as the text it is


def normal_number(text: str) -> str:
    """The canonical text of a number; any other text without the space around it.

    Currency and percent signs and thousands separators go; fractions become decimals where
    those end and lowest terms where they do not.

    >>> [normal_number(t) for t in ("1,234.50", "$18", "18.0", "6/8", "2/6", " a 5")]
    ['1234.5', '18', '18', '0.75', '1/3', 'a 5']
    """
    bare = text.strip()
    number = NUMBER.fullmatch(bare.removesuffix("%").removesuffix("\\").rstrip())
    return bare if number is None else canonical(number)


def canonical(number: re.Match[str]) -> str:
    """A match of `NUMBER` as canonical text."""
    names = ("whole", "part", "of", "top", "bottom", "plain")
    written = {n: number[n] for n in names if number[n] is not None}
    if any(map(_too_long, written.values())):
        return number[0].strip()
    value = {n: Fraction(re.sub(r"[,\u00a0\u202f]", "", w)) for n, w in written.items()}
    if value.get("bottom") == 0:
        return number[0].strip()
    if "whole" in value:
        amount = value["whole"] + value["part"] / value["of"]
    else:
        amount = value["top"] / value["bottom"] if "top" in value else value["plain"]
    negative = (number["sign"] is None) != (number["inner"] is None)
    return _shown(-amount if negative else amount)


def _too_long(written: str) -> bool:
    digits, _, exponent = written.lower().partition("e")
    return len(digits) > _LONGEST or len(exponent) > 4 or abs(int(exponent or 0)) > _LONGEST


def _shown(value: Fraction) -> str:
    """A fraction as a decimal where that ends, else in lowest terms."""
    places = _decimal_places(value.denominator)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + digits if places == 0 else f"{sign}{digits[:-places]}.{digits[-places:]}"


def _decimal_places(denominator: int) -> int | None:
    """How many decimals 1/denominator has, None where they never end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
