"""A block as text, one node per line: what passes are tested with and what a bug report shows."""

from __future__ import annotations

from collections.abc import Iterator

from ttsc.compiler.ir import (
    Block,
    Call,
    Compute,
    Dynamic,
    Each,
    Fold,
    Function,
    Literal,
    Match,
    OpCall,
    Operation,
    Repeat,
    SampleUntil,
    Setting,
    ToolCall,
)
from ttsc.compiler.rewrite import blocks_of
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import describe


def listing(block: Block, indent: str = "") -> str:
    """The block with its sub-blocks indented below the nodes that own them, ending in a line end.

    `%3` is the value with ref 3 of the same block; `drafts:` before a node is its binding.
    """
    return "\n".join(_lines(block, indent)) + "\n"


def _lines(block: Block, indent: str) -> Iterator[str]:
    for ref, parameter in enumerate(block.parameters):
        yield f"{indent}%{ref} = parameter {parameter.name or '_'}: {describe(parameter.type)}"
    for place, node in enumerate(block.nodes):
        ref = len(block.parameters) + place
        name = f"{node.name}: " if node.name else ""
        inputs = ", ".join(f"%{i}" for i in node.inputs)
        yield f"{indent}%{ref} = {name}{_operation(node.operation)}({inputs}) -> {describe(node.type)}"
        for label, body in zip(_labels(node.operation), blocks_of(node.operation), strict=True):
            yield f"{indent}  {label} {{"
            yield from _lines(body, indent + "    ")
            yield f"{indent}  }}"
    yield f"{indent}return %{block.result}"


def _operation(operation: Operation) -> str:
    match operation:
        case Literal(value=value):
            return f"literal {_value(value)}"
        case Compute(function=function, options=options):
            return " ".join([function, *map(_value, options)])
        case OpCall():
            return _call(operation)
        case Each(over=over):
            return f"each over {over}"
        case Repeat(count=count, stop=stop):
            return f"repeat {count}" + ("" if stop is None else f" until %{stop}")
        case SampleUntil(call=call, at_once=at_once):
            return f"{_call(call)} {at_once} at once"
        case Call(pipeline=pipeline, limits=limits):
            return f"call {pipeline}" + ("" if limits is None else " within limits")
        case ToolCall(tool=tool):
            return f"tool {tool}"
        case _:
            return type(operation).__name__.lower()


def _call(call: OpCall) -> str:
    parts = [call.op, *(f"{name}={_setting(s)}" for name, s in call.settings)]
    if call.site is not None:
        parts.append("site=" + ",".join(f"{identity}#{ordinal}" for identity, ordinal in call.site.ordinals))
    return " ".join([*parts, "grouped"] if call.grouped else parts)


def _setting(setting: Setting) -> str:
    match setting:
        case Dynamic(input=index):
            return f"input {index}"
        case Function():
            return "function"
        case _:
            return _value(setting.value)


def _value(value: object) -> str:
    match value:
        case ModelSpec(name=name):
            return name
        case PromptTemplate(name=name):
            return f"prompt {name}"
        case tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return repr(value)


def _labels(operation: Operation) -> tuple[str, ...]:
    match operation:
        case Match(arms=arms):
            return tuple("else" if label is None else repr(label) for label, _ in arms)
        case Call(fallback=fallback):
            return ("body",) if fallback is None else ("body", "else")
        case Fold() | Each() | Repeat():
            return ("body",)
        case SampleUntil():
            return (*("function" for _ in blocks_of(operation)[1:]), "until")
        case _:
            return tuple("function" for _ in blocks_of(operation))
