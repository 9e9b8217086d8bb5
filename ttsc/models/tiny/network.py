"""The forward pass of a small Llama in numpy, with a key-value cache of many rows of unequal length.

Everything is computed in 32-bit floats. A row's numbers do not depend on the rows beside it, except
that the matrix library may round differently for another number of rows: about 1e-6 of a logit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

GROWTH = 64  # places by which a cache grows


@dataclass(frozen=True, slots=True)
class Layer:
    """The matrices of a layer, (inputs, outputs) each; the norms are multiplied into them."""

    qkv: Floats
    out: Floats
    gate_up: Floats
    down: Floats


class Cache:
    """Keys and values of rows that are being written: per layer (rows, heads, places, head size)."""

    def __init__(self, layers: int, heads: int, head: int) -> None:
        self.keys = [np.zeros((0, heads, 0, head), np.float32) for _ in range(layers)]
        self.values = [np.zeros((0, heads, 0, head), np.float32) for _ in range(layers)]
        self.lengths: Ints = np.zeros(0, np.int64)

    def add(self, past: Past) -> None:
        """One more row, at the end, that has `past` behind it."""
        length = past.keys[0].shape[1]
        rows = len(self.lengths)
        self.lengths = np.append(self.lengths, length)
        self.reserve()
        for mine, others in ((self.keys, past.keys), (self.values, past.values)):
            for layer, other in zip(mine, others, strict=True):
                layer[rows, :, :length] = other

    def remove(self, row: int) -> None:
        """Drops a row; the last one takes its place."""
        last = len(self.lengths) - 1
        length = self.lengths[last]
        for layer in (*self.keys, *self.values):
            layer[row, :, :length] = layer[last, :, :length]
        self.lengths[row] = length
        self.lengths = self.lengths[:last].copy()

    def reserve(self) -> None:
        """Makes room for every row, and for one more place in each."""
        rows, _, places, _ = self.keys[0].shape
        longest = int(self.lengths.max(initial=0)) + 1
        if len(self.lengths) <= rows and longest <= places:
            return
        more = (max(rows, 2 * len(self.lengths)) - rows, -(-max(longest, places) // GROWTH) * GROWTH - places)
        widths = ((0, more[0] if len(self.lengths) > rows else 0), (0, 0), (0, more[1]), (0, 0))
        self.keys = [np.pad(layer, widths) for layer in self.keys]
        self.values = [np.pad(layer, widths) for layer in self.values]


@dataclass(frozen=True, slots=True)
class Past:
    """Keys and values of one text: per layer (heads, places, head size)."""

    keys: tuple[Floats, ...]
    values: tuple[Floats, ...]


class Network:
    """The weights of one model. Read only: several threads may use it."""

    def __init__(self, folder: Path) -> None:
        """Reads `config.json` and `model.safetensors`; raises FileNotFoundError where one is missing."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tensors = {name: t.astype(np.float32) for name, t in load_file(folder / "model.safetensors").items()}
        self.context: int = config["max_position_embeddings"]
        self.heads: int = config["num_attention_heads"]
        self.head: int = config["head_dim"]
        self.epsilon = np.float32(config["rms_norm_eps"])
        self.embedding = tensors["model.embed_tokens.weight"]
        self.layers = [_layer(tensors, f"model.layers.{i}.") for i in range(config["num_hidden_layers"])]
        rates = config["rope_theta"] ** (-np.arange(0, self.head, 2) / self.head)
        angles = np.outer(np.arange(self.context), rates)
        self.cos, self.sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        name = "score" if "score.weight" in tensors else "lm_head"
        self.output = _joined(tensors, "model.norm", name)
        self.bias = tensors.get(f"{name}.bias", np.zeros(1, np.float32))

    def cache(self) -> Cache:
        """An empty cache for this model."""
        return Cache(len(self.layers), self.heads, self.head)

    def read(self, ids: Ints) -> tuple[Floats, list[Floats], list[Floats]]:
        """Logits (rows, places, outputs) of whole texts, and keys and values per layer.

        `ids` is (rows, places); shorter texts are filled up at the end with any token, which
        changes nothing before it.
        """
        rows, places = ids.shape
        ahead = np.triu(np.full((places, places), -np.inf, np.float32), 1)
        cos, sin = self.cos[:places], self.sin[:places]
        x: Floats = self.embedding[ids]
        all_keys, all_values = [], []
        for layer in self.layers:
            parts = (self._normal(x) @ layer.qkv).reshape(rows, places, 3, self.heads, self.head)
            q, k, v = np.ascontiguousarray(parts.transpose(2, 0, 3, 1, 4))
            q, k = _rotated(q, cos, sin), _rotated(k, cos, sin)
            weights = _softmax(q @ k.swapaxes(2, 3) * np.float32(self.head**-0.5) + ahead)
            mixed: Floats = (weights @ v).swapaxes(1, 2).reshape(rows, places, -1)
            x = self._fed(layer, x + mixed @ layer.out)
            all_keys.append(k)
            all_values.append(v)
        return self._normal(x) @ self.output + self.bias, all_keys, all_values

    def pasts(self, texts: list[list[int]]) -> list[Past]:
        """Keys and values of several texts, computed together."""
        ids = np.zeros((len(texts), max(map(len, texts))), np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
        _, keys, values = self.read(ids)
        return [
            Past(
                tuple(k[row, :, : len(text)].copy() for k in keys), tuple(v[row, :, : len(text)].copy() for v in values)
            )
            for row, text in enumerate(texts)
        ]

    def step(self, ids: Ints, cache: Cache) -> Floats:
        """Logits (rows, outputs) after one more token in every row of the cache, which takes it in."""
        cache.reserve()
        rows, lengths = np.arange(len(ids)), cache.lengths
        places = int(lengths.max()) + 1
        hidden = np.where(np.arange(places) <= lengths[:, None], np.float32(0), np.float32(-np.inf))[:, None, :]
        cos, sin = self.cos[lengths, None], self.sin[lengths, None]
        x: Floats = self.embedding[ids]
        for layer, all_keys, all_values in zip(self.layers, cache.keys, cache.values, strict=True):
            parts = (self._normal(x) @ layer.qkv).reshape(len(ids), 3, self.heads, self.head)
            all_keys[rows, :, lengths] = _rotated(parts[:, 1], cos, sin)
            all_values[rows, :, lengths] = parts[:, 2]
            q = _rotated(parts[:, 0], cos, sin) * np.float32(self.head**-0.5)
            weights = _softmax(np.matvec(all_keys[: len(ids), :, :places], q) + hidden)
            mixed: Floats = np.vecmat(weights, all_values[: len(ids), :, :places])
            x = self._fed(layer, x + mixed.reshape(len(ids), -1) @ layer.out)
        cache.lengths = lengths + 1
        return self._normal(x) @ self.output + self.bias

    def _normal(self, x: Floats) -> Floats:
        squares = np.einsum("...i,...i->...", x, x)[..., None] / np.float32(x.shape[-1])
        normal: Floats = x / np.sqrt(squares + self.epsilon)
        return normal

    def _fed(self, layer: Layer, x: Floats) -> Floats:
        gate, up = np.split(self._normal(x) @ layer.gate_up, 2, axis=-1)
        after: Floats = x + (gate / (1 + np.exp(-gate)) * up) @ layer.down
        return after


def _layer(tensors: dict[str, Floats], name: str) -> Layer:
    attention, fed = f"{name}self_attn.", f"{name}mlp."
    return Layer(
        qkv=_joined(tensors, f"{name}input_layernorm", *(f"{attention}{part}_proj" for part in "qkv")),
        out=np.ascontiguousarray(tensors[f"{attention}o_proj.weight"].T),
        gate_up=_joined(tensors, f"{name}post_attention_layernorm", f"{fed}gate_proj", f"{fed}up_proj"),
        down=np.ascontiguousarray(tensors[f"{fed}down_proj.weight"].T),
    )


def _joined(tensors: dict[str, Floats], norm: str, *names: str) -> Floats:
    """Matrices that read the same normalised input, side by side, with the norm's weights in them."""
    joined = np.concatenate([tensors[f"{name}.weight"] for name in names])
    return np.ascontiguousarray((joined * tensors[f"{norm}.weight"]).T)


def _rotated(x: Floats, cos: Floats, sin: Floats) -> Floats:
    first, second = np.split(x, 2, axis=-1)
    return np.concatenate((first * cos - second * sin, second * cos + first * sin), axis=-1)


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    raised /= raised.sum(axis=-1, keepdims=True)
    return raised
