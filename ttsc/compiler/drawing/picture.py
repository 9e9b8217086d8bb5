"""A plan as boxes and arrows: ops, tools and inputs are boxes, loops and arms are frames around them.

Pure plumbing (fields, texts, literals) is not drawn; its arrows are followed through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ttsc.compiler.ir import (
    Block,
    Call,
    Compute,
    Each,
    Fold,
    Interleave,
    Literal,
    Match,
    Node,
    OpCall,
    Repeat,
    SampleUntil,
    Static,
    ToolCall,
)
from ttsc.compiler.lowering.accepted import models_in
from ttsc.values.types import describe


@dataclass(frozen=True, slots=True)
class Box:
    """One stage: its title, a line of detail, and whether it costs calls."""

    id: str
    title: str
    detail: str = ""
    kind: str = "op"  # op, tool, input, answer


@dataclass(slots=True)
class Frame:
    """What runs together: a loop, an arm, a pipeline with a budget, or the whole (title "")."""

    title: str
    boxes: list[Box] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """The frames and boxes of a plan and its arrows, as pairs of box ids."""

    root: Frame
    arrows: tuple[tuple[str, str], ...]

    def boxes(self) -> tuple[Box, ...]:
        """Every box, outer frames first, in the order of the program."""
        return tuple(_boxes(self.root))


def _boxes(frame: Frame) -> Iterable[Box]:
    yield from frame.boxes
    for inner in frame.frames:
        yield from _boxes(inner)


Sources = tuple[str, ...]


def picture_of(block: Block, name: str) -> Picture:
    """The picture of a pipeline's block."""
    return _Drawing().draw(block, name)


class _Drawing:
    def __init__(self) -> None:
        self.arrows: dict[tuple[str, str], None] = {}
        self.count = 0

    def draw(self, block: Block, name: str) -> Picture:
        root = Frame("")
        inputs = [(self._box(root, p.name or "input", describe(p.type), "input"),) for p in block.parameters]
        result = self._block(root, block, inputs)
        answer = self._box(root, name, describe(block.type_of(block.result)), "answer")
        self._link(result, answer)
        return Picture(root, tuple(self.arrows))

    def _box(self, frame: Frame, title: str, detail: str, kind: str) -> str:
        self.count += 1
        box = Box(f"n{self.count}", title, detail, kind)
        frame.boxes.append(box)
        return box.id

    def _link(self, sources: Iterable[str], target: str) -> None:
        for source in sources:
            self.arrows.setdefault((source, target))

    def _block(self, frame: Frame, block: Block, inputs: Sequence[Sources]) -> Sources:
        known = list(inputs)
        for node in block.nodes:
            known.append(self._node(frame, node, [known[i] for i in node.inputs]))
        return known[block.result]

    def _node(self, frame: Frame, node: Node, given: Sequence[Sources]) -> Sources:
        every = tuple(dict.fromkeys(s for sources in given for s in sources))
        match node.operation:
            case Literal() | Compute() | Interleave():
                return every
            case OpCall():
                box = self._box(frame, node.operation.op, _detail(node, node.operation), "op")
                self._link(every, box)
                return (box,)
            case ToolCall(tool=tool):
                box = self._box(frame, tool, "tool", "tool")
                self._link(every, box)
                return (box,)
            case Each(body=body):
                return self._framed(frame, f"each of {_width(node)}", body, given) or every
            case Repeat(body=body, count=count):
                return self._framed(frame, f"repeat ≤ {count}", body, given) or every
            case Fold(body=body):
                return self._framed(frame, "fold", body, given) or every
            case Call(pipeline=pipeline, body=body):
                return self._framed(frame, pipeline, body, given) or every
            case Match(arms=arms):
                return self._arms(frame, arms, given)
            case SampleUntil(call=call, condition=condition, at_once=at_once):
                box = self._box(frame, call.op, f"{_detail(node, call)}, {at_once} at once", "op")
                self._link(every, box)
                self._framed(frame, "until", condition, [(box,), *((),) * (len(condition.parameters) - 1)])
                return (box,)

    def _framed(self, frame: Frame, title: str, body: Block, given: Sequence[Sources]) -> Sources:
        inner = Frame(title)
        sources = self._block(inner, body, given)
        if inner.boxes or inner.frames:
            frame.frames.append(inner)
        return sources

    def _arms(self, frame: Frame, arms: Sequence[tuple[object, Block]], given: Sequence[Sources]) -> Sources:
        """The arms side by side; what chooses one has an arrow to the first box of each."""
        found: dict[str, None] = {}
        before = len(frame.frames)
        for label, body in arms:
            title = f'"{label}"' if isinstance(label, str) else "if" if label is True else "else"
            found |= dict.fromkeys(self._framed(frame, title, body, given[1:]))
        for arm in frame.frames[before:]:
            self._link(given[0], next(iter(_boxes(arm))).id)
        if len(frame.frames) == before:
            found = dict.fromkeys((*given[0], *found))
        return tuple(found)


def _detail(node: Node, call: OpCall) -> str:
    models = [m.name for _, s in call.settings if isinstance(s, Static) for m in models_in(s.value)]
    numbers = [f"{n}: {s.value}" for n, s in call.settings if isinstance(s, Static) and isinstance(s.value, int | str)]
    choices = [" or ".join(names) for _, names in call.choices]
    return ", ".join([*dict.fromkeys(models), *choices, *numbers])


def _width(node: Node) -> str:
    limit = getattr(node.type, "limit", None) or getattr(node.type, "high", None)
    return str(limit) if limit else "all"
