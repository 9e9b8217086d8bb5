"""`tool` declarations: their settings, checked without importing anything."""

from __future__ import annotations

from ttsc.compiler.declarations import Report, meaning, parameters_of, quoted
from ttsc.compiler.loading import Module
from ttsc.compiler.lowering.misplaced import name_span
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, nearest, one_of

SETTINGS = ("timeout", "parallel", "pure", "price", "description", "state", "retries")


def check_tool(declared: tree.Tool, module: Module, report: Report) -> None:
    """Reports unknown settings, wrong values, and a target that names no function."""
    parameters_of(declared.parameters, module, report)
    meaning(declared.result, module, report)
    if declared.language != "python":
        report(
            Diagnostic(
                "E215",
                f"a tool is a python function, not {declared.language}",
                quoted(declared.span, declared.result.span.end),
                f"in {declared.language}",
                'write `python "module:function"`',
            )
        )
    if declared.target.count(":") != 1:
        report(
            Diagnostic(
                "E215",
                f'"{declared.target}" names no function',
                quoted(declared.span, declared.result.span.end),
                "no `:` in it",
                'write "module:function"',
            )
        )
    for setting in declared.settings:
        _setting(setting, report)


def _setting(setting: tree.Setting, report: Report) -> None:
    value = setting.value
    match setting.name:
        case "timeout":
            right = isinstance(value, tree.Quantity) and value.unit in ("ms", "s", "m", "min", "h")
            wanted, help = "a time", "write `timeout = 5s`"
        case "parallel" | "retries":
            right = isinstance(value, tree.Number) and isinstance(value.value, int) and value.value >= 0
            wanted, help = "a whole number", f"write `{setting.name} = 4`"
        case "pure":
            right, wanted, help = isinstance(value, tree.Boolean), "true or false", "write `pure = true`"
        case "description":
            right, wanted, help = isinstance(value, tree.Text), "a text", 'write `description = "…"`'
        case "state":
            right, wanted, help = value == tree.Name("draw", setting.span), "`draw`", "write `state = draw`"
        case "price":
            right = (isinstance(value, tree.Quantity) and value.unit == "$") or (
                isinstance(value, tree.Name) and value.id == "free"
            )
            wanted, help = "dollars per call, or `free`", "write `price = $0.001`"
        case name:
            near = nearest(name, SETTINGS)
            help = f"write `{near}`" if near else f"the settings are {one_of(SETTINGS)}"
            report(Diagnostic("E211", f"a tool has no setting `{name}`", name_span(setting), "unknown", help))
            return
    if not right:
        report(Diagnostic("E212", f"`{setting.name}` is {wanted}", value.span, "not this", help))
