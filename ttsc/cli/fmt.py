"""`ttsc fmt`: files in the one style. What they mean, and what their draws are called, stays."""

from __future__ import annotations

from pathlib import Path

import click

from ttsc.cli.options import FILE
from ttsc.cli.terminal import count, say, show
from ttsc.front.errors import DataError
from ttsc.grammar.formatter import format_file
from ttsc.grammar.parser import SyntaxProblems, parse
from ttsc.grammar.reading import read


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILES...")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit code 1 if a file would change.")
def command(files: tuple[str, ...], only_check: bool) -> int:
    """Write FILES in the one style, comments kept. Formatting changes no result and no draw.

    A file that cannot be parsed is reported and left as it is.
    """
    changed, broken = 0, 0
    for name in files:
        try:
            text = format_file(parse(read(Path(name), name)))
        except SyntaxProblems as problems:
            broken += 1
            say(str(problems))
            continue
        if text.encode() == Path(name).read_bytes():
            continue
        changed += 1
        show(f"{'would format' if only_check else 'formatted'} {name}")
        if not only_check:
            _write(Path(name), text)
    right = len(files) - changed - broken
    said = [f"{count(changed, 'file')} {'would change' if only_check else 'changed'}", f"{right:,} left as they were"]
    say(", ".join(said + ([f"{count(broken, 'file')} broken"] if broken else [])))
    return 1 if broken or (only_check and changed) else 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from None
