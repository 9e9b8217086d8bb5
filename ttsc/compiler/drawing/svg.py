"""A picture as SVG: boxes in layers by longest path, frames as rectangles around what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from ttsc.compiler.drawing.picture import Box, Frame, Picture

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 190, 46, 36, 56, 40

_FILL = {"op": "#eef3fb", "tool": "#fdf3e3", "input": "#f4f4f4", "answer": "#e9f6ec"}

Place = tuple[float, float]


def to_svg(picture: Picture) -> str:
    """A stand-alone SVG document with no outside references."""
    places = _places(picture)
    width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    height = max(y for _, y in places.values()) + HEIGHT + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="13">',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>',
        *_frames(picture.root, places),
        *(_arrow(places[source], places[target]) for source, target in picture.arrows),
        *(_box(box, places[box.id]) for box in picture.boxes()),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _places(picture: Picture) -> Mapping[str, Place]:
    """The upper left corner of every box: layers from longest paths, order from the program."""
    import networkx

    graph = networkx.DiGraph()
    order = {box.id: number for number, box in enumerate(picture.boxes())}
    graph.add_nodes_from(order)
    graph.add_edges_from(picture.arrows)
    places: dict[str, Place] = {}
    for layer, ids in enumerate(networkx.topological_generations(graph)):
        for column, id in enumerate(sorted(ids, key=order.__getitem__)):
            places[id] = (MARGIN + column * (WIDTH + GAP_X), MARGIN + layer * (HEIGHT + GAP_Y))
    return places


def _frames(frame: Frame, places: Mapping[str, Place], depth: int = 0) -> Iterator[str]:
    for inner in frame.frames:
        corners = [places[b.id] for b in _inside(inner)]
        pad = 16 - 4 * min(depth, 3)
        left, top = min(x for x, _ in corners) - pad, min(y for _, y in corners) - pad - 8
        right, bottom = max(x for x, _ in corners) + WIDTH + pad, max(y for _, y in corners) + HEIGHT + pad
        yield (
            f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" rx="8" '
            'fill="none" stroke="#9aa7b8" stroke-dasharray="5 4"/>'
        )
        yield f'<text x="{left + 6:g}" y="{top + 13:g}" font-size="11" fill="#5b6a7d">{escape(inner.title)}</text>'
        yield from _frames(inner, places, depth + 1)


def _inside(frame: Frame) -> Iterator[Box]:
    yield from frame.boxes
    for inner in frame.frames:
        yield from _inside(inner)


def _arrow(source: Place, target: Place) -> str:
    x1, y1 = source[0] + WIDTH / 2, source[1] + HEIGHT
    x2, y2 = target[0] + WIDTH / 2, target[1]
    middle = (y1 + y2) / 2
    path = f"M{x1:g} {y1:g} C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2 - 2:g}"
    return f'<path d="{path}" fill="none" stroke="#555" marker-end="url(#a)"/>'


def _box(box: Box, place: Place) -> str:
    x, y = place
    rounded = 22 if box.kind in ("input", "answer") else 6
    baseline = y + (20 if box.detail else 27)
    title = f'<text x="{x + WIDTH / 2:g}" y="{baseline:g}" text-anchor="middle">{escape(box.title)}</text>'
    detail = (
        f'<text x="{x + WIDTH / 2:g}" y="{y + 36:g}" text-anchor="middle" font-size="10" fill="#555">'
        f"{escape(_cut(box.detail))}</text>"
        if box.detail
        else ""
    )
    return (
        f'<g><title>{escape(box.title)} {escape(box.detail)}</title><rect x="{x:g}" y="{y:g}" width="{WIDTH}" '
        f'height="{HEIGHT}" rx="{rounded}" fill="{_FILL[box.kind]}" stroke="#6b7a90"/>{title}{detail}</g>'
    )


def _cut(text: str, limit: int = 34) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
