"""What can be wrong with what was asked for, as opposed to with the program or the run.

    TtscError
    ├── UsageError    a name, value or setting that was given does not fit the program
    ├── DataError     a file of inputs, or a folder of results, cannot be read or written
    └── NotAvailable  the program uses what this version can check and plan but not run

Wrong programs are `ttsc.compiler.Problems` (diagnostics with spans). A question that fails is
a value in its `Answer`, not an exception.
"""

from __future__ import annotations


class TtscError(Exception):
    """The root of what this package raises about what it was given."""


class UsageError(TtscError):
    """Something was asked for that the program does not have; says what it has."""


class NotAvailable(TtscError):
    """The program uses what this version cannot run yet; the message is a rendered diagnostic for each."""


class DataError(TtscError):
    """A file cannot be read; names the file and, where there is one, the line."""
