"""`model` declarations as specs: every setting checked, nothing looked up outside the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ttsc.compiler.declarations import Report, quoted
from ttsc.compiler.lowering import ranges
from ttsc.compiler.lowering.misplaced import name_span
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, nearest, one_of
from ttsc.values.model import ModelSpec, Secret
from ttsc.values.money import FREE, Price, dollars

#: Providers that run in this process and understand settings of their own.
OWN_PROVIDERS = frozenset({"sim", "replay", "local", "tiny"})

Plain = str | int | float | bool


@dataclass(frozen=True, slots=True)
class _Range:
    low: float
    high: float
    whole: bool = False


_NUMBERS: Mapping[str, _Range] = {
    "temperature": _Range(0, 2),
    "top_p": _Range(0, 1),
    "max_tokens": _Range(1, 10_000_000, whole=True),
    "parallel": _Range(1, 1_000_000, whole=True),
    "requests_per_minute": _Range(1, 1e9, whole=True),
    "tokens_per_minute": _Range(1, 1e12, whole=True),
}
SETTINGS = (*_NUMBERS, "api_base", "api_key", "price", "reasoning_effort")


def model_spec(declared: tree.Model, name: str, report: Report) -> ModelSpec:
    """The spec of a `model` declaration; wrong settings are reported and left out."""
    if "/" not in declared.target:
        report(
            Diagnostic(
                "E210",
                f'"{declared.target}" names no provider',
                quoted(declared.span, declared.name_span.end),
                "no `/` in it",
                f'write "provider/name", for instance "openai/{declared.target}" or "sim/{declared.target}"',
            )
        )
    spec = ModelSpec(name, declared.target)
    seen: set[str] = set()
    for setting in declared.settings:
        if setting.name in seen:
            report(Diagnostic("E204", f"the setting `{setting.name}` stands twice", setting.span, "", "leave one out"))
        seen.add(setting.name)
        spec = _with(spec, setting, report)
    return spec


def _with(spec: ModelSpec, setting: tree.Setting, report: Report) -> ModelSpec:
    match setting.name:
        case name if name in _NUMBERS:
            number = _number(setting, _NUMBERS[name], report)
            return spec if number is None else replace(spec, **{name: number})  # type: ignore[arg-type]
        case "price":
            price = _price(setting, report)
            return spec if price is None else replace(spec, price=price)
        case "api_base":
            base = _address(setting, report)
            if isinstance(base, str) and not base.startswith(("http://", "https://")):
                _wrong(setting, "`api_base` is a web address", f'write "http://{base}"', report)
                return spec
            return replace(spec, api_base=base)
        case "api_key":
            key = _address(setting, report)
            if isinstance(key, Secret):
                return replace(spec, api_key=key)
            if key is not None:
                _wrong(setting, "a key is never written into a file", 'write env("NAME")', report)
            return spec
        case name if spec.provider in OWN_PROVIDERS or name in SETTINGS:
            value = _plain(setting, report)
            return spec if value is None else replace(spec, options=(*spec.options, (name, value)))
        case name:
            near = nearest(name, SETTINGS)
            help = f"write `{near}`" if near else f"the settings are {one_of(SETTINGS)}"
            report(Diagnostic("E211", f"a model has no setting `{name}`", name_span(setting), "unknown", help))
            return spec


def _number(setting: tree.Setting, allowed: _Range, report: Report) -> int | float | None:
    value = setting.value.value if isinstance(setting.value, tree.Number) else None
    whole = allowed.whole and isinstance(value, float)
    if value is None or whole or not allowed.low <= value <= allowed.high:
        kind = "a whole number" if allowed.whole else "a number"
        help = ranges.into_range(value, allowed.low, allowed.high, whole=allowed.whole)
        title = f"`{setting.name}` is {kind} from {ranges.shown(allowed.low)} to {ranges.shown(allowed.high)}"
        _wrong(setting, title, help, report)
        return None
    return value


def _address(setting: tree.Setting, report: Report) -> str | Secret | None:
    match setting.value:
        case tree.Text(parts=(str() as text,)):
            return text
        case tree.Call(callee=("env",), arguments=(tree.Argument(value=tree.Text(parts=(str() as variable,))),)):
            return Secret(variable)
        case _:
            _wrong(setting, f"`{setting.name}` is a text or env(…)", 'write a text, or env("NAME")', report)
            return None


def _price(setting: tree.Setting, report: Report) -> Price | None:
    match setting.value:
        case tree.Name(id="free"):
            return FREE
        case tree.RecordLiteral(entries=entries):
            amounts: dict[str, int] = {}
            for entry in entries:
                match entry:
                    case tree.FieldValue(
                        name="input" | "output" | "cached" | "call" as name, value=tree.Quantity(value=v, unit="$")
                    ):
                        amounts[name] = dollars(v)
                    case _:
                        _wrong(
                            setting, "a price has dollars for `input`, `output`, `cached`, `call`", _PRICE_HELP, report
                        )
                        return None
            if {"input", "output"} <= set(amounts):
                return Price(**amounts)
    _wrong(setting, "a price is `free`, or dollars per million tokens", _PRICE_HELP, report)
    return None


_PRICE_HELP = "write `price = { input = $0.10, output = $0.30 }`, per million tokens"


def _plain(setting: tree.Setting, report: Report) -> Plain | None:
    match setting.value:
        case tree.Number(value=value) | tree.Boolean(value=value):
            return value
        case tree.Text(parts=(str() as text,)):
            return text
        case tree.Text(parts=()):
            return ""
        case tree.Name(id=word):
            return word
        case tree.Unary(operator="-", operand=tree.Number(value=number)):
            return -number
        case _:
            _wrong(setting, f"`{setting.name}` takes a plain value", "write a number, a text, true or false", report)
            return None


def _wrong(setting: tree.Setting, title: str, help: str, report: Report) -> None:
    report(Diagnostic("E212", title, setting.value.span, "not this", help))
