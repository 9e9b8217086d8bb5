"""A picture in the DOT language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from ttsc.compiler.drawing.mermaid import id_of
from ttsc.compiler.drawing.picture import Box, Frame, Picture

_SHAPES = {"op": "box", "tool": "component", "input": "ellipse", "answer": "ellipse"}


def to_dot(picture: Picture) -> str:
    """The text of a directed graph, ending in a line end."""
    lines = ["digraph plan {", '  node [fontname="sans-serif"];', *_frame(picture.root, 1)]
    lines += [f"  {source} -> {target};" for source, target in picture.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _frame(frame: Frame, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for box in frame.boxes:
        yield f"{pad}{box.id} [shape={_SHAPES[box.kind]}, label={_label(box)}];"
    for number, inner in enumerate(frame.frames):
        yield f"{pad}subgraph cluster_{id_of(inner, number)} {{"
        yield f"{pad}  label={_quoted(inner.title)};"
        yield from _frame(inner, depth + 1)
        yield f"{pad}}}"


def _label(box: Box) -> str:
    return _quoted(box.title + (f"\n{box.detail}" if box.detail else ""))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
