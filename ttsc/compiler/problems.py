"""The one exception of the compiler: a file that cannot be used, with everything wrong about it."""

from __future__ import annotations

from collections.abc import Sequence

from ttsc.grammar.diagnostic import Diagnostic, render


class Problems(Exception):
    """Raised where a file cannot be read, parsed, checked or compiled.

    `diagnostics` holds every error found, in source order; the message is their rendering.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(render(diagnostics))
        self.diagnostics = tuple(diagnostics)
