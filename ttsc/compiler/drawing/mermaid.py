"""A picture as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator

from ttsc.compiler.drawing.picture import Box, Frame, Picture

_SHAPES = {"op": ('["', '"]'), "tool": ('[["', '"]]'), "input": ('(["', '"])'), "answer": ('(["', '"])')}


def to_mermaid(picture: Picture) -> str:
    """The text of a Mermaid flowchart, ending in a line end."""
    lines = ["flowchart TD", *_frame(picture.root, 1)]
    lines += [f"  {source} --> {target}" for source, target in picture.arrows]
    return "\n".join(lines) + "\n"


def _frame(frame: Frame, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for box in frame.boxes:
        yield pad + _box(box)
    for number, inner in enumerate(frame.frames):
        yield f'{pad}subgraph f{id_of(inner, number)}["{_escape(inner.title)}"]'
        yield from _frame(inner, depth + 1)
        yield f"{pad}end"


def id_of(frame: Frame, number: int) -> str:
    """A name for a frame: its place and the first box in it, which is in no other frame."""
    first = next(iter(frame.boxes), None)
    return f"{number}{first.id if first else id_of(frame.frames[0], 0)}"


def _box(box: Box) -> str:
    before, after = _SHAPES[box.kind]
    text = _escape(box.title) + (f"<br/><small>{_escape(box.detail)}</small>" if box.detail else "")
    return f"{box.id}{before}{text}{after}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
