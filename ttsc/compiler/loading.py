"""Files and imports: reads a `.tts` file and those it imports, and nothing else on the disk.

Every path stays inside the project folder: the nearest one upward with a `ttsc.toml` or a
`pyproject.toml`, else the folder of the file itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path

from ttsc.compiler.problems import Problems
from ttsc.grammar import tree
from ttsc.grammar.diagnostic import Diagnostic, nearest
from ttsc.grammar.parser import SyntaxProblems, parse
from ttsc.grammar.reading import read

MARKERS = ("ttsc.toml", "pyproject.toml")

Declared = tree.Model | tree.Prompt | tree.Tool | tree.Pipeline | tree.Benchmark | tree.Search


@dataclass(frozen=True, slots=True)
class Module:
    """One file with what it declares and what it imports.

    `prefix` is how the root file names it ("math." for `import … as math`, "" for the root).
    """

    path: Path
    file: tree.File
    prefix: str
    declared: Mapping[str, Declared] = field(repr=False)
    types: Mapping[str, tree.TypeDeclaration] = field(repr=False)
    imports: Mapping[str, Module] = field(repr=False)

    def find(self, path: tree.Path) -> tuple[Module, Declared] | None:
        """A declaration by its dotted name, with the module it stands in."""
        module: Module | None = self
        for name in path[:-1]:
            module = module.imports.get(name) if module else None
        found = module.declared.get(path[-1]) if module else None
        return (module, found) if module and found else None

    def names(self, *kinds: type) -> tuple[str, ...]:
        """All that can be named here, of these kinds or of any, as one would write it."""
        own = [n for n, d in self.declared.items() if not kinds or isinstance(d, kinds)]
        return (*own, *(f"{name}.{inner}" for name, m in self.imports.items() for inner in m.names(*kinds)))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A program as read: its root file, all its modules, and the project folder."""

    root: Module
    modules: tuple[Module, ...]
    project: Path
    diagnostics: tuple[Diagnostic, ...] = ()


def load(path: Path) -> Loaded:
    """The program of a file. Raises Problems where a file cannot be read, parsed or imported."""
    project = project_folder(path)
    loader = _Loader(project)
    root = loader.module(path, _shown(path), "", ())
    if any(d.severity == "error" for d in loader.diagnostics) or root is None:
        raise Problems(loader.diagnostics)
    return Loaded(root, tuple(loader.modules), project, tuple(loader.diagnostics))


def project_folder(path: Path) -> Path:
    """The folder that imports and data files may not leave."""
    folder = path.resolve().parent
    for candidate in (folder, *folder.parents):
        if any((candidate / marker).is_file() for marker in MARKERS):
            return candidate
    return folder


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class _Loader:
    """Follows imports depth first; gathers what is wrong instead of stopping at the first."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.modules: list[Module] = []
        self.diagnostics: list[Diagnostic] = []

    def module(self, path: Path, shown: str, prefix: str, above: tuple[Path, ...]) -> Module | None:
        try:
            file = parse(read(path, shown))
        except SyntaxProblems as problems:
            self.diagnostics += problems.diagnostics
            return None
        imports = self._imports(path, file, prefix, (*above, path.resolve()))
        declared, types = self._declared(file, imports)
        module = Module(path, file, prefix, declared, types, imports)
        self.modules.append(module)
        return module

    def _imports(self, path: Path, file: tree.File, prefix: str, above: tuple[Path, ...]) -> dict[str, Module]:
        found: dict[str, Module] = {}
        for declaration in file.declarations:
            if not isinstance(declaration, tree.Import):
                continue
            target = self._target(path, declaration, above)
            shown = normpath(Path(file.source.path).parent / declaration.path)
            module = self.module(target, shown, f"{prefix}{declaration.name}.", above) if target else None
            if module:
                found[declaration.name] = module
        return found

    def _target(self, path: Path, item: tree.Import, above: tuple[Path, ...]) -> Path | None:
        """The file an import means, or None after saying why not."""
        if Path(item.path).is_absolute():
            self._error(
                "E201",
                "an import is relative to its file",
                item,
                "an absolute path",
                "write a path that starts at this file's folder",
            )
            return None
        target = (path.parent / item.path).resolve()
        if not target.is_relative_to(self.project):
            self._error(
                "E201",
                "an import stays inside the project folder",
                item,
                f"leads out of {self.project.name}/",
                "copy the file into the project and import it from there",
            )
            return None
        if target in above:
            chain = " imports ".join(p.name for p in (*above[above.index(target) :], target))
            self._error("E202", "imports form a cycle", item, chain, "move what both need into a third file")
            return None
        if not target.is_file():
            near = nearest(target.name, [p.name for p in target.parent.glob("*.tts")]) if target.parent.is_dir() else ""
            help = f"write `{Path(item.path).with_name(near)}`" if near else "create the file, or correct the path"
            self._error("E203", f"there is no file `{item.path}`", item, "not found", help)
            return None
        return target

    def _error(self, code: str, title: str, item: tree.Import, label: str, help: str) -> None:
        self.diagnostics.append(Diagnostic(code, title, item.path_span, label, help))

    def _declared(
        self, file: tree.File, imports: Mapping[str, Module]
    ) -> tuple[dict[str, Declared], dict[str, tree.TypeDeclaration]]:
        declared: dict[str, Declared] = {}
        types: dict[str, tree.TypeDeclaration] = {}
        first: dict[tuple[str, str], int] = {}
        for item in file.declarations:
            space = "type" if isinstance(item, tree.TypeDeclaration) else "name"
            span = item.path_span if isinstance(item, tree.Import) else item.name_span
            if (space, item.name) in first:
                self.diagnostics.append(
                    Diagnostic(
                        "E204",
                        f"`{item.name}` is declared twice",
                        span,
                        f"first declared in line {first[space, item.name]}",
                        "give one of them another name",
                    )
                )
                continue
            first[space, item.name] = span.line
            if isinstance(item, tree.TypeDeclaration):
                types[item.name] = item
            elif not isinstance(item, tree.Import):
                declared[item.name] = item
        return declared, types
