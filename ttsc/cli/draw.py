"""`ttsc draw`: a pipeline as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from ttsc.cli.options import FILE, hole_values
from ttsc.cli.terminal import show
from ttsc.front import load
from ttsc.front.errors import DataError

FORMATS = ("mermaid", "dot", "svg")


@click.command()
@click.argument("file", type=FILE)
@click.argument("pipeline", required=False)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: what the ending of -o says, or mermaid.")
@click.option("--set", "holes", metavar="HOLE=VALUE", multiple=True, help="Fill a hole, such as keep=3.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="PATH", help="Write to a file.")
def command(file: str, pipeline: str | None, form: str | None, holes: tuple[str, ...], output: str | None) -> int:
    """Draw PIPELINE of FILE as Mermaid, DOT or SVG."""
    from ttsc.compiler.drawing import picture_of, to_dot, to_mermaid, to_svg

    plan = load(Path(file)).using(pipeline, holes=hole_values(holes)).plan()
    write = {"mermaid": to_mermaid, "dot": to_dot, "svg": to_svg}[form or _format_of(output)]
    drawn = write(picture_of(plan.block, plan.pipeline))
    if output is None:
        show(drawn.rstrip("\n"))
        return 0
    try:
        Path(output).write_text(drawn, "utf-8")
    except OSError as error:
        raise DataError(f"{output}: cannot be written: {error.strerror}") from None
    return 0


def _format_of(output: str | None) -> str:
    return {".svg": "svg", ".dot": "dot", ".gv": "dot"}.get(Path(output or "").suffix, "mermaid")
