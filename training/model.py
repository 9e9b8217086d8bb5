"""The tiny models in torch: a small Llama whose tensors carry the names of Hugging Face's Llama.

So what is trained here loads unchanged into `LlamaForCausalLM`, into `LlamaForTokenClassification`
(the verifier) and into the numpy engine of `ttsc.models.tiny`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ttsc.models.tiny import vocabulary

HEAD = 32  # numbers per attention head, the same in all sizes so that one can grow into the next
CONTEXT = 256
THETA = 10_000.0
EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Shape:
    """Width of the residual stream, layers, width of the feed-forward part."""

    width: int
    layers: int
    inner: int


SHAPES = {
    "s": Shape(width=96, layers=2, inner=256),
    "m": Shape(width=160, layers=3, inner=416),
    "l": Shape(width=256, layers=5, inner=640),
}
#: One layer more than m, which can compare what was said with what m would have said; its
#: feed-forward parts are narrower so that all that is shipped stays below 12 MB.
VERIFIER = Shape(width=160, layers=4, inner=336)


class Attention(nn.Module):
    """Causal self-attention with rotary positions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, width) to the same."""
        batch, length, width = x.shape
        q, k, v = (
            part(x).view(batch, length, width // HEAD, HEAD).transpose(1, 2)
            for part in (self.q_proj, self.k_proj, self.v_proj)
        )
        # Written out: with torch's fused attention a batch of s took 0.68 s on a CPU instead of 0.39 s.
        scores = rotated(q) @ rotated(k).transpose(2, 3) * HEAD**-0.5
        ahead = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        mixed = scores.masked_fill(ahead, -torch.inf).softmax(dim=-1).to(v.dtype) @ v
        out: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


def rotated(x: Tensor) -> Tensor:
    """Queries or keys (…, length, HEAD), turned by the angles of their places 0, 1, …"""
    places = torch.arange(x.shape[-2], device=x.device, dtype=torch.float32)
    speeds = THETA ** (-torch.arange(0, HEAD, 2, device=x.device, dtype=torch.float32) / HEAD)
    angles = torch.outer(places, speeds).repeat(1, 2)
    first, second = x.chunk(2, dim=-1)
    return (x * angles.cos() + torch.cat((-second, first), dim=-1) * angles.sin()).to(x.dtype)


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(width, inner, bias=False)
        self.up_proj = nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, width) to the same."""
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Layer(nn.Module):
    """Attention, then the feed-forward part, each on the normalised residual stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(shape.width, eps=EPSILON)
        self.self_attn = Attention(shape.width)
        self.post_attention_layernorm = nn.RMSNorm(shape.width, eps=EPSILON)
        self.mlp = FeedForward(shape.width, shape.inner)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, width) to the same."""
        x = x + self.self_attn(self.input_layernorm(x))
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class Trunk(nn.Module):
    """Token ids to the normalised residual stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary.size(), shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=EPSILON)

    def forward(self, ids: Tensor) -> Tensor:
        """(batch, length) to (batch, length, width)."""
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        out: Tensor = self.norm(x)
        return out


class Generator(nn.Module):
    """A trunk that says the next token."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = Trunk(shape)
        self.lm_head = nn.Linear(shape.width, vocabulary.size(), bias=False)
        _initialise(self)

    def forward(self, ids: Tensor) -> Tensor:
        """(batch, length) to logits (batch, length, vocabulary)."""
        out: Tensor = self.lm_head(self.model(ids))
        return out


class Verifier(nn.Module):
    """A trunk that says, at every token, the log-odds that the solution is still right."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = Trunk(shape)
        self.score = nn.Linear(shape.width, 1)
        _initialise(self)

    def forward(self, ids: Tensor) -> Tensor:
        """(batch, length) to log-odds (batch, length)."""
        out: Tensor = self.score(self.model(ids)).squeeze(-1)
        return out


def _initialise(model: nn.Module) -> None:
    for name, parameter in model.named_parameters():
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=0.5 if "embed" in name else parameter.shape[1] ** -0.5)
        if "o_proj" in name or "down_proj" in name:
            nn.init.zeros_(parameter)


def pruned(model: Generator, inner: int) -> Generator:
    """The same model with the `inner` units of each feed-forward part whose weights are largest."""
    shape = Shape(model.lm_head.in_features, len(model.model.layers), inner)
    smaller = Generator(shape)
    tensors = model.state_dict()
    for layer in range(shape.layers):
        names = [f"model.layers.{layer}.mlp.{part}_proj.weight" for part in ("gate", "up", "down")]
        gate, up, down = (tensors[name] for name in names)
        weights = gate.norm(dim=1) * up.norm(dim=1) * down.norm(dim=0)
        kept = weights.topk(inner).indices.sort().values
        for name, tensor in zip(names, (gate[kept], up[kept], down[:, kept]), strict=True):
            tensors[name] = tensor
    smaller.load_state_dict(tensors)
    return smaller


def grow(small: Generator, large: Generator | Verifier) -> None:
    """Makes a freshly initialised larger model say at first almost what the smaller one says.

    The small model becomes its upper left corner: what is new reads the residual stream but
    writes nothing old (new layers write nothing at all), and what is old writes a little
    noise into the new part, which nothing old reads yet. Net2Net (Chen et al. 2016).
    """
    known = small.state_dict()
    layers = len(small.model.layers)
    with torch.no_grad():
        for name, tensor in large.state_dict().items():
            if name not in known:
                continue  # a layer beyond the small model's: its output projections are zero
            old = known[name]
            if tensor.ndim == 1:  # the mean square is taken over more numbers now
                scale = (old.shape[0] / tensor.shape[0]) ** 0.5
                tensor.fill_(scale)
                tensor[: old.shape[0]] = old * scale
                continue
            rows, columns = old.shape
            if "o_proj" in name or "down_proj" in name:
                tensor.zero_()
                tensor[rows:, :columns].normal_(std=0.2 * columns**-0.5)
            elif "embed" in name:
                tensor *= 0.1
            else:
                tensor[:rows, columns:] = 0
            tensor[:rows, :columns] = old
    assert layers <= len(large.model.layers)
