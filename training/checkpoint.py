"""Folders of the tiny models in Hugging Face's layout; weights are stored as 16-bit floats."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from training.model import CONTEXT, EPSILON, HEAD, SHAPES, THETA, Generator, Shape, Verifier
from ttsc.models.tiny import vocabulary


def write(folder: Path, model: nn.Module, shape: Shape, record: dict[str, object]) -> None:
    """Writes weights, configuration, tokenizer and training record; the folder is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: t.detach().cpu().to(torch.float16).contiguous() for name, t in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _json(folder / "config.json", configuration(shape, verifier=isinstance(model, Verifier)))
    _json(folder / "tokenizer.json", tokenizer())
    _json(folder / "tokenizer_config.json", TOKENIZER_CONFIG)
    _json(folder / "training.json", record)


def generator(folder: Path) -> Generator:
    """The model in a folder that `write` wrote."""
    config = json.loads((folder / "config.json").read_text())
    shape = Shape(config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"])
    assert shape in SHAPES.values()
    model = Generator(shape)
    model.load_state_dict({name: t.float() for name, t in load_file(folder / "model.safetensors").items()})
    return model


def configuration(shape: Shape, *, verifier: bool) -> dict[str, object]:
    """The configuration that `transformers` reads."""
    kind = {"architectures": ["LlamaForTokenClassification"], "num_labels": 1, "classifier_dropout": 0.0}
    return {
        **(kind if verifier else {"architectures": ["LlamaForCausalLM"]}),
        "model_type": "llama",
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.width // HEAD,
        "num_key_value_heads": shape.width // HEAD,
        "head_dim": HEAD,
        "intermediate_size": shape.inner,
        "hidden_act": "silu",
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": EPSILON,
        "rope_theta": THETA,
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": False,
        "vocab_size": vocabulary.size(),
        "bos_token_id": 0,
        "eos_token_id": 0,
        "pad_token_id": 0,
        "torch_dtype": "float16",
    }


TOKENIZER_CONFIG: dict[str, object] = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": vocabulary.END,
    "eos_token": vocabulary.END,
    "pad_token": vocabulary.END,
    "model_max_length": CONTEXT,
    "clean_up_tokenization_spaces": False,
    "chat_template": (
        "{{ '" + vocabulary.END + "' }}{% for message in messages %}{{ message['content'] }}"
        "{% if message['role'] == 'user' %}{{ '\\n\\n' }}{% endif %}{% endfor %}"
    ),
}


def tokenizer() -> dict[str, object]:
    """The vocabulary as a file of the `tokenizers` library."""
    end = {"id": 0, "content": vocabulary.END, "special": True}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{**end, **flags}],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": vocabulary.pattern()},
            "behavior": "Isolated",
            "invert": False,
        },
        "post_processor": None,
        "decoder": {"type": "Fuse"},
        "model": {"type": "WordLevel", "vocab": vocabulary.ids(), "unk_token": vocabulary.END},
    }


def _json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
