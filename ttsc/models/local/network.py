"""A model of transformers as three operations: read prompts, write one token in every row, rate texts.

Prompts are padded at their ends, where a causal model does not look, so that what is read of a
prompt needs no mask. Nothing here draws a random number.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import DynamicCache

from ttsc.models.local.memory import READING
from ttsc.models.local.slots import Past, Slots


class Network:
    """A model in the memory of its device. One thread at a time."""

    def __init__(self, model: PreTrainedModel) -> None:
        """`model` is ready to be run; raises ValueError where it keeps something else than keys and values."""
        config = model.config.get_text_config()
        self._model = model
        self.device: torch.device = model.device
        self.context: int | None = getattr(config, "max_position_embeddings", None)
        self.words: int = config.vocab_size
        (self.like,) = self.read([[0]], [1])
        self.layers = len(self.like.keys)
        self.place_bytes: int = sum(t.numel() * t.element_size() for t in (*self.like.keys, *self.like.values))

    def read(self, prompts: Sequence[Sequence[int]], lengths: Sequence[int]) -> list[Past]:
        """Keys and values of the first `lengths` tokens of each prompt, computed together.

        A prompt of more than READING tokens has to be alone; it is read in pieces.
        """
        cache = DynamicCache()
        with torch.no_grad():
            for piece in self._padded(prompts).split(READING, dim=1):
                self._model.base_model(input_ids=piece, past_key_values=cache, use_cache=True)
        if not all(layer.is_initialized for layer in cache.layers):
            raise ValueError("its layers share keys and values")
        return [_past(cache, row, length, len(prompts) == 1) for row, length in enumerate(lengths)]

    def slots(self, most_rows: int) -> Slots:
        """Room for rows, none of which is there yet."""
        return Slots(self.like, most_rows)

    def step(self, tokens: Sequence[int], slots: Slots) -> Tensor:
        """Logits (rows, words) after one more token in every row, which `slots` takes in."""
        lengths = torch.tensor(slots.lengths, device=self.device)
        with torch.no_grad():
            cache = slots.open()
            logits: Tensor = self._model(
                input_ids=torch.tensor(tokens, device=self.device)[:, None],
                position_ids=lengths[:, None],
                attention_mask=slots.seen(lengths),
                past_key_values=cache,
                use_cache=True,
            ).logits
        slots.advanced()
        return logits[:, -1]

    def rate(self, texts: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[list[list[float]]]:
        """What the model's head says of each text (token ids) at each of its places: one number per label."""
        with torch.no_grad():
            hidden = self._model.base_model(input_ids=self._padded(texts), use_cache=False).last_hidden_state
            return [
                self._model.score(hidden[row, torch.tensor(at, device=self.device, dtype=torch.long)]).double().tolist()
                for row, at in enumerate(places)
            ]

    def _padded(self, texts: Sequence[Sequence[int]]) -> Tensor:
        longest = max(map(len, texts))
        return torch.tensor([[*text, *[0] * (longest - len(text))] for text in texts], device=self.device)


def _past(cache: DynamicCache, row: int, length: int, whole: bool) -> Past:
    """One row of what was read; a copy where the others would stay in memory with it."""

    def part(states: Tensor) -> Tensor:
        cut = states[row : row + 1, :, :length]
        return cut if whole else cut.clone()

    return Past(tuple(part(layer.keys) for layer in cache.layers), tuple(part(x.values) for x in cache.layers), length)
