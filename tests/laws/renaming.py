"""Every binding of a program under another name, by its tree, so that no text inside a prompt changes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from ttsc.grammar import tree

_BINDERS = (tree.Binding, tree.Each, tree.Repeat, tree.Fold, tree.Until)


def renamed(file: tree.File, prefix: str = "renamed_") -> tree.File:
    """The file with `prefix` before the name of every binding, wherever it is bound or used."""
    names = frozenset(_bound(file))
    changed = _renamed(file, names, prefix)
    assert isinstance(changed, tree.File)
    return changed


def _bound(node: object) -> set[str]:
    found: set[str] = set()
    if isinstance(node, _BINDERS):
        found.add(node.name)
    if isinstance(node, tree.Fold):
        found.add(node.accumulator)
    for child in _children(node):
        found |= _bound(child)
    return found


def _children(node: object) -> list[object]:
    if isinstance(node, tuple):
        return list(node)
    if is_dataclass(node) and type(node).__module__.startswith(tree.__name__):
        return [getattr(node, f.name) for f in fields(node)]
    return []


def _renamed(node: object, names: frozenset[str], prefix: str) -> object:
    def new(name: str) -> str:
        return prefix + name if name in names else name

    if isinstance(node, tuple):
        return tuple(_renamed(item, names, prefix) for item in node)
    if isinstance(node, tree.Template | tree.Parameter) or not _children(node):
        return node
    assert is_dataclass(node)
    assert not isinstance(node, type)
    made = replace(node, **{f.name: _renamed(getattr(node, f.name), names, prefix) for f in fields(node) if f.init})
    match made:
        case tree.Name(id=name):
            return replace(made, id=new(name))
        case tree.Slot(path=(first, *rest)):
            return replace(made, path=(new(first), *rest))
        case tree.Fold(name=name, accumulator=accumulator):
            return replace(made, name=new(name), accumulator=new(accumulator))
        case tree.Binding() | tree.Each() | tree.Repeat() | tree.Until():
            return replace(made, name=new(made.name))
        case _:
            return made
