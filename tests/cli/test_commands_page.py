"""`docs/commands.md` says what the commands' own help says."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path

import click

from tests.golden import assert_golden
from ttsc.cli.main import COMMANDS, ttsc

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

INTRODUCTION = """\
# Commands

Made from the commands' own help; `make golden` rewrites this page.
"""


def usage(name: str, command: click.Command) -> str:
    arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
    return " ".join(["ttsc", name, "[OPTIONS]", *arguments])


def option_row(option: click.Option) -> str:
    names = ", ".join(option.opts)
    value = option.make_metavar(click.Context(click.Command("x"))) if not option.is_flag else ""
    shown = f"{names} {value}".strip().replace("|", "\\|")
    return f"| `{shown}` | {option.help} |"


def page() -> str:
    sections = [INTRODUCTION, cleandoc(ttsc.help or ""), ""]
    for name in COMMANDS:
        command = ttsc.get_command(click.Context(ttsc), name)
        assert command is not None
        sections += [f"## ttsc {name}", "", f"    {usage(name, command)}", "", cleandoc(command.help or ""), ""]
        options = [p for p in command.params if isinstance(p, click.Option)]
        sections += ["| option | meaning |", "|---|---|", *map(option_row, options), ""]
    sections += ["## compile-and-run", "", "`compile-and-run FILE …` is `ttsc run FILE …`.", ""]
    return "\n".join(sections)


def test_the_page_is_up_to_date() -> None:
    assert_golden(PAGE, page())


def test_every_option_says_what_it_means() -> None:
    silent = []
    for name in COMMANDS:
        command = ttsc.get_command(click.Context(ttsc), name)
        assert command is not None
        silent += [f"{name} {p.name}" for p in command.params if isinstance(p, click.Option) and not p.help]
    assert silent == []
