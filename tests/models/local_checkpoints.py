"""Checkpoints for tests: random weights, a tokenizer of single bytes, written to a folder in milliseconds."""

from __future__ import annotations

from pathlib import Path

CHAT = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "<{{ message['role'] }}>{{ message['content'] | trim }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
SIZES = {
    "vocab_size": 258, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 400,
    "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1, "initializer_range": 0.3,
}  # fmt: skip


def save_tokenizer(folder: Path, template: str | None = None, size: int = 258) -> None:
    """A tokenizer with one token per byte, `<s>` 0 and `</s>` 1; more than `size` 258 can be said, but not read."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {"<s>": 0, "</s>": 1, **{letter: place + 2 for place, letter in enumerate(letters)}}
    words.update({f"Ġ{number}": number for number in range(len(words), size)})
    made = Tokenizer(models.BPE(words, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    tokens = {"bos_token": "<s>", "eos_token": "</s>", "chat_template": template}
    PreTrainedTokenizerFast(tokenizer_object=made, **tokens).save_pretrained(folder)


def save(folder: Path, architecture: str = "LlamaForCausalLM", template: str | None = None, **changes: object) -> Path:
    """A checkpoint of an architecture of transformers, with `SIZES` and `changes` as its configuration."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)  # models this small only wait for a second core
    kind = getattr(transformers, architecture)
    torch.manual_seed(11)
    config = kind.config_class(**{**SIZES, **changes})
    kind(config).to(config.dtype or torch.float32).save_pretrained(folder)
    save_tokenizer(folder, template, config.vocab_size)
    return folder
