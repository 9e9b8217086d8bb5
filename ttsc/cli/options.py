"""Options that several commands share, and how `name=value` is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(exists=True, dir_okay=False)


def choices(command: F) -> F:
    """FILE, PIPELINE, and everything that says what a program is planned or run with."""
    decorators = (
        click.argument("file", type=FILE),
        click.argument("pipeline", required=False),
        click.option("--input", "inputs", metavar="NAME=VALUE", multiple=True,
                     help="A value for a parameter: a text as it is, anything else as JSON."),
        click.option("--model", "models", metavar="NAME=TARGET", multiple=True,
                     help="Use another model under a declared name, such as gpt=sim/strong."),
        click.option("--sim", is_flag=True, help="Use simulated models under every declared name."),
        click.option("--set", "holes", metavar="HOLE=VALUE", multiple=True, help="Fill a hole, such as keep=3."),
    )  # fmt: skip
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def pairs(option: str, written: Iterable[str]) -> dict[str, str]:
    """`name=value` texts as a mapping; a usage error for one without `=` or a name given twice."""
    made: dict[str, str] = {}
    for text in written:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"{option} {text}: write {option} NAME=VALUE")
        if name.strip() in made:
            raise click.UsageError(f"{option} {name.strip()}: given twice")
        made[name.strip()] = value
    return made


def hole_values(written: Iterable[str]) -> dict[str, object]:
    """`--set` values: numbers, true, false and lists as JSON, everything else as a word."""
    return {name: _json_or_word(value) for name, value in pairs("--set", written).items()}


def _json_or_word(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value
