"""The program as a graph: typed, immutable, in dependency order, structure kept.

A block is a closed graph: its nodes refer to its parameters and to earlier nodes by index,
and to nothing outside. What a sub-block needs from around it is handed to it as arguments
(`captures`). So a pass can rewrite one block without looking at another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from ttsc.grammar.source import Span
from ttsc.values.types import Text, Type

Ref = int  # an index into parameters + nodes of the same block


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value handed to a block when it runs."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Node:
    """One value: what makes it, from what, and where it stands in the source.

    `name` is the binding it belongs to, "" for values in between; never part of a key.
    """

    operation: Operation
    inputs: tuple[Ref, ...]
    type: Type
    span: Span = field(compare=False, repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Parameters are refs `0..p-1`, nodes `p..p+n-1`; `result` is what the block gives."""

    parameters: tuple[Parameter, ...]
    nodes: tuple[Node, ...]
    result: Ref

    def node(self, ref: Ref) -> Node | None:
        """The node behind a ref, None for a parameter."""
        index = ref - len(self.parameters)
        return self.nodes[index] if index >= 0 else None

    def type_of(self, ref: Ref) -> Type:
        """The type of a parameter or node."""
        count = len(self.parameters)
        return self.parameters[ref].type if ref < count else self.nodes[ref - count].type


# --- settings of an op ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Static:
    """An argument known when compiling, as the op's settings class takes it."""

    value: object


@dataclass(frozen=True, slots=True)
class Dynamic:
    """An argument computed by the program: `node.inputs[input]`."""

    input: int


@dataclass(frozen=True, slots=True)
class Function:
    """An expression over the item at hand: a pure block of (item, *captures)."""

    block: Block
    captures: tuple[int, ...] = ()  # indices into node.inputs


Setting = Static | Dynamic | Function


@dataclass(frozen=True, slots=True)
class Site:
    """Where draws are made: for each model identity, how many like sites stand before it.

    Counted on the program with its holes and `maybe` stages, so that leaving one out
    renumbers nothing.
    """

    ordinals: tuple[tuple[str, int], ...]

    def ordinal(self, identity: str) -> int:
        """The number of earlier sites that may ask the same model with the same prompt."""
        return dict(self.ordinals).get(identity, 0)


# --- operations -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: object


@dataclass(frozen=True, slots=True)
class Compute:
    """A pure function of the inputs (compiler/evaluate.py), with constants of its own."""

    function: str
    options: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class OpCall:
    """A technique. `inputs[0]` is what is piped in, the others are computed arguments.

    `input` is the type of what is piped in. `choices` names, for a model argument that the
    program computes, the models it may be. `grouped` lets samples of one request travel
    together (`n`).
    """

    op: str
    settings: tuple[tuple[str, Setting], ...]
    site: Site | None = None
    input: Type = Text()
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """Runs `body(item, *captures)` for every item of `inputs[0]`, all at once.

    `over` says what the items are; candidates give candidates, each as soon as it is there.
    """

    body: Block
    over: OneOf["list", "candidates"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Runs `body(carried, *captures)` at most `count` times, carrying its result.

    `stop` is a ref in the body: once it is true the body's result is the loop's.
    """

    body: Block
    count: int
    stop: Ref | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    """Runs `body(item, accumulator, *captures)` over `inputs[0]`, one after the other, from `inputs[1]`."""

    body: Block


@dataclass(frozen=True, slots=True)
class Match:
    """Runs the arm whose label equals `inputs[0]` (label None: any other), and only that arm.

    Every arm takes the same captures, `inputs[1:]`.
    """

    arms: tuple[tuple[object, Block], ...]


@dataclass(frozen=True, slots=True)
class SampleUntil:
    """A sampling op in waves of `at_once`, until `condition(drafts, *captures)` holds.

    `captures` are indices into the node's inputs, which are the op's own inputs first.
    """

    call: OpCall
    at_once: int
    condition: Block
    captures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """A lexical budget; None is no limit. `dollars` in nano-dollars."""

    dollars: int | None = None
    calls: int | None = None
    tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float | None = None
    turns: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A pipeline called with `inputs`; kept as a unit where it carries limits."""

    pipeline: str
    body: Block
    limits: Limits | None = None
    fallback: Block | None = None


@dataclass(frozen=True, slots=True)
class Interleave:
    """Candidates of several inputs in sample-major order (a0, b0, a1, b1, …).

    `apart` says that no candidate can stand in two of them, so that each may pass as it comes.
    """

    apart: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool called with `inputs`, which its parameters `arguments` name in order."""

    tool: str
    arguments: tuple[str, ...]
    pure: bool = False


Operation = Literal | Compute | OpCall | Each | Repeat | Fold | Match | SampleUntil | Call | Interleave | ToolCall
