"""A checkpoint into memory: the one place where transformers opens files, none of them from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers.cache_utils import DynamicCache, DynamicLayer, DynamicSlidingWindowLayer
from transformers.utils import logging

from ttsc.models.catalog import Unusable
from ttsc.models.local.checkpoint import Checkpoint, examine, find
from ttsc.models.local.memory import GIB, Admission, gib, gpu_bound, places_within, ram_bound
from ttsc.models.local.network import Network
from ttsc.models.local.rating import Raters
from ttsc.models.local.settings import AUTO, DTYPES, Settings
from ttsc.models.local.tokens import Tokens
from ttsc.models.local.writing import Writers

_CLASSES = {
    "writer": AutoModelForCausalLM,
    "rater": AutoModelForSequenceClassification,
    "step_rater": AutoModelForTokenClassification,
}


def crew(name: str, settings: Settings) -> Writers | Raters:
    """Loads the checkpoint of a name; raises `Unusable` where it cannot be run or does not fit."""
    checkpoint = examine(find(name))
    device = _device(settings.device)
    model = _model(checkpoint, settings, device)
    tokens = _tokens(checkpoint, model)
    try:
        network = Network(model)
    except ValueError as error:
        raise Unusable(f"{checkpoint.folder} is of a kind that is not run: {error}") from error
    if checkpoint.kind == "writer":
        return Writers(network, tokens, Admission(_places(settings, network), settings.max_batch))
    if not hasattr(model, "score") or model.config.num_labels not in (1, 2):
        raise Unusable(
            f"{checkpoint.folder} is no reward model that local/… can read: it needs a head `score` of one number or "
            "two labels"
        )
    return Raters(network, tokens, checkpoint.kind)


def _device(wanted: str) -> torch.device:
    if wanted == AUTO:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise Unusable(f"there is no device {wanted}: torch sees {torch.cuda.device_count()} of them")
    return device


def _model(checkpoint: Checkpoint, settings: Settings, device: torch.device) -> PreTrainedModel:
    """The model on its device, ready; raises `Unusable`."""
    folder = checkpoint.folder
    dtype = settings.dtype if settings.dtype != AUTO or device.type == "cuda" else "float32"
    _make_room(checkpoint, dtype, device)
    logging.disable_progress_bar()
    try:
        model, info = _CLASSES[checkpoint.kind].from_pretrained(
            folder, dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise Unusable(f"{folder} cannot be loaded: {str(error).strip().splitlines()[0]}") from error
    missing = sorted(info["missing_keys"])
    if missing:
        raise Unusable(f"{folder} is incomplete: its weights lack {len(missing)} tensors, such as {missing[0]}")
    kinds = {type(layer) for layer in DynamicCache(config=model.config).layers}
    if model.config.is_encoder_decoder or not kinds <= {DynamicLayer, DynamicSlidingWindowLayer}:
        raise Unusable(f"{folder} holds a {type(model).__name__}, which keeps more than keys and values; it is not run")
    return model.to(device).eval()


def _make_room(checkpoint: Checkpoint, dtype: str, device: torch.device) -> None:
    """Raises `Unusable` where a GPU has no room for the weights."""
    if device.type != "cuda":
        return
    free, _ = torch.cuda.mem_get_info(device)
    needed = checkpoint.weights * DTYPES.get(dtype, 2)
    if needed > free:
        raise Unusable(
            f"{checkpoint.folder} needs {gib(needed)} for its weights, and {device} has {gib(free)} free; "
            'choose a smaller model or `device = "cpu"`'
        )


def _tokens(checkpoint: Checkpoint, model: PreTrainedModel) -> Tokens:
    try:
        tokenizer = AutoTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise Unusable(f"the tokenizer of {checkpoint.folder} cannot be loaded: {error}") from error
    generation = getattr(model, "generation_config", None)  # reward models have none
    stated = (getattr(generation, "eos_token_id", None), model.config.eos_token_id, tokenizer.eos_token_id)
    return Tokens(tokenizer, _ends(next((end for end in stated if end is not None), None)))


def _ends(stated: int | Iterable[int] | None) -> list[int]:
    match stated:
        case None:
            return []
        case int():
            return [stated]
        case Iterable():
            return list(stated)
        case _:
            assert_never(stated)


def _places(settings: Settings, network: Network) -> int:
    """How many tokens the keys and values may be of."""
    if settings.cache_gib is not None:
        bound = int(settings.cache_gib * GIB)
    elif network.device.type == "cuda":
        bound = gpu_bound(torch.cuda.mem_get_info(network.device)[0], settings.max_batch, network.words)
    else:
        bound = ram_bound()
    return places_within(bound, network.place_bytes, network.layers)
