"""Blocks under construction: values by wire, names by scope, captures found as they are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ttsc.compiler.ir import Block, Literal, Node, Operation, Parameter
from ttsc.grammar.source import Span
from ttsc.ops.facts import UNSETTLED
from ttsc.values.types import Type

Wire = int  # a value of a scope under construction; becomes a Ref when the block is finished


@dataclass(frozen=True, slots=True)
class Typed:
    """A value while compiling: where it is, its type, and its constant where it has one.

    `domain` lists what a hole could have put here instead (model names for sites); `hole`
    says that the constant came from a hole and may be cut to what can arrive.
    """

    scope: Scope = field(repr=False, compare=False)
    wire: Wire
    type: Type
    span: Span = field(repr=False, compare=False)
    constant: object = UNSETTLED
    domain: tuple[object, ...] = ()
    hole: bool = False

    @property
    def settled(self) -> bool:
        """Whether its value is known now."""
        return self.constant is not UNSETTLED


@dataclass(slots=True)
class Bound:
    """A name in scope and whether anybody asked for it."""

    value: Typed
    span: Span
    used: bool = False


class Scope:
    """One block being built inside another (`parent`), or a pipeline's body (no parent)."""

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.names: dict[str, Bound] = {}
        self.parameters: dict[Wire, Parameter] = {}
        self.nodes: dict[Wire, Node] = {}
        self.captures: dict[Wire, Wire] = {}  # wire of the parent -> own parameter
        self._next = 0

    def parameter(self, name: str, type: Type, span: Span) -> Typed:
        """One more parameter of the block."""
        wire = self._wire()
        self.parameters[wire] = Parameter(name, type)
        return Typed(self, wire, type, span)

    def add(self, operation: Operation, inputs: Sequence[Typed], type: Type, span: Span) -> Typed:
        """One more node; values of outer scopes among its inputs become captures."""
        wires = tuple(self.wire(value) for value in inputs)
        wire = self._wire()
        self.nodes[wire] = Node(operation, wires, type, span)
        return Typed(self, wire, type, span)

    def literal(self, value: object, type: Type, span: Span, domain: tuple[object, ...] = ()) -> Typed:
        """A constant."""
        made = self.add(Literal(value), (), type, span)
        return replace(made, constant=value, domain=domain)

    def wire(self, value: Typed) -> Wire:
        """The wire of a value in this scope; an outer one is captured, a constant is repeated."""
        if value.scope is self:
            return value.wire
        if value.settled:
            return self.literal(value.constant, value.type, value.span).wire
        assert self.parent is not None, "a value of a scope that does not enclose this one"
        outer = self.parent.wire(value)
        if outer not in self.captures:
            self.captures[outer] = self.parameter("", value.type, value.span).wire
        return self.captures[outer]

    def find(self, name: str) -> Bound | None:
        """A name bound here or around here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def visible(self) -> tuple[str, ...]:
        """Every name bound here or around here."""
        return (*self.names, *(self.parent.visible() if self.parent else ()))

    def rename(self, value: Typed, name: str) -> None:
        """Gives the node of a value the name of its binding."""
        node = self.nodes.get(value.wire)
        if value.scope is self and node is not None and not node.name:
            self.nodes[value.wire] = replace(node, name=name)

    def finish(self, result: Typed, captures: Sequence[Wire] | None = None) -> Block:
        """The block. `captures` fixes which wires of the parent it takes, and their order."""
        wire = self.wire(result)
        taken = set(self.captures.values())
        own = [w for w in self.parameters if w not in taken]
        parameters = [self.parameters[w] for w in own]
        refs: dict[Wire, int] = {w: i for i, w in enumerate(own)}
        for outer in self.captures if captures is None else captures:
            mine = self.captures.get(outer)
            if mine is not None:
                refs[mine] = len(parameters)
            assert self.parent is not None
            parameters.append(Parameter("", self.parent.type_of(outer)))
        refs |= {w: len(parameters) + i for i, w in enumerate(self.nodes)}
        nodes = tuple(replace(n, inputs=tuple(refs[i] for i in n.inputs)) for n in self.nodes.values())
        return Block(tuple(parameters), nodes, refs[wire])

    def captured(self, wires: Sequence[Wire], span: Span) -> tuple[Typed, ...]:
        """Values of this scope by wire, as inputs for the node that owns a sub-block."""
        return tuple(Typed(self, w, self.type_of(w), span) for w in wires)

    def type_of(self, wire: Wire) -> Type:
        """The type of a wire of this scope."""
        parameter = self.parameters.get(wire)
        return parameter.type if parameter is not None else self.nodes[wire].type

    @contextmanager
    def discarded(self) -> Iterator[None]:
        """What is built inside is checked and thrown away: a stage that was left out."""
        kept = [(s, s._next, dict(s.captures)) for s in self._chain()]
        try:
            yield
        finally:
            for scope, last, captures in kept:
                for made in (scope.parameters, scope.nodes):
                    for wire in [w for w in made if w > last]:
                        del made[wire]
                scope.captures = captures

    def _chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def _wire(self) -> Wire:
        self._next += 1
        return self._next
