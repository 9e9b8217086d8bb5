"""Why a question has no answer, as a value: what happened, where in the source, what was seen."""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.compiler.ir import Node, OpCall, SampleUntil
from ttsc.values.request import Fault


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended one question; the others go on.

    `node` is the binding or the op it happened in, `place` its `file:line:column`, `faults`
    the failed draws that led to it.
    """

    title: str
    node: str
    place: str
    faults: tuple[Fault, ...] = ()
    help: str = ""

    @staticmethod
    def at(node: Node, title: str, faults: tuple[Fault, ...] = (), help: str = "") -> Failure:
        """The failure of a node of the program."""
        line, column = node.span.source.position(node.span.start)
        return Failure(title, label(node), f"{node.span.source.path}:{line}:{column}", faults, help)


def label(node: Node) -> str:
    """What messages call a node: its op, or its binding, or the kind of node it is."""
    match node.operation:
        case OpCall(op=op) | SampleUntil(call=OpCall(op=op)):
            return op
        case operation:
            return node.name or type(operation).__name__.lower()
