"""The settings that a `local/…` model understands beyond those of every model, each checked here.

Nothing is opened and torch is not imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ttsc.models.catalog import Unusable
from ttsc.values.model import ModelSpec

#: Bytes of a number of each kind that weights can be held in.
DTYPES = {"float32": 4, "bfloat16": 2, "float16": 2}
AUTO = "auto"

_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a checkpoint is run.

    `dtype` "auto" is what the checkpoint says on a GPU and float32 on a CPU. `device` "auto" is
    CUDA where there is one. `max_batch` is how many samples are written side by side at most.
    `cache_gib` bounds what their keys and values take, in GiB; None leaves it to the machine.
    """

    dtype: str = AUTO
    device: str = AUTO
    max_batch: int = 256
    cache_gib: float | None = None


NAMES = ("dtype", "device", "max_batch", "cache_gib", "engine")


def settings_of(spec: ModelSpec) -> Settings:
    """The settings of a declared model; raises `Unusable` for one that is unknown or out of range."""
    given = dict(spec.options)
    for name, value in given.items():
        if name not in NAMES:
            raise Unusable(f"model {spec.name}: local/… has no setting `{name}`; it has {', '.join(NAMES)}")
        if not _allowed(name, value):
            raise Unusable(f"model {spec.name}: `{name}` is {_ALLOWED[name]}, not {value!r}")
    if given.get("engine") == "vllm":
        raise Unusable(
            f"model {spec.name}: vLLM is not run inside this process; start `vllm serve {spec.model}` and declare "
            f'"hosted_vllm/{spec.model}" with `api_base = "http://localhost:8000/v1"`'
        )
    gib, batch = given.get("cache_gib"), given.get("max_batch", Settings().max_batch)
    return Settings(
        dtype=str(given.get("dtype", AUTO)),
        device=str(given.get("device", AUTO)),
        max_batch=int(batch),
        cache_gib=None if gib is None else float(gib),
    )


_ALLOWED = {
    "dtype": f'"auto", {", ".join(repr(d) for d in DTYPES)}'.replace("'", '"'),
    "device": '"auto", "cpu", "cuda" or "cuda:NUMBER"',
    "max_batch": "a whole number from 1 to 4096",
    "cache_gib": "a number of GiB above 0",
    "engine": '"transformers" or "vllm"',
}


def _allowed(name: str, value: str | int | float | bool) -> bool:
    match name, value:
        case "dtype", str():
            return value == AUTO or value in DTYPES
        case "device", str():
            return _DEVICE.fullmatch(value) is not None
        case "engine", str():
            return value in ("transformers", "vllm")
        case "max_batch", int() if not isinstance(value, bool):
            return 1 <= value <= 4096
        case "cache_gib", int() | float() if not isinstance(value, bool):
            return 0 < value < float("inf")
        case _:
            return False
