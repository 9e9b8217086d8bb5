"""What lies in a checkpoint's folder, found without torch: what it is for, and what it lacks.

Only safetensors are read, never a file that could run code, and nothing is ever downloaded.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from ttsc.models.catalog import Unusable
from ttsc.models.local.settings import settings_of
from ttsc.values.model import ModelSpec

Kind = Literal["writer", "rater", "step_rater"]

#: What the last part of an architecture's name says that it does.
KINDS: Mapping[str, Kind] = {
    "ForCausalLM": "writer",
    "LMHeadModel": "writer",
    "ForSequenceClassification": "rater",
    "ForTokenClassification": "step_rater",
}
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model")
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
#: Files that stand for a form that is not read, and what to do about it.
_OTHER_FORMS = {
    "adapter_config.json": "it is an adapter: merge it into its base model and save that",
    "*.bin": "its weights are pickled (.bin), which can run code when read: save them as safetensors",
    "*.gguf": "its weights are GGUF: serve them with llama.cpp or Ollama and write `ollama/…`",
}
NEEDED = ("torch", "transformers")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A complete checkpoint: its folder, what it is for, and how many numbers its weights are."""

    folder: Path
    kind: Kind
    weights: int


def preflight(spec: ModelSpec) -> None:
    """Raises `Unusable` where a `local/…` model cannot be run; reads names and headers, no weights."""
    settings_of(spec)
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        raise Unusable(f"model {spec.name}: {spec.target} needs {' and '.join(lacking)}: pip install 'ttsc[local]'")
    try:
        examine(find(spec.model))
    except Unusable as error:
        raise Unusable(f"model {spec.name}: {error}") from None


def find(name: str) -> Path:
    """The folder of a path, or of a model of that name in the local cache of Hugging Face.

    A relative path is looked for in the current directory. Raises `Unusable`.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if not _could_be_cached(name):
        raise Unusable(f"there is no folder {folder.absolute()}")
    cached = _cached(name)
    if cached is None:
        raise Unusable(
            f"there is no folder {folder.absolute()}, and the local cache of Hugging Face has no {name}; "
            f"nothing is downloaded by itself: `hf download {name}` does it"
        )
    return cached


def _could_be_cached(name: str) -> bool:
    return not name.startswith((".", "~", "/")) and name.count("/") <= 1 and bool(name.strip("/"))


def _cached(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def examine(folder: Path) -> Checkpoint:
    """The checkpoint in a folder; raises `Unusable` that names everything that is missing or wrong."""
    other = [why for pattern, why in _OTHER_FORMS.items() if any(folder.glob(pattern))]
    missing = []
    if not (folder / "config.json").is_file():
        missing.append("config.json")
    if not any((folder / name).is_file() for name in TOKENIZERS):
        missing.append("a tokenizer (tokenizer.json or tokenizer.model)")
    parts = _parts(folder)
    missing += [part.name for part in parts if not part.is_file()]
    if missing:
        hint = f"; {other[0]}" if other else ""
        raise Unusable(f"{folder} is no complete checkpoint: it lacks {_listed(missing)}{hint}")
    kind = _kind(folder)
    return Checkpoint(folder, kind, sum(_numbers(part) for part in parts))


def _parts(folder: Path) -> list[Path]:
    """The files of the weights, there or not."""
    if not (folder / INDEX).is_file():
        return [folder / WEIGHTS]
    names = _read(folder / INDEX).get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise Unusable(f"{folder / INDEX} names no weights")
    return [folder / Path(name).name for name in sorted(set(names.values()))]


def _kind(folder: Path) -> Kind:
    config = _read(folder / "config.json")
    named = config.get("architectures")
    architecture = str(named[0]) if isinstance(named, list) and named else "model of no stated architecture"
    quantized = config.get("quantization_config")
    if isinstance(quantized, dict):
        raise Unusable(
            f"{folder} is quantized ({quantized.get('quant_method', 'method not stated')}), which local/… does not "
            "run; serve it with vLLM and write `hosted_vllm/…`"
        )
    for ending, kind in KINDS.items():
        if architecture.endswith(ending):
            return kind
    raise Unusable(f"{folder} holds a {architecture}; local/… runs {', '.join(f'…{ending}' for ending in KINDS)}")


def _numbers(part: Path) -> int:
    """How many numbers a safetensors file holds; raises `Unusable` where it was cut off or is something else."""
    size = part.stat().st_size
    try:
        with part.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, size)))
        tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
        end = 8 + length + max(tensor["data_offsets"][1] for tensor in tensors)
        count: int = sum(math.prod(tensor["shape"]) for tensor in tensors)
    except (struct.error, ValueError, AttributeError, KeyError, TypeError):
        raise Unusable(f"{part} is no safetensors file, or was cut off at its beginning") from None
    if end > size:
        raise Unusable(f"{part} is incomplete: it has {size} bytes of {end}")
    return count


def _read(file: Path) -> Mapping[str, object]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Unusable(f"{file} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise Unusable(f"{file} is not a JSON object")
    return content


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
