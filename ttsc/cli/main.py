"""The command line's door: finds the command, runs it, and turns what went wrong into an exit code.

0 fine · 1 the program is wrong · 2 it was asked for wrongly (nothing ran) · 3 the run failed.
A command's module is imported when that command is asked for, so that `ttsc check` stays quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from ttsc.cli.terminal import say

#: Diagnostics about what was asked for, not about the program: pipeline, hole, binding, an input a bound needs.
ASKED_WRONGLY = frozenset({"E232", "E233", "E234", "E235", "E236", "E506"})

COMMANDS = ("check", "plan", "run", "show", "draw", "fmt")


class _Rooms(click.Group):
    """A group whose commands live in `ttsc/cli/NAME.py`, each as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"ttsc.cli.{cmd_name}").command
        return command


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # costs 20 ms, and only this option needs it

        click.echo(f"ttsc {version('ttsc')}")
        ctx.exit()


@click.group(cls=_Rooms, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def ttsc() -> None:
    """Check, price, run and draw programs that spend more compute at inference time.

    Reading is free: check, plan, fmt and draw open no connection, import no code of yours and
    look at no environment variable.

    Exit codes: 0 fine, 1 the program is wrong, 2 it was asked for wrongly, 3 the run failed.
    """


def invoke(arguments: Sequence[str], name: str = "ttsc") -> int:
    """Runs one command line and returns its exit code."""
    from ttsc.compiler.problems import Problems
    from ttsc.front.errors import NotAvailable, TtscError

    try:
        code = ttsc.main(list(arguments), prog_name=name, standalone_mode=False)
        return code if isinstance(code, int) else 0
    except Problems as problems:
        say(str(problems))
        return 2 if {d.code for d in problems.diagnostics} <= ASKED_WRONGLY else 1
    except NotAvailable as error:
        say(str(error))
        return 3
    except TtscError as error:
        say(f"ttsc: {error}")
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("ttsc: stopped")
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone: nothing is left to say
        return 141


def main() -> NoReturn:
    """`ttsc …`."""
    sys.exit(invoke(sys.argv[1:]))


def compile_and_run() -> NoReturn:
    """`compile-and-run FILE …`, which is `ttsc run FILE …`."""
    sys.exit(invoke(["run", *sys.argv[1:]], name="compile-and-run"))
