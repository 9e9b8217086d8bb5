"""Where the data files of `sim/…` and `replay/…` models lie: looked up when something runs, never before.

A path is looked for in the folder that was given (`--data DIR`, `using(data=DIR)`, else the
environment variable TTSC_DATA), then beside the `.tts` file that declares the model. It cannot
leave that folder, not by `..` and not through a link. What names a draw is the path as written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ttsc.compiler.loading import Loaded
from ttsc.front.errors import UsageError
from ttsc.grammar import tree
from ttsc.values.model import ModelSpec

VARIABLE = "TTSC_DATA"


@dataclass(frozen=True, slots=True)
class Folder:
    """A place to look in, and what it is called in a message."""

    path: Path
    called: str


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The places to look in: `given` first, then the folder of each model's own file, by model name."""

    given: Folder | None
    own: Mapping[str, Folder]

    def located(self, models: Mapping[str, ModelSpec]) -> dict[str, ModelSpec]:
        """Every model with its data file where there is one; what is not found is left as it was."""
        return {name: replace(spec, located=self._find(spec)) if spec.data else spec for name, spec in models.items()}

    def require(self, used: Iterable[ModelSpec]) -> None:
        """Raises UsageError for the first of the models of a run whose data file is not there."""
        for spec in used:
            if spec.provider == "replay" and not spec.data:
                raise UsageError(
                    f"model {spec.name} ({spec.target}) replays a recording: declare it with "
                    '`{ data = "….samples.jsonl.gz" }`'
                )
            if spec.data and not spec.located:
                raise UsageError(self._missing(spec))

    def _folders(self, spec: ModelSpec) -> tuple[Folder, ...]:
        own = self.own[spec.name]
        return (own,) if self.given is None else (self.given, own)

    def _find(self, spec: ModelSpec) -> str:
        for folder in self._folders(spec):
            path = _inside(folder.path, spec.data)
            if path is not None and path.is_file():
                return str(path)
        return ""

    def _missing(self, spec: ModelSpec) -> str:
        folders = self._folders(spec)
        places = " or ".join(f"{folder.path} ({folder.called})" for folder in folders)
        what = f"model {spec.name} ({spec.target}): `data`"
        if all(_inside(folder.path, spec.data) is None for folder in folders):
            return f"{what} stays inside a folder of data, and `{spec.data}` leads out of {places}"
        return f"{what} names `{spec.data}`, which is not in {places}; say where it is: --data DIR, or {VARIABLE}=DIR"


def _inside(folder: Path, written: str) -> Path | None:
    """The real path that is meant; None where it leads out of the folder."""
    try:
        real = folder.resolve()
        path = (real / written).resolve()
    except (OSError, ValueError, RuntimeError):  # no such user, a null character, links in a circle
        return None
    return path if path.is_relative_to(real) else None


def data_files(loaded: Loaded, given: Path | None, environment: Mapping[str, str]) -> DataFiles:
    """Where the models of a program may have their data."""
    own = {
        module.prefix + name: Folder(module.path.parent, "the folder of its file")
        for module in loaded.modules
        for name, declared in module.declared.items()
        if isinstance(declared, tree.Model)
    }
    if given is not None:
        return DataFiles(Folder(given, "--data"), own)
    variable = environment.get(VARIABLE, "")
    return DataFiles(Folder(Path(variable), VARIABLE) if variable else None, own)
