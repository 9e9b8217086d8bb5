"""The comment lines directly above a declaration are its documentation, and no others."""

from __future__ import annotations

import pytest

from ttsc.grammar import Source, parse
from ttsc.grammar.documentation import documentation


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ("", ""),
        ("# One line.\n", "One line."),
        ("# Two\n#\n#   lines.\n", "Two\n\nlines."),
        ("# Apart.\n\n", ""),
        ("# Apart.\n\n# Directly above.\n", "Directly above."),
        ('model a = "x"  # behind another\n', ""),
        ('model a = "x"  # behind another\n# Above.\n', "Above."),
        ('model a = "x" {\n  # Inside.\n}\n', ""),
    ],
)
def test_documentation(above: str, expected: str) -> None:
    file = parse(Source("a.tts", f'{above}model m = "y"  # not this\n# nor this\n'))
    assert documentation(file, file.declarations[-1]) == expected
