"""Drawings of a plan: one picture (boxes, arrows, frames), written as Mermaid, DOT or SVG."""

from __future__ import annotations

from ttsc.compiler.drawing.dot import to_dot
from ttsc.compiler.drawing.mermaid import to_mermaid
from ttsc.compiler.drawing.picture import Picture, picture_of
from ttsc.compiler.drawing.svg import to_svg

__all__ = ["Picture", "picture_of", "to_dot", "to_mermaid", "to_svg"]
